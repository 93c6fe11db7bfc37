import { walletPublisher } from '../hex';
import { isKnownByManifest, type ImageIdentity, type Platform } from '../image/identity';
import { formatPlatform, sameArchitecture, samePlatform } from '../image/platform';
import { contentRepository } from '../ledger/contentName';
import type { Attestation, History, LedgerKey, LedgerKind, PublisherId } from '../ledger/types';
import type { SlotOf } from '../ledger/signerStanding';
import { voidBy } from '../ledger/signerStanding';
import type { ContentOf } from './comparison';
import { confirmationsAt } from './finality';
import type { ContentWord, NamedContent } from './contentWord';
import { hearContent, namedContents } from './contentWord';
import type { EntryFacts, Reading } from './reading';
import { read } from './reading';
import type { AcceptedKind, Coverage, RuleSource } from '../trust/rules';
import { coveringRules } from '../trust/rules';
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
import type { Backing, Saying, Voice } from './voice';
import {
  cite,
  citeSupport,
  closestSupport,
  finalMatch,
  isSatisfied,
  matchesClosestFirst,
  matchMinedBy,
  saying,
  strictestLevel,
  validMatch,
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
      readonly missing: Extract<
        MissingPart,
        'engine' | 'image' | 'malformedImage' | 'platform' | 'registry' | 'variable'
      >;
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
  /** Unix seconds: the later of the reader's clock and the chain's, so that neither makes what has ended valid. */
  readonly now: number;
  readonly coverages: readonly Coverage[];
  /** One voice for each publisher and kind of statement that the covering rules accept. */
  readonly accepted: readonly Voice[];
  /** What the same publishers say of the image's content under every name, as far as they say anything. */
  readonly contents: readonly Everywhere[];
  /** Everybody else who spoke under this name. */
  readonly strangers: readonly Voice[];
  /** A history of this name as it bears on the image; undefined where there is none, or nobody looked into the image. */
  readonly readingOf: (publisher: PublisherId) => Reading | undefined;
}

export interface Everywhere {
  readonly publisher: PublisherId;
  readonly word: Exclude<ContentWord, { says: 'nothing' }>;
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
    ...(view.head !== undefined && { asOf: asOf(view.head, input) }),
    ...decide(input, coverages),
  };
}

/** Nodes take no block that is further ahead of their clock (geth: `allowedFutureBlockTimeSeconds`). */
const headLeewaySeconds = 15;

function asOf({ number, time }: ViewedBlock, { now }: JudgeInput): NonNullable<Verdict['asOf']> {
  const ahead = time - now;
  return { block: number, time, ...(ahead > headLeewaySeconds && { ahead }) };
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
  // Where something final is gone, what nobody here has ever read can be gone with it: a revocation, for one.
  if (view.state === 'incomplete' && view.missing === 'historyContradicted') return unknown(view.missing, view.detail);
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
  const { identity, accepted, readingOf } = hearing;
  if (identity?.source !== 'inspect') return outcome;

  switch (outcome.kind) {
    case 'revoked':
    case 'mismatch':
      return unknown('configBytes');
    case 'verified':
    case 'pending':
    case 'stale':
      return isByDigest(hearing, outcome) && isStated(hearing, identity) ? outcome : unknown('configBytes');
    case 'untrusted':
    case 'unsigned':
      return accepted.some(({ publisher }) =>
        readingOf(publisher)?.lines.some(({ comparison }) => comparison.relation === 'other'),
      )
        ? unknown('configBytes')
        : outcome;
    case 'tampered':
    case 'superseded':
    case 'unknown':
      return outcome;
  }
}

/**
 * Whether an accepted publisher states the very content that was printed. What only a signed index stands for may be printed
 * otherwise than it is, and then nobody has asked whether its real content was taken back everywhere.
 */
function isStated({ accepted, readingOf }: Hearing, { fingerprint, dockerFields }: ImageIdentity): boolean {
  return accepted.some(({ publisher }) =>
    readingOf(publisher)?.lines.some(({ statement }) =>
      statement.leaves.some((leaf) => leaf.fingerprint === fingerprint && leaf.dockerFields === dockerFields),
    ),
  );
}

function unknown(missing: MissingPart, detail?: string): Outcome {
  return { kind: 'unknown', missing, ...(detail !== undefined && { detail }) };
}

// --- against the image -----------------------------------------------------------------------------------------------

