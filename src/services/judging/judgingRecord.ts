import { compose, type ComposedInput } from '../../core/judging/composition';
import type { Verdict } from '../../core/judging/verdict';
import type { Asked } from '../../core/judging/why';
import type { Evidence } from './evidence';
import type { ImageAnswer, JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import type { FoundReference } from './referenceJudge';
import type { ImageName } from '../../core/image/imageNames';

/** One judging, kept so that it can be explained. */
export interface JudgingRecord {
  readonly judged: ImageAnswer;
  /** What the final verdict was composed of. */
  readonly input: ComposedInput;
  readonly asked: Asked;
  /** The verdict if something were different. Engine, registry and ledgers are taken as they were found. */
  readonly suppose: (suppose: (given: ComposedInput) => ComposedInput) => Promise<Verdict>;
}

/** What a reference is judged by; the query alone where its text is no reference. */
export type FoundSides =
  | {
      readonly query: ImageQuery;
      readonly each: FoundReference;
      readonly names: readonly [ImageName, ...ImageName[]];
      /** Set where there could be more names, and none was found. */
      readonly unread?: Evidence['unread'];
      readonly spoken: NonNullable<Evidence['spoken']>;
    }
  | { readonly query: ImageQuery; readonly each?: undefined; readonly names?: undefined };

/** Judges as `judgeBy` does, watching, and keeps the way open to judge the same again under suppositions. */
export async function recordJudging(
  evidence: Evidence,
  askedFor: (judged: ImageAnswer) => Asked,
  judgeBy: (evidence: Evidence) => Promise<ImageAnswer>,
): Promise<JudgingRecord> {
  const inputs = new Map<Verdict, ComposedInput>();
  const judged = await judgeBy({
    ...evidence,
    judge: (input) => {
      const verdict = compose(input);
      inputs.set(verdict, input);
      return verdict;
    },
  });
  const input = inputs.get(judged.verdict);
  if (input === undefined) throw new RangeError('a verdict that is not the judge’s');
  return {
    judged,
    input,
    asked: askedFor(judged),
    suppose: async (suppose) => (await judgeBy({ ...evidence, judge: (given) => compose(suppose(given)) })).verdict,
  };
}

export function askedFor(found: FoundSides, { sources }: JudgingOptions): (judged: ImageAnswer) => Asked {
  return ({ verdict, local, registry, registryFailure }) => {
    if (found.each === undefined) return { engine: 'notAsked', registry: { unasked: 'noName' }, names: 1 };
    const { remote, unasked = 'noName' } = found.each;
    return {
      engine: sources === 'registry' ? 'notAsked' : engineAnswer(found.each),
      registry:
        registry ??
        (registryFailure !== undefined
          ? { failure: registryFailure }
          : remote !== undefined && 'malformed' in remote
            ? { malformed: remote.malformed }
            : { unasked }),
      ...(local !== undefined && local.verdict !== verdict && { local: local.verdict }),
      names: found.names.length,
    };
  };
}

function engineAnswer({ local: { image } }: FoundReference): Asked['engine'] {
  if ('identity' in image) return 'found';
  if (image.missing === 'malformedImage') return 'malformed';
  return image.missing === 'engine' ? 'silent' : 'absent';
}
