import { BlockList, isIP, type LookupFunction } from 'node:net';
import { refused } from './registryErrors';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name, in the system's order. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** One answer for all who ask for a name at once: a name server that does not answer keeps the system's few threads. */
export function shared(resolve: Resolve): Resolve {
  const asking = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    const known = asking.get(hostname);
    if (known !== undefined) return known;
    const answer = resolve(hostname).finally(() => asking.delete(hostname));
    asking.set(hostname, answer);
    return answer;
  };
}

function ranges(...texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [network = '', bits] = text.split('/');
    list.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

const loopback = ranges('127.0.0.0/8', '::1/128');
/** IANA's registries of special-purpose addresses, and multicast. */
const special4 = ranges(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
);
/** Nothing outside is global: not mapped IPv4 and NAT64, which stand for addresses of the other kind, either. */
const global6 = ranges('2000::/3');
/** Protocol assignments with Teredo, documentation, 6to4. */
const special6 = ranges('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20');

/** Whether anybody may be sent to this address: it is global, so no machine or network of the reader's own answers. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
    default:
      return false;
  }
}

export function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && loopback.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * The lookup of a socket: it connects to the very addresses that were checked, so no second answer of a name server can
 * take it elsewhere. One address that is not accepted refuses the name.
 */
export function checkedLookup(host: string, resolve: Resolve, accepts: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => accepts(address))) {
          callback(refused(host, 'privateAddress'), '');
        } else if (options.all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error('No address'), '');
      },
    );
  };
}
