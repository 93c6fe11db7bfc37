import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import { Emitter, type Disposable, type Event } from '../../core/emitter';
import type { WalletMemory } from './walletMemory';
import type { Clock } from '../../core/ports/clock';
import type { TransactionSigner } from '../../core/ports/ledger';
import type { SecretStore, WalletKey, WalletKeys } from '../../core/ports/wallet';

/**
 * `backedUp`: the keystore has been written somewhere else, so that losing this machine does not lose the wallet.
 * `elsewhere`: the wallet that was used with this folder, which the secret store here does not have.
 */
export type WalletState =
  | { readonly status: 'none'; readonly elsewhere?: Address }
  | { readonly status: 'locked'; readonly address: Address; readonly backedUp: boolean }
  | {
      readonly status: 'unlocked';
      readonly address: Address;
      readonly backedUp: boolean;
      /** Milliseconds since the Unix epoch. */
      readonly lockAt: number;
    };

export interface WalletPorts {
  readonly secrets: SecretStore;
  readonly keys: WalletKeys;
  /** For how long it stays unlocked. */
  readonly unlockMinutes: () => number;
  readonly clock: Clock;
  /** Calls back once after so many milliseconds unless disposed before. */
  readonly timer: (ms: number, callback: () => void) => Disposable;
  /** For a secret store that is not in the data folder. */
  readonly memory?: WalletMemory;
}

/** The reader's wallet, here or elsewhere. */
export function ownAddress(state: WalletState): Address | undefined {
  return state.status === 'none' ? state.elsewhere : state.address;
}

/** `walletMissing`, and which wallet is missing where that is known. */
export function walletMissing(state: WalletState): DaoChainError {
  const address = state.status === 'none' ? state.elsewhere : undefined;
  const details = address === undefined ? {} : { address };
  return new DaoChainError('walletMissing', 'There is no wallet', { details });
}

/** What the secret store holds. It is of use to nobody without the password. */
interface StoredWallet {
  readonly keystore: string;
  readonly address: Address;
  readonly backedUp: boolean;
}

const secretName = 'daochain.wallet';

const storedSchema = v.strictObject({
  keystore: v.string(),
  address: v.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)),
  backedUp: v.boolean(),
});
const storedLimits: JsonLimits = { bytes: 1024 * 1024, depth: 2 };

/**
 * The one wallet of this installation. Its key is in memory only while it is unlocked, and nowhere in plain text;
 * passwords are used and forgotten. Every window has its own service over the same secrets: `refresh` when they change.
 */
export class WalletService implements Disposable {
  readonly #ports: WalletPorts;
  readonly #changed = new Emitter<WalletState>();
  #state: WalletState = { status: 'none' };
  #unlocked: { readonly key: WalletKey; readonly lockAt: number; readonly timer: Disposable } | undefined;

  constructor(ports: WalletPorts) {
    this.#ports = ports;
  }

  /** `none` until `refresh` has looked. */
  get state(): WalletState {
    return this.#state;
  }

  get onDidChange(): Event<WalletState> {
    return this.#changed.event;
  }

