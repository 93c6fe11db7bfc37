import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { BuildWatch, type BuiltImage } from '../../../../src/services/images/buildWatch';
import { imageOf } from '../fakeEngine';
import { image, mallory, repository, until, Window } from '../serviceWorld';
import type { Disposable } from '../../../../src/core/emitter';
import type { EngineEvent } from '../../../../src/core/ports/engine';

const good = imageOf('good');
const other = imageOf('other');

describe('the watch for builds', () => {
  let world: Window;
  let watch: BuildWatch;
  let built: string[];
  let listening: Disposable;

  beforeEach(async () => {
    world = new Window();
    await world.index.sync(new AbortController().signal);
    watch = new BuildWatch({
      engine: world.engine,
      verification: world.verification,
      ownPublishers: () => world.ownPublishers,
      log: { debug: (text) => world.logged.push(text), info: fail, warn: fail, error: fail },
    });
    built = [];
  });
  afterEach(() => {
    listening.dispose();
  });

  const fail = (text: string): never => assert.fail(text);
  const note = ({ reference, imageId }: BuiltImage): void => {
    built.push(`${reference.text} ${imageId}`);
  };
  const listen = async (): Promise<void> => {
    listening = watch.onDidBuild(note);
    await settled();
  };
  /** A pull that nobody made is asked about when all events before it have been looked at. */
  const settled = async (): Promise<void> => {
    const marker = `inspect marker:${String(markers++)}`;
    world.engine.fire({ type: 'image', id: marker.slice('inspect '.length) });
    await until('the marker', () => world.engine.calls.includes(marker));
    await new Promise(setImmediate);
  };
  let markers = 0;
  const happens = async (...events: readonly EngineEvent[]): Promise<readonly string[]> => {
    built = [];
    for (const event of events) world.engine.fire(event);
    await settled();
    return built;
  };
  const build = (name: string, identity = good): EngineEvent => {
    const id = world.engine.add(name, identity);
    return { type: 'image', id, tagged: name };
  };
  const goodId = good.configDigest ?? '';

  it('asks nothing while nobody listens', async () => {
    world.engine.calls = [];
    listening = watch.onDidBuild(note);
    listening.dispose();
    await new Promise(setImmediate);
    assert.equal(world.engine.isListenedTo, false);
    const calls = world.engine.calls.length;
    world.engine.fire(build(image));
    await new Promise(setImmediate);
    assert.deepEqual([world.engine.calls.length, built], [calls, []]);
  });

  it('tells an image once, by the first of its names', async () => {
    await listen();
    const [one, two] = [build(image), build(`${repository}:2`)];
    assert.deepEqual(await happens(one, two, one), [`${image} ${goodId}`]);
    assert.deepEqual(await happens(build(`${repository}:3`)), []);
    assert.deepEqual(await happens(build(image, other)), [`${image} ${other.configDigest ?? ''}`]);
  });

  it('says nothing of what was there before, however it is named now', async () => {
    world.engine.add('older:1', good);
    await listen();
    assert.deepEqual(await happens(build(image)), []);
  });

  it('says nothing of what was loaded or pulled, nor of names that it gets later', async () => {
    await listen();
    world.engine.add('loaded:1', good);
    assert.deepEqual(await happens({ type: 'image', id: goodId, loaded: true }, build(image)), []);
    const id = world.engine.add('pulled:1', other, { origin: 'unknown' });
    assert.deepEqual(await happens({ type: 'image', id: 'pulled:1' }, { type: 'image', id, tagged: 'mine:1' }), []);
    const third = imageOf('third');
    const pulled = world.engine.add('mine:2', third, { origin: 'registry' });
    assert.deepEqual(await happens({ type: 'image', id: pulled, tagged: 'mine:2' }), []);
  });

  it('tells what an engine created, before it gave it a name', async () => {
    await listen();
    const named = build(image);
    assert.deepEqual(await happens({ type: 'image', id: goodId }, named), [`${image} ${goodId}`]);
  });

  it('says nothing of what is signed, but tells a rebuild', async () => {
    world.engine.add(image, good);
    await world.sign();
    world.engine.remove(good.configDigest ?? fail('no ID'));
    await listen();
    assert.deepEqual(await happens(build(image)), []);
    assert.deepEqual(await happens(build(image, other)), [`${image} ${other.configDigest ?? ''}`]);
  });

  it('says nothing of what another has signed, and of what nobody can tell', async () => {
    world.engine.add(image, good);
    await world.sign(image, mallory);
    world.engine.remove(good.configDigest ?? fail('no ID'));
    await listen();
    assert.deepEqual(await happens(build(image)), []);
    world.chain.isDown = true;
    assert.deepEqual(await happens(build(image, other)), []);
  });

  it('says nothing of a name that has moved on, or is none', async () => {
    await listen();
    const first = build(image);
    const second = build(image, other);
    assert.deepEqual(await happens(first, second), [`${image} ${other.configDigest ?? ''}`]);
    assert.deepEqual(await happens({ type: 'image', id: imageOf('x').configDigest ?? '', tagged: 'Not A Name' }), []);
  });

  it('begins anew where events may have been missed, and goes on after a failure', async () => {
    await listen();
    world.engine.add('missed:1', good);
    assert.deepEqual(await happens({ type: 'unavailable' }, { type: 'available' }, build(image)), []);
    world.engine.failure = (call) => (call.startsWith('inspect') ? new DaoChainError('engineFailed', 'no') : undefined);
    assert.deepEqual(await happens(build(image, other)), []);
    world.engine.failure = () => undefined;
    const third = imageOf('third');
    assert.deepEqual(await happens(build(image, third)), [`${image} ${third.configDigest ?? ''}`]);
  });
});
