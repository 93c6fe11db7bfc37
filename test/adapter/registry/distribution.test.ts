import assert from 'node:assert/strict';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { parseReference } from '../../../src/core/image/reference';
import { buildImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { startRegistry } from '../../testbed/registry';
import { behavesAsDistribution } from './distributionBehaviour';
import { KeptLog, newRegistry, unlimited } from './newRegistry';

describe('the registry of the distribution project, 2.8', () => {
  behavesAsDistribution();
});

describe('an image that an engine has pushed', () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.dispose());

  it('is the one that the engine has', async () => {
    const registry = await startRegistry();
    const text = `${registry.name}/built:1`;
    await buildImage(engine.docker, text, { files: { motd: 'hello' }, instructions: ['EXPOSE 80', 'ENV A=b'] });
    await pushImage(engine.docker, text);
    const local = await new DockerEngine({ setting: () => engine.host, log: new KeptLog() }).readIdentity(
      text,
      unlimited,
    );
    const { images, digest } = await newRegistry().read(parseReference(text), 'all', unlimited);
    assert.equal(images.length, 1);
    const { source, manifestDigest, ...pushed } = images[0] ?? {};
    const { source: bytes, manifestDigest: itsOwn, indexDigest, ...built } = local;
    assert.deepEqual(pushed, built);
    assert.deepEqual([source, bytes, manifestDigest], ['registry', 'bytes', digest]);
    assert.deepEqual([itsOwn, indexDigest], [undefined, undefined]);
    await registry.dispose();
  });
});
