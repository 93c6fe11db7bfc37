import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { isDaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import { sha256Digest } from '../../../../src/core/image/digest';
import { mostPolicyBytes } from '../../../../src/core/trust/policyFile';
import { patternProblem } from '../../../../src/core/trust/rules';
import { parsePolicy } from '../../../../src/services/trust/parsePolicy';
import { english } from '../../words/localizers';

const ledger = `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const wallet = `0x${'33'.repeat(20)}`;
const rule = { ledger, repositories: 'docker.io/shop/*', publishers: [wallet] };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const write = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

describe('a policy file', () => {
  it('is its text, the digest of its bytes and its rules', () => {
    const bytes = bytesOf(` {"$schema": "x", "version": 1, "rules": [${JSON.stringify(rule)}]}\n`);
    const { text, digest, rules } = parsePolicy(bytes);
    assert.deepEqual(bytesOf(text), bytes);
    assert.equal(digest, sha256Digest(bytes));
    assert.deepEqual(
      rules.map(({ repositories, level, accept, threshold }) => ({ repositories, level, accept, threshold })),
      [{ repositories: 'docker.io/shop/*', level: 'warn', accept: 'publish', threshold: 1 }],
    );
    assert.deepEqual(parsePolicy(write({ version: 1, rules: [] })).rules, []);
  });

  const refusals: readonly (readonly [string, Uint8Array, Readonly<Record<string, string>>])[] = [
    ['not JSON', bytesOf('{"version": 1'), { reason: 'syntax' }],
    ['JSON with a comment', bytesOf('{"version": 1, "rules": [] /* */}'), { reason: 'syntax' }],
    ['JSON after a byte order mark', bytesOf('\ufeff{"version": 1, "rules": []}'), { reason: 'syntax' }],
    ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), { reason: 'syntax' }],
    ['a key twice', bytesOf('{"version": 1, "rules": [], "rules": []}'), { reason: 'duplicateKey' }],
    [
      'a key twice in a rule',
      bytesOf(
        `{"version": 1, "rules": [{"level": "enforce", ${JSON.stringify(rule).slice(1, -1)}, "l\\u0065vel": "warn"}]}`,
      ),
      { reason: 'duplicateKey' },
    ],
    ['too long', bytesOf(`{"version": 1, "rules": []${' '.repeat(mostPolicyBytes)}}`), { reason: 'tooLarge' }],
    ['a list', write([rule]), { reason: 'shape', value: 'version' }],
    ['a number', write(1), { reason: 'shape', value: '' }],
    ['without a version', write({ rules: [rule] }), { reason: 'shape', value: 'version' }],
    ['of a later version', write({ version: 2, rules: [rule] }), { reason: 'shape', value: 'version' }],
    ['with more than it may have', write({ version: 1, rules: [], ignore: [] }), { reason: 'shape', value: 'ignore' }],
    ['without rules', write({ version: 1 }), { reason: 'shape', value: 'rules' }],
    [
      'with a rule for everything',
      write({ version: 1, rules: [rule, { ...rule, repositories: '**' }] }),
      { reason: 'rule', rule: '2', problem: 'patternUnscoped', value: '**' },
    ],
    [
      'with a rule that has a field which nobody knows',
      write({ version: 1, rules: [{ ...rule, levels: 'enforce' }] }),
      { reason: 'rule', rule: '1', problem: 'shape', value: 'levels' },
    ],
    [
      'with a level that there is not',
      write({ version: 1, rules: [{ ...rule, level: 'strict' }] }),
      { reason: 'rule', rule: '1', problem: 'shape', value: 'level' },
    ],
  ];
  for (const [what, bytes, details] of refusals) {
    it(`is refused as a whole when it is ${what}`, () => {
      assert.throws(
        () => parsePolicy(bytes),
        (error) => {
          assert.ok(isDaoChainError(error, 'policyInvalid'));
          assert.deepEqual({ ...error.details }, { ...details });
          const sentence = errorText(error, english);
          assert.match(sentence, /^The policy file is refused/);
          if (details['rule'] !== undefined) assert.ok(sentence.includes(details['rule']));
          return true;
        },
      );
    });
  }

  it('is a policy or an error of ours, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        try {
          assert.deepEqual(bytesOf(parsePolicy(bytes).text), bytes);
        } catch (error) {
          assert.ok(isDaoChainError(error, 'policyInvalid'), String(error));
        }
      }),
    );
  });
});

const node = v.looseObject({ pattern: v.optional(v.string()) });
const schema = v.parse(
  v.looseObject({
    additionalProperties: v.literal(false),
    properties: v.looseObject({
      rules: v.looseObject({
        items: v.looseObject({
          additionalProperties: v.literal(false),
          properties: v.looseObject({ ledger: node, repositories: node }),
        }),
      }),
    }),
  }),
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schemas/daochain.policy.schema.json'), 'utf8')),
);

describe('the schema of policy files', () => {
  const { properties } = schema.properties.rules.items;

  it('knows the fields that the reader knows', () => {
    assert.deepEqual(Object.keys(schema.properties).sort(), ['$schema', 'rules', 'version']);
    const full = { ...rule, threshold: 1, accept: 'vouch', level: 'enforce', maximumViewAgeSeconds: 60 };
    assert.deepEqual(Object.keys(properties).sort(), Object.keys(full).sort());
    assert.equal(parsePolicy(write({ version: 1, rules: [full] })).rules.length, 1);
  });

  it('marks no pattern that the reader takes, and takes none that covers every registry', () => {
    const pattern = new RegExp(properties.repositories.pattern ?? assert.fail());
    const segment = fc.constantFrom('docker.io', 'localhost:5000', 'acme', 'a-b', '*', '**', 'x*', '');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        const text = segments.join('/');
        if (patternProblem(text) === undefined) assert.match(text, pattern);
        if (patternProblem(text) === 'patternUnscoped' || patternProblem(text) === 'patternWildcard')
          assert.doesNotMatch(text, pattern);
      }),
      { numRuns: 2000 },
    );
    assert.match(ledger, new RegExp(properties.ledger.pattern ?? assert.fail()));
  });

  it('explains every field in both languages', () => {
    const texts = JSON.stringify(schema).match(/"markdownDescription":"[^"]*/g) ?? [];
    assert.ok(texts.length > 8);
    for (const text of texts) assert.match(text, /[a-z]{3}.*\\n\\n.*\p{Script=Han}/u);
  });
});
