import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { JsonObject } from '../../../../src/core/json/canonicalJson';
import { canonicalJson } from '../../../../src/core/json/canonicalJson';
import { parseConfig } from '../../../../src/core/image/config';
import type { Digest } from '../../../../src/core/image/digest';
import { differences } from '../../../../src/core/image/equivalence';
import { fingerprintInput, identityFromConfig, identityFromInspect } from '../../../../src/core/image/fingerprint';
import { malformedAs } from './malformedAs';
import { fingerprintVectors, malformedVectors, vectorLayer, windowsVectors } from './vectors';

function sha256(text: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

describe('fingerprint', () => {
  for (const vector of [...fingerprintVectors, ...windowsVectors]) {
    it(`agrees with the vector ${vector.name}`, () => {
      const identity = identityFromConfig(Buffer.from(vector.config));
      assert.equal(canonicalJson(fingerprintInput(identity.content)), vector.fingerprintInput);
      assert.equal(canonicalJson(identity.content.dockerFields), vector.dockerFieldsInput);
      assert.equal(sha256(vector.fingerprintInput), vector.fingerprint);
      assert.deepEqual(
        [identity.fingerprint, identity.dockerFields, identity.configDigest, identity.configSize, identity.source],
        [vector.fingerprint, vector.dockerFields, vector.configDigest, Buffer.byteLength(vector.config), 'bytes'],
      );
    });
  }

  it('has vectors whose layer is the one beside them', () => {
    const diffIds = fingerprintVectors.flatMap(({ config }) => parseConfig(Buffer.from(config)).diffIds);
    assert.deepEqual([...new Set(diffIds)], [sha256(vectorLayer)]);
  });

  for (const { name, reason, bytes } of malformedVectors) {
    it(`refuses ${name}`, () => {
      assert.throws(() => identityFromConfig(bytes), malformedAs(reason));
    });
  }

  it('refuses every other spelling of every key that engines read, by every case', () => {
    const config = {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
      history: [{ created_by: 'x' }],
      container_config: { Cmd: ['x'] },
      config: { Env: ['A=1'], StopSignal: 'SIGTERM', Healthcheck: { Test: ['NONE'], Interval: 1 }, OnBuild: ['RUN x'] },
    };
    const text = JSON.stringify(config);
    assert.doesNotThrow(() => parseConfig(Buffer.from(text)));
    const keys = [...text.matchAll(/"([A-Za-z_]+)":/g)].map((match) => match[1] ?? '');
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.infiniteStream(fc.boolean()), (key, flips) => {
        const other = Array.from(key).map((letter) => {
          if (!flips.next().value) return letter;
          return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
        });
        fc.pre(other.join('') !== key);
        const changed = text.replace(`"${key}":`, `"${other.join('')}":`);
        assert.throws(() => parseConfig(Buffer.from(changed)), malformedAs('ambiguousKey'));
      }),
    );
  });

  it('is the same for the bytes and for what an engine prints without loss', () => {
    fc.assert(
      fc.property(
        fc.record({
          User: fc.string(),
          Env: fc.array(fc.string()),
          Entrypoint: fc.array(fc.string()),
          Labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
          ExposedPorts: fc.dictionary(fc.stringMatching(/^[1-9][0-9]{0,4}(?:\/udp)?$/), fc.constant({}), {
            noNullPrototype: true,
          }),
          Shell: fc.array(fc.string()),
        }),
        (config) => {
          const bytes = Buffer.from(
            JSON.stringify({ os: 'linux', architecture: 'amd64', config, rootfs: { type: 'layers', diff_ids: [] } }),
          );
          // Engines print null, or nothing, for what is empty.
          const printed = Object.fromEntries(
            Object.entries(config).map(([name, value]) => [name, Object.keys(value).length === 0 ? null : value]),
          );
          const inspected = identityFromInspect({
            os: 'linux',
            architecture: 'amd64',
            config: printed,
            diffIds: [],
          });
          const { fingerprint, dockerFields, content } = identityFromConfig(bytes);
          assert.deepEqual([inspected.fingerprint, inspected.dockerFields], [fingerprint, dockerFields]);
          assert.deepEqual(inspected.content, content);
          assert.equal(inspected.source, 'inspect');
        },
      ),
    );
  });

  describe('of a Windows image', () => {
    const text = windowsVectors.find(({ name }) => name === 'windows')?.config ?? '';
    const identity = (config: string) => identityFromConfig(Buffer.from(config));

    it('changes with what makes its engine run it differently, which changes nothing elsewhere', () => {
      for (const [from, to] of [
        ['"ArgsEscaped":true', '"ArgsEscaped":false'],
        ['["win32k"]', '[]'],
        ['["win32k"]', '["win32k","more"]'],
      ] as const) {
        assert.ok(text.includes(from), from);
        for (const os of ['windows', 'Windows', 'linux', 'freebsd']) {
          const of = text.replace('"windows"', `"${os}"`);
          const isKept = identity(of.replace(from, to)).fingerprint === identity(of).fingerprint;
          assert.equal(isKept, os.toLowerCase() !== 'windows', `${os}: ${from}`);
          assert.equal(identity(of.replace(from, to)).dockerFields, identity(of).dockerFields);
        }
      }
    });

    it('names what differs', () => {
      const other = text.replace('"ArgsEscaped":true', '"ArgsEscaped":false').replace('["win32k"]', '[]');
      const found = differences(identity(text).content, identity(other).content);
      assert.deepEqual(found, ['os.features', 'ArgsEscaped']);
    });

    it('is not known from what an engine prints, whatever that leaves out', () => {
      for (const config of [text, ...windowsVectors.map((vector) => vector.config)]) {
        const {
          os,
          architecture,
          config: runtime,
          rootfs,
          ...rest
        } = JSON.parse(config) as Record<string, unknown> & {
          readonly os: string;
          readonly architecture: string;
          readonly config: JsonObject;
          readonly rootfs: { readonly diff_ids: readonly Digest[] };
        };
        if (os !== 'windows') continue;
        const osVersion = rest['os.version'] as string;
        const printed = { os, architecture, osVersion, config: runtime, diffIds: rootfs.diff_ids };
        const known = [identity(config), identity(config.replace('"win32k"', ''))];
        for (const each of [printed, { ...printed, config: { ...runtime, ArgsEscaped: false } }]) {
          const { fingerprint, source } = identityFromInspect(each);
          assert.equal(source, 'inspect');
          assert.ok(known.every((one) => one.fingerprint !== fingerprint));
        }
      }
    });
  });

  it('changes with every part of the content', () => {
    const base = identityFromConfig(
      Buffer.from(fingerprintVectors.find(({ name }) => name === 'everything')?.config ?? ''),
    );
    const text = fingerprintVectors.find(({ name }) => name === 'everything')?.config ?? '';
    const changes: readonly (readonly [string, string])[] = [
      ['"amd64"', '"arm64"'],
      ['"os":"linux"', '"os":"windows"'],
      ['"User":"5"', '"User":"0"'],
      ['"A=b=c"', '"A=b"'],
      ['["/e","-x"]', '["-x","/e"]'],
      ['"Cmd":["c"]', '"Cmd":["d"]'],
      ['"WorkingDir":"/w"', '"WorkingDir":"/"'],
      ['"53/udp"', '"53/tcp"'],
      ['"/data"', '"/other"'],
      ['"a":"1"', '"a":""'],
      ['"SIGUSR1"', '"SIGKILL"'],
      ['"diff_ids":["sha256:', '"diff_ids":["sha256:' + '0'.repeat(64) + '","sha256:'],
    ];
    for (const [from, to] of changes) {
      assert.ok(text.includes(from), from);
      const changed = identityFromConfig(Buffer.from(text.replace(from, to)));
      assert.notEqual(changed.fingerprint, base.fingerprint, from);
      assert.equal(changed.dockerFields, base.dockerFields, from);
    }
    for (const from of ['"Interval":5000000000', '"/bin/sh"', '"RUN true"']) {
      const changed = identityFromConfig(Buffer.from(text.replace(from, from.replace(/\w(?="?$)/, '1'))));
      assert.equal(changed.fingerprint, base.fingerprint, from);
      assert.notEqual(changed.dockerFields, base.dockerFields, from);
    }
  });
});
