import { DaoChainError, throwIfCancelled } from '../../../src/core/errors';
import type { Digest } from '../../../src/core/image/digest';
import type { ImageIdentity } from '../../../src/core/image/identity';
import { parsePlatformText } from '../../../src/core/image/platform';
import type { ImageReference } from '../../../src/core/image/reference';
import { formatReference } from '../../../src/core/image/reference';
import type { FakeEngine } from './fakeEngine';
import type { FakeRegistry } from './fakeRegistry';
import type { ContainerEngine, ImageTransfer, TransferProgress } from '../../../src/core/ports/engine';

type OnProgress = (progress: TransferProgress) => void;

/** Moves images between a fake engine and a fake registry. */
export class FakeTransfer implements ImageTransfer {
  /** `pull NAME`, `tag NAME` and `push NAME`, in the order of the calls. */
  readonly calls: string[] = [];
  /** What the layers hold, where they are not those of the config that the registry serves. */
  layersOf: (identity: ImageIdentity) => ImageIdentity = (identity) => identity;
  /** What gets into the registry in place of what was pushed. */
  pushedInstead: ImageIdentity | undefined;

  readonly #pulled = new Map<Digest, { readonly identity: ImageIdentity; readonly repoDigests: readonly string[] }>();

  constructor(
    private readonly engine: FakeEngine,
    private readonly registry: FakeRegistry,
  ) {}

  /** The engine with its transfers, as the services take it. */
  get port(): Pick<ContainerEngine, 'list' | 'inspect' | 'readIdentity'> & ImageTransfer {
    const { engine } = this;
    return {
      list: () => engine.list(),
      inspect: (name) => engine.inspect(name),
      readIdentity: (name) => engine.readIdentity(name),
      pull: (...parameters) => this.pull(...parameters),
      tag: (image, reference) => this.tag(image, reference),
      push: (...parameters) => this.push(...parameters),
    };
  }

  async pull(
    reference: ImageReference,
    platform: string | undefined,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<void> {
    const name = formatReference(reference);
    this.calls.push(`pull ${name}${platform === undefined ? '' : ` ${platform}`}`);
    throwIfCancelled(signal);
    const wanted = parsePlatformText(platform ?? 'linux/amd64') ?? 'all';
    const { images } = await this.registry.read(reference, wanted, signal);
    const [served] = images;
    if (served === undefined) throw new DaoChainError('pullFailed', 'no matching manifest');
    onProgress({ phase: 'downloading', done: 1, total: 1 });
    const isKept = this.engine.store === 'containerd';
    // The classic store keeps no manifest: it makes the layers what the config says.
    const { manifestDigest, indexDigest, ...content } = this.layersOf({ ...served, source: 'bytes' });
    const digests = { ...(manifestDigest && { manifestDigest }), ...(indexDigest && { indexDigest }) };
    const identity = { ...content, ...(isKept && digests) };
    const id = isKept ? reference.digest : identity.configDigest;
    const stored = { identity, origin: 'registry' as const, repoDigests: [name], ...(id && { id }) };
    this.#pulled.set(this.engine.add(undefined, identity, stored), stored);
  }

  async tag(image: string, reference: ImageReference): Promise<void> {
    this.calls.push(`tag ${formatReference(reference)}`);
    const { id } = await this.engine.inspect(image);
    const stored = this.#pulled.get(id);
    if (stored === undefined) throw new DaoChainError('imageNotFound', 'it was not pulled');
    this.engine.add(formatReference(reference), stored.identity, stored);
  }

  async push(reference: ImageReference, signal: AbortSignal, onProgress: OnProgress): Promise<{ digest: Digest }> {
    const name = formatReference(reference);
    this.calls.push(`push ${name}`);
    throwIfCancelled(signal);
    const { digest } = this.registry.push(name, this.pushedInstead ?? (await this.engine.readIdentity(name)));
    onProgress({ phase: 'pushing', done: 1, total: 1 });
    return { digest };
  }
}
