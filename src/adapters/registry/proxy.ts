import { BlockList, isIP } from 'node:net';
import { isLoopbackAddress } from './addresses';
import { bareHostname, effectivePort, isLoopbackName } from './hostRules';

/**
 * The proxy that the environment names for a URL, by the conventions of the docker command (Go's
 * `net/http.ProxyFromEnvironment`): HTTPS_PROXY or HTTP_PROXY, except for what NO_PROXY lists and for this machine.
 */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | undefined {
  const variable = (name: string): string => environment[name] ?? environment[name.toLowerCase()] ?? '';
  const text = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (text === '') return undefined;
  const hostname = bareHostname(url);
  if (isLoopbackName(hostname) || isLoopbackAddress(hostname)) return undefined;
  const exceptions = variable('NO_PROXY').split(',');
  if (exceptions.some((exception) => covers(exception.trim().toLowerCase(), hostname, url))) return undefined;
  const proxy = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(proxy) ? new URL(proxy) : undefined;
}

function covers(exception: string, hostname: string, url: URL): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  const [network = '', bits] = exception.split('/');
  if (bits !== undefined) return inNetwork(hostname, network, Number(bits));
  const port = /:(\d+)$/.exec(exception)?.[1];
  const bare = isIP(exception) === 6 ? exception : exception.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isIP(exception) !== 6 && port !== undefined && port !== effectivePort(url)) return false;
  const domain = bare.replace(/^\*?\./, '');
  return (hostname === domain && domain === bare) || hostname.endsWith(`.${domain}`);
}

function inNetwork(hostname: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (
    family === 0 ||
    isIP(hostname) !== family ||
    !Number.isInteger(bits) ||
    bits < 0 ||
    bits > (family === 4 ? 32 : 128)
  )
    return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, bits, type);
  return list.check(hostname, type);
}
