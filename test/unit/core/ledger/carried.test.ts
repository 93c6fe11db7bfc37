import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex } from '../../../../src/core/hex';
import { sha256Digest } from '../../../../src/core/image/digest';
import { samePlatform } from '../../../../src/core/image/platform';
import { contentLeaf, contentSource, digestSource, mergeLeaves } from '../../../../src/core/ledger/carried';
import { fold } from '../../../../src/core/ledger/fold';
import { decodeStatement, encodeStatement, platformText } from '../../../../src/core/ledger/statement';
import type { Attestation, Leaf, Statement } from '../../../../src/core/ledger/types';
import { leaf, leaves, statement } from './arbitraries';
import { FakeLedger, wallet } from '../../services/fakeLedger';

const some = (text: string) => sha256Digest(new TextEncoder().encode(text));
const [manifest, index] = [some('manifest'), some('index')];

function leafOf(platform: string, content = platform): Leaf {
  const [os = '', architecture = ''] = platform.split('/');
  return {
    platform: { os, architecture },
    configDigest: some(`config ${content}`),
    configSize: 1471,
    fingerprint: some(`fingerprint ${content}`),
    dockerFields: some('docker'),
  };
}

describe('signing again', () => {
  it('carries the other platforms forward as they are, and says so', () => {
    fc.assert(
      fc.property(statement, leaves, (previous, mine) => {
        const merged = mergeLeaves(previous, mine);
        const others = previous.leaves.filter((one) => !mine.some((each) => samePlatform(each.platform, one.platform)));
        const named = new Map(merged.leaves.map((each) => [platformText(each.platform), each]));
        assert.equal(merged.leaves.length, others.length + mine.length);
        for (const one of others) {
          const found = named.get(platformText(one.platform));
          assert.ok(found);
          assert.deepEqual([contentSource(found), digestSource(found)], [contentSource(one), digestSource(one)]);
          assert.deepEqual(found.carried, { content: true, ...(one.manifestDigest && { digests: true }) });
        }
        for (const one of mine) assert.ok(merged.leaves.includes(one));
        assert.deepEqual(decodeStatement(encodeStatement(merged)), merged);
      }),
    );
  });

  it('states a first statement itself', () => {
    assert.deepEqual(mergeLeaves(undefined, [leafOf('linux/arm64'), leafOf('linux/amd64')]), {
      leaves: [leafOf('linux/amd64'), leafOf('linux/arm64')],
    });
  });

  it('keeps what was pushed for content that has not changed, and only for that, and says that it is carried', () => {
    const amd64 = { ...leafOf('linux/amd64'), manifestDigest: manifest };
    const arm64 = leafOf('linux/arm64');
    const carriedArm64 = { ...arm64, carried: { content: true } };
    const pushed = { leaves: [amd64, arm64], indexDigest: index };
    assert.deepEqual(mergeLeaves(pushed, [leafOf('linux/amd64'), arm64]), {
      leaves: [{ ...amd64, carried: { digests: true } }, arm64],
      indexDigest: index,
      isIndexCarried: true,
    });
    assert.deepEqual(mergeLeaves(pushed, [amd64]), {
      leaves: [amd64, carriedArm64],
      indexDigest: index,
      isIndexCarried: true,
    });
    assert.deepEqual(mergeLeaves(pushed, [leafOf('linux/amd64', 'rebuilt')]), {
      leaves: [leafOf('linux/amd64', 'rebuilt'), carriedArm64],
    });
    const elsewhere = { ...leafOf('linux/amd64'), manifestDigest: some('another compression') };
    assert.deepEqual(mergeLeaves(pushed, [elsewhere]), { leaves: [elsewhere, carriedArm64] });
  });

  it('does not keep a digest under a content that differs in anything', () => {
    const amd64 = { ...leafOf('linux/amd64'), manifestDigest: manifest };
    for (const change of [
      { configSize: 1472 },
      { configDigest: some('other') },
      { dockerFields: some('other') },
      { dockerFieldNames: ['Shell'] },
    ] satisfies Partial<Leaf>[]) {
      const other = { ...leafOf('linux/amd64'), ...change };
      assert.deepEqual(mergeLeaves({ leaves: [amd64], indexDigest: index }, [other]), { leaves: [other] });
    }
  });
});

