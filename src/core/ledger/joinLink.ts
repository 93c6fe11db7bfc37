import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { DaoChainError } from '../errors';
import { fromHex, toHex, type Hex } from '../hex';
import type { JsonValue } from '../json/canonicalJson';
import type { Checkpoint } from '../ports/networks';
import { formatHub, hubFromBytes, hubReach, hubToBytes, isReachable, parseHub, type Hub } from './hub';
import {
  createTeamNetwork,
  isHex32,
  isNameTaken,
  parseNetworkProfile,
  readMembers,
  readProfileJson,
  type NetworkFault,
  type TeamProfile,
} from './network';
import { networkLink, numberBytes, readNetworkLink, refuseLink, textBytes } from './networkLink';
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

/** Characters of a whole link: 64 hubs, 32 witnesses, a checkpoint and the longest name have some 8,500. */
const longestLink = 9_216;
const datasets = ['small', 'full'] as const;

/**
 * `vscode://daochain.daochain/network?…`, of the values that are free in a profile, and nothing that follows from them, so
 * that no link can lie about a ledger: salt (32 bytes), code (the first 8 of its keccak256), dataset, confirmations (2),
 * witnesses (how many, 20 each), threshold, hubs (how many, see `hubToBytes`), name, checkpoint (how many, number in 6 and
 * hash). With three hubs, four witnesses and a checkpoint it stays under 1,000 characters, whatever the name.
 */
export function joinLink(profile: TeamProfile, checkpoint?: Checkpoint): string {
  const { genesis, ledgerAddress, dataset, confirmations, witnesses, threshold, hubs, name } = profile;
  const body = concatBytes(
    fromHex(genesis.extraData),
    codeMark(genesis.alloc[ledgerAddress]?.code ?? '0x'),
    Uint8Array.of(datasets.indexOf(dataset)),
    numberBytes(confirmations, 2),
    ...[Uint8Array.of(witnesses.length), ...witnesses.map(fromHex), Uint8Array.of(threshold)],
    ...[Uint8Array.of(hubs.length), ...hubs.map(knownHub).map(hubToBytes)],
    textBytes(name),
    ...(checkpoint === undefined
      ? [Uint8Array.of(0)]
      : [Uint8Array.of(1), numberBytes(checkpoint.number, 6), fromHex(checkpoint.hash)]),
  );
  return networkLink('network', body);
}

/** The network of a link that anybody can have written. `linkInvalid` with a `NetworkLinkFault`, `networkInvalid` with a `NetworkFault`. */
export function parseJoinLink(text: string, known: KnownNetworks): Joining {
  const read = readNetworkLink(text, 'network', longestLink);
  const extraData = read.bytes(32);
  const mark = toHex(read.bytes(8));
  const dataset = datasets[read.number(1)] ?? refuseLink('damaged');
  const confirmations = read.number(2);
  const witnesses = read.list(() => toHex(read.bytes(20)));
  const threshold = read.number(1);
  const hubs = read.list(() => formatHub(hubFromBytes((length) => read.bytes(length)) ?? refuseLink('damaged')));
  const name = read.text();
  const checkpoints = read.list(() => ({ number: read.number(6), hash: toHex(read.bytes(32)) }));
  read.end();
  // Which block is the first, the ledger's ID says.
  if (checkpoints.length > 1 || checkpoints[0]?.number === 0) refuseLink('damaged');
  const ledgerCode = known.releasedCodes.find((code) => toHex(codeMark(code)) === mark);
  if (ledgerCode === undefined) throw invalid('ledgerCode');
  const free = { name, kind: 'team', dataset, confirmations, witnesses, threshold, hubs } as const;
  const profile = createTeamNetwork(free, extraData, ledgerCode);
  // The one reader of profiles decides what a network may be.
  return {
    profile: profileForJoining(new TextEncoder().encode(JSON.stringify(profile)), known),
    checkpoint: checkpoints[0],
  };
}

function codeMark(code: Hex): Uint8Array {
  return keccak_256(fromHex(code)).slice(0, 8);
}

function knownHub(text: string): Hub {
  const hub = parseHub(text);
  if (hub === undefined) throw new RangeError('a profile has hubs with literal addresses');
  return hub;
}

/** What {@link parseJoinFile} reads. */
export function joinFile(profile: TeamProfile, checkpoint?: Checkpoint): string {
  return `${JSON.stringify({ ...profile, ...(checkpoint !== undefined && { checkpoint }) }, undefined, 2)}\n`;
}

/** The profile of a file that anybody can have written, and the checkpoint beside it. `networkInvalid` with a `NetworkFault`. */
export function parseJoinFile(bytes: Uint8Array, known: KnownNetworks): Joining {
  const { checkpoint, ...profile } = readProfileJson(bytes);
  const given = new TextEncoder().encode(JSON.stringify(profile));
  return {
    profile: profileForJoining(given, known),
    checkpoint: checkpoint === undefined ? undefined : fileCheckpoint(checkpoint),
  };
}

/** Which block is the first, the ledger's ID says. */
function fileCheckpoint(value: JsonValue): Checkpoint {
  const { number, hash, ...more } = readMembers(value);
  const isNumber = typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 2 ** 48;
  if (!isNumber || typeof hash !== 'string' || !isHex32(hash) || Object.keys(more).length > 0) throw invalid('shape');
  return { number, hash };
}

/** `networkInvalid` with a `NetworkFault`. */
function profileForJoining(bytes: Uint8Array, known: KnownNetworks): TeamProfile {
  const profile = parseNetworkProfile(bytes, known);
  if (profile.kind !== 'team') throw invalid('development');
  const stranger = profile.hubs.map(knownHub).find(({ host }) => !isReachable(hubReach(host)));
  if (stranger !== undefined) throw invalid('hubReach', formatHub(stranger));
  if (known.followed.some(({ chainId }) => chainId === profile.chainId)) throw invalid('alreadyFollowed', profile.name);
  if (isNameTaken(profile.name, known.followed)) throw invalid('nameTaken', profile.name);
  if (profile.hubs.length === 0) throw invalid('withoutHub');
  return profile;
}

function invalid(reason: NetworkFault, value = ''): DaoChainError {
  return new DaoChainError('networkInvalid', `Nobody joins such a network: ${reason}`, { details: { reason, value } });
}
