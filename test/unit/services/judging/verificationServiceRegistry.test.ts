import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { toHex } from '../../../../src/core/hex';
import type { Digest } from '../../../../src/core/image/digest';
import type { ImageIdentity } from '../../../../src/core/image/identity';
import { parseReference } from '../../../../src/core/image/reference';
import { leafOf } from '../../../../src/core/ledger/release';
import { encodeRevocation } from '../../../../src/core/ledger/revocation';
import { encodeStatement, statementHash } from '../../../../src/core/ledger/statement';
import type { Leaf, Statement } from '../../../../src/core/ledger/types';
import type { Verdict } from '../../../../src/core/judging/verdict';
import { registryFailures } from '../../../../src/core/judging/verdict';
import { imageOf } from '../fakeEngine';
import { manifestOf } from '../fakeRegistry';
import {
  acme,
  alice,
  image,
  isCode,
  mallory,
  never,
  repository,
  ruleOf,
  stranger,
  tag,
  until,
  Window,
} from '../serviceWorld';

const good = imageOf('good');
const evil = imageOf('evil');
const goodArm = imageOf('good on arm', { platform: 'linux/arm64' });
const foreign = 'other.example.com/them/theirs:1';

function leaf(identity: ImageIdentity): Leaf {
  return { ...leafOf(identity), manifestDigest: manifestOf(identity) };
}

function kindsOf(verdicts: readonly (Verdict | undefined)[]): readonly string[] {
  return verdicts.map((verdict) => {
    if (verdict === undefined) return 'none';
    return verdict.kind === 'unknown' ? `unknown ${verdict.missing}` : verdict.kind;
  });
}

/** A reader who trusts alice; nothing is signed, and neither engine nor registry has anything. */
class Reader extends Window {
  /** Final by the time this returns. */
  state(statement: Statement | readonly Leaf[], signer = alice, of = { repository, tag }): void {
    const body = toHex(encodeStatement('length' in statement ? { leaves: statement } : statement));
    this.chain.attest({ ...of, signer: signer.address, body }).mine(3);
  }

  /** Verdict, local and in the registry. */
  async sides(text = image, platform?: string): Promise<readonly string[]> {
    const { verdict, local, registry } = await this.judged(text, platform);
    return kindsOf([verdict, local?.verdict, registry?.verdict]);
  }

  asked(): number {
    return this.registry.calls.length;
  }
}

describe('asking a registry', () => {
  let reader: Reader;
  beforeEach(() => {
    reader = new Reader();
  });

  it('is for names that a rule covers', async () => {
    assert.deepEqual(await reader.sides(), ['unknown registry', 'none', 'none']);
    assert.deepEqual(reader.registry.calls, [`read ${image}`]);
  });

  it('is for names that the ledger knows, whoever spoke', async () => {
    reader.state([leaf(good)], mallory, { repository: 'other.example.com/them/theirs', tag: '1' });
    reader.registry.push(foreign, good);
    assert.deepEqual(await reader.sides(foreign), ['untrusted', 'none', 'untrusted']);
  });

  it('is not for what can only be unsigned, even if no engine answers', async () => {
    reader.engine.isDown = true;
    assert.deepEqual(await reader.sides(foreign), ['unsigned', 'none', 'none']);
    reader.engine.isDown = false;
    reader.engine.add(foreign, good);
    assert.deepEqual(await reader.sides(foreign), ['unsigned', 'unsigned', 'none']);
    assert.equal(reader.asked(), 0);
  });

  it('is for what a policy covers that the reader has accepted', async () => {
    reader.rulesOrigin = 'policy';
    reader.registry.push(image, good);
    assert.deepEqual(await reader.sides(), ['unsigned', 'none', 'unsigned']);
    assert.deepEqual(reader.registry.calls, [`read ${image}`]);
  });

  it('is not for text that is no reference, nor for a platform that is none', async () => {
    for (const text of ['Not A Name', '', 'http://registry.example.com/acme/app', `${repository}@sha256:12`])
      assert.deepEqual(await reader.sides(text), ['unknown image', 'none', 'none']);
    for (const platform of ['linux/$ARCH', 'nonsense', 'linux/', 'linux/arm64/v8/x', ''])
      assert.deepEqual(await reader.sides(image, platform), ['unknown platform', 'none', 'none']);
    assert.equal(reader.asked(), 0);
  });

  it('is not done before the ledger was read, and nothing is unsigned then', async () => {
    reader.writer.kill();
    for (const text of [image, foreign]) assert.deepEqual(await reader.sides(text), ['unknown ledger', 'none', 'none']);
    assert.equal(reader.asked(), 0);
  });

  it('makes nothing green by what a stranger’s name of a private host brings; the registry’s own rules refuse it', async () => {
    const name = '169.254.169.254/latest/meta-data:1';
    reader.state([leaf(good)], mallory, { repository: '169.254.169.254/latest/meta-data', tag: '1' });
    reader.chain.mine(3);
    reader.registry.failure = () => new DaoChainError('registryRefused', 'a private address');
    const { verdict, registryFailure } = await reader.judged(name);
    assert.deepEqual([kindsOf([verdict]), registryFailure], [['unknown registry'], 'registryRefused']);
    // Who has never heard of the name asks nobody at all.
    reader.registry.calls = [];
    await reader.judged('169.254.169.254/latest/user-data:1');
    assert.equal(reader.asked(), 0);
  });

  it('can be left out, or be all that is asked', async () => {
    reader.state([leaf(good)]);
    reader.engine.add(image, evil, { origin: 'registry' });
    reader.registry.push(image, good);
    const engine = await reader.judged(image, undefined, { sources: 'engine' });
    assert.deepEqual(kindsOf([engine.verdict, engine.local?.verdict, engine.registry?.verdict]), [
      ...['mismatch', 'mismatch', 'none'],
    ]);
    assert.equal(reader.asked(), 0);
    reader.engine.calls = [];
    const registry = await reader.judged(image, undefined, { sources: 'registry' });
    assert.deepEqual(kindsOf([registry.verdict, registry.local?.verdict]), ['verified', 'none']);
    assert.deepEqual(reader.engine.calls, []);
    reader.registry.push(foreign, good);
    assert.notEqual((await reader.judged(foreign, undefined, { sources: 'registry' })).registry, undefined);
  });

  it('ends when it is cancelled', async () => {
    const aborter = new AbortController();
    reader.registry.beforeAnswer = async () => {
      await new Promise(setImmediate);
      aborter.abort();
    };
    await assert.rejects(reader.verification.judgeReferences([{ text: image }], aborter.signal), isCode('cancelled'));
    reader.registry.beforeAnswer = () => undefined;
    assert.deepEqual(await reader.sides(), ['unknown registry', 'none', 'none']);
  });
});

