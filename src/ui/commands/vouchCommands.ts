import { l10n } from 'vscode';
import type { OwnWallet } from '../account/ownWallet';
import { askReference } from '../prompts/transfer';
import type { SigningFlow } from '../signing/signingFlow';
import { imagesOf } from '../imageTargets';

interface VouchParts {
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
    await this.parts.signingFlow.vouch(name, { title, platform, source: 'newest' }, wallet);
  }
}

async function targetOf(
  args: readonly unknown[],
  title: string,
): Promise<{ readonly name: string; readonly platform: string | undefined }> {
  const name = imagesOf(args)[0] ?? (await askReference(title));
  return { name, platform: typeof args[1] === 'string' ? args[1] : undefined };
}
