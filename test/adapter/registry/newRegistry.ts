import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DistributionRegistry,
  type DistributionRegistryOptions,
} from '../../../src/adapters/registry/distributionRegistry';
import { temporaryFolder } from '../../testbed/program';
import type { Certificate } from './testServer';
import type { Log } from '../../../src/core/ports/log';

export const loopbackAddress = [{ address: '127.0.0.1', family: 4 }] as const;

/** A log that can be searched for what must not be in it. */
export class KeptLog implements Log {
  text = '';
  debug(message: string): void {
    this.text += `${message}\n`;
  }
  info = this.debug.bind(this);
  warn = this.debug.bind(this);
  error = this.debug.bind(this);
}

/** A client without any configuration but what is given; every name of a test leads to this machine. */
export function newRegistry(options: Partial<DistributionRegistryOptions> = {}): DistributionRegistry {
  return new DistributionRegistry({
    isEnabled: () => true,
    privateHosts: () => ['localhost'],
    plainHttpHosts: () => [],
    logins: { find: () => Promise.resolve(undefined) },
    log: new KeptLog(),
    environment: {},
    homeDirectory: '/nonexistent',
    certificateFolders: [],
    resolve: () => Promise.resolve(loopbackAddress),
    ...options,
  });
}

/** A folder like `certs.d`: by host, an authority and the certificate that a client shows. */
export function certificateFolder(
  hosts: Readonly<Record<string, { readonly authority?: Certificate; readonly client?: Certificate }>>,
): string {
  const { path } = temporaryFolder();
  for (const [host, { authority, client }] of Object.entries(hosts)) {
    const folder = join(path, host);
    mkdirSync(folder);
    if (authority !== undefined) writeFileSync(join(folder, 'ca.crt'), authority.cert);
    if (client === undefined) continue;
    writeFileSync(join(folder, 'client.cert'), client.cert);
    writeFileSync(join(folder, 'client.key'), client.key);
  }
  return path;
}

export const unlimited = new AbortController().signal;