describe('what only a registry has', () => {
  let reader: Reader;
  beforeEach(() => {
    reader = new Reader();
  });

  it('is verified by a manifest that was signed, and its digest is told', async () => {
    reader.state([leaf(good)]);
    const { digest } = reader.registry.push(image, good);
    const { verdict, registry } = await reader.judged();
    assert.deepEqual([verdict.kind, registry], ['verified', { digest, verdict }]);
  });

  it('is a claim without one: the signed config, and whatever layers', async () => {
    reader.state([leafOf(good)]);
    reader.registry.push(image, good);
    assert.deepEqual(await reader.sides(), ['unknown layers', 'none', 'unknown layers']);
    reader.state([leaf(good)]);
    assert.equal((await reader.judged()).verdict.kind, 'verified');
    reader.registry.push(image, good, 'with other layers');
    assert.deepEqual(await reader.sides(), ['unknown layers', 'none', 'unknown layers']);
  });

  it('is red when the tag is moved to other content between two calls, also below the digest that was signed', async () => {
    reader.state([leaf(good)]);
    reader.registry.push(image, good);
    assert.equal((await reader.judged()).verdict.kind, 'verified');
    reader.registry.push(image, evil);
    assert.equal((await reader.judged()).verdict.kind, 'mismatch');
    reader.state([{ ...leaf(good), manifestDigest: manifestOf(evil) }]);
    assert.equal((await reader.judged()).verdict.kind, 'mismatch');
  });

  it('is superseded, revoked or of a stranger as it would be here', async () => {
    reader.state([leaf(good)], mallory);
    reader.registry.push(image, good);
    await reader.index.readTable(never);
    assert.equal((await reader.judged()).verdict.kind, 'untrusted');
    reader.state([leaf(good)]);
    reader.state([leaf(evil)]);
    assert.equal((await reader.judged()).verdict.kind, 'superseded');
  });

  it('is never green in an incomplete view of the ledger', async () => {
    reader.state([leaf(good)]);
    reader.registry.push(image, good);
    assert.equal((await reader.judged()).verdict.kind, 'verified');
    reader.writer.kill();
    assert.deepEqual(await reader.sides(), ['unknown ledger', 'none', 'unknown ledger']);
    reader.writer.start();
    reader.state([leaf(good)]);
    reader.chain.lie = ({ attested, signers }) => ({ signers, attested: attested.slice(1) });
    const fresh = new Reader(reader);
    assert.deepEqual(await fresh.sides(), ['unknown ledgerIncomplete', 'none', 'unknown ledgerIncomplete']);
  });

  describe('as an index', () => {
    const variants = ['linux/arm/v7', 'linux/arm/v6'].map((platform) => imageOf(platform, { platform }));
    const [v7 = good, v6 = good] = variants;

    it('is judged by the images for the platform alone', async () => {
      reader.state([leaf(good)]);
      const { digest } = reader.registry.pushIndex(image, [good, goodArm]);
      assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
      assert.deepEqual(await reader.sides(image, 'linux/arm64'), ['unsigned', 'none', 'unsigned']);
      assert.deepEqual(await reader.sides(image, 'arm64'), ['unsigned', 'none', 'unsigned']);
      assert.equal((await reader.judged(image, 'linux/arm64')).registry?.digest, digest);
    });

    it('is as bad as the worst image that the platform could choose', async () => {
      reader.registry.offers = ({ platform }, wanted) => platform.architecture === wanted.architecture;
      reader.registry.pushIndex(image, variants);
      reader.state([leaf(v7)]);
      assert.deepEqual(await reader.sides(image, 'linux/arm'), ['unsigned', 'none', 'unsigned']);
      reader.state([leaf(v7), leaf(v6)]);
      assert.deepEqual(await reader.sides(image, 'linux/arm'), ['verified', 'none', 'verified']);
      reader.state([leaf(v7), leafOf(v6)]);
      assert.deepEqual(await reader.sides(image, 'linux/arm'), ['unknown layers', 'none', 'unknown layers']);
      const evilV6 = imageOf('evil', { platform: 'linux/arm/v6' });
      reader.registry.pushIndex(image, [v7, evilV6]);
      assert.deepEqual(await reader.sides(image, 'linux/arm'), ['mismatch', 'none', 'mismatch']);
    });

    it('is green as a whole by its own digest', async () => {
      reader.registry.offers = ({ platform }, wanted) => platform.architecture === wanted.architecture;
      const { digest: indexDigest } = reader.registry.pushIndex(image, variants);
      reader.state({ leaves: [leafOf(v7)], indexDigest });
      assert.deepEqual(await reader.sides(image, 'linux/arm'), ['verified', 'none', 'verified']);
    });

    it('is not green by a signed image of another platform that it passes off as this one’s', async () => {
      reader.registry.offers = () => true;
      reader.state([leaf(goodArm)]);
      reader.registry.pushIndex(image, [goodArm]);
      assert.deepEqual(await reader.sides(image, 'linux/amd64'), ['unsigned', 'none', 'unsigned']);
      reader.state([leaf(good), leaf(goodArm)]);
      assert.deepEqual(await reader.sides(image, 'linux/amd64'), ['unsigned', 'none', 'unsigned']);
      assert.deepEqual(await reader.sides(image, 'linux/arm64'), ['verified', 'none', 'verified']);
      const { verdict } = await reader.judged();
      assert.deepEqual(verdict.kind === 'unsigned' && verdict.otherPlatforms, [goodArm.platform]);
      reader.registry.pushIndex(image, [good, goodArm]);
      assert.deepEqual(await reader.sides(), ['unsigned', 'none', 'unsigned']);
    });

    it('has nothing for a platform that it does not offer', async () => {
      reader.state([leaf(good)]);
      const { digest } = reader.registry.pushIndex(image, [good]);
      const { verdict, registry } = await reader.judged(image, 'linux/s390x');
      assert.deepEqual([kindsOf([verdict]), registry?.digest], [['unknown image'], digest]);
      assert.equal(verdict.kind === 'unknown' && verdict.detail, 'linux/s390x');
    });
  });

  it('is of the machine’s own platform where no engine says which that is', async () => {
    reader.state([leaf(good), leaf(goodArm)]);
    reader.registry.pushIndex(image, [goodArm]);
    assert.deepEqual(await reader.sides(), ['unknown image', 'none', 'unknown image']);
    reader.engine.isDown = true;
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
  });

  it('is what a single image is, whatever machine asks, unless it asks for a platform', async () => {
    reader.state([leaf(goodArm)]);
    reader.registry.push(image, goodArm);
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
    assert.deepEqual(await reader.sides(image, 'linux/amd64'), ['unsigned', 'none', 'unsigned']);
  });

  describe('or does not give', () => {
    for (const code of registryFailures) {
      it(`is unknown because of ${code}`, async () => {
        reader.state([leaf(good)]);
        reader.registry.failure = () => new DaoChainError(code, 'no');
        const { verdict, registry, registryFailure } = await reader.judged();
        assert.deepEqual(kindsOf([verdict, registry?.verdict]), ['unknown registry', 'none']);
        assert.deepEqual([verdict.kind === 'unknown' && verdict.detail, registryFailure], [code, code]);
      });
    }

    it('is unknown because of the engine where that is silent too', async () => {
      reader.state([leaf(good)]);
      reader.engine.isDown = true;
      assert.deepEqual(await reader.sides(), ['unknown engine', 'none', 'none']);
    });

    it('is malformed where its bytes are', async () => {
      reader.state([leaf(good)]);
      reader.registry.failure = () =>
        new DaoChainError('imageMalformed', 'twice', { details: { reason: 'duplicateKey' } });
      const { verdict, registryFailure } = await reader.judged();
      assert.deepEqual(kindsOf([verdict]), ['unknown malformedImage']);
      assert.deepEqual([verdict.kind === 'unknown' && verdict.detail, registryFailure], ['duplicateKey', undefined]);
    });
  });
});

