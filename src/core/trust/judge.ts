import { walletPublisher } from '../hex';
import { isKnownByManifest, type ImageIdentity, type Platform } from '../image/identity';
import { formatPlatform, sameArchitecture } from '../image/platform';
import type { Attestation, History, LedgerKey, LedgerKind, PublisherId } from '../ledger/types';
import type { SlotOf } from '../ledger/signerStanding';
import { voidBy } from '../ledger/signerStanding';
import type { ContentOf } from './comparison';
import { compare } from './comparison';
import { confirmationsAt } from './confirmations';
import type { AcceptedKind, Coverage, RuleSource } from './rules';
import { coveringRules } from './rules';
import type { EntryFacts } from './testimony';
import { hear } from './testimony';
import type {
  Assurance,
  Citation,
  Confirmations,
  Depth,
  Match,
  MissingPart,
  Outcome,
  Refusal,
  Verdict,
} from './verdict';
import type { Counts, Saying, Voice } from './voice';
import {
  cite,
  citeSupport,
  closestSupport,
  isFinalMatch,
  isSatisfied,
  isValidMatch,
  matchesClosestFirst,
  saying,
  strictestLevel,
} from './voice';
import { worse } from './worse';

/**
 * The image under judgement. `unread`: nobody looked into it, which will do as long as nothing was stated under its name.
 * `missing`: which part of the answer to what it is there was none of.
 */
export type ImageUnderJudgement =
  | {
      readonly identity: ImageIdentity;
      /** `local`: built or loaded here, as far as the engine says. */
      readonly origin: 'local' | 'registry' | 'unknown';
    }
  | { readonly unread: true }
  | {
      readonly missing: Extract<MissingPart, 'engine' | 'image' | 'malformedImage' | 'registry' | 'variable'>;
      readonly detail?: string;
    };

/** A block the chain was read at; time in Unix seconds. */
export interface ViewedBlock {
  readonly number: number;
  readonly time: number;
}

/** What the reader has seen of the chain. `complete`: every event of the ledger up to `head`. */
export type ViewState =
  | { readonly state: 'complete'; readonly head: ViewedBlock }
  | {
      readonly state: 'incomplete';
      readonly missing: Extract<
        MissingPart,
        'ledger' | 'ledgerIncomplete' | 'historyContradicted' | 'stillReading' | 'strangersLeftOut'
      >;
      readonly detail?: string;
      /** Absent when the chain was never read. */
      readonly head?: ViewedBlock;
    };

export type ChainView = ViewState & {
  /** Undefined as long as none is known; nothing is green then. */
  readonly ledger: LedgerKey | undefined;
  readonly ledgerKind: LedgerKind;
  readonly assurance: Assurance;
  /** Confirmations that make an entry final; see {@link confirmationsAt}. */
  readonly needed: number;
  /**
   * Whether the publisher's history of this name, or that there is none, was compared with the contract's link at `head`.
   * Asked for each publisher that a covering rule names and for each one in `histories`.
   */
  readonly isChecked: (publisher: PublisherId) => boolean;
  /** Whether all who spoke under this name were looked for; only where no rule covers it does it matter. */
  readonly strangers: StrangersRead;
};

/** `reading`: what strangers wrote was not read up to `head`. `full`: some of it was left out, because it is too much. */
export type StrangersRead = 'read' | 'reading' | 'full';

export interface JudgeInput {
  /** Canonical repository, registry included, and tag. */
  readonly reference: { readonly repository: string; readonly tag: string };
  readonly image: ImageUnderJudgement;
  /** Where the image was asked for a platform; one of another architecture is not what was asked for. */
  readonly platform?: Platform | undefined;
  /** Histories of this name, at most one for each publisher, in any order. Those of other names are ignored. */
  readonly histories: readonly History[];
  /**
   * Histories of the reserved names (`core/ledger/contentName.ts`) under which accepted publishers may have taken content
   * back everywhere, in any order. `isContentChecked` tells, by publisher and tag, whether that history, or that there is
   * none, was compared with the contract's link at `head`; also for the contents of statements that match the image.
   */
  readonly contentHistories: readonly History[];
  readonly isContentChecked: (publisher: PublisherId, tag: string) => boolean;
  /** Statements of this content under other names, for a hint; nothing rests on them. */
  readonly knownAs: readonly Attestation[];
  /** The slot at `head`, all zeros where the contract has none; undefined when it was not read. */
  readonly slotOf: SlotOf;
  readonly rules: readonly RuleSource[];
  readonly view: ChainView;
  /** Publishers that speak for this reader, their wallet among them: tells a rebuild of what they signed from an alarm. */
  readonly ownPublishers: readonly PublisherId[];
  /** Unix seconds. */
  readonly now: number;
  readonly contentOf?: ContentOf;
  /** What a deeper check of the local image found; `paths` are those that differ. */
  readonly deepCheck?: { readonly depth: Exclude<Depth, 'identity'>; readonly paths: readonly string[] };
}

