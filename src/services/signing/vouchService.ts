import { DaoChainError, isDaoChainError, throwIfCancelled } from '../../core/errors';
import type { Digest } from '../../core/image/digest';
import { builtOn } from '../../core/image/builderPlatform';
import type { ImageIdentity } from '../../core/image/identity';
import { samePlatform } from '../../core/image/platform';
import type { ImageReference } from '../../core/image/reference';
import { formatReference } from '../../core/image/reference';
import type { PlatformPorts } from '../judging/askedPlatform';
import { AskedPlatforms } from '../judging/askedPlatform';
import { digestedReference } from './signableReference';
import type { PlanOptions, SigningService, VouchSubject } from './signingService';
import type { PlannedFromRegistry, PlannedVouch, SigningPlan } from '../../core/plans/signingPlan';
import type { VerificationService } from '../judging/verificationService';
import type { ContainerEngine, InspectedImage } from '../../core/ports/engine';
import type { ContainerRegistry } from '../../core/ports/registry';

export interface VouchOptions extends PlanOptions {
  /** As `--platform`; that of the engine's image, else what the tools would fetch, unless given. */
  readonly platform?: string | undefined;
  /**
   * Whose image is meant; the engine's where it has one, unless given. `newest`: the engine's, unless that is vouched for
   * already, and then the registry's.
   */
  readonly source?: 'registry' | 'newest' | undefined;
}

interface VouchPorts extends PlatformPorts {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  readonly verification: Pick<VerificationService, 'judgeReferences'>;
  readonly signing: Pick<SigningService, 'planVouch'>;
}

/** An image that is asked for by name. */
interface Asked {
  /** With a tag and without a digest. */
  readonly reference: ImageReference;
  readonly expected: Digest | undefined;
  readonly platform: string | undefined;
}

const origins = { local: 'built', registry: 'pulled', unknown: 'unknown' } as const satisfies Readonly<
  Record<InspectedImage['origin'], PlannedVouch['origin']>
>;

/** Plans what a publisher says of images that somebody else made. What is signed is what was read and judged, and no more. */
export class VouchService {
  constructor(private readonly ports: VouchPorts) {}

  /**
   * Vouches for the image of one platform. `name` has a tag, and can have the digest that is meant. Rejects as
   * `SigningService.plan` and the registry do, with `imageChanged` where a registry shows another digest than the name.
   */
  async plan(name: string, options: VouchOptions, signal: AbortSignal): Promise<SigningPlan> {
    const { reference, expected } = digestedReference(name);
    const asked = { reference, expected, platform: options.platform };
    const here = options.source === 'registry' ? undefined : await this.inEngine(asked, signal);
    if (here !== undefined) {
      const plan = await this.ports.signing.planVouch(here, options, signal);
      const isOld = plan.images.every(({ change }) => change.type === 'same');
      if (options.source !== 'newest' || !isOld) return plan;
    }
    return this.ports.signing.planVouch(await this.inRegistry(asked, signal), options, signal);
  }

  private async inEngine(asked: Asked, signal: AbortSignal): Promise<VouchSubject | undefined> {
    const { reference, expected } = asked;
    const name = expected === undefined ? reference.text : byDigest(reference, expected);
    try {
      const { id, origin } = await this.ports.engine.inspect(name, signal);
      const identity = await this.ports.engine.readIdentity(id, signal);
      const wanted = asked.platform === undefined ? identity.platform : await this.platformOf(asked, signal);
      if (!samePlatform(identity.platform, wanted)) return undefined;
      const judged = await this.judge(asked, 'engine', signal);
      const isKnown = origin === 'local' || identity.manifestDigest !== undefined;
      const pulled = isKnown ? undefined : await this.pulledAs(asked, id, identity, signal);
      return {
        reference,
        identities: [{ ...identity, ...(pulled && { manifestDigest: pulled.manifestDigest }) }],
        // Under a digest nothing can move.
        imageId: expected === undefined ? id : undefined,
        registry: pulled?.registry,
        vouch: { origin: origins[origin], ...judged },
      };
    } catch (error) {
      throwIfCancelled(signal);
      if (!isDaoChainError(error, 'imageNotFound', 'engineUnavailable')) throw error;
      return undefined;
    }
  }

