import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import type { Digest } from '../../../src/core/image/digest';
import { buildImage, loadImage, startEngine, type Engine, type EngineKind } from '../../testbed/engine';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { startRegistry, type Registry } from '../../testbed/registry';
import { waitFor } from '../../testbed/waitFor';
import { fingerprintVectors, malformedVectors, vectorLayer } from '../../unit/core/image/vectors';
import { dockerArchive } from '../archive/archives';
import { failsWith } from './daoChainError';
import { never, silent } from './silent';
import type { EngineEvent, ImageStore } from '../../../src/core/ports/engine';

const stores: Readonly<Record<EngineKind, ImageStore>> = {
  debian: 'classic',
  newClassic: 'classic',
  containerd: 'containerd',
};
/** Malformed configs that every engine loads and runs. The others are refused by some engine already. */
const loadable = malformedVectors.filter(
  ({ name, reason }) => ['duplicateKey', 'ambiguousKey', 'encoding'].includes(reason) && name !== 'byte order mark',
);

/** What the adapter promises on every engine and both stores. */
export function describeEngine(kind: EngineKind): void {
  describe(`DockerEngine on ${kind}`, () => {
    let engine: Engine;
    let folder: TemporaryFolder;
    let docker: DockerEngine;
    before(async () => {
      folder = temporaryFolder();
      engine = await startEngine({ kind });
      docker = new DockerEngine({ setting: () => engine.host, log: silent });
    });
    after(async () => {
      docker.dispose();
      await engine.dispose();
      folder.remove();
    });

    it('lists images with their names, and tells the store', async () => {
      const id = await buildImage(engine.docker, 'localhost/list:1', { labels: { list: '1' } });
      await engine.docker.getImage(id).tag({ repo: 'list', tag: '2' });
      const { store, images } = await docker.list(never);
      const image = images.find((each) => each.id === id);
      assert.equal(store, stores[kind]);
      assert.deepEqual(image?.tags.toSorted(), ['list:2', 'localhost/list:1']);
      assert.ok(Math.abs(image.created - Date.now() / 1000) < 600);
      for (const { tags, repoDigests } of images) assert.ok(![...tags, ...repoDigests].join().includes('<none>'));
    });

    it('prints a built image as its bytes are', async () => {
      const id = await buildImage(engine.docker, 'localhost/built:1', {
        files: { a: 'b' },
        labels: { empty: '', text: 'é<&>' },
        instructions: ['EXPOSE 8080 53/udp', 'HEALTHCHECK --interval=5s CMD ["/x"]', 'ONBUILD RUN x', 'VOLUME /data'],
      });
      const printed = await docker.inspect('localhost/built:1', never);
      const read = await docker.readIdentity('localhost/built:1', never);
      assert.deepEqual([printed.id, printed.origin, printed.identity.source], [id, 'local', 'inspect']);
      assert.deepEqual(printed.identity.content, read.content);
      assert.deepEqual(
        [printed.identity.fingerprint, printed.identity.dockerFields],
        [read.fingerprint, read.dockerFields],
      );
      assert.equal(read.source, 'bytes');
      assert.equal(stores[kind] === 'classic' ? read.configDigest : read.manifestDigest, id);
      assert.deepEqual(await docker.readIdentity(id, never), read);
    });

    for (const vector of fingerprintVectors.filter(({ name }) => name !== 'no-layers')) {
      it(`agrees with the vector ${vector.name}`, async () => {
        const tag = `localhost/vector:${vector.name}`;
        await loadImage(engine.docker, await dockerArchive(Buffer.from(vector.config), [vectorLayer], tag));
        const { fingerprint, dockerFields, configDigest, configSize } = await docker.readIdentity(tag, never);
        assert.deepEqual(
          { fingerprint, dockerFields, configDigest, configSize },
          {
            fingerprint: vector.fingerprint,
            dockerFields: vector.dockerFields,
            configDigest: vector.configDigest,
            configSize: Buffer.byteLength(vector.config),
          },
        );
        const { identity } = await docker.inspect(tag, never);
        assert.equal(identity.fingerprint, vector.fingerprint);
        const isLossy = kind === 'debian' && vector.name === 'start-interval';
        assert.equal(identity.dockerFields === vector.dockerFields, !isLossy);
      });
    }

    it('reads an image without layers, or says that this engine cannot save it', async () => {
      const vector = fingerprintVectors.find(({ name }) => name === 'no-layers');
      assert.ok(vector);
      await loadImage(engine.docker, await dockerArchive(Buffer.from(vector.config), [], 'localhost/no-layers:1'));
      assert.equal((await docker.inspect('localhost/no-layers:1', never)).identity.fingerprint, vector.fingerprint);
      const reading = docker.readIdentity('localhost/no-layers:1', never);
      if (stores[kind] === 'classic')
        await assert.rejects(reading, failsWith('engineFailed', { reason: 'unsaveable' }));
      else assert.equal((await reading).fingerprint, vector.fingerprint);
    });

    for (const { name, reason, bytes } of loadable) {
      it(`loads an image with ${name}, and refuses its bytes`, async () => {
        const tag = `localhost/bad:${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
        await loadImage(engine.docker, await dockerArchive(bytes, [vectorLayer], tag));
        await assert.rejects(docker.readIdentity(tag, never), failsWith('imageMalformed', { reason }));
      });
    }

    it('tells pulled and pushed images from those that were only built here', async () => {
      const registry: Registry = await startRegistry();
      try {
        const reference = `${registry.name}/origin:1`;
        const id = await buildImage(engine.docker, reference, { files: { origin: kind } });
        assert.equal((await docker.inspect(reference, never)).origin, 'local');
        await finished(engine, await engine.docker.getImage(reference).push({ authconfig: {} }));
        assert.equal((await docker.inspect(reference, never)).origin, 'registry');

        await engine.docker.getImage(reference).remove({ force: true });
        await finished(engine, await engine.docker.pull(reference));
        const pulled = await docker.inspect(reference, never);
        assert.deepEqual([pulled.id, pulled.origin], [id, 'registry']);
        const read = await docker.readIdentity(reference, never);
        assert.equal(read.fingerprint, pulled.identity.fingerprint);

        await buildImage(engine.docker, 'localhost/derived:1', { labels: { derived: kind }, instructions: [] });
        assert.equal((await docker.inspect('localhost/derived:1', never)).origin, 'local');
      } finally {
        await registry.dispose();
      }
    });

    it('names what is not there, and asks for nothing that is no image', async () => {
      const missing = `sha256:${'0'.repeat(64)}` satisfies Digest;
      for (const name of ['localhost/none:1', missing, 'none']) {
        await assert.rejects(docker.inspect(name, never), failsWith('imageNotFound', { image: name }));
        await assert.rejects(docker.readIdentity(name, never), failsWith('imageNotFound'));
      }
      for (const name of ['../info', '', 'a?b', 'a/../../info', 'a#b', 'sha256:', 'a b']) {
        await assert.rejects(docker.inspect(name, never), failsWith('referenceInvalid'));
      }
    });

    it('is cancelled before and during a call', async () => {
      await assert.rejects(docker.list(AbortSignal.abort()), failsWith('cancelled'));
      await buildImage(engine.docker, 'localhost/large:1', { files: { large: Buffer.alloc(8 * 1024 * 1024, 1) } });
      const abort = new AbortController();
      const reading = docker.readIdentity('localhost/large:1', abort.signal, () => {
        abort.abort();
      });
      await assert.rejects(reading, failsWith('cancelled'));
      assert.ok((await docker.readIdentity('localhost/large:1', never)).configDigest);
    });

    describe('build', () => {
      const write = (name: string, content: string): void => {
        const file = join(folder.path, 'context', name);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, content);
      };
      const build = async (dockerfile: string, tag: string, signal = never): Promise<readonly string[]> => {
        const lines: string[] = [];
        const contextDirectory = join(folder.path, 'context');
        await docker.build({ contextDirectory, dockerfile, tag }, signal, (line) => lines.push(line));
        return lines;
      };

      before(() => {
        write('Dockerfile', 'FROM scratch\nCOPY . /\nLABEL built=yes\n');
        write('sub/kept.txt', 'kept');
        write('sub/.hidden', 'kept too');
        write('node_modules/a/b.js', 'left out');
        write('node_modules/a/keep.js', 'back in');
        write('secret.env', 'left out');
        write('empty', '');
        write('.dockerignore', '# comment\n*.env\nnode_modules\n!node_modules/a/keep.js\nDockerfile\n.dockerignore\n');
        write('run.sh', '#!/bin/sh\n');
        chmodSync(join(folder.path, 'context', 'run.sh'), 0o755);
        symlinkSync('sub/kept.txt', join(folder.path, 'context', 'link'));
      });

      it('sends what .dockerignore leaves, and reports the lines', async () => {
        const lines = await build(join(folder.path, 'context', 'Dockerfile'), 'localhost/context:1');
        assert.ok(lines.some((line) => line.includes('FROM scratch')));
        const container = await engine.docker.createContainer({ Image: 'localhost/context:1', Cmd: ['/x'] });
        const names = await archiveNames(await container.export());
        const own = names.filter((name) => !/^(?:dev|etc|proc|sys|\.dockerenv)(?:\/|$)/.test(name));
        assert.deepEqual(own.toSorted(), [
          ...['empty', 'link', 'node_modules/', 'node_modules/a/', 'node_modules/a/keep.js', 'run.sh', 'sub/'],
          ...['sub/.hidden', 'sub/kept.txt'],
        ]);
        assert.equal((await docker.readIdentity('localhost/context:1', never)).content.diffIds.length, 1);
      });

      it('takes a Dockerfile from outside of the context', async () => {
        const dockerfile = join(folder.path, 'Other.dockerfile');
        writeFileSync(dockerfile, 'FROM scratch\nCOPY empty /\nLABEL other=yes\n');
        await build(dockerfile, 'localhost/other:1');
        const { identity } = await docker.inspect('localhost/other:1', never);
        assert.deepEqual(identity.content.config['Labels'], { other: 'yes' });
      });

      it('fails with the last line of the builder', async () => {
        write('Wrong.dockerfile', 'FROM scratch\nCOPY nowhere /\n');
        await assert.rejects(build(join(folder.path, 'context', 'Wrong.dockerfile'), 'localhost/wrong:1'), (error) => {
          failsWith('buildFailed')(error);
          assert.match((error as { details: Record<string, string> }).details['message'] ?? '', /nowhere/);
          return true;
        });
        write('Syntax.dockerfile', 'NONSENSE\n');
        await assert.rejects(
          build(join(folder.path, 'context', 'Syntax.dockerfile'), 'localhost/wrong:1'),
          failsWith('buildFailed'),
        );
      });

      it('fails when there is no Dockerfile, no context or no valid tag, and is cancelled', async () => {
        const dockerfile = join(folder.path, 'context', 'Dockerfile');
        await assert.rejects(build(join(folder.path, 'context', 'None'), 'localhost/x:1'), failsWith('buildFailed'));
        await assert.rejects(build(join(folder.path, 'None'), 'localhost/x:1'), failsWith('buildFailed'));
        const request = { contextDirectory: join(folder.path, 'none'), dockerfile, tag: 'localhost/x:1' };
        await assert.rejects(
          docker.build(request, never, () => undefined),
          failsWith('buildFailed'),
        );
        await assert.rejects(build(dockerfile, 'Not A Tag'), failsWith('referenceInvalid'));
        await assert.rejects(build(dockerfile, 'localhost/x:1', AbortSignal.abort()), failsWith('cancelled'));
      });
    });

    if (stores[kind] === 'classic') {
      it('calls an image damaged whose files were changed under the engine', async () => {
        const text = 'this file will be changed';
        await buildImage(engine.docker, 'localhost/changed:1', { files: { changed: text } });
        const { DockerRootDir: data } = (await engine.docker.info()) as { DockerRootDir: string };
        const layers = join(data, 'overlay2');
        const files = readdirSync(layers).map((layer) => join(layers, layer, 'diff', 'changed'));
        const changed = files.filter((file) => {
          try {
            if (readFileSync(file, 'utf8') !== text) return false;
          } catch {
            return false;
          }
          writeFileSync(file, text.toUpperCase());
          return true;
        });
        assert.equal(changed.length, 1);
        assert.equal((await docker.inspect('localhost/changed:1', never)).identity.source, 'inspect');
        await assert.rejects(
          docker.readIdentity('localhost/changed:1', never),
          failsWith('engineFailed', { reason: 'damaged' }),
        );
      });
    }

    describe('events', () => {
      it('tells changes of images, but not reading, and that the engine goes and comes back', async () => {
        await buildImage(engine.docker, 'localhost/event:1', { files: { event: kind } });
        const events: EngineEvent[] = [];
        const own = new DockerEngine({ setting: () => engine.host, log: silent, delay: shortDelay });
        const subscription = own.onEvent((event) => events.push(event));
        try {
          // The first event proves the subscription; an earlier one may be lost.
          await waitFor('an event', async () => {
            await engine.docker.getImage('localhost/event:1').tag({ repo: 'event', tag: 'first' });
            return events.length > 0;
          });
          const image = engine.docker.getImage('localhost/event:1');
          const { Id: id } = await image.inspect();
          events.length = 0;
          await own.readIdentity('localhost/event:1', never);
          await image.tag({ repo: 'event', tag: 'second' });
          const second = (event: EngineEvent): boolean => event.type === 'image' && event.tagged === 'event:second';
          await waitFor('the tag', () => events.some(second));
          // The first may have been given more than once.
          const late = events.splice(0, events.findIndex(second));
          assert.ok(late.every((event) => event.type === 'image' && event.tagged === 'event:first'));
          assert.deepEqual(events, [{ type: 'image', id, tagged: 'event:second' }]);

          await engine.stop();
          await waitFor('unavailable', () => events.at(-1)?.type === 'unavailable');
          await assert.rejects(
            own.list(never),
            failsWith('engineUnavailable', { host: engine.host, reason: 'ENOENT' }),
          );
          await engine.start();
          await waitFor('available', () => events.at(-1)?.type === 'available');
          assert.deepEqual(
            events.slice(1).map((event) => event.type),
            ['unavailable', 'available'],
          );
          await engine.docker.getImage('localhost/event:1').tag({ repo: 'event', tag: 'third' });
          await waitFor('the tag', () => events.at(-1)?.type === 'image');
        } finally {
          subscription.dispose();
          own.dispose();
        }
      });

      it('answers again after the engine was killed and started, without being told', async () => {
        await docker.list(never);
        await engine.kill();
        await assert.rejects(docker.list(never), failsWith('engineUnavailable'));
        await engine.start();
        assert.ok((await docker.list(never)).images.length > 0);
      });

      it('makes no call and keeps no stream without a listener', async () => {
        const proxy = await CountingProxy.start(join(folder.path, 'p.sock'), engine.host.slice('unix://'.length));
        const own = new DockerEngine({ setting: () => `unix://${proxy.path}`, log: silent });
        try {
          assert.equal(proxy.opened(), 0);
          const one = own.onEvent(() => undefined);
          const two = own.onEvent(() => undefined);
          await waitFor('the subscription', () => proxy.open() === 1);
          one.dispose();
          assert.equal(proxy.open(), 1);
          two.dispose();
          await waitFor('its end', () => proxy.open() === 0);
          assert.equal(proxy.opened(), 1);

          await Promise.all(Array.from({ length: 40 }, () => own.inspect('localhost/event:1', never)));
          assert.ok(proxy.opened() <= 9, `${proxy.opened()} connections`);
        } finally {
          own.dispose();
          await proxy.dispose();
        }
      });
    });
  });
}

