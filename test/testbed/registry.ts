import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { runCommand } from '../../scripts/dev/components/command';
import { startProgram, temporaryFolder } from './program';
import { waitFor } from './waitFor';

export interface RegistryOptions {
  /** The registry's program; Debian's (distribution 2.8) unless given. */
  readonly program?: string;
  /** A random one unless given. */
  readonly port?: number;
  /** Serve https with a self-signed certificate for `localhost` and 127.0.0.1. */
  readonly tls?: boolean;
  readonly auth?: { readonly user: string; readonly password: string };
  /** PEM file of the authority whose clients alone are served, with `tls`. */
  readonly clientAuthority?: string;
}

/** An OCI registry (distribution, no referrers API) on 127.0.0.1. */
export interface Registry {
  readonly port: number;
  /** `localhost:PORT`, the first part of a reference to an image in it. */
  readonly name: string;
  /** `http://127.0.0.1:PORT` or https. */
  readonly url: string;
  /** The self-signed certificate in PEM, with `tls`. */
  readonly certificateFile?: string;
  /** Ends it and removes what was pushed; twice is harmless. */
  dispose(): Promise<void>;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(program, args);
  if (code !== 0) throw new Error(`${program} failed:\n${output}`);
  return output;
}

/** Starts a registry and waits until it listens. */
export async function startRegistry({
  program = searchProgram('docker-registry'),
  port = 0,
  tls = false,
  auth,
  clientAuthority,
}: RegistryOptions = {}): Promise<Registry> {
  if (program === undefined) throw new Error('No registry is installed: apt-get install docker-registry');
  const folder = temporaryFolder();
  const file = (name: string): string => join(folder.path, name);
  const certificate = file('cert.pem');
  if (tls) {
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', file('key.pem'), '-out', certificate],
    ]);
  }
  if (auth !== undefined) {
    writeFileSync(file('htpasswd'), await run('htpasswd', ['-Bbn', auth.user, auth.password]));
  }
  const clients = clientAuthority === undefined ? {} : { clientcas: [clientAuthority] };
  // YAML is a superset of JSON.
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: file('data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, ...(tls ? { tls: { certificate, key: file('key.pem'), ...clients } } : {}) },
    ...(auth === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: file('htpasswd') } } }),
  };
  writeFileSync(file('config.yml'), JSON.stringify(config));
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const registry = await startProgram(program, ['serve', file('config.yml')], { env });
  const dispose = async (): Promise<void> => {
    await registry.stop();
    folder.remove();
  };
  try {
    const listening = await waitFor('the registry listens', () => {
      if (!registry.running()) return 'ended';
      return /listening on 127\.0\.0\.1:(\d+)/.exec(registry.output())?.[1];
    });
    if (listening === 'ended') throw new Error(`The registry ended at once:\n${registry.output()}`);
    return {
      port: Number(listening),
      name: `localhost:${listening}`,
      url: `${tls ? 'https' : 'http'}://127.0.0.1:${listening}`,
      ...(tls ? { certificateFile: certificate } : {}),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