  /** Looks at what is stored. `walletInvalid` when it is damaged, `secretsUnavailable`. */
  async refresh(): Promise<WalletState> {
    try {
      await this.#remember(await this.#load());
    } catch (error) {
      if (this.#state.status === 'none') await this.#remember(undefined);
      throw error;
    }
    return this.#state;
  }

  /** Makes a wallet and unlocks it. `walletExists`; `secretsUnavailable` when it would be lost with the window. */
  async create(password: string): Promise<Address> {
    await this.#requireNone();
    return this.#adopt(await this.#ports.keys.create(), password, false);
  }

  /** Takes over a private key (32 bytes of hex) and unlocks it. `walletExists`, `walletInvalid`, `secretsUnavailable`. */
  async importPrivateKey(privateKey: string, password: string): Promise<Address> {
    await this.#requireNone();
    return this.#adopt(await this.#ports.keys.fromPrivateKey(privateKey), password, false);
  }

  /**
   * Takes over a keystore (Web3 Secret Storage, version 3) and unlocks it; it is encrypted anew with the same password,
   * since its own encryption may be weak. As with a private key, and `wrongPassword`.
   */
  async importKeystore(keystore: string, password: string): Promise<Address> {
    await this.#requireNone();
    return this.#adopt(await this.#ports.keys.fromKeystore(keystore, password), password, true);
  }

  /**
   * The keystore, once it has been restored from that very text. Call `markBackedUp` when it has been written.
   * `walletMissing`, `wrongPassword`.
   */
  async exportKeystore(password: string): Promise<string> {
    const stored = await this.#require();
    await this.#open(stored, password);
    return stored.keystore;
  }

  async markBackedUp(): Promise<void> {
    const stored = { ...(await this.#require()), backedUp: true };
    await this.#ports.secrets.set(secretName, JSON.stringify(stored));
    this.#show(stored);
  }

  /** `walletMissing`, `wrongPassword`. */
  async unlock(password: string): Promise<TransactionSigner> {
    const stored = await this.#require();
    this.#keep(await this.#open(stored, password));
    this.#show(stored);
    return this.signer();
  }

  lock(): void {
    this.#forgetKey();
    if (this.#state.status !== 'unlocked') return;
    const { address, backedUp } = this.#state;
    this.#set({ status: 'locked', address, backedUp });
  }

  /** Signs as long as the wallet stays unlocked and is `walletLocked` then. `walletMissing`, `walletLocked`. */
  signer(): TransactionSigner {
    const { address } = this.#requireKey();
    const key = (): WalletKey => {
      const current = this.#requireKey();
      if (current.address !== address) throw new DaoChainError('walletLocked', 'The wallet is another one now');
      return current;
    };
    return {
      address,
      signTransaction: async (transaction) => key().signTransaction(transaction),
      signEntry: async (ledger, entry) => key().signEntry(ledger, entry),
    };
  }

  /** Deletes the wallet. Without an exported keystore it is lost. */
  async remove(): Promise<void> {
    this.#forgetKey();
    // First, for other windows look as soon as the secret is gone.
    await this.#ports.memory?.write(undefined);
    await this.#ports.secrets.delete(secretName);
    this.#show(undefined);
  }

  dispose(): void {
    this.#forgetKey();
  }

  async #adopt(key: WalletKey, password: string, backedUp: boolean): Promise<Address> {
    if (password === '') throw new DaoChainError('invalidInput', 'A wallet needs a password');
    const keystore = await key.encrypt(password);
    // Another window may have been faster while this one computed.
    await this.#requireNone();
    const stored = { keystore, address: key.address, backedUp };
    await this.#ports.secrets.set(secretName, JSON.stringify(stored));
    this.#keep(key);
    await this.#remember(stored);
    return key.address;
  }

  async #open({ keystore, address }: StoredWallet, password: string): Promise<WalletKey> {
    const key = await this.#ports.keys.fromKeystore(keystore, password);
    if (key.address !== address) throw new DaoChainError('walletInvalid', 'The stored key is of another address');
    return key;
  }

  async #load(): Promise<StoredWallet | undefined> {
    const text = await this.#ports.secrets.get(secretName);
    if (text === undefined) return undefined;
    try {
      return v.parse(storedSchema, parseStrictJson(new TextEncoder().encode(text), storedLimits));
    } catch {
      // Without the cause: it cites the text.
      throw new DaoChainError('walletInvalid', 'What is stored is no wallet');
    }
  }

  async #require(): Promise<StoredWallet> {
    const stored = await this.#load();
    if (stored === undefined) throw this.#missing();
    return stored;
  }

  async #requireNone(): Promise<void> {
    if ((await this.#load()) !== undefined) throw new DaoChainError('walletExists', 'There is a wallet already');
  }

  #requireKey(): WalletKey {
    if (this.#state.status === 'none') throw this.#missing();
    // Timers stand still while a laptop sleeps; the clock does not.
    if (this.#unlocked !== undefined && this.#ports.clock() >= this.#unlocked.lockAt) this.lock();
    if (this.#unlocked === undefined) throw new DaoChainError('walletLocked', 'The wallet is locked');
    return this.#unlocked.key;
  }

  #keep(key: WalletKey): void {
    this.#forgetKey();
    const { clock, timer, unlockMinutes } = this.#ports;
    const ms = unlockMinutes() * 60_000;
    const registration = timer(ms, () => {
      this.lock();
    });
    this.#unlocked = { key, lockAt: clock() + ms, timer: registration };
  }

  #forgetKey(): void {
    this.#unlocked?.timer.dispose();
    this.#unlocked = undefined;
  }

  #missing(): DaoChainError {
    return walletMissing(this.#state);
  }

  /** What is stored, or was once. */
  async #remember(stored: StoredWallet | undefined): Promise<void> {
    const { memory } = this.#ports;
    if (stored !== undefined) await memory?.write(stored.address);
    this.#show(stored, stored === undefined ? await memory?.read() : undefined);
  }

  #show(stored: StoredWallet | undefined, elsewhere?: Address): void {
    if (this.#unlocked !== undefined && this.#unlocked.key.address !== stored?.address) this.#forgetKey();
    if (stored === undefined) {
      this.#set({ status: 'none', ...(elsewhere !== undefined && { elsewhere }) });
      return;
    }
    const { address, backedUp } = stored;
    const lockAt = this.#unlocked?.lockAt;
    this.#set(
      lockAt === undefined
        ? { status: 'locked', address, backedUp }
        : { status: 'unlocked', address, backedUp, lockAt },
    );
  }

  #set(state: WalletState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}
