import type { Evidence, Contents } from './evidence';
import type { ImageName } from '../../core/image/imageNames';
import type { ImageUnderJudgement, ChainView, StrangersRead } from '../../core/judging/judgeInput';
import { type Verdict, diskFullDetail } from '../../core/judging/verdict';
import { judge } from '../../core/judging/judge';
import { namedContents } from '../../core/judging/contentWord';
import { contentRepository, contentKey } from '../../core/ledger/contentName';
import { type Attestation, ledgerKey, type PublisherId } from '../../core/ledger/types';
import type { IndexView } from '../../core/ledger/indexView';
import type { Platform } from '../../core/image/identity';

export function judgeImage(
  evidence: Evidence,
  name: ImageName,
  image: ImageUnderJudgement,
  { contents, knownAs = knownElsewhere(evidence, image), platform }: Knowledge = {},
): Verdict {
  const { view, rules, ownPublishers, now, judge: decide = judge } = evidence;
  const histories = view?.historiesOf(name.repository, name.tag) ?? [];
  return decide({
    reference: name,
    image,
    platform,
    histories,
    knownAs,
    rules,
    ownPublishers,
    now,
    contentHistories:
      view === undefined || !('identity' in image)
        ? []
        : namedContents(image.identity, histories).flatMap(({ tag }) => view.historiesOf(contentRepository, tag)),
    isContentChecked: (publisher, tag) => view?.keyState(publisher, contentRepository, tag) === 'complete',
    slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
    view: chainView(evidence, name),
    contentOf: (leaf) => contents?.get(contentKey(leaf)),
  });
}

function knownElsewhere({ knownAs }: Evidence, image: ImageUnderJudgement): readonly Attestation[] {
  return ('identity' in image ? knownAs?.get(image.identity.fingerprint) : undefined) ?? [];
}

function chainView({ ledger, view, unread, leftOut, isDiskFull }: Evidence, { repository, tag }: ImageName): ChainView {
  const fault = isDiskFull === true ? { detail: diskFullDetail } : {};
  if (ledger === undefined || view === undefined) return { ...noLedger, ...fault };
  const facts = {
    ledger: ledgerKey(view.ledger),
    ledgerKind: ledger.kind,
    assurance: ledger.assurance,
    finality: ledger.finality,
    needed: view.confirmations,
    isChecked: (publisher: PublisherId) => view.keyState(publisher, repository, tag) === 'complete',
    strangers: strangersOf(view, leftOut, repository, tag),
  };
  if (view.head === undefined) return { ...facts, state: 'incomplete', missing: 'ledger', ...fault };
  if (view.state !== 'complete') return { ...facts, state: 'incomplete', missing: missingOf(view), head: view.head };
  if (unread === undefined) return { ...facts, state: 'complete', head: view.head };
  const missing = unread === 'full' ? 'strangersLeftOut' : 'stillReading';
  return { ...facts, state: 'incomplete', missing, head: view.head };
}

function strangersOf(view: IndexView, leftOut: Evidence['leftOut'], repository: string, tag: string): StrangersRead {
  // Nobody can write about an image without a name.
  if (repository === '' || tag === '') return 'read';
  const read = view.strangersOf(repository, tag);
  return read === 'read' && leftOut?.has(`${repository}:${tag}`) === true ? 'full' : read;
}

function missingOf({ missing = 'unavailable' }: IndexView): 'ledger' | 'ledgerIncomplete' | 'historyContradicted' {
  switch (missing) {
    case 'behind':
      return 'ledgerIncomplete';
    case 'contradicted':
      return 'historyContradicted';
    case 'unavailable':
      return 'ledger';
  }
}

/** As long as no network was set up, nothing can be known about any image. */
const noLedger: ChainView = {
  state: 'incomplete',
  missing: 'ledger',
  ledger: undefined,
  ledgerKind: 'development',
  assurance: 'ownNode',
  finality: 'depth',
  needed: 0,
  isChecked: () => false,
  strangers: 'reading',
};

/** What is known beside an image's identity. */
interface Knowledge {
  readonly contents?: Contents;
  /** Statements of the content under other names. */
  readonly knownAs?: readonly Attestation[];
  /** What was asked for, where the image need not be of it. */
  readonly platform?: Platform | undefined;
}
