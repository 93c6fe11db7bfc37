import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import fc from 'fast-check';
import { toBase64url } from '../../../../src/core/base64url';
import { isDaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex, type Address, type Hex } from '../../../../src/core/hex';
import { genesisLedgerAddress } from '../../../../src/core/ledger/genesis';
import { formatHub, hubToBytes, type Hub } from '../../../../src/core/ledger/hub';
import {
  joinLink,
  parseJoinLink,
  joinFile,
  parseJoinFile,
  type Joining,
  type KnownNetworks,
} from '../../../../src/core/ledger/joinLink';
import { createDevelopmentNetwork, createTeamNetwork, networkLedger } from '../../../../src/core/ledger/network';
import { networkLink, type NetworkLinkFault } from '../../../../src/core/ledger/networkLink';
import type { TeamProfile, NetworkFault } from '../../../../src/core/ledger/network';
import { mostWitnesses, type NetworkTerms } from '../../../../src/core/ledger/networkTerms';
import { errorText } from '../../../../src/words/errorText';
import { testNodeKey } from '../../../testbed/nodeKey';
import { chinese, english } from '../../words/localizers';

const code: Hex = '0x6001600255';
const olderCode: Hex = '0x6001';
const salt = new Uint8Array(32).fill(7);
const nothingKnown: KnownNetworks = { releasedCodes: [olderCode, code], ledgers: [], followed: [] };
const keys = Array.from({ length: 65 }, (_, i) => testNodeKey(i + 1));
const checkpoint = { number: 123_456, hash: `0x${'c4'.repeat(32)}` } as const;

function hub(host: string, n = 0, port = 30_303): Hub {
  return { nodeKey: keys[n] ?? '', host, port };
}

function witness(n: number): Address {
  return `0xaa${n.toString(16).padStart(38, '0')}`;
}

const four: NetworkTerms = {
  ...{ kind: 'team', dataset: 'full', confirmations: 12 },
  ...{ witnesses: [1, 2, 3, 4].map(witness), threshold: 3 },
};
const team = createTeamNetwork(
  { name: 'Billing 团队', ...four, hubs: [formatHub(hub('192.168.7.1')), formatHub(hub('2001:4860::8888', 1))] },
  salt,
  code,
);

/** The body of a link as anybody can write it, each part another than that of an honest one where it is given. */
function body(parts: Partial<Record<keyof typeof honest, Uint8Array>> = {}): Uint8Array {
  return Buffer.concat(Object.values({ ...honest, ...parts }));
}
const honest = {
  salt,
  code: keccak_256(fromHex(code)).slice(0, 8),
  dataset: Uint8Array.of(1),
  confirmations: Uint8Array.of(0, 12),
  witnesses: Buffer.concat([Uint8Array.of(4), ...four.witnesses.map(fromHex)]),
  threshold: Uint8Array.of(3),
  hubs: hubBytes(hub('192.168.7.1'), hub('2001:4860::8888', 1)),
  name: nameBytes('Billing 团队'),
  checkpoint: Uint8Array.of(0),
};

function nameBytes(name: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(name);
  return Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

function hubBytes(...hubs: readonly Hub[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(hubs.length), ...hubs.map(hubToBytes)]);
}

function linkOf(parts: Partial<Record<keyof typeof honest, Uint8Array>>): string {
  return networkLink('network', body(parts));
}

function at(host: string): string {
  return linkOf({ hubs: hubBytes(hub(host)) });
}

function named(name: string | Uint8Array): string {
  return linkOf({ name: nameBytes(name) });
}

function witnessed(witnesses: readonly Address[], threshold: number): string {
  return linkOf({
    witnesses: Buffer.concat([Uint8Array.of(witnesses.length), ...witnesses.map(fromHex)]),
    threshold: Uint8Array.of(threshold),
  });
}

/** `code reason` of how it is refused, and that people of both languages are told a sentence about it. */
function faultOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    assert.ok(isDaoChainError(error, 'linkInvalid', 'networkInvalid'), String(error));
    for (const l10n of [english, chinese]) {
      const sentence = errorText(error, l10n);
      assert.match(sentence, /^[^\p{Cc}\p{Cf}]{8,400}$/u);
      assert.doesNotMatch(sentence, /The log says why|日志/, error.message);
    }
    return `${error.code} ${error.details['reason'] ?? ''}`;
  }
}

