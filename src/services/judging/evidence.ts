import type { ImageContent, Platform } from '../../core/image/identity';
import type { IndexView } from '../../core/ledger/indexView';
import { contentRepository } from '../../core/ledger/contentName';
import { namedContents } from '../../core/judging/contentWord';
import type { Attestation, History, Leaf, PublisherId } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { ChainView, ImageUnderJudgement, JudgeInput, StrangersRead } from '../../core/judging/judge';
import { judge } from '../../core/judging/judge';
import type { LookAlike } from '../../core/trust/lookAlike';
import { lookAlikeOf, namedIn } from '../../core/trust/lookAlike';
import type { Coverage } from '../../core/trust/rules';
import { coveringRules } from '../../core/trust/rules';
import { diskFull, type Verdict } from '../../core/judging/verdict';
import type { Ledger } from '../ledger/ledger';
import type { ImageName } from '../ledger/ledgerIndex';
import type { ContentHashes } from '../../core/ledger/contentName';
import type { SignedContents } from './signedContents';

/** All that a verdict rests on beside the image, at one moment: images that are judged together are judged alike. */
export interface Grounds extends Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'> {
  readonly ledger: Ledger | undefined;
  readonly view: IndexView | undefined;
  /** Whether a node that does not answer has no room for its chain. */
  readonly isDiskFull?: boolean;
  /** Names that no rule covers and that somebody has written about, as {@link formatName} and `repository@digest`. */
  readonly spoken?: ReadonlySet<string>;
  /** Set where the names that state a digest could not be looked for. */
  readonly unread?: Exclude<StrangersRead, 'read'> | undefined;
  /** Names, as {@link formatName}, under which not all could be heard who state the images that are judged. */
  readonly leftOut?: ReadonlySet<string>;
  /** Statements of contents under other names, by fingerprint: for a hint. */
  readonly knownAs?: ReadonlyMap<string, readonly Attestation[]>;
  /** Decides in the judge's place, unless absent: to see what it is asked, and to ask it something else. */
  readonly judge?: (input: JudgeInput) => Verdict;
}

/** By `contentId`. */
type Contents = ReadonlyMap<string, ImageContent>;

/** What is known beside an image's identity. */
interface Knowledge {
  readonly contents?: Contents;
  /** Statements of the content under other names. */
  readonly knownAs?: readonly Attestation[];
  /** What was asked for, where the image need not be of it. */
  readonly platform?: Platform | undefined;
}

/** Under no name, only what the content is known as can be told. */
export const noName: ImageName = { repository: '', tag: '' };

export function judgeImage(
  grounds: Grounds,
  name: ImageName,
  image: ImageUnderJudgement,
  { contents, knownAs = knownElsewhere(grounds, image), platform }: Knowledge = {},
): Verdict {
  const { view, rules, ownPublishers, now, judge: decide = judge } = grounds;
  const histories = view?.historiesOf(name.repository, name.tag) ?? [];
  return decide({
    ...{ reference: name, image, platform, histories, knownAs, rules, ownPublishers, now },
    contentHistories:
      view === undefined || !('identity' in image)
        ? []
        : namedContents(image.identity, histories).flatMap(({ tag }) => view.historiesOf(contentRepository, tag)),
    isContentChecked: (publisher, tag) => view?.keyState(publisher, contentRepository, tag) === 'complete',
    slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
    view: chainView(grounds, name),
    contentOf: (leaf) => contents?.get(contentId(leaf)),
  });
}

function knownElsewhere({ knownAs }: Grounds, image: ImageUnderJudgement): readonly Attestation[] {
  return ('identity' in image ? knownAs?.get(image.identity.fingerprint) : undefined) ?? [];
}

export function historiesOf({ view }: Grounds, { repository, tag }: ImageName): readonly History[] {
  return view?.historiesOf(repository, tag) ?? [];
}

/** What was signed here under this name, so that differences have names. */
export async function contentsOf(grounds: Grounds, name: ImageName, signed: SignedContents): Promise<Contents> {
  const leaves = historiesOf(grounds, name).flatMap(leavesOf);
  const recalled = [...new Map(leaves.map((leaf) => [contentId(leaf), leaf]))].map(async ([id, leaf]) => {
    const content = await signed.recall(leaf);
    return content === undefined ? [] : [[id, content] as const];
  });
  return new Map((await Promise.all(recalled)).flat());
}

/** What a name can be mistaken for that no rule covers, as something to spread into an answer. */
export function lookAlikeIn({ rules }: Grounds, text: string): { readonly lookAlike?: LookAlike } {
  const lookAlike = lookAlikeOf(text, namedIn(rules));
  return lookAlike === undefined ? {} : { lookAlike };
}

/** The rules of the ledger that is open, or all as long as none is. */
export function coverageOf(
  { ledger, rules }: Pick<Grounds, 'ledger' | 'rules'>,
  repository: string,
): readonly Coverage[] {
  return coveringRules(rules, repository, ledger && ledgerKey(ledger.reader.ledger));
}

function contentId({ fingerprint, dockerFields }: ContentHashes): string {
  return `${fingerprint} ${dockerFields}`;
}

function leavesOf({ attestations }: History): readonly Leaf[] {
  return attestations.flatMap(({ body }) => (body.type === 'statement' ? body.statement.leaves : []));
}

function chainView({ ledger, view, unread, leftOut, isDiskFull }: Grounds, { repository, tag }: ImageName): ChainView {
  const fault = isDiskFull === true ? { detail: diskFull } : {};
  if (ledger === undefined || view === undefined) return { ...noLedger, ...fault };
  const facts = {
    ledger: ledgerKey(view.ledger),
    ledgerKind: ledger.kind,
    assurance: ledger.assurance,
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

function strangersOf(view: IndexView, leftOut: Grounds['leftOut'], repository: string, tag: string): StrangersRead {
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
  needed: 0,
  isChecked: () => false,
  strangers: 'reading',
};
