import assert from 'node:assert/strict';
import { keccak_256 } from '@noble/hashes/sha3';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { toHex, type Address, type Hex } from '../../../../src/core/hex';
import { canonicalJson } from '../../../../src/core/json/canonicalJson';
import { createGenesis, genesisHash, genesisLedgerAddress } from '../../../../src/core/ledger/genesis';
import {
  createDevelopmentNetwork,
  createTeamNetwork,
  networkLedger,
  parseNetworkProfile,
  type NetworkFault,
  type NetworkProfile,
  type TeamProfile,
} from '../../../../src/core/ledger/network';
import { termsHash } from '../../../../src/core/ledger/networkTerms';
import { ledgerKey, type LedgerId } from '../../../../src/core/ledger/types';
import { testNodeKey } from '../../../testbed/nodeKey';

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
const enode = hubOf(1);
const team = {
  ...{ name: '团队 network', kind: 'team', dataset: 'full', confirmations: 12, witnesses: [], threshold: 0 },
  hubs: [enode],
} as Omit<TeamProfile, 'version' | 'chainId' | 'genesis' | 'ledgerAddress'>;
/** Of block 0 in geth 1.11.6, after `geth init` with the genesis of that team. */
const recordedTeamHash = '0x3723e4d9e0b905eaa2d50a03702a71bc2289c793064e79d552e628c066c33143';

function wallet(n: number): Address {
  return `0x${n.toString(16).padStart(40, 'a')}`;
}

