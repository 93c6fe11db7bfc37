import type { PublisherId } from '../../core/ledger/types';
import { inputsOf, supposedEverywhere, supposedOn } from '../../core/judging/composition';
import type { Change, Supposed } from '../../core/judging/suppositions';
import { suppositionsOf } from '../../core/judging/suppositions';
import type { Why } from '../../core/judging/why';
import { whyOf } from '../../core/judging/why';
import type { ImageAnswer, JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import type { FollowedLedgers } from '../ledger/ledger';
import type { OrganizationNames } from '../organizations/organizationNames';
import type { VerificationService } from './verificationService';

interface ExplainedLedger {
  readonly why: Why;
  /** What the organizations in it call themselves. */
  readonly names: ReadonlyMap<PublisherId, string>;
  /** The host whose word is all that there is. */
  readonly reportedBy: string | undefined;
}

/** By the ledger that decided, and `others` that rules name too. */
export interface Explanation extends ExplainedLedger {
  readonly judged: ImageAnswer;
  readonly others: readonly ExplainedLedger[];
}

interface WhyParts {
  readonly verification: Pick<VerificationService, 'reason'>;
  readonly names: OrganizationNames;
  readonly followed: Pick<FollowedLedgers, 'all'>;
}

/** Explains verdicts: judges once to see what it rests on, and once more for each thing that could be otherwise. */
export class WhyService {
  constructor(private readonly parts: WhyParts) {}

  /** On a reference, or on one image by its ID. `imageNotFound` for an ID that the engine does not have. */
  async explain(query: ImageQuery, signal: AbortSignal, options: JudgingOptions = {}): Promise<Explanation> {
    const { judged, input, asked, suppose } = await this.parts.verification.reason(query, signal, options);
    const { verdict } = judged;
    const whys: Why[] = [];
    for (const heard of inputsOf(input)) {
      const tried: Change[] = [];
      for (const { supposed, suppose: change } of suppositionsOf(heard)) {
        const everything = isOfEverything(supposed)
          ? supposedEverywhere(change)
          : supposedOn(heard.view.ledger, change);
        tried.push({ supposed, then: await suppose(everything) });
      }
      whys.push(whyOf({ input: heard, verdict, asked, tried }));
    }
    // The ledger that decided is told first.
    const [why, ...others] = whys.sort(
      (a, b) => Number(b.ledger === verdict.ledger) - Number(a.ledger === verdict.ledger),
    );
    if (why === undefined) throw new RangeError('a verdict of no ledger');
    const explained = async (each: Why): Promise<ExplainedLedger> => ({
      why: each,
      names: await this.parts.names.read(publishersOf(each), signal, each.ledger),
      reportedBy: this.parts.followed.all.find(({ ledger }) => ledger === each.ledger)?.reportedBy,
    });
    return { judged, ...(await explained(why)), others: await Promise.all(others.map(explained)) };
  }
}

/** The time and the image are the same on every ledger. */
function isOfEverything({ what }: Supposed): boolean {
  return what === 'later' || what === 'layersCompared';
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
