import assert from 'node:assert/strict';
import { BlockList, isIP, isIPv4 } from 'node:net';
import fc from 'fast-check';
import {
  formatHub,
  hubFromBytes,
  hubReach,
  hubToBytes,
  isReachable,
  parseHub,
  parseAddress,
  type HubReach,
} from '../../../../src/core/ledger/hub';
import { testNodeKey } from '../../../testbed/nodeKey';

const nodeKey = testNodeKey(1);

function enode(address: string): string {
  return `enode://${nodeKey}@${address}`;
}

/** The networks of each kind; of several that hold an address, the one with the longest prefix counts. */
const networks: readonly (readonly [string, number, HubReach])[] = [
  ['0.0.0.0', 0, 'public'],
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['100.100.100.0', 24, 'linkLocal'],
  ['127.0.0.0', 8, 'loopback'],
  ['168.63.129.16', 32, 'linkLocal'],
  ['169.254.0.0', 16, 'linkLocal'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  ['::', 0, 'reserved'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['2000::', 3, 'public'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['2002::', 16, 'reserved'],
  ['3fff::', 16, 'reserved'],
  ['fc00::', 7, 'private'],
  ['fd00:42::', 32, 'linkLocal'],
  ['fd00:100::', 32, 'linkLocal'],
  ['fd00:a9fe::', 32, 'linkLocal'],
  ['fd00:c1::', 32, 'linkLocal'],
  ['fd00:ec2::', 32, 'linkLocal'],
  ['fd20:ce::', 32, 'linkLocal'],
  ['fe80::', 10, 'linkLocal'],
  ['ff00::', 8, 'multicast'],
];

const lists = networks
  .toSorted(([, a], [, b]) => b - a)
  .map(([network, prefix, reach]) => {
    const list = new BlockList();
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    list.addSubnet(network, prefix, family);
    return { list, family, reach } as const;
  });

/** By Node's own reading of the address. */
function reachByList(host: string): HubReach | undefined {
  const family = isIPv4(host) ? 'ipv4' : 'ipv6';
  return lists.find((each) => each.family === family && each.list.check(host, family))?.reach;
}

/** As browsers write an address, which is RFC 5952 but for an IPv4 address within. */
function canonical(host: string): string {
  return new URL(`http://[${host}]/`).hostname.slice(1, -1);
}

const four = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'));
/** Many of them near the borders of the networks above. */
const nearFour = fc
  .tuple(fc.constantFrom(...networks.map(([network]) => network).filter(isIPv4)), fc.integer({ min: -3, max: 3 }))
  .map(([network, by]) => {
    const number = network.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + by;
    return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
  });
const group = fc.oneof(
  fc.constant(0),
  fc.nat(0xffff),
  fc.constantFrom(1, 0x42, 0x100, 0xa9fe, 0xdb8, 0xec2, 0xc1, 0xce),
);
const firstGroup = fc.oneof(
  group,
  fc.constantFrom(0x2000, 0x2001, 0x2002, 0x3ffe, 0x3fff, 0x4000, 0xfbff, 0xfc00, 0xfd00, 0xfd20, 0xfdff, 0xfe00),
  fc.constantFrom(0xfe7f, 0xfe80, 0xfebf, 0xfec0, 0xfeff, 0xff00, 0xff02),
);
const six = fc
  .tuple(firstGroup, group, group, group, group, group, group, group)
  .map((groups) => groups.map((each) => each.toString(16)).join(':'));

describe('the address of a hub', () => {
  it('is of the kind that Node’s block lists say', () => {
    const check = (host: string): void => {
      assert.equal(hubReach(host), reachByList(host), host);
    };
    fc.assert(fc.property(four, check), { numRuns: 3_000 });
    fc.assert(fc.property(nearFour, check), { numRuns: 1_000 });
    fc.assert(fc.property(six.map(canonical), check), { numRuns: 3_000 });
    for (const [network] of networks) check(network);
  });

  it('is not where a cloud answers for the secrets of its machines', () => {
    for (const host of [
      ...['169.254.169.254', '169.254.170.2', '169.254.42.42', '169.254.0.23', '100.100.100.200', '168.63.129.16'],
      ...['192.0.0.192', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42', 'fd00:c1::a9fe:a9fe'],
      ...['fd00:a9fe:a9fe::1', 'fe80::a9fe:a9fe', 'fd00:100::100:200'],
    ])
      assert.ok(!isReachable(hubReach(host)), host);
  });

  it('leads to another machine or is refused, and what is no address leads nowhere', () => {
    const reaches = new Set(networks.map(([, , reach]) => reach));
    assert.deepEqual([...reaches].filter(isReachable).sort(), ['private', 'public']);
    for (const host of [
      '',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '010.0.0.1',
      '1.2.3.4.5',
      '::ffff:127.0.0.1',
    ])
      assert.equal(hubReach(host), 'reserved', host);
  });

  it('has one form only', () => {
    fc.assert(
      fc.property(six, (host) => {
        const one = canonical(host);
        assert.equal(parseHub(enode(`[${host}]:30303`)) !== undefined, host === one, host);
        assert.equal(parseHub(enode(`[${one}]:30303`))?.host, one);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{0,20}$/), (host) => {
        const read = parseHub(enode(`[${host}]:30303`)) ?? parseHub(enode(`${host}:30303`));
        if (read !== undefined) assert.ok(isIP(host) !== 0 && (isIPv4(host) || canonical(host) === host), host);
      }),
      { numRuns: 2_000 },
    );
    const others = ['01.2.3.4', '1.2.3', '1.2.3.256', '1.2.3.4 ', '+1.2.3.4', '[1.2.3.4]', '::1', '[::1', '[FD00::1]'];
    for (const host of [...others, '[0:0::1]', '[::1%lo]', '[::1.2.3.4]', 'hub.example.com', 'localhost', ''])
      assert.equal(parseHub(enode(`${host}:30303`)), undefined, host);
    for (const port of ['0', '030303', '65536', '-1', '1e3', '', '30303 ', '30303?discport=0'])
      assert.equal(parseHub(enode(`10.0.0.1:${port}`)), undefined, port);
    for (const text of [enode('10.0.0.1:1').toUpperCase(), ` ${enode('10.0.0.1:1')}`, `${enode('10.0.0.1:1')}\n`])
      assert.equal(parseHub(text), undefined, text);
  });

  it('comes back from its text, from its bytes, and without its key', () => {
    fc.assert(
      fc.property(fc.oneof(four, six.map(canonical)), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const hub = { nodeKey, host, port };
        assert.deepEqual(parseHub(formatHub(hub)), hub);
        const bytes = hubToBytes(hub);
        let at = 0;
        const read = hubFromBytes((length) => bytes.slice(at, (at += length)));
        assert.deepEqual(read, hub);
        assert.equal(at, bytes.length);
        assert.deepEqual(parseAddress(formatHub(hub).slice(enode('').length)), { host, port });
      }),
    );
    assert.equal(parseAddress('10.0.0.1'), undefined);
    assert.equal(parseAddress('localhost:1'), undefined);
    assert.equal(parseAddress('::1:1'), undefined);
  });
});