/** What the steps look at, and whoever explains what they found. */
export interface Hearing {
  readonly input: JudgeInput;
  /** Undefined for an image that nobody looked into. */
  readonly identity: ImageIdentity | undefined;
  readonly isLocal: boolean;
  readonly head: ViewedBlock;
  readonly coverages: readonly Coverage[];
  /** One voice for each publisher and kind of statement that the covering rules accept. */
  readonly accepted: readonly Voice[];
  /** Everybody else who spoke under this name. */
  readonly strangers: readonly Voice[];
}

/** The first step with an answer decides; where none has one, the image is unsigned. */
const precedence: readonly ((hearing: Hearing) => Outcome | undefined)[] = [
  revoked,
  superseded,
  mismatch,
  // Nothing speaks against the image. Before anything speaks for it, every answer that could has to be there.
  unclear,
  foreign,
  pending,
  stale,
  refused,
  verified,
  untrusted,
];

/**
 * The verdict on one image under one name (docs/verdicts.md). Pure: the same input gives the same verdict, in whatever
 * order its parts come. An `unknown` verdict with `missing: 'configBytes'` asks for the image's identity from the bytes of
 * its config, and to be called again with that.
 */
export function judge(input: JudgeInput): Verdict {
  const { view, deepCheck } = input;
  const coverages = coveringRules(input.rules, input.reference.repository, view.ledger);
  return {
    depth: deepCheck?.depth ?? 'identity',
    assurance: view.assurance,
    coverage: strictestLevel(coverages),
    ledgerKind: view.ledgerKind,
    ...(view.head !== undefined && { asOf: { block: view.head.number, time: view.head.time } }),
    ...decide(input, coverages),
  };
}

/** What was heard about an image; undefined where nobody knows what it is, or the chain was never read. */
export function hearingOf(input: JudgeInput): Hearing | undefined {
  const { image, view } = input;
  if ('missing' in image || view.head === undefined) return undefined;
  return openHearing(input, image, view.head, coveringRules(input.rules, input.reference.repository, view.ledger));
}

function decide(input: JudgeInput, coverages: readonly Coverage[]): Outcome {
  const { image, view, deepCheck } = input;
  if (deepCheck !== undefined && deepCheck.paths.length > 0) return { kind: 'tampered', paths: deepCheck.paths };
  if ('missing' in image) return unknown(image.missing, image.detail);
  if (view.head === undefined) return gapOf(view) ?? unknown('ledger');

  const hearing = openHearing(input, image, view.head, coverages);
  for (const step of precedence) {
    const outcome = step(hearing);
    if (outcome !== undefined) return provenBy(hearing, outcome);
  }
  return provenBy(hearing, unsigned(hearing));
}

/**
 * Where an image is known by its manifest, another manifest can have the config of what was signed with other layers, so
 * that only the digest of a manifest or of an index tells which layers it has, unless somebody has compared them. What is
 * worse than not knowing that is worth saying all the same.
 */
function provenBy(hearing: Hearing, outcome: Outcome): Outcome {
  const { identity, input } = hearing;
  const proven = provenByPrint(hearing, outcome);
  if (identity === undefined || !isKnownByManifest(identity) || input.deepCheck !== undefined) return proven;
  return isByDigest(hearing, outcome) ? proven : worse(proven, unknown('layers'));
}

/** Whether all that is said for the image names it by a digest that was signed. */
function isByDigest({ accepted }: Hearing, outcome: Outcome): boolean {
  if (outcome.kind === 'verified') return outcome.match === 'exact';
  return accepted.every(({ testimony }) => !('match' in testimony) || testimony.match === 'exact');
}

/**
 * What an engine prints is enough for a match where a digest that was signed names the bytes. Otherwise it does not tell
 * whether they are well formed; nothing red rests on it; and it does not prove that no accepted publisher ever spoke of
 * this image. There the config's own bytes have to tell.
 */
