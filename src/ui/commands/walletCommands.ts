import { Uri, env, l10n, window, workspace } from 'vscode';
import { largestKeystore } from '../../core/walletLimits';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import { walletMissing, type WalletService, type WalletState } from '../../services/wallet/walletService';
import { show, tell } from '../notify';
import { OwnWallet } from '../account/ownWallet';
import { askNewPassword, askPassword, prompted } from '../prompts/password';
import { withStatusProgress } from '../prompts/progress';
import type { SecretStore } from '../../core/ports/wallet';

interface WalletParts {
  readonly wallet: WalletService;
  readonly secrets: SecretStore;
}

type NoWallet = Extract<WalletState, { status: 'none' }>;

/** The commands that make, open, close and save the wallet. */
export class WalletCommands {
  constructor(private readonly parts: WalletParts) {}

  /** The wallet, made or imported first where there is none. Throws `cancelled`. */
  async obtain(): Promise<OwnWallet> {
    const { wallet } = this.parts;
    const state = await wallet.refresh();
    const address = state.status === 'none' ? await this.createOrImport(state) : state.address;
    return new OwnWallet(address, wallet);
  }

  /** `walletExists`, `secretsUnavailable`, `cancelled`. */
  async create(): Promise<Address> {
    const state = await this.requireRoomForWallet();
    if (state.elsewhere !== undefined && (await prefersImport(state.elsewhere))) return this.import();
    const title = l10n.t('Create Wallet');
    const password = await askNewPassword(title);
    const address = await withStatusProgress(l10n.t('Encrypting the wallet…'), () =>
      this.parts.wallet.create(password),
    );
    this.remindOfBackup(
      l10n.t(
        'The wallet {0} is ready. Export it now: nobody can restore it once it is lost.',
        checksumAddress(address),
      ),
    );
    return address;
  }

  /** `walletExists`, `walletInvalid`, `secretsUnavailable`, `cancelled`. */
  async import(): Promise<Address> {
    await this.requireRoomForWallet();
    const title = l10n.t('Import Wallet');
    const file = { label: `$(file) ${l10n.t('From a keystore file')}`, detail: l10n.t('Encrypted, version 3') };
    const key = { label: `$(key) ${l10n.t('From a private key')}`, detail: l10n.t('64 hexadecimal digits') };
    const picked = await window.showQuickPick([file, key], { title });
    if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
    const address = picked === file ? await this.importFile(title) : await this.importKey(title);
    if (picked === file)
      void show({
        severity: 'information',
        message: l10n.t('The wallet {0} is ready.', checksumAddress(address)),
        actions: [],
      });
    else
      this.remindOfBackup(
        l10n.t(
          'The wallet {0} is ready. Export it, so that it is not lost with this machine.',
          checksumAddress(address),
        ),
      );
    return address;
  }

  /** Writes the encrypted wallet to a file once it has been opened from the very text. `wrongPassword`, `cancelled`. */
  async export(own: OwnWallet): Promise<void> {
    const { wallet } = this.parts;
    const title = l10n.t('Export Wallet');
    const keystore = await askPassword({
      title,
      prompt: l10n.t('Password of the wallet {0}, to check that the copy can be opened', checksumAddress(own.address)),
      use: (password) => wallet.exportKeystore(password),
    });
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const name = `daochain-${own.address}.json`;
    const target = await window.showSaveDialog({
      title,
      ...(folder?.scheme === 'file' && { defaultUri: Uri.joinPath(folder, '..', name) }),
      filters: { [l10n.t('Keystore')]: ['json'] },
    });
    if (target === undefined) throw new DaoChainError('cancelled', 'No file was picked');
    await workspace.fs.writeFile(target, new TextEncoder().encode(keystore));
    const written = new TextDecoder().decode(await workspace.fs.readFile(target));
    if (written !== keystore) throw new DaoChainError('invalidInput', 'The file does not hold what was written to it');
    await wallet.markBackedUp();
    void show({
      severity: 'information',
      message: l10n.t('The wallet was exported to {0}. Keep the file, and remember the password.', target.fsPath),
      actions: [],
    });
  }

