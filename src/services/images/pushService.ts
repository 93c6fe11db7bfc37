import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Digest } from '../../core/image/digest';
import type { ImageIdentity } from '../../core/image/identity';
import type { ImageReference } from '../../core/image/reference';
import { formatReference, parseReference, withDefaultTag } from '../../core/image/reference';
import type { RegistryFailure } from '../../core/judging/verdict';
import { registryFailures } from '../../core/judging/verdict';
import type { ContainerEngine, ImageTransfer, TransferProgress } from '../../core/ports/engine';
import type { ContainerRegistry, RegistryImage } from '../../core/ports/registry';

interface PushPorts {
  readonly engine: Pick<ContainerEngine, 'inspect' | 'readIdentity'> & Pick<ImageTransfer, 'push'>;
  readonly registry: ContainerRegistry;
}

export interface PushOutcome {
  /** Of what the registry took: a manifest or an index. */
  readonly digest: Digest;
  /** Set where the registry could not be read afterwards, so that nobody has seen what it has now. */
  readonly registryFailure?: RegistryFailure;
}

/** Pushes an image, then checks that the registry has exactly that image. */
export class PushService {
  constructor(private readonly ports: PushPorts) {}

  /**
   * `invalidInput` for a name with a digest, the errors of `ImageTransfer.push`, and `pushFailed` with `details.reason`
   * `registryDiffers` where the registry has something else under the digest that the engine says it took.
   */
  async push(
    reference: ImageReference,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<PushOutcome> {
    const { text, repository } = reference;
    const named = withDefaultTag(reference);
    if (named.digest !== undefined)
      throw new DaoChainError('invalidInput', 'A digest cannot be pushed to', { details: { text } });
    const { engine, registry } = this.ports;
    const { id, identity } = await engine.inspect(text, signal);
    const { digest } = await engine.push(named, signal, onProgress);
    let served: RegistryImage;
    try {
      served = await registry.read(parseReference(formatReference({ repository, digest })), 'all', signal);
    } catch (error) {
      if (isDaoChainError(error, 'imageNotFound', 'imageMalformed')) throw differs(reference, error);
      const registryFailure = registryFailures.find((code) => isDaoChainError(error, code));
      if (registryFailure === undefined) throw error;
      return { digest, registryFailure };
    }
    // Of an index of which it has only one image, an engine pushes that one; which it is only the bytes tell.
    const isSame = isSameImage(identity, served) || isSameImage(await engine.readIdentity(id, signal), served);
    if (!isSame) throw differs(reference);
    return { digest };
  }
}

function isSameImage(local: ImageIdentity, { digest, isIndex, images }: RegistryImage): boolean {
  if (digest === local.indexDigest || digest === local.manifestDigest) return true;
  const [image, ...more] = images;
  const isOne = !isIndex && image !== undefined && more.length === 0;
  return isOne && local.configDigest !== undefined && image.configDigest === local.configDigest;
}

function differs({ text: image, registry }: ImageReference, cause?: unknown): DaoChainError {
  const details = { image, registry, reason: 'registryDiffers' };
  return new DaoChainError('pushFailed', 'The registry does not have what was pushed', { details, cause });
}
