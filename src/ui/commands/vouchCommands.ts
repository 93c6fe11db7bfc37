import { l10n } from 'vscode';
import type { VerificationService } from '../../services/verificationService';
import type { OwnWallet } from '../ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { askReference } from '../prompts/transfer';
import type { SigningFlow } from '../signing/signingFlow';
import { imagesOf } from './imageTargets';

interface VouchParts {
  readonly verification: Pick<VerificationService, 'judgeReferences'>;
  readonly signingFlow: Pick<SigningFlow, 'vouch'>;
}

/** Vouches for what others made: of a row or a reference, and of a platform where the caller knows it; else of what is typed. */
export class VouchCommands {
  constructor(private readonly parts: VouchParts) {}

  async vouch(wallet: OwnWallet, ...args: readonly unknown[]): Promise<void> {
    const title = l10n.t('Vouch for an Image');
    const { name, platform } = await targetOf(args, title);
    await this.parts.signingFlow.vouch(name, { title, platform }, wallet);
  }

  /** The same for a name whose content has changed since: what is new may be here already, or only in the registry. */
  async update(wallet: OwnWallet, ...args: readonly unknown[]): Promise<void> {
    const title = l10n.t('Update a Vouch');
    const { name, platform } = await targetOf(args, title);
    const query = { text: name, ...(platform !== undefined && { platform }) };
    const [here] = await withCancellableProgress(l10n.t('Reading the image'), (signal) =>
      this.parts.verification.judgeReferences([query], signal, { sources: 'engine' }),
    );
    const isNewHere = here?.verdict.kind === 'unsigned' && here.verdict.vouchedDiffers.length > 0;
    const source = isNewHere ? 'engine' : 'registry';
    await this.parts.signingFlow.vouch(name, { title, platform, source }, wallet);
  }
}

async function targetOf(
  args: readonly unknown[],
  title: string,
): Promise<{ readonly name: string; readonly platform: string | undefined }> {
  const name = imagesOf(args)[0] ?? (await askReference(title));
  return { name, platform: typeof args[1] === 'string' ? args[1] : undefined };
}
