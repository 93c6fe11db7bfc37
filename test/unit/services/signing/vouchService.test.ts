import assert from 'node:assert/strict';
import type { Digest } from '../../../../src/core/image/digest';
import type { PublisherId } from '../../../../src/core/ledger/types';
import { verdictReason } from '../../../../src/words/verdictText';
import { plannedChangeText, unseenLayersText, vouchOriginText, vouchWarning } from '../../../../src/words/planText';
import type { PlannedImage, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { VouchService, type VouchOptions } from '../../../../src/services/signing/vouchService';
import { wallet } from '../fakeLedger';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { manifestOf } from '../fakeRegistry';
import { fakeSigner } from '../fakeWriter';
import { acme, alice, isCode, mallory, never, ruleOf, stranger, Window } from '../serviceWorld';
import type { TransactionSigner } from '../../../../src/core/ports/ledger';

const repository = 'docker.io/library/debian';
const debian = 'debian:12';
const bob = fakeSigner(wallet(0xb0b));
const third: PublisherId = `0x${'0c'.repeat(32)}`;
const one = imageOf('one');
const two = imageOf('two', { env: ['A=1'] });
const arm = imageOf('one', { platform: 'linux/arm64' });

describe('vouching', () => {
  let world: Window;
  let vouches: VouchService;

  const plan = (options: Partial<VouchOptions> = {}, name = debian): Promise<SigningPlan> =>
    vouches.plan(name, { signer: alice.address, ...options }, never);
  const planned = async (options: Partial<VouchOptions> = {}, name = debian): Promise<PlannedImage> =>
    (await plan(options, name)).images[0] ?? assert.fail('a plan has an image');
  const vouch = async (signer: TransactionSigner = alice, options: Partial<VouchOptions> = {}): Promise<void> => {
    const made = await plan({ ...options, signer: signer.address });
    await world.signing.execute(made, signer, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
  };
  /** As the engine has it after a pull by this digest. */
  const pulled = (identity: typeof one, digest: Digest): Digest =>
    world.engine.add(debian, identity, { origin: 'registry', repoDigests: [`${repository}@${digest}`] });
  const judged = async (): Promise<string> => (await world.verdict(debian)).kind;

  beforeEach(() => {
    world = new Window();
    vouches = new VouchService(world);
    world.rules = [ruleOf(world.chain, [acme], { repositories: repository, accept: 'vouch' })];
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  describe('for an image of the engine', () => {
    it('states exactly that content, as checked and not as made', async () => {
      world.engine.add(debian, one);
      const made = await plan();
      const [image = assert.fail('a plan has an image')] = made.images;
      assert.equal(made.entries[0]?.kind, 'vouch');
      assert.deepEqual(
        image.statement.leaves.map(({ configDigest, manifestDigest }) => [configDigest, manifestDigest]),
        [[one.configDigest, undefined]],
      );
      assert.equal(image.imageId, one.configDigest);
      assert.equal(plannedChangeText(image, english), 'You have not vouched for anything under this tag before.');
      assert.equal(vouchOriginText(image, english), 'Built or loaded on this engine, according to the engine.');
      await vouch();
      const verdict = await world.verdict(debian);
      assert.equal(verdict.kind, 'verified');
      assert.match(verdictReason(verdict, english), /^Vouched for by /);
      assert.doesNotMatch(verdictReason(verdict, english), /[Pp]ublished/);
    });

    it('adds the manifest that it was pulled as, and says where from', async () => {
      const { digest } = world.registry.push(debian, one);
      pulled(one, digest);
      const image = await planned();
      assert.equal(image.statement.leaves[0]?.manifestDigest, digest);
      assert.equal(image.registry?.digest, digest);
      assert.equal(vouchOriginText(image, english), 'Pulled from docker.io, according to the engine.');
      assert.equal(unseenLayersText(image, english), undefined);
    });

    it('adds none that a registry claims and the engine does not know as this image', async () => {
      pulled(one, manifestOf(one, 'other'));
      world.registry.push(debian, one);
      const image = await planned();
      assert.equal(image.statement.leaves[0]?.manifestDigest, undefined);
      assert.equal(image.registry, undefined);
    });

    it('adds none where another manifest in the index has the same config, and perhaps other layers', async () => {
      const { digest, images } = world.registry.pushIndex(debian, [one, one]);
      Object.assign(images[0] ?? {}, { manifestDigest: manifestOf(one, 'other layers') });
      pulled(one, digest);
      const image = await planned();
      assert.equal(image.statement.leaves.length, 1);
      assert.equal(image.statement.leaves[0]?.manifestDigest, undefined);
      assert.equal(image.registry, undefined);
    });

    it('needs no registry', async () => {
      pulled(one, manifestOf(one));
      assert.equal((await planned()).statement.leaves[0]?.configDigest, one.configDigest);
    });

    it('asks no registry about what was built here', async () => {
      world.engine.add(debian, one);
      await plan();
      assert.deepEqual(world.registry.calls, []);
    });

    it('is not sent once the tag has moved', async () => {
      world.engine.add(debian, one);
      const made = await plan();
      world.engine.add(debian, two);
      await assert.rejects(
        world.signing.execute(made, alice, never, () => undefined),
        isCode('imageChanged'),
      );
    });

    it('is for the digest that is asked for, whatever the tag names', async () => {
      const { digest } = world.registry.push(debian, one);
      world.engine.add(undefined, one, { origin: 'registry', repoDigests: [`${repository}@${digest}`] });
      world.engine.add(debian, two);
      const image = await planned({}, `${debian}@${digest}`);
      assert.equal(image.configDigest, one.configDigest);
      assert.equal(image.vouch?.origin, 'pulled');
      assert.equal(image.statement.leaves[0]?.manifestDigest, digest);
    });
  });

  describe('for an image of a registry', () => {
    it('is for the one of the platform, by its manifest, and says that nobody has looked at the layers', async () => {
      const { digest } = world.registry.pushIndex(debian, [one, arm]);
      const image = await planned({ platform: 'linux/arm64' });
      assert.deepEqual(
        image.statement.leaves.map(({ manifestDigest }) => manifestDigest),
        [manifestOf(arm)],
      );
      assert.equal(image.statement.indexDigest, undefined);
      assert.equal(image.registry?.digest, digest);
      assert.equal(image.vouch?.origin, 'registry');
      assert.match(unseenLayersText(image, english) ?? '', /Pull the image first/);
    });

    it('takes the registry where the engine has another platform, or where it is asked to', async () => {
      world.registry.pushIndex(debian, [one, arm]);
      world.engine.add(debian, arm);
      assert.equal((await planned({ platform: 'linux/amd64' })).configDigest, one.configDigest);
      assert.equal((await planned({ source: 'registry' })).vouch?.origin, 'registry');
      assert.equal((await planned()).configDigest, arm.configDigest);
    });

    it('takes of the registry what the tools would, in the words of a build file as well', async () => {
      world.registry.pushIndex(debian, [one, arm]);
      const planned = async (by: VouchService, platform?: string): Promise<string | undefined> => {
        const options = { signer: alice.address, ...(platform !== undefined && { platform }) };
        return (await by.plan(debian, options, never)).images[0]?.platform;
      };
      assert.equal(await planned(vouches), 'linux/amd64');
      assert.equal(await planned(vouches, 'linux/${BUILDARCH}'), 'linux/amd64');
      const { engine, registry, verification, signing, hostPlatform } = world;
      const ports = { engine, registry, verification, signing, hostPlatform };
      const elsewhere = new VouchService({ ...ports, defaultPlatform: 'linux/arm64' });
      assert.equal(await planned(elsewhere), 'linux/arm64');
      assert.equal(await planned(elsewhere, '${BUILDPLATFORM}'), 'linux/amd64');
      await assert.rejects(planned(elsewhere, 'linux/$X'), isCode('invalidInput'));
    });

    it('is refused where the registry shows another digest than the name, or none for the platform', async () => {
      world.registry.pushIndex(debian, [one]);
      await assert.rejects(plan({}, `${debian}@${manifestOf(two)}`), isCode('imageNotFound'));
      await assert.rejects(plan({ platform: 'linux/s390x' }), isCode('imageNotFound'));
    });

    it('is refused where the tag moves between the reading and the judging', async () => {
      world.registry.push(debian, one);
      let reads = 0;
      world.registry.beforeAnswer = () => {
        if (++reads === 2) world.registry.push(debian, two);
      };
      await assert.rejects(plan(), isCode('imageChanged'));
    });
  });

  it('needs a tag', async () => {
    await assert.rejects(plan({}, `debian@${manifestOf(one)}`), isCode('imageWithoutName'));
    await assert.rejects(plan({}, one.configDigest), isCode('imageWithoutName'));
  });

  it('says first that an image is red, whatever it is then', async () => {
    world.rules = [
      ruleOf(world.chain, [acme], { repositories: repository, accept: 'vouch' }),
      ruleOf(world.chain, [stranger], { repositories: repository }),
    ];
    world.engine.add(debian, two);
    await world.sign(debian, mallory);
    world.engine.add(debian, one);
    const image = await planned();
    assert.equal(image.vouch?.verdict.kind, 'mismatch');
    assert.match(vouchWarning(image, english) ?? '', /^Mismatch: It is not what /);
    world.engine.add(debian, two);
    assert.equal(vouchWarning(await planned(), english), undefined);
  });

  it('says first that its content was revoked, also where no rule asks who did', async () => {
    world.engine.add(debian, one);
    await vouch();
    const options = { signer: alice.address, reason: 'compromised', note: '' } as const;
    await world.signing.execute(await world.signing.planRevocation(debian, options, never), alice, never, () => {
      world.writer.mine(3);
    });
    assert.match(vouchWarning(await planned(), english) ?? '', /^Revoked: Revoked by .*compromised\.$/);
    world.rules = [];
    assert.match(vouchWarning(await planned(), english) ?? '', /^This very content was revoked\./);
  });

  it('says first that a name looks like another', async () => {
    world.engine.add('libary/debian:12', one);
    const image = await planned({}, 'libary/debian:12');
    assert.match(vouchWarning(image, english) ?? '', /docker\.io\/library\/debian/);
  });

  it('counts for its content and never against other', async () => {
    world.engine.add(debian, one);
    await vouch();
    world.engine.add(debian, two);
    const verdict = await world.verdict(debian);
    assert.ok(verdict.kind === 'unsigned');
    assert.deepEqual(
      verdict.vouchedDiffers.map(({ publisher }) => publisher),
      [acme],
    );
  });

  it('is updated by saying what has changed since', async () => {
    world.engine.add(debian, one);
    await vouch();
    world.engine.add(debian, two);
    const image = await planned();
    assert.deepEqual(image.change, { type: 'changed', differences: ['layers', 'Env'] });
    assert.equal(plannedChangeText(image, english), 'Changed since you vouched for it: layers, Env.');
    await vouch();
    assert.equal(await judged(), 'verified');
    assert.deepEqual((await plan()).entries, []);
  });

  it('is updated by what the registry has where the engine has what was vouched for', async () => {
    world.engine.add(debian, one);
    world.registry.push(debian, two);
    assert.equal((await planned({ source: 'newest' })).configDigest, one.configDigest);
    await vouch();
    const newest = await planned({ source: 'newest' });
    assert.deepEqual([newest.configDigest, newest.change.type], [two.configDigest, 'changed']);
    world.engine.add(debian, two);
    assert.equal((await planned({ source: 'newest' })).vouch?.origin, 'built');
  });

  it('keeps other platforms, and says of each what was vouched for', async () => {
    world.engine.add(debian, one);
    await vouch();
    world.engine.add(debian, arm);
    const image = await planned();
    assert.equal(image.change.type, 'added');
    assert.equal(image.statement.leaves.length, 2);
  });

  it('adds a digest that is known only now', async () => {
    world.engine.add(debian, one, { origin: 'registry' });
    await vouch();
    const { digest } = world.registry.push(debian, one);
    pulled(one, digest);
    assert.equal((await planned()).change.type, 'completed');
    await vouch();
    assert.deepEqual((await plan()).entries, []);
  });

  it('is apart from what the same publisher has published there', async () => {
    world.engine.add(debian, two);
    await world.sign(debian);
    world.engine.add(debian, one);
    assert.equal((await planned()).change.type, 'first');
    await vouch();
    world.engine.add(debian, two);
    assert.deepEqual((await world.signing.plan([debian], { signer: alice.address }, never)).entries, []);
  });

  it('takes as many as a rule asks for', async () => {
    const rule = { repositories: repository, accept: 'vouch', threshold: 2 } as const;
    world.rules = [ruleOf(world.chain, [acme, stranger, third], rule)];
    world.engine.add(debian, one);
    await vouch();
    const alone = await world.verdict(debian);
    assert.ok(alone.kind === 'untrusted');
    assert.deepEqual([alone.accepted, alone.needed], [1, 2]);
    await vouch(bob);
    assert.equal(await judged(), 'untrusted', 'whom the rule does not name');
    await vouch(mallory);
    const both = await world.verdict(debian);
    assert.ok(both.kind === 'verified');
    assert.deepEqual(both.by.map(({ publisher }) => publisher).sort(), [acme, stranger].sort());
  });

  it('does not count where a rule asks who made it', async () => {
    world.rules = [ruleOf(world.chain, [acme], { repositories: repository })];
    world.engine.add(debian, one);
    await vouch();
    assert.equal(await judged(), 'untrusted');
  });
});
