import type { TrustRule } from '../trust/rules';
import type { ImageAnswer } from '../judging/imageAnswer';

/** What is tried: a rule more, or one less. Nothing is stored. */
export interface RuleTrial {
  readonly change: 'added' | 'removed';
  readonly rule: TrustRule;
}

/** The verdict on an image by the rules that there are, and by those that there would be. */
export interface TriedReference {
  readonly now: ImageAnswer;
  readonly then: ImageAnswer;
}
