import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './addresses';
import type { CertificateFolders, HostCertificates } from './certificateFolders';
import type { DockerConfigFile } from './dockerConfig';
import { refused } from './registryErrors';

export interface HostRulesOptions {
  /** `host`, which stands for all of its ports, or `host:port`. */
  readonly privateHosts: () => readonly string[];
  readonly plainHttpHosts: () => readonly string[];
  readonly dockerConfig: DockerConfigFile;
  readonly certificates: CertificateFolders;
}

/** How far a host may lead: anywhere, to global addresses, or no further than this machine. */
export type Reach = 'anywhere' | 'public' | 'loopback';

/** A host that may be asked, and how. */
export interface HostAccess {
  readonly reach: Reach;
  readonly certificates: HostCertificates | undefined;
}

const accepts: Readonly<Record<Reach, (address: string) => boolean>> = {
  anywhere: () => true,
  public: isPublicAddress,
  loopback: isLoopbackAddress,
};

export function acceptedAddresses(reach: Reach): (address: string) => boolean {
  return accepts[reach];
}

/**
 * Which hosts may be asked (docs/registries.md). A build file can name any host, and so can the answers of a registry: one
 * that leads into the reader's own network is asked only where the reader's settings or docker's configuration name it.
 */
export class HostRules {
  constructor(private readonly options: HostRulesOptions) {}

  /** Throws `registryRefused` for a host that is not to be asked. Its name is not looked up: addresses are checked later. */
  async access(url: URL): Promise<HostAccess> {
    const hostname = bareHostname(url);
    if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
      throw refused(url.host, 'url');
    }
    const certificates = await this.options.certificates.find(namesOf(url));
    const named = certificates !== undefined || (await this.#isNamed(url));
    const local = isLoopbackName(hostname) || isLoopbackAddress(hostname);
    if (!named && (local || (isIP(hostname) !== 0 && !isPublicAddress(hostname)))) {
      throw refused(url.host, 'privateAddress');
    }
    const reach = named ? 'anywhere' : 'public';
    if (url.protocol === 'https:' || isListed(this.options.plainHttpHosts(), url)) return { reach, certificates };
    if (!named || !local) throw refused(url.host, 'plainHttp');
    return { reach: 'loopback', certificates };
  }

  /**
   * Where a registry is, in the order in which to try: of one on this machine that does not speak TLS, as docker does,
   * over HTTP at last, unless there is an authority to check it by.
   */
  async locations(registry: string): Promise<readonly [first: URL, plain?: URL]> {
    const text = `https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}/`;
    if (!URL.canParse(text)) throw refused(registry, 'url');
    const secure = new URL(text);
    const plain = new URL(text.replace('https:', 'http:'));
    if (isListed(this.options.plainHttpHosts(), plain)) return [plain];
    const hostname = bareHostname(secure);
    if (!isLoopbackName(hostname) && !isLoopbackAddress(hostname)) return [secure];
    const certificates = await this.options.certificates.find(namesOf(secure));
    return (certificates?.authorities.length ?? 0) > 0 ? [secure] : [secure, plain];
  }

  async #isNamed(url: URL): Promise<boolean> {
    if (isListed(this.options.privateHosts(), url)) return true;
    const hosts = await this.options.dockerConfig.hosts();
    return namesOf(url).some((name) => hosts.has(name));
  }
}

/** Without the brackets of an IPv6 address. */
export function bareHostname({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

export function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost';
}

export function effectivePort({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}

/** What a reference, docker's configuration and `certs.d` may call this host. */
function namesOf(url: URL): readonly string[] {
  const withPort = `${url.hostname}:${effectivePort(url)}`;
  const names = url.port === '' ? [url.hostname, withPort] : [withPort];
  return url.hostname === 'registry-1.docker.io' ? [...names, 'docker.io'] : names;
}

function isListed(list: readonly string[], url: URL): boolean {
  const names = new Set([...namesOf(url), url.hostname, bareHostname(url)]);
  return list.some((entry) => names.has(entry.trim().toLowerCase()));
}
