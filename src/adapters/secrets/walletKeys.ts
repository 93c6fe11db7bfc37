import { scrypt as scryptCallback, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKey } from 'ethers/crypto';
import { DaoChainError } from '../../core/errors';
import { toHex, type Address, type Hex } from '../../core/hex';
import { entryHash } from '../../core/ledger/typedData';
import type { LedgerId, UnsignedEntry } from '../../core/ledger/types';
import { openKeystore } from './keystore';
import type { UnsignedTransaction } from '../../core/ports/ledger';
import type { WalletKey, WalletKeys } from '../../core/ports/wallet';

/** The strength of what is stored and exported: scrypt's `N`, some 0.3 s and 128 MiB for each guess at a password. */
const standardScryptN = 2 ** 17;

/** Keys by ethers, which is loaded on first use. */
export class EthersWalletKeys implements WalletKeys {
  readonly #scryptN: number;

  /** `scryptN` is for tests, which cannot wait. */
  constructor({ scryptN = standardScryptN }: { readonly scryptN?: number } = {}) {
    this.#scryptN = scryptN;
  }

  async create(): Promise<WalletKey> {
    const { randomBytes, SigningKey: Key } = await import(
      /* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto'
    );
    return this.#key(new Key(randomBytes(32)));
  }

  async fromPrivateKey(text: string): Promise<WalletKey> {
    const { SigningKey: Key } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto');
    const digits = /^\s*(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(text)?.[1];
    // Neither the text nor the library's error, which quotes it, may go into ours.
    if (digits === undefined) throw invalid('Not a private key');
    try {
      return await this.#key(new Key(`0x${digits}`));
    } catch {
      throw invalid('Not a private key');
    }
  }

  async fromKeystore(keystore: string, password: string): Promise<WalletKey> {
    const { privateKey, address } = await openKeystore(keystore, password);
    const { SigningKey: Key } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto');
    let key: WalletKey;
    try {
      key = await this.#key(new Key(privateKey));
    } catch {
      throw invalid('A keystore without a key');
    }
    if (address !== undefined && toHex(address) !== key.address) throw invalid('A keystore of another address');
    return key;
  }

  async #key(key: SigningKey): Promise<WalletKey> {
    const { computeAddress } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/transaction');
    return new EthersWalletKey(key, lower(computeAddress(key)), this.#scryptN);
  }
}

class EthersWalletKey implements WalletKey {
  readonly address: Address;
  // Private in the language, so that neither JSON nor the inspector shows it.
  readonly #key: SigningKey;
  readonly #scryptN: number;

  constructor(key: SigningKey, address: Address, scryptN: number) {
    this.#key = key;
    this.address = address;
    this.#scryptN = scryptN;
  }

  async signTransaction(transaction: UnsignedTransaction): Promise<Hex> {
    const { Transaction } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/transaction');
    const signed = Transaction.from(transaction);
    signed.signature = this.#key.sign(signed.unsignedHash);
    return lower(signed.serialized);
  }

  signEntry(ledger: LedgerId, entry: UnsignedEntry): Promise<Hex> {
    return Promise.resolve(lower(this.#key.sign(entryHash(ledger, entry)).serialized));
  }

  async encrypt(password: string): Promise<string> {
    const { encryptKeystoreJson } = await loadKeystores();
    const account = { address: this.address, privateKey: this.#key.privateKey };
    return encryptKeystoreJson(account, password, { scrypt: { N: this.#scryptN } });
  }
}

/** ethers' own scrypt holds up the whole process; Node's works beside it. */
async function loadKeystores() {
  const [wallet, { scrypt }] = await Promise.all([
    import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/wallet'),
    import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto'),
  ]);
  const native = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scryptCallback);
  scrypt.register(async (password, salt, N, r, p, length) => {
    return toHex(await native(password, salt, length, { N, r, p, maxmem: 256 * N * r }));
  });
  return wallet;
}

function lower(hex: string): Hex {
  return `0x${hex.slice(2).toLowerCase()}`;
}

function invalid(message: string): DaoChainError {
  return new DaoChainError('walletInvalid', message);
}
