import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Platform } from '../../core/image/identity';
import type { ImageReference } from '../../core/image/reference';
import { formatReference, withDefaultTag } from '../../core/image/reference';
import type { RegistryFailure } from '../../core/judging/verdict';
import { registryFailures } from '../../core/judging/verdict';
import { SharedTask } from '../../core/sharedTask';
import type { Clock } from '../../core/ports/clock';
import type { ContainerRegistry, HeldImage, RegistryImage } from '../../core/ports/registry';

/** What came of asking a registry. `malformed`: the reason why what it serves cannot be read. */
export type RegistryAnswer =
  { readonly image: RegistryImage } | { readonly failure: RegistryFailure } | { readonly malformed: string };

interface Reading {
  readonly task: SharedTask<never>;
  readonly at: number;
  answer: RegistryAnswer | undefined;
}

/** Failures count as answers, so that typing does not hammer a registry that is down. */
const freshMs = 60_000;

/** What registries say about names, each asked once a minute at most until it is forgotten. */
export class RegistryReadings {
  readonly #readings = new Map<string, Reading>();

  constructor(
    private readonly registry: ContainerRegistry,
    private readonly clock: Clock,
  ) {}

  /** `held`: what the engine holds of the repository, as far as it was pulled from there or pushed. */
  async read(
    reference: ImageReference,
    platform: Platform | 'all',
    signal: AbortSignal,
    held?: HeldImage,
  ): Promise<RegistryAnswer> {
    const named = withDefaultTag(reference);
    const key = `${keyOf(named)}${JSON.stringify([platform, held])}`;
    const known = this.#readings.get(key);
    const isKnown = known !== undefined && this.#isFresh(known);
    const reading = isKnown ? known : this.#begin(key, (asking) => this.registry.read(named, platform, asking, held));
    if (reading.answer === undefined) await reading.task.join(signal);
    if (reading.answer === undefined) throw new DaoChainError('cancelled', 'Cancelled');
    return reading.answer;
  }

  /** All that is known, or what is known of one reference. */
  forget(reference?: ImageReference): void {
    const start = reference === undefined ? '' : keyOf(withDefaultTag(reference));
    for (const key of this.#readings.keys()) if (key.startsWith(start)) this.#readings.delete(key);
  }

  #begin(key: string, ask: (signal: AbortSignal) => Promise<RegistryImage>): Reading {
    for (const [each, reading] of this.#readings) if (!this.#isFresh(reading)) this.#readings.delete(each);
    const task = new SharedTask<never>(async (signal) => {
      reading.answer = await answerOf(() => ask(signal));
    });
    const reading: Reading = { task, at: this.clock(), answer: undefined };
    this.#readings.set(key, reading);
    return reading;
  }

  /** After the clock was set back, nothing counts as fresh. */
  #isFresh({ at }: Reading): boolean {
    const age = this.clock() - at;
    return age >= 0 && age < freshMs;
  }
}

async function answerOf(read: () => Promise<RegistryImage>): Promise<RegistryAnswer> {
  try {
    return { image: await read() };
  } catch (error) {
    if (isDaoChainError(error, 'imageMalformed')) return { malformed: error.details['reason'] ?? '' };
    const failure = registryFailures.find((code) => isDaoChainError(error, code));
    if (failure === undefined) throw error;
    return { failure };
  }
}

/** No reference holds a space. */
function keyOf(reference: ImageReference): string {
  return `${formatReference(reference)} `;
}
