import assert from 'node:assert/strict';
import { differences, equivalence, presentDockerFields } from '../../../../src/core/image/equivalence';
import { identityFromConfig } from '../../../../src/core/image/fingerprint';
import type { ImageIdentity } from '../../../../src/core/image/identity';
import { formatPlatform, isSubstitute, normalizePlatform, samePlatform } from '../../../../src/core/image/platform';

const healthcheck = { Test: ['CMD', '/x'] };

function image(config: object, top: object = {}): ImageIdentity {
  const rootfs = { type: 'layers', diff_ids: [`sha256:${'1'.repeat(64)}`] };
  return identityFromConfig(
    Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs, config, ...top })),
  );
}

describe('equivalence', () => {
  const whole = { Env: ['A=1'], Healthcheck: healthcheck, Shell: ['/bin/sh'], OnBuild: ['RUN x'] };
  const { OnBuild, ...withoutOnBuild } = whole;
  const table: readonly (readonly [
    string,
    signed: object,
    local: object,
    kind: string,
    dropped?: readonly string[],
  ])[] = [
    ['the same', whole, whole, 'exact'],
    ['Healthcheck and Shell lost', withoutOnBuild, { Env: ['A=1'] }, 'equivalent', ['Healthcheck', 'Shell']],
    ['Healthcheck lost', { Healthcheck: healthcheck }, {}, 'equivalent', ['Healthcheck']],
    ['Shell lost', { Shell: ['/bin/sh'] }, {}, 'equivalent', ['Shell']],
    ['OnBuild lost', { OnBuild }, {}, 'different'],
    ['everything lost with OnBuild', whole, { Env: ['A=1'] }, 'different'],
    ['Shell lost and Healthcheck kept', withoutOnBuild, { Env: ['A=1'], Healthcheck: healthcheck }, 'different'],
    ['Healthcheck added', {}, { Healthcheck: healthcheck }, 'different'],
    ['Healthcheck changed', { Healthcheck: healthcheck }, { Healthcheck: { Test: ['NONE'] } }, 'different'],
    ['OnBuild added', {}, { OnBuild }, 'different'],
    ['Env changed', { Env: ['A=1'] }, { Env: ['A=2'] }, 'different'],
    ['Healthcheck lost and Env changed', { Env: ['A=1'], Healthcheck: healthcheck }, { Env: ['A=2'] }, 'different'],
  ];
  for (const [what, signed, local, kind, dropped] of table) {
    it(`calls an image with ${what} ${kind}`, () => {
      const { fingerprint, dockerFields, content } = image(signed);
      const said = { fingerprint, dockerFields, dockerFieldNames: presentDockerFields(content) };
      assert.deepEqual(equivalence(said, image(local)), { kind, ...(dropped === undefined ? {} : { dropped }) });
    });
  }

  it('does not guess what a statement leaves open', () => {
    const { fingerprint, dockerFields } = image({ Healthcheck: healthcheck });
    assert.deepEqual(equivalence({ fingerprint, dockerFields }, image({})), { kind: 'undetermined' });
    assert.deepEqual(equivalence({ fingerprint, dockerFields }, image({ Shell: ['x'] })), { kind: 'different' });
  });
});

describe('differences', () => {
  it('names what was added, changed and lost, platform and layers first', () => {
    const a = image({ Env: ['A=1'], Cmd: ['x'], Healthcheck: healthcheck, User: '1' });
    const b = image(
      { Env: ['A=2'], User: '1', Labels: { a: 'b' } },
      { architecture: 'arm64', variant: 'v8', rootfs: { type: 'layers', diff_ids: [] } },
    );
    const expected = ['architecture', 'variant', 'layers', 'Cmd', 'Env', 'Healthcheck', 'Labels'];
    assert.deepEqual(differences(a.content, b.content), expected);
    assert.deepEqual(differences(b.content, a.content), expected);
  });

  it('names nothing for the same content', () => {
    const config = { Labels: { b: '1', a: '2' } };
    assert.deepEqual(differences(image(config).content, image({ Labels: { a: '2', b: '1' } }).content), []);
  });
});

describe('platforms', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['linux/amd64', 'linux/amd64', true],
    ['linux/x86_64', 'linux/amd64', true],
    ['linux/amd64/v1', 'linux/amd64', true],
    ['linux/amd64/v2', 'linux/amd64', false],
    ['linux/arm64/v8', 'linux/aarch64', true],
    ['linux/arm64/8', 'linux/arm64', true],
    ['linux/arm/v7', 'linux/arm', true],
    ['linux/arm/v6', 'linux/arm', false],
    ['linux/amd64', 'windows/amd64', false],
    ['linux/riscv64', 'linux/riscv64', true],
  ];
  const parse = (text: string): ImageIdentity['platform'] => {
    const [os = '', architecture = '', variant] = text.split('/');
    return { os, architecture, ...(variant === undefined ? {} : { variant }) };
  };
  for (const [a, b, same] of table) {
    it(`${same ? 'takes' : 'does not take'} ${a} for ${b}`, () => {
      assert.equal(samePlatform(parse(a), parse(b)), same);
      assert.equal(samePlatform(parse(b), parse(a)), same);
    });
  }

  it('compares OS versions only where both have one', () => {
    const windows = { os: 'windows', architecture: 'amd64' };
    assert.ok(samePlatform(windows, { ...windows, osVersion: '10.0.1' }));
    assert.ok(!samePlatform({ ...windows, osVersion: '10.0.2' }, { ...windows, osVersion: '10.0.1' }));
  });

  it('prints them as engines do', () => {
    assert.equal(formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'linux/arm64/v8');
    assert.equal(formatPlatform(normalizePlatform({ os: 'Linux', architecture: 'S390x' })), 'linux/s390x');
    for (const architecture of ['constructor', '__proto__', 'tostring', 'hasownproperty']) {
      const platform = { os: 'linux', architecture };
      assert.deepEqual(normalizePlatform(platform), platform, 'a stranger may call an architecture anything');
      assert.ok(!isSubstitute({ os: 'linux', architecture: 'amd64' }, platform));
      assert.ok(!samePlatform(platform, { os: 'linux', architecture: 'amd64' }));
    }
  });
});
