import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkedLookup, isLoopbackAddress, isPublicAddress } from '../../../src/adapters/registry/addresses';
import { parseChallenges } from '../../../src/adapters/registry/challenge';
import { proxyFor } from '../../../src/adapters/registry/proxy';
import { failsWith } from '../docker/daoChainError';
import { processorMs } from '../../testbed/processorTime';

describe('addresses', () => {
  it('are public or not', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      '172.15.0.1',
      '172.32.0.1',
      '100.63.0.1',
      '100.128.0.1',
      '169.253.0.1',
      '223.255.255.255',
      '2606:4700::1',
      '2a00::1',
      '2001:4860::8888',
      '2003::1',
    ]) {
      assert.equal(isPublicAddress(address), true, address);
    }
    for (const address of [
      ...[
        '0.0.0.0',
        '0.1.2.3',
        '10.0.0.0',
        '10.255.255.255',
        '100.64.0.0',
        '100.127.255.255',
        '127.0.0.1',
        '127.255.255.255',
      ],
      ...[
        '169.254.0.1',
        '172.16.0.1',
        '172.31.255.255',
        '192.0.0.8',
        '192.0.2.1',
        '192.168.0.1',
        '198.18.0.1',
        '198.19.255.255',
      ],
      ...['198.51.100.1', '203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1'],
      ...[
        '::',
        '::1',
        '::ffff:8.8.8.8',
        '::ffff:10.0.0.1',
        '::8.8.8.8',
        '64:ff9b::8.8.8.8',
        '64:ff9b:1::1',
        'fc00::1',
        'fdff::1',
      ],
      ...[
        'fe80::1',
        'febf::1',
        'fec0::1',
        'ff02::1',
        '2001:db8::1',
        '2001::1',
        '2002:7f00:1::',
        '3fff::1',
        '5f00::1',
        '100::1',
      ],
      ...['2606:4700::1%eth0', '', 'localhost', '8.8.8', '08.8.8.8', '8.8.8.8.'],
    ]) {
      assert.equal(isPublicAddress(address), false, address);
    }
  });

  it('are of this machine or not', () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1']) assert.equal(isLoopbackAddress(address), true, address);
    for (const address of ['126.0.0.1', '128.0.0.1', '::2', 'localhost', '10.0.0.1', '0.0.0.0']) {
      assert.equal(isLoopbackAddress(address), false, address);
    }
  });

  it('lead a socket only to where they were checked', async () => {
    const answers = [['9.9.9.9', '2620:fe::fe'], ['127.0.0.1'], [], ['9.9.9.9', '10.0.0.1']].map((addresses) =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
    const [first = []] = answers;
    const lookup = checkedLookup('a.test', () => Promise.resolve(answers.shift() ?? []), isPublicAddress);
    const ask = (all: boolean): Promise<unknown> =>
      new Promise((resolve, reject) => {
        lookup('a.test', { all }, (error, address) => {
          if (error === null) resolve(address);
          else reject(error);
        });
      });
    assert.deepEqual(await ask(true), first);
    for (let turn = 0; turn < 3; turn += 1) {
      await assert.rejects(ask(turn === 0), failsWith('registryRefused', { reason: 'privateAddress', host: 'a.test' }));
    }
  });
});