describe('what both engine and registry have', () => {
  let reader: Reader;
  beforeEach(() => {
    reader = new Reader();
    reader.state([leafOf(good)]);
    reader.engine.add(image, good, { origin: 'registry' });
    reader.registry.push(image, good);
  });

  it('is what the engine’s image is, where the content is the same', async () => {
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'unknown layers']);
    reader.engine.store = 'containerd';
    reader.engine.add(image, good, { id: manifestOf(good), repoDigests: [`${repository}@${manifestOf(good)}`] });
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'verified']);
  });

  it('is verified in the registry too, where the engine has pulled that very digest', async () => {
    reader.engine.add(image, good, { repoDigests: [`${repository}@${manifestOf(good)}`], origin: 'registry' });
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'verified']);
    reader.registry.push(image, good, 'with other layers');
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'unknown layers']);
  });

  it('is as good or bad in the registry, where its config was never asked for', async () => {
    const pulled = { repoDigests: [`${repository}@${manifestOf(good)}`], origin: 'registry' } as const;
    reader.engine.add(image, good, pulled);
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'verified']);
    reader.state([leaf(evil)]);
    assert.deepEqual(await reader.sides(), ['superseded', 'superseded', 'superseded']);
    const fresh = new Reader();
    fresh.state([leaf(evil)]);
    fresh.engine.add(image, good, pulled);
    fresh.registry.push(image, good);
    assert.deepEqual(await fresh.sides(), ['mismatch', 'mismatch', 'mismatch']);
  });

  it('is not proven where an index has two images with its config, of which the engine took one', async () => {
    for (const [images, registry] of [
      [[good, goodArm], 'verified'],
      [[good, good], 'unknown layers'],
    ] as const) {
      const { digest } = reader.registry.pushIndex(image, images);
      reader.engine.add(image, good, { repoDigests: [`${repository}@${digest}`], origin: 'registry' });
      assert.equal((await reader.sides()).at(-1), registry);
    }
  });

  it('is not proven by a digest of another repository', async () => {
    reader.engine.add(image, good, { repoDigests: [`registry.example.com/acme/tool@${manifestOf(good)}`] });
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'unknown layers']);
  });

  it('is looked at again once the engine has another image', async () => {
    const listening = reader.verification.onDidChange(() => undefined);
    reader.engine.add(image, good, { repoDigests: [`${repository}@${manifestOf(good)}`], origin: 'registry' });
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'verified']);
    reader.engine.remove(good.configDigest ?? manifestOf(good));
    reader.engine.fire({ type: 'image', id: good.configDigest ?? '' });
    assert.deepEqual(await reader.sides(), ['unknown layers', 'none', 'unknown layers']);
    listening.dispose();
  });

  it('is not verified in the registry because the engine has the digest as another image', async () => {
    reader.engine.store = 'containerd';
    reader.engine.add(image, good, { id: manifestOf(good, 'here') });
    reader.engine.add(undefined, good, { id: manifestOf(good), repoDigests: [`${repository}@${manifestOf(good)}`] });
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'unknown layers']);
  });

  it('is the worse of the two where the contents differ, and both are told', async () => {
    reader.registry.push(image, evil);
    assert.deepEqual(await reader.sides(), ['mismatch', 'verified', 'mismatch']);
    reader.engine.add(image, evil, { origin: 'registry' });
    reader.registry.push(image, good);
    assert.deepEqual(await reader.sides(), ['mismatch', 'mismatch', 'unknown layers']);
    reader.registry.push(image, good, 'signed');
    reader.state([{ ...leafOf(good), manifestDigest: manifestOf(good, 'signed') }]);
    assert.deepEqual(await reader.sides(), ['mismatch', 'mismatch', 'verified']);
  });

  it('is not greener by a registry that has nothing for the platform, and not less', async () => {
    reader.registry.pushIndex(image, [goodArm]);
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'unknown image']);
  });

  it('is the engine’s image beside the reason where the registry fails', async () => {
    for (const code of registryFailures) {
      reader.registry.failure = () => new DaoChainError(code, 'no');
      const { verdict, local, registryFailure } = await reader.judged();
      assert.deepEqual([kindsOf([verdict, local?.verdict]), registryFailure], [['verified', 'verified'], code]);
    }
  });

  it('is not green while the registry serves what nobody can read in one way', async () => {
    reader.registry.failure = () => new DaoChainError('imageMalformed', 'twice', { details: { reason: 'x' } });
    assert.deepEqual(await reader.sides(), ['unknown malformedImage', 'verified', 'none']);
    reader.engine.add(image, evil, { origin: 'registry' });
    assert.deepEqual(await reader.sides(), ['mismatch', 'mismatch', 'none']);
  });

  it('is not green by the registry where the engine’s image cannot be read', async () => {
    reader.state([leaf(good)]);
    for (const step of ['inspect', 'read']) {
      reader.engine.add(image, evil);
      reader.engine.failure = (call) => (call.startsWith(step) ? new DaoChainError('imageMalformed', '') : undefined);
      assert.deepEqual(await reader.sides(), ['unknown malformedImage', 'unknown malformedImage', 'verified']);
    }
  });

  it('is looked up for the platform that is asked for on both sides', async () => {
    reader.state([leafOf(good), leaf(goodArm)]);
    reader.registry.pushIndex(image, [good, goodArm]);
    assert.deepEqual(await reader.sides(image, 'linux/arm64'), ['verified', 'none', 'verified']);
    assert.deepEqual(await reader.sides(image, 'linux/amd64'), ['verified', 'verified', 'unknown layers']);
  });
});

