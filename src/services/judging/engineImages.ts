import pLimit from 'p-limit';
import { isDaoChainError } from '../../core/errors';
import { isDigest } from '../../core/image/digest';
import type { ImageUnderJudgement } from '../../core/judging/judgeInput';
import type { ContainerEngine } from '../../core/ports/engine';

/** An image that was looked for; `id` is absent when the engine has none of that name or did not answer. */
export interface EngineImage {
  readonly id: string | undefined;
  readonly image: Exclude<ImageUnderJudgement, { readonly unread: unknown }>;
  /** Repositories that it was pulled from or pushed to, each with a digest, as the engine says. */
  readonly repoDigests: readonly string[];
}

export const noEngineImage: EngineImage = absent({ missing: 'image' });

/** As many as the engine answers side by side without slowing down. */
const inspectsAtOnce = 8;
/** Each reads a `save` stream, which keeps the engine's disk busy. */
const byteReadsAtOnce = 2;

/**
 * What the engine's images are, by ID, for as long as the engine is listened to and says nothing about them: an ID can
 * name an index whose image for this machine changes.
 */
export class EngineImages {
  /** The map is replaced and never emptied, so that an answer to an earlier question is not stored in the new one. */
  #known = new Map<string, EngineImage>();
  readonly #inspects = pLimit(inspectsAtOnce);
  readonly #byteReads = pLimit(byteReadsAtOnce);

  constructor(private readonly engine: ContainerEngine) {}

  /** By what the engine prints, or by the bytes where they have been read. */
  async find(nameOrId: string, signal: AbortSignal): Promise<EngineImage> {
    const known = this.#known;
    const found = known.get(nameOrId);
    if (found !== undefined) return found;
    try {
      const { id, identity, origin, repoDigests } = await this.#inspects(() => this.engine.inspect(nameOrId, signal));
      const image = this.#known.get(id) ?? { id, image: { identity, origin }, repoDigests };
      if (known === this.#known) known.set(id, image);
      return image;
    } catch (error) {
      return absent(missingBecauseOf(error));
    }
  }

  /** By its own bytes. Read by ID, because a name could have moved to another image meanwhile. */
  async read(found: EngineImage, signal: AbortSignal): Promise<EngineImage> {
    const { id, image } = found;
    if (id === undefined || !isPrinted(image)) return found;
    const known = this.#known;
    const already = known.get(id);
    if (already !== undefined && !isPrinted(already.image)) return already;
    let read: EngineImage['image'];
    try {
      const identity = await this.#byteReads(() => this.engine.readIdentity(id, signal));
      read = { identity, origin: image.origin };
    } catch (error) {
      read = missingBecauseOf(error);
      if (read.missing !== 'malformedImage') return { ...found, image: read };
    }
    const answer = { ...found, image: read };
    if (known === this.#known) known.set(id, answer);
    return answer;
  }

  /** Of a pull the engine says the name and no ID; then it could be any image. */
  forget(id?: string): void {
    const others = id !== undefined && isDigest(id) ? [...this.#known].filter(([each]) => each !== id) : [];
    this.#known = new Map(others);
  }
}

/** Whether all that is known of an image is what the engine prints. */
function isPrinted(
  image: EngineImage['image'],
): image is Extract<EngineImage['image'], { readonly identity: unknown }> {
  return 'identity' in image && image.identity.source !== 'bytes';
}

function absent(image: Extract<ImageUnderJudgement, { readonly missing: unknown }>): EngineImage {
  return { id: undefined, image, repoDigests: [] };
}

/** An image that cannot be read must not look like one that nobody has signed. */
function missingBecauseOf(error: unknown): Extract<ImageUnderJudgement, { readonly missing: unknown }> {
  if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
  if (error.code === 'imageMalformed') return { missing: 'malformedImage', detail: error.details['reason'] ?? '' };
  return error.code === 'imageNotFound' ? { missing: 'image' } : { missing: 'engine', detail: error.message };
}
