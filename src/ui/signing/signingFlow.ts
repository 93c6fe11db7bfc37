import { l10n } from 'vscode';
import type { PlanOptions, SigningService } from '../../services/signingService';
import type { SigningPlan } from '../../services/signingTypes';
import type { OwnWallet } from '../ownWallet';
import type { TrustPrompts } from '../trust/trustPrompts';
import { confirmationLines } from './confirmation';
import { confirmPlan } from './confirmPlan';
import type { TransactionFlow } from './transactionFlow';

interface SigningParts {
  readonly signing: SigningService;
  readonly transactionFlow: TransactionFlow;
  readonly trust: TrustPrompts;
}

type MakePlan = (
  options: PlanOptions,
  signal: AbortSignal,
  onProgress: (done: number, of: number) => void,
) => Promise<SigningPlan>;

/** From a list of names to signatures that are final. Nothing is sent before the user has seen the plan. */
export class SigningFlow {
  constructor(private readonly parts: SigningParts) {}

  /** `cancelled`, and whatever keeps the images from being signed. */
  sign(names: readonly string[], wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal, onProgress) =>
      this.parts.signing.plan(names, options, signal, onProgress),
    );
  }

  /** Adds to a release what the registry has it under; `name` can have the digest that was pushed. As {@link sign}. */
  complete(name: string, wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal) => this.parts.signing.planCompletion(name, options, signal));
  }

  /** Signs the release that a registry has, such as an index that was built there; else as {@link complete}. */
  signFromRegistry(name: string, wallet: OwnWallet): Promise<void> {
    return this.planAndSign(wallet, (options, signal) => this.parts.signing.planFromRegistry(name, options, signal));
  }

  private async planAndSign(wallet: OwnWallet, makePlan: MakePlan): Promise<void> {
    const { signing, transactionFlow, trust } = this.parts;
    await transactionFlow.run(
      {
        makePlan,
        confirm: (plan, circumstances) =>
          confirmPlan(l10n.t('Sign Image'), confirmationLines(plan, circumstances, l10n)),
        execute: (plan, signer, signal, onProgress) => signing.execute(plan, signer, signal, onProgress),
        title: titleOf,
        outcome: outcomeOf,
        onSent: (plan) => trust.offerOwn(plan),
      },
      wallet,
    );
  }
}

function titleOf({ images: [first, ...more] }: SigningPlan): string {
  if (first === undefined || more.length > 0) return l10n.t('Signing {0} images', more.length + 1);
  return l10n.t('Signing {0}', first.reference.text);
}

function outcomeOf({ images }: SigningPlan): string {
  const [first, ...more] = images;
  return first !== undefined && more.length === 0
    ? l10n.t('Signed {0}.', first.reference.text)
    : l10n.t('Signed {0} images.', images.length);
}
