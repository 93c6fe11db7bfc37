import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Transaction } from 'ethers/transaction';
import * as v from 'valibot';
import { EthersWalletKeys } from '../../../../src/adapters/secrets/walletKeys';
import { isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import type { UnsignedTransaction } from '../../../../src/core/ports/ledger';
import type { WalletKey } from '../../../../src/core/ports/wallet';

const keys = new EthersWalletKeys({ scryptN: 2 ** 4 });
const privateKey = '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';

/**
 * Test vectors of the Web3 Secret Storage Definition; password `testpassword`, the private key above. That of scrypt has
 * parameters that RFC 7914 does not permit (section 6: n < 2^(128 * r / 8)), so that libraries refuse it.
 */
const scryptVector = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const pbkdf2Vector = {
  ...scryptVector,
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
};

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error, expected), String(error));
    assert.equal(error.cause, undefined);
    return true;
  };
}

const transaction: UnsignedTransaction = {
  ...{ chainId: 4711n, nonce: 3, to: `0x${'d'.repeat(40)}`, data: '0x0102', gasLimit: 60_000n },
  ...{ type: 2, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n },
};

describe('the keys of a wallet', () => {
  let key: WalletKey;
  before(async () => {
    key = await keys.fromPrivateKey(privateKey);
  });

  it('are new each time', async () => {
    const [one, other] = [await keys.create(), await keys.create()];
    assert.match(one.address, /^0x[0-9a-f]{40}$/);
    assert.notEqual(one.address, other.address);
  });

  it('are taken from hex with or without 0x', async () => {
    assert.equal(key.address, '0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b');
    for (const text of [`0x${privateKey}`, ` ${privateKey.toUpperCase()}\n`]) {
      assert.equal((await keys.fromPrivateKey(text)).address, key.address);
    }
  });

  it('are not taken from anything else, and what was given is repeated nowhere', async () => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    for (const text of [
      '',
      '0x',
      privateKey.slice(1),
      `${privateKey}00`,
      `z${privateKey.slice(1)}`,
      '0'.repeat(64),
      order,
    ]) {
      await assert.rejects(keys.fromPrivateKey(text), (error) => {
        code('walletInvalid')(error);
        assert.ok(text === '' || text === '0x' || !inspect(error, { depth: 10 }).includes(text));
        return true;
      });
    }
  });

  it('come out of the keystores of other programs', async () => {
    const keystore = JSON.stringify(pbkdf2Vector);
    assert.equal((await keys.fromKeystore(keystore, 'testpassword')).address, key.address);
    await assert.rejects(keys.fromKeystore(keystore, 'wrong'), code('wrongPassword'));
  });

  it('go into a keystore and come out again with the password only', async () => {
    const keystore = await key.encrypt('pässword 密码');
    assert.ok(!keystore.includes(privateKey));
    assert.equal((await keys.fromKeystore(keystore, 'pässword 密码')).address, key.address);
    await assert.rejects(keys.fromKeystore(keystore, 'password'), code('wrongPassword'));
  });

  it('are stored with scrypt as strong as geth stores them unless a test wants less', async () => {
    const strong = await new EthersWalletKeys().fromPrivateKey(privateKey);
    const schema = v.object({
      Crypto: v.object({ kdf: v.string(), kdfparams: v.looseObject({ n: v.number(), r: v.number(), p: v.number() }) }),
    });
    const { Crypto } = v.parse(schema, JSON.parse(await strong.encrypt('x')));
    const { n, r, p } = Crypto.kdfparams;
    assert.deepEqual({ kdf: Crypto.kdf, n, r, p }, { kdf: 'scrypt', n: 131_072, r: 8, p: 1 });
  });

  it('do not hold up the editor while they are opened', async () => {
    const keystore = await (await new EthersWalletKeys().fromPrivateKey(privateKey)).encrypt('x');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await keys.fromKeystore(keystore, 'x');
    clearInterval(timer);
    assert.ok(turns > 5, `${turns} turns of the event loop`);
  });

  it('do not hold up the editor while they are opened from the keystore of another program', async () => {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const { kdfparams } = pbkdf2Vector.crypto;
    const slow = { ...pbkdf2Vector, crypto: { ...pbkdf2Vector.crypto, kdfparams: { ...kdfparams, c: 5_000_000 } } };
    const begin = performance.now();
    await assert.rejects(keys.fromKeystore(JSON.stringify(slow), 'testpassword'), code('wrongPassword'));
    const all = performance.now() - begin;
    clearInterval(timer);
    assert.ok(longest < all / 2, `held up for ${longest} of ${all} ms`);
  });

  it('come out of the keystores of other programs with either function, and in either spelling', async () => {
    const { crypto, ...others } = pbkdf2Vector;
    const spelled = JSON.stringify({ Crypto: crypto, ...others, address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b' });
    assert.equal((await keys.fromKeystore(spelled, 'testpassword')).address, key.address);
    const written = await key.encrypt('\u0041\u030a');
    assert.equal((await keys.fromKeystore(written, '\u00c5')).address, key.address, 'one password, typed in two ways');
  });

  it('come out of no keystore that could be read in two ways, or asks for too much', async () => {
    const text = JSON.stringify(pbkdf2Vector);
    const { crypto } = pbkdf2Vector;
    const withCrypto = (changes: object): string =>
      JSON.stringify({ ...pbkdf2Vector, crypto: { ...crypto, ...changes } });
    const withParameters = (changes: object): string => withCrypto({ kdfparams: { ...crypto.kdfparams, ...changes } });
    const scrypt = (n: number, r: number, p: number): string =>
      withCrypto({ kdf: 'scrypt', kdfparams: { n, r, p, dklen: 32, salt: '00' } });
    const refused: Readonly<Record<string, string>> = {
      'a key twice': text.replace('"c":', '"c":1,"c":'),
      'both spellings': JSON.stringify({ ...pbkdf2Vector, Crypto: crypto }),
      'something behind it': `${text}{}`,
      'a byte order mark': `\ufeff${text}`,
      'another version': text.replace('"version":3', '"version":"3"'),
      'more rounds than anybody waits for': withParameters({ c: 10_000_001 }),
      'half a round': withParameters({ c: 1.5 }),
      'no rounds': withParameters({ c: 0 }),
      'another function': withParameters({ prf: 'md5' }),
      'a long key': withParameters({ dklen: 2 ** 30 }),
      'no salt': withParameters({ salt: undefined }),
      'a salt without end': withParameters({ salt: '00'.repeat(40_000) }),
      'half a byte of salt': withParameters({ salt: '0' }),
      'a short initial value': withCrypto({ cipherparams: { iv: '00' } }),
      'a long text': withCrypto({ ciphertext: '00'.repeat(33) }),
      'a short check': withCrypto({ mac: '00' }),
      'another cipher': withCrypto({ cipher: 'aes-256-gcm' }),
      'more memory than there is': scrypt(2 ** 22, 8, 1),
      'a gigabyte of memory': scrypt(2 ** 20, 8, 1),
      'more time than anybody has': scrypt(2 ** 17, 8, 9),
      'no power of two': scrypt(3, 8, 1),
      'a prototype for its parameters': text.replace('"kdfparams":', '"__proto__":'),
    };
    for (const [what, keystore] of Object.entries(refused))
      await assert.rejects(keys.fromKeystore(keystore, 'testpassword'), code('walletInvalid'), what);
  });

  it('come out of nothing that is damaged or would take for ever', async () => {
    const { crypto } = scryptVector;
    const broken: unknown[] = [
      'text',
      {},
      { version: 3 },
      scryptVector,
      { ...scryptVector, version: 1 },
      { ...scryptVector, crypto: { ...crypto, kdf: 'none' } },
      { ...scryptVector, crypto: { ...crypto, cipher: 'none' } },
      { ...scryptVector, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, n: 2 ** 30 } } },
      { ...scryptVector, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, n: 3 } } },
      { ...scryptVector, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, p: 2 ** 20 } } },
      {
        ...pbkdf2Vector,
        crypto: { ...pbkdf2Vector.crypto, kdfparams: { ...pbkdf2Vector.crypto.kdfparams, c: 2 ** 40 } },
      },
      { ...pbkdf2Vector, address: '1'.repeat(40) },
    ];
    for (const value of broken) {
      await assert.rejects(keys.fromKeystore(JSON.stringify(value), 'testpassword'), code('walletInvalid'));
    }
    await assert.rejects(keys.fromKeystore('{', 'testpassword'), code('walletInvalid'));
    await assert.rejects(keys.fromKeystore('9'.repeat(200_000), 'testpassword'), code('walletInvalid'));
  });

  it('sign what they are given, of either type', async () => {
    const { chainId, nonce, to, data, gasLimit } = transaction;
    const legacy: UnsignedTransaction = { chainId, nonce, to, data, gasLimit, type: 0, gasPrice: 9n };
    for (const unsigned of [transaction, legacy]) {
      const signed = Transaction.from(await key.signTransaction(unsigned));
      assert.equal(signed.from?.toLowerCase(), key.address);
      assert.equal(signed.to?.toLowerCase(), to);
      assert.deepEqual(
        [signed.type, signed.chainId, signed.nonce, signed.data, signed.gasLimit],
        [unsigned.type, chainId, nonce, data, gasLimit],
      );
      assert.equal(signed.value, 0n);
    }
  });

  it('show themselves nowhere', () => {
    const shown = [JSON.stringify(key), inspect(key, { depth: 10, showHidden: true }), Object.values(key).join()];
    for (const text of shown) assert.ok(!text.toLowerCase().includes(privateKey), text);
  });
});
