import type { Digest } from './digest';

/** OCI image spec, "Image Index", platform object. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

/** The run-time fields of an image config that `fingerprint` covers, normalized (docs/fingerprint.md). */
export interface ImageContent {
  readonly platform: Platform;
  /** What the host must have, `win32k` for instance; only Windows images have it. */
  readonly osFeatures?: readonly string[];
  /**
   * Canonical JSON value of the pruned config members User, Env, Entrypoint, Cmd, WorkingDir, ExposedPorts, Volumes, Labels,
   * StopSignal, and of Windows images ArgsEscaped.
   */
  readonly config: Readonly<Record<string, unknown>>;
  readonly diffIds: readonly Digest[];
  /** Canonical JSON value of Healthcheck, Shell and OnBuild, pruned; the fields that OCI conversion drops. */
  readonly dockerFields: Readonly<Record<string, unknown>>;
}

/**
 * What one platform of an image is. `bytes`: computed from the config's own bytes by the strict parser, so
 * `configDigest` is known. `inspect`: from what the engine printed, which is enough for a match, never for a red verdict.
 * `registry`: from the config's own bytes too, but nobody has seen the layers: a registry can serve a signed config with
 * other layers, so only the digest of a manifest or of an index tells what a pull will bring.
 */
export interface ImageIdentity {
  readonly source: 'bytes' | 'inspect' | 'registry';
  readonly platform: Platform;
  readonly fingerprint: Digest;
  readonly dockerFields: Digest;
  readonly content: ImageContent;
  readonly configDigest?: Digest;
  /** Bytes of the config. Unknown with `source: 'inspect'`. */
  readonly configSize?: number;
  readonly manifestDigest?: Digest;
  readonly indexDigest?: Digest;
}

/**
 * Whether an image is known by its manifest, in a registry or in the containerd store. Nothing there has compared its
 * layers with the diff IDs of its config, so another manifest can have the config of a good image and other layers; the
 * classic store makes the layers what the config says before an image has its digest.
 */
export function isKnownByManifest({ manifestDigest, indexDigest }: ImageIdentity): boolean {
  return manifestDigest !== undefined || indexDigest !== undefined;
}
