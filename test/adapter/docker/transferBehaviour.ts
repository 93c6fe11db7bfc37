import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { DaoChainError } from '../../../src/core/errors';
import { isDigest, type Digest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import { buildImage, loadImage, startEngine, type Engine, type EngineKind } from '../../testbed/engine';
import { startRegistry, type Registry } from '../../testbed/registry';
import { waitFor } from '../../testbed/waitFor';
import { fingerprintVectors, vectorLayer } from '../../unit/core/image/vectors';
import { dockerArchive } from '../archive/archives';
import { failsWith } from './daoChainError';
import { startHaltingRegistry } from './haltingRegistry';
import { never, silent } from './silent';
import type { EngineEvent, TransferProgress } from '../../../src/core/ports/engine';
import type { RegistryLogin } from '../../../src/core/ports/registry';

const mebibyte = 1024 * 1024;
const ignore = (): void => undefined;

const loginFault = new DaoChainError('registryLogin', 'helper', { details: { reason: 'helper', helper: 'test' } });

/** What the adapter promises of pulls and pushes on every engine and both stores. */
export function describeTransfers(kind: EngineKind): void {
  describe(`DockerEngine with registries, on ${kind}`, () => {
    let engine: Engine;
    let registry: Registry;
    let docker: DockerEngine;
    let login: RegistryLogin | Error | undefined;
    before(async () => {
      // Otherwise it waits and tries again for more than a minute.
      engine = await startEngine({ kind, flags: ['--max-download-attempts', '1'] });
      registry = await startRegistry();
      docker = new DockerEngine({
        setting: () => engine.host,
        log: silent,
        logins: { find: () => (login instanceof Error ? Promise.reject(login) : Promise.resolve(login)) },
      });
    });
    afterEach(() => {
      login = undefined;
    });
    after(async () => {
      docker.dispose();
      await engine.dispose();
      await registry.dispose();
    });

    const remove = async (...names: readonly string[]): Promise<void> => {
      for (const name of names) await engine.docker.getImage(name).remove({ force: true });
    };
    const push = (text: string, signal = never, onProgress: (progress: TransferProgress) => void = ignore) =>
      docker.push(parseReference(text), signal, onProgress);
    const pull = (text: string, signal = never, onProgress: (progress: TransferProgress) => void = ignore) =>
      docker.pull(parseReference(text), undefined, signal, onProgress);
    /** Builds an image of two layers, pushes it and takes it away again. */
    const pushed = async (name: string): Promise<{ readonly digest: Digest; readonly id: string }> => {
      const id = await buildImage(engine.docker, name, { files: { large: randomBytes(4 * mebibyte) } });
      const { digest } = await push(name);
      await remove(name);
      return { digest, id };
    };
    const tagsOf = async (id: string): Promise<readonly string[]> =>
      (await docker.list(never)).images.find((image) => image.id === id)?.tags ?? assert.fail('no such image');

    it('pushes, and says what the registry took', async () => {
      const name = `${registry.name}/push/app:1`;
      await buildImage(engine.docker, name, { files: { a: 'b' } });
      const { digest } = await push(name);
      assert.equal(digest, await digestInRegistry(registry, 'push/app', '1'));
      assert.deepEqual(await push(name), { digest });
      await remove(name);
    });

    it('pulls by digest and gives no tag by it, but by its own name', async () => {
      const name = `${registry.name}/pull/app:1`;
      const { digest, id } = await pushed(name);
      const pinned = `${registry.name}/pull/app@${digest}`;
      await pull(pinned);
      assert.equal((await docker.inspect(pinned, never)).id, id);
      assert.deepEqual(await tagsOf(id), []);

      await docker.tag(pinned, parseReference(name), never);
      assert.deepEqual(await tagsOf(id), [name]);
      for (const text of [name, `${name}@${digest}`]) assert.equal((await docker.inspect(text, never)).id, id);
      await pull(pinned);
      await docker.pull(parseReference(pinned), 'linux/amd64', never, ignore);
      await remove(id);
    });

    it('moves what everybody may have where no login can be had', async () => {
      login = loginFault;
      const name = `${registry.name}/public/app:1`;
      const { digest, id } = await pushed(name);
      await pull(`${registry.name}/public/app@${digest}`);
      await remove(id);
    });

    it('counts the bytes of both', async () => {
      const size = 32 * mebibyte;
      const halting = await startHaltingRegistry(registry, 8 * mebibyte);
      const name = `${halting.name}/count/app:1`;
      const counted = async <T>(
        phase: TransferProgress['phase'],
        transfer: (onProgress: (progress: TransferProgress) => void) => Promise<T>,
      ): Promise<T> => {
        const seen: TransferProgress[] = [];
        halting.halt();
        const transferred = transfer((progress) => seen.push(progress));
        await waitFor('some of the bytes', () =>
          seen.some((each) => each.phase === phase && each.done > 0 && each.done < each.total && each.total >= size),
        );
        halting.release();
        const result = await transferred;
        for (const { done, total } of seen) assert.ok(done >= 0 && done <= total, inspect(seen));
        const last = seen.at(-1) ?? assert.fail('no progress');
        assert.ok(last.done === last.total && last.total >= size, inspect(last));
        assert.equal(last.phase, phase === 'pushing' ? 'pushing' : 'extracting');
        return result;
      };
      try {
        const id = await buildImage(engine.docker, name, { files: { large: randomBytes(size) } });
        const { digest } = await counted('pushing', (onProgress) => push(name, never, onProgress));
        await remove(name);
        await counted('downloading', (onProgress) => pull(`${halting.name}/count/app@${digest}`, never, onProgress));
        await remove(id);
      } finally {
        await halting.dispose();
      }
    });

    it('says what is not there, and what cannot be named so', async () => {
      const none = `${registry.name}/none`;
      const digest = `@sha256:${'0'.repeat(64)}`;
      await assert.rejects(pull(none + digest), failsWith('imageNotFound', { image: none + digest }));
      await assert.rejects(push(`${none}:1`), failsWith('imageNotFound', { image: `${none}:1` }));
      await assert.rejects(docker.tag('none:1', parseReference('none:2'), never), failsWith('imageNotFound'));
      await assert.rejects(pull(`${none}:1`), failsWith('invalidInput'));
      await assert.rejects(push(none), failsWith('invalidInput'));
      await assert.rejects(docker.tag('none:1', parseReference('none'), never), failsWith('invalidInput'));
    });

    it('says what the engine says of a registry that does not answer', async () => {
      const gone = await startRegistry();
      await gone.dispose();
      const name = `${gone.name}/app:1`;
      await buildImage(engine.docker, name);
      const said = (code: 'pullFailed' | 'pushFailed') => (error: unknown) =>
        failsWith(code)(error) && ((error as DaoChainError).details['message'] ?? '').includes('connection refused');
      await assert.rejects(push(name), said('pushFailed'));
      await assert.rejects(pull(`${gone.name}/app@sha256:${'0'.repeat(64)}`), said('pullFailed'));
      await remove(name);
    });

    it('uses the login for the registry, and never tells it', async () => {
      const user = 'ünser+/?>~';
      const locked = await startRegistry({ auth: { user, password: 'right>?~' } });
      const name = `${locked.name}/app:1`;
      const pinned = `${locked.name}/app@sha256:${'0'.repeat(64)}`;
      const denied = (error: unknown): boolean => {
        assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /wrong>|d3Jvbmc|right>|cmlnaHQ/);
        return failsWith('registryDenied', { registry: locked.name })(error);
      };
      try {
        await buildImage(engine.docker, name);
        for (const attempt of [undefined, { username: user, password: 'wrong>?~' }, { identityToken: 'wrong>?~' }]) {
          login = attempt;
          await assert.rejects(push(name), denied);
          await assert.rejects(pull(pinned), denied);
        }
        login = loginFault;
        for (const denying of [push(name), pull(pinned)]) {
          await assert.rejects(denying, failsWith('registryLogin', { helper: 'test' }));
        }
        login = { username: user, password: 'right>?~' };
        const { digest } = await push(name);
        await remove(name);
        await pull(`${locked.name}/app@${digest}`);
        assert.equal((await docker.inspect(`${locked.name}/app@${digest}`, never)).origin, 'registry');
        await remove(`${locked.name}/app@${digest}`);
      } finally {
        await locked.dispose();
      }
    });

    it('is cancelled in the middle of a pull, which can be made again', async () => {
      const { digest, id } = await pushed(`${registry.name}/cancel/app:1`);
      const halting = await startHaltingRegistry(registry);
      try {
        const pinned = `${halting.name}/cancel/app@${digest}`;
        const abort = new AbortController();
        const pulling = pull(pinned, abort.signal);
        const cancelled = assert.rejects(pulling, failsWith('cancelled'));
        await waitFor('the middle', () => halting.halted() > 0);
        abort.abort();
        await cancelled;
        await assert.rejects(docker.inspect(pinned, never), failsWith('imageNotFound'));
        halting.release();
        await pull(pinned);
        assert.equal((await docker.inspect(pinned, never)).id, id);
        await remove(id);
      } finally {
        await halting.dispose();
      }
    });

    it('is cancelled in the middle of a push, which can be made again', async () => {
      const halting = await startHaltingRegistry(registry);
      const name = `${halting.name}/cancel/push:1`;
      try {
        await buildImage(engine.docker, name, { files: { large: randomBytes(4 * mebibyte) } });
        const abort = new AbortController();
        const cancelled = assert.rejects(push(name, abort.signal), failsWith('cancelled'));
        await waitFor('the middle', () => halting.halted() > 0);
        abort.abort();
        await cancelled;
        assert.equal(await digestInRegistry(registry, 'cancel/push', '1'), undefined);
        halting.release();
        const { digest } = await push(name);
        assert.equal(digest, await digestInRegistry(registry, 'cancel/push', '1'));
      } finally {
        await halting.dispose();
        await remove(name);
      }
    });

    it('says that a registry died in the middle of a pull, and has nothing then', async () => {
      const { digest } = await pushed(`${registry.name}/dying/app:1`);
      const halting = await startHaltingRegistry(registry);
      const pinned = `${halting.name}/dying/app@${digest}`;
      const failing = assert.rejects(pull(pinned), failsWith('pullFailed'));
      await waitFor('the middle', () => halting.halted() > 0);
      await halting.dispose();
      await failing;
      await assert.rejects(docker.inspect(pinned, never), failsWith('imageNotFound'));
    });

    // The classic store tries five times, in close to a minute.
    if (kind === 'containerd') {
      it('says that a registry died in the middle of a push', async () => {
        const halting = await startHaltingRegistry(registry);
        const name = `${halting.name}/dying/push:1`;
        await buildImage(engine.docker, name, { files: { large: randomBytes(4 * mebibyte) } });
        const failing = assert.rejects(push(name), failsWith('pushFailed'));
        await waitFor('the middle', () => halting.halted() > 0);
        await halting.dispose();
        await failing;
        await remove(name);
      });
    }

    it('tells the names that builds and tags give, and that a load is one', async () => {
      const events: EngineEvent[] = [];
      const name = `${registry.name}/event/app:1`;
      const listening = docker.onEvent((event) => events.push(event));
      const happened = async (what: () => Promise<unknown>, isLast: (event: EngineEvent) => boolean) => {
        events.length = 0;
        await what();
        await waitFor('the event', () => events.some(isLast));
        return events.filter((event) => event.type === 'image');
      };
      const tagged = (text: string) => (event: EngineEvent) => event.type === 'image' && event.tagged === text;
      try {
        await buildImage(engine.docker, 'first:1');
        // An event proves the subscription; an earlier one may be lost.
        await waitFor('an event', async () => {
          await engine.docker.getImage('first:1').tag({ repo: 'first', tag: 'again' });
          return events.some(tagged('first:again'));
        });
        const built = await happened(() => buildImage(engine.docker, name, { labels: { event: kind } }), tagged(name));
        const { id } = await docker.inspect(name, never);
        assert.deepEqual(built.at(-1), { type: 'image', id, tagged: name });
        assert.equal(built.filter(tagged(name)).length, 1);

        const pushEvents = await happened(
          () => push(name),
          (event) => event.type === 'image' && event.id === name,
        );
        assert.deepEqual(pushEvents, [{ type: 'image', id: name }]);

        const digest = (await digestInRegistry(registry, 'event/app', '1')) ?? assert.fail('not pushed');
        await remove(name);
        const pinned = `${registry.name}/event/app@${digest}`;
        const pulled = await happened(
          () => pull(pinned),
          (event) => event.type === 'image' && event.id === pinned,
        );
        assert.ok(pulled.every(({ tagged }) => tagged === undefined));

        const vector = fingerprintVectors.find(({ name }) => name !== 'no-layers') ?? assert.fail('no vector');
        const archive = await dockerArchive(Buffer.from(vector.config), [vectorLayer], 'event/loaded:1');
        const loaded = await happened(
          () => loadImage(engine.docker, archive),
          (event) => event.type === 'image' && event.loaded === true,
        );
        assert.deepEqual(
          loaded.map(({ tagged }) => tagged),
          loaded.map(() => undefined),
        );
        assert.equal(loaded.at(-1)?.id, (await docker.inspect('event/loaded:1', never)).id);
      } finally {
        listening.dispose();
      }
    });
  });
}

async function digestInRegistry({ url }: Registry, path: string, tag: string): Promise<Digest | undefined> {
  const types = ['oci.image.index.v1', 'oci.image.manifest.v1', 'docker.distribution.manifest.v2'];
  const accept = types.map((type) => `application/vnd.${type}+json`).join();
  const answer = await fetch(`${url}/v2/${path}/manifests/${tag}`, { method: 'HEAD', headers: { accept } });
  const digest = answer.headers.get('docker-content-digest');
  return digest !== null && isDigest(digest) ? digest : undefined;
}
