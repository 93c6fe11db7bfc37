import type { Contradiction, Gone, MemoryProblem } from '../core/ledger/indexView';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { timeText } from './timeText';

/**
 * What a person reads about a chain that was rewritten, before they accept it or not. It is whole, because they decide
 * by it.
 */
export function goneText(
  { remembered, found, noticed }: Contradiction,
  gone: readonly Gone[],
  l10n: Localizer,
): string {
  return [
    found === remembered.hash
      ? l10n.t(
          'Block {0} was final here as {1}. The chain had another block there for a while, and has this one again.',
          remembered.number,
          found,
        )
      : l10n.t('Block {0} was final here as {1}. Now it is {2}.', remembered.number, remembered.hash, found),
    l10n.t('Noticed: {0}', timeText(Math.floor(noticed / 1000))),
    gone.length === 0
      ? l10n.t('Nothing that was read here is gone. What was never read here can be gone too.')
      : l10n.t('Of what was read here, the following is gone (what was never read here can be gone too):'),
    ...gone.map((each) => `- ${goneLine(each, l10n)}`),
    l10n.t(
      'Somebody with more computing power may have rewritten the chain, or an older copy of the node’s data was put back. If you do not know why, do not accept this chain: put the right one back, or ask others on the network. Until you decide, nothing is judged.',
    ),
  ].join('\n');
}

/** Of a chain that lacks the block by which the network was shared. */
export function otherChainText(l10n: Localizer): string {
  return l10n.t(
    'The chain is not the one that you were invited to: it has another block where the network’s link or file names one.',
  );
}

function goneLine(gone: Gone, l10n: Localizer): string {
  if (gone.what !== 'entry') {
    return gone.what === 'revocation'
      ? l10n.t('the revocation of the signer {0} of {1}', gone.signer, gone.publisher)
      : l10n.t('the end of the wallet {0}', gone.signer);
  }
  const { kind, repository, tag, publisher, block } = gone.entry;
  const name = displayText(`${repository}:${tag}`);
  switch (kind) {
    case 'publish':
      return l10n.t('a statement about {0} by {1}, in block {2}', name, publisher, block);
    case 'vouch':
      return l10n.t('a vouch for {0} by {1}, in block {2}', name, publisher, block);
    case 'revoke':
      return l10n.t('a revocation of {0} by {1}, in block {2}', name, publisher, block);
  }
}

/** Said plainly, because whoever damages the memory hides what is gone. */
export function memoryProblemText(problem: MemoryProblem, l10n: Localizer): string {
  switch (problem) {
    case 'final':
      return l10n.t(
        'The file that remembers which block was final is damaged. A chain that was rewritten before now would not be noticed.',
      );
    case 'contradiction':
      return l10n.t('The record of a rewritten chain is damaged; the alarm still has to be read and settled.');
    case 'histories':
      return l10n.t('Stored histories are damaged; they are being read from the chain again.');
  }
}
