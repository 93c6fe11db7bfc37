import { walletPublisher } from '../hex';
import { isKnownByManifest, type ImageIdentity, type Platform } from '../image/identity';
import { formatPlatform, sameArchitecture, samePlatform } from '../image/platform';
import type { Attestation } from '../ledger/types';
import { confirmationsAt, confirmationsNeeded } from '../ledger/finality';
import type { Coverage } from '../trust/rules';
import {
  isWrongChain,
  matchesClosestFirst,
  type Citation,
  type Confirmations,
  type Match,
  type MissingPart,
  type Outcome,
  type Refusal,
  type Verdict,
  type VerdictFrame,
} from './verdict';
import type { Backing, Saying, Voice } from './voice';
import {
  cite,
  citeSupport,
  closestSupport,
  finalMatch,
  isSatisfied,
  matchMinedBy,
  saying,
  strictestLevel,
  validMatch,
} from './voice';
import { worse } from './worse';
import type { ViewedBlock, ChainView, JudgeInput } from './judgeInput';
import { type Hearing, coverageIn, openHearing, entryFacts, isOfName } from './hearing';

/** The steps in their order. The first one with an answer decides; where none has one, the image is unsigned. */
const precedence: readonly ((hearing: Hearing) => Outcome | undefined)[] = [
  revoked,
  superseded,
  mismatch,
  // Marks the point in the order after which only steps in favor of the image follow. Before one of these may answer,
  // every answer that could speak against the image has to be there.
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
  const coverages = coverageIn(input);
  return { ...frameOf(input, coverages), ...decide(input, coverages) };
}

/** What a verdict on this input says beside its outcome. */
export function frameOf(input: JudgeInput, coverages = coverageIn(input)): VerdictFrame {
  const { view, deepCheck } = input;
  return {
    depth: deepCheck?.depth ?? 'identity',
    assurance: view.assurance,
    coverage: levelIn(input, coverages),
    ledgerKind: view.ledgerKind,
    ...(view.ledger !== undefined && { ledger: view.ledger }),
    ...(view.network !== undefined && { network: view.network }),
    ...(view.head !== undefined && { asOf: asOf(view.head, input) }),
  };
}

function levelIn({ isEnforced = false }: JudgeInput, coverages: readonly Coverage[]): VerdictFrame['coverage'] {
  return isEnforced ? 'enforce' : strictestLevel(coverages);
}

/** Nodes refuse a block that is further ahead of their clock than this (geth: `allowedFutureBlockTimeSeconds`). */
const headLeewaySeconds = 15;

function asOf({ number, time }: ViewedBlock, { now }: JudgeInput): NonNullable<Verdict['asOf']> {
  const ahead = time - now;
  return { block: number, time, ...(ahead > headLeewaySeconds && { ahead }) };
}

function decide(input: JudgeInput, coverages: readonly Coverage[]): Outcome {
  const { image, view, deepCheck } = input;
  if (deepCheck !== undefined && deepCheck.paths.length > 0) return { kind: 'tampered', paths: deepCheck.paths };
  // Where something final is gone from the chain, entries that nobody here has ever read can be gone with it: a
  // revocation, for example.
  if (view.state === 'incomplete' && isWrongChain(view.missing)) return unknown(view.missing, view.detail);
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
 * Where an image is known only by its manifest, another manifest can pair the config of the signed image with other
 * layers. So only a digest of a manifest or of an index tells which layers the image has, unless somebody has compared
 * them. A verdict that is worse than `unknown` is given all the same.
 */
function provenBy(hearing: Hearing, outcome: Outcome): Outcome {
  const { identity, input } = hearing;
  const proven = provenByPrint(hearing, outcome);
  if (identity === undefined || !isKnownByManifest(identity) || input.deepCheck !== undefined) return proven;
  return isByDigest(hearing, outcome) ? proven : worse(proven, unknown('layers'));
}

/** Whether everybody who speaks for the image names it by a digest that was signed. */
function isByDigest({ accepted }: Hearing, outcome: Outcome): boolean {
  if (outcome.kind === 'verified') return outcome.match === 'exact';
  return accepted.every(({ testimony }) => !('match' in testimony) || testimony.match === 'exact');
}

/**
 * What an engine prints is enough for a match if a digest that was signed names the image's bytes. Otherwise the
 * printed form does not show whether the bytes are well formed, no red verdict may rest on it, and it does not prove
 * that no accepted publisher ever stated this image. Then the config's own bytes have to be read.
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
 * Whether an accepted publisher states exactly the content that was printed. An image that only a signed index stands
 * for may be printed differently from what it is, and then nobody has asked whether its real content was revoked
 * everywhere.
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

/**
 * One accepted publisher who revokes the content, under this name or everywhere, is enough, whatever others say of it.
 */
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

/**
 * An older release of one publisher does not excuse the image where another publisher says outright that the name
 * stands for other content.
 */
function superseded(hearing: Hearing): Outcome | undefined {
  const [voice] = saying(hearing.accepted, 'superseded');
  if (voice === undefined || contradicting(hearing).length > 0) return undefined;
  const { current, older } = voice.testimony;
  return { kind: 'superseded', current: cite(current), older: cite(older), ...confirming(hearing, voice.testimony) };
}

/**
 * `rebuilt` only where everything that contradicts the image was signed by the reader's own wallet. What a colleague,
 * or somebody with a colleague's key, states for an organization of the reader's raises an alarm like any other
 * contradiction.
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
  return { confirming: { confirmations, needed: confirmationsNeeded(input.view.needed) } };
}

// --- for the image ---------------------------------------------------------------------------------------------------

/** Somebody whose history was not read could have spoken against the image. */
function unclear({ input: { view }, accepted, contents }: Hearing): Outcome | undefined {
  const [voice] = saying(accepted, 'unclear');
  const everywhere = contents.map(({ word }) => word).find((word) => word.says === 'unclear');
  const unheard = voice?.testimony ?? everywhere;
  return gapOf(view) ?? (unheard && unknown(unheard.missing));
}

function gapOf(view: ChainView): Outcome | undefined {
  return view.state === 'incomplete' ? unknown(view.missing, view.detail) : undefined;
}

/** What an accepted publisher states for another architecture says nothing about the one that was asked for. */
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
    needed: confirmationsNeeded(input.view.needed),
    by: citeSupport(accepted.filter(isBacked(matchMinedBy(block)))),
  };
}

