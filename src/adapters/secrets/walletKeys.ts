import { scrypt as scryptCallback, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKey } from 'ethers/crypto';
import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import { toHex, type Address, type Hex } from '../../core/hex';
import { entryHash } from '../../core/ledger/typedData';
import type { LedgerId, UnsignedEntry } from '../../core/ledger/types';
import type { UnsignedTransaction, WalletKey, WalletKeys } from '../../core/ports';

/** The strength of what is stored and exported: scrypt's `N`, some 0.3 s and 128 MiB for each guess at a password. */
const standardScryptN = 2 ** 17;

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A keystore of somebody else may be weaker than ours, but not so strong that opening it stops the machine. */
const keystoreSchema = v.pipe(
  v.string(),
  v.maxLength(100_000),
  v.parseJson(),
  v.looseObject({ version: v.literal(3) }),
  v.transform(({ crypto, Crypto }) => crypto ?? Crypto),
  v.variant('kdf', [
    v.looseObject({
      kdf: v.literal('scrypt'),
      kdfparams: v.pipe(
        v.looseObject({ n: positive, r: positive, p: positive }),
        v.check(({ n, r, p }) => n * r * p <= 2 ** 23),
      ),
    }),
    v.looseObject({
      kdf: v.literal('pbkdf2'),
      kdfparams: v.looseObject({ c: v.pipe(positive, v.maxValue(10_000_000)) }),
    }),
  ]),
);

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
    if (!v.is(keystoreSchema, keystore)) throw invalid('Not a keystore that can be opened');
    const [{ decryptKeystoreJson }, { SigningKey: Key }] = await Promise.all([
      loadKeystores(),
      import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto'),
    ]);
    try {
      const { privateKey } = await decryptKeystoreJson(keystore, password);
      return await this.#key(new Key(privateKey));
    } catch (error) {
      const wrong = error instanceof Error && error.message.startsWith('incorrect password');
      throw wrong
        ? new DaoChainError('wrongPassword', 'The password does not open the wallet')
        : invalid('A damaged keystore');
    }
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
