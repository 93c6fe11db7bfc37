import type { PublisherId } from '../../core/ledger/types';
import type { Change } from '../../core/judging/suppositions';
import { suppositionsOf } from '../../core/judging/suppositions';
import type { Why } from '../../core/judging/why';
import { whyOf } from '../../core/judging/why';
import type { ImageAnswer, JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import type { OrganizationNames } from '../organizations/organizationNames';
import type { VerificationService } from './verificationService';

export interface Explanation {
  readonly judged: ImageAnswer;
  readonly why: Why;
  /** What the organizations in it call themselves. */
  readonly names: ReadonlyMap<PublisherId, string>;
}

interface WhyParts {
  readonly verification: Pick<VerificationService, 'reason'>;
  readonly names: OrganizationNames;
}

/** Explains verdicts: judges once to see what it rests on, and once more for each thing that could be otherwise. */
export class WhyService {
  constructor(private readonly parts: WhyParts) {}

  /** On a reference, or on one image by its ID. `imageNotFound` for an ID that the engine does not have. */
  async explain(query: ImageQuery, signal: AbortSignal, options: JudgingOptions = {}): Promise<Explanation> {
    const { judged, input, asked, suppose } = await this.parts.verification.reason(query, signal, options);
    const tried: Change[] = [];
    for (const each of suppositionsOf(input)) {
      tried.push({ supposed: each.supposed, then: await suppose(each.suppose) });
    }
    const why = whyOf({ input, verdict: judged.verdict, asked, tried });
    return { judged, why, names: await this.parts.names.read(publishersOf(why), signal) };
  }
}

function publishersOf({ sources, histories, changes }: Why): readonly PublisherId[] {
  return [
    ...sources.flatMap(({ deciding }) => deciding.flatMap(({ rule }) => rule.publishers)),
    ...histories.map(({ publisher }) => publisher),
    ...changes.flatMap(({ supposed }) => {
      if ('publisher' in supposed) return supposed.publisher;
      return 'publishers' in supposed ? supposed.publishers : [];
    }),
  ];
}
