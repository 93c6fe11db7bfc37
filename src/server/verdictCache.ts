import * as v from 'valibot';
import type { Answer } from '../buildFiles/answer';
import type { ImageAnswer, ImageQuery } from '../core/judging/imageAnswer';
import { imageAnswerSchema, verifyImagesResultSchema, type VerifyImagesParams } from '../protocol/verifyImages';

/** One question to the host. What it answers is checked here; rejects when the host fails or the signal is aborted. */
export type AskHost = (params: VerifyImagesParams, signal: AbortSignal) => Promise<unknown>;

/** A query where it stands: in another folder other rules may count. */
interface PlacedQuery {
  readonly folder: string;
  readonly query: ImageQuery;
}

interface Question {
  readonly keys: ReadonlySet<string>;
  readonly generation: number;
  readonly controller: AbortController;
}

interface Known {
  readonly answer: Answer;
  readonly generation: number;
}

/** As many images of one document are asked about; a file of a stranger can name more than anybody could judge. */
const mostQueries = 500;

export interface VerdictCacheTiming {
  /** How long typing must rest before names in it are asked about. */
  readonly typingMs: number;
  /** After this long without an answer it counts as failed. */
  readonly answerMs: number;
}

/**
 * The verdicts on what the open documents name, asked for in the background: `get` answers at once with what is known.
 * Each query is asked once for all documents of a folder, until verdicts change. A question that no document has any more is
 * withdrawn. What nobody asks has failed: it would wait for ever.
 */
export class VerdictCache {
  readonly #known = new Map<string, Known>();
  readonly #wanted = new Map<string, ReadonlyMap<string, PlacedQuery>>();
  readonly #questions = new Set<Question>();
  #generation = 0;
  #typing: NodeJS.Timeout | undefined;

  constructor(
    private readonly askHost: AskHost,
    private readonly onDidChange: () => void,
    private readonly timing: VerdictCacheTiming = { typingMs: 150, answerMs: 60_000 },
  ) {}

  /** An outdated answer stands until the new one is there, so that nothing flickers; but an outdated green does not. */
  get(uri: string, query: ImageQuery): Answer {
    const key = keyOf(folderOf(uri), query);
    if (![...this.#wanted.values()].some((wanted) => wanted.has(key))) return { state: 'failed' };
    const known = this.#known.get(key);
    if (known === undefined) return { state: 'waiting' };
    const { answer, generation } = known;
    const isGreen = answer.state === 'judged' && answer.image.verdict.kind === 'verified';
    return isGreen && generation !== this.#generation ? { state: 'waiting' } : answer;
  }

  /** A document now names these; the first of them are asked about. What failed before is asked again. */
  want(uri: string, queries: readonly ImageQuery[]): void {
    const opened = !this.#wanted.has(uri);
    const wanted = new Map([...byKey(folderOf(uri), queries)].slice(0, mostQueries));
    this.#wanted.set(uri, wanted);
    for (const key of wanted.keys()) {
      if (this.#known.get(key)?.answer.state === 'failed') this.#known.delete(key);
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
    for (const key of this.#known.keys()) if (!wanted.has(key)) this.#known.delete(key);
    this.ask();
  }

  dispose(): void {
    clearTimeout(this.#typing);
    for (const { controller } of this.#questions) controller.abort();
  }

  private wanted(): ReadonlyMap<string, PlacedQuery> {
    return new Map([...this.#wanted.values()].flatMap((queries) => [...queries]));
  }

  private ask(): void {
    const asked = [...this.#questions];
    const due = [...this.wanted()].filter(
      ([key]) =>
        this.#known.get(key)?.generation !== this.#generation && !asked.some((question) => question.keys.has(key)),
    );
    for (const folder of new Set(due.map(([, placed]) => placed.folder))) {
      const here = due.filter(([, placed]) => placed.folder === folder);
      void this.answer(folder, new Map(here.map(([key, { query }]) => [key, query])));
    }
  }

  private async answer(folder: string, queries: ReadonlyMap<string, ImageQuery>): Promise<void> {
    const question = {
      keys: new Set(queries.keys()),
      generation: this.#generation,
      controller: new AbortController(),
    };
    this.#questions.add(question);
    const { signal } = question.controller;
    const result = await this.askHost(
      { folder, queries: [...queries.values()] },
      AbortSignal.any([signal, AbortSignal.timeout(this.timing.answerMs)]),
    ).then(
      (answer) => parseAnswer(folder, answer),
      () => new Map<string, ImageAnswer>(),
    );
    this.#questions.delete(question);
    if (signal.aborted) return;
    for (const key of queries.keys()) {
      const image = result.get(key);
      this.#known.set(key, {
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
      if ([...question.keys].some((key) => wanted.has(key))) continue;
      this.#questions.delete(question);
      question.controller.abort();
    }
  }
}

/** Its URI, without a slash at its end; empty for a document that is in none. */
export function folderOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf('/')));
}

function keyOf(folder: string, { text, platform }: ImageQuery): string {
  return JSON.stringify([folder, text, platform ?? null]);
}

function byKey(folder: string, queries: readonly ImageQuery[]): ReadonlyMap<string, PlacedQuery> {
  return new Map(queries.map((query) => [keyOf(folder, query), { folder, query }]));
}

/** By key; without those that are missing or not understood. */
function parseAnswer(folder: string, answer: unknown): ReadonlyMap<string, ImageAnswer> {
  const list = v.safeParse(verifyImagesResultSchema, answer);
  const images = (list.success ? list.output.images : []).map((image) => v.safeParse(imageAnswerSchema, image));
  return new Map(images.flatMap((image) => (image.success ? [[keyOf(folder, image.output), image.output]] : [])));
}
