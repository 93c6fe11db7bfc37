/** The container engine, and the images that it has and moves. */
import type { Digest } from '../image/digest';
import type { ImageIdentity, Platform } from '../image/identity';
import type { Event } from '../emitter';
import type { ImageReference } from '../image/reference';

export interface EngineEndpoint {
  /** `unix:///…`, `npipe:////./pipe/…`, `tcp://…` or `ssh://…`. */
  readonly host: string;
  /** Where it was found, as the docker CLI looks: environment, context, default; `setting` comes before all. */
  readonly origin: 'setting' | 'environment' | 'context' | 'default';
  readonly context?: string;
}

/** What an image ID is: the config digest (`classic`), or a manifest or index digest (`containerd`). */
export type ImageStore = 'classic' | 'containerd';

export interface LocalImage {
  /** What the engine prints as ID; display and engine calls only. */
  readonly id: Digest;
  /** `RepoTags` without `<none>` entries. */
  readonly tags: readonly string[];
  /** `RepoDigests` without `<none>` entries; no proof that a registry has them. */
  readonly repoDigests: readonly string[];
  /** Unix seconds. */
  readonly created: number;
  /** Bytes, as the engine counts them. */
  readonly size: number;
}

export interface EngineSnapshot {
  readonly store: ImageStore;
  readonly images: readonly LocalImage[];
}

export interface InspectedImage {
  readonly id: Digest;
  readonly identity: ImageIdentity;
  /** `local`: built or loaded here, never pulled or pushed as far as the engine says. */
  readonly origin: 'local' | 'registry' | 'unknown';
  /** As in `LocalImage`. */
  readonly repoDigests: readonly string[];
}

/**
 * `image`: something about images changed; of a pull and a push `id` is the name. `tagged` is the name that a build or `tag`
 * gave; a load (`loaded`) and a pull give names too, and do not say so. `available`: the engine answers again;
 * `unavailable`: it stopped.
 */
export type EngineEvent =
  | { readonly type: 'image'; readonly id?: string; readonly tagged?: string; readonly loaded?: true }
  | { readonly type: 'available' }
  | { readonly type: 'unavailable' };

export interface BuildRequest {
  /** Absolute paths. */
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly tag: string;
}

export interface ContainerEngine {
  endpoint(): Promise<EngineEndpoint>;
  /** For which it fetches where none is asked for; one `GET /version` for each connection, and at most one `GET /info`. */
  platform(signal: AbortSignal): Promise<Platform>;
  /** One `GET /images/json` (and one `GET /info` for each connection). */
  list(signal: AbortSignal): Promise<EngineSnapshot>;
  /** One `GET /images/{name}/json`. `imageNotFound` when there is none. */
  inspect(image: string, signal: AbortSignal): Promise<InspectedImage>;
  /**
   * Reads the `save` stream until the config's own bytes are there, checks every digest on the way to it, parses
   * strictly and stops reading. `imageMalformed` when the bytes are not acceptable or not what their name says.
   * `onProgress` counts bytes read.
   */
  readIdentity(image: string, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<ImageIdentity>;
  /** Builds with the engine's classic build API and reports its output lines. `buildFailed` with the last line. */
  build(request: BuildRequest, signal: AbortSignal, onOutput: (line: string) => void): Promise<void>;
  /** Follows the engine's events until disposed; reconnects with back-off. Without a listener there is no call at all. */
  readonly onEvent: Event<EngineEvent>;
}

/** Bytes over all layers. `total` grows while layers are found, and is 0 as long as none is known. */
export interface TransferProgress {
  readonly phase: 'downloading' | 'extracting' | 'pushing';
  readonly done: number;
  readonly total: number;
}

/** Moves images between the engine and registries; the engine does it, with the logins of Docker's configuration. */
export interface ImageTransfer {
  /**
   * `reference` has a digest, so that what was judged is what comes; the name gets no tag by it. `platform`: as
   * `--platform`, the engine's own unless given. `imageNotFound`, `registryDenied`, `pullFailed` with the engine's words.
   */
  pull(
    reference: ImageReference,
    platform: string | undefined,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<void>;
  /** `POST /images/{name}/tag`: `reference` has a tag and no digest. `imageNotFound`. */
  tag(image: string, reference: ImageReference, signal: AbortSignal): Promise<void>;
  /**
   * `reference` has a tag. Gives the digest that the engine says the registry took, of a manifest or of an index.
   * `imageNotFound`, `registryDenied`, `pushFailed` with the engine's words.
   */
  push(
    reference: ImageReference,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<{ readonly digest: Digest }>;
}
