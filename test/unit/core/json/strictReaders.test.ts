import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeystore } from '../../../../src/adapters/secrets/keystore';
import { WalletFile } from '../../../../src/adapters/secrets/walletFile';
import { readRules } from '../../../../src/cli/ruleFile';
import { UsageError } from '../../../../src/cli/usageError';
import { isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import { walletPublisher, type Hex } from '../../../../src/core/hex';
import { parseConfig } from '../../../../src/core/image/config';
import { parseIndex, parseManifest } from '../../../../src/core/image/manifest';
import { createDevelopmentNetwork, parseNetworkProfile } from '../../../../src/core/ledger/network';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import { toHex } from '../../../../src/core/hex';
import { formatRequestFile, parseRequestFile } from '../../../../src/services/signing/signingRequestFile';
import { parsePolicy } from '../../../../src/services/trust/parsePolicy';
import { errorText } from '../../../../src/words/errorText';
import { statementOf, wallet } from '../../services/fakeLedger';
import { english } from '../../words/localizers';

/** What reads a file; `valid` is one that it takes. */
interface Reader {
  readonly valid: string;
  readonly read: (bytes: Uint8Array) => unknown;
  /** None where it is wrong usage of the command line. */
  readonly codes: readonly ErrorCode[];
}

const digest = `sha256:${'1'.repeat(64)}`;
const code: Hex = '0x6001600255';
const descriptor = (mediaType: string) => ({ mediaType: `application/vnd.oci.image.${mediaType}`, digest, size: 7 });
const signal = new AbortController().signal;

const request = formatRequestFile({
  ledger: { chainId: 7n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` },
  publisher: walletPublisher(wallet(7)),
  deadline: 1_800_000_000,
  entries: [
    {
      ...{ publisher: walletPublisher(wallet(7)), previous: `0x${'00'.repeat(20)}`, kind: 'publish', validUntil: 0 },
      ...{ repository: 'docker.io/acme/app', tag: '1', body: toHex(encodeStatement(statementOf(digest))) },
    },
  ],
});
const keystore = {
  version: 3,
  crypto: {
    ...{ cipher: 'aes-128-ctr', cipherparams: { iv: '00'.repeat(16) }, ciphertext: '00'.repeat(32) },
    ...{ mac: '00'.repeat(32), kdf: 'pbkdf2' },
    kdfparams: { salt: '00', dklen: 32, c: 1, prf: 'hmac-sha256' },
  },
};

describe('a reader of strict JSON', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daochain-strict-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const onDisk =
    (read: (file: string) => unknown): Reader['read'] =>
    async (bytes) => {
      const file = join(folder, 'file.json');
      await writeFile(file, bytes);
      return read(file);
    };

  const readers: Readonly<Record<string, Reader>> = {
    'of image configs': {
      valid: JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digest] } }),
      ...{ read: parseConfig, codes: ['imageMalformed'] },
    },
    'of manifests': {
      valid: JSON.stringify({ schemaVersion: 2, config: descriptor('config.v1+json'), layers: [] }),
      ...{ read: parseManifest, codes: ['imageMalformed'] },
    },
    'of indexes': {
      valid: JSON.stringify({ schemaVersion: 2, manifests: [descriptor('manifest.v1+json')] }),
      ...{ read: parseIndex, codes: ['imageMalformed'] },
    },
    'of policies': { valid: '{"version":1,"rules":[]}', read: parsePolicy, codes: ['policyInvalid'] },
    'of signing requests': { valid: request, read: parseRequestFile, codes: ['requestInvalid'] },
    'of network profiles': {
      valid: JSON.stringify(createDevelopmentNetwork(new Uint8Array(32), code)),
      read: (bytes) => parseNetworkProfile(bytes, { releasedCodes: [code], ledgers: [] }),
      codes: ['networkInvalid'],
    },
    'of keystores': {
      valid: JSON.stringify(keystore),
      // A keystore that was read is tried.
      read: (bytes) =>
        openKeystore(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), '').catch((error: unknown) => {
          if (!isDaoChainError(error, 'wrongPassword')) throw error;
        }),
      codes: ['walletInvalid'],
    },
    'of wallet files': {
      valid: '{"a":"b"}',
      ...{ read: onDisk((file) => new WalletFile(file).get('a')), codes: ['walletInvalid', 'secretsUnavailable'] },
    },
    'of rule files': {
      valid: '[{"a":1}]',
      read: onDisk(async (file) => {
        try {
          return await readRules(file, folder, signal);
        } catch (error) {
          // A list was read.
          if (error instanceof UsageError && error.message.startsWith('Trust rules in')) return [];
          throw error;
        }
      }),
      codes: [],
    },
  };

  const broken: Readonly<Record<string, (valid: string) => string>> = {
    'a byte order mark': (valid) => `\ufeff${valid}`,
    'a key twice': (valid) => valid.replace(/\{\s*("[^"]*")/, '{$1:0,$1'),
    'deep nesting': (valid) => valid.replace('{', `{"x":${'['.repeat(40)}${']'.repeat(40)},`),
    'too many bytes': (valid) => valid + ' '.repeat(5 * 1024 * 1024),
    'half of a surrogate pair': (valid) => valid.replace('{', '{"\\ud800":0,'),
    'something after it': (valid) => `${valid} {}`,
    'a number that is not exact everywhere': (valid) => valid.replace('{', '{"x":9007199254740993,'),
    'no end': (valid) => valid.slice(0, -2),
  };

  for (const [what, { valid, read, codes }] of Object.entries(readers)) {
    it(`${what} takes what it is for`, async () => {
      await read(Buffer.from(valid));
    });
    for (const [fault, spoil] of Object.entries(broken)) {
      it(`${what} refuses ${fault} with an error of its own`, async () => {
        await assert.rejects(
          () => Promise.resolve().then(() => read(Buffer.from(spoil(valid)))),
          (error) => {
            if (codes.length === 0) return error instanceof UsageError && !/image/i.test(error.message);
            assert.ok(isDaoChainError(error, ...codes), String(error));
            return error.code === 'imageMalformed' || !/image/i.test(errorText(error, english));
          },
        );
      });
    }
  }
});
