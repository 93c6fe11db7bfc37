import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { DistributionRegistry } from '../../../src/adapters/registry/distributionRegistry';
import { isDaoChainError } from '../../../src/core/errors';
import { formatReference, parseReference } from '../../../src/core/image/reference';
import { PushService, type PushOutcome } from '../../../src/services/images/pushService';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { silentLog } from '../../testbed/product';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { startRegistry, type Registry } from '../../testbed/registry';
import type { ContainerRegistry, RegistryLogin, RegistryLogins } from '../../../src/core/ports/registry';

const never = new AbortController().signal;

describe('pushing and reading back', () => {
  let engine: Engine;
  let open: Registry;
  let locked: Registry;
  let docker: DockerEngine;
  let registry: ContainerRegistry;
  let folder: TemporaryFolder;
  let isEnabled = true;
  const known = new Map<string, RegistryLogin>();
  const logins: RegistryLogins = { find: (name) => Promise.resolve(known.get(name)) };

  before(async () => {
    folder = temporaryFolder();
    [engine, open, locked] = await Promise.all([
      startEngine(),
      startRegistry(),
      startRegistry({ tls: true, auth: { user: 'writer', password: 'right' } }),
    ]);
    docker = new DockerEngine({ setting: () => engine.host, log: silentLog, logins, homeDirectory: tmpdir() });
    registry = new DistributionRegistry({
      isEnabled: () => isEnabled,
      privateHosts: () => [open.name, locked.name],
      plainHttpHosts: () => [open.name],
      ...{ logins, environment: {}, homeDirectory: folder.path, certificateFolders: [], log: silentLog },
    });
  });
  afterEach(() => {
    isEnabled = true;
  });
  after(async () => {
    docker.dispose();
    await engine.dispose();
    for (const each of [open, locked]) await each.dispose();
    folder.remove();
  });

  const push = (name: string, readBack = registry): Promise<PushOutcome> =>
    new PushService({ engine: docker, registry: readBack }).push(parseReference(name), never, () => undefined);

  it('gives the digest under which the registry has the very image', async () => {
    const name = `${open.name}/app:1`;
    await buildImage(engine.docker, name, { files: { a: 'b' } });
    const { digest, registryFailure } = await push(name);
    assert.equal(registryFailure, undefined);
    const { images } = await registry.read(parseReference(name), 'all', never);
    const local = await docker.readIdentity(name, never);
    assert.deepEqual(
      images.map(({ manifestDigest, configDigest }) => [manifestDigest, configDigest]),
      [[digest, local.configDigest]],
    );
  });

  it('fails where the registry has something else under it', async () => {
    const name = `${open.name}/changed:1`;
    const other = `${open.name}/changed:2`;
    await buildImage(engine.docker, name, { files: { a: 'b' } });
    await buildImage(engine.docker, other, { files: { a: 'c' } });
    await push(other);
    const lying: ContainerRegistry = {
      read: (reference, platform, signal) => {
        const { repository } = reference;
        return registry.read(parseReference(formatReference({ repository, tag: '2' })), platform, signal);
      },
      referrers: () => Promise.resolve([]),
    };
    await assert.rejects(
      push(name, lying),
      (error) => isDaoChainError(error, 'pushFailed') && error.details['reason'] === 'registryDiffers',
    );
  });

  it('logs in where a password is wanted, and says where nobody could look', async () => {
    const name = `${locked.name}/app:1`;
    await buildImage(engine.docker, name, { files: { a: 'b' } });
    await assert.rejects(push(name), (error) => isDaoChainError(error, 'registryDenied'));
    known.set(locked.name, { username: 'writer', password: 'right' });
    // The engine takes any certificate on loopback, the reader does not.
    assert.equal((await push(name)).registryFailure, 'registryCertificate');
    isEnabled = false;
    assert.equal((await push(name)).registryFailure, 'registryOff');
  });
});