/** One accepted publisher who takes the content back is enough, under this name or everywhere, whatever others say of it. */
function revoked(hearing: Hearing): Outcome | undefined {
  const voices = saying(hearing.accepted, 'revoked').map(({ testimony }) => testimony);
  const here = voices.find(({ revocation }) => revocation !== undefined);
  const everywhere = hearing.contents.map(({ word }) => word).find((word) => word.says === 'revoked');
  const found = here ?? everywhere ?? voices[0];
  if (found === undefined) return undefined;
  const { entry, revocation } = found;
  return {
    kind: 'revoked',
    ...(revocation === undefined
      ? { by: 'signer' }
      : {
          by: found === everywhere ? 'everywhere' : 'revocation',
          reason: revocation.reason,
          note: revocation.note,
        }),
    citation: cite(entry),
    ...confirming(hearing, found),
  };
}

/** An older release of one publisher is no excuse where another says outright that the name is other content. */
function superseded(hearing: Hearing): Outcome | undefined {
  const [voice] = saying(hearing.accepted, 'superseded');
  if (voice === undefined || contradicting(hearing).length > 0) return undefined;
  const { current, older } = voice.testimony;
  return { kind: 'superseded', current: cite(current), older: cite(older), ...confirming(hearing, voice.testimony) };
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
    ...confirming(hearing, voice.testimony),
  };
}

/** A vouch counts for its content, never against other content under the same name. */
function contradicting({ accepted }: Hearing): readonly Saying<'other'>[] {
  return saying(accepted, 'other').filter(({ kind }) => kind === 'publish');
}

function confirming(
  { head, input }: Hearing,
  { promise }: { readonly promise?: Attestation },
): { readonly confirming?: Confirmations } {
  if (promise === undefined) return {};
  const confirmations = confirmationsAt(head.number, promise.block);
  return { confirming: { confirmations, needed: input.view.needed } };
}

// --- for the image ---------------------------------------------------------------------------------------------------

/** Whoever was not heard could have spoken against the image. */
function unclear({ input: { view }, accepted, contents }: Hearing): Outcome | undefined {
  const [voice] = saying(accepted, 'unclear');
  const everywhere = contents.map(({ word }) => word).find((word) => word.says === 'unclear');
  const unheard = voice?.testimony ?? everywhere;
  return gapOf(view) ?? (unheard && unknown(unheard.missing));
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
  if (isEnough(hearing, finalMatch)) return undefined;
  const { accepted, head, input } = hearing;
  const blocks = accepted.flatMap(({ testimony }) =>
    testimony.says === 'this' || testimony.says === 'soon'
      ? testimony.backers.filter(({ isFinal }) => !isFinal).map(({ block }) => block)
      : [],
  );
  const promised = saying(accepted, 'soon').map(({ testimony }) => testimony.promise.block);
  const block = firstWhere([...blocks, ...promised], (each) => isEnough(hearing, matchMinedBy(each)));
  if (block === undefined) return undefined;
  return {
    kind: 'pending',
    confirmations: confirmationsAt(head.number, block),
    needed: input.view.needed,
    by: citeSupport(accepted.filter(isBacked(matchMinedBy(block)))),
  };
}

function stale(hearing: Hearing): Outcome | undefined {
  const { accepted, coverages, head, input, now } = hearing;
  if (!isEnough(hearing, finalMatch)) return undefined;
  const by = citeSupport(accepted.filter(isBacked(finalMatch)));

  if (!isEnough(hearing, validMatch(now))) {
    const ends = saying(accepted, 'this')
      .flatMap(({ testimony: { until, backers } }) => [until, ...backers.map((each) => each.until)])
      .filter((end) => end < now);
    // Valid at a time is valid before it too.
    const since = firstWhere(
      ends.map((end) => -end),
      (end) => isEnough(hearing, validMatch(-end)),
    );
    return since === undefined ? undefined : { kind: 'stale', cause: 'validity', since: -since, by };
  }
  const maximumAges = coverages.flatMap(({ rules }) => rules.flatMap((rule) => rule.maximumViewAgeSeconds ?? []));
  if (maximumAges.length === 0) return undefined;
  // How old a block of the future is, nobody can tell.
  if (asOf(head, input).ahead !== undefined) return { kind: 'stale', cause: 'view', since: input.now, by };
  const since = head.time + Math.min(...maximumAges);
  return since < now ? { kind: 'stale', cause: 'view', since, by } : undefined;
}