describe('a digest', () => {
  const revoke = (reader: Reader, of: Statement, name = tag): void => {
    const body = toHex(
      encodeRevocation({ statementHash: statementHash(encodeStatement(of)), reason: 'compromised', note: '' }),
    );
    reader.chain.attest({ signer: alice.address, repository, tag: name, kind: 'revoke', body }).mine(3);
  };
  let reader: Reader;
  let digest: Digest;
  beforeEach(() => {
    reader = new Reader();
    digest = reader.registry.push(image, good).digest;
  });
  const pin = (): string => `${repository}@${digest}`;

  describe('beside a tag', () => {
    it('is judged under the tag, by the content that it names and not by what the tag names', async () => {
      reader.state([leaf(good)]);
      reader.registry.push(image, evil);
      assert.deepEqual(await reader.sides(`${image}@${digest}`), ['verified', 'none', 'verified']);
      assert.deepEqual(reader.registry.calls, [`read ${image}@${digest}`]);
      assert.deepEqual(await reader.sides(`${image}@${manifestOf(evil)}`), ['mismatch', 'none', 'mismatch']);
    });

    it('is not asked for where the engine has it', async () => {
      reader.state([leaf(good)]);
      reader.engine.add(undefined, good, { repoDigests: [pin()], origin: 'registry' });
      assert.deepEqual(await reader.sides(`${image}@${digest}`), ['verified', 'verified', 'none']);
      assert.equal(reader.asked(), 0);
    });

    it('of an index is asked for where the engine has another platform’s image of it', async () => {
      reader.state([leaf(goodArm)]);
      const index = reader.registry.pushIndex(image, [evil, goodArm]).digest;
      const pinned = `${image}@${index}`;
      reader.engine.add(undefined, goodArm, { repoDigests: [`${repository}@${index}`], origin: 'registry' });
      assert.deepEqual(await reader.sides(pinned), ['unsigned', 'verified', 'unsigned']);
      assert.deepEqual(await reader.sides(pinned, 'linux/arm64'), ['verified', 'verified', 'none']);
    });
  });

  describe('without a tag', () => {
    it('is green by the name that states its content, in the registry and in the engine', async () => {
      reader.state([leaf(good)]);
      reader.registry.push(image, evil);
      assert.deepEqual(await reader.sides(pin()), ['verified', 'none', 'verified']);
      reader.engine.add(undefined, good, { repoDigests: [pin()], origin: 'registry' });
      assert.deepEqual(await reader.sides(pin()), ['verified', 'verified', 'none']);
    });

    it('is checked against the contract under names that nobody has used before', async () => {
      reader.state([leaf(good)]);
      assert.equal(reader.index.view().keyState(acme, repository, tag), 'unchecked');
      await reader.sides(pin());
      assert.equal(reader.index.view().keyState(acme, repository, tag), 'complete');
    });

    it('is superseded, not red, where the tag is other content by now', async () => {
      reader.state([leaf(good)]);
      reader.state([leaf(evil)]);
      assert.deepEqual(await reader.sides(pin()), ['superseded', 'none', 'superseded']);
      reader.state([leaf(good)], alice, { repository, tag: '2.0' });
      assert.deepEqual(await reader.sides(pin()), ['verified', 'none', 'verified']);
    });

    it('is revoked where any of the names says so', async () => {
      reader.state([leaf(good)]);
      reader.state([leaf(good)], alice, { repository, tag: '2.0' });
      revoke(reader, { leaves: [leaf(good)] }, '2.0');
      assert.deepEqual(await reader.sides(pin()), ['revoked', 'none', 'revoked']);
    });

    it('is a claim where no name states the manifest', async () => {
      reader.state([leafOf(good)]);
      assert.deepEqual(await reader.sides(pin()), ['unknown layers', 'none', 'unknown layers']);
    });

    it('is unsigned where another repository states it, and says which', async () => {
      reader.state([leaf(good)], alice, { repository: 'registry.example.com/acme/tool', tag: '1' });
      const { verdict } = await reader.judged(pin());
      assert.deepEqual(verdict.kind === 'unsigned' && verdict.knownAs.map((known) => known.repository), [
        'registry.example.com/acme/tool',
      ]);
    });

    it('is never red because accepted publishers say that a stranger’s name for it is other content', async () => {
      reader.state([leaf(evil)]);
      reader.state([leaf(good)], mallory);
      const { verdict } = await reader.judged(pin());
      assert.equal(verdict.kind, 'unsigned');
    });

    it('is untrusted where only strangers state it', async () => {
      reader.state([leaf(good)], mallory);
      assert.deepEqual(await reader.sides(pin()), ['untrusted', 'none', 'untrusted']);
    });

    it('is not kept from green by strangers who state it under a thousand names, nor made green', async () => {
      reader.state([leaf(good)]);
      for (let i = 0; i < 1_000; i++) {
        const body = toHex(encodeStatement({ leaves: [leaf(good)] }));
        reader.chain.attest({ signer: mallory.address, repository, tag: `t${i}`, body });
      }
      reader.chain.mine(3);
      assert.equal((await reader.judged(pin())).verdict.kind, 'verified');
      reader.rules = [];
      assert.equal((await reader.judged(pin())).verdict.kind, 'untrusted');
    });

    it('is not kept from green by a stranger’s name whose history does not come as a whole', async () => {
      reader.state([leaf(good)]);
      for (const of of [good, evil]) reader.state([leaf(of)], mallory, { repository, tag: 'theirs' });
      reader.chain.lie = ({ attested, signers }) => ({ signers, attested: attested.slice(0, 2) });
      assert.deepEqual(await reader.sides(pin()), ['verified', 'none', 'verified']);
      // Under the stranger's own name too: where a rule covers it, strangers decide nothing.
      assert.deepEqual(await reader.sides(`${repository}:theirs@${digest}`), ['unsigned', 'none', 'unsigned']);
    });

    it('is never green in an incomplete view of the ledger', async () => {
      reader.state([leaf(good)]);
      assert.equal((await reader.judged(pin())).verdict.kind, 'verified');
      reader.writer.kill();
      assert.deepEqual(await reader.sides(pin()), ['unknown ledger', 'none', 'unknown ledger']);
    });

    it('is not asked for where nobody has stated it and no rule covers it', async () => {
      const unknown = `other.example.com/them/theirs@${digest}`;
      assert.deepEqual(await reader.sides(unknown), ['unsigned', 'none', 'none']);
      assert.equal(reader.asked(), 0);
    });
  });
});

