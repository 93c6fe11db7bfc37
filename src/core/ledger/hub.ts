import { concatBytes } from '@noble/hashes/utils';
import { fromHex, toHex } from '../hex';

/** A machine of a network that listens: the key of its node and where it is reached. */
export interface Hub {
  /** 128 lower-case hex digits, the node's public key. */
  readonly nodeKey: string;
  /** A literal IPv4 or IPv6 address in its one canonical form, never a name. */
  readonly host: string;
  /** TCP. */
  readonly port: number;
}

/** What kind of address a hub has. Nobody joins a network through one that is `refused`. */
export type HubReach =
  | 'public'
  /** Of a local network or a VPN: it leads to another machine wherever else it is used. */
  | 'private'
  /** This machine itself. */
  | 'loopback'
  | 'unspecified'
  /** Of the cable, and where clouds answer for their machines' secrets. */
  | 'linkLocal'
  | 'multicast'
  | 'reserved';

export function isReachable(reach: HubReach): boolean {
  return reach === 'public' || reach === 'private';
}

/** The prime of secp256k1's field: the curve is y² = x³ + 7 over it. */
const fieldPrime = 2n ** 256n - 2n ** 32n - 977n;

/** A point of the curve. geth does not start with a hub or an admitted node whose key is none. */
export function isNodeKey(text: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(text)) return false;
  const [x, y] = [BigInt(`0x${text.slice(0, 64)}`), BigInt(`0x${text.slice(64)}`)];
  return x < fieldPrime && y < fieldPrime && (y * y - x * x * x - 7n) % fieldPrime === 0n;
}

/** As geth takes it: `enode://key@host:port`. */
export function formatHub({ nodeKey, ...address }: Hub): string {
  return `enode://${nodeKey}@${formatAddress(address)}`;
}

/** `1.2.3.4:5`, `[2001:db8::1]:5`. */
export function formatAddress({ host, port }: Pick<Hub, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port.toString()}`;
}

/** Undefined for anything but the one form of a hub with a literal address; which addresses are meant is another question. */
export function parseHub(text: string): Hub | undefined {
  const [, nodeKey = '', rest = ''] = /^enode:\/\/([0-9a-f]{128})@(.+)$/s.exec(text) ?? [];
  const address = parseAddress(rest);
  return address === undefined || !isNodeKey(nodeKey) ? undefined : { nodeKey, ...address };
}

/** `host:port` with a literal address, an IPv6 one in brackets, as {@link formatAddress} writes it; undefined for anything else. */
export function parseAddress(text: string): Pick<Hub, 'host' | 'port'> | undefined {
  const found = /^(?:\[([0-9a-f:.]{2,45})\]|([0-9.]{7,15})):([1-9][0-9]{0,4})$/.exec(text);
  if (found === null) return undefined;
  const [, six, four, digits] = found;
  const [host, port] = [six ?? four ?? '', Number(digits)];
  const bytes = six === undefined ? parseFour(host) : parseSix(host);
  return bytes === undefined || port > 65_535 ? undefined : { host, port };
}

/** Key (64 bytes), 4 or 6, address (4 or 16), port (2). */
export function hubToBytes({ nodeKey, host, port }: Hub): Uint8Array {
  const four = parseFour(host);
  const address = four ?? (parseSix(host) ?? []).flatMap((group) => [group >> 8, group & 255]);
  const kind = four === undefined ? 6 : 4;
  return concatBytes(fromHex(`0x${nodeKey}`), Uint8Array.of(kind, ...address, port >> 8, port & 255));
}

/** Takes what {@link hubToBytes} wrote from the front; undefined for anything else. */
export function hubFromBytes(take: (length: number) => Uint8Array): Hub | undefined {
  const nodeKey = toHex(take(64)).slice(2);
  const [kind] = take(1);
  if (kind !== 4 && kind !== 6) return undefined;
  const bytes = take(kind === 4 ? 4 : 16);
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const [high = 0, low = 0] = take(2);
  const hub = { nodeKey, host: kind === 4 ? bytes.join('.') : formatSix(groups), port: (high << 8) | low };
  return parseHub(formatHub(hub));
}

/** Of a hub's host. */
export function hubReach(host: string): HubReach {
  const four = parseFour(host);
  if (four !== undefined) return reachOfFour(four);
  const six = parseSix(host);
  return six === undefined ? 'reserved' : reachOfSix(six);
}

/** IANA's registry of special-purpose IPv4 addresses. */
function reachOfFour([a = 0, b = 0, c = 0, d = 0]: readonly number[]): HubReach {
  if (a === 0) return 'unspecified';
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return 'linkLocal';
  // Alibaba's and Microsoft's clouds answer there for their machines.
  if (a === 100 && b === 100 && c === 100) return 'linkLocal';
  if (a === 168 && b === 63 && c === 129 && d === 16) return 'linkLocal';
  if (a >= 224 && a < 240) return 'multicast';
  if (a >= 240) return 'reserved';
  if (a === 192 && b === 0 && (c === 0 || c === 2)) return 'reserved';
  if (a === 192 && b === 88 && c === 99) return 'reserved';
  if (a === 198 && b === 51 && c === 100) return 'reserved';
  if (a === 203 && b === 0 && c === 113) return 'reserved';
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 198 && (b === 18 || b === 19));
  return isPrivate ? 'private' : 'public';
}

/**
 * What comes after `fd00:` where clouds answer for their machines' secrets: of Amazon, Oracle, Scaleway, Akamai and Alibaba.
 * Google's is `fd20:ce::/32`.
 */
const cloudsOfSix = [0xec2, 0xc1, 0x42, 0xa9fe, 0x100];

/** IANA's registry of special-purpose IPv6 addresses. */
function reachOfSix(groups: readonly number[]): HubReach {
  const [first = 0, second = 0] = groups;
  const rest = groups.slice(0, 7).every((group) => group === 0);
  if (rest && groups[7] === 0) return 'unspecified';
  if (rest && groups[7] === 1) return 'loopback';
  if (first >= 0xff00) return 'multicast';
  if (first >= 0xfe80 && first < 0xfec0) return 'linkLocal';
  if (first === 0xfd00 && cloudsOfSix.includes(second)) return 'linkLocal';
  if (first === 0xfd20 && second === 0xce) return 'linkLocal';
  if (first >= 0xfc00 && first < 0xfe00) return 'private';
  const isGlobal = first >= 0x2000 && first < 0x4000;
  const isSpecial = (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || first === 0x2002 || first >= 0x3fff;
  return isGlobal && !isSpecial ? 'public' : 'reserved';
}

/** Four numbers, without leading zeros, which some programs read as octal. */
function parseFour(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const isCanonical = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  return isCanonical ? parts.map(Number) : undefined;
}

/** Eight groups, if `text` is their canonical form (RFC 5952) and no IPv4 address is within. */
function parseSix(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - before.length - after.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every((group) => /^(?:0|[1-9a-f][0-9a-f]{0,3})$/.test(group))) return undefined;
  const numbers = groups.map((group) => Number.parseInt(group, 16));
  return formatSix(numbers) === text ? numbers : undefined;
}

/** The longest run of two zeros or more becomes `::`, the first of equal ones. */
function formatSix(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = Math.max(0, ...runs.map(([run]) => run.length));
  const run = runs.find(([each]) => each.length === longest);
  if (run === undefined) return text;
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + longest).replace(/^:/, '')}`;
}
