import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { fromBase64url, toBase64url } from '../base64url';
import { DaoChainError } from '../errors';
import { fromHex, toHex, type Hex } from '../hex';
import type { Checkpoint } from '../ports/networks';
import { formatHub, hubFromBytes, hubReach, hubToBytes, isReachable, parseHub } from './hub';
import { readLink, refuseLink } from './linkText';
import { createTeamNetwork, parseNetworkProfile, type NetworkFault, type TeamProfile } from './network';
import type { LedgerId } from './types';

/** What a link or a file is compared with before anybody is shown it. */
export interface KnownNetworks {
  readonly releasedCodes: readonly Hex[];
  readonly ledgers: readonly LedgerId[];
  /** The followed networks. */
  readonly followed: readonly TeamProfile[];
}

export interface Joining {
  readonly profile: TeamProfile;
  readonly checkpoint: Checkpoint | undefined;
}

/** Characters. One with three hubs, four witnesses, a checkpoint and the longest name of letters has some 700. */
const longestLink = 16_384;

/**
 * `vscode://daochain.daochain/network?v=1&d=…`: the values that are free in a profile, and nothing that follows from them, so
 * that no link can lie about a ledger. `d` is base64url of: salt (32 bytes), code (the first 8 of its keccak256), dataset,
 * confirmations (2), witnesses (number, 20 each), threshold, hubs (number, see `hubToBytes`), name (2 of length, UTF-8),
 * checkpoint (1 if there is one, number in 6, hash), and the first 4 bytes of keccak256 of all that.
 */
export function joinLink(profile: TeamProfile, checkpoint?: Checkpoint): string {
  const { genesis, ledgerAddress, dataset, confirmations, witnesses, threshold, hubs, name } = profile;
  const code = fromHex(genesis.alloc[ledgerAddress]?.code ?? '0x');
  const hubBytes = hubs.map((text) => {
    const hub = parseHub(text);
    if (hub === undefined) throw new RangeError('a profile has hubs with literal addresses');
    return hubToBytes(hub);
  });
  const nameBytes = new TextEncoder().encode(name);
  const body = concatBytes(
    fromHex(genesis.extraData),
    keccak_256(code).slice(0, 8),
    Uint8Array.of(dataset === 'full' ? 1 : 0),
    number(confirmations, 2),
    Uint8Array.of(witnesses.length),
    ...witnesses.map(fromHex),
    Uint8Array.of(threshold, hubs.length),
    ...hubBytes,
    number(nameBytes.length, 2),
    nameBytes,
    ...(checkpoint === undefined
      ? [Uint8Array.of(0)]
      : [Uint8Array.of(1), number(checkpoint.number, 6), fromHex(checkpoint.hash)]),
  );
  return `vscode://daochain.daochain/network?v=1&d=${toBase64url(concatBytes(body, checkOf(body)))}`;
}

/** The network of a link that anybody can have written. `linkInvalid` with a `NetworkLinkFault`, `networkInvalid` with a `NetworkFault`. */
export function parseJoinLink(text: string, known: KnownNetworks): Joining {
  const { v, d } = readLink(text, {
    path: 'network',
    longest: longestLink,
    members: ['v', 'd'],
    notOurs: 'notNetwork',
  });
  if (v !== '1') refuseLink(/^[1-9]\d{0,3}$/.test(v) ? 'newer' : 'encoding', v);
  const bytes = fromBase64url(d) ?? refuseLink('encoding', d.slice(0, 64));
  const body = bytes.subarray(0, -4);
  if (bytes.length < 4 || toHex(checkOf(body)) !== toHex(bytes.subarray(-4))) refuseLink('damaged');
  const read = new Reader(body);
  const extraData = read.bytes(32);
  const codeHash = toHex(read.bytes(8));
  const ledgerCode = known.releasedCodes.find((code) => toHex(keccak_256(fromHex(code)).slice(0, 8)) === codeHash);
  if (ledgerCode === undefined) throw invalid('ledgerCode');
  const dataset = (['small', 'full'] as const)[read.number(1)] ?? refuseLink('damaged');
  const confirmations = read.number(2);
  const witnesses = read.list(() => toHex(read.bytes(20)));
  const threshold = read.number(1);
  const hubs = read.list(() => formatHub(hubFromBytes((length) => read.bytes(length)) ?? refuseLink('damaged')));
  const name = read.text(read.number(2));
  const checkpoint = read.number(1) === 0 ? undefined : { number: read.number(6), hash: toHex(read.bytes(32)) };
  read.end();
  const free = { name, kind: 'team', dataset, confirmations, witnesses, threshold, hubs } as const;
  const profile = createTeamNetwork(free, extraData, ledgerCode);
  // The one reader of profiles decides what a network may be.
  return { profile: profileForJoining(new TextEncoder().encode(JSON.stringify(profile)), known), checkpoint };
}

/** The profile of a file that anybody can have written. `networkInvalid` with a `NetworkFault`. */
export function profileForJoining(bytes: Uint8Array, known: KnownNetworks): TeamProfile {
  const profile = parseNetworkProfile(bytes, known);
  if (profile.kind !== 'team') throw invalid('development');
  const stranger = profile.hubs.map(parseHub).find((hub) => hub === undefined || !isReachable(hubReach(hub.host)));
  if (stranger !== undefined) throw invalid('hubReach', formatHub(stranger));
  // Two names alike would let one network be taken for the other.
  if (known.followed.some(({ chainId }) => chainId === profile.chainId)) throw invalid('alreadyFollowed', profile.name);
  const names = ['development', ...known.followed.map(({ name }) => name)].map(comparable);
  if (names.includes(comparable(profile.name))) throw invalid('nameTaken', profile.name);
  return profile;
}

/** Names that people read alike. */
function comparable(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function checkOf(body: Uint8Array): Uint8Array {
  return keccak_256(body).slice(0, 4);
}

function number(value: number, length: number): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(2 * length, '0')}`);
}

/** Takes bytes from the front; `linkInvalid` where there are too few or too many. */
class Reader {
  #at = 0;

  constructor(private readonly all: Uint8Array) {}

  bytes(length: number): Uint8Array {
    const found = this.all.slice(this.#at, this.#at + length);
    if (found.length < length) refuseLink('damaged');
    this.#at += length;
    return found;
  }

  number(length: number): number {
    return Number(toHex(this.bytes(length)));
  }

  list<T>(read: () => T): readonly T[] {
    return Array.from({ length: this.number(1) }, read);
  }

  text(length: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes(length));
    } catch {
      return refuseLink('damaged');
    }
  }

  end(): void {
    if (this.#at !== this.all.length) refuseLink('damaged');
  }
}

function invalid(reason: NetworkFault, value = ''): DaoChainError {
  return new DaoChainError('networkInvalid', `Nobody joins such a network: ${reason}`, { details: { reason, value } });
}
