import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { toHex, walletPublisher } from '../../../../src/core/hex';
import { sha256Digest, type Digest } from '../../../../src/core/image/digest';
import { identityFromConfig, identityFromInspect } from '../../../../src/core/image/fingerprint';
import type { ImageIdentity, Platform } from '../../../../src/core/image/identity';
import {
  completedRelease,
  currentRelease,
  leafOf,
  nextRelease,
  pushedRelease,
  Standing,
  type NextRelease,
  type PublisherRecord,
  type StatementKind,
} from '../../../../src/core/ledger/release';
import { encodeStatement, statementHash } from '../../../../src/core/ledger/statement';
import type { Attestation, EntryKind, History, Leaf, Statement } from '../../../../src/core/ledger/types';
import { read } from '../../../../src/core/judging/reading';
import { hear } from '../../../../src/core/judging/testimony';
import { imageOf } from '../../services/fakeEngine';
import { FakeRegistry, manifestOf } from '../../services/fakeRegistry';
import { wallet } from '../../services/fakeLedger';
import type { RegistryImage } from '../../../../src/core/ports/registry';

const digest = (text: string): Digest => sha256Digest(new TextEncoder().encode(text));

function platform(text: string): Platform {
  const [os = '', architecture = '', variant] = text.split('/');
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** The image `content` for a platform. */
function leaf(of: string, content: string, changes: Partial<Leaf> = {}): Leaf {
  return {
    platform: platform(of),
    configDigest: digest(`config ${of} ${content}`),
    configSize: content.length,
    fingerprint: digest(`fingerprint ${of} ${content}`),
    dockerFields: digest('no docker fields'),
    ...changes,
  };
}

interface Said extends Partial<Statement> {
  readonly kind?: EntryKind;
  /** 1 unless given. */
  readonly signer?: number;
  /** Place of the statement that is taken back. */
  readonly revokes?: number;
}

function statementOf({ leaves = [], indexDigest, isIndexCarried }: Said): Statement {
  return { leaves, ...(indexDigest && { indexDigest }), ...(isIndexCarried && { isIndexCarried }) };
}

const bodyHash = (said: Said): `0x${string}` =>
  said.leaves === undefined ? toHex(new Uint8Array(32).fill(0xee)) : statementHash(encodeStatement(statementOf(said)));

/** Oldest first; what has neither leaves nor a target is a body that nobody can read. */
function history(...said: readonly Said[]): History {
  const name = {
    publisher: walletPublisher(wallet(1)),
    repository: 'docker.io/acme/app',
    tag: '1',
    key: '0x01',
  } as const;
  const attestations = said.map((each, position): Attestation => {
    const { kind, leaves, signer = 1, revokes } = each;
    const target = revokes === undefined ? undefined : said[revokes];
    const body: Attestation['body'] =
      target !== undefined
        ? { type: 'revocation', revocation: { statementHash: bodyHash(target), reason: 'mistake', note: '' } }
        : leaves !== undefined
          ? { type: 'statement', statement: statementOf(each) }
          : { type: 'malformed' };
    return {
      ...name,
      kind: kind ?? (target === undefined ? 'publish' : 'revoke'),
      signer: wallet(signer),
      validUntil: 0,
      position,
      statementHash: bodyHash(each),
      body,
      block: position + 1,
      time: position,
      transaction: '0x02',
    };
  });
  return { ...name, attestations, word: '0x03' };
}

/** A history as the publisher of releases reads it; `voidSigners` are revoked from their first block on. */
function record(
  of: History | undefined,
  {
    kind = 'publish',
    voidSigners = [],
    everywhere = [],
  }: {
    readonly kind?: StatementKind;
    readonly voidSigners?: readonly number[];
    /** Content that is taken back under every name. */
    readonly everywhere?: readonly Leaf[];
  } = {},
): PublisherRecord {
  const revoked = voidSigners.map(wallet);
  return {
    history: of,
    kind,
    isVoid: ({ signer }) => revoked.includes(signer),
    isTakenBackEverywhere: ({ fingerprint }) => everywhere.some((each) => each.fingerprint === fingerprint),
  };
}

/** As a later entry repeats it. */
function carried(each: Leaf): Leaf {
  return { ...each, carried: { content: true, ...(each.manifestDigest && { digests: true }) } };
}

const nobodyIsVoid = (): boolean => false;

const amd64 = leaf('linux/amd64', 'one');
const rebuilt = leaf('linux/amd64', 'two');
const arm64 = leaf('linux/arm64', 'one');
const riscv = leaf('linux/riscv64', 'one');

function assertNext(next: NextRelease, change: NextRelease['change'], leaves: Statement['leaves']): void {
  assert.deepEqual([next.change, next.statement], [change, { leaves }]);
}

describe('the next release of a tag', () => {
  it('is the first one where nothing was signed, or only vouched for', () => {
    assertNext(nextRelease(record(undefined), [amd64]), 'first', [amd64]);
    assertNext(nextRelease(record(history({ kind: 'vouch', leaves: [arm64] })), [amd64]), 'first', [amd64]);
  });

  it('carries the other platforms forward', () => {
    const before = history({ leaves: [amd64, arm64] });
    assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt, carried(arm64)]);
    assert.deepEqual(nextRelease(record(before), [rebuilt]).before, [amd64]);
    assertNext(nextRelease(record(history({ leaves: [arm64] })), [amd64]), 'added', [amd64, carried(arm64)]);
  });

  it('drops them where the image is signed alone, which is a change even of the same content', () => {
    const before = history({ leaves: [amd64, arm64] });
    assertNext(nextRelease(record(before), [amd64], true), 'changed', [amd64]);
    assertNext(nextRelease(record(before), [riscv], true), 'added', [riscv]);
    assertNext(nextRelease(record(history({ leaves: [amd64] })), [amd64], true), 'same', [amd64]);
  });

  it('is the same for the same content, however the rest of the history looks', () => {
    assertNext(nextRelease(record(history({ leaves: [rebuilt] }, { leaves: [amd64, arm64] })), [amd64]), 'same', [
      amd64,
      carried(arm64),
    ]);
  });

  it('is a change where the same content has other config bytes', () => {
    const otherBytes = { ...amd64, configDigest: digest('other bytes') };
    assertNext(nextRelease(record(history({ leaves: [amd64] })), [otherBytes]), 'changed', [otherBytes]);
  });

  it('keeps the index digest only of a release that stays as it is', () => {
    const indexDigest = digest('index');
    const before = history({ leaves: [amd64, arm64], indexDigest });
    assert.deepEqual(nextRelease(record(before), [amd64]).statement, {
      leaves: [amd64, carried(arm64)],
      indexDigest,
      isIndexCarried: true,
    });
    assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt, carried(arm64)]);
    assertNext(nextRelease(record(before), [riscv]), 'added', [carried(amd64), carried(arm64), riscv]);
  });

  it('replaces a platform under whatever name it stands there', () => {
    const v8 = leaf('linux/arm64/v8', 'two');
    assertNext(nextRelease(record(history({ leaves: [amd64, arm64] })), [v8]), 'changed', [carried(amd64), v8]);
    const armV7 = leaf('linux/arm/v7', 'one');
    assertNext(nextRelease(record(history({ leaves: [armV7] })), [leaf('linux/arm', 'two')]), 'changed', [
      leaf('linux/arm', 'two'),
    ]);
    const v2 = leaf('linux/amd64/v2', 'one');
    assertNext(nextRelease(record(history({ leaves: [v2] })), [amd64]), 'added', [amd64, carried(v2)]);
  });

  describe('never revives what was revoked', () => {
    it('where the release itself was', () => {
      const before = history({ leaves: [amd64, arm64] }, { revokes: 0 });
      assert.equal(currentRelease(record(before)), undefined);
      assertNext(nextRelease(record(before), [rebuilt]), 'renewed', [rebuilt]);
      assertNext(nextRelease(record(before), [riscv]), 'added', [riscv]);
    });

    it('where an older statement that names a carried leaf was', () => {
      const before = history({ leaves: [arm64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
      assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt]);
      assertNext(nextRelease(record(before), [amd64]), 'same', [amd64]);
    });

    it('where it was vouched for, and that was taken back', () => {
      const before = history({ kind: 'vouch', leaves: [arm64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
      assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt]);
    });

    it('where the index digest that covers it would be carried on', () => {
      const before = history(
        { leaves: [arm64] },
        { leaves: [amd64, arm64], indexDigest: digest('index') },
        { revokes: 0 },
      );
      assert.deepEqual(currentRelease(record(before)), { leaves: [amd64] });
    });

    it('even by what was revoked before the newest release and stated in none since', () => {
      const before = history({ leaves: [amd64, arm64] }, { revokes: 0 }, { leaves: [rebuilt] });
      assertNext(nextRelease(record(before), [riscv]), 'added', [carried(rebuilt), riscv]);
    });
  });

  it('carries what was stated again after its revocation', () => {
    const before = history({ leaves: [arm64] }, { revokes: 0 }, { leaves: [amd64, arm64] });
    assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt, carried(arm64)]);
  });

  it('says that it would bring back this very content, however long ago it was revoked', () => {
    assertNext(nextRelease(record(history({ leaves: [amd64] }, { revokes: 0 })), [amd64]), 'restored', [amd64]);
    const since = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [rebuilt, arm64] });
    assertNext(nextRelease(record(since), [amd64]), 'restored', [amd64, carried(arm64)]);
    const again = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [amd64] });
    assertNext(nextRelease(record(again), [amd64]), 'same', [amd64]);
  });

  it('says that what was signed for the platform does not count any more', () => {
    const dropped = history({ leaves: [amd64, arm64] }, { leaves: [arm64] });
    assertNext(nextRelease(record(dropped), [rebuilt]), 'renewed', [rebuilt, carried(arm64)]);
    const revoked = history({ leaves: [amd64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
    assertNext(nextRelease(record(revoked), [rebuilt]), 'renewed', [rebuilt, carried(arm64)]);
  });

  it('takes nothing from an older release when it cannot read the newest', () => {
    const before = history({ leaves: [amd64, arm64] }, {});
    assert.equal(currentRelease(record(before)), undefined);
    assertNext(nextRelease(record(before), [rebuilt]), 'renewed', [rebuilt]);
  });

  it('is not confused by a revocation of nothing that is there', () => {
    const before = history({ leaves: [amd64, arm64] }, { kind: 'revoke' }, { kind: 'revoke', revokes: 1 });
    assertNext(nextRelease(record(before), [rebuilt]), 'changed', [rebuilt, carried(arm64)]);
  });
});

describe('the next release after a signer was revoked', () => {
  const thief = { voidSigners: [2] };

  it('goes on from the last one by a signer in good standing', () => {
    const before = history({ leaves: [amd64, arm64] }, { leaves: [rebuilt], signer: 2 });
    assert.deepEqual(currentRelease(record(before, thief)), { leaves: [amd64, arm64] });
    assertNext(nextRelease(record(before, thief), [amd64]), 'same', [amd64, carried(arm64)]);
    assertNext(nextRelease(record(before, thief), [leaf('linux/arm64', 'two')]), 'changed', [
      carried(amd64),
      leaf('linux/arm64', 'two'),
    ]);
  });

  it('says that it makes valid again what only the revoked signer has stated', () => {
    const before = history({ leaves: [amd64, arm64], signer: 2 });
    assert.equal(currentRelease(record(before, thief)), undefined);
    assertNext(nextRelease(record(before, thief), [amd64]), 'restored', [amd64]);
    assertNext(nextRelease(record(before, thief), [rebuilt]), 'renewed', [rebuilt]);
    assertNext(nextRelease(record(before, thief), [riscv]), 'added', [riscv]);
  });

  it('keeps what another signer has stated too, before or after', () => {
    for (const signers of [
      [1, 2],
      [2, 1],
    ]) {
      const before = history(...signers.map((signer) => ({ leaves: [amd64], signer })));
      assertNext(nextRelease(record(before, thief), [amd64]), 'same', [amd64]);
    }
  });

  it('hears a revocation by whoever made it', () => {
    const before = history({ leaves: [amd64, arm64] }, { revokes: 0, signer: 2 });
    assertNext(nextRelease(record(before, thief), [amd64]), 'restored', [amd64]);
  });

  it('does not take a re-signing by the thief for one', () => {
    const before = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [amd64], signer: 2 });
    assertNext(nextRelease(record(before, thief), [amd64]), 'restored', [amd64]);
  });

  it('passes over what it cannot read of the thief', () => {
    assertNext(nextRelease(record(history({ leaves: [amd64] }, { signer: 2 }), thief), [riscv]), 'added', [
      carried(amd64),
      riscv,
    ]);
  });
});