function stale(hearing: Hearing): Outcome | undefined {
  const { accepted, coverages, input, now } = hearing;
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
  const since = tooOldSince(input, coverages);
  return since === undefined ? undefined : { kind: 'stale', cause: 'view', since, by };
}

/** Unix seconds since which the view has been older than one of its rules allows; undefined where it is not. */
export function tooOldSince(input: JudgeInput, coverages = coverageIn(input)): number | undefined {
  const { head } = input.view;
  const maximumAges = coverages.flatMap(({ rules }) => rules.flatMap((rule) => rule.maximumViewAgeSeconds ?? []));
  if (maximumAges.length === 0 || head === undefined) return undefined;
  // The age of a block that lies in the future cannot be told.
  if (asOf(head, input).ahead !== undefined) return input.now;
  const since = head.time + Math.min(...maximumAges);
  return since < Math.max(input.now, head.time) ? since : undefined;
}

/** The smallest of some numbers for which a condition holds, where it also holds for all greater ones. */
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

/** Enough publishers of the rules state the content, and still something keeps it from being accepted. */
function refused(hearing: Hearing): Outcome | undefined {
  if (!isSatisfied(hearing.coverages, hearing.accepted, finalMatch)) return undefined;
  const refusal = refusalOf(hearing);
  return refusal && { ...untrustedBy(hearing), refused: refusal };
}

function refusalOf(hearing: Hearing): Refusal | undefined {
  const { coverages, input } = hearing;
  if (input.view.assurance === 'reported') return 'reported';
  if (levelIn(input, coverages) !== 'enforce') return undefined;
  if (input.view.ledgerKind === 'development') return 'development';
  // Whoever out-mines the others for a while can take back what counted as final.
  if (input.view.finality === 'depth') return 'depthOnly';
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

/**
 * The closest match that enough accepted publishers share. For `exact` enough of them must state the content too: one
 * digest that enough keys have signed does not mean that as many have stated the content.
 */
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

/**
 * The citations of a verdict in one list. Anybody can sign under any name, so a verdict cites no more than this many.
 */
const citedAtMost = 10;

function untrusted(hearing: Hearing): Outcome | undefined {
  const outcome = untrustedBy(hearing);
  return outcome.by.length > 0 ? outcome : undefined;
}

function untrustedBy({ input, coverages, accepted, strangers }: Hearing): Extract<Outcome, { kind: 'untrusted' }> {
  const { accepted: count, needed, publishers } = closestSupport(coverages, accepted, finalMatch);
  const all = citeSupport([...accepted, ...strangers]);
  // However many strangers there are, the reader's own statement is never among those left out.
  const own = all.filter(({ signer }) => input.ownPublishers.includes(walletPublisher(signer)));
  return {
    kind: 'untrusted',
    by: [...own, ...all.filter((each) => !own.includes(each))].slice(0, citedAtMost),
    accepted: count,
    needed,
    ...(own.length > 0 && { isOwn: true }),
    ...(publishers > count && { sharing: publishers }),
  };
}

function unsigned(hearing: Hearing): Outcome {
  const { coverages, strangers, input } = hearing;
  // Whatever strangers may have stated, a rule does not accept it as an answer.
  if (coverages.length > 0) return unsignedFor(hearing);
  // The chain does hold something under this name, and that could be this content.
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