  async unlock(own: OwnWallet): Promise<void> {
    await own.unlock();
    tell(l10n.t('The wallet is unlocked.'));
  }

  /** `walletMissing`. */
  async lock(): Promise<void> {
    const { wallet } = this.parts;
    const { status } = await wallet.refresh();
    if (status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
    wallet.lock();
    tell(l10n.t('The wallet is locked.'));
  }

  async copyAddress(): Promise<void> {
    const state = await this.parts.wallet.refresh();
    if (state.status === 'none') throw walletMissing(state);
    await env.clipboard.writeText(checksumAddress(state.address));
    tell(l10n.t('Address copied: {0}', checksumAddress(state.address)));
  }

  private async createOrImport({ elsewhere }: NoWallet): Promise<Address> {
    const create = {
      label: `$(add) ${l10n.t('Create a wallet')}`,
      detail: l10n.t('A new key, encrypted with your password'),
    };
    const adopt = {
      label: `$(cloud-download) ${l10n.t('Import a wallet')}`,
      detail: l10n.t('A keystore file or a private key'),
    };
    const picked = await window.showQuickPick(elsewhere === undefined ? [create, adopt] : [adopt, create], {
      title: l10n.t('DaoChain'),
      placeHolder:
        elsewhere === undefined
          ? l10n.t('This needs a wallet, and there is none yet')
          : l10n.t('The wallet {0} is not in this editor', checksumAddress(elsewhere)),
      ignoreFocusOut: true,
    });
    if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
    return picked === create ? this.create() : this.import();
  }

  private async importFile(title: string): Promise<Address> {
    const [file] = (await window.showOpenDialog({ title, canSelectMany: false })) ?? [];
    if (file === undefined) throw new DaoChainError('cancelled', 'No file was picked');
    const { size } = await workspace.fs.stat(file);
    if (size > largestKeystore) throw new DaoChainError('walletInvalid', 'Too large for a keystore');
    const keystore = new TextDecoder().decode(await workspace.fs.readFile(file));
    return askPassword({
      title,
      prompt: l10n.t('Password of the keystore; it remains the password of the wallet'),
      use: (password) => this.parts.wallet.importKeystore(keystore, password),
    });
  }

  private async importKey(title: string): Promise<Address> {
    const key = await prompted(title, l10n.t('Paste the private key.'), (box) => {
      if (/^\s*(?:0x)?[0-9a-fA-F]{64}\s*$/.test(box.value)) return { value: box.value };
      box.validationMessage = l10n.t('A private key has 64 hexadecimal digits.');
      return undefined;
    });
    const password = await askNewPassword(title);
    return withStatusProgress(l10n.t('Encrypting the wallet…'), () =>
      this.parts.wallet.importPrivateKey(key, password),
    );
  }

  /** Before a person thinks of a password: is there a wallet already, and would a new one be kept? */
  private async requireRoomForWallet(): Promise<NoWallet> {
    const { wallet, secrets } = this.parts;
    const state = await wallet.refresh();
    if (state.status !== 'none') throw new DaoChainError('walletExists', 'There is a wallet already');
    await secrets.set('daochain.probe', 'kept');
    await secrets.delete('daochain.probe');
    return state;
  }

  private remindOfBackup(message: string): void {
    void show({
      severity: 'information',
      message,
      actions: [{ title: l10n.t('Export Wallet'), command: 'daochain.exportWallet' }],
    });
  }
}

/** Keeps a person from making a second wallet because the first one is in another browser. Throws `cancelled`. */
async function prefersImport(elsewhere: Address): Promise<boolean> {
  const [adopt, another] = [l10n.t('Import Wallet'), l10n.t('Create Another Wallet')];
  const picked = await window.showWarningMessage(
    l10n.t('The wallet {0} is not in this editor', checksumAddress(elsewhere)),
    {
      modal: true,
      detail: l10n.t(
        'It was made or used in another editor or browser, or the keyring was lost. Import it from the file that you exported. Another wallet cannot speak for what that one has signed.',
      ),
    },
    adopt,
    another,
  );
  if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
  return picked === adopt;
}