/** The real timer, but for tests. */
function shortDelay(_milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 20);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('aborted'));
    });
  });
}

async function finished(engine: Engine, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    engine.docker.modem.followProgress(stream, (error, messages: readonly { readonly error?: string }[]) => {
      const message = messages.find((each) => each.error !== undefined)?.error;
      if (error !== null || message !== undefined) reject(error ?? new Error(message));
      else resolve();
    });
  });
}

async function archiveNames(stream: NodeJS.ReadableStream): Promise<readonly string[]> {
  const tar = extract();
  const reading = pipeline(stream, tar);
  const names: string[] = [];
  for await (const entry of tar) {
    names.push(entry.header.name);
    entry.resume();
  }
  await reading;
  return names;
}

/** Forwards connections to an engine and counts them. */
class CountingProxy {
  #opened = 0;
  #open = 0;

  private constructor(
    readonly path: string,
    private readonly server: Server,
  ) {}

  static async start(path: string, target: string): Promise<CountingProxy> {
    const server = createServer();
    const proxy = new CountingProxy(path, server);
    server.on('connection', (socket) => {
      proxy.#opened += 1;
      proxy.#open += 1;
      const upstream = connect(target);
      socket.pipe(upstream).pipe(socket);
      const end = (): void => {
        socket.destroy();
        upstream.destroy();
      };
      for (const each of [socket, upstream]) each.on('error', end).on('close', end);
      socket.on('close', () => {
        proxy.#open -= 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return proxy;
  }

  /** Connections ever. */
  opened(): number {
    return this.#opened;
  }

  /** Connections now. */
  open(): number {
    return this.#open;
  }

  async dispose(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}
