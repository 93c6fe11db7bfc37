import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { parseReference } from '../../../src/core/image/reference';
import { BuildWatch } from '../../../src/services/images/buildWatch';
import { buildImage, loadImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, silentLog, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { waitFor } from '../../testbed/waitFor';
import type { Disposable } from '../../../src/core/emitter';

const never = new AbortController().signal;

describe('the watch for builds on a real engine', () => {
  let engine: Engine;
  let registry: Registry;
  let product: Product;
  let docker: DockerEngine;
  let listening: Disposable;
  const built: string[] = [];
  let markers = 0;

  before(async () => {
    [engine, registry] = await Promise.all([startEngine(), startRegistry()]);
    product = createProduct({ engineHost: engine.host });
    docker = new DockerEngine({ setting: () => engine.host, log: silentLog, homeDirectory: tmpdir() });
    await product.node.start();
    await buildImage(engine.docker, 'before:1', { files: { before: 'yes' } });
    const { verification } = product;
    const watch = new BuildWatch({ engine: docker, verification, ownPublishers: () => [], log: silentLog });
    listening = watch.onDidBuild(({ reference, imageId }) => built.push(`${reference.text} ${imageId}`));
    // An event of a build proves that it listens; earlier ones may be lost.
    await waitFor('the watch', async () => {
      await buildMarker();
      return built.length > 0;
    });
  });
  after(async () => {
    listening.dispose();
    docker.dispose();
    await product.dispose();
    await engine.dispose();
    await registry.dispose();
  });

  const build = async (name: string): Promise<string> => {
    const id = await buildImage(engine.docker, name);
    return `${name} ${id}`;
  };
  const buildMarker = (): Promise<string> => build(`marker:${String(markers++)}`);
  const isMarker = (text: string): boolean => text.startsWith('marker:');
  /** What was told before a build after everything else. */
  const told = async (what: () => Promise<unknown>): Promise<readonly string[]> => {
    built.length = 0;
    await what();
    const last = await buildMarker();
    await waitFor('the build after it', () => built.includes(last));
    return built.filter((each) => !isMarker(each));
  };

  it('tells a build once', async () => {
    let expected = '';
    const seen = await told(async () => {
      expected = await build('shop/web:1');
      await engine.docker.getImage('shop/web:1').tag({ repo: 'shop/web', tag: 'again' });
    });
    assert.deepEqual(seen, [expected]);
  });

  it('says nothing of a tag, a load and a pull, and of names given after them', async () => {
    const name = `${registry.name}/app:1`;
    await buildImage(engine.docker, name, { files: { pulled: 'yes' } });
    const { digest } = await docker.push(parseReference(name), never, () => undefined);
    await engine.docker.getImage(name).remove({ force: true });
    await buildImage(engine.docker, 'loaded:1', { files: { loaded: 'yes' } });
    const archive = await buffer(Readable.from(await engine.docker.getImage('loaded:1').get()));
    await engine.docker.getImage('loaded:1').remove({ force: true });
    // Otherwise their IDs would be known already.
    const fresh: string[] = [];
    const watch = new BuildWatch({
      ...{ engine: docker, verification: product.verification, ownPublishers: () => [], log: silentLog },
    });
    const other = watch.onDidBuild(({ reference }) => fresh.push(reference.text));
    try {
      await waitFor('the other watch', async () => {
        await buildMarker();
        return fresh.length > 0;
      });
      const before = fresh.length;
      await told(async () => {
        await engine.docker.getImage('before:1').tag({ repo: 'before', tag: 'again' });
        await docker.pull(parseReference(`${registry.name}/app@${digest}`), undefined, never, () => undefined);
        await docker.tag(`${registry.name}/app@${digest}`, parseReference('pulled:1'), never);
        await loadImage(engine.docker, archive);
        await engine.docker.getImage('loaded:1').tag({ repo: 'loaded', tag: 'again' });
      });
      await waitFor('the last of its events', () => fresh.includes(`marker:${String(markers - 1)}`));
      assert.ok(fresh.length > before);
      assert.ok(fresh.every(isMarker), fresh.join());
    } finally {
      other.dispose();
    }
  });
});
