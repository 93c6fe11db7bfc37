import type { ImageQuery, ImageAnswer } from '../core/judging/imageAnswer';

/** What is known about a reference. `failed`: the host did not answer, or not in a form that is understood. */
export type Answer =
  | { readonly state: 'judged'; readonly image: ImageAnswer }
  | { readonly state: 'waiting' }
  | { readonly state: 'failed' };

/** Answers at once with what is known at that moment. */
export type AnswerOf = (query: ImageQuery) => Answer;
