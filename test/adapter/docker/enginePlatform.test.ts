import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { enginePlatform } from '../../../src/adapters/docker/enginePlatform';
import { briefPlatform, formatPlatform } from '../../../src/core/image/platform';
import { silentLog } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';

/** What `GET /version` and `GET /info` say of the architecture, and for what such an engine pulls. */
const engines: readonly (readonly [program: string, machine: string, platform: string])[] = [
  ['amd64', 'x86_64', 'linux/amd64'],
  ['386', 'i686', 'linux/386'],
  ['arm64', 'aarch64', 'linux/arm64'],
  ['arm', 'armv7l', 'linux/arm/v7'],
  ['arm', 'armv6l', 'linux/arm/v6'],
  ['s390x', 's390x', 'linux/s390x'],
  ['ppc64le', 'ppc64le', 'linux/ppc64le'],
  ['mips64le', 'mips64', 'linux/mips64le'],
  ['loong64', 'loongarch64', 'linux/loong64'],
  // A program of 32 bits on a kernel of 64, and one of 64 bits that was told of a machine of 32 (`setarch`).
  ['386', 'x86_64', 'linux/386'],
  ['arm', 'aarch64', 'linux/arm/v8'],
  ['arm', 'armv8l', 'linux/arm/v8'],
  ['amd64', 'i686', 'linux/amd64'],
  ['arm64', 'armv8l', 'linux/arm64'],
  // Those that print the names of kernels in both places, or do not know the question.
  ['x86_64', 'x86_64', 'linux/amd64'],
  ['aarch64', 'aarch64', 'linux/arm64'],
  ['armv6l', 'armv6l', 'linux/arm/v6'],
  ['', 'x86_64', 'linux/amd64'],
  ['', 'i586', 'linux/386'],
  ['', 'armv6l', 'linux/arm/v6'],
  ['', 'armv7l', 'linux/arm/v7'],
  ['', 'armv5tejl', 'linux/arm/v5'],
  ['', 'loongarch64', 'linux/loong64'],
  ['', 'AMD64', 'linux/amd64'],
];

describe('the platform of an engine', () => {
  for (const [program, machine, platform] of engines) {
    it(`is ${platform} where the program is of ${program || 'nobody knows what'} and the kernel of ${machine}`, () => {
      const version = program === '' ? undefined : { Os: 'linux', Arch: program };
      assert.equal(formatPlatform(briefPlatform(enginePlatform(version, { os: 'linux', machine }))), platform);
    });
  }

  describe('asked for', () => {
    const folder = temporaryFolder();
    const never = new AbortController().signal;
    const servers: Server[] = [];
    after(() => {
      for (const server of servers) server.close();
    });

    /** An engine that answers only this. */
    async function serve(name: string, answers: Readonly<Record<string, object>>): Promise<string> {
      const path = join(folder.path, name);
      const server = createServer((request, response) => {
        const answer = answers[request.url ?? ''];
        response.statusCode = answer === undefined ? 404 : 200;
        response.end(JSON.stringify(answer ?? { message: 'page not found' }));
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(path, resolve));
      return `unix://${path}`;
    }
    const info = { OSType: 'linux', Architecture: 'x86_64' };
    const platformOf = async (engine: DockerEngine): Promise<string> =>
      formatPlatform(briefPlatform(await engine.platform(never)));

    it('is that of the program and not of the kernel, and of another engine another one', async () => {
      let host = await serve('old', { '/info': info, '/version': { Os: 'linux', Arch: '386' } });
      const engine = new DockerEngine({ setting: () => host, log: silentLog });
      try {
        assert.equal(await platformOf(engine), 'linux/386');
        assert.equal(await platformOf(engine), 'linux/386');
        host = await serve('new', { '/info': info, '/version': { Os: 'linux', Arch: 'amd64' } });
        engine.reconnect();
        assert.equal(await platformOf(engine), 'linux/amd64');
      } finally {
        engine.dispose();
      }
    });

    it('is that of the kernel where the engine does not know the question', async () => {
      const host = await serve('unknowing', { '/info': info });
      const engine = new DockerEngine({ setting: () => host, log: silentLog });
      try {
        assert.equal(await platformOf(engine), 'linux/amd64');
      } finally {
        engine.dispose();
      }
    });
  });
});
