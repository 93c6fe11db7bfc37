import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readBoundedFile } from '../boundedFile';
import { dockerConfigFolder, type DockerConfigSources } from './dockerConfig';
import { unavailable } from './registryErrors';

/** Bytes; a bundle of every well-known authority has a quarter of it. */
const largestFile = 1024 * 1024;

/** PEM texts of a folder `certs.d/HOST[:PORT]`. */
export interface HostCertificates {
  /** `*.crt`: authorities beside the well-known ones. */
  readonly authorities: readonly string[];
  /** `*.cert` with the `*.key` of the same name: what we show of ourselves. */
  readonly clients: readonly { readonly cert: string; readonly key: string }[];
  /** Changes with the content. */
  readonly version: string;
}

/** Where Docker's engine and command look, those of everybody first. */
export function usualCertificateFolders(
  sources: DockerConfigSources,
  platform: NodeJS.Platform = process.platform,
): readonly string[] {
  const ofCommand = join(dockerConfigFolder(sources), 'certs.d');
  if (platform !== 'win32')
    return ['/etc/docker/certs.d', join(sources.homeDirectory, '.config', 'docker', 'certs.d'), ofCommand];
  const ofMachine = sources.environment['ProgramData'];
  return ofMachine === undefined ? [ofCommand] : [join(ofMachine, 'docker', 'certs.d'), ofCommand];
}

/** Docker's folders of certificates by host. Small, local, and changed by people, so they are read at each use. */
export class CertificateFolders {
  /** Those that are being read: many requests begin at once. */
  readonly #reading = new Map<string, Promise<HostCertificates | undefined>>();

  constructor(
    private readonly folders: readonly string[],
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** What the first folder with one of the names has; undefined where none is. Rejects with `registryCertificate`. */
  async find(names: readonly string[]): Promise<HostCertificates | undefined> {
    const key = names.join(' ');
    const known = this.#reading.get(key);
    if (known !== undefined) return known;
    const reading = this.#read(names).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #read(names: readonly string[]): Promise<HostCertificates | undefined> {
    for (const folder of this.folders) {
      for (const name of names) {
        // A name that begins with a dot leads out of the folder.
        if (!/^[a-z0-9[][a-z0-9.:_\]-]*$/.test(name)) continue;
        // Windows has no names with a colon, and Docker leaves it out there.
        const own = this.platform === 'win32' ? name.replaceAll(':', '') : name;
        const certificates = await read(join(folder, own), name);
        if (certificates !== undefined) return certificates;
      }
    }
    return undefined;
  }
}

async function read(folder: string, host: string): Promise<HostCertificates | undefined> {
  let files: readonly string[];
  try {
    // Most hosts have none, which the system says at once.
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return undefined;
    files = (await readdir(folder)).sort();
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw unavailable(host, 'certificateUnreadable', { details: { file: folder }, cause });
  }
  const pem = async (name: string): Promise<string> => {
    const file = join(folder, name);
    try {
      return Buffer.from((await readBoundedFile(file, { limit: largestFile })).bytes).toString('utf8');
    } catch (cause) {
      throw unavailable(host, 'certificateUnreadable', { details: { file }, cause });
    }
  };
  const ending = (suffix: string): readonly string[] => files.filter((file) => file.endsWith(suffix));
  const authorities = await Promise.all(ending('.crt').map(pem));
  const clients = await Promise.all(
    ending('.cert').map(async (name) => ({
      cert: await pem(name),
      key: await pem(name.replace(/\.cert$/, '.key')),
    })),
  );
  const version = createHash('sha256')
    .update(JSON.stringify([authorities, clients]))
    .digest('hex');
  return { authorities, clients, version };
}
