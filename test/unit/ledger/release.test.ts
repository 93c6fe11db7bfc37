import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { toHex, walletPublisher } from '../../../src/core/hex';
import { sha256Digest, type Digest } from '../../../src/core/image/digest';
import { identityFromConfig, identityFromInspect } from '../../../src/core/image/fingerprint';
import type { Platform } from '../../../src/core/image/identity';
import { currentRelease, leafOf, nextRelease, type NextRelease } from '../../../src/core/ledger/release';
import { encodeStatement, statementHash } from '../../../src/core/ledger/statement';
import type { Attestation, EntryKind, History, Leaf, Statement } from '../../../src/core/ledger/types';
import { wallet } from './fakeLedger';

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

interface Said {
  readonly kind?: EntryKind;
  readonly leaves?: readonly Leaf[];
  readonly indexDigest?: Digest;
  /** Place of the statement that is taken back. */
  readonly revokes?: number;
}

const bodyHash = ({ leaves = [], indexDigest }: Said): `0x${string}` =>
  leaves.length === 0
    ? toHex(new Uint8Array(32).fill(0xee))
    : statementHash(encodeStatement({ leaves, ...(indexDigest !== undefined && { indexDigest }) }));

/** Oldest first; what has neither leaves nor a target is a body that nobody can read. */
function history(...said: readonly Said[]): History {
  const name = {
    publisher: walletPublisher(wallet(1)),
    repository: 'docker.io/acme/app',
    tag: '1',
    key: '0x01',
  } as const;
  const attestations = said.map(({ kind, leaves, indexDigest, revokes }, position): Attestation => {
    const target = revokes === undefined ? undefined : said[revokes];
    const body: Attestation['body'] =
      target !== undefined
        ? { type: 'revocation', revocation: { statementHash: bodyHash(target), reason: 'mistake', note: '' } }
        : leaves !== undefined
          ? { type: 'statement', statement: { leaves, ...(indexDigest !== undefined && { indexDigest }) } }
          : { type: 'malformed' };
    return {
      ...name,
      kind: kind ?? (target === undefined ? 'publish' : 'revoke'),
      signer: wallet(1),
      validUntil: 0,
      position,
      statementHash: bodyHash(said[position] ?? {}),
      body,
      block: position + 1,
      time: position,
      transaction: '0x02',
    };
  });
  return { ...name, attestations, word: '0x03' };
}

const amd64 = leaf('linux/amd64', 'one');
const rebuilt = leaf('linux/amd64', 'two');
const arm64 = leaf('linux/arm64', 'one');
const riscv = leaf('linux/riscv64', 'one');

function assertNext(next: NextRelease, change: NextRelease['change'], leaves: Statement['leaves']): void {
  assert.deepEqual([next.change, next.statement], [change, { leaves }]);
}

