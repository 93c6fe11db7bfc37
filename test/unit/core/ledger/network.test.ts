import assert from 'node:assert/strict';
import { keccak_256 } from '@noble/hashes/sha3';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { toHex, type Hex } from '../../../../src/core/hex';
import { canonicalJson } from '../../../../src/core/json/canonicalJson';
import { createGenesis, genesisHash, genesisLedgerAddress } from '../../../../src/core/ledger/genesis';
import {
  createDevelopmentNetwork,
  networkLedger,
  parseNetworkProfile,
  type NetworkFault,
  type NetworkProfile,
} from '../../../../src/core/ledger/network';
import type { LedgerId } from '../../../../src/core/ledger/types';

const code: Hex = '0x6001600255';
const olderCode: Hex = '0x6001';
const profile = createDevelopmentNetwork(new Uint8Array(32).fill(7), code);

function parse(value: unknown, ledgers: readonly LedgerId[] = []): NetworkProfile {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return parseNetworkProfile(new TextEncoder().encode(text), { releasedCodes: [olderCode, code], ledgers });
}

function refuses(value: unknown, reason: NetworkFault, ledgers: readonly LedgerId[] = []): void {
  assert.throws(
    () => parse(value, ledgers),
    (error) => {
      assert.ok(isDaoChainError(error, 'networkInvalid'), String(error));
      assert.equal(error.details['reason'], reason, error.message);
      return true;
    },
  );
}

/** Of block 0 in geth 1.11.6, after `geth init` with the genesis of the profile above. */
const recordedHash = '0x3a26b7d4bb3407098de5ff94016c8a8b8804ac7bb00eee073ed77f70d682b981';

/** A copy of the profile in which the member at `path` is another. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(profile) as unknown as Record<string, unknown>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[path.at(-1) ?? ''] = value;
  return copy;
}

const ledgerPath = ['genesis', 'alloc', genesisLedgerAddress];
const enode = `enode://${'ab'.repeat(64)}@10.0.0.1:30303`;

describe('a network profile', () => {
  it('reads what was created, for every network', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (extraData) => {
        const created = createDevelopmentNetwork(extraData, code);
        assert.deepEqual(parse(created), created);
        assert.deepEqual(parse(canonicalJson(created)), created);
      }),
    );
  });

  it('has a chain id that is the low 51 bits of the hash of its genesis without it', () => {
    const { chainId, ...config } = profile.genesis.config;
    const hash = BigInt(toHex(keccak_256(canonicalJson({ ...profile.genesis, config }))));
    assert.equal(BigInt(chainId), hash % 2n ** 51n);
    assert.equal(profile.chainId, chainId);
    assert.ok(Number.isSafeInteger(chainId));
  });

  it('has the ledger that geth 1.11.6 makes of its genesis', () => {
    const options = { extraData: `0x${'07'.repeat(32)}`, ledgerCode: code } as const;
    assert.equal(genesisHash(options), recordedHash);
    assert.deepEqual(networkLedger(profile), {
      chainId: BigInt(createGenesis(options).config.chainId),
      genesisHash: recordedHash,
      address: genesisLedgerAddress,
    });
  });

  it('may be a team’s, with nodes to connect to', () => {
    const team = { ...profile, kind: 'team', name: '团队 network', bootnodes: [enode], confirmations: 12 };
    assert.deepEqual(parse(team), team);
  });

  it('is refused when its chain id is another', () => {
    refuses(changed(['chainId'], profile.chainId + 1), 'genesis');
    refuses(changed(['genesis', 'config', 'chainId'], 1), 'genesis');
    const both = changed(['genesis', 'config', 'chainId'], 1) as Record<string, unknown>;
    refuses({ ...both, chainId: 1 }, 'genesis');
  });

  it('is refused when anything of its genesis is another', () => {
    refuses(changed(['genesis', 'extraData'], `0x${'08'.repeat(32)}`), 'genesis');
    refuses(changed(['genesis', 'difficulty'], '0x1'), 'genesis');
    refuses(changed(['genesis', 'gasLimit'], '0x1'), 'genesis');
    refuses(changed(['genesis', 'timestamp'], '0x1'), 'genesis');
    refuses(changed(['genesis', 'config', 'londonBlock'], 5), 'genesis');
    refuses(changed(['genesis', 'config', 'shanghaiTime'], 0), 'genesis');
    refuses(changed(['genesis', 'alloc', `0x${'1'.repeat(40)}`], { balance: '0xffff', code: '0x' }), 'genesis');
    refuses(changed(['ledgerAddress'], `0x${'1'.repeat(40)}`), 'genesis');
    refuses(changed(['surprise'], true), 'genesis');
  });

  it('is refused when the ledger has a code that was not released, or none', () => {
    refuses(changed([...ledgerPath, 'code'], '0x6003'), 'ledgerCode');
    refuses(changed([...ledgerPath, 'code'], code.toUpperCase()), 'ledgerCode');
    refuses(changed([...ledgerPath, 'code'], ''), 'ledgerCode');
    refuses(changed(ledgerPath, {}), 'shape');
    refuses(changed(['genesis', 'alloc'], {}), 'shape');
  });

  it('is refused when the ledger starts with storage, even with an empty one', () => {
    refuses(changed([...ledgerPath, 'storage'], { '0x00': '0x01' }), 'ledgerStorage');
    refuses(changed([...ledgerPath, 'storage'], {}), 'ledgerStorage');
    refuses(changed([...ledgerPath, 'nonce'], '0x1'), 'genesis');
    refuses(changed([...ledgerPath, 'balance'], '0x1'), 'genesis');
  });

  it('is refused when its chain id is known with another genesis, and not when it is the same', () => {
    const ledger = networkLedger(profile);
    parse(profile, [ledger, { ...ledger, chainId: 1n, genesisHash: `0x${'2'.repeat(64)}` }]);
    refuses(profile, 'chainIdTaken', [{ ...ledger, genesisHash: `0x${'2'.repeat(64)}` }]);
  });

  it('keeps apart networks with different ledgers', () => {
    const older = createDevelopmentNetwork(new Uint8Array(32).fill(7), olderCode);
    assert.notEqual(older.chainId, profile.chainId);
    assert.deepEqual(parse(older), older);
  });

  it('is refused in any other shape', () => {
    for (const text of ['', 'null', '[]', '{}', '5', JSON.stringify(profile).slice(1), `${JSON.stringify(profile)}x`]) {
      refuses(text, 'shape');
    }
    refuses(JSON.stringify(profile).replace('{', '{"version":1,'), 'shape');
    refuses(changed(['version'], 2), 'genesis');
    refuses(changed(['kind'], 'external'), 'shape');
    refuses(changed(['name'], ''), 'shape');
    refuses(changed(['name'], 'a\u202eb'), 'shape');
    refuses(changed(['name'], 'x'.repeat(65)), 'shape');
    refuses(changed(['name'], 5), 'shape');
    for (const confirmations of [0, -1, 1.5, 1001, '6', null])
      refuses(changed(['confirmations'], confirmations), 'shape');
    refuses(changed(['bootnodes'], [enode]), 'shape');
    for (const bootnodes of ['x', ['http://x'], [5], [`${enode}"`], Array.from({ length: 65 }, () => enode)]) {
      refuses({ ...profile, kind: 'team', bootnodes }, 'shape');
    }
    refuses(changed(['genesis', 'extraData'], '0x07'), 'shape');
    refuses(changed(['genesis', 'extraData'], `0x${'0A'.repeat(32)}`), 'shape');
  });
});