describe('the rules of a folder', () => {
  it('count there alone, whatever was found out for another, and those of all folders where none is named', async () => {
    const reader = new Reader();
    reader.verification.onDidChange(() => undefined);
    reader.state([leaf(good)], mallory);
    reader.registry.push(image, good);
    reader.engine.add(image, good);
    reader.rules = [];
    reader.policies.set('/believes', [ruleOf(reader.chain, [stranger])]);
    reader.policies.set('/asks for alice', [ruleOf(reader.chain, [acme], { level: 'enforce' })]);
    const judgedIn = async (folder?: string): Promise<readonly string[]> => {
      const { verdict } = await reader.judged(image, undefined, folder === undefined ? {} : { folder });
      return [verdict.kind, verdict.coverage];
    };
    for (let again = 0; again < 2; again++) {
      assert.deepEqual(await judgedIn('/believes'), ['verified', 'warn']);
      assert.deepEqual(await judgedIn('/asks for alice'), ['untrusted', 'enforce']);
      assert.deepEqual(await judgedIn('/elsewhere'), ['untrusted', 'none']);
      assert.deepEqual(await judgedIn(), ['untrusted', 'enforce']);
      assert.deepEqual([(await reader.verdict()).kind, (await reader.verdict()).coverage], ['untrusted', 'enforce']);
    }
    assert.equal(reader.asked(), 1);
  });
});

