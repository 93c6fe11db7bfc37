import { historiesOf, type Evidence, type LedgerEvidence, type Contents } from './evidence';
import type { ImageName } from '../../core/image/imageNames';
import type { ImageUnderJudgement, ChainView, StrangersRead } from '../../core/judging/judgeInput';
import { type Verdict, diskFullDetail } from '../../core/judging/verdict';
import { compose } from '../../core/judging/composition';
import { namedContents } from '../../core/judging/contentWord';
import { contentRepository, contentKey } from '../../core/ledger/contentName';
import { type Attestation, ledgerKey, type LedgerKey, type PublisherId } from '../../core/ledger/types';
import type { IndexView } from '../../core/ledger/indexView';
import type { Platform } from '../../core/image/identity';

export function judgeImage(
  evidence: Evidence,
  name: ImageName,
  image: ImageUnderJudgement,
  { contents, knownAs, platform }: Knowledge = {},
): Verdict {
  const { ledgers, rules, ownPublishers, now, unread, judge: decide = compose } = evidence;
  const [home] = ledgers;
  return decide({
    reference: name,
    rules,
    home: home.key,
    factsOf: (key) => {
      const heard = ledgers.find((each) => each.key === key) ?? (home.key === undefined ? home : undefined);
      const view = heard?.view;
      const histories = view?.historiesOf(name.repository, name.tag) ?? [];
      return {
        reference: name,
        image,
        platform,
        histories,
        knownAs: knownAs ?? (heard === undefined ? [] : knownElsewhere(heard, image)),
        ownPublishers,
        now,
        contentHistories:
          view === undefined || !('identity' in image)
            ? []
            : namedContents(image.identity, historiesOf(evidence, name)).flatMap(({ tag }) =>
                view.historiesOf(contentRepository, tag),
              ),
        isContentChecked: (publisher, tag) => view?.keyState(publisher, contentRepository, tag) === 'complete',
        slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
        view:
          heard === undefined
            ? notFollowed(key)
            : chainView(heard, unread?.get(heard.followed), ledgers.length > 1, name),
        contentOf: (leaf) => contents?.get(contentKey(leaf)),
      };
    },
  });
}

function knownElsewhere({ knownAs }: LedgerEvidence, image: ImageUnderJudgement): readonly Attestation[] {
  return ('identity' in image ? knownAs?.get(image.identity.fingerprint) : undefined) ?? [];
}

function chainView(
  { followed, key, ledger, view, leftOut, isDiskFull }: LedgerEvidence,
  unread: Exclude<StrangersRead, 'read'> | undefined,
  isNamed: boolean,
  { repository, tag }: ImageName,
): ChainView {
  const fault = isDiskFull === true ? { detail: diskFullDetail } : {};
  const named = isNamed ? { network: followed.name } : {};
  if (ledger === undefined || view === undefined) return { ...noLedger, ...named, ...fault, ledger: key };
  const facts = {
    ...named,
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

function strangersOf(
  view: IndexView,
  leftOut: LedgerEvidence['leftOut'],
  repository: string,
  tag: string,
): StrangersRead {
  // Nobody can write about an image without a name.
  if (repository === '' || tag === '') return 'read';
  const read = view.strangersOf(repository, tag);
  return read === 'read' && leftOut?.has(`${repository}:${tag}`) === true ? 'full' : read;
}

function missingOf({
  missing = 'unavailable',
}: IndexView): 'ledger' | 'ledgerIncomplete' | 'historyContradicted' | 'otherChain' {
  switch (missing) {
    case 'behind':
      return 'ledgerIncomplete';
    case 'contradicted':
      return 'historyContradicted';
    case 'otherChain':
      return missing;
    case 'unavailable':
      return 'ledger';
  }
}

/** What a ledger says that nobody has joined. */
function notFollowed(ledger: LedgerKey | undefined): ChainView {
  return { ...noLedger, ledger, missing: 'ledgerNotFollowed' };
}

/** As long as no network was set up, nothing can be known about any image. */
const noLedger = {
  state: 'incomplete',
  missing: 'ledger',
  ledger: undefined,
  ledgerKind: 'development',
  assurance: 'ownNode',
  finality: 'depth',
  needed: 0,
  isChecked: () => false,
  strangers: 'reading',
} as const satisfies ChainView;

/** What is known beside an image's identity. */
interface Knowledge {
  readonly contents?: Contents;
  /** Statements of the content under other names. */
  readonly knownAs?: readonly Attestation[];
  /** What was asked for, where the image need not be of it. */
  readonly platform?: Platform | undefined;
}
