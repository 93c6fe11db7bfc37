import { displayText } from '../core/displayText';
import type { BackupContents, Restored } from '../core/plans/backupPlan';
import type { Localizer } from './localizer';
import { termFacts, type NetworkFact } from './networkText';
import { timeText } from './timeText';

/** All that is in a backup, in the order in which it matters. */
export function backupFacts(
  { profile, ledger, time, head, final, admitted, transactions }: BackupContents,
  l10n: Localizer,
): readonly NetworkFact[] {
  return [
    { text: l10n.t('Network: {0}', displayText(profile.name)) },
    { text: l10n.t('Ledger: {0}', ledger) },
    ...(profile.kind === 'team' ? termFacts(profile, l10n) : []),
    { text: l10n.t('Saved: {0}', timeText(Math.floor(time / 1_000))) },
    { text: l10n.t('Blocks, with all statements in them: {0}', head.number) },
    {
      text:
        final === undefined
          ? l10n.t('No block was remembered as final.')
          : l10n.t('Final when it was saved: block {0}, {1}', final.number, final.hash),
    },
    ...(profile.kind === 'team' && profile.hubs.length > 0
      ? [
          {
            text: l10n.t('The node connects to these machines and to no others:'),
            below: profile.hubs.map(displayText),
          },
        ]
      : []),
    ...(admitted.length > 0
      ? [
          {
            text: l10n.t('Machines that may connect to this one where it is a hub:'),
            below: admitted.map(({ machine, nodeKey }) => `${displayText(machine)}  ${nodeKey}`),
          },
        ]
      : []),
    ...(transactions.length > 0
      ? [
          {
            text: l10n.t('Signed transactions that were on their way:'),
            below: transactions.map(({ hash, names }) => [hash, ...names.map(displayText)].join('  ')),
          },
        ]
      : []),
    { text: l10n.t('It holds no key: neither of the wallet nor of the node. Export the wallet for itself.') },
  ];
}

/** What restoring will do, before it is done. */
export function restoreNotice(l10n: Localizer): string {
  return l10n.t(
    'Only what is missing here is added. The node checks every block, transactions are sent again, and a final block that is newer here stays. Where this machine listens is not restored, and hubs have to let its node in again.',
  );
}

export function restoredText({ blocks, transactions, isFinalNewer }: Restored, l10n: Localizer): string {
  const parts = [
    l10n.t('New blocks: {0}. New transactions on their way: {1}.', blocks, transactions),
    isFinalNewer
      ? l10n.t('What was final when it was saved is remembered.')
      : l10n.t('What is remembered here is newer, and stays.'),
  ];
  return parts.join(' ');
}

/** What is wrong with a backup, and what can be done. */
export function backupFaultText(reason: string | undefined, l10n: Localizer): string {
  switch (reason) {
    case 'damaged':
      return l10n.t(
        'The backup is damaged: it is not as it was written. Nothing was restored. Use another copy of it.',
      );
    case 'newer':
      return l10n.t('The backup was made by a newer version of DaoChain. Update it to restore. Nothing was restored.');
    case 'unreadable':
      return l10n.t('The backup cannot be read.');
    case 'otherHistory':
      return l10n.t(
        'The chain in the backup and what is final here contradict each other, so one of them was rewritten. Nothing was changed. “daochain alarm” tells more; trust neither before you know why.',
      );
    case 'otherNetwork':
      return l10n.t(
        'This folder has another development network, which stays as it is. Restore into another folder: --data DIR.',
      );
    case 'blocks':
      return l10n.t(
        'The node refuses a block of the backup, so the rest of it was not restored. What was there before is there still. The log says why.',
      );
    case 'moved':
      return l10n.t('The chain changed its course while it was saved. Nothing was written. Try again.');
    default:
      return l10n.t('That is not a backup of a network.');
  }
}