function provenByPrint(hearing: Hearing, outcome: Outcome): Outcome {
  const { identity, accepted, input } = hearing;
  if (identity?.source !== 'inspect') return outcome;
  const isUnlike = ({ body }: Attestation): boolean =>
    body.type === 'statement' && compare(body.statement, identity).relation === 'other';
  const isOfAccepted = ({ publisher }: History): boolean => accepted.some((voice) => voice.publisher === publisher);

  switch (outcome.kind) {
    case 'revoked':
    case 'mismatch':
      return unknown('configBytes');
    case 'verified':
    case 'pending':
    case 'stale':
      return isByDigest(hearing, outcome) ? outcome : unknown('configBytes');
    case 'untrusted':
    case 'unsigned':
      return historiesOf(input).some((history) => isOfAccepted(history) && history.attestations.some(isUnlike))
        ? unknown('configBytes')
        : outcome;
    case 'tampered':
    case 'superseded':
    case 'unknown':
      return outcome;
  }
}

function unknown(missing: MissingPart, detail?: string): Outcome {
  return { kind: 'unknown', missing, ...(detail !== undefined && { detail }) };
}

// --- against the image -----------------------------------------------------------------------------------------------

/** One accepted publisher who takes the content back is enough, whatever others say of it. */
function revoked(hearing: Hearing): Outcome | undefined {
  const voices = saying(hearing.accepted, 'revoked');
  const voice = voices.find(({ testimony }) => testimony.revocation !== undefined) ?? voices[0];
  if (voice === undefined) return undefined;
  const { entry, revocation } = voice.testimony;
  return {
    kind: 'revoked',
    ...(revocation === undefined
      ? { by: 'signer' }
      : { by: 'revocation', reason: revocation.reason, note: revocation.note }),
    citation: cite(entry),
    ...confirming(hearing, voice),
  };
}

/** An older release of one publisher is no excuse where another says outright that the name is other content. */
function superseded(hearing: Hearing): Outcome | undefined {
  const [voice] = saying(hearing.accepted, 'superseded');
  if (voice === undefined || contradicting(hearing).length > 0) return undefined;
  const { current, older } = voice.testimony;
  return { kind: 'superseded', current: cite(current), older: cite(older), ...confirming(hearing, voice) };
}

/**
 * `rebuilt` only where nobody but this reader contradicts, with entries that their own wallet signed: what a colleague, or
 * whoever has a colleague's key, states for an organization of the reader's is an alarm like any other.
 */
function mismatch(hearing: Hearing): Outcome | undefined {
  const isOwn = ({ testimony }: Saying<'other'>): boolean =>
    hearing.input.ownPublishers.includes(walletPublisher(testimony.current.signer));
  const voices = contradicting(hearing);
  const voice = voices.find((each) => !isOwn(each)) ?? voices[0];
  if (voice === undefined) return undefined;
  return {
    kind: 'mismatch',
    cause: hearing.isLocal && isOwn(voice) ? 'rebuilt' : 'content',
    citation: cite(voice.testimony.current),
    platform: voice.testimony.platform,
    differences: voice.testimony.differences,
    ...confirming(hearing, voice),
  };
}

/** A vouch counts for its content, never against other content under the same name. */
function contradicting({ accepted }: Hearing): readonly Saying<'other'>[] {
  return saying(accepted, 'other').filter(({ kind }) => kind === 'publish');
}

function confirming(
  { head, input }: Hearing,
  { testimony }: Saying<'revoked' | 'superseded' | 'other'>,
): { readonly confirming?: Confirmations } {
  if (testimony.promise === undefined) return {};
  const confirmations = confirmationsAt(head.number, testimony.promise.block);
  return { confirming: { confirmations, needed: input.view.needed } };
}

// --- for the image ---------------------------------------------------------------------------------------------------

/** Whoever was not heard could have spoken against the image. */
function unclear({ input: { view }, accepted }: Hearing): Outcome | undefined {
  const [voice] = saying(accepted, 'unclear');
  return gapOf(view) ?? (voice && unknown(voice.testimony.missing));
}

function gapOf(view: ChainView): Outcome | undefined {
  return view.state === 'incomplete' ? unknown(view.missing, view.detail) : undefined;
}

/** What an accepted publisher states for another architecture is not signed for the one that was asked for. */
function foreign(hearing: Hearing): Outcome | undefined {
  const { input, identity, accepted } = hearing;
  if (input.platform === undefined || identity === undefined) return undefined;
  if (sameArchitecture(input.platform, identity.platform)) return undefined;
  const isStated = accepted.some(({ testimony: { says } }) => says === 'this' || says === 'soon');
  return isStated ? { ...unsignedFor(hearing), otherPlatforms: [identity.platform] } : undefined;
}

