import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as v from 'valibot';
import { isDaoChainError } from '../../../../src/core/errors';
import { formatReference, parseReference, type ImageReference } from '../../../../src/core/image/reference';

interface Answer {
  readonly registry: string;
  readonly path: string;
  readonly tag: string;
  readonly digest: string;
}

const rowSchema = v.union([
  v.strictTuple([v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), v.string(), v.string()]),
]);
const file = new URL('../../../vectors/reference/distribution.json', import.meta.url);
const rows = v
  .parse(v.array(rowSchema), JSON.parse(readFileSync(file, 'utf8')))
  .map(([text, registry, path = '', tag = '', digest = '']) => ({
    text,
    ...(registry !== undefined && { answer: { registry, path, tag, digest } }),
  }));

/** Undefined where it is refused; anything but `referenceInvalid` is a defect. */
function read(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    assert.ok(isDaoChainError(error, 'referenceInvalid'), String(error));
    return undefined;
  }
}

/** What we refuse although the distribution project does not, by the reason in the table of the vectors. */
const refusals: readonly (readonly [why: string, applies: (answer: Answer) => boolean])[] = [
  ['port', ({ registry }) => /:(?:0\d*|\d{6,})$/.test(registry) || Number(/:(\d+)$/.exec(registry)?.[1] ?? 1) > 65535],
  ['algorithm', ({ digest }) => digest !== '' && !digest.startsWith('sha256:')],
  ['no host', ({ registry }) => registry === ''],
  ['upper case', ({ registry }) => /^[^.:]*[A-Z][^.:]*$/.test(registry) && registry.toLowerCase() !== 'localhost'],
  ['name too long', ({ registry, path }) => `${registry}/${path}`.length > 255],
];

function canonical({ registry, path, tag, digest }: Answer): Answer {
  const host = registry.toLowerCase().replace(/^index\.docker\.io$/, 'docker.io');
  return { registry: host, path: host === 'docker.io' && !path.includes('/') ? `library/${path}` : path, tag, digest };
}

describe('references of the distribution project', () => {
  it('are enough, of both kinds, and show each deliberate difference', () => {
    const taken = rows.flatMap(({ answer }) => answer ?? []);
    assert.ok(taken.length >= 1000 && rows.length - taken.length >= 1000);
    for (const [why, applies] of refusals) {
      assert.ok(taken.some(applies), why);
    }
    assert.ok(taken.some(({ registry }) => /[A-Z]/.test(registry)));
  });

  it('are read alike', () => {
    for (const { text, answer } of rows) {
      const refusal = answer && refusals.find(([, applies]) => applies(answer))?.[0];
      const ours = read(text);
      assert.deepEqual(
        ours && { registry: ours.registry, path: ours.path, tag: ours.tag ?? '', digest: ours.digest ?? '' },
        answer === undefined || refusal !== undefined ? undefined : canonical(answer),
        JSON.stringify(text),
      );
    }
  });
});

describe('references at random', () => {
  const known = rows.map(({ text }) => text);
  const character = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...'/:@.-_[]aA0 \n\0'.split(''), 'b', '1', '') },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 2, unit: 'binary' }) },
  );
  const changed = fc
    .tuple(fc.constantFrom(...known), fc.nat(), fc.nat({ max: 3 }), character)
    .map(([text, at, removed, added]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + added + text.slice(start + removed);
    });
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    changed,
    fc.array(character).map((all) => all.join('')),
  );

  it('are refused in one way only, and what is read has a canonical text', () => {
    let readable = 0;
    fc.assert(
      fc.property(anything, (text) => {
        const reference = read(text);
        if (reference === undefined) return;
        readable += 1;
        const printed = formatReference(reference);
        assert.deepEqual(read(printed), { ...reference, text: printed });
        assert.match(printed, /^[a-z0-9.:[\]-]+\/[a-z0-9._/-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/);
        assert.equal(reference.repository, `${reference.registry}/${reference.path}`);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(readable > 1000, `only ${readable} could be read, which shows little`);
  });
});
