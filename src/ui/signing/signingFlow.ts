import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { walletPublisher, type Address } from '../../core/hex';
import { isRed } from '../../core/judging/verdict';
import type { PublisherId } from '../../core/ledger/types';
import { foreseenText, isWordTaken, unseenLayersText, vouchWarning } from '../../words/planText';
import type { Foresight } from '../../services/signing/foresight';
import type { OrganizationService } from '../../services/organizations/organizationService';
import type { PlanOptions, RevocationOptions, SigningService } from '../../services/signing/signingService';
import type { RevocationPlan, SigningPlan } from '../../core/plans/signingPlan';
import type { VouchOptions, VouchService } from '../../services/signing/vouchService';
import type { OwnWallet } from '../account/ownWallet';
import { outsideOf } from '../../core/ledger/signerScope';
import { speakersOf, type Speaker } from '../organizations/ownSpeakers';
import { choose } from '../prompts/steps';
import type { Settings } from '../settings';
import { ownWordOf, type TrustPrompts } from '../trust/trustPrompts';
import { confirmationLines, statementRevocationLines, type Circumstances, type ConfirmationLine } from './confirmation';
import { confirmPlan } from './confirmPlan';
import type { TransactionFlow } from './transactionFlow';
import { sentences } from '../../words/listText';

interface SigningParts {
  readonly signing: SigningService;
  readonly vouches: VouchService;
  readonly foresight: Foresight;
  readonly organizations: Pick<OrganizationService, 'mine'>;
  readonly settings: Pick<Settings, 'defaultPublisher'>;
  readonly transactionFlow: TransactionFlow;
  readonly trust: TrustPrompts;
}

/** What is said about images, from the plan to what a person is told in the end. */
interface ImageStory<P extends SigningPlan | RevocationPlan> {
  readonly title: string;
  makePlan(options: PlanOptions, signal: AbortSignal, onProgress: (done: number, of: number) => void): Promise<P>;
  lines(plan: P, circumstances: Circumstances): readonly ConfirmationLine[];
  /** While it is on its way. */
  doing(plan: P): string;
  done(plan: P): string;
  /** Asks before all of the plan is shown. `cancelled`. */
  before?(plan: P): Promise<void>;
  /** Means the registry's image from now on. */
  switchSource?(): void;
  onSent?(plan: P): Promise<void>;
}

/** From images to signatures that are final. Nothing is sent before the user has seen the plan. */
export class SigningFlow {
  constructor(private readonly parts: SigningParts) {}

  /** `cancelled`, and whatever keeps the images from being signed. */
  sign(names: readonly string[], wallet: OwnWallet): Promise<void> {
    return this.publish(wallet, (options, signal, onProgress) =>
      this.parts.signing.plan(names, options, signal, onProgress),
    );
  }

  /** Adds to a release what the registry has it under; `name` can have the digest that was pushed. As {@link sign}. */
  complete(name: string, wallet: OwnWallet): Promise<void> {
    return this.publish(wallet, (options, signal) => this.parts.signing.planCompletion(name, options, signal));
  }

  /** Signs the release that a registry has, such as an index that was built there; else as {@link complete}. */
  signFromRegistry(name: string, wallet: OwnWallet): Promise<void> {
    return this.publish(wallet, (options, signal) => this.parts.signing.planFromRegistry(name, options, signal));
  }

  /** Vouches for somebody else's image. What speaks against it is said before anything else. As {@link sign}. */
  vouch(
    name: string,
    { source, platform, title }: Pick<VouchOptions, 'source' | 'platform'> & { readonly title: string },
    wallet: OwnWallet,
  ): Promise<void> {
    let meant = source;
    let heeded: string | undefined;
    return this.say(wallet, {
      title,
      makePlan: (options, signal) => this.parts.vouches.plan(name, { ...options, platform, source: meant }, signal),
      lines: (plan, circumstances) => confirmationLines(plan, circumstances, l10n),
      before: async (plan) => {
        const warnings = plan.images.flatMap(
          (image) => vouchWarning(image, l10n) ?? unseenLayersText(image, l10n) ?? [],
        );
        const text = warnings.join('\n\n');
        if (text !== '' && text !== heeded) await heed(text);
        heeded = text;
      },
      switchSource: () => {
        meant = 'registry';
      },
      doing: ({ images: [first] }) => l10n.t('Vouching for {0}', first?.reference.text ?? name),
      done: ({ images: [first] }) => l10n.t('Vouched for {0}.', first?.reference.text ?? name),
      onSent: (plan) => this.parts.trust.offerOwn(ownWordOf(plan)),
    });
  }

