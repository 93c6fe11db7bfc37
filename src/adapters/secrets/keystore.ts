import {
  createDecipheriv,
  pbkdf2 as pbkdf2Callback,
  scrypt as scryptCallback,
  timingSafeEqual,
  type ScryptOptions,
} from 'node:crypto';
import { promisify } from 'node:util';
import { keccak_256 } from '@noble/hashes/sha3';
import * as v from 'valibot';
import { largestKeystore } from '../../core/walletLimits';
import { DaoChainError } from '../../core/errors';
import { parseStrictJson } from '../../core/json/strictJson';

/** Node's functions work beside the event loop; those of libraries in JavaScript hold it for seconds. */
const scrypt = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scryptCallback);
const pbkdf2 = promisify(pbkdf2Callback);

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

function hexOf(least: number, most = least) {
  return v.pipe(
    v.string(),
    v.regex(/^(?:0x)?(?:[0-9a-fA-F]{2})*$/),
    v.transform((text) => Buffer.from(text.replace(/^0x/, ''), 'hex')),
    v.check(({ length }) => length >= least && length <= most),
  );
}

const encrypted = {
  cipher: v.literal('aes-128-ctr'),
  cipherparams: v.looseObject({ iv: hexOf(16) }),
  ciphertext: hexOf(32),
  mac: hexOf(32),
};
const derived = { salt: hexOf(0, 1_024), dklen: v.literal(32) };

const keystoreSchema = v.pipe(
  v.looseObject({ version: v.literal(3), address: v.optional(hexOf(20)) }),
  // Two of them would be read as one by one program and as the other by the next.
  v.check((keystore) => Object.hasOwn(keystore, 'crypto') !== Object.hasOwn(keystore, 'Crypto')),
);

const cryptoSchema = v.variant('kdf', [
  v.looseObject({
    ...encrypted,
    kdf: v.literal('scrypt'),
    kdfparams: v.pipe(
      v.looseObject({ ...derived, n: positive, r: positive, p: positive }),
      v.check(({ n, r, p }) => n * r <= 2 ** 21 && n * r * p <= 2 ** 23),
    ),
  }),
  v.looseObject({
    ...encrypted,
    kdf: v.literal('pbkdf2'),
    kdfparams: v.looseObject({
      ...derived,
      c: v.pipe(positive, v.maxValue(10_000_000)),
      prf: v.picklist(['hmac-sha256', 'hmac-sha512']),
    }),
  }),
]);

type Crypto = v.InferOutput<typeof cryptoSchema>;

/** What a keystore holds: 32 bytes, and whose key they are, where it says so. */
export interface OpenedKeystore {
  readonly privateKey: Uint8Array;
  /** 20 bytes. */
  readonly address: Uint8Array | undefined;
}

/**
 * Opens a keystore of Web3 Secret Storage, version 3. One of another program may be weaker than ours, but not so strong that
 * opening it stops the machine: 256 MiB of memory, and some seconds beside everything else. `walletInvalid`,
 * `wrongPassword`; neither has a cause, which could hold what must stay secret.
 */
export async function openKeystore(text: string, password: string): Promise<OpenedKeystore> {
  const { crypto, address } = parseKeystore(text);
  const { ciphertext, cipherparams, mac } = crypto;
  const key = await derive(crypto, password);
  const computed = keccak_256(Buffer.concat([key.subarray(16, 32), ciphertext]));
  if (!timingSafeEqual(computed, mac))
    throw new DaoChainError('wrongPassword', 'The password does not open the wallet');
  const decipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), cipherparams.iv);
  return { privateKey: Buffer.concat([decipher.update(ciphertext), decipher.final()]), address };
}

function parseKeystore(text: string): { readonly crypto: Crypto; readonly address: Uint8Array | undefined } {
  try {
    const json = parseStrictJson(Buffer.from(text, 'utf8'), { bytes: largestKeystore, depth: 8 });
    const { crypto, Crypto, address } = v.parse(keystoreSchema, json);
    return { crypto: v.parse(cryptoSchema, crypto ?? Crypto), address };
  } catch {
    throw new DaoChainError('walletInvalid', 'Not a keystore that can be opened');
  }
}

async function derive(crypto: Crypto, password: string): Promise<Buffer> {
  // As ethers and geth's own successors have it: the same password typed on another keyboard is the same.
  const secret = Buffer.from(password.normalize('NFKC'), 'utf8');
  try {
    if (crypto.kdf === 'pbkdf2') {
      const { salt, c, dklen, prf } = crypto.kdfparams;
      return await pbkdf2(secret, salt, c, dklen, prf === 'hmac-sha256' ? 'sha256' : 'sha512');
    }
    const { salt, n, r, p, dklen } = crypto.kdfparams;
    return await scrypt(secret, salt, dklen, { N: n, r, p, maxmem: 256 * n * r });
  } catch {
    throw new DaoChainError('walletInvalid', 'A keystore whose parameters nobody can compute');
  }
}