/** The least of some numbers for which something holds that holds for all greater ones too. */
function firstWhere(numbers: readonly number[], holds: (each: number) => boolean): number | undefined {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(sorted[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return sorted[from];
}

/** The rules' publishers do say it, and yet it is not accepted. */
function refused(hearing: Hearing): Outcome | undefined {
  if (!isSatisfied(hearing.coverages, hearing.accepted, finalMatch)) return undefined;
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
  const voices = saying(hearing.accepted, 'this').filter(isBacked(validMatch(hearing.now, match)));
  const differences = new Set(voices.flatMap(({ testimony }) => testimony.differences));
  return { kind: 'verified', match, differences: [...differences], by: citeSupport(voices) };
}

/** The closest match that enough accepted publishers share. One digest by enough keys is not yet the content by as many. */
function bestMatch(hearing: Hearing): Match | undefined {
  const isShared = (match: Match): boolean => isEnough(hearing, validMatch(hearing.now, match));
  return matchesClosestFirst.find((match) => isShared(match) && (match !== 'exact' || isShared('content')));
}

/** Enough for green: rules cover the repository, and the voices that count satisfy every source of them. */
function isEnough({ coverages, accepted }: Hearing, backing: Backing): boolean {
  return isSatisfied(coverages, accepted, backing);
}

function isBacked(backing: Backing): (voice: Voice) => boolean {
  return (voice) => backing(voice).length > 0;
}

// --- neither ---------------------------------------------------------------------------------------------------------

/** Citations in one list; whoever likes may sign under any name, so a verdict cites no more. */
const citedAtMost = 10;

function untrusted(hearing: Hearing): Outcome | undefined {
  const outcome = untrustedBy(hearing);
  return outcome.by.length > 0 ? outcome : undefined;
}

function untrustedBy({ input, coverages, accepted, strangers }: Hearing): Extract<Outcome, { kind: 'untrusted' }> {
  const { accepted: count, needed, publishers } = closestSupport(coverages, accepted, finalMatch);
  const all = citeSupport([...accepted, ...strangers]);
  // However many strangers there are, the reader's own word is not among those left out.
  const own = all.filter(({ signer }) => input.ownPublishers.includes(walletPublisher(signer)));
  return {
    kind: 'untrusted',
    by: [...own, ...all.filter((each) => !own.includes(each))].slice(0, citedAtMost),
    ...{ accepted: count, needed },
    ...(own.length > 0 && { isOwn: true }),
    ...(publishers > count && { sharing: publishers }),
  };
}

function unsigned(hearing: Hearing): Outcome {
  const { coverages, strangers, input } = hearing;
  // Whatever strangers may have said, a rule takes none of them for an answer.
  if (coverages.length > 0) return unsignedFor(hearing);
  // The chain does hold something under this name, and it could be this content.
  const unheard = saying(strangers, 'unclear').find(
    ({ testimony: { missing } }) => missing === 'ledgerIncomplete' || missing === 'configBytes',
  );
  if (unheard !== undefined) return unknown(unheard.testimony.missing);
  switch (input.view.strangers) {
    case 'read':
      return unsignedFor(hearing);
    case 'reading':
      return unknown('stillReading');
    case 'full':
      return unknown('strangersLeftOut');
  }
}

function unsignedFor(hearing: Hearing): Extract<Outcome, { kind: 'unsigned' }> {
  const { accepted, strangers, coverages, identity } = hearing;
  const elsewhere = saying(coverages.length > 0 ? accepted : strangers, 'elsewhere');
  const isElsewhere = ({ platform }: { readonly platform: Platform }): boolean =>
    identity === undefined || !samePlatform(platform, identity.platform);
  return {
    kind: 'unsigned',
    knownAs: knownElsewhere(hearing),
    otherPlatforms: distinctPlatforms(
      elsewhere.flatMap(({ testimony }) => testimony.statement.leaves).filter(isElsewhere),
    ),
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
  const believed = { publish: believedFor('publish'), vouch: believedFor('vouch') };
  const histories = new Map(historiesOf(input).map((history) => [history.publisher, history]));
  const facts = entryFacts(input, head);
  const readings = new Map<PublisherId, Reading>();
  const isRead = ({ publisher, attestations }: History): boolean =>
    [...new Set(attestations.map(({ signer }) => signer))].every(
      (signer) => input.slotOf(publisher, signer) !== undefined,
    );

  const publishers = [...new Set([...believed.publish, ...believed.vouch])].sort();
  const accepted = publishers
    .flatMap((publisher) => (['publish', 'vouch'] as const).map((kind) => ({ publisher, kind })))
    .filter(({ publisher, kind }) => believed[kind].has(publisher))
    .map(voiceOf);
  const contents =
    identity &&
    namedContents(
      identity,
      publishers.flatMap((publisher) => histories.get(publisher) ?? []),
    );
  const contentHistories = new Map(
    input.contentHistories
      .filter(({ repository }) => repository === contentRepository)
      .map((history) => [`${history.publisher} ${history.tag}`, history]),
  );
  let strangers: readonly Voice[] | undefined;
  return {
    ...{ input, identity, head, coverages, accepted, readingOf },
    isLocal: 'identity' in image && image.origin === 'local',
    now: Math.max(input.now, head.time),
    contents: publishers.flatMap(everywhereOf),
    // Heard only when a verdict comes to need them; whoever likes may be one.
    get strangers() {
      strangers ??= [...histories.keys()]
        .sort()
        .flatMap((publisher) => (['publish', 'vouch'] as const).map((kind) => ({ publisher, kind })))
        .filter(({ publisher, kind }) => !believed[kind].has(publisher))
        .map(strangerOf);
      return strangers;
    },
  };

  function believedFor(kind: AcceptedKind): ReadonlySet<PublisherId> {
    return new Set(rules.flatMap((rule) => (rule.accept === kind ? rule.publishers : [])));
  }

  /** Once for both kinds of statements. */
  function readingOf(publisher: PublisherId): Reading | undefined {
    const history = histories.get(publisher);
    if (history === undefined || identity === undefined) return undefined;
    const reading = readings.get(publisher) ?? read(history, identity, facts, input.contentOf);
    readings.set(publisher, reading);
    return reading;
  }

  function voiceOf({ publisher, kind }: Pick<Voice, 'publisher' | 'kind'>): Voice {
    return { publisher, kind, testimony: testimonyOf(publisher, kind) };
  }

  function testimonyOf(publisher: PublisherId, kind: AcceptedKind): Voice['testimony'] {
    const history = histories.get(publisher);
    const isKnown = input.view.isChecked(publisher) && (history === undefined || isRead(history));
    if (!isKnown) return { says: 'unclear', missing: 'ledgerIncomplete' };
    if (history === undefined) return { says: 'nothing' };
    const reading = readingOf(publisher);
    return reading === undefined ? { says: 'unclear', missing: 'configBytes' } : hear(reading, kind);
  }

  /** Where a rule covers, nothing that a stranger says of other content can matter. */
  function strangerOf(speaker: Pick<Voice, 'publisher' | 'kind'>): Voice {
    const history = histories.get(speaker.publisher);
    const isHeard =
      coverages.length === 0 || (history !== undefined && identity !== undefined && mentions(history, identity));
    return isHeard ? voiceOf(speaker) : { ...speaker, testimony: { says: 'unheard' } };
  }

  function everywhereOf(publisher: PublisherId): readonly Everywhere[] {
    if (contents === undefined) return [{ publisher, word: { says: 'unclear', missing: 'configBytes' } }];
    return contents.flatMap((content) => {
      const word = wordOn(content, publisher);
      return word.says === 'nothing' ? [] : [{ publisher, word }];
    });
  }

  function wordOn(content: NamedContent, publisher: PublisherId): ContentWord {
    const history = contentHistories.get(`${publisher} ${content.tag}`);
    const isKnown = input.isContentChecked(publisher, content.tag) && (history === undefined || isRead(history));
    if (!isKnown) return { says: 'unclear', missing: 'ledgerIncomplete' };
    return history === undefined ? { says: 'nothing' } : hearContent(history, content, facts);
  }
}

/** Whether a history may state the image's content; cheap, for whoever likes may have written it. */
function mentions({ attestations }: History, { fingerprint, indexDigest }: ImageIdentity): boolean {
  return attestations.some(
    ({ body }) =>
      body.type === 'statement' &&
      (body.statement.leaves.some((leaf) => leaf.fingerprint === fingerprint) ||
        (indexDigest !== undefined && body.statement.indexDigest === indexDigest)),
  );
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
