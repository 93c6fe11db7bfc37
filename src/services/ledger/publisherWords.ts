import { DaoChainError } from '../../core/errors';
import type { ContentHashes } from '../../core/ledger/contentName';
import { contentName, distinctContents, isContentName, isTakenBackEverywhere } from '../../core/ledger/contentName';
import type { IndexView } from '../../core/ledger/indexView';
import type { PublisherRecord, StatementKind } from '../../core/ledger/release';
import { newestRelease, statedBy } from '../../core/ledger/release';
import type { IsVoid } from '../../core/ledger/signerStanding';
import { voidBy } from '../../core/ledger/signerStanding';
import type { EntryKind, History, PublisherId } from '../../core/ledger/types';
import type { LedgerIndex } from './ledgerIndex';
import type { ImageName } from '../../core/image/imageNames';

/**
 * What one publisher has said, for whoever adds to it. Every answer is `ledgerInconsistent` where what was read is not what
 * the contract holds, or where it was not read: it would be signed over blindly.
 */
export class PublisherWords {
  constructor(
    private readonly publisher: PublisherId,
    private readonly view: () => IndexView,
  ) {}

  readonly isVoid: IsVoid = (entry) => voidBy((...pair) => this.view().slotOf(...pair))(entry);

  /** Undefined where nothing was said. */
  historyOf({ repository, tag }: ImageName): History | undefined {
    const view = this.view();
    if (view.state !== 'complete' || view.keyState(this.publisher, repository, tag) !== 'complete') {
      throw new DaoChainError('ledgerInconsistent', 'The history of this tag does not fit the ledger');
    }
    return view.historiesOf(repository, tag).find(({ publisher }) => publisher === this.publisher);
  }

  /** Whether a content was taken back under every name, and not stated again since. */
  isTakenBack(content: ContentHashes): boolean {
    const history = this.historyOf(contentName(content));
    return history !== undefined && isTakenBackEverywhere(history, content, this.isVoid);
  }

  record(name: ImageName, kind: StatementKind): PublisherRecord {
    return {
      history: this.historyOf(name),
      kind,
      isVoid: this.isVoid,
      isTakenBackEverywhere: (content) => this.isTakenBack(content),
    };
  }
}

/** A name under which a publisher says something of this kind next. */
interface NextWord extends ImageName {
  readonly kind: EntryKind;
}

/**
 * Brings the index to where {@link PublisherWords} answers, at one head, for these names, for `contents`, and for whatever
 * the newest statements under the names state.
 */
export async function readWords(
  index: LedgerIndex,
  publisher: PublisherId,
  names: readonly NextWord[],
  contents: readonly ContentHashes[],
  signal: AbortSignal,
): Promise<void> {
  const words = new PublisherWords(publisher, () => index.view());
  let wanted = distinctContents(contents);
  for (;;) {
    index.use([...names, ...wanted.map(contentName)], [publisher]);
    await index.sync(signal);
    const stated = names.flatMap((name) => {
      // Nothing is carried forward by a revocation, or under a reserved name.
      if (name.kind === 'revoke' || isContentName(name)) return [];
      const newest = newestRelease(words.record(name, name.kind));
      return newest === undefined ? [] : statedBy(newest);
    });
    const all = distinctContents([...wanted, ...stated]);
    // More than before is found once; after that only where another machine has signed meanwhile.
    if (all.length === wanted.length) return;
    wanted = all;
  }
}