describe('what a registry has said', () => {
  let reader: Reader;
  let listening: { dispose(): void };
  beforeEach(() => {
    reader = new Reader();
    reader.state([leaf(good)]);
    reader.registry.push(image, good);
    listening = reader.verification.onDidChange(() => undefined);
  });
  afterEach(() => {
    listening.dispose();
  });

  it('holds for a minute while somebody listens', async () => {
    await reader.sides();
    reader.registry.push(image, evil);
    reader.now += 59_999;
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
    assert.equal(reader.asked(), 1);
    reader.now += 1;
    assert.deepEqual(await reader.sides(), ['mismatch', 'none', 'mismatch']);
  });

  it('does not hold where nobody listens, nor after a clock that was set back', async () => {
    await reader.sides();
    reader.registry.push(image, evil);
    reader.now -= 1;
    assert.deepEqual(await reader.sides(), ['mismatch', 'none', 'mismatch']);
    listening.dispose();
    reader.registry.push(image, good);
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
  });

  it('is judged anew with every block', async () => {
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
    reader.state([leaf(evil)]);
    assert.deepEqual(await reader.sides(), ['superseded', 'none', 'superseded']);
    assert.equal(reader.asked(), 1);
  });

  it('holds where it has failed, so that typing does not hammer it', async () => {
    reader.registry.failure = () => new DaoChainError('registryUnavailable', 'down');
    for (let i = 0; i < 5; i++) await reader.sides();
    assert.equal(reader.asked(), 1);
    reader.registry.failure = () => undefined;
    reader.now += 60_000;
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
  });

  it('is of the platform and of the reference that was asked for', async () => {
    reader.registry.pushIndex(image, [good, goodArm]);
    await reader.sides(image, 'linux/arm64');
    assert.deepEqual(await reader.sides(image, 'linux/amd64'), ['verified', 'none', 'verified']);
    await reader.sides(`${repository}:1.0-alpine`);
    assert.equal(reader.asked(), 3);
  });

  it('is asked for once by all who want it at the same time, and one who leaves takes it from nobody', async () => {
    let answer: () => void = () => undefined;
    reader.registry.beforeAnswer = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    const aborter = new AbortController();
    const leaving = reader.verification.judgeReferences([{ text: image }, { text: image }], aborter.signal);
    const staying = reader.sides();
    await until('asked', () => reader.asked() === 1);
    await new Promise(setImmediate);
    aborter.abort();
    await assert.rejects(leaving, isCode('cancelled'));
    answer();
    assert.deepEqual(await staying, ['verified', 'none', 'verified']);
    assert.equal(reader.asked(), 1);
  });

  const occasions: readonly (readonly [string, (reader: Reader) => unknown])[] = [
    [
      'the engine has pulled or pushed the name',
      ({ engine }) => {
        engine.fire({ type: 'image', id: image });
      },
    ],
    [
      'somebody knows better',
      ({ verification }) => {
        verification.lookAgain(parseReference(image));
      },
    ],
    [
      'the local image is verified',
      async ({ verification, engine }) => {
        engine.add(image, good);
        await verification.verify(image, never);
        engine.remove(good.configDigest ?? manifestOf(good));
      },
    ],
    [
      'rules or wallet have changed',
      ({ verification }) => {
        verification.reconsider();
      },
    ],
  ];
  for (const [what, happens] of occasions) {
    it(`is forgotten when ${what}`, async () => {
      await reader.sides();
      reader.registry.push(image, evil);
      await happens(reader);
      assert.deepEqual(await reader.sides(), ['mismatch', 'none', 'mismatch']);
    });
  }

  it('is not forgotten for what the engine says of other images', async () => {
    await reader.sides();
    for (const id of [evil.configDigest ?? '', 'registry.example.com/acme/tool:1', `${repository}:1.0-alpine`])
      reader.engine.fire({ type: 'image', id });
    await reader.sides();
    assert.equal(reader.asked(), 1);
  });
});