describe('what is carried', () => {
  const [ci, thief] = [wallet(1), wallet(2)];
  const organization = `0x${'c0'.repeat(32)}` as const;

  function historyOf(
    said: readonly { readonly signer: typeof ci; readonly statement: Statement }[],
  ): readonly Attestation[] {
    const ledger = new FakeLedger();
    for (const { signer, statement: each } of said) {
      ledger.attest({ publisher: organization, signer, body: toHex(encodeStatement(each)) }).mine();
    }
    const { history } = fold(ledger.events());
    assert.ok(history);
    return history.attestations;
  }

  const platforms = ['linux/amd64', 'linux/arm64', 'windows/amd64'];
  const stated = fc.array(
    fc.record({
      signer: fc.constantFrom(ci, thief),
      mine: fc.uniqueArray(fc.constantFrom(...platforms), { minLength: 1 }),
      content: fc.constantFrom('one', 'two'),
      pushed: fc.constantFrom(undefined, manifest, some('other')),
      index: fc.constantFrom(undefined, index),
    }),
    { minLength: 1, maxLength: 8 },
  );

  /** A history that honest writers make who sign on top of each other. */
  function written(steps: typeof stated extends fc.Arbitrary<infer T> ? T : never): {
    readonly signer: typeof ci;
    readonly statement: Statement;
  }[] {
    let before: Statement | undefined;
    return steps.map(({ signer, mine, content, pushed, index: signed }) => {
      const own = mine.map((each) => ({ ...leafOf(each, content), ...(pushed && { manifestDigest: pushed }) }));
      const { leaves: all } = mergeLeaves(before, own);
      before = signed === undefined ? mergeLeaves(before, own) : { leaves: all, indexDigest: signed };
      return { signer, statement: before };
    });
  }

  it('is understood wherever writers carry what stands', () => {
    fc.assert(
      fc.property(stated, (steps) => {
        const said = written(steps);
        const entries = historyOf(said);
        assert.deepEqual(
          entries.map(({ body }) => body),
          said.map(({ statement: each }) => ({ type: 'statement', statement: each })),
        );
      }),
    );
  });

  it('is what an earlier entry states itself, or the entry says nothing', () => {
    fc.assert(
      fc.property(stated, fc.nat(), leaf, (steps, at, made) => {
        const said = written(steps);
        const forged = { leaves: [{ ...made, carried: { content: true } }] } as const;
        said.splice(at % (said.length + 1), 0, { signer: thief, statement: forged });
        const entries = historyOf(said);
        assert.deepEqual(entries[at % said.length]?.body, { type: 'malformed' });
        // It takes its place, and nothing else says anything else for it.
        assert.deepEqual(
          entries.flatMap(({ body }) => (body.type === 'statement' ? [body.statement] : [])),
          written(steps).map(({ statement: each }) => each),
        );
      }),
    );
  });

  it('still has its source where a thief states the same again, carried or not', () => {
    fc.assert(
      fc.property(stated, fc.boolean(), (steps, restates) => {
        const honest = written(steps);
        const last = honest.at(-1)?.statement;
        assert.ok(last);
        const theft: Statement = restates
          ? {
              ...last,
              leaves: last.leaves.map((each) => ({
                ...contentLeaf(each),
                ...(each.manifestDigest && { manifestDigest: each.manifestDigest }),
              })),
            }
          : mergeLeaves(last, []);
        const after = mergeLeaves(theft, [leafOf('linux/riscv64')]);
        const entries = historyOf([...honest, { signer: thief, statement: theft }, { signer: ci, statement: after }]);
        assert.equal(entries.at(-1)?.body.type, 'statement');
        // Every carried part of the last entry has a source among the honest ones too.
        const without = historyOf([...honest, { signer: ci, statement: after }]);
        assert.deepEqual(without.at(-1)?.body, entries.at(-1)?.body);
      }),
    );
  });
});
