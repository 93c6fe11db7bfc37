import { Emitter, type Event } from '../../../src/core/emitter';
import { DaoChainError } from '../../../src/core/errors';
import { isDigest, sha256Digest, type Digest } from '../../../src/core/image/digest';
import { identityFromConfig } from '../../../src/core/image/fingerprint';
import type { ImageIdentity, Platform } from '../../../src/core/image/identity';
import { formatReference, parseReference, withDefaultTag } from '../../../src/core/image/reference';
import type {
  ContainerEngine,
  EngineEndpoint,
  EngineEvent,
  EngineSnapshot,
  ImageStore,
  InspectedImage,
} from '../../../src/core/ports/engine';

export interface FakeImageOptions {
  readonly env?: readonly string[];
  /** `linux/amd64` unless given. */
  readonly platform?: string;
  readonly healthcheck?: readonly string[];
}

/** The identity, from its config's own bytes, of an image whose one layer is named for its content. */
export function imageOf(
  content: string,
  { env = [], platform = 'linux/amd64', healthcheck }: FakeImageOptions = {},
): ImageIdentity {
  const [os, architecture, variant] = platform.split('/');
  const config = {
    ...{ os, architecture, variant },
    config: { Env: env, ...(healthcheck && { Healthcheck: { Test: healthcheck } }) },
    rootfs: { type: 'layers', diff_ids: [sha256Digest(new TextEncoder().encode(content))] },
  };
  return identityFromConfig(new TextEncoder().encode(JSON.stringify(config)));
}

interface Stored {
  identity: ImageIdentity;
  origin: InspectedImage['origin'];
  repoDigests: readonly string[];
}

/** An engine in memory. Images have the ID of the classic store, the digest of their config, unless another is given. */
export class FakeEngine implements ContainerEngine {
  readonly #events = new Emitter<EngineEvent>();
  readonly #images = new Map<Digest, Stored>();
  readonly #tags = new Map<string, Digest>();
  store: ImageStore = 'classic';
  architecture = 'amd64';
  host = 'unix:///fake.sock';
  /** `list`, `inspect NAME` and `read NAME`, in the order of the calls. */
  calls: string[] = [];
  isDown = false;
  /** Runs before each answer. */
  beforeAnswer: (call: string) => Promise<void> | void = () => undefined;
  /** Runs when an image was looked up, before that is answered. */
  beforeInspected: () => void = () => undefined;
  /** Fails a call by what it returns. */
  failure: (call: string) => DaoChainError | undefined = () => undefined;
  /** What the engine makes of an image when it prints it. */
  print: (identity: ImageIdentity) => ImageIdentity = (identity) => identity;

  readonly onEvent: Event<EngineEvent> = (listener) => this.#events.event(listener);

  platform(): Promise<Platform> {
    if (this.isDown) return Promise.reject(new DaoChainError('engineUnavailable', 'connection refused'));
    return Promise.resolve({ os: 'linux', architecture: this.architecture });
  }

  get isListenedTo(): boolean {
    return this.#events.hasListeners;
  }

  fire(event: EngineEvent): void {
    this.#events.fire(event);
  }

  /** The image has the tag from now on, as after a build. */
  add(tag: string | undefined, identity: ImageIdentity, stored: Partial<Stored> & { id?: Digest } = {}): Digest {
    const { id = identity.configDigest, origin = 'local', repoDigests = [] } = stored;
    if (id === undefined) throw new RangeError('an image has an ID');
    this.#images.set(id, { identity, origin, repoDigests });
    if (tag !== undefined) this.#tags.set(tag, id);
    return id;
  }

  remove(id: Digest): void {
    this.#images.delete(id);
    for (const [tag, each] of this.#tags) if (each === id) this.#tags.delete(tag);
  }

  endpoint(): Promise<EngineEndpoint> {
    return Promise.resolve({ host: this.host, origin: 'default' });
  }

  async list(): Promise<EngineSnapshot> {
    await this.#answer('list');
    const tags = new Map<Digest, string[]>();
    for (const [tag, id] of this.#tags) tags.set(id, [...(tags.get(id) ?? []), tag]);
    const images = [...this.#images].map(([id, { repoDigests }]) => ({
      id,
      tags: tags.get(id) ?? [],
      repoDigests,
      created: 0,
      size: 1,
    }));
    return { store: this.store, images };
  }

  async inspect(image: string): Promise<InspectedImage> {
    await this.#answer(`inspect ${image}`);
    const { id, identity, origin, repoDigests } = this.#find(image);
    this.beforeInspected();
    const { configSize, configDigest, ...printed } = this.print(identity);
    if (configSize === undefined) throw new RangeError('an engine has the bytes');
    return {
      id,
      origin,
      repoDigests,
      identity: { ...printed, source: 'inspect', ...(configDigest && this.store === 'classic' && { configDigest }) },
    };
  }

  async readIdentity(image: string): Promise<ImageIdentity> {
    await this.#answer(`read ${image}`);
    return this.#find(image).identity;
  }

  build(): Promise<void> {
    return Promise.reject(new Error('this engine does not build'));
  }

  #find(image: string): Stored & { readonly id: Digest } {
    const byDigest = [...this.#images].find(([, { repoDigests }]) =>
      repoDigests.some((each) => isPinned(image, each)),
    )?.[0];
    const byName = [...this.#tags].find(([tag]) => nameOf(tag) === nameOf(image))?.[1];
    const id = isDigest(image) ? image : (byDigest ?? byName);
    const stored = id && this.#images.get(id);
    if (id === undefined || stored === undefined)
      throw new DaoChainError('imageNotFound', 'No such image', { details: { image } });
    return { id, ...stored };
  }

  async #answer(call: string): Promise<void> {
    this.calls.push(call);
    await this.beforeAnswer(call);
    if (this.isDown) throw new DaoChainError('engineUnavailable', 'connection refused');
    const failure = this.failure(call);
    if (failure !== undefined) throw failure;
  }
}

function nameOf(text: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(text)));
  } catch {
    return text;
  }
}

/** `repository:tag@digest` is what has the digest; the tag counts for nothing. */
function isPinned(image: string, repoDigest: string): boolean {
  const [name = '', digest] = image.split('@');
  return digest !== undefined && repoDigest === `${name.replace(/:[^/:]*$/, '')}@${digest}`;
}