describe('what a release carries', () => {
  const thief = { voidSigners: [2] };
  const pushedArm = { ...arm64, manifestDigest: digest('manifest') };
  const indexDigest = digest('index');

  it('is nothing that only a revoked signer has stated, whoever carried it since', () => {
    const before = history({ leaves: [amd64, arm64], signer: 2 }, { leaves: [amd64, carried(arm64)] });
    assert.deepEqual(currentRelease(record(before, thief)), { leaves: [amd64] });
    assertNext(nextRelease(record(before, thief), [rebuilt]), 'changed', [rebuilt]);
    assertNext(nextRelease(record(before, thief), [arm64]), 'restored', [carried(amd64), arm64]);
  });

  it('stays where somebody in good standing has stated it too, before the thief or after', () => {
    for (const signers of [
      [1, 2],
      [2, 1],
    ]) {
      const sources = signers.map((signer) => ({ leaves: [arm64], signer }));
      const before = history(...sources, { leaves: [amd64, carried(arm64)] });
      assert.deepEqual(currentRelease(record(before, thief)), { leaves: [amd64, carried(arm64)] });
      assertNext(nextRelease(record(before, thief), [rebuilt]), 'changed', [rebuilt, carried(arm64)]);
    }
  });

  it('loses the digest that only a revoked signer has added, and keeps the content', () => {
    const completedByThief = { ...pushedArm, carried: { content: true } } as const;
    const before = history(
      { leaves: [arm64] },
      { leaves: [completedByThief], signer: 2 },
      {
        leaves: [amd64, carried(pushedArm)],
      },
    );
    assert.deepEqual(currentRelease(record(before)), { leaves: [amd64, carried(pushedArm)] });
    assert.deepEqual(currentRelease(record(before, thief)), { leaves: [amd64, carried(arm64)] });
    assertNext(nextRelease(record(before, thief), [amd64]), 'same', [amd64, carried(arm64)]);
  });

  it('loses the index digest that only a revoked signer has stated', () => {
    const before = history(
      { leaves: [amd64] },
      { leaves: [carried(amd64)], indexDigest, signer: 2 },
      {
        leaves: [amd64],
        indexDigest,
        isIndexCarried: true,
      },
    );
    assert.equal(currentRelease(record(before))?.indexDigest, indexDigest);
    assert.deepEqual(currentRelease(record(before, thief)), { leaves: [amd64] });
  });

  it('loses the index digest of a statement of which something was taken back', () => {
    const before = history(
      { leaves: [amd64, arm64], indexDigest },
      { leaves: [arm64] },
      { revokes: 1 },
      { leaves: [amd64, arm64], indexDigest, isIndexCarried: true },
    );
    assert.deepEqual(currentRelease(record(before)), { leaves: [amd64, arm64] });
  });

  it('is nothing that was taken back since it was stated, and carrying revives nothing', () => {
    const since = history({ leaves: [arm64] }, { leaves: [amd64, carried(arm64)] }, { revokes: 0 });
    assert.deepEqual(currentRelease(record(since)), { leaves: [amd64] });
    const repeated = history({ leaves: [arm64] }, { revokes: 0 }, { leaves: [amd64, carried(arm64)] });
    assert.deepEqual(currentRelease(record(repeated)), { leaves: [amd64] });
    assertNext(nextRelease(record(repeated), [arm64]), 'restored', [carried(amd64), arm64]);
    const byName = history({ leaves: [arm64] }, { leaves: [amd64, carried(arm64)] }, { revokes: 1 });
    assert.equal(currentRelease(record(byName)), undefined);
  });

  it('loses a digest that was stated before its content was taken back and stated again', () => {
    const before = history(
      { leaves: [pushedArm] },
      { revokes: 0 },
      { leaves: [arm64] },
      { leaves: [carried(pushedArm)] },
    );
    assert.deepEqual(currentRelease(record(before)), { leaves: [carried(arm64)] });
  });

  it('is nothing that was taken back under every name', () => {
    const before = history({ leaves: [amd64, arm64] });
    const everywhere = { everywhere: [arm64] };
    assert.deepEqual(currentRelease(record(before, everywhere)), { leaves: [amd64] });
    assertNext(nextRelease(record(before, everywhere), [rebuilt]), 'changed', [rebuilt]);
    assertNext(nextRelease(record(before, everywhere), [arm64]), 'restored', [carried(amd64), arm64]);
    assertNext(nextRelease(record(undefined, everywhere), [arm64]), 'restored', [arm64]);
  });

  it('is not touched by a revocation that came before it', () => {
    const before = history({ revokes: 1 }, { leaves: [amd64, arm64] });
    assertNext(nextRelease(record(before), [amd64]), 'same', [amd64, carried(arm64)]);
  });

  const signer = fc.constantFrom(1, 2, 3);
  const step = fc.oneof(
    fc.record({
      act: fc.constantFrom('publish' as const, 'vouch' as const),
      mine: fc.constantFrom([amd64], [rebuilt], [arm64], [pushedArm], [amd64, arm64], [riscv]),
      alone: fc.boolean(),
      indexDigest: fc.constantFrom(undefined, undefined, indexDigest),
      signer,
    }),
    fc.record({ act: fc.constant('revoke' as const), revokes: fc.nat(6), signer }),
  );

  it('has a source in good standing that nothing has taken back since, whatever was written before', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), fc.subarray([2, 3]), (steps, voidSigners) => {
        const said: Said[] = [];
        for (const each of steps) {
          if (each.act === 'revoke') {
            if (each.revokes < said.length) said.push({ revokes: each.revokes, signer: each.signer });
            continue;
          }
          const { statement } = nextRelease(record(history(...said), { kind: each.act }), each.mine, each.alone);
          const pushedAs = each.indexDigest && { leaves: statement.leaves, indexDigest: each.indexDigest };
          said.push({ kind: each.act, ...(pushedAs ?? statement), signer: each.signer });
        }
        for (const kind of ['publish', 'vouch'] as const) {
          const before = history(...said);
          const { statement } = nextRelease(record(before, { kind, voidSigners }), [riscv]);
          const counting = before.attestations.filter(
            (entry) => !voidSigners.some((no) => wallet(no) === entry.signer),
          );
          const states = (entry: Attestation, content: Leaf): boolean =>
            entry.body.type === 'statement' &&
            entry.body.statement.leaves.some(({ fingerprint }) => fingerprint === content.fingerprint);
          const isTakenBackSince = (content: Leaf, position: number): boolean =>
            before.attestations.some(
              ({ position: at, body }) =>
                at > position &&
                body.type === 'revocation' &&
                before.attestations.some(
                  (named) => named.statementHash === body.revocation.statementHash && states(named, content),
                ),
            );
          for (const content of statement.leaves) {
            if (content.carried === undefined) continue;
            const sources = counting.filter(
              (entry) =>
                entry.kind === kind &&
                entry.body.type === 'statement' &&
                entry.body.statement.leaves.some(
                  (each) => each.configDigest === content.configDigest && each.carried?.content !== true,
                ) &&
                !isTakenBackSince(content, entry.position),
            );
            assert.ok(sources.length > 0, JSON.stringify(said));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('vouching beside releases', () => {
  const vouching = { kind: 'vouch' } as const;

  it('follows earlier vouches alone', () => {
    const before = history({ leaves: [amd64, arm64] }, { kind: 'vouch', leaves: [rebuilt] }, { leaves: [riscv] });
    assertNext(nextRelease(record(before, vouching), [amd64]), 'changed', [amd64]);
    assertNext(nextRelease(record(before, vouching), [rebuilt]), 'same', [rebuilt]);
    assertNext(nextRelease(record(before), [riscv]), 'same', [riscv]);
    assertNext(nextRelease(record(history({ leaves: [amd64] }), vouching), [amd64]), 'first', [amd64]);
  });

  it('knows that the release of this very content was revoked', () => {
    const before = history({ leaves: [amd64] }, { revokes: 0 });
    assertNext(nextRelease(record(before, vouching), [amd64]), 'restored', [amd64]);
  });
});

/** The one notion of what stands: what a reader would say of a content if all of the history were final. */
describe('what stands', () => {
  const contents = [amd64, rebuilt, arm64];
  const said = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('publish' as const, 'vouch' as const),
        leaves: fc.constantFrom([amd64], [rebuilt], [amd64, arm64], [rebuilt, arm64]),
        signer: fc.constantFrom(1, 2),
      }),
      fc.record({ revokes: fc.nat(3), signer: fc.constantFrom(1, 2) }),
    ),
    { minLength: 1, maxLength: 6 },
  );

  it('is what readers hear', () => {
    fc.assert(
      fc.property(said, fc.constantFrom([], [2]), (entries, voidSigners) => {
        const of = history(...entries);
        const { isVoid } = record(of, { voidSigners });
        for (const content of contents) {
          const facts = { isFinal: () => true, isVoid };
          const heard = hear(read(of, { ...builtAmd, ...content, source: 'bytes' }, facts), 'publish');
          const { change } = nextRelease(record(of, { voidSigners }), [content]);
          assert.equal(change === 'restored', heard.says === 'revoked');
        }
      }),
    );
  });
});

/** Images by their bytes; what a registry shows of them has manifest digests too. */
const builtAmd = imageOf('one');
const builtArm = imageOf('one', { platform: 'linux/arm64' });
const otherAmd = imageOf('two');
const name = 'docker.io/acme/app:1';

const stated = (...identities: readonly ImageIdentity[]): Leaf[] => identities.map(leafOf);
const pushedLeaf = (identity: ImageIdentity, compression?: string): Leaf => ({
  ...leafOf(identity),
  manifestDigest: manifestOf(identity, compression),
});
/** What completing says: the content of an earlier entry, and a digest of its own. */
const completed = (identity: ImageIdentity, compression?: string): Leaf => ({
  ...pushedLeaf(identity, compression),
  carried: { content: true },
});
const one = (identity: ImageIdentity, compression?: string): RegistryImage =>
  new FakeRegistry().push(name, identity, compression);
const index = (...identities: readonly ImageIdentity[]): RegistryImage =>
  new FakeRegistry().pushIndex(name, identities);

describe('a release that was pushed', () => {
  const complete = (before: History, pushed: RegistryImage): Statement => {
    const next = completedRelease(record(before), pushed);
    assert.equal(next?.change, 'completed');
    return next.statement;
  };
  const isRefused = (before: History, pushed: RegistryImage, platform?: string): void => {
    assert.throws(
      () => completedRelease(record(before), pushed),
      (error) =>
        isDaoChainError(error, 'registryDiffers') &&
        error.details['image'] === name &&
        error.details['platform'] === platform,
    );
  };

  it('gets the manifest digest of the platform that the registry shows, and keeps the others as they are', () => {
    const before = history({ leaves: stated(builtAmd, builtArm) });
    assert.deepEqual(complete(before, one(builtAmd)), { leaves: [completed(builtAmd), carried(leafOf(builtArm))] });
    const half = history({ leaves: [pushedLeaf(builtAmd), leafOf(builtArm)] });
    assert.deepEqual(complete(half, one(builtArm)), { leaves: [carried(pushedLeaf(builtAmd)), completed(builtArm)] });
  });

  it('gets the index digest where every image of the index is stated', () => {
    const pushed = index(builtAmd, builtArm);
    const leaves = [pushedLeaf(builtAmd), pushedLeaf(builtArm)];
    for (const before of [stated(builtAmd, builtArm), leaves]) {
      assert.deepEqual(complete(history({ leaves: before }), pushed), {
        leaves: [completed(builtAmd), completed(builtArm)],
        indexDigest: pushed.digest,
      });
    }
    const onlyAmd = index(builtAmd);
    assert.deepEqual(complete(history({ leaves: stated(builtAmd, builtArm) }), onlyAmd), {
      leaves: [completed(builtAmd), carried(leafOf(builtArm))],
      indexDigest: onlyAmd.digest,
    });
  });

  it('signs nothing of an index with two images of one platform, of which one could have other layers', () => {
    const shown = index(builtAmd, builtArm);
    const twins = { ...shown, images: [...shown.images, ...one(builtAmd, 'with other layers').images] };
    const before = record(history({ leaves: stated(builtAmd, builtArm) }));
    for (const sign of [() => completedRelease(before, twins), () => pushedRelease(before, twins)]) {
      assert.throws(sign, (error) => isDaoChainError(error, 'statementInvalid'));
    }
  });

  it('leaves the index digest out, and says why, where the index has a platform that nobody signed', () => {
    const next = completedRelease(record(history({ leaves: stated(builtAmd) })), index(builtAmd, builtArm));
    assert.deepEqual(next, {
      statement: { leaves: [completed(builtAmd)] },
      change: 'completed',
      unstated: [builtArm.platform],
    });
  });

  it('is the same when nothing is new, and keeps its index digest where the registry shows less', () => {
    const pushed = index(builtAmd, builtArm);
    const before = history({ leaves: [pushedLeaf(builtAmd), pushedLeaf(builtArm)], indexDigest: pushed.digest });
    for (const each of [pushed, one(builtAmd), one(builtArm)]) {
      assert.equal(completedRelease(record(before), each)?.change, 'same');
    }
  });

  it('drops the index digest where a manifest of it is replaced', () => {
    const before = history({ leaves: [pushedLeaf(builtAmd)], indexDigest: index(builtAmd).digest });
    assert.deepEqual(complete(before, one(builtAmd, 'zstd')), { leaves: [completed(builtAmd, 'zstd')] });
  });

  it('is refused where the registry shows other content for a platform, whatever else is right', () => {
    const before = history({ leaves: stated(builtAmd, builtArm) });
    isRefused(before, one(otherAmd), 'linux/amd64');
    isRefused(before, index(builtArm, otherAmd), 'linux/amd64');
    const withHealthcheck = imageOf('one', { healthcheck: ['CMD', 'true'] });
    isRefused(before, one(withHealthcheck), 'linux/amd64');
  });

  it('is refused where the content is the same and the config bytes are not', () => {
    const before = history({ leaves: stated(builtAmd).map((each) => ({ ...each, configDigest: digest('others') })) });
    isRefused(before, one(builtAmd), 'linux/amd64');
  });

  it('is refused where the registry shows nothing of the release', () => {
    isRefused(history({ leaves: stated(builtAmd) }), one(builtArm), 'linux/arm64');
    isRefused(history({ leaves: stated(builtAmd) }), index());
  });

  it('is none where nothing was signed, all was revoked, or the newest release cannot be read', () => {
    const leaves = stated(builtAmd);
    for (const before of [
      history({ kind: 'vouch', leaves }),
      history({ leaves }, { revokes: 0 }),
      history({ leaves }, {}),
    ]) {
      assert.equal(completedRelease(record(before), one(builtAmd)), undefined);
    }
  });

  it('never brings back a platform that was revoked', () => {
    const before = history({ leaves: stated(builtArm) }, { leaves: stated(builtAmd, builtArm) }, { revokes: 0 });
    const next = completedRelease(record(before), index(builtAmd, builtArm));
    assert.deepEqual(next?.statement, { leaves: [completed(builtAmd)] });
    assert.deepEqual(next.unstated, [builtArm.platform]);
    isRefused(before, one(builtArm), 'linux/arm64');
  });
});

describe('a release that is signed from a registry', () => {
  it('states all images of an index, with all digests', () => {
    const pushed = index(builtAmd, builtArm);
    const next = pushedRelease(record(undefined), pushed);
    assert.deepEqual(next.statement, {
      leaves: [pushedLeaf(builtAmd), pushedLeaf(builtArm)],
      indexDigest: pushed.digest,
    });
    assert.equal(next.change, 'first');
    assert.equal(pushedRelease(record(history(next.statement)), pushed).change, 'same');
  });

  it('completes what was signed with the same content', () => {
    const next = pushedRelease(record(history({ leaves: stated(builtAmd, builtArm) })), index(builtAmd, builtArm));
    assert.equal(next.change, 'completed');
  });

  it('says what needs most attention of all platforms', () => {
    const before = history({ leaves: stated(builtAmd) });
    assert.equal(pushedRelease(record(before), index(builtAmd, builtArm)).change, 'added');
    assert.equal(pushedRelease(record(before), index(otherAmd, builtArm)).change, 'changed');
    const revoked = history({ leaves: stated(builtArm) }, { revokes: 0 }, { leaves: stated(builtAmd) });
    assert.equal(pushedRelease(record(revoked), index(otherAmd, builtArm)).change, 'restored');
  });

  it('carries other platforms forward, or drops them', () => {
    const before = history({ leaves: [riscv] });
    assert.equal(pushedRelease(record(before), index(builtAmd, builtArm)).statement.leaves.length, 3);
    assert.equal(pushedRelease(record(before), index(builtAmd, builtArm), true).statement.leaves.length, 2);
  });

  it('is refused where there is no image, or two of one platform', () => {
    for (const pushed of [index(), index(builtAmd, otherAmd)]) {
      assert.throws(
        () => pushedRelease(record(history({ leaves: [riscv] })), pushed),
        (error) => isDaoChainError(error, 'statementInvalid'),
      );
    }
  });
});

describe('the statement to take back', () => {
  const position = (before: History, chosen?: Parameters<Standing['revocable']>[0]): number | undefined =>
    new Standing(before, nobodyIsVoid).revocable(chosen)?.position;

  it('is the newest that stands, of either kind', () => {
    assert.equal(position(history({ leaves: [amd64] }, { leaves: [rebuilt] })), 1);
    assert.equal(position(history({ leaves: [amd64] }, { leaves: [rebuilt] }, { revokes: 1 })), 0);
    assert.equal(position(history({ leaves: [amd64] }, { kind: 'vouch', leaves: [arm64] })), 1);
  });

  it('is the one that is named by place or hash', () => {
    const before = history({ leaves: [amd64] }, { leaves: [rebuilt] });
    assert.equal(position(before, 0), 0);
    assert.equal(position(before, before.attestations[0]?.statementHash), 0);
    assert.equal(position(before, 7), undefined);
    assert.equal(position(before, `0x${'0'.repeat(64)}`), undefined);
  });

  it('is none where nothing stands, by whatever statement its content was revoked', () => {
    const completed = { ...amd64, manifestDigest: digest('manifest') };
    const before = history({ leaves: [amd64] }, { leaves: [completed] }, { revokes: 0 });
    assert.equal(position(before), undefined);
    assert.equal(position(before, 1), undefined);
    assert.equal(position(before, 2), undefined, 'a revocation is no statement');
  });

  it('is still there where some of its platforms stand', () => {
    const before = history({ leaves: [amd64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
    assert.equal(position(before), 1);
  });

  it('can be one that nobody here can read, once', () => {
    const unreadable = history({});
    assert.equal(position(unreadable), 0);
    const [first] = unreadable.attestations;
    assert.ok(first);
    const revocation = { statementHash: first.statementHash, reason: 'mistake', note: '' } as const;
    const entry = { ...first, kind: 'revoke', position: 1, body: { type: 'revocation', revocation } } as const;
    assert.equal(position({ ...unreadable, attestations: [first, entry] }), undefined);
  });

  it('does not stand by a statement of a void signer', () => {
    const before = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [amd64] });
    const [first, , again] = before.attestations;
    assert.ok(first);
    assert.equal(new Standing(before, nobodyIsVoid).isTakenBack(first), false);
    assert.equal(new Standing(before, (entry) => entry === again).isTakenBack(first), true);
  });
});

describe('the statement to take back, of a signer who was revoked', () => {
  const before = history({ leaves: [amd64] }, { leaves: [rebuilt], signer: 2 });
  const { isVoid } = record(before, { voidSigners: [2] });

  it('is none: all of it is void', () => {
    assert.equal(new Standing(before, isVoid).revocable()?.position, 0);
    assert.equal(new Standing(before, isVoid).revocable(1), undefined);
  });

  it('is there again where somebody else has stated the same', () => {
    const again = history({ leaves: [amd64], signer: 2 }, { leaves: [amd64] });
    assert.equal(new Standing(again, isVoid).revocable(0)?.position, 0);
  });
});

describe('the leaf of an image', () => {
  const config = new TextEncoder().encode(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['sh'], OnBuild: ['RUN true'], Healthcheck: { Test: ['NONE'] } },
      rootfs: { type: 'layers', diff_ids: [digest('layer')] },
    }),
  );

  it('names the docker-only fields that the image has', () => {
    const identity = identityFromConfig(config, { manifestDigest: digest('manifest') });
    const { content, source, indexDigest, ...stated } = { indexDigest: undefined, ...identity };
    assert.equal(source, 'bytes');
    assert.equal(indexDigest, undefined);
    assert.deepEqual(leafOf(identity), { ...stated, dockerFieldNames: ['Healthcheck', 'OnBuild'] });
    assert.equal(Object.keys(content.dockerFields).length, 2);
  });

  it('is made of what a registry shows', () => {
    const [identity] = one(builtAmd).images;
    assert.ok(identity);
    assert.deepEqual(leafOf(identity), pushedLeaf(builtAmd));
  });

  it('is never made of what an engine printed', () => {
    const inspected = identityFromInspect(
      { os: 'linux', architecture: 'amd64', config: { Cmd: ['sh'] }, diffIds: [digest('layer')] },
      { configDigest: sha256Digest(config) },
    );
    assert.throws(
      () => leafOf(inspected),
      (error) => isDaoChainError(error, 'invalidInput'),
    );
  });
});