function pending(hearing: Hearing): Outcome | undefined {
  if (isEnough(hearing, isFinalMatch)) return undefined;
  const { accepted, head, input } = hearing;
  const soon = saying(accepted, 'soon').map(({ testimony }) => testimony.promise.block);
  const isMinedBy =
    (block: number): Counts =>
    (voice) =>
      isFinalMatch(voice) || (voice.testimony.says === 'soon' && voice.testimony.promise.block <= block);
  const block = soon.sort((a, b) => a - b).find((each) => isEnough(hearing, isMinedBy(each)));
  if (block === undefined) return undefined;
  return {
    kind: 'pending',
    confirmations: confirmationsAt(head.number, block),
    needed: input.view.needed,
    by: citeSupport(accepted.filter(isMinedBy(block))),
  };
}

function stale(hearing: Hearing): Outcome | undefined {
  const { accepted, coverages, head, input } = hearing;
  if (!isEnough(hearing, isFinalMatch)) return undefined;
  const by = citeSupport(accepted.filter(isFinalMatch));

  if (!isEnough(hearing, isValidMatch(input.now))) {
    const ends = saying(accepted, 'this').map(({ testimony }) => testimony.entry.validUntil);
    const since = ends.sort((a, b) => b - a).find((end) => isEnough(hearing, isValidMatch(end)));
    return since === undefined ? undefined : { kind: 'stale', cause: 'validity', since, by };
  }
  const maximumAges = coverages.flatMap(({ rules }) => rules.flatMap((rule) => rule.maximumViewAgeSeconds ?? []));
  const since = head.time + Math.min(...maximumAges);
  return since < input.now ? { kind: 'stale', cause: 'view', since, by } : undefined;
}

/** The rules' publishers do say it, and yet it is not accepted. */
function refused(hearing: Hearing): Outcome | undefined {
  if (!isSatisfied(hearing.coverages, hearing.accepted, isFinalMatch)) return undefined;
  const refusal = refusalOf(hearing);
  return refusal && { ...untrustedBy(hearing), refused: refusal };
}

function refusalOf(hearing: Hearing): Refusal | undefined {
  const { coverages, input } = hearing;
  if (input.view.assurance === 'reported') return 'reported';
  if (strictestLevel(coverages) !== 'enforce') return undefined;
  if (input.view.ledgerKind === 'development') return 'development';
  if (input.view.assurance === 'signature') return 'noCheckpoint';
  return bestMatch(hearing) === 'equivalent' ? 'equivalent' : undefined;
}

function verified(hearing: Hearing): Outcome | undefined {
  const match = bestMatch(hearing);
  if (match === undefined) return undefined;
  const voices = saying(hearing.accepted, 'this').filter(isValidMatch(hearing.input.now, match));
  const differences = new Set(voices.flatMap(({ testimony }) => testimony.differences));
  return { kind: 'verified', match, differences: [...differences], by: citeSupport(voices) };
}

/** The closest match that enough accepted publishers share. */
function bestMatch(hearing: Hearing): Match | undefined {
  return matchesClosestFirst.find((match) => isEnough(hearing, isValidMatch(hearing.input.now, match)));
}

/** Enough for green: rules cover the repository, and the voices that count satisfy every source of them. */
function isEnough({ coverages, accepted }: Hearing, counts: Counts): boolean {
  return isSatisfied(coverages, accepted, counts);
}

// --- neither ---------------------------------------------------------------------------------------------------------

/** Citations in one list; whoever likes may sign under any name, so a verdict cites no more. */
const citedAtMost = 10;

function untrusted(hearing: Hearing): Outcome | undefined {
  const outcome = untrustedBy(hearing);
  return outcome.by.length > 0 ? outcome : undefined;
}

function untrustedBy({ coverages, accepted, strangers }: Hearing): Extract<Outcome, { kind: 'untrusted' }> {
  return {
    kind: 'untrusted',
    by: citeSupport([...accepted, ...strangers]).slice(0, citedAtMost),
    ...closestSupport(coverages, accepted, isFinalMatch),
  };
}

function unsigned(hearing: Hearing): Outcome {
  const { strangers } = hearing;
  // The chain does hold something under this name, and it could be this content.
  const unheard = saying(strangers, 'unclear').find(
    ({ testimony: { missing } }) => missing === 'ledgerIncomplete' || missing === 'configBytes',
  );
  return unheard === undefined ? unsignedFor(hearing) : unknown(unheard.testimony.missing);
}

