import assert from 'node:assert/strict';
import { isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import { fromHex } from '../../../../src/core/hex';
import type { ImageIdentity } from '../../../../src/core/image/identity';
import { decodeStatement } from '../../../../src/core/ledger/statement';
import type { Statement } from '../../../../src/core/ledger/types';
import type { PlanOptions } from '../../../../src/services/signing/signingService';
import type { PlannedImage, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { FakeEngine, imageOf } from '../fakeEngine';
import { manifestOf } from '../fakeRegistry';
import { MemoryStore } from '../memoryStore';
import { MemoryTurns } from '../memoryTurns';
import { alice, image, isCode, mallory, never, repository, tag, Window } from '../serviceWorld';

const amd = imageOf('one');
const arm = imageOf('one', { platform: 'linux/arm64' });
const other = imageOf('two');
const riscv = imageOf('one', { platform: 'linux/riscv64' });

function soleImage({ images }: SigningPlan): PlannedImage {
  const [planned, ...more] = images;
  assert.ok(planned !== undefined && more.length === 0);
  return planned;
}

/** Platforms of a statement, each with the digest of its manifest where it has one. */
function manifests({ leaves }: Statement): Record<string, string | undefined> {
  return Object.fromEntries(
    leaves.map(({ platform: { architecture }, manifestDigest }) => [architecture, manifestDigest]),
  );
}

describe('planning what a registry has', () => {
  let world: Window;
  beforeEach(() => {
    world = new Window();
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  const completionIn = (at: Window, name = image, options: Partial<PlanOptions> = {}): Promise<SigningPlan> =>
    at.signing.planCompletion(name, { signer: alice.address, ...options }, never);
  const completion = (name?: string, options?: Partial<PlanOptions>): Promise<SigningPlan> =>
    completionIn(world, name, options);
  const fromRegistry = (name = image, options: Partial<PlanOptions> = {}): Promise<SigningPlan> =>
    world.signing.planFromRegistry(name, { signer: alice.address, ...options }, never);
  const execute = async (plan: SigningPlan, at = world): Promise<void> => {
    await at.signing.execute(plan, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
  };
  /** Built and signed here, and gone from the engine afterwards. */
  const sign = async (identity: ImageIdentity, at = world): Promise<void> => {
    const id = at.engine.add(image, identity);
    await at.sign();
    at.engine.remove(id);
  };
  const stated = (): Statement => {
    const body = world.chain.events().at(-1)?.body ?? assert.fail('nothing was signed');
    return decodeStatement(fromHex(body));
  };
  const assertRefused = async (plan: Promise<unknown>, code: ErrorCode, details: object): Promise<void> => {
    await assert.rejects(plan, (error) => {
      assert.ok(isDaoChainError(error, code), String(error));
      assert.deepEqual(error.details, details);
      return true;
    });
    assert.deepEqual(world.files('pending'), []);
  };

  describe('to complete a release', () => {
    it('adds the digests, and needs no image of the engine to be sent', async () => {
      await sign(amd);
      const { digest } = world.registry.push(image, amd);
      world.engine.calls = [];
      const plan = await completion();
      const planned = soleImage(plan);
      assert.deepEqual(planned.change, { type: 'completed' });
      assert.deepEqual(planned.registry, {
        ...{ digest, isExpected: false, isIndex: false, platforms: [amd.platform], unstated: [] },
      });
      assert.equal(planned.platform, 'linux/amd64');
      assert.equal(planned.configDigest, amd.configDigest);
      await execute(plan);
      assert.deepEqual(world.engine.calls, [`inspect ${repository}@${digest}`]);
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd) });
      const again = await completion();
      assert.deepEqual([soleImage(again).change.type, again.entries], ['same', []]);
      assert.equal((await completion(image, { again: true })).entries.length, 1);
    });

    it('takes no digest for one that somebody has seen but by name or from the engine', async () => {
      await sign(amd);
      const { digest } = world.registry.push(image, amd);
      const isExpected = async (name?: string): Promise<boolean | undefined> =>
        soleImage(await completion(name)).registry?.isExpected;
      assert.equal(await isExpected(), false);
      assert.equal(await isExpected(`${image}@${digest}`), true);
      world.engine.isDown = true;
      assert.equal(await isExpected(), false);
      world.engine.isDown = false;
      world.engine.add(image, amd, { repoDigests: [`${repository}@${digest}`] });
      assert.equal(await isExpected(), true);
      world.registry.push(image, amd, 'other layers');
      assert.equal(await isExpected(), false);
    });

    it('asks for every platform under the tag, after the ledger has said that there is a release', async () => {
      world.registry.push(image, amd);
      await assertRefused(completion(), 'statementNotFound', { image });
      assert.deepEqual(world.registry.calls, []);
      await sign(amd);
      await completion();
      assert.deepEqual(world.registry.calls, [`read ${image}`]);
    });

    it('goes by the digest that was pushed, where it is given', async () => {
      await sign(amd);
      const { digest } = world.registry.push(image, amd);
      assert.equal(soleImage(await completion(`${image}@${digest}`)).reference.text, image);
      world.registry.push(image, amd, 'zstd');
      await assertRefused(completion(`${image}@${digest}`), 'imageChanged', { image });
      await assert.rejects(completion(`${repository}@${digest}`), isCode('imageWithoutName'));
      await assert.rejects(completion(`${image}@sha256:12`), isCode('referenceInvalid'));
      await assert.rejects(completion(amd.configDigest), isCode('imageWithoutName'));
    });

    it('signs nothing that the registry has put in its place', async () => {
      await sign(amd);
      world.registry.push(image, other);
      await assertRefused(completion(), 'registryDiffers', { image, platform: 'linux/amd64' });
      world.registry.push(image, arm);
      await assertRefused(completion(), 'registryDiffers', { image, platform: 'linux/arm64' });
      world.registry.pushIndex(image, []);
      await assertRefused(completion(), 'registryDiffers', { image });
    });

    it('says what is in the index and not in the release, and does not add it', async () => {
      await sign(amd);
      world.registry.pushIndex(image, [amd, arm]);
      const planned = soleImage(await completion());
      assert.deepEqual(planned.registry?.unstated, [arm.platform]);
      assert.equal(planned.platform, 'linux/amd64');
      assert.equal(planned.statement.indexDigest, undefined);
      assert.deepEqual(manifests(planned.statement), { amd64: manifestOf(amd) });
    });

    it('keeps the validity of the release', async () => {
      world.engine.add(image, amd);
      const plan = await world.signing.plan([image], { signer: alice.address, validUntil: 1_900_000_000 }, never);
      await execute(plan);
      world.registry.push(image, amd);
      assert.equal((await completion()).entries[0]?.validUntil, 1_900_000_000);
      assert.equal((await completion(image, { validUntil: 0 })).entries[0]?.validUntil, 0);
    });

    it('completes nobody else\u2019s release', async () => {
      world.engine.add(image, amd);
      await world.sign(image, mallory);
      world.registry.push(image, amd);
      await assertRefused(completion(), 'statementNotFound', { image });
    });

    it('passes on why the registry did not answer', async () => {
      await sign(amd);
      await assert.rejects(completion(), isCode('imageNotFound'));
      world.registry.push(image, amd);
      world.registry.beforeAnswer = () => {
        world.chain.attest({ signer: alice.address, repository, tag }).mine();
      };
      await assert.rejects(completion(), isCode('staleLink'));
    });
  });

  describe('to sign it', () => {
    it('states every image of an index and the index, with nothing of it here', async () => {
      const { digest } = world.registry.pushIndex(image, [amd, arm]);
      const plan = await fromRegistry(`${image}@${digest}`);
      const planned = soleImage(plan);
      assert.deepEqual(planned.change, { type: 'first' });
      assert.equal(planned.platform, 'linux/amd64, linux/arm64');
      assert.deepEqual(planned.registry?.platforms, [amd.platform, arm.platform]);
      await execute(plan);
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd), arm64: manifestOf(arm) });
      assert.equal(stated().indexDigest, digest);
      assert.deepEqual(world.engine.calls, []);
      assert.equal((await fromRegistry()).entries.length, 0);
      world.engine.add(image, arm);
      assert.equal((await world.verdict()).kind, 'verified');
    });

    it('names what changed on any platform', async () => {
      world.registry.pushIndex(image, [amd, arm]);
      await execute(await fromRegistry());
      world.registry.pushIndex(image, [
        imageOf('one', { env: ['A=1'] }),
        imageOf('one', { platform: 'linux/arm64', healthcheck: ['CMD', 'true'] }),
      ]);
      assert.deepEqual(soleImage(await fromRegistry()).change, {
        type: 'changed',
        differences: ['Env', 'Healthcheck'],
      });
    });

    it('carries other platforms forward, or drops them', async () => {
      await sign(riscv);
      world.registry.pushIndex(image, [amd, arm]);
      const all = soleImage(await fromRegistry());
      assert.deepEqual([all.change.type, all.statement.leaves.length], ['added', 3]);
      assert.equal(soleImage(await fromRegistry(image, { alone: true })).statement.leaves.length, 2);
    });

    it('takes a single image too', async () => {
      const { digest } = world.registry.push(image, amd);
      const { statement, registry } = soleImage(await fromRegistry());
      assert.deepEqual([registry?.digest, registry?.isIndex], [digest, false]);
      assert.deepEqual(manifests(statement), { amd64: manifestOf(amd) });
      assert.equal(statement.indexDigest, undefined);
    });

    it('refuses another digest than the one that was pushed, and what has no image', async () => {
      const { digest } = world.registry.pushIndex(image, [amd, arm]);
      world.registry.pushIndex(image, [other, arm]);
      await assertRefused(fromRegistry(`${image}@${digest}`), 'imageChanged', { image });
      world.registry.pushIndex(image, []);
      await assert.rejects(fromRegistry(), isCode('statementInvalid'));
      world.registry.remove(image);
      await assert.rejects(fromRegistry(), isCode('imageNotFound'));
    });
  });

  describe('with a builder for each platform', () => {
    let second: Window;
    beforeEach(() => {
      // The same wallet on another machine.
      const { chain, organizations, writer, registry } = world;
      second = new Window({
        chain,
        organizations,
        writer,
        registry,
        engine: new FakeEngine(),
        store: new MemoryStore(),
        turns: new MemoryTurns(),
      });
    });
    afterEach(() => {
      second.transactions.dispose();
    });

    it('comes to one head that has everything', async () => {
      await sign(amd);
      world.registry.push(image, amd);
      await execute(await completion());
      await sign(arm, second);
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd), arm64: undefined });
      world.registry.push(image, arm);
      await execute(await completionIn(second), second);
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd), arm64: manifestOf(arm) });
      const { digest } = world.registry.pushIndex(image, [amd, arm]);
      await execute(await completion());
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd), arm64: manifestOf(arm) });
      assert.equal(stated().indexDigest, digest);
      for (const at of [world, second]) assert.deepEqual((await completionIn(at)).entries, []);
    });

    it('loses nobody\u2019s platform when one was faster, and plans again', async () => {
      await sign(amd);
      world.registry.push(image, amd);
      const late = await completion();
      await sign(arm, second);
      await assert.rejects(execute(late), isCode('staleLink'));
      assert.deepEqual(world.files('pending'), []);
      await execute(await completion());
      assert.deepEqual(manifests(stated()), { amd64: manifestOf(amd), arm64: undefined });
    });

    it('loses none either when both sign at the same moment', async () => {
      world.engine.add(image, amd);
      second.engine.add(image, arm);
      const plan = await world.signing.plan([image], { signer: alice.address }, never);
      const late = await second.signing.plan([image], { signer: alice.address }, never);
      await execute(plan);
      await assert.rejects(execute(late, second), isCode('staleLink'));
      await second.sign();
      assert.deepEqual(Object.keys(manifests(stated())), ['amd64', 'arm64']);
    });

    it('does not let one complete what the other has rebuilt', async () => {
      await sign(amd);
      world.registry.push(image, amd);
      await sign(other, second);
      await assertRefused(completion(), 'registryDiffers', { image, platform: 'linux/amd64' });
    });
  });
});
