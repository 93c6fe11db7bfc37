import type { ImageContent, Platform } from '../core/image/identity';
import type { ContentDigests, IndexView } from '../core/ledger/indexView';
import type { Attestation, History, Leaf, PublisherId } from '../core/ledger/types';
import { ledgerKey } from '../core/ledger/types';
import type { ChainView, ImageUnderJudgement, JudgeInput } from '../core/trust/judge';
import { judge } from '../core/trust/judge';
import type { LookAlike } from '../core/trust/lookAlike';
import { lookAlikeOf, namedIn } from '../core/trust/lookAlike';
import type { Coverage } from '../core/trust/rules';
import { coveringRules } from '../core/trust/rules';
import type { Verdict } from '../core/trust/verdict';
import type { Ledger } from './ledger';
import type { ImageName } from './ledgerIndex';
import type { ContentHashes } from '../core/ledger/contentName';
import type { SignedContents } from './signedContents';

/** All that a verdict rests on beside the image, at one moment: images that are judged together are judged alike. */
export interface Grounds extends Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'> {
  readonly ledger: Ledger | undefined;
  readonly view: IndexView | undefined;
  /** Decides in the judge's place, unless absent: to see what it is asked, and to ask it something else. */
  readonly judge?: (input: JudgeInput) => Verdict;
}

/** By `contentId`. */
type Contents = ReadonlyMap<string, ImageContent>;

/** What is known beside an image's identity: digests from its ID alone, and contents that were signed here. */
interface Knowledge {
  readonly digests?: ContentDigests;
  readonly contents?: Contents;
  /** What was asked for, where the image need not be of it. */
  readonly platform?: Platform | undefined;
}

/** Under no name, only what the content is known as can be told. */
export const noName: ImageName = { repository: '', tag: '' };

export function judgeImage(
  { ledger, view, rules, ownPublishers, now, judge: decide = judge }: Grounds,
  name: ImageName,
  image: ImageUnderJudgement,
  { digests = 'identity' in image ? image.identity : {}, contents, platform }: Knowledge = {},
): Verdict {
  return decide({
    reference: name,
    image,
    platform,
    histories: view?.historiesOf(name.repository, name.tag) ?? [],
    contentHistories: [],
    isContentChecked: () => true,
    // Looked for only when a verdict comes to need it.
    get knownAs() {
      return view === undefined ? [] : knownAs(view, digests, name);
    },
    slotOf: (publisher, signer) => view?.slotOf(publisher, signer),
    rules,
    view: chainView(ledger, view, name),
    ownPublishers,
    now,
    contentOf: (leaf) => contents?.get(contentId(leaf)),
  });
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
export function coverageOf({ ledger, rules }: Grounds, repository: string): readonly Coverage[] {
  return coveringRules(rules, repository, ledger && ledgerKey(ledger.reader.ledger));
}

function contentId({ fingerprint, dockerFields }: ContentHashes): string {
  return `${fingerprint} ${dockerFields}`;
}

function leavesOf({ attestations }: History): readonly Leaf[] {
  return attestations.flatMap(({ body }) => (body.type === 'statement' ? body.statement.leaves : []));
}

function knownAs(view: IndexView, digests: ContentDigests, name: ImageName): readonly Attestation[] {
  return view.byContent(digests).filter(({ repository, tag }) => repository !== name.repository || tag !== name.tag);
}

function chainView(ledger: Ledger | undefined, view: IndexView | undefined, { repository, tag }: ImageName): ChainView {
  if (ledger === undefined || view === undefined) return noLedger;
  const facts = {
    ledger: ledgerKey(view.ledger),
    ledgerKind: ledger.kind,
    assurance: ledger.assurance,
    needed: view.confirmations,
    isChecked: (publisher: PublisherId) => view.keyState(publisher, repository, tag) === 'complete',
    strangers: 'read' as const,
  };
  if (view.head === undefined) return { ...facts, state: 'incomplete', missing: 'ledger' };
  if (view.state === 'complete') return { ...facts, state: 'complete', head: view.head };
  const missing = view.missing === 'behind' ? 'ledgerIncomplete' : 'ledger';
  return { ...facts, state: 'incomplete', missing, head: view.head };
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