function unsignedFor(hearing: Hearing): Extract<Outcome, { kind: 'unsigned' }> {
  const { accepted, strangers, coverages } = hearing;
  const elsewhere = saying(coverages.length > 0 ? accepted : strangers, 'elsewhere');
  return {
    kind: 'unsigned',
    knownAs: knownElsewhere(hearing),
    otherPlatforms: distinctPlatforms(elsewhere.flatMap(({ testimony }) => testimony.statement.leaves)),
    vouchedDiffers: saying(accepted, 'other').map(({ testimony }) => cite(testimony.current)),
  };
}

/** Final statements under other names by signers in good standing, those of accepted publishers first. */
function knownElsewhere({ input, accepted, head }: Hearing): readonly Citation[] {
  const facts = entryFacts(input, head);
  const order = ({ publisher, repository, tag, position }: Attestation): string =>
    [accepted.every((voice) => voice.publisher !== publisher), repository, tag, publisher, position].join(' ');
  return input.knownAs
    .filter(
      (entry) => entry.kind !== 'revoke' && !isOfName(entry, input) && facts.isFinal(entry) && !facts.isVoid(entry),
    )
    .sort((a, b) => compareText(order(a), order(b)))
    .slice(0, citedAtMost)
    .map(cite);
}

function distinctPlatforms(leaves: readonly { readonly platform: Platform }[]): readonly Platform[] {
  const byText = new Map(leaves.map(({ platform }) => [formatPlatform(platform), platform]));
  return [...byText]
    .sort(([a], [b]) => compareText(a, b))
    .slice(0, citedAtMost)
    .map(([, platform]) => platform);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// --- the hearing -----------------------------------------------------------------------------------------------------

function openHearing(
  input: JudgeInput,
  image: Exclude<ImageUnderJudgement, { missing: MissingPart }>,
  head: ViewedBlock,
  coverages: readonly Coverage[],
): Hearing {
  const identity = 'identity' in image ? image.identity : undefined;
  const rules = coverages.flatMap((coverage) => coverage.rules);
  const isAccepted = ({ publisher, kind }: Pick<Voice, 'publisher' | 'kind'>): boolean =>
    rules.some((rule) => rule.accept === kind && rule.publishers.includes(publisher));

  const histories = new Map(historiesOf(input).map((history) => [history.publisher, history]));
  const publishers = new Set([...rules.flatMap((rule) => rule.publishers), ...histories.keys()]);
  const facts = entryFacts(input, head);
  const speakers = [...publishers]
    .sort()
    .flatMap((publisher) => (['publish', 'vouch'] as const).map((kind) => ({ publisher, kind })));
  const voiceOf = ({ publisher, kind }: Pick<Voice, 'publisher' | 'kind'>): Voice => {
    return { publisher, kind, testimony: testimonyOf(histories.get(publisher), publisher, kind) };
  };
  return {
    input,
    identity,
    isLocal: 'identity' in image && image.origin === 'local',
    head,
    coverages,
    accepted: speakers.filter(isAccepted).map(voiceOf),
    // Heard only when a verdict comes to need them; whoever likes may be one.
    get strangers() {
      return speakers.filter((speaker) => !isAccepted(speaker)).map(voiceOf);
    },
  };

  function testimonyOf(history: History | undefined, publisher: PublisherId, kind: AcceptedKind): Voice['testimony'] {
    const isRead = history?.attestations.every(({ signer }) => input.slotOf(publisher, signer) !== undefined) ?? true;
    if (!isRead || !input.view.isChecked(publisher)) return { says: 'unclear', missing: 'ledgerIncomplete' };
    if (history === undefined) return { says: 'nothing' };
    if (identity === undefined) return { says: 'unclear', missing: 'configBytes' };
    return hear(history, kind, identity, facts, input.contentOf);
  }
}

/** What the chain at `head` says about the entries of its histories. */
export function entryFacts({ view, slotOf }: JudgeInput, head: ViewedBlock): EntryFacts {
  return {
    isFinal: ({ block }) => confirmationsAt(head.number, block) >= Math.max(1, view.needed),
    isVoid: voidBy(slotOf),
  };
}

function historiesOf(input: JudgeInput): readonly History[] {
  return input.histories.filter((history) => isOfName(history, input));
}

function isOfName(entry: { readonly repository: string; readonly tag: string }, { reference }: JudgeInput): boolean {
  return entry.repository === reference.repository && entry.tag === reference.tag;
}
