import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { isDigest, type Digest } from '../../core/image/digest';
import { failed } from './connection';
import { messageLines } from './messageLines';
import type { TransferProgress } from '../../core/ports/engine';

/** A message of `POST /images/create` and `POST /images/{name}/push`. Counts are bytes unless `units` says otherwise. */
const words = v.optional(v.fallback(v.optional(v.string()), undefined));
const count = v.optional(v.fallback(v.optional(v.number()), undefined));
const messageSchema = v.object({
  id: words,
  status: v.optional(v.fallback(v.string(), ''), ''),
  progressDetail: v.optional(
    v.fallback(v.optional(v.object({ current: count, total: count, units: words })), undefined),
  ),
  /** Whatever it holds, it failed. */
  errorDetail: v.nullish(v.fallback(v.object({ message: v.string() }), { message: '' })),
  /** The same in words alone; deprecated. */
  error: words,
  aux: v.optional(v.fallback(v.optional(v.object({ Digest: words })), undefined)),
});
type Message = v.InferOutput<typeof messageSchema>;

interface TransferOptions {
  readonly direction: 'pull' | 'push';
  /** Milliseconds without a message until the transfer is given up: an engine may wait for a registry without end. */
  readonly stallMs: number;
  /** The error for what the engine says, or for a transfer that does not go on. */
  readonly failure: (words: string | undefined) => Error;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** Follows a pull or a push to its end. Gives the digest that a registry took, where the engine says one. */
export async function followTransfer(
  body: IncomingMessage,
  { direction, stallMs, failure, onProgress }: TransferOptions,
): Promise<Digest | undefined> {
  body.setTimeout(stallMs, () => {
    body.destroy(failure(undefined));
  });
  const layers = new Layers(direction);
  let digest: Digest | undefined;
  for await (const each of messageLines(body)) {
    const parsed = v.safeParse(messageSchema, each);
    if (!parsed.success) throw failed('answerUnexpected', `A ${direction}: ${v.summarize(parsed.issues)}`);
    const message = parsed.output;
    const words = message.errorDetail?.message ?? message.error;
    if (words !== undefined) throw failure(words);
    digest = digestOf(message) ?? digest;
    if (layers.note(message)) onProgress(layers.progress());
  }
  return digest;
}

/** The classic store says it in `aux` too, which in the containerd store is about other things. */
function digestOf({ status, aux }: Message): Digest | undefined {
  const said = aux?.Digest ?? /: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(status)?.[1];
  return said !== undefined && isDigest(said) ? said : undefined;
}

interface Layer {
  /** Bytes; 0 as long as it is not known, and where a layer is so small that nothing was counted. */
  readonly total: number;
  readonly moved: number;
  readonly extracted: number;
  readonly isHere: boolean;
}

const unknownLayer: Layer = { total: 0, moved: 0, extracted: 0, isHere: false };

/** Sums bytes over the layers of one transfer. */
class Layers {
  readonly #layers = new Map<string, Layer>();

  constructor(private readonly direction: TransferOptions['direction']) {}

  /** True when something has changed. */
  note({ id, status, progressDetail }: Message): boolean {
    if (id === undefined) return false;
    const layer = this.#layers.get(id);
    const changes = changesOf(status, layer ?? unknownLayer, progressDetail);
    if (changes === undefined) return false;
    this.#layers.set(id, { ...(layer ?? unknownLayer), ...changes });
    return true;
  }

  progress(): TransferProgress {
    const layers = [...this.#layers.values()];
    const sum = (of: (layer: Layer) => number): number => layers.reduce((bytes, layer) => bytes + of(layer), 0);
    const total = sum((layer) => layer.total);
    const moved = sum((layer) => layer.moved);
    if (this.direction === 'push') return { phase: 'pushing', done: moved, total };
    return layers.every(({ isHere }) => isHere)
      ? { phase: 'extracting', done: sum((layer) => layer.extracted), total }
      : { phase: 'downloading', done: moved, total };
  }
}

/** What a message says of a layer; undefined where it is about none, or says nothing that is counted. */
function changesOf(status: string, layer: Layer, detail: Message['progressDetail']): Partial<Layer> | undefined {
  const { total = layer.total, current = 0, units } = detail ?? {};
  // Engines count what a layer is wrapped in too, and then say more than there is. The containerd store extracts in seconds.
  const bytes = units === undefined ? Math.min(current, total) : 0;
  switch (status) {
    case 'Pulling fs layer':
      return {};
    case 'Downloading':
    case 'Pushing':
      return { total, moved: bytes };
    case 'Download complete':
      return { moved: layer.total, isHere: true };
    case 'Extracting':
      return { total, moved: total, extracted: bytes, isHere: true };
    case 'Pull complete':
    case 'Already exists':
      return { moved: layer.total, extracted: layer.total, isHere: true };
    case 'Pushed':
      return { moved: layer.total };
    default:
      return undefined;
  }
}