describe('the next release of a tag', () => {
  it('is the first one where nothing was signed, or only vouched for', () => {
    assertNext(nextRelease(undefined, amd64), 'first', [amd64]);
    assertNext(nextRelease(history({ kind: 'vouch', leaves: [arm64] }), amd64), 'first', [amd64]);
  });

  it('carries the other platforms forward', () => {
    const before = history({ leaves: [amd64, arm64] });
    assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt, arm64]);
    assert.equal(nextRelease(before, rebuilt).before, amd64);
    assertNext(nextRelease(history({ leaves: [arm64] }), amd64), 'added', [amd64, arm64]);
  });

  it('drops them where the image is signed alone, which is a change even of the same content', () => {
    const before = history({ leaves: [amd64, arm64] });
    assertNext(nextRelease(before, amd64, true), 'changed', [amd64]);
    assertNext(nextRelease(before, riscv, true), 'added', [riscv]);
    assertNext(nextRelease(history({ leaves: [amd64] }), amd64, true), 'same', [amd64]);
  });

  it('is the same for the same content, however the rest of the history looks', () => {
    assertNext(nextRelease(history({ leaves: [rebuilt] }, { leaves: [amd64, arm64] }), amd64), 'same', [amd64, arm64]);
  });

  it('is a change where the same content has other config bytes', () => {
    const otherBytes = { ...amd64, configDigest: digest('other bytes') };
    assertNext(nextRelease(history({ leaves: [amd64] }), otherBytes), 'changed', [otherBytes]);
  });

  it('keeps the index digest only of a release that stays as it is', () => {
    const indexDigest = digest('index');
    const before = history({ leaves: [amd64, arm64], indexDigest });
    assert.deepEqual(nextRelease(before, amd64).statement, { leaves: [amd64, arm64], indexDigest });
    assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt, arm64]);
    assertNext(nextRelease(before, riscv), 'added', [amd64, arm64, riscv]);
  });

  it('replaces a platform under whatever name it stands there', () => {
    const v8 = leaf('linux/arm64/v8', 'two');
    assertNext(nextRelease(history({ leaves: [amd64, arm64] }), v8), 'changed', [amd64, v8]);
    const armV7 = leaf('linux/arm/v7', 'one');
    assertNext(nextRelease(history({ leaves: [armV7] }), leaf('linux/arm', 'two')), 'changed', [
      leaf('linux/arm', 'two'),
    ]);
    const v2 = leaf('linux/amd64/v2', 'one');
    assertNext(nextRelease(history({ leaves: [v2] }), amd64), 'added', [amd64, v2]);
  });

  describe('never revives what was revoked', () => {
    it('where the release itself was', () => {
      const before = history({ leaves: [amd64, arm64] }, { revokes: 0 });
      assert.equal(currentRelease(before), undefined);
      assertNext(nextRelease(before, rebuilt), 'renewed', [rebuilt]);
      assertNext(nextRelease(before, riscv), 'added', [riscv]);
    });

    it('where an older statement that names a carried leaf was', () => {
      const before = history({ leaves: [arm64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
      assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt]);
      assertNext(nextRelease(before, amd64), 'same', [amd64]);
    });

    it('where it was vouched for, and that was taken back', () => {
      const before = history({ kind: 'vouch', leaves: [arm64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
      assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt]);
    });

    it('where the index digest that covers it would be carried on', () => {
      const before = history(
        { leaves: [arm64] },
        { leaves: [amd64, arm64], indexDigest: digest('index') },
        { revokes: 0 },
      );
      assert.deepEqual(currentRelease(before), { leaves: [amd64] });
    });

    it('even by what was revoked before the newest release and stated in none since', () => {
      const before = history({ leaves: [amd64, arm64] }, { revokes: 0 }, { leaves: [rebuilt] });
      assertNext(nextRelease(before, riscv), 'added', [rebuilt, riscv]);
    });
  });

  it('carries what was stated again after its revocation', () => {
    const before = history({ leaves: [arm64] }, { revokes: 0 }, { leaves: [amd64, arm64] });
    assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt, arm64]);
  });

  it('says that it would bring back this very content, however long ago it was revoked', () => {
    assertNext(nextRelease(history({ leaves: [amd64] }, { revokes: 0 }), amd64), 'restored', [amd64]);
    const since = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [rebuilt, arm64] });
    assertNext(nextRelease(since, amd64), 'restored', [amd64, arm64]);
    const again = history({ leaves: [amd64] }, { revokes: 0 }, { leaves: [amd64] });
    assertNext(nextRelease(again, amd64), 'same', [amd64]);
  });

  it('says that what was signed for the platform does not count any more', () => {
    const dropped = history({ leaves: [amd64, arm64] }, { leaves: [arm64] });
    assertNext(nextRelease(dropped, rebuilt), 'renewed', [rebuilt, arm64]);
    const revoked = history({ leaves: [amd64] }, { leaves: [amd64, arm64] }, { revokes: 0 });
    assertNext(nextRelease(revoked, rebuilt), 'renewed', [rebuilt, arm64]);
  });

  it('takes nothing from an older release when it cannot read the newest', () => {
    const before = history({ leaves: [amd64, arm64] }, {});
    assert.equal(currentRelease(before), undefined);
    assertNext(nextRelease(before, rebuilt), 'renewed', [rebuilt]);
  });

  it('is not confused by a revocation of nothing that is there', () => {
    const before = history({ leaves: [amd64, arm64] }, { kind: 'revoke' }, { kind: 'revoke', revokes: 1 });
    assertNext(nextRelease(before, rebuilt), 'changed', [rebuilt, arm64]);
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
