import { l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import type { WalletService } from '../../services/wallet/walletService';
import { askPassword } from '../prompts/password';
import type { TransactionSigner } from '../../core/ports/ledger';

/** A wallet that is there. Commands that need one take it as their argument, so none can forget to look. */
export class OwnWallet {
  constructor(
    readonly address: Address,
    private readonly service: WalletService,
  ) {}

  /** Asks for the password where it has to. Throws `cancelled`. */
  async unlock(): Promise<TransactionSigner> {
    if (this.service.state.status === 'unlocked') return this.service.signer();
    return askPassword({
      title: l10n.t('Unlock Wallet'),
      prompt: l10n.t('Password of the wallet {0}', checksumAddress(this.address)),
      use: (password) => this.service.unlock(password),
    });
  }
}
