import { describeForLog } from '../../core/errors';
import { l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import { familiarName } from '../../core/image/reference';
import { isContentName } from '../../core/ledger/contentName';
import { displayText } from '../../core/displayText';
import type { LedgerSource } from '../../services/ledger/ledger';
import type { NodeService } from '../../services/node/nodeService';
import type { PendingEntry, PendingTransaction } from '../../services/transactions/pendingTransactions';
import type { Transactions } from '../../services/transactions/transactions';
import { show, tell } from '../notify';
import { withCancellableProgress, withStatusProgress } from '../prompts/progress';
import { choose } from '../prompts/steps';
import type { TrustPrompts } from '../trust/trustPrompts';
import { exactEther } from '../../words/amountText';
import { list } from '../../words/listText';
import type { Log } from '../../core/ports/log';

export interface InterruptedParts {
  readonly transactions: Pick<Transactions, 'onItsWay' | 'resume'>;
  readonly node: NodeService;
  readonly ledgers: LedgerSource;
  readonly trust: Pick<TrustPrompts, 'offerOwn'>;
  readonly log: Log;
}

/** Says at a start what an earlier window has sent and not seen to its end. */
export async function announceInterrupted({
  transactions,
  log,
}: Pick<InterruptedParts, 'transactions' | 'log'>): Promise<void> {
  try {
    const left = await transactions.onItsWay();
    if (left.length === 0) return;
    await show({
      severity: 'information',
      message: l10n.t('Already on its way and not final yet: {0}.', whatOf(left)),
      actions: [{ title: l10n.t('Continue…'), command: 'daochain.continueSignatures' }],
    });
  } catch (error) {
    log.warn(describeForLog(error));
  }
}

/**
 * Goes on where a window was closed between sending and the end: asks the questions that were not asked, and mines or
 * waits. What is on its way is already signed, so this needs no key: `own` may be a wallet that is elsewhere by now.
 * `cancelled`.
 */
export async function continueSignatures(
  { transactions, node, ledgers, trust }: InterruptedParts,
  own: Address | undefined,
): Promise<void> {
  const left = await transactions.onItsWay();
  if (left.length === 0) {
    tell(l10n.t('No signature is on its way.'));
    return;
  }
  const mines = await choose({
    title: l10n.t('Continue Pending Signatures'),
    placeholder: whatOf(left),
    choices: [
      { label: `$(server-process) ${l10n.t('Mine until Final')}`, value: true },
      {
        label: `$(watch) ${l10n.t('Only Wait')}`,
        description: l10n.t('without mining: final when others mine'),
        value: false,
      },
    ],
  });
  if (node.state.status !== 'running') await withStatusProgress(l10n.t('Starting the node…'), () => node.start());
  const asked = offerTrust(
    ledgers,
    trust,
    left.filter(({ signer }) => signer === own),
  );
  await withCancellableProgress(l10n.t('On its way: {0}', whatOf(left)), (signal) =>
    mines
      ? node.mineWhile((ended) => transactions.resume(AbortSignal.any([signal, ended])))
      : transactions.resume(signal),
  );
  await asked;
}

/**
 * As after a signature that was not interrupted: whether to trust one's own wallet, or the organization, for that
 * repository.
 */
async function offerTrust(
  ledgers: LedgerSource,
  trust: Pick<TrustPrompts, 'offerOwn'>,
  left: readonly { readonly entries: readonly PendingEntry[] }[],
): Promise<void> {
  const { kind: ledgerKind, writer } = await ledgers.open();
  const said = left.flatMap(({ entries }) => entries).filter((entry) => !isContentName(entry));
  for (const accept of ['publish', 'vouch'] as const) {
    const entries = said.filter(({ kind }) => kind === accept);
    for (const publisher of new Set(entries.map((entry) => entry.publisher))) {
      const repositories = entries.filter((each) => each.publisher === publisher).map(({ repository }) => repository);
      await trust.offerOwn({ ledger: writer.ledger, ledgerKind, publisher, repositories, accept });
    }
  }
}

/** What is signed, by name, and who is paid; a change of an organization has neither. */
function whatOf(left: readonly Pick<PendingTransaction, 'entries' | 'transfer'>[]): string {
  const entries = left.flatMap((each) => each.entries).filter((entry) => !isContentName(entry));
  const names = [...new Set(entries.map((entry) => displayText(familiarName(entry))))].toSorted();
  const payments = left.flatMap(({ transfer }) =>
    transfer === undefined ? [] : [l10n.t('{0} for {1}', exactEther(transfer.value), checksumAddress(transfer.to))],
  );
  const hasOthers = left.some((each) => each.entries.length === 0 && each.transfer === undefined);
  const others = hasOthers ? [l10n.t('a change of an organization or a wallet')] : [];
  return list([...names, ...payments, ...others], l10n);
}