  /** Takes a statement back. As {@link sign}. */
  revoke(name: string, options: Omit<RevocationOptions, 'signer'>, wallet: OwnWallet): Promise<void> {
    const { publisher, ...what } = options;
    const story: ImageStory<RevocationPlan> = {
      title: l10n.t('Revoke a Statement'),
      makePlan: (speaker, signal) => this.parts.signing.planRevocation(name, { ...speaker, ...what }, signal),
      lines: (plan, circumstances) =>
        statementRevocationLines(plan, { ...circumstances, canSwitchPublisher: false }, l10n),
      doing: () => l10n.t('Revoking {0}', name),
      done: () => l10n.t('Revoked {0}.', name),
    };
    return this.say(wallet, story, publisher);
  }

  private publish(wallet: OwnWallet, makePlan: ImageStory<SigningPlan>['makePlan']): Promise<void> {
    return this.say(wallet, {
      title: l10n.t('Sign Image'),
      makePlan,
      lines: (plan, circumstances) => confirmationLines(plan, circumstances, l10n),
      doing: ({ images: [first, ...more] }) =>
        first === undefined || more.length > 0
          ? l10n.t('Signing {0} images', more.length + 1)
          : l10n.t('Signing {0}', first.reference.text),
      done: (plan) => {
        const [first, ...more] = plan.images;
        return first === undefined || more.length > 0
          ? l10n.t('Signed {0} images.', more.length + 1)
          : sentences([l10n.t('Signed {0}.', first.reference.text), stillRed(plan)], l10n);
      },
      onSent: (plan) => this.parts.trust.offerOwn(ownWordOf(plan)),
    });
  }

  private async say<P extends SigningPlan | RevocationPlan>(
    wallet: OwnWallet,
    story: ImageStory<P>,
    publisher = this.parts.settings.defaultPublisher,
  ): Promise<void> {
    const { signing, foresight, transactionFlow } = this.parts;
    let chosen = publisher;
    let speakers: readonly Speaker[] | undefined;
    await transactionFlow.run<P>(
      {
        makePlan: async ({ signer, again }, signal, onProgress) => {
          speakers ??= await this.speakers(signer, signal);
          const plan = await story.makePlan({ signer, again, publisher: chosen }, signal, onProgress);
          return foresight.foretell(plan, signal);
        },
        confirm: async (plan, circumstances) => {
          await story.before?.(plan);
          const names = plan.images.map(({ reference }) => reference);
          const others = (speakers ?? []).filter(
            ({ publisher: other, scope }) => other !== chosen && outsideOf(scope, names) === undefined,
          );
          const named = namedSpeaker(plan, others);
          const canSwitchPublisher = others.length > 0;
          const lines = story.lines(plan, { canSwitchPublisher, named: named?.label, ...circumstances });
          const decision = await confirmPlan(story.title, lines);
          if (decision === 'switchPublisher') chosen = await chooseSpeaker(others);
          if (decision === 'switchToNamed') chosen = named?.publisher;
          if (decision === 'switchSource') story.switchSource?.();
          return decision;
        },
        execute: (plan, signer, signal, onProgress) => signing.execute(plan, signer, signal, onProgress),
        title: (plan) => story.doing(plan),
        outcome: (plan) => story.done(plan),
        onSent: async (plan) => story.onSent?.(plan),
      },
      wallet,
    );
  }

  /** In whose names the wallet may sign now, its own first. */
  private async speakers(wallet: Address, signal: AbortSignal): Promise<readonly Speaker[]> {
    const organizations = await this.parts.organizations.mine(wallet, signal);
    return speakersOf(
      wallet,
      organizations.filter(({ window: state }) => state === 'current'),
    );
  }
}

/** A message that what was signed is nevertheless red; undefined where it is not. */
function stillRed(plan: SigningPlan): string | undefined {
  const red = plan.foreseen?.find(({ then }) => isRed(then));
  return red && foreseenText(red, plan, l10n);
}

/** Whom every rule trusts that does not trust the publisher for whom a plan speaks. */
function namedSpeaker(
  { foreseen = [], publisher, signer }: SigningPlan | RevocationPlan,
  speakers: readonly Speaker[],
): Speaker | undefined {
  const ignoring = foreseen.filter((each) => !isWordTaken(each, publisher));
  if (ignoring.length === 0) return undefined;
  return speakers.find((speaker) =>
    ignoring.every(({ named }) => named.includes(speaker.publisher ?? walletPublisher(signer))),
  );
}

function chooseSpeaker(speakers: readonly Speaker[]): Promise<PublisherId | undefined> {
  return choose<PublisherId | undefined>({
    title: l10n.t('Sign in Whose Name?'),
    placeholder: l10n.t('The wallet signs; this is the publisher in whose name it signs.'),
    choices: speakers.map(({ publisher, ...item }) => ({ ...item, value: publisher })),
  });
}

async function heed(warning: string): Promise<void> {
  const anyway = l10n.t('Vouch Anyway…');
  const picked = await window.showWarningMessage(
    l10n.t('Something speaks against this image.'),
    { modal: true, detail: warning },
    l10n.t('Do Not Vouch'),
    anyway,
  );
  if (picked !== anyway) throw new DaoChainError('cancelled', 'The warning was heeded');
}