describe('the platform that would be fetched', () => {
  const evilArm = imageOf('evil', { platform: 'linux/arm64' });
  const evilOld = imageOf('evil', { platform: 'linux/386' });

  /** Everything is signed by the tag's publisher; a thief has replaced the images of one platform. */
  function readerOf(images: readonly ImageIdentity[], defaultPlatform?: string): Reader {
    const reader = new Reader(undefined, true, defaultPlatform);
    reader.state([good, goodArm].map(leaf));
    reader.registry.pushIndex(image, images);
    return reader;
  }
  const kind = async (reader: Reader, platform?: string): Promise<string | undefined> =>
    (await reader.sides(image, platform))[0];

  it('is the one of the environment', async () => {
    const reader = readerOf([good, evilArm], 'linux/arm64');
    assert.equal(await kind(reader), 'mismatch');
    assert.equal((await reader.judged()).judgedFor, 'linux/arm64');
    assert.equal(await kind(reader, 'linux/amd64'), 'verified');
    assert.equal((await reader.judged(image, 'linux/x86_64')).judgedFor, 'linux/amd64');
    assert.equal(await kind(readerOf([evil, goodArm], 'arm64')), 'verified');
    assert.equal(await kind(readerOf([good, goodArm], '')), 'unknown platform');
    assert.equal(await kind(readerOf([good, goodArm], 'linux/amd64,linux/arm64')), 'unknown platform');
  });

  it('is what a build is on or for, in whole and in parts', async () => {
    const reader = readerOf([good, evilArm], 'linux/arm64');
    for (const own of ['${BUILDPLATFORM}', 'linux/${BUILDARCH}', '${BUILDOS}/${BUILDARCH}', '${TARGETOS}/amd64'])
      assert.equal(await kind(reader, own), 'verified', own);
    for (const other of ['${TARGETPLATFORM}', 'linux/${TARGETARCH}', '${BUILDOS}/${TARGETARCH}', '${TARGETARCH}'])
      assert.equal(await kind(reader, other), 'mismatch', other);
    for (const none of ['linux/${TARGETVARIANT}', '${TARGETPLATFORM}/$X', '${TARGETPLATFORM:-linux/amd64}', '$X'])
      assert.equal(await kind(reader, none), 'unknown platform', none);
    assert.equal(await kind(readerOf([evil, goodArm], 'linux/arm64'), '${BUILDPLATFORM}'), 'mismatch');
  });

  it('is the engine’s own, whatever this machine is', async () => {
    const reader = readerOf([good, evilOld]);
    assert.equal(await kind(reader), 'verified');
    reader.engine.architecture = '386';
    assert.equal(await kind(reader), 'unsigned');
    assert.equal((await reader.judged()).judgedFor, 'linux/386');
    assert.equal(await kind(reader, '${BUILDPLATFORM}'), 'unsigned');
  });

  it('can be any where an engine of another machine does not answer', async () => {
    const reader = readerOf([good, goodArm]);
    reader.engine.isDown = true;
    reader.engine.host = 'tcp://builder.example.com:2375';
    assert.deepEqual(await reader.sides(), ['verified', 'none', 'verified']);
    assert.equal((await reader.judged()).judgedFor, 'all');
    assert.equal(await kind(reader, 'linux/${TARGETARCH}'), 'unknown platform');
    const robbed = readerOf([evil, goodArm]);
    robbed.engine.isDown = true;
    // That of this machine, as far as anybody can tell.
    assert.equal(await kind(robbed), 'verified');
    robbed.engine.host = 'tcp://builder.example.com:2375';
    assert.equal(await kind(robbed), 'mismatch');
    assert.equal(await kind(robbed, 'linux/arm64'), 'verified');
  });

  it('is not that of an image that the engine has for another one', async () => {
    const reader = readerOf([evil, goodArm]);
    reader.state([leafOf(good), leafOf(goodArm)]);
    reader.engine.add(image, goodArm, { origin: 'registry' });
    assert.deepEqual(await reader.sides(), ['mismatch', 'verified', 'mismatch']);
    reader.registry.failure = () => new DaoChainError('registryUnavailable', 'no');
    reader.verification.lookAgain(parseReference(image));
    // A build on this engine would fetch another image.
    assert.deepEqual(await reader.sides(), ['unknown registry', 'verified', 'none']);
    assert.deepEqual(await reader.sides(image, 'linux/arm64'), ['verified', 'verified', 'none']);
    reader.engine.architecture = 'arm64';
    assert.deepEqual(await reader.sides(), ['verified', 'verified', 'none']);
  });

  it('is asked for under a digest of which the engine has another variant', async () => {
    const reader = new Reader();
    const v3 = imageOf('good', { platform: 'linux/amd64/v3' });
    reader.state([leaf(v3)]);
    reader.registry.offers = ({ platform }, wanted) => platform.architecture === wanted.architecture;
    const { digest } = reader.registry.pushIndex(image, [evil, v3]);
    reader.engine.add(undefined, v3, { repoDigests: [`${repository}@${digest}`], origin: 'registry' });
    assert.equal((await reader.sides(`${image}@${digest}`))[0], 'unsigned');
  });

  it('is another one with another answer, though both are asked for within a minute', async () => {
    const reader = readerOf([good, evilArm]);
    assert.deepEqual([await kind(reader), await kind(reader, 'linux/arm64')], ['verified', 'mismatch']);
    assert.deepEqual([await kind(reader, 'linux/arm64'), await kind(reader)], ['mismatch', 'verified']);
  });
});
