import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DockerLogins } from '../../../src/adapters/registry/dockerLogins';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { isDaoChainError } from '../../../src/core/errors';
import { parseReference } from '../../../src/core/image/reference';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { newRegistry, unlimited } from './newRegistry';
import { startServer, type Asked, type TestServer } from './testServer';
import type { RegistryLogin } from '../../../src/core/ports/registry';

// test/vectors/registry/README.md: docker's command and DaoChain, on the same servers and with the same configuration.

interface LoginRow {
  readonly what: string;
  readonly config: string | null;
  readonly variable?: string;
  readonly registry: string;
  readonly path: string;
  readonly helpers?: Readonly<Record<string, { readonly out: string; readonly code: number }>>;
  /** Why we do not do as docker does; then `ours` is what we do. */
  readonly differs?: string;
  readonly ours?: RegistryLogin;
  /** Each answer that was seen. */
  readonly docker: readonly RegistryLogin[];
}

interface ServerRow {
  readonly what: string;
  readonly challenge?: string | readonly string[];
  readonly accepts?: 'password';
  readonly login?: true;
  readonly token?: { readonly status: number; readonly body: string; readonly type?: string };
  /** What strangers are answered everywhere but under `/v2/`. */
  readonly closed?: number;
  readonly noDigest?: true;
  readonly rules?: readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
  readonly differs?: string;
  readonly docker: boolean;
}

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'vectors', 'registry', name), 'utf8'));
const logins = vectors('logins.json') as readonly LoginRow[];
const servers = vectors('servers.json') as {
  readonly manifest: string;
  readonly config: string;
  readonly rows: readonly ServerRow[];
};

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const recordedHost = 'registry.test:5000';
const basic = `Basic ${Buffer.from('ann:one').toString('base64')}`;