function hubOf(n: number, host = '10.0.0.1'): string {
  return `enode://${testNodeKey(n)}@${host}:30303`;
}

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
    for (const dataset of ['small', 'full'] as const) {
      for (const witnesses of [[], [wallet(1)], [wallet(1), wallet(2), wallet(3), wallet(4)]]) {
        const threshold = witnesses.length === 0 ? 0 : Math.floor(witnesses.length / 2) + 1;
        const terms = { ...team, dataset, witnesses, threshold };
        const made = createTeamNetwork(terms, new Uint8Array(32).fill(7), code);
        assert.deepEqual(parse(made), made);
        assert.equal(made.genesis.mixHash, termsHash(terms));
      }
    }
  });

  it('has another ledger for each of a team’s terms, and the same for other names and hubs', () => {
    const salt = new Uint8Array(32).fill(7);
    const keyOf = (free: typeof team): string => ledgerKey(networkLedger(createTeamNetwork(free, salt, code)));
    const keys = [
      profile,
      ...[team, { ...team, dataset: 'small' }, { ...team, confirmations: 13 }].map((free) =>
        createTeamNetwork(free as typeof team, salt, code),
      ),
      createTeamNetwork({ ...team, witnesses: [wallet(1)], threshold: 1 }, salt, code),
      createTeamNetwork({ ...team, witnesses: [wallet(2)], threshold: 1 }, salt, code),
      createTeamNetwork({ ...team, witnesses: [wallet(1), wallet(2), wallet(3)], threshold: 2 }, salt, code),
      createTeamNetwork({ ...team, witnesses: [wallet(1), wallet(2), wallet(3)], threshold: 3 }, salt, code),
    ].map((each) => ledgerKey(networkLedger(each)));
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keyOf({ ...team, name: 'another', hubs: [] }), keyOf(team));
  });

  it('has the ledger that geth 1.11.6 makes of a team’s genesis', () => {
    const made = createTeamNetwork(team, new Uint8Array(32).fill(7), code);
    assert.equal(networkLedger(made).genesisHash, recordedTeamHash);
  });

  it('is refused with terms that its genesis does not commit to', () => {
    const made = createTeamNetwork(team, new Uint8Array(32).fill(7), code);
    refuses({ ...made, confirmations: 1 }, 'commitment');
    refuses({ ...made, dataset: 'small' }, 'commitment');
    refuses({ ...made, witnesses: [wallet(1)], threshold: 1 }, 'commitment');
    const { name, version, chainId, genesis, ledgerAddress } = made;
    refuses(
      { ...{ name, version, chainId, genesis, ledgerAddress }, kind: 'development', confirmations: 12 },
      'commitment',
    );
    refuses({ ...made, genesis: { ...genesis, mixHash: undefined } }, 'commitment');
    refuses({ ...made, genesis: { ...genesis, mixHash: `0x${'0'.repeat(64)}` } }, 'commitment');
  });

  it('is refused with terms that no network may have', () => {
    const made = createTeamNetwork(team, new Uint8Array(32).fill(7), code);
    const of = (witnesses: unknown, threshold: unknown): unknown => ({ ...made, witnesses, threshold });
    const three = [wallet(1), wallet(2), wallet(3)];
    for (const bad of [of([], 1), of(three, 0), of(three, 1), of(three, 4), of(three, 2.5), of([wallet(1)], 0)])
      refuses(bad, 'terms');
    for (const bad of [[wallet(2), wallet(1)], [wallet(1), wallet(1)], ['0x12'], [`0x${'0'.repeat(40)}`]])
      refuses(of(bad, bad.length), 'terms');
    // Accounts with code: of a precompile, and the ledger itself.
    for (const bad of [`0x${'0'.repeat(39)}1`, genesisLedgerAddress]) refuses(of([bad], 1), 'terms');
    refuses(
      of(
        Array.from({ length: 33 }, (_, i) => wallet(i + 1)),
        17,
      ),
      'terms',
    );
    refuses(of([`0x${'AB'.repeat(20)}`], 1), 'terms');
    refuses({ ...made, dataset: 'tiny' }, 'shape');
    refuses(of('x', 0), 'shape');
    refuses(of([], '0'), 'shape');
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
    for (const version of [0, '1', null]) refuses(changed(['version'], version), 'genesis');
    refuses({ version: 2, name: 5, surprise: true }, 'newer');
    refuses(changed(['kind'], 'external'), 'shape');
    const hidden = ['a\u202eb', 'a\u2066b', 'a\u200bb', 'a\u3164', 'a\ufe0fb', 'a\u2028b', 'a\u00a0b', 'a\tb', 'a\nb'];
    for (const name of ['', ' ', ' a', 'a ', 'a  b', '1337', '１３', 'x'.repeat(65), '团'.repeat(65), ...hidden])
      refuses(changed(['name'], name), 'name');
    for (const name of ['a b', '团队', 'Équipe', '🦊'.repeat(64), 'web3']) {
      const named = createTeamNetwork({ ...team, name }, new Uint8Array(32).fill(7), code);
      assert.deepEqual(parse(named), named);
    }
    refuses(changed(['name'], 5), 'shape');
    for (const confirmations of [0, -1, 1.5, 1001, '6', null])
      refuses(changed(['confirmations'], confirmations), typeof confirmations === 'number' ? 'terms' : 'shape');
    refuses(changed(['hubs'], [enode]), 'genesis');
    const made = createTeamNetwork(team, new Uint8Array(32).fill(7), code);
    for (const hubs of ['x', [5]]) refuses({ ...made, hubs }, 'shape');
    const host = (name: string): string => hubOf(1, name);
    for (const hub of ['http://x', `${enode}"`, host('hub.example.com'), host('01.2.3.4'), `${enode}?discport=0`])
      refuses({ ...made, hubs: [hub] }, 'hubs');
    refuses({ ...made, hubs: [enode, host('10.0.0.2')] }, 'hubs');
    refuses({ ...made, hubs: Array.from({ length: 65 }, (_, i) => hubOf(i + 1)) }, 'hubs');
    // geth does not start with it: it is no point of the curve.
    refuses({ ...made, hubs: [`enode://${'ab'.repeat(64)}@10.0.0.1:30303`] }, 'hubs');
    refuses(changed(['genesis', 'extraData'], '0x07'), 'shape');
    refuses(changed(['genesis', 'extraData'], `0x${'0A'.repeat(32)}`), 'shape');
  });
});
