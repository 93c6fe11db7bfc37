import { DaoChainError } from '../../../src/core/errors';
import type { Digest } from '../../../src/core/image/digest';
import { sha256Digest } from '../../../src/core/image/digest';
import type { ImageIdentity, Platform } from '../../../src/core/image/identity';
import { samePlatform } from '../../../src/core/image/platform';
import type { ImageReference } from '../../../src/core/image/reference';
import { formatReference, parseReference, withDefaultTag } from '../../../src/core/image/reference';
import type { ContainerRegistry, HeldImage, Referrer, RegistryImage } from '../../../src/core/ports/registry';

/** The digest of the manifest of an image; another `compression` of its layers makes another manifest. */
export function manifestOf(identity: ImageIdentity, compression = 'gzip'): Digest {
  return sha256Digest(new TextEncoder().encode(`${identity.configDigest ?? ''} ${compression}`));
}

/** A registry in memory. */
export class FakeRegistry implements ContainerRegistry {
  readonly #tags = new Map<string, RegistryImage>();
  readonly #digests = new Map<string, RegistryImage>();
  /** `read NAME` and `referrers NAME`, in the order of the calls. */
  calls: string[] = [];
  /** Runs before each answer. */
  beforeAnswer: (call: string) => Promise<void> | void = () => undefined;
  /** Fails a call by what it returns. */
  failure: (call: string) => DaoChainError | undefined = () => undefined;

  /** Whether an index offers an image for a platform. */
  offers: (image: ImageIdentity, platform: Platform) => boolean = (image, platform) =>
    samePlatform(image.platform, platform);

  /** The tag names this one image from now on. */
  push(name: string, identity: ImageIdentity, compression?: string): RegistryImage {
    const manifestDigest = manifestOf(identity, compression);
    const image = { ...identity, source: 'registry' as const, manifestDigest };
    return this.#put(name, { digest: manifestDigest, isIndex: false, images: [image] });
  }

  /** The tag names an index of these images from now on. */
  pushIndex(name: string, identities: readonly ImageIdentity[], compression?: string): RegistryImage {
    const manifests = identities.map((identity) => manifestOf(identity, compression));
    const indexDigest = sha256Digest(new TextEncoder().encode(JSON.stringify(manifests)));
    const images = identities.map((identity) => ({
      ...identity,
      source: 'registry' as const,
      manifestDigest: manifestOf(identity, compression),
      indexDigest,
    }));
    return this.#put(name, { digest: indexDigest, isIndex: true, images });
  }

  remove(name: string): void {
    this.#tags.delete(nameOf(parseReference(name)));
  }

  async read(
    reference: ImageReference,
    platform: Platform | 'all',
    signal: AbortSignal,
    held?: HeldImage,
  ): Promise<RegistryImage> {
    const call = `read ${formatReference(reference)}`;
    await this.#answer(call, signal);
    const { repository, digest } = reference;
    const found =
      digest === undefined ? this.#tags.get(nameOf(reference)) : this.#digests.get(`${repository}@${digest}`);
    if (found === undefined) {
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image: formatReference(reference) } });
    }
    const isHeld = ({ manifestDigest, configDigest }: ImageIdentity): boolean =>
      held?.configDigest === configDigest && held?.manifestDigests.some((each) => each === manifestDigest) === true;
    if (!found.isIndex && found.images.every(isHeld)) return { ...found, images: [], isHeld: true };
    if (platform === 'all' || !found.isIndex) return found;
    return { ...found, images: found.images.filter((image) => this.offers(image, platform)) };
  }

  async referrers(reference: ImageReference, _subject: Digest, signal: AbortSignal): Promise<readonly Referrer[]> {
    await this.#answer(`referrers ${formatReference(reference)}`, signal);
    return [];
  }

  #put(name: string, image: RegistryImage): RegistryImage {
    const reference = parseReference(name);
    this.#tags.set(nameOf(reference), image);
    this.#digests.set(`${reference.repository}@${image.digest}`, image);
    return image;
  }

  async #answer(call: string, signal: AbortSignal): Promise<void> {
    this.calls.push(call);
    await this.beforeAnswer(call);
    if (signal.aborted) throw new DaoChainError('cancelled', 'Cancelled');
    const failure = this.failure(call);
    if (failure !== undefined) throw failure;
  }
}

function nameOf(reference: ImageReference): string {
  return formatReference(withDefaultTag(reference));
}
