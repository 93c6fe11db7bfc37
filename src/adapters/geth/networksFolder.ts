import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Hex, Hex32 } from '../../core/hex';
import { isNodeKey } from '../../core/ledger/hub';
import { parseNetworkProfile, type TeamProfile } from '../../core/ledger/network';
import { parseStrictJson } from '../../core/json/strictJson';
import type { FollowedNetwork, FollowedNetworks, NetworkPlace, NetworkStore } from '../../core/ports/networks';
import { hasCode } from '../systemError';
import { createFile, replaceFile } from './createFile';
import { moveAside } from './moveAside';
import { nodeKeyIn } from './nodeKey';

/** A profile holds the code of one contract; a hub knows some hundred machines. */
const largestFile = 2 ** 20;
const mostAdmitted = 1_000;

const listenSchema = v.strictObject({
  host: v.pipe(v.string(), v.maxLength(45)),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
});
const placeSchema = v.strictObject({
  version: v.literal(1),
  listen: v.optional(listenSchema),
  admitted: v.pipe(
    v.array(v.strictObject({ nodeKey: v.pipe(v.string(), v.check(isNodeKey)), machine: v.string() })),
    v.maxLength(mostAdmitted),
  ),
  checkpoint: v.optional(
    v.strictObject({
      number: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      hash: v.pipe(
        v.string(),
        v.regex(/^0x[0-9a-f]{64}$/),
        v.transform((hash) => hash as Hex32),
      ),
    }),
  ),
});
const homeSchema = v.strictObject({ version: v.literal(1), home: v.pipe(v.number(), v.safeInteger()) });

const emptyPlace: NetworkPlace = { admitted: [] };

/**
 * The followed networks of one data folder: `networks/<chain ID>/` each, and `networks.json`, which says which one is home.
 * None of them is ever deleted.
 */
export class NetworksFolder implements NetworkStore {
  readonly #folder: string;
  readonly #networks: string;
  readonly #homeFile: string;
  readonly #releasedCodes: readonly Hex[];

  constructor(folder: string, releasedCodes: readonly Hex[]) {
    this.#folder = folder;
    this.#networks = join(folder, 'networks');
    this.#homeFile = join(folder, 'networks.json');
    this.#releasedCodes = releasedCodes;
  }

  read(): FollowedNetworks {
    const networks: FollowedNetwork[] = [];
    const damaged: DaoChainError[] = [];
    for (const name of this.#names()) {
      try {
        const found = this.#readOne(Number(name));
        if (found !== undefined) networks.push(found);
      } catch (error) {
        if (!isDaoChainError(error)) throw error;
        damaged.push(error);
      }
    }
    return { home: this.#home(networks, damaged), networks, damaged };
  }

  async add(profile: TeamProfile, place: NetworkPlace): Promise<FollowedNetwork> {
    const folder = this.#folderOf(profile.chainId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'place.json');
    if (existsSync(join(folder, 'network.json'))) throw refused('alreadyFollowed');
    // The profile comes last: the network is followed from then on.
    await replaceFile(file, placeText(place));
    if (!(await createFile(join(folder, 'network.json'), profileText(profile)))) throw refused('alreadyFollowed');
    return { profile, place, folder };
  }

  async changeProfile(profile: TeamProfile): Promise<void> {
    const { folder } = this.#followed(profile.chainId);
    await replaceFile(join(folder, 'network.json'), profileText(profile));
  }

  async changePlace(chainId: number, place: NetworkPlace): Promise<void> {
    const { folder } = this.#followed(chainId);
    await replaceFile(join(folder, 'place.json'), placeText(place));
  }

  async setHome(chainId: 'development' | number): Promise<void> {
    if (chainId !== 'development') this.#followed(chainId);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // The development network has no chain ID before it was made.
    await replaceFile(this.#homeFile, JSON.stringify({ version: 1, home: chainId === 'development' ? 0 : chainId }));
  }

  async leave(chainId: number): Promise<string> {
    this.#followed(chainId);
    const { home } = this.read();
    if (home !== 'development' && !isDaoChainError(home) && home.profile.chainId === chainId)
      await this.setHome('development');
    return moveAside(this.#networks, chainId);
  }

  async nodeKey(chainId: number): Promise<string> {
    return nodeKeyIn(nodeKeyFile(this.#folderOf(chainId)));
  }

  #folderOf(chainId: number): string {
    return join(this.#networks, chainId.toString());
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#networks).filter((name) => /^[1-9]\d{0,15}$/.test(name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw refused('shape', this.#networks, error);
    }
  }

  #followed(chainId: number): FollowedNetwork {
    const found = this.#readOne(chainId);
    if (found === undefined) throw refused('notFollowed');
    return found;
  }

  /** Undefined where a network was never followed whole. */
  #readOne(chainId: number): FollowedNetwork | undefined {
    const folder = this.#folderOf(chainId);
    const file = join(folder, 'network.json');
    const bytes = readSmall(file);
    if (bytes === undefined) return undefined;
    let profile;
    try {
      profile = parseNetworkProfile(bytes, { releasedCodes: this.#releasedCodes, ledgers: [] });
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      throw refused(error.details['reason'] ?? 'shape', file, error);
    }
    if (profile.kind !== 'team' || profile.chainId !== chainId) throw refused('genesis', file);
    return { profile, place: readPlace(join(folder, 'place.json')), folder };
  }

  #home(networks: readonly FollowedNetwork[], damaged: readonly DaoChainError[]): FollowedNetworks['home'] {
    let home: number;
    try {
      const bytes = readSmall(this.#homeFile);
      if (bytes === undefined) return 'development';
      home = v.parse(homeSchema, parseStrictJson(bytes, { bytes: 1_024, depth: 4 })).home;
    } catch (error) {
      return refused('shape', this.#homeFile, error);
    }
    if (home === 0) return 'development';
    const found = networks.find(({ profile }) => profile.chainId === home);
    const itself = damaged.find(({ details }) => details['file']?.startsWith(join(this.#folderOf(home), '')) === true);
    return found ?? itself ?? refused('homeGone', this.#homeFile);
  }
}

export function nodeKeyFile(folder: string): string {
  return join(folder, 'nodekey');
}

function readPlace(file: string): NetworkPlace {
  const bytes = readSmall(file);
  if (bytes === undefined) return emptyPlace;
  try {
    const { listen, admitted, checkpoint } = v.parse(
      placeSchema,
      parseStrictJson(bytes, { bytes: largestFile, depth: 6 }),
    );
    return {
      admitted,
      ...(listen !== undefined && { listen }),
      ...(checkpoint !== undefined && { checkpoint }),
    };
  } catch (error) {
    throw refused('shape', file, error);
  }
}

function placeText(place: NetworkPlace): string {
  return JSON.stringify({ version: 1, ...place }, undefined, 2);
}

function profileText(profile: TeamProfile): string {
  return JSON.stringify(profile, undefined, 2);
}

/** Undefined where there is none. What stands in the place of a file keeps nobody waiting. `networkInvalid`. */
export function readSmall(file: string): Uint8Array | undefined {
  try {
    // To open a pipe would wait for who writes to it.
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile() || stat.size > largestFile) throw new RangeError('no small file');
      return readFileSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw refused('shape', file, error);
  }
}

export function refused(reason: string, file?: string, cause?: unknown): DaoChainError {
  return new DaoChainError('networkInvalid', `A network cannot be used: ${reason}`, {
    details: { reason, ...(file !== undefined && { file, isFollowed: 'true' }) },
    cause,
  });
}
