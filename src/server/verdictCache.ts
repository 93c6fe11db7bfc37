import * as v from 'valibot';
import { verifiedImageSchema, verifyImagesResultSchema, type VerifiedImage } from '../protocol/verifyImages';

/** What is known about a reference. `failed`: the host did not answer, or not in a form that is understood. */
export type Answer =
  | { readonly state: 'judged'; readonly image: VerifiedImage }
  | { readonly state: 'waiting' }
  | { readonly state: 'failed' };

/** One question to the host. What it answers is checked here; rejects when the host fails or the signal is aborted. */
export type AskHost = (references: readonly string[], signal: AbortSignal) => Promise<unknown>;

interface Question {
  readonly references: ReadonlySet<string>;
  readonly generation: number;
  readonly controller: AbortController;
}

interface Known {
  readonly answer: Answer;
  readonly generation: number;
}

export interface VerdictCacheTiming {
  /** How long typing must rest before names in it are asked about. */
  readonly typingMs: number;
  /** After this long without an answer it counts as failed. */
  readonly answerMs: number;
}

/**
 * The verdicts on what the open documents name, asked for in the background: `get` answers at once with what is known.
 * Each reference is asked about once for all documents, until verdicts change. A question that no document has any
 * more is withdrawn.
 */
export class VerdictCache {
  readonly #known = new Map<string, Known>();
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  readonly #questions = new Set<Question>();
  #generation = 0;
  #typing: NodeJS.Timeout | undefined;

  constructor(
    private readonly askHost: AskHost,
    private readonly onDidChange: () => void,
    private readonly timing: VerdictCacheTiming = { typingMs: 150, answerMs: 60_000 },
  ) {}

  /** An outdated answer stands until the new one is there, so that nothing flickers; but an outdated green does not. */
  get(reference: string): Answer {
    const known = this.#known.get(reference);
    if (known === undefined) return { state: 'waiting' };
    const { answer, generation } = known;
    const isGreen = answer.state === 'judged' && answer.image.verdict.kind === 'verified';
    return isGreen && generation !== this.#generation ? { state: 'waiting' } : answer;
  }

  /** A document now names these. What failed before is asked again. */
  want(uri: string, references: readonly string[]): void {
    const opened = !this.#wanted.has(uri);
    this.#wanted.set(uri, new Set(references));
    for (const reference of references) {
      if (this.#known.get(reference)?.answer.state === 'failed') this.#known.delete(reference);
    }
    this.withdraw();
    clearTimeout(this.#typing);
    if (opened) this.ask();
    else
      this.#typing = setTimeout(() => {
        this.ask();
      }, this.timing.typingMs);
  }

  /** A document is closed. */
  forget(uri: string): void {
    this.#wanted.delete(uri);
    this.withdraw();
  }

  /** The host's verdicts may have changed. */
  invalidate(): void {
    this.#generation += 1;
    const wanted = this.wanted();
    for (const reference of this.#known.keys()) if (!wanted.has(reference)) this.#known.delete(reference);
    this.ask();
  }

  dispose(): void {
    clearTimeout(this.#typing);
    for (const { controller } of this.#questions) controller.abort();
  }

  private wanted(): ReadonlySet<string> {
    return new Set([...this.#wanted.values()].flatMap((references) => [...references]));
  }

  private ask(): void {
    const asked = [...this.#questions];
    const references = [...this.wanted()].filter(
      (reference) =>
        this.#known.get(reference)?.generation !== this.#generation &&
        !asked.some((question) => question.references.has(reference)),
    );
    if (references.length > 0) void this.answer(references);
  }

  private async answer(references: readonly string[]): Promise<void> {
    const question = {
      references: new Set(references),
      generation: this.#generation,
      controller: new AbortController(),
    };
    this.#questions.add(question);
    const { signal } = question.controller;
    const result = await this.askHost(
      references,
      AbortSignal.any([signal, AbortSignal.timeout(this.timing.answerMs)]),
    ).then(parseAnswer, () => new Map<string, VerifiedImage>());
    this.#questions.delete(question);
    if (signal.aborted) return;
    for (const reference of references) {
      const image = result.get(reference);
      this.#known.set(reference, {
        answer: image === undefined ? { state: 'failed' } : { state: 'judged', image },
        generation: question.generation,
      });
    }
    this.onDidChange();
    // Verdicts may have changed while the host was busy: what it said stands for the moment.
    this.ask();
  }

  private withdraw(): void {
    const wanted = this.wanted();
    for (const question of this.#questions) {
      if ([...question.references].some((reference) => wanted.has(reference))) continue;
      this.#questions.delete(question);
      question.controller.abort();
    }
  }
}

/** By reference; without those that are missing or not understood. */
function parseAnswer(answer: unknown): ReadonlyMap<string, VerifiedImage> {
  const list = v.safeParse(verifyImagesResultSchema, answer);
  const images = (list.success ? list.output.images : []).map((image) => v.safeParse(verifiedImageSchema, image));
  return new Map(images.flatMap((image) => (image.success ? [[image.output.text, image.output]] : [])));
}
