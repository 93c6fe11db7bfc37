import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import type { DistributionRegistry } from '../../../src/adapters/registry/distributionRegistry';
import { DockerLogins } from '../../../src/adapters/registry/dockerLogins';
import type { Digest } from '../../../src/core/image/digest';
import { identityFromConfig } from '../../../src/core/image/fingerprint';
import { parseReference } from '../../../src/core/image/reference';
import { temporaryFolder } from '../../testbed/program';
import { startRegistry, type Registry } from '../../testbed/registry';
import { failsWith } from '../docker/daoChainError';
import { certificateFolder, newRegistry, unlimited } from './newRegistry';
import { blob, childOf, ociIndex, servedImage, type ServedImage } from './servedImages';
import { makeCertificate } from './testServer';

const auth = { user: 'ann', password: 'hush:hush' };
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** What holds for each release of the distribution project's registry; `program` is Debian's unless given. */
export function behavesAsDistribution(program?: string): void {
  let registry: Registry;
  const start = async (options: Parameters<typeof startRegistry>[0] = {}): Promise<void> => {
    registry = await startRegistry({ ...options, ...(program !== undefined && { program }) });
  };
  afterEach(() => registry.dispose());
  const authority = () => ({ cert: readFileSync(registry.certificateFile ?? '', 'utf8'), key: '' });
  const reference = (rest: string) => parseReference(`${registry.name}/shop${rest}`);

  /** Pushes as a client does. */
  const push = async (image: ServedImage, tag: string): Promise<void> => {
    const layers = [image.config, ...image.layers];
    for (const { digest, bytes } of layers) {
      const upload = await ask('POST', 'blobs/uploads/');
      const location = new URL(upload.headers.get('location') ?? '', registry.url);
      location.searchParams.set('digest', digest);
      await ask('PUT', location, { body: bytes });
    }
    await pushManifest(image.manifest, tag);
  };
  const pushManifest = async ({ bytes, mediaType }: ServedImage['manifest'], tag: string): Promise<void> => {
    await ask('PUT', `manifests/${tag}`, { body: bytes, headers: { 'content-type': mediaType } });
  };
  const ask = async (
    method: string,
    where: string | URL,
    more: { body?: Buffer; headers?: Record<string, string> } = {},
  ) => {
    const url = where instanceof URL ? where : new URL(`/v2/shop/${where}`, registry.url);
    url.hostname = '127.0.0.1';
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const authorization = `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
    const response = await fetch(url, { ...more, method, dispatcher, headers: { ...more.headers, authorization } });
    const text = await response.text();
    await dispatcher.close();
    if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${text}`);
    return response;
  };
  const readsAll = async (client: DistributionRegistry): Promise<void> => {
    const amd64 = servedImage('amd64');
    const arm64 = servedImage('arm64', { architecture: 'arm64', variant: 'v8' });
    await push(amd64, 'amd64');
    await push(arm64, 'arm64');
    const index = ociIndex([childOf(amd64, {}), childOf(arm64, { architecture: 'arm64', variant: 'v8' })]);
    await pushManifest(index, 'both');

    const one = await client.read(reference(':amd64'), 'all', unlimited);
    const identity = identityFromConfig(amd64.config.bytes, { manifestDigest: one.digest }, 'registry');
    assert.deepEqual(one, { digest: amd64.manifest.digest, isIndex: false, images: [identity] });
    const both = await client.read(reference(':both'), { os: 'linux', architecture: 'arm64' }, unlimited);
    assert.equal(both.digest, index.digest);
    const location = { manifestDigest: arm64.manifest.digest as Digest, indexDigest: both.digest };
    assert.deepEqual(both.images, [identityFromConfig(arm64.config.bytes, location, 'registry')]);
    assert.equal((await client.read(reference(`@${index.digest}`), 'all', unlimited)).images.length, 2);
    await assert.rejects(client.read(reference(':none'), 'all', unlimited), failsWith('imageNotFound'));
  };

  it('is read over HTTP on this machine', async () => {
    await start();
    await readsAll(newRegistry());
  });

  it('is read over TLS by the authority in certs.d', async () => {
    await start({ tls: true });
    await assert.rejects(
      newRegistry().read(reference(':amd64'), 'all', unlimited),
      failsWith('registryCertificate', { reason: 'certificate' }),
    );
    const certificateFolders = [certificateFolder({ [registry.name]: { authority: authority() } })];
    await readsAll(newRegistry({ certificateFolders, privateHosts: () => [] }));
  });

  it("is read over TLS with a password of docker's configuration, or of a helper", async () => {
    await start({ tls: true, auth });
    const { path } = temporaryFolder();
    const certificateFolders = [certificateFolder({ [registry.name]: { authority: authority() } })];
    const environment = { DOCKER_CONFIG: path, PATH: `${path}/bin:${process.env['PATH'] ?? ''}` };
    const logins = new DockerLogins({ environment, homeDirectory: path });
    const client = newRegistry({ certificateFolders, logins, environment, homeDirectory: path });
    const configure = (config: object): void => {
      writeFileSync(join(path, 'config.json'), JSON.stringify(config));
    };
    const read = () => client.read(reference(':amd64'), 'all', unlimited);

    await assert.rejects(read(), failsWith('registryDenied', { reason: 'loginMissing' }));
    const encoded = (password: string) => Buffer.from(`${auth.user}:${password}`).toString('base64');
    configure({ auths: { [registry.name]: { auth: encoded('wrong') } } });
    await assert.rejects(read(), failsWith('registryDenied', { reason: 'loginRejected' }));
    configure({ auths: { [registry.name]: { auth: encoded(auth.password) } } });
    await readsAll(client);

    mkdirSync(join(path, 'bin'));
    const helper = join(path, 'bin', 'docker-credential-test');
    const answer = JSON.stringify({ ServerURL: registry.name, Username: auth.user, Secret: auth.password });
    writeFileSync(helper, `#!/bin/sh\nread -r server\n[ "$1 $server" = "get ${registry.name}" ] && echo '${answer}'\n`);
    chmodSync(helper, 0o755);
    configure({ credHelpers: { [registry.name]: 'test' } });
    const another = newRegistry({ certificateFolders, logins, environment, homeDirectory: path });
    assert.equal((await another.read(reference(':both'), 'all', unlimited)).images.length, 2);
  });

  it('is read with a client certificate where it wants one', async () => {
    const client = makeCertificate('client');
    const { path } = temporaryFolder();
    writeFileSync(join(path, 'client.pem'), client.cert);
    await start({ tls: true, clientAuthority: join(path, 'client.pem') });
    const read = (shown: { client?: typeof client }) =>
      newRegistry({
        certificateFolders: [certificateFolder({ [registry.name]: { authority: authority(), ...shown } })],
      }).read(reference(':none'), 'all', unlimited);
    await assert.rejects(read({}), failsWith('registryUnavailable'));
    await assert.rejects(read({ client }), failsWith('imageNotFound'));
  });

  it('gives the referrers of an image by their tag', async () => {
    await start();
    const client = newRegistry();
    const image = servedImage('signed');
    const subject = image.manifest.digest as Digest;
    await push(image, '1');
    assert.deepEqual(await client.referrers(reference(':1'), subject, unlimited), []);
    const proof = servedImage('proof');
    await push(proof, 'proof');
    const referrer = blob(manifestType, {
      ...(JSON.parse(proof.manifest.bytes.toString()) as object),
      subject: { mediaType: manifestType, digest: subject, size: image.manifest.size },
    });
    await pushManifest(referrer, referrer.digest);
    await pushManifest(ociIndex([{ blob: referrer }]), subject.replace(':', '-'));
    const { mediaType, digest, size } = referrer;
    assert.deepEqual(await client.referrers(reference(':1'), subject, unlimited), [
      { mediaType, digest, size, annotations: {} },
    ]);
  });
}
