/** Registries, as far as they are read. */
import type { Digest } from '../image/digest';
import type { ImageIdentity, Platform } from '../image/identity';
import type { ImageReference } from '../image/reference';

/** What a registry has under a reference. */
export interface RegistryImage {
  /** Of the bytes that the reference names: an image index, or the manifest of one platform. */
  readonly digest: Digest;
  readonly isIndex: boolean;
  /**
   * The images that were asked for, each with all of its digests. Of an index, what an engine could choose for a
   * platform can be several; empty where it has none for it.
   */
  readonly images: readonly ImageIdentity[];
  /** The manifest is one of the image that the reader holds already; `images` is empty then. */
  readonly isHeld?: true;
}

/** An image that an engine holds, and the manifests by which it was pulled from a repository or pushed there. */
export interface HeldImage {
  readonly configDigest: Digest;
  readonly manifestDigests: readonly Digest[];
}

/** A login from Docker's configuration. A secret: never logged, never stored. */
export interface RegistryLogin {
  /** Never without a password. */
  readonly username?: string;
  readonly password?: string;
  /** What a token server changes into a token for reading. */
  readonly identityToken?: string;
  /** A token that the registry itself takes. */
  readonly registryToken?: string;
}

/** Logins as the docker command finds them: DOCKER_AUTH_CONFIG, `credHelpers`, `credsStore`, `auths`. */
export interface RegistryLogins {
  /**
   * `registry` and `path` as in a canonical reference. Undefined where nobody logged in; rejects with `registryLogin` when a
   * helper fails or what is written for the registry cannot be read.
   */
  find(registry: string, signal: AbortSignal, path?: string): Promise<RegistryLogin | undefined>;
}

/** OCI distribution spec, "Listing Referrers". */
export interface Referrer {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Reads registries and writes nothing. Every byte is compared with its digest, sizes and times are bounded, and no host is
 * asked that a file could have named without its reader's consent. Rejects with `registryUnavailable`,
 * `registryCertificate`, `registryWebPage`, `registryRefused` and `registryPlainHttp` (by those rules), `registryDenied`, `registryLogin`, `registryBusy` (with `details.seconds` to wait, where the registry says so),
 * `registryOff`, `imageNotFound`, `imageMalformed`.
 */
export interface ContainerRegistry {
  /**
   * By digest where the reference has one, else by its tag: one `HEAD`, then one `GET` for each manifest, index and
   * config that was not read before. `all`: every image of an index. Where one of the manifests of `held` is named, with
   * its config, nothing more is read.
   */
  read(
    reference: ImageReference,
    platform: Platform | 'all',
    signal: AbortSignal,
    held?: HeldImage,
  ): Promise<RegistryImage>;
  /** Manifests whose `subject` is this one: by the referrers API, else by the tag that the spec falls back to. */
  referrers(reference: ImageReference, subject: Digest, signal: AbortSignal): Promise<readonly Referrer[]>;
}
