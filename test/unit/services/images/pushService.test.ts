import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { parseReference } from '../../../../src/core/image/reference';
import { PushService, type PushOutcome } from '../../../../src/services/images/pushService';
import { FakeEngine, imageOf } from '../fakeEngine';
import { FakeRegistry, manifestOf } from '../fakeRegistry';
import { FakeTransfer } from '../fakeTransfer';
import { image, isCode, never, repository } from '../serviceWorld';

const good = imageOf('good');
const evil = imageOf('evil');

describe('a push', () => {
  let engine: FakeEngine;
  let registry: FakeRegistry;
  let transfer: FakeTransfer;
  beforeEach(() => {
    engine = new FakeEngine();
    registry = new FakeRegistry();
    transfer = new FakeTransfer(engine, registry);
  });
  const push = (text = image, signal = never): Promise<PushOutcome> =>
    new PushService({ engine: transfer.port, registry }).push(parseReference(text), signal, () => undefined);
  const differs = (error: unknown): boolean =>
    isCode('pushFailed')(error) && (error as DaoChainError).details['reason'] === 'registryDiffers';

  it('gives the digest that the registry has, by which it was read back', async () => {
    engine.add(image, good);
    assert.deepEqual(await push(), { digest: manifestOf(good) });
    assert.deepEqual(registry.calls, [`read ${repository}@${manifestOf(good)}`]);
  });

  it('pushes the latest where no tag is written, and nothing that has a digest', async () => {
    engine.add(`${repository}:latest`, good);
    assert.deepEqual(await push(repository), { digest: manifestOf(good) });
    await assert.rejects(push(`${image}@${manifestOf(good)}`), isCode('invalidInput'));
    assert.deepEqual(transfer.calls, [`push ${repository}:latest`]);
  });

  it('fails where the registry has another image under that digest, or none, or what cannot be read', async () => {
    engine.add(image, good);
    transfer.pushedInstead = evil;
    await assert.rejects(push(), differs);
    transfer.pushedInstead = undefined;
    for (const code of ['imageNotFound', 'imageMalformed'] as const) {
      registry.failure = () => new DaoChainError(code, 'no');
      await assert.rejects(push(), differs);
    }
  });

  it('tells an image of the containerd store by its manifest, or by the index around it', async () => {
    engine.store = 'containerd';
    engine.add(image, { ...good, manifestDigest: manifestOf(good) });
    assert.deepEqual(await push(), { digest: manifestOf(good) });
    // One image of an index, of which the engine has no other.
    const index = manifestOf(good, 'an index');
    engine.add(image, { ...good, manifestDigest: manifestOf(good), indexDigest: index }, { id: index });
    engine.print = () => ({ ...good, indexDigest: index });
    assert.deepEqual(await push(), { digest: manifestOf(good) });
    transfer.pushedInstead = evil;
    await assert.rejects(push(), differs);
  });

  it('says where it went, but that nobody has seen it, where the registry cannot be read', async () => {
    engine.add(image, good);
    for (const code of ['registryOff', 'registryUnavailable', 'registryDenied', 'registryBusy'] as const) {
      registry.failure = () => new DaoChainError(code, 'no');
      assert.deepEqual(await push(), { digest: manifestOf(good), registryFailure: code });
    }
  });

  it('fails for what is not here, and is cancelled', async () => {
    await assert.rejects(push(), isCode('imageNotFound'));
    engine.add(image, good);
    await assert.rejects(push(image, AbortSignal.abort()), isCode('cancelled'));
    assert.deepEqual(registry.calls, []);
  });
});