type Expected = `linkInvalid ${NetworkLinkFault}` | `networkInvalid ${NetworkFault}`;

const link = joinLink(team);
const letters = link.slice(link.indexOf('&d=') + 3);

describe('the link of a network', () => {
  it('brings back the whole profile, and the block to look for', () => {
    assert.deepEqual(parseJoinLink(link, nothingKnown), { profile: team, checkpoint: undefined });
    assert.deepEqual(parseJoinLink(joinLink(team, checkpoint), nothingKnown), { profile: team, checkpoint });
    assert.deepEqual(parseJoinLink(` ${link.replace('vscode:', 'vscodium:')}\n`, nothingKnown).profile, team);
    assert.equal(linkOf({}), link);
    const older = createTeamNetwork({ ...team, witnesses: [], threshold: 0 }, salt, olderCode);
    assert.deepEqual(parseJoinLink(joinLink(older), nothingKnown).profile, older);
  });

  it('brings back any network that there can be', () => {
    const byte = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const host = fc.oneof(
      fc.nat(255).map((last) => `10.1.2.${last.toString()}`),
      fc.integer({ min: 1, max: 0xffff }).map((group) => `2606:4700::${group.toString(16)}`),
    );
    fc.assert(
      fc.property(
        fc.record({
          ...{ extraData: byte, hash: byte, dataset: fc.constantFrom('small', 'full') },
          ...{ confirmations: fc.integer({ min: 1, max: 1_000 }), witnesses: fc.nat(mostWitnesses) },
          hubs: fc.array(fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }), {
            minLength: 1,
            maxLength: 64,
          }),
          name: fc.constantFrom('a', '团队', 'Équipe web', '🦊'.repeat(64)),
          number: fc.option(fc.integer({ min: 1, max: 2 ** 48 - 1 })),
        }),
        ({ extraData, hash, witnesses, hubs, number, ...given }) => {
          const free = {
            ...{ ...given, kind: 'team' as const },
            witnesses: Array.from({ length: witnesses }, (_, i) => witness(i + 1)),
            threshold: witnesses === 0 ? 0 : Math.floor(witnesses / 2) + 1,
            hubs: hubs.map((each, i) => formatHub(hub(each.host, i, each.port))),
          };
          const profile = createTeamNetwork(free, extraData, code);
          const block = number === null ? undefined : { number, hash: toHex(hash) };
          assert.deepEqual(parseJoinLink(joinLink(profile, block), nothingKnown), { profile, checkpoint: block });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('stays under 1,000 characters with three hubs, four witnesses, a checkpoint and the longest name', () => {
    const hubs = [0, 1, 2].map((n) => formatHub(hub('2001:4860:1:2:3:4:5:6', n)));
    const longest = joinLink({ ...team, hubs, name: '🦊'.repeat(64) }, checkpoint);
    assert.ok(longest.length < 1_000, longest.length.toString());
  });

  it('holds nothing that any program escapes', () => {
    assert.match(joinLink(team, checkpoint), /^vscode:\/\/daochain\.daochain\/network\?v=1&d=[\w-]+$/);
  });

  it('is of another ledger as soon as a term is another, so nobody can lie about a genuine one', () => {
    const genuine = networkLedger(team);
    const [less] = [four.witnesses.slice(0, 3)];
    for (const lie of [
      linkOf({ confirmations: Uint8Array.of(0, 1) }),
      linkOf({ dataset: Uint8Array.of(0) }),
      linkOf({ threshold: Uint8Array.of(4) }),
      linkOf({ code: keccak_256(fromHex(olderCode)).slice(0, 8) }),
      witnessed(less, 2),
      witnessed([], 0),
    ]) {
      const { genesisHash, chainId } = networkLedger(parseJoinLink(lie, nothingKnown).profile);
      assert.notEqual(genesisHash, genuine.genesisHash);
      assert.notEqual(chainId, genuine.chainId);
    }
    const renamed = networkLedger(parseJoinLink(named('Billing'), nothingKnown).profile);
    assert.deepEqual(renamed, genuine);
  });

  it('is refused with the reason, whoever wrote it', () => {
    const three = four.witnesses.slice(0, 3);
    const many = Array.from({ length: 65 }, (_, i) => hub('10.0.0.1', i));
    const notOnCurve = Buffer.concat([Buffer.alloc(64, 0xab), hubToBytes(hub('10.0.0.1')).slice(64)]);
    const cut = Buffer.from(letters, 'base64url').subarray(0, -5);
    const table: readonly (readonly [string, Expected])[] = [
      ['', 'linkInvalid notNetwork'],
      [letters, 'linkInvalid notNetwork'],
      [link.replace('vscode:', 'https:'), 'linkInvalid notNetwork'],
      [link.replace('daochain.daochain', 'daochain.daochain.example'), 'linkInvalid notNetwork'],
      [link.replace('/network?', '/trust?'), 'linkInvalid notNetwork'],
      [link.replace('/network?', '/admit?'), 'linkInvalid notNetwork'],
      [link.padEnd(20_480, 'A'), 'linkInvalid tooLong'],
      [`${link}\u202e`, 'linkInvalid character'],
      [link.replace('&d', ' &d'), 'linkInvalid character'],
      [`${link}#later`, 'linkInvalid encoding'],
      [`${link}==`, 'linkInvalid encoding'],
      [link.replace(letters, letters.replace('B', '%42')), 'linkInvalid encoding'],
      [link.replace(letters, letters.replace('B', '%2542')), 'linkInvalid encoding'],
      [link.replace('v=1', 'v=%31'), 'linkInvalid encoding'],
      [link.replace('v=1', 'v=01'), 'linkInvalid encoding'],
      [link.replace('v=1', 'v='), 'linkInvalid encoding'],
      [`${link}&d=${letters}`, 'linkInvalid repeated'],
      [link.replace('v=1', 'v=1&v=2'), 'linkInvalid repeated'],
      [`${link}&hubs=1`, 'linkInvalid unknown'],
      [`${link}&`, 'linkInvalid unknown'],
      [`${link}&__proto__=1`, 'linkInvalid unknown'],
      [link.replace('v=1&', ''), 'linkInvalid missing'],
      [link.slice(0, link.indexOf('&d=')), 'linkInvalid missing'],
      [link.replace('v=1', 'v=2'), 'linkInvalid newer'],
      ['vscode://daochain.daochain/network?v=2&set=7&d=', 'linkInvalid newer'],
      [link.slice(0, -letters.length), 'linkInvalid damaged'],
      [link.slice(0, -1), 'linkInvalid damaged'],
      [link.replace(letters, letters.replace('B', 'C')), 'linkInvalid damaged'],
      [link.replace(letters, letters.slice(0, -3)), 'linkInvalid damaged'],
      // The check of another kind of link.
      [networkLink('admit', body()).replace('/admit?', '/network?'), 'linkInvalid damaged'],
      [networkLink('network', cut), 'linkInvalid damaged'],
      [networkLink('network', Buffer.concat([body(), Uint8Array.of(0)])), 'linkInvalid damaged'],
      [networkLink('network', new Uint8Array(0)), 'linkInvalid damaged'],
      [linkOf({ dataset: Uint8Array.of(2) }), 'linkInvalid damaged'],
      [linkOf({ checkpoint: Uint8Array.of(2) }), 'linkInvalid damaged'],
      [linkOf({ checkpoint: Buffer.concat([Uint8Array.of(2), Buffer.alloc(76, 1)]) }), 'linkInvalid damaged'],
      [linkOf({ checkpoint: Buffer.concat([Uint8Array.of(1), Buffer.alloc(38)]) }), 'linkInvalid damaged'],
      [linkOf({ hubs: Buffer.concat([Uint8Array.of(1), Buffer.alloc(64), Uint8Array.of(5)]) }), 'linkInvalid damaged'],
      [linkOf({ hubs: Buffer.concat([Uint8Array.of(1), notOnCurve]) }), 'linkInvalid damaged'],
      [linkOf({ hubs: hubBytes({ ...hub('10.0.0.1'), port: 0 }) }), 'linkInvalid damaged'],
      [named(Uint8Array.of(0xff)), 'linkInvalid damaged'],
      [named(Uint8Array.of(0xed, 0xa0, 0x80)), 'linkInvalid damaged'],
      [named('a\u202eb'), 'networkInvalid name'],
      [named('a\u200bb'), 'networkInvalid name'],
      [named('\ufeffab'), 'networkInvalid name'],
      [named('x'.repeat(65)), 'networkInvalid name'],
      [named(''), 'networkInvalid name'],
      [named('1337'), 'networkInvalid name'],
      ...['\u2800', 'Shop\u2800', '\ufffc', '\u{1d159}'].map((name) => [named(name), 'networkInvalid name'] as const),
      [named('development'), 'networkInvalid nameTaken'],
      [named('devеlopmеnt'), 'networkInvalid nameTaken'],
      [linkOf({ code: new Uint8Array(8) }), 'networkInvalid ledgerCode'],
      [linkOf({ confirmations: Uint8Array.of(0, 0) }), 'networkInvalid terms'],
      [linkOf({ confirmations: Uint8Array.of(3, 233) }), 'networkInvalid terms'],
      [witnessed(three, 1), 'networkInvalid terms'],
      [witnessed(four.witnesses, 2), 'networkInvalid terms'],
      [witnessed(three, 4), 'networkInvalid terms'],
      [witnessed(three, 0), 'networkInvalid terms'],
      [witnessed([], 1), 'networkInvalid terms'],
      [witnessed([witness(1), witness(1), witness(2)], 2), 'networkInvalid terms'],
      [witnessed([witness(2), witness(1)], 2), 'networkInvalid terms'],
      [witnessed([`0x${'0'.repeat(40)}`], 1), 'networkInvalid terms'],
      [witnessed([`0x${'0'.repeat(39)}1`], 1), 'networkInvalid terms'],
      [witnessed([genesisLedgerAddress], 1), 'networkInvalid terms'],
      [
        witnessed(
          Array.from({ length: mostWitnesses + 1 }, (_, i) => witness(i)),
          30,
        ),
        'networkInvalid terms',
      ],
      [linkOf({ hubs: hubBytes(...many) }), 'networkInvalid hubs'],
      [linkOf({ hubs: hubBytes(hub('10.0.0.1'), hub('10.0.0.2')) }), 'networkInvalid hubs'],
      [at('127.0.0.1'), 'networkInvalid hubReach'],
      [at('127.9.9.9'), 'networkInvalid hubReach'],
      [at('::1'), 'networkInvalid hubReach'],
      [at('::ffff:7f00:1'), 'networkInvalid hubReach'],
      [at('64:ff9b::7f00:1'), 'networkInvalid hubReach'],
      [at('2002:7f00:1::'), 'networkInvalid hubReach'],
      [at('0.0.0.0'), 'networkInvalid hubReach'],
      [at('::'), 'networkInvalid hubReach'],
      [at('169.254.169.254'), 'networkInvalid hubReach'],
      [at('100.100.100.200'), 'networkInvalid hubReach'],
      [at('168.63.129.16'), 'networkInvalid hubReach'],
      [at('fd00:ec2::254'), 'networkInvalid hubReach'],
      [at('fd00:c1::a9fe:a9fe'), 'networkInvalid hubReach'],
      [at('fd20:ce::254'), 'networkInvalid hubReach'],
      [at('fe80::1'), 'networkInvalid hubReach'],
      [at('224.0.0.1'), 'networkInvalid hubReach'],
      [at('ff02::1'), 'networkInvalid hubReach'],
      [at('255.255.255.255'), 'networkInvalid hubReach'],
      [linkOf({ hubs: hubBytes(hub('10.0.0.1'), hub('127.0.0.1', 1)) }), 'networkInvalid hubReach'],
    ];
    for (const [text, expected] of table)
      assert.equal(
        faultOf(() => parseJoinLink(text, nothingKnown)),
        expected,
        text.slice(0, 400),
      );
  });

  it('may lead to machines of a local network, of a VPN, and of the world', () => {
    for (const host of [
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      'fd12:3456::1',
      '8.8.8.8',
      '2606:4700::1',
    ])
      assert.equal(
        faultOf(() => parseJoinLink(at(host), nothingKnown)),
        undefined,
        host,
      );
  });

  it('tells of any wrong letter', () => {
    for (let i = 0; i < letters.length; i++) {
      const other = letters[i] === 'A' ? 'B' : 'A';
      const text = link.replace(letters, letters.slice(0, i) + other + letters.slice(i + 1));
      assert.equal(
        faultOf(() => parseJoinLink(text, nothingKnown)),
        'linkInvalid damaged',
      );
    }
  });

  it('is never read in another form than the one it is written in', () => {
    fc.assert(
      fc.property(fc.nat(body().length - 1), fc.nat(255), (where, byte) => {
        const bytes = Uint8Array.from(body());
        bytes[where] = byte;
        const text = networkLink('network', bytes);
        try {
          const { profile, checkpoint: block } = parseJoinLink(text, nothingKnown);
          assert.equal(joinLink(profile, block), text);
        } catch (error) {
          assert.ok(isDaoChainError(error, 'linkInvalid', 'networkInvalid'), String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is followed already', () => {
  const other = createTeamNetwork({ ...team, name: 'Shop', hubs: [] }, new Uint8Array(32).fill(8), code);

  function joining(profile: TeamProfile, known: Partial<KnownNetworks>): string | undefined {
    const faults = [
      () => parseJoinLink(joinLink(profile), { ...nothingKnown, ...known }),
      () => parseJoinFile(Buffer.from(JSON.stringify(profile)), { ...nothingKnown, ...known }),
    ].map(faultOf);
    assert.equal(new Set(faults).size, 1, faults.join(', '));
    return faults[0];
  }

  it('keeps its name to itself, however it is written', () => {
    const known = { followed: [other] };
    assert.equal(joining(team, known), undefined);
    for (const name of ['Shop', 'shop', 'SHOP', 'Ｓｈｏｐ', 'Ѕһор', 'Shöp'])
      assert.equal(joining({ ...team, name }, known), 'networkInvalid nameTaken', name);
    for (const [taken, name] of [
      ['Bill', 'BiII'],
      ['Bill', 'Bi1l'],
      ['BEN', 'ΒΕΝ'],
      ['Market', 'Мarket'],
      ['Market', 'ΜΑRKET'],
      ['HUB', 'НUВ'],
      ['Modern', 'Modem'],
      ['Zoo', 'Z00'],
      ['Shop', 'Shop (home)'],
      ['Shop', 'Shop（主网络）'],
      ['ΝΕΤ', 'νετ'],
    ] as const)
      assert.equal(
        joining({ ...team, name }, { followed: [{ ...other, name: taken }] }),
        'networkInvalid nameTaken',
        `${name} beside ${taken}`,
      );
    for (const name of ['Shop 2', 'Shops', 'Shop (test)', '商店'])
      assert.equal(joining({ ...team, name }, known), undefined, name);
  });

  it('leaves to the network of this machine what it is called, in every language', async () => {
    for (const path of ['bundle.l10n.json', 'bundle.l10n.zh-cn.json']) {
      const words = JSON.parse(await readFile(join(import.meta.dirname, '../../../../l10n', path), 'utf8')) as Record<
        string,
        string
      >;
      const own = ['development network', 'development ledger'].map((key) => words[key] ?? key);
      const marked = ['{0} (home)', '{0} (development)'].map((key) => (words[key] ?? key).replace('{0}', 'Shop'));
      for (const name of own) assert.equal(joining({ ...team, name }, {}), 'networkInvalid nameTaken', name);
      for (const name of marked)
        assert.equal(joining({ ...team, name }, { followed: [other] }), 'networkInvalid nameTaken', name);
    }
  });

  it('is joined only where there is somebody to connect to', () => {
    assert.equal(joining({ ...team, hubs: [] }, {}), 'networkInvalid withoutHub');
  });

  it('is not joined again, under whatever name', () => {
    const known = { followed: [team], ledgers: [networkLedger(team)] };
    assert.equal(joining(team, known), 'networkInvalid alreadyFollowed');
    assert.equal(joining({ ...team, name: 'Shop', hubs: [] }, known), 'networkInvalid alreadyFollowed');
  });

  it('keeps its chain ID to itself', () => {
    const { chainId } = networkLedger(team);
    assert.equal(joining(team, { ledgers: [{ ...networkLedger(other), chainId }] }), 'networkInvalid chainIdTaken');
  });
});

describe('the file of a network that somebody else wrote', () => {
  function given(value: unknown): string | undefined {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return faultOf(() => parseJoinFile(Buffer.from(text), nothingKnown));
  }

  it('is read whatever its white space', () => {
    const fileOf = (block?: typeof checkpoint): Joining =>
      parseJoinFile(Buffer.from(joinFile(team, block)), nothingKnown);
    assert.deepEqual(fileOf(), { profile: team, checkpoint: undefined });
    assert.deepEqual(fileOf(checkpoint), { profile: team, checkpoint });
    const { number, hash } = checkpoint;
    for (const block of [
      null,
      [],
      {},
      { number },
      { hash },
      { number: 0, hash },
      { number: 2 ** 48, hash },
      { number: 1.5, hash },
    ])
      assert.equal(given({ ...team, checkpoint: block }), 'networkInvalid shape', JSON.stringify(block));
    for (const block of [{ number, hash: '0x12' }, { number, hash, more: 1 }, { number: '1', hash }, hash])
      assert.equal(given({ ...team, checkpoint: block }), 'networkInvalid shape', JSON.stringify(block));
  });

  it('is refused with the reason', () => {
    const { genesis } = team;
    const account = genesis.alloc[genesisLedgerAddress];
    const inLedger = (members: object): unknown => ({
      ...team,
      genesis: { ...genesis, alloc: { [genesisLedgerAddress]: { ...account, ...members } } },
    });
    const { mixHash, ...uncommitted } = genesis;
    const { name, version, chainId, confirmations, ledgerAddress } = team;
    const text = JSON.stringify(team);
    const enode = formatHub(hub('10.0.0.1'));
    const table: readonly (readonly [unknown, Expected])[] = [
      ['', 'networkInvalid shape'],
      ['null', 'networkInvalid shape'],
      [`${text},`, 'networkInvalid shape'],
      [`\ufeff${text}`, 'networkInvalid shape'],
      [text.replace('{', '{"name":"Shop",'), 'networkInvalid shape'],
      [text.replace('"kind"', '"\\u0068ubs":[],"kind"'), 'networkInvalid shape'],
      [text.padEnd(2 ** 20 + 1), 'networkInvalid shape'],
      ['['.repeat(100_000), 'networkInvalid shape'],
      [{ ...team, version: 2 }, 'networkInvalid newer'],
      [{ ...team, confirmations: 1 }, 'networkInvalid commitment'],
      [{ ...team, dataset: 'small' }, 'networkInvalid commitment'],
      [{ ...team, threshold: 4 }, 'networkInvalid commitment'],
      [{ ...team, witnesses: [], threshold: 0 }, 'networkInvalid commitment'],
      [{ ...team, genesis: uncommitted }, 'networkInvalid commitment'],
      [{ ...team, genesis: { ...genesis, mixHash: `0x${'0'.repeat(64)}` } }, 'networkInvalid commitment'],
      [{ ...team, genesis: { ...genesis, mixHash: mixHash?.toUpperCase() } }, 'networkInvalid commitment'],
      [
        { name, version, chainId, genesis, ledgerAddress, confirmations, kind: 'development' },
        'networkInvalid commitment',
      ],
      [{ ...team, threshold: 2 }, 'networkInvalid terms'],
      [inLedger({ storage: { '0x00': '0x01' } }), 'networkInvalid ledgerStorage'],
      [inLedger({ storage: {} }), 'networkInvalid ledgerStorage'],
      [inLedger({ code: '0x6003' }), 'networkInvalid ledgerCode'],
      [inLedger({ code: olderCode }), 'networkInvalid genesis'],
      [{ ...team, chainId: 1 }, 'networkInvalid genesis'],
      [{ ...team, surprise: true }, 'networkInvalid genesis'],
      [{ ...team, genesis: { ...genesis, difficulty: '0x1' } }, 'networkInvalid genesis'],
      [{ ...team, name: 'a\u202eb' }, 'networkInvalid name'],
      [{ ...team, name: 'x'.repeat(65) }, 'networkInvalid name'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', 'hub.example.com')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', 'localhost')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', '0x7f.1')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', '2130706433')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', '[::ffff:127.0.0.1]')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode.replace('10.0.0.1', '[fe80::1%25eth0]')] }, 'networkInvalid hubs'],
      [{ ...team, hubs: keys.map((_, i) => formatHub(hub('10.0.0.1', i))) }, 'networkInvalid hubs'],
      [{ ...team, hubs: [enode, enode] }, 'networkInvalid hubs'],
      [{ ...team, hubs: [formatHub(hub('127.0.0.1'))] }, 'networkInvalid hubReach'],
      [{ ...team, hubs: [formatHub(hub('169.254.169.254'))] }, 'networkInvalid hubReach'],
      [createDevelopmentNetwork(salt, code), 'networkInvalid development'],
    ];
    for (const [value, expected] of table)
      assert.equal(given(value), expected, (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300));
  });
});

describe('base64url', () => {
  it('has one form only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'));
      }),
    );
  });
});
