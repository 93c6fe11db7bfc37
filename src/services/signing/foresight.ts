import type { Address } from '../../core/hex';
import { formatReference, parseReference } from '../../core/image/reference';
import { isContentName } from '../../core/ledger/contentName';
import { plannedHistories } from '../../core/ledger/planned';
import type { Entry, LedgerKey, PublisherId } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import { coveringRules, onLedger } from '../../core/trust/rules';
import { supposedOn } from '../../core/judging/composition';
import { supposeFinal } from '../../core/judging/suppositions';
import type { JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import type { LedgerSource } from '../ledger/ledger';
import type {
  Foreseen,
  PlannedEntry,
  PlannedImage,
  PlannedRevocation,
  RevocationPlan,
  SigningPlan,
} from '../../core/plans/signingPlan';
import type { OrganizationNames } from '../organizations/organizationNames';
import type { VerificationService } from '../judging/verificationService';
import type { RequestPlan } from '../../core/plans/requestPlan';

interface ForesightPorts {
  readonly verification: Pick<VerificationService, 'reason'>;
  readonly ledgers: LedgerSource;
  readonly names: Pick<OrganizationNames, 'read'>;
}

/** Tells of a plan what the reader's verdicts will be, by the one judge, before anything is signed. */
export class Foresight {
  constructor(private readonly ports: ForesightPorts) {}

  /** The plan with what becomes of each of its images. `ledgerInconsistent` and the like as for the plan itself. */
  async foretell<P extends SigningPlan | RevocationPlan>(plan: P, signal: AbortSignal): Promise<P> {
    const images: readonly (PlannedImage | PlannedRevocation)[] = plan.images;
    const asked = images.flatMap((image) => {
      const { reference, entry } = image;
      const judged = judgedAs(image);
      return judged === undefined ? [] : { reference, entry, ...judged };
    });
    return { ...plan, foreseen: await this.foresee(plan.entries, plan.signer, asked, signal) };
  }

  /**
   * The same of a request that is sent. Who made it names the images, so that only the engine is asked what they are, and
   * nothing is told of those that are not here.
   */
  async foretellRequest(plan: RequestPlan, signal: AbortSignal): Promise<RequestPlan> {
    const { request, entries } = plan.checked;
    const open = entries.flatMap(({ entry, state }) => (state === 'fresh' ? entry : []));
    const last = new Map(open.filter((entry) => !isContentName(entry)).map((entry) => [formatReference(entry), entry]));
    const asked = [...last].map(([text, entry]) => ({
      reference: parseReference(text),
      entry,
      query: { text },
      options: { sources: 'engine' } as const,
      onlyHere: true,
    }));
    return { ...plan, foreseen: await this.foresee(open, request.signer ?? plan.signer, asked, signal) };
  }

  private async foresee(
    entries: readonly Entry[],
    signer: Address,
    images: readonly AskedImage[],
    signal: AbortSignal,
  ): Promise<readonly Foreseen[]> {
    const { index } = await this.ports.ledgers.open();
    const view = index.view();
    const home = ledgerKey(view.ledger);
    const { head = { number: 0, time: 0 } } = view;
    const planned = plannedHistories(
      entries,
      ({ publisher, repository, tag }) =>
        view.historiesOf(repository, tag).find((history) => history.publisher === publisher),
      { signer, block: head.number + 1, time: head.time },
    );
    // What this machine signs is entered at home.
    const suppose = supposedOn(home, supposeFinal(planned, signer));
    const foreseen: Foreseen[] = [];
    for (const image of images) foreseen.push(...(await this.foreseeOne(image, home, suppose, signal)));
    return foreseen;
  }

  private async foreseeOne(
    { reference, entry, query, options, onlyHere = false }: AskedImage,
    home: LedgerKey,
    suppose: ReturnType<typeof supposedOn>,
    signal: AbortSignal,
  ): Promise<readonly Foreseen[]> {
    const { judged, input, suppose: judge } = await this.ports.verification.reason(query, signal, options);
    if (onlyHere && judged.local === undefined) return [];
    const deciding = onLedger(coveringRules(input.rules, reference.repository), home).flatMap(({ rules }) => rules);
    const fitting = deciding.filter(({ accept }) => entry.kind === 'revoke' || accept === entry.kind);
    const named: readonly PublisherId[] = [...new Set(fitting.flatMap(({ publishers }) => publishers))];
    const names = await this.ports.names.read(named, signal);
    return [{ reference, now: judged.verdict, then: await judge(suppose), named, names }];
  }
}

interface AskedImage extends Pick<PlannedEntry, 'reference' | 'entry'> {
  readonly query: ImageQuery;
  readonly options: JudgingOptions;
  /** Nothing is told of it where the engine does not have it. */
  readonly onlyHere?: boolean;
}

/** The image that a plan is about, as the reader has it; undefined where it has no name to be judged by. */
function judgedAs(image: PlannedImage | PlannedRevocation): Pick<AskedImage, 'query' | 'options'> | undefined {
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