describe('challenges', () => {
  const parsed = (header: string) =>
    parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

  it('are read by the grammar', () => {
    assert.deepEqual(
      parsed('Bearer realm="https://a.test/token",service="a \\"b\\"", scope="repository:a/b:pull,push"'),
      [['bearer', { realm: 'https://a.test/token', service: 'a "b"', scope: 'repository:a/b:pull,push' }]],
    );
    assert.deepEqual(parsed('Basic realm=x, BEARER Realm = "y" ,a=b'), [
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'y', a: 'b' }],
    ]);
    assert.deepEqual(parsed('Negotiate, NTLM abc==, Basic realm="x"'), [
      ['negotiate', {}],
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ]);
  });

  it('are read as far as they can be where the grammar is another', () => {
    for (const [header, ...challenges] of [
      ['realm="x"'],
      ['é'],
      ['"'],
      [`Basic realm=${'x'.repeat(9_000)}`],
      ['Bearer realm="x', ['bearer', {}]],
      ['Bearer realm="x"y', ['bearer', { realm: 'x' }]],
      ['Bearer realm="x"; a=b', ['bearer', { realm: 'x', a: 'b' }]],
      ['Bearer a=b, A=c', ['bearer', { a: 'c' }]],
      [
        'Bearer realm=https://a.test/t?x=1,service=a.test:5000,scope=repository:a/b:pull,push',
        ['bearer', { realm: 'https://a.test/t?x=1', service: 'a.test:5000', scope: 'repository:a/b:pull' }],
        ['push', {}],
      ],
      ['Bearer service=Docker registry,realm="x"', ['bearer', { service: 'Docker', realm: 'x' }]],
      ['Basic realm=Sonatype Nexus Repository Manager', ['basic', { realm: 'Sonatype' }]],
      ['Bearer realm="x" service="y"', ['bearer', { realm: 'x', service: 'y' }]],
      ['Bearer realm="",service=', ['bearer', { realm: '', service: '' }]],
    ] as const) {
      assert.deepEqual(parsed(header), challenges, header);
    }
  });

  it('come out as they went in', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
    const value = fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) });
    const challenge = fc.tuple(token, fc.dictionary(token, value, { minKeys: 1, noNullPrototype: true }));
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const header = challenges
          .map(([scheme, parameters]) => {
            const pairs = Object.entries(parameters).map(
              ([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`,
            );
            return `${scheme} ${pairs.join(', ')}`;
          })
          .join(', ');
        assert.deepEqual(parsed(header), challenges);
      }),
    );
  });

  it('never take long', async () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: fc.constantFrom('a', '=', '"', '\\', ',', ' ') }), (header) => {
        parseChallenges(header);
      }),
      { numRuns: 2_000 },
    );
    const took = await processorMs(() => {
      for (const piece of ['"\\', 'a ', 'a=', ' ,', 'a="']) parseChallenges(piece.repeat(8_192 / piece.length));
    });
    assert.ok(took < 1_000);
  });
});

describe('the proxy of a registry', () => {
  const environment = {
    https_proxy: 'proxy.test:3128',
    HTTP_PROXY: 'http://plain.test:8080',
    NO_PROXY: 'a.test, .b.test,10.0.0.0/8,c.test:5000,fd00::/8,8.8.8.8,[2606::1]:80',
  };
  const proxy = (url: string, variables: Record<string, string> = environment) =>
    proxyFor(new URL(url), variables)?.href;

  it('is what the environment names', () => {
    assert.equal(proxy('https://x.test/'), 'http://proxy.test:3128/');
    assert.equal(proxy('http://x.test/'), 'http://plain.test:8080/');
    assert.equal(proxy('https://x.test/', {}), undefined);
    assert.equal(proxy('https://x.test/', { ...environment, NO_PROXY: '*' }), undefined);
    assert.equal(proxy('https://x.test/', { HTTPS_PROXY: 'http://[' }), undefined);
  });

  it('is passed by where NO_PROXY says so', () => {
    for (const url of [
      'https://a.test',
      'https://x.a.test',
      'https://x.b.test',
      'https://10.1.2.3',
      'https://c.test:5000',
      'https://[fd00::1]',
      'https://8.8.8.8:5000',
      'https://localhost:5000',
      'https://127.0.0.2',
      'https://[::1]:1',
    ]) {
      assert.equal(proxy(url), undefined, url);
    }
    for (const url of [
      'https://b.test',
      'https://aa.test',
      'https://11.0.0.1',
      'https://c.test',
      'https://[fe00::1]',
      'https://8.8.8.80',
      'https://a.test.evil.test',
    ]) {
      assert.notEqual(proxy(url), undefined, url);
    }
  });
});
