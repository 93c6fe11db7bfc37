import { formatReference } from '../core/image/reference';
import { plannedHistories } from '../core/ledger/planned';
import type { PublisherId } from '../core/ledger/types';
import { coveringRules } from '../core/trust/rules';
import { supposeFinal, type Suppose } from '../core/trust/suppositions';
import type { JudgingOptions, ReferenceQuery } from './judgedImage';
import type { LedgerSource } from './ledger';
import type {
  Foreseen,
  PlannedEntry,
  PlannedImage,
  PlannedRevocation,
  RevocationPlan,
  SigningPlan,
} from './signingTypes';
import type { VerificationService } from './verificationService';

interface ForesightPorts {
  readonly verification: Pick<VerificationService, 'reason'>;
  readonly ledgers: LedgerSource;
}

/** Tells of a plan what the reader's verdicts will be, by the one judge, before anything is signed. */
export class Foresight {
  constructor(private readonly ports: ForesightPorts) {}

  /** The plan with what becomes of each of its images. `ledgerInconsistent` and the like as for the plan itself. */
  async foretell<P extends SigningPlan | RevocationPlan>(plan: P, signal: AbortSignal): Promise<P> {
    const { index } = await this.ports.ledgers.open();
    const view = index.view();
    const { head = { number: 0, time: 0 } } = view;
    const place = { signer: plan.signer, block: head.number + 1, time: head.time };
    const planned = plannedHistories(
      plan.entries,
      ({ publisher, repository, tag }) =>
        view.historiesOf(repository, tag).find((history) => history.publisher === publisher),
      place,
    );
    const suppose = supposeFinal(planned, plan.signer);
    const images: readonly (PlannedImage | PlannedRevocation)[] = plan.images;
    const foreseen: Foreseen[] = [];
    for (const image of images) {
      const asked = judgedAs(image);
      if (asked !== undefined) foreseen.push(await this.foresee(image, asked, suppose, signal));
    }
    return { ...plan, foreseen };
  }

  private async foresee(
    { reference, entry }: PlannedEntry,
    { query, options }: AskedImage,
    suppose: Suppose,
    signal: AbortSignal,
  ): Promise<Foreseen> {
    const { judged, input, suppose: judge } = await this.ports.verification.reason(query, signal, options);
    const { rules, view } = input;
    const deciding = coveringRules(rules, reference.repository, view.ledger).flatMap((coverage) => coverage.rules);
    const fitting = deciding.filter(({ accept }) => entry.kind === 'revoke' || accept === entry.kind);
    const named: readonly PublisherId[] = [...new Set(fitting.flatMap(({ publishers }) => publishers))];
    return { reference, now: judged.verdict, then: await judge(suppose), named };
  }
}

interface AskedImage {
  readonly query: ReferenceQuery;
  readonly options: JudgingOptions;
}

/** The image that a plan is about, as the reader has it; undefined where it has no name to be judged by. */
function judgedAs(image: PlannedImage | PlannedRevocation): AskedImage | undefined {
  const text = formatReference(image.reference);
  if (image.imageId !== undefined || 'revocation' in image) return { query: { text }, options: { sources: 'engine' } };
  if (image.registry === undefined) return undefined;
  const { digest } = image.registry;
  const isOne = !image.platform.includes(', ');
  return {
    query: { text: `${text}@${digest}`, ...(isOne && { platform: image.platform }) },
    options: { sources: 'registry' },
  };
}
