import { Emitter, type Disposable, type Event } from '../../core/emitter';
import { throwIfCancelled } from '../../core/errors';
import { isDigest } from '../../core/image/digest';
import type { Digest } from '../../core/image/digest';
import { tryParseReference, type ImageReference } from '../../core/image/reference';
import type { PublisherId } from '../../core/ledger/types';
import type { Verdict } from '../../core/judging/verdict';
import type { VerificationService } from '../judging/verificationService';
import type { Log } from '../../core/ports/log';
import type { ContainerEngine, EngineEvent } from '../../core/ports/engine';

interface BuildWatchPorts {
  readonly engine: Pick<ContainerEngine, 'list' | 'inspect' | 'onEvent'>;
  readonly verification: Pick<VerificationService, 'judgeReferences'>;
  /** Publishers that speak for the reader. */
  readonly ownPublishers: () => readonly PublisherId[];
  readonly log: Log;
}

/** An image that was just built here and is not signed yet. */
export interface BuiltImage {
  /** The first name that the build gave it. */
  readonly reference: ImageReference;
  readonly imageId: Digest;
}

/** The state from the first listener until the last one leaves. */
interface Watch {
  readonly stop: AbortController;
  /** IDs that a name was given before, or that came from elsewhere. Undefined as long as the engine was not asked. */
  known: Set<string> | undefined;
  /** The events are looked at one after the other. */
  queue: Promise<void>;
}

/**
 * Tells images that were built here and that their owner could sign, each once. Engines tell a build and `docker tag` in
 * the same words, so an image counts as built when its ID is new with its first name. Clocks are not asked: a build that can
 * be repeated has any date.
 */
export class BuildWatch {
  readonly #built = new Emitter<BuiltImage>();
  #following: Disposable | undefined;

  constructor(private readonly ports: BuildWatchPorts) {}

  /** As long as somebody listens, the engine's events are followed; otherwise nothing is. */
  readonly onDidBuild: Event<BuiltImage> = (listener) => {
    const listening = this.#built.event(listener);
    this.#following ??= this.#follow();
    return {
      dispose: () => {
        listening.dispose();
        if (this.#built.hasListeners) return;
        this.#following?.dispose();
        this.#following = undefined;
      },
    };
  };

  #follow(): Disposable {
    const watch: Watch = { stop: new AbortController(), known: undefined, queue: Promise.resolve() };
    const enqueue = (step: () => Promise<void>): void => {
      watch.queue = watch.queue.then(step).catch((error: unknown) => {
        this.ports.log.debug(`Watching for builds: ${String(error)}`);
      });
    };
    const events = this.ports.engine.onEvent((event) => {
      enqueue(() => this.#note(event, watch));
    });
    enqueue(() => this.#begin(watch));
    return {
      dispose: () => {
        events.dispose();
        watch.stop.abort();
      },
    };
  }

  /** What is there already was not built while anybody watched. */
  async #begin(watch: Watch): Promise<void> {
    const { images } = await this.ports.engine.list(watch.stop.signal);
    watch.known = new Set(images.map(({ id }) => id));
  }

  async #note(event: EngineEvent, watch: Watch): Promise<void> {
    const { signal } = watch.stop;
    if (signal.aborted) return;
    if (event.type !== 'image') {
      watch.known = undefined;
      if (event.type === 'available') await this.#begin(watch);
      return;
    }
    const { id, tagged, loaded } = event;
    const { known } = watch;
    if (known === undefined || id === undefined) return;
    if (!isDigest(id)) {
      // Of a pull and a push the name is told, of an image that came from elsewhere or has been offered.
      known.add((await this.ports.engine.inspect(id, signal)).id);
      return;
    }
    const isNew = !known.has(id);
    if (tagged !== undefined || loaded === true) known.add(id);
    if (tagged === undefined || !isNew) return;
    const reference = tryParseReference(tagged);
    if (reference === undefined || !(await this.#isToBeSigned(id, reference, signal))) return;
    throwIfCancelled(signal);
    this.#built.fire({ reference, imageId: id });
  }

  async #isToBeSigned(id: Digest, reference: ImageReference, signal: AbortSignal): Promise<boolean> {
    const { engine, verification } = this.ports;
    const image = await engine.inspect(reference.text, signal);
    // The name may have moved on meanwhile.
    if (image.id !== id || image.origin === 'registry') return false;
    const [judged] = await verification.judgeReferences([{ text: reference.text }], signal, { sources: 'engine' });
    return judged !== undefined && this.#isUnsigned(judged.verdict);
  }

  /** Also where the owner has signed other content under the name. */
  #isUnsigned(verdict: Verdict): boolean {
    if (verdict.kind === 'mismatch') return verdict.cause === 'rebuilt';
    if (verdict.kind === 'superseded') return this.ports.ownPublishers().includes(verdict.current.publisher);
    // The reader's own histories are always read; who else has signed a new image is no reason to wait.
    const isBeingRead =
      verdict.kind === 'unknown' && (verdict.missing === 'stillReading' || verdict.missing === 'strangersLeftOut');
    return isBeingRead || verdict.kind === 'unsigned';
  }
}
