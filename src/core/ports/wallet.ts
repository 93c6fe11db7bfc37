/** Secrets, and the key of the wallet. */
import type { TransactionSigner } from './ledger';

export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  /** `secretsUnavailable` when what was stored cannot be read back. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A wallet's key: it can be used, and leaves only encrypted. */
export interface WalletKey extends TransactionSigner {
  /** A keystore (Web3 Secret Storage, version 3) that `password` opens. */
  encrypt(password: string): Promise<string>;
}

/** Makes keys from what a person has. */
export interface WalletKeys {
  create(): Promise<WalletKey>;
  /** 32 bytes of hex, with or without `0x`. `walletInvalid`. */
  fromPrivateKey(text: string): Promise<WalletKey>;
  /** `wrongPassword`; `walletInvalid` for what is no keystore, a damaged one, or one that takes absurdly long to open. */
  fromKeystore(keystore: string, password: string): Promise<WalletKey>;
}