/** Serves the one image of the vectors. */
function serveImage({ line }: Asked, response: ServerResponse, noDigest = false): void {
  const [method = '', path = ''] = line.split(' ');
  const { manifest, config } = servers;
  const isBlob = path === `/v2/team/app/blobs/${sha256(config)}`;
  const known = ['/v2/', '/v2/team/app/manifests/1', `/v2/team/app/manifests/${sha256(manifest)}`];
  if (!isBlob && !known.includes(path)) {
    response.writeHead(404).end();
    return;
  }
  const body = isBlob ? config : path === '/v2/' ? '{}' : manifest;
  const type = isBlob ? 'application/octet-stream' : path === '/v2/' ? 'application/json' : manifestType;
  response.writeHead(200, {
    ...{ 'content-type': type, 'content-length': Buffer.byteLength(body) },
    ...(noDigest || path === '/v2/' ? {} : { 'docker-content-digest': sha256(body) }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

describe("what docker's command does", () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
    mkdirSync(join(folder.path, 'bin'));
  });
  afterEach(() => {
    folder.remove();
  });

  /** A configuration and helpers, with `host` in the place of the recorded one; the environment that leads to them. */
  const configure = (row: Pick<LoginRow, 'config' | 'variable' | 'helpers'>, host = recordedHost) => {
    const inPlace = (text: string): string => text.replaceAll(recordedHost, host);
    if (row.config !== null) writeFileSync(join(folder.path, 'config.json'), inPlace(row.config));
    const program = (name: string, script: string): void => {
      writeFileSync(join(folder.path, 'bin', name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder.path, 'bin', name), 0o755);
    };
    for (const [name, { out, code }] of Object.entries(row.helpers ?? {})) {
      const quoted = inPlace(out).replaceAll("'", "'\\''");
      program(`docker-credential-${name}`, `printf %s '${quoted}'\nexit ${code}`);
      if (name === 'pass') program('pass', '');
    }
    return {
      DOCKER_CONFIG: folder.path,
      HOME: folder.path,
      PATH: `${join(folder.path, 'bin')}:${process.env['PATH'] ?? ''}`,
      ...(row.variable === undefined ? {} : { DOCKER_AUTH_CONFIG: row.variable }),
    };
  };
  /** Whether docker's command reads the image. It asks no engine for that. */
  const dockerReads = async (host: string, environment: NodeJS.ProcessEnv): Promise<boolean> => {
    const docker = searchProgram('docker');
    assert.ok(docker, 'No docker CLI is installed: apt-get install docker.io');
    const args = ['manifest', 'inspect', '--insecure', `${host}/team/app:1`];
    return promisify(execFile)(docker, args, { env: environment }).then(
      () => true,
      () => false,
    );
  };
  /** The digest that we read, or the code of what we say instead. */
  const weRead = async (host: string, environment: NodeJS.ProcessEnv): Promise<string> => {
    const sources = { environment, homeDirectory: folder.path };
    const registry = newRegistry({ ...sources, logins: new DockerLogins(sources) });
    return registry.read(parseReference(`${host}/team/app:1`), 'all', unlimited).then(
      ({ digest }) => digest,
      (error: unknown) => {
        if (isDaoChainError(error)) return error.code;
        throw error;
      },
    );
  };

  describe('with a login', () => {
    for (const row of logins) {
      it(`is what we do: ${row.what}`, async () => {
        const environment = configure(row);
        const found = new DockerLogins({ environment, homeDirectory: folder.path });
        const login = (await found.find(row.registry, unlimited, row.path)) ?? {};
        const expected = row.differs === undefined ? row.docker : [row.ours ?? {}];
        assert.ok(
          expected.some((each) => JSON.stringify(Object.entries(each)) === JSON.stringify(Object.entries(login))),
          `${JSON.stringify(login)} instead of ${JSON.stringify(expected)}`,
        );
      });
    }
  });

  describe('with a login at a server', () => {
    let server: TestServer;
    let wanted: 'Basic' | 'Bearer';
    let seen: Set<string>;
    before(async () => {
      server = await startServer((asked, response) => {
        const { line, host, authorization = '', body } = asked;
        if (line.includes(' /token')) {
          const refresh = new URLSearchParams(body).get('refresh_token');
          seen.add(refresh === null ? `token for ${authorization}` : `token for the identity ${refresh}`);
          response.end('{"token":"good","access_token":"good"}');
          return;
        }
        if (authorization !== '') seen.add(authorization);
        if (authorization.startsWith(wanted)) {
          serveImage(asked, response);
          return;
        }
        const challenge = wanted === 'Basic' ? 'Basic realm="shop"' : `Bearer realm="http://${host}/token"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      });
    });
    after(() => server.close());

    // The variable is known to docker's command from 28.3 on; the distribution's is older.
    const there = logins.filter(
      ({ registry, variable, differs, docker }) =>
        registry === recordedHost && variable === undefined && differs === undefined && docker.length === 1,
    );
    for (const row of there) {
      it(`shows what ours shows: ${row.what}`, async () => {
        const host = `localhost:${server.port}`;
        const environment = configure(row, host);
        for (const scheme of ['Basic', 'Bearer'] as const) {
          wanted = scheme;
          const shown = async (read: () => Promise<unknown>): Promise<readonly string[]> => {
            seen = new Set();
            await read();
            return [...seen].toSorted();
          };
          const docker = await shown(() => dockerReads(host, environment));
          assert.deepEqual(await shown(() => weRead(host, environment)), docker, scheme);
        }
      });
    }
  });

  describe('at a server', () => {
    let server: TestServer;
    let row: ServerRow;
    before(async () => {
      server = await startServer((asked, response) => {
        const { line, host, authorization } = asked;
        const [method = '', path = ''] = line.split(/[ ?]/);
        if (path === '/token') {
          const { status, body, type } = row.token ?? { status: 200, body: '{"token":"good"}' };
          response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
          return;
        }
        const rule = row.rules?.find(
          (each) =>
            ['*', method].includes(each.method) &&
            (each.path.endsWith('$') ? path === each.path.slice(0, -1) : path.startsWith(each.path)),
        );
        if (rule !== undefined) {
          response.writeHead(rule.status, rule.headers).end(method === 'HEAD' ? undefined : rule.body);
          return;
        }
        if (row.challenge !== undefined && authorization !== (row.accepts === 'password' ? basic : 'Bearer good')) {
          const isClosed = row.closed !== undefined && path !== '/v2/';
          const challenges = [row.challenge].flat().map((each) => each.replaceAll('REALM', `http://${host}/token`));
          if (!isClosed) response.setHeader('www-authenticate', challenges);
          response.writeHead(isClosed ? (row.closed ?? 401) : 401).end();
          return;
        }
        serveImage(asked, response, row.noDigest);
      });
    });
    after(() => server.close());

    for (const each of servers.rows) {
      it(`is what we do: ${each.what}`, async () => {
        row = each;
        const host = `localhost:${server.port}`;
        const auths = each.login === undefined ? {} : { [host]: { auth: basic.split(' ')[1] } };
        const environment = configure({ config: JSON.stringify({ auths }) });
        assert.equal(await dockerReads(host, environment), each.docker, "docker's command");
        const ours = await weRead(host, environment);
        const isRead = ours === sha256(servers.manifest);
        // Where we differ, we read what docker does not.
        assert.equal(isRead, each.docker || each.differs !== undefined, ours);
        assert.notEqual(ours, 'imageMalformed');
        if (each.what.includes('web page') && !isRead) assert.equal(ours, 'registryWebPage');
      });
    }
  });
});