  private async inRegistry(asked: Asked, signal: AbortSignal): Promise<VouchSubject> {
    const { reference, expected } = asked;
    const platform = await this.platformOf(asked, signal);
    const { digest, isIndex, images } = await this.ports.registry.read(
      withDigest(reference, expected),
      platform,
      signal,
    );
    if (expected !== undefined && digest !== expected) throw changed(reference, digest);
    if (images.length === 0) throw absent(asked);
    const judged = await this.judge(asked, 'registry', signal, digest);
    const registry = shownBy(digest, isIndex, images, expected !== undefined);
    return { reference, identities: images, registry, vouch: { origin: 'registry', ...judged } };
  }

  /**
   * The digests in the registry of an image that the engine has pulled: those of a registry's answer that the engine knows
   * as this very image. Without them the content is vouched for all the same, as it is where several manifests have the
   * config: one of them alone was pulled.
   */
  private async pulledAs(
    { reference, expected }: Asked,
    id: Digest,
    { platform, configDigest }: ImageIdentity,
    signal: AbortSignal,
  ): Promise<{ readonly manifestDigest: Digest; readonly registry: PlannedFromRegistry } | undefined> {
    try {
      const shown = await this.ports.registry.read(withDigest(reference, expected), platform, signal);
      const [found, ...twins] = shown.images.filter((image) => image.configDigest === configDigest);
      if (found?.manifestDigest === undefined || twins.length > 0) return undefined;
      const known = await this.ports.engine.inspect(byDigest(reference, shown.digest), signal);
      if (known.id !== id) return undefined;
      return {
        manifestDigest: found.manifestDigest,
        registry: shownBy(shown.digest, shown.isIndex, [found], true),
      };
    } catch (error) {
      throwIfCancelled(signal);
      if (!isDaoChainError(error)) throw error;
      return undefined;
    }
  }

  private async judge(
    { reference, expected, platform }: Asked,
    sources: 'engine' | 'registry',
    signal: AbortSignal,
    seen?: Digest,
  ): Promise<Omit<PlannedVouch, 'origin'>> {
    const text = expected === undefined ? reference.text : `${formatReference(reference)}@${expected}`;
    const query = { text, ...(platform !== undefined && { platform }) };
    const [judged] = await this.ports.verification.judgeReferences([query], signal, { sources });
    if (judged === undefined) throw new RangeError('one reference has one verdict');
    if (seen !== undefined && judged.registry?.digest !== seen) throw changed(reference, judged.registry?.digest);
    const { verdict, lookAlike } = judged;
    return { verdict, ...(lookAlike && { lookAlike }) };
  }

  private async platformOf(asked: Asked, signal: AbortSignal): Promise<ImageIdentity['platform']> {
    const { engine, defaultPlatform } = this.ports;
    const text = asked.platform ?? defaultPlatform ?? builtOn;
    // Nobody vouches for what an engine only might run.
    if (text === builtOn) return engine.platform(signal);
    const wanted = await new AskedPlatforms(this.ports, signal).read(text);
    if (wanted === undefined || wanted === 'any') throw new DaoChainError('invalidInput', `Not a platform: ${text}`);
    return wanted;
  }
}

function shownBy(
  digest: Digest,
  isIndex: boolean,
  images: readonly ImageIdentity[],
  isExpected: boolean,
): PlannedFromRegistry {
  return { digest, isExpected, isIndex, platforms: images.map(({ platform }) => platform), unstated: [] };
}

function byDigest({ repository }: ImageReference, digest: Digest): string {
  return formatReference({ repository, digest });
}

function withDigest(reference: ImageReference, digest: Digest | undefined): ImageReference {
  return digest === undefined ? reference : { ...reference, digest };
}

function absent({ reference: { text, registry } }: Asked): DaoChainError {
  return new DaoChainError('imageNotFound', 'No image for this platform', { details: { image: text, registry } });
}

function changed({ text }: ImageReference, digest: Digest | undefined): DaoChainError {
  return new DaoChainError('imageChanged', `The registry shows ${digest ?? 'nothing'}`, { details: { image: text } });
}
