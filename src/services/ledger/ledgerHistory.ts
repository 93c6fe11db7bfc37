import type { ImageReference } from '../../core/image/reference';
import { isCanonicalRepository, withDefaultTag } from '../../core/image/reference';
import type { IndexView } from '../../core/ledger/indexView';
import { Standing } from '../../core/ledger/release';
import { voidBy } from '../../core/ledger/signerStanding';
import type { Attestation, History, LedgerId, LedgerKind, NamedLedger, PublisherId } from '../../core/ledger/types';
import { confirmationsAt } from '../../core/ledger/finality';
import { isDaoChainError, type DaoChainError } from '../../core/errors';
import type { FollowedLedger, FollowedLedgers, LedgerSource } from './ledger';
import type { ImageName } from '../../core/image/imageNames';
import type { BlockHeader } from '../../core/ports/ledger';

export interface HistoryEntry {
  readonly attestation: Attestation;
  /** At most as many as `needed`. */
  readonly confirmations: number;
  readonly isFinal: boolean;
  /** A statement whose signer is revoked from its block on, or earlier. Never a revocation. */
  readonly isVoid: boolean;
  /** A statement of which nothing stands any more, because it was taken back later. Never a revocation. */
  readonly isRevoked: boolean;
}

/** What one publisher has said under a name. */
export interface PublisherHistory {
  readonly publisher: PublisherId;
  /** Whether this is the whole history, as the contract has it; of any other nothing can be concluded. */
  readonly isChecked: boolean;
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
}

/** Everything that the ledger says about a name. Whom to trust is not decided here. */
export interface NameHistory {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
  readonly repository: string;
  readonly tag: string;
  /** The block that it was read at. */
  readonly head: BlockHeader | undefined;
  /** Confirmations that make an entry final. */
  readonly needed: number;
  /** Whether the index has every event up to `head`. */
  readonly isComplete: boolean;
  /** In the order of publisher ids. */
  readonly publishers: readonly PublisherHistory[];
}

/** What one followed ledger says about a name. */
export interface LedgerHistories {
  readonly followed: FollowedLedger;
  /** Undefined where nobody can say what it is. */
  readonly ledger: NamedLedger | undefined;
  /** Everybody's; undefined where it was not read, of which nothing can be concluded. */
  readonly histories: readonly History[] | undefined;
  /** Why it was not read, where that is known. */
  readonly fault?: DaoChainError;
}

/** Reads every followed ledger about one name, home first. One that does not answer hides nothing of the others. `cancelled`. */
export async function readHistories(
  { all }: Pick<FollowedLedgers, 'all'>,
  name: ImageName,
  signal: AbortSignal,
): Promise<readonly LedgerHistories[]> {
  const read = all.map(async (followed): Promise<LedgerHistories> => {
    let ledger: NamedLedger | undefined;
    try {
      ledger = await followed.identify();
      const { index } = await followed.source.open();
      index.use([name], await index.publishersOf(name, signal));
      await index.sync(signal);
      const view = index.view();
      const isRead = view.state === 'complete';
      return { followed, ledger, histories: isRead ? view.historiesOf(name.repository, name.tag) : undefined };
    } catch (fault) {
      if (!isDaoChainError(fault) || fault.code === 'cancelled') throw fault;
      return { followed, ledger, histories: undefined, fault };
    }
  });
  return Promise.all(read);
}

/** Reads the ledger about one name, whoever wrote about it; `publishers` also where they wrote nothing. `nodeUnavailable`, `networkInvalid`. */
export async function readNameHistory(
  ledgers: LedgerSource,
  reference: ImageReference,
  signal: AbortSignal,
  publishers: readonly PublisherId[] = [],
): Promise<NameHistory> {
  const { repository, tag = 'latest' } = withDefaultTag(reference);
  const { index, kind } = await ledgers.open();
  const name = { repository, tag };
  index.use([name], [...publishers, ...(await index.publishersOf(name, signal))]);
  await index.sync(signal);
  const view = index.view();
  return {
    ledger: view.ledger,
    ledgerKind: kind,
    repository,
    tag,
    head: view.head,
    needed: view.confirmations,
    isComplete: view.state === 'complete',
    publishers: view.historiesOf(repository, tag).map((history) => publisherHistory(view, history)),
  };
}

/** Names under which something stands of what these publishers said; those of the first come first. `nodeUnavailable`, `networkInvalid`. */
export async function namesOfStanding(
  ledgers: LedgerSource,
  publishers: readonly PublisherId[],
  signal: AbortSignal,
): Promise<readonly ImageName[]> {
  const { index } = await ledgers.open();
  const names = new Map<string, ImageName>();
  for (const publisher of publishers) {
    for (const name of await index.namesOf(publisher, signal)) {
      if (isCanonicalRepository(name.repository)) names.set(`${name.repository}:${name.tag}`, name);
    }
  }
  index.use(names.values(), publishers);
  await index.sync(signal);
  const view = index.view();
  return [...names.values()].filter(({ repository, tag }) =>
    view
      .historiesOf(repository, tag)
      .some(
        (history) => publishers.includes(history.publisher) && publisherHistory(view, history).entries.some(isStanding),
      ),
  );
}

/** Whether it says something that its publisher can take back. */
export function isStanding({ attestation: { kind }, isVoid, isRevoked }: HistoryEntry): boolean {
  return kind !== 'revoke' && !isVoid && !isRevoked;
}

function publisherHistory(view: IndexView, history: History): PublisherHistory {
  const { publisher, repository, tag, attestations } = history;
  const isVoid = voidBy((...pair) => view.slotOf(...pair));
  const standing = new Standing(history, isVoid);
  const entries = attestations.map((attestation): HistoryEntry => {
    const { block, kind } = attestation;
    return {
      attestation,
      confirmations: Math.min(confirmationsAt(view.head?.number ?? block, block), view.confirmations),
      isFinal: block <= view.finalBlock,
      isVoid: kind !== 'revoke' && isVoid(attestation),
      isRevoked: kind !== 'revoke' && standing.isTakenBack(attestation),
    };
  });
  return { publisher, isChecked: view.keyState(publisher, repository, tag) === 'complete', entries };
}
