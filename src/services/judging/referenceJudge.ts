import { isUnsettledByLayers } from '../../core/judging/verdict';
import type { Digest } from '../../core/image/digest';
import type { ImageIdentity } from '../../core/image/identity';
import { briefPlatform, formatPlatform, isTakenFor, samePlatform } from '../../core/image/platform';
import { tryParseReference, type ImageReference } from '../../core/image/reference';
import { pinned } from '../../core/judging/pinned';
import type { Verdict } from '../../core/judging/verdict';
import type { Unasked } from '../../core/judging/why';
import { worse } from '../../core/judging/worse';
import { builtOn } from '../../core/image/builderPlatform';
import type { AskedPlatforms, FetchedPlatform } from './askedPlatform';
import type { EngineImage } from './engineImages';
import { noEngineImage } from './engineImages';
import type { Evidence, LedgerEvidence } from './evidence';
import { contentsOf, coverageOf, decidingOf, historiesOf } from './evidence';
import { nameOf, type ImageName } from '../../core/image/imageNames';
import type { EngineImageParts } from './engineImageJudge';
import { judgeEngineImage } from './engineImageJudge';
import type { ImageAnswer, JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import { formatName } from './ledgerReadings';
import type { RegistryAnswer, RegistryReadings } from './registryReadings';
import { everyPlatform } from '../../core/judging/imageAnswer';
import type { ImageUnderJudgement } from '../../core/judging/judgeInput';
import { judgeImage } from './judgeImage';
import type { HeldImage, RegistryImage } from '../../core/ports/registry';

interface ReferenceJudgeParts extends EngineImageParts {
  readonly registries: RegistryReadings;
}

/** What engine and registry have under a reference. */
export interface FoundReference {
  readonly query: ImageQuery;
  readonly reference: ImageReference;
  /** What would be fetched; undefined where the query names none that there is, or where only the engine is asked. */
  readonly platform: FetchedPlatform | undefined;
  /** How it was asked for, so that no image of another stands for it; absent where it is whatever the engine's own is. */
  readonly named?: string;
  readonly local: EngineImage;
  /** Undefined where the registry was not asked. */
  readonly remote: RegistryAnswer | undefined;
  /** Why it was not. */
  readonly unasked?: Unasked;
}

/** One of the images that a registry serves for a platform. */
interface Served {
  readonly identity: ImageIdentity;
  readonly verdict: Verdict;
}

type Names = readonly [ImageName, ...ImageName[]];

/** Finds and judges what the engine and the registry have under references. */
export class ReferenceJudge {
  constructor(private readonly parts: ReferenceJudgeParts) {}

  /** With what is known to have been written about references that no rule covers. */
  async spoken(
    evidence: Evidence,
    references: readonly ImageReference[],
    signal: AbortSignal,
  ): Promise<Evidence & Required<Pick<Evidence, 'spoken'>>> {
    const { readings } = this.parts;
    const uncovered = references.filter(({ repository }) => coverageOf(evidence, repository).length === 0);
    const spoken = new Set(await readings.spoken(uncovered.filter((each) => !isByDigest(each)).map(nameOf), signal));
    for (const { repository, digest } of uncovered.filter(isByDigest)) {
      if (digest === undefined) continue;
      const { names } = await readings.namesStating(evidence, repository, [digest], signal);
      if (names.length > 0) spoken.add(`${repository}@${digest}`);
    }
    return { ...readings.withView(evidence), spoken };
  }

  /**
   * Names under which a reference is judged. A digest without a tag is judged under each name of its repository that states
   * the content, or the digest itself; names that accepted publishers use come before those of strangers, who may use any.
   */
  async namesOf(
    evidence: Evidence,
    found: FoundReference,
    signal: AbortSignal,
  ): Promise<{ readonly names: Names; readonly unread?: Evidence['unread'] }> {
    const { reference } = found;
    const { repository, digest } = reference;
    const own = nameOf(reference);
    if (
      !isByDigest(reference) ||
      digest === undefined ||
      !decides(evidence, repository, ({ view }) => view !== undefined)
    )
      return { names: [own] };
    const digests = identitiesOf(found).flatMap(({ configDigest, manifestDigest, indexDigest, fingerprint }) =>
      [configDigest, manifestDigest, indexDigest, fingerprint].filter((each) => each !== undefined),
    );
    const { readings } = this.parts;
    const { names, unread } = await readings.namesStating(evidence, repository, [digest, ...digests], signal);
    return { names: [own, ...names], unread };
  }

  /** `evidence` tell where an answer can matter; `platforms` which platform is meant. */
  async find(
    evidence: Evidence,
    query: ImageQuery,
    reference: ImageReference,
    { sources = 'both' }: JudgingOptions,
    platforms: AskedPlatforms,
    signal: AbortSignal,
  ): Promise<FoundReference> {
    const { images, registries } = this.parts;
    const unasked = unaskedBecause(evidence, reference, sources);
    // What the engine has under a name is that, whatever would be fetched.
    const asked = platforms.textOf(query.platform, sources);
    const wanted = asked === undefined ? undefined : await platforms.read(asked);
    const named = asked === undefined || asked === builtOn ? {} : { named: asked };
    const found = { query, reference, platform: wanted, ...named, local: noEngineImage, remote: undefined };
    if (asked !== undefined && wanted === undefined) return { ...found, unasked: 'noPlatform' };

    const findLocal = async (): Promise<EngineImage> => {
      if (sources === 'registry') return noEngineImage;
      const local = await images.find(reference.text, signal);
      return isOfPlatform(local.image, wanted) ? local : noEngineImage;
    };
    if (unasked !== undefined) return { ...found, local: await findLocal(), unasked };
    const pinnedHere = reference.digest === undefined ? undefined : await findLocal();
    const platform = wanted ?? (await platforms.read(builtOn)) ?? 'any';
    // What the engine has by a digest is what the registry has by it, but of an index only one platform's image.
    if (pinnedHere !== undefined && isThere(pinnedHere) && isOfPlatform(pinnedHere.image, platform))
      return { ...found, platform, local: pinnedHere, unasked: 'digestHere' };
    const local = pinnedHere ?? (await findLocal());
    const fetched = platform === 'any' ? 'all' : platform;
    const remote = await registries.read(reference, fetched, signal, heldIn(local, reference));
    return { ...found, platform, local, remote };
  }

  async judge(
    evidence: Evidence,
    found: FoundReference,
    names: Names,
    signal: AbortSignal,
  ): Promise<Omit<ImageAnswer, keyof ImageQuery>> {
    const { reference, remote } = found;
    const local = await this.judgeLocal(evidence, found, names, signal);
    const answer = { reference, ...judgedFor(found), ...(local && { local: { verdict: local.verdict } }) };
    const judgeAbsent = (image: ImageUnderJudgement): Verdict =>
      judgeImage(evidence, names[0], canMatter(evidence, reference) ? image : { unread: true });

    if (remote === undefined) return { ...answer, verdict: local?.verdict ?? judgeAbsent(absentHere(found)) };
    if ('failure' in remote) {
      const { failure: registryFailure } = remote;
      const isEngineSilent = 'missing' in found.local.image && found.local.image.missing === 'engine';
      const absent = isEngineSilent ? found.local.image : ({ missing: 'registry', detail: registryFailure } as const);
      const unread = judgeAbsent(absent);
      if (local === undefined) return { ...answer, verdict: unread, registryFailure };
      // An image of another platform is not what would be fetched, so it does not stand for that.
      const verdict = isTakenHere(found) ? local.verdict : worse(local.verdict, unread);
      return { ...answer, verdict, registryFailure };
    }
    if ('malformed' in remote) {
      const verdict = judgeImage(evidence, names[0], { missing: 'malformedImage', detail: remote.malformed });
      return { ...answer, verdict: local === undefined ? verdict : worse(local.verdict, verdict) };
    }

    const { digest, isHeld } = remote.image;
    if (isHeld && local !== undefined) {
      return { ...answer, verdict: local.verdict, registry: { digest, verdict: local.verdict } };
    }
    const served = await this.judgeServed(evidence, found, remote.image, names, local);
    const [first, ...more] = served;
    if (first === undefined) {
      const verdict = judgeImage(evidence, names[0], absentHere({ ...found, local: noEngineImage }));
      return { ...answer, verdict: local?.verdict ?? verdict, registry: { digest, verdict } };
    }
    const verdict = more.reduce((worst, each) => worse(worst, each.verdict), first.verdict);
    const others = served.filter(({ identity }) => local === undefined || !isSameContent(local.found, identity));
    return {
      ...answer,
      verdict:
        local === undefined ? verdict : others.reduce((worst, each) => worse(worst, each.verdict), local.verdict),
      registry: { digest, verdict },
    };
  }

  /** Whatever the image is called, its bytes are read once. */
  private async judgeLocal(
    evidence: Evidence,
    { local }: FoundReference,
    [first, ...more]: Names,
    signal: AbortSignal,
  ): Promise<{ readonly found: EngineImage; readonly verdict: Verdict } | undefined> {
    if (!isThere(local)) return undefined;
    let { found, verdict } = await judgeEngineImage(evidence, first, local, this.parts, signal);
    const verdicts: [Verdict, ...Verdict[]] = [verdict];
    for (const name of more) {
      ({ found, verdict } = await judgeEngineImage(evidence, name, found, this.parts, signal));
      verdicts.push(verdict);
    }
    return { found, verdict: more.length === 0 ? verdict : pinned(verdicts) };
  }

  private async judgeServed(
    evidence: Evidence,
    { reference, platform, named }: FoundReference,
    { digest, isIndex, images }: RegistryImage,
    [first, ...more]: Names,
    local: { readonly found: EngineImage; readonly verdict: Verdict } | undefined,
  ): Promise<readonly Served[]> {
    const contents = await contentsOf(evidence, first, this.parts.contents);
    // A single image is taken by whatever machine asks, unless the platform was named.
    const isMeant = (isIndex || named !== undefined) && platform !== 'any';
    const knowledge = { contents, platform: isMeant ? platform : undefined };
    const served = images.map((identity): Served => {
      const judge = (name: ImageName): Verdict =>
        judgeImage(evidence, name, { identity, origin: 'registry' }, knowledge);
      return { identity, verdict: more.length === 0 ? judge(first) : pinned([judge(first), ...more.map(judge)]) };
    });

    if (local === undefined || !digestsIn(local.found, reference).includes(digest)) return served;
    const claims = served.filter(
      ({ identity, verdict }) => isUnsettledByLayers(verdict) && isSameContent(local.found, identity),
    );
    // Of several with one config, the engine does not tell which one it took.
    return served.map((each) =>
      claims.length === 1 && claims.includes(each) ? { ...each, verdict: local.verdict } : each,
    );
  }
}

/** What the engine's image and those of the registry are, as far as is known. */
export function identitiesOf({ local, remote }: FoundReference): readonly ImageIdentity[] {
  return [
    ...('identity' in local.image ? [local.image.identity] : []),
    ...(remote !== undefined && 'image' in remote ? remote.image.images : []),
  ];
}

function unaskedBecause(
  evidence: Evidence,
  reference: ImageReference,
  sources: JudgingOptions['sources'],
): Unasked | undefined {
  if (sources === 'registry') return undefined;
  if (sources === 'engine') return 'engineOnly';
  if (canMatter(evidence, reference)) return undefined;
  return isRead(evidence, reference.repository) ? 'cannotMatter' : 'ledgerUnread';
}

/** What nobody stated and no rule of the reader covers is unsigned, whatever it is; without the chain nothing is known. */
function canMatter(evidence: Evidence, reference: ImageReference): boolean {
  const { repository, digest } = reference;
  if (!isRead(evidence, repository)) return false;
  if (coverageOf(evidence, repository).length > 0) return true;
  if (isByDigest(reference)) return evidence.spoken?.has(`${repository}@${digest}`) === true;
  const name = nameOf(reference);
  return historiesOf(evidence, name).length > 0 || evidence.spoken?.has(formatName(name)) === true;
}

/** Whether the chain of a ledger was read that decides about a repository. */
function isRead(evidence: Evidence, repository: string): boolean {
  return decides(evidence, repository, ({ view }) => view?.head !== undefined);
}

function decides({ ledgers, rules }: Evidence, repository: string, is: (ledger: LedgerEvidence) => boolean): boolean {
  return decidingOf(ledgers, rules, repository).some(is);
}

/** Without a tag only a digest says which image is meant. */
function isByDigest({ tag, digest }: ImageReference): boolean {
  return tag === undefined && digest !== undefined;
}

/** The engine's image of a name may be another platform's, and then its verdict is not about the one that is asked for. */
function isOfPlatform(image: EngineImage['image'], wanted: FetchedPlatform | undefined): boolean {
  if (wanted === undefined || !('identity' in image)) return true;
  // Of an index the engine has one image, and any of the others could be meant.
  return wanted !== 'any' && samePlatform(image.identity.platform, wanted);
}

/** Whether the tools would take the engine's image of that name, and fetch nothing. */
function isTakenHere({ local: { image }, platform }: FoundReference): boolean {
  if (!('identity' in image) || platform === undefined) return true;
  return platform !== 'any' && isTakenFor(platform, image.identity.platform);
}

function judgedFor({ local: { image }, platform }: FoundReference): Pick<ImageAnswer, 'judgedFor'> {
  const own = 'identity' in image ? image.identity.platform : undefined;
  const meant = platform ?? own;
  if (meant === undefined) return {};
  return { judgedFor: meant === 'any' ? everyPlatform : formatPlatform(briefPlatform(meant)) };
}

/** By what digests the engine has pulled an image from the reference's repository, or pushed it there. */
function digestsIn({ repoDigests }: EngineImage, { repository }: ImageReference): readonly Digest[] {
  const named = repoDigests.flatMap((text) => tryParseReference(text) ?? []);
  return named.flatMap((each) => (each.repository === repository ? (each.digest ?? []) : []));
}

/** Only the classic store names the config, and it has made the layers what the config says. */
function heldIn(local: EngineImage, reference: ImageReference): HeldImage | undefined {
  const configDigest = 'identity' in local.image ? local.image.identity.configDigest : undefined;
  const manifestDigests = digestsIn(local, reference);
  return configDigest === undefined || manifestDigests.length === 0 ? undefined : { configDigest, manifestDigests };
}

function isThere({ id, image }: EngineImage): boolean {
  return id !== undefined || ('missing' in image && image.missing === 'malformedImage');
}

function absentHere({ named, platform, local }: FoundReference): ImageUnderJudgement {
  const isElsewhere = 'missing' in local.image && local.image.missing === 'image';
  if (!isElsewhere) return local.image;
  if (platform === undefined) return named === undefined ? local.image : { missing: 'platform', detail: named };
  const text = platform === 'any' ? named : formatPlatform(briefPlatform(platform));
  return text === undefined ? local.image : { missing: 'image', detail: text };
}

/** What the engine and a registry have is the same by the config's bytes, or by all that decides what would run. */
function isSameContent({ image }: EngineImage, served: ImageIdentity): boolean {
  if (!('identity' in image)) return false;
  const { configDigest, fingerprint, dockerFields } = image.identity;
  const isSameConfig = configDigest !== undefined && configDigest === served.configDigest;
  return isSameConfig || (fingerprint === served.fingerprint && dockerFields === served.dockerFields);
}
