import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { link, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Hex, Hex32 } from '../../core/hex';
import { formatAddress, hubReach, isNodeKey, isReachable, parseAddress } from '../../core/ledger/hub';
import { isNameTaken, mostAdmitted, mostHubs, parseNetworkProfile, type TeamProfile } from '../../core/ledger/network';
import { parseStrictJson } from '../../core/json/strictJson';
import type { Turn, Turns } from '../../core/ports/files';
import type {
  DamagedNetwork,
  FollowedNetwork,
  FollowedNetworks,
  NetworkChange,
  NetworkPlace,
  NetworkStore,
} from '../../core/ports/networks';
import { draftOf, removeOldDrafts } from '../draft';
import { renameFile } from '../renameFile';
import { syncFolder } from '../syncFolder';
import { hasCode } from '../systemError';
import { createFile, replaceFile } from './createFile';
import { moveAside } from './moveAside';
import { nodeKeyIn } from './nodeKey';

/** A profile holds the code of one contract; a hub knows some hundred machines. */
const largestFile = 2 ** 20;

/** Literal, and no address that stands for all of the machine's. */
const listenSchema = v.pipe(
  v.strictObject({ host: v.pipe(v.string(), v.maxLength(45)), port: v.number() }),
  v.check((address) => parseAddress(formatAddress(address)) !== undefined && isReachable(hubReach(address.host))),
);
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

/** A turn is waited for as long as the turns say. */
const never = new AbortController().signal;

/**
 * The followed networks of one data folder: `networks/<chain ID>/` each, and `networks.json`, which says which one is home.
 * None of them is ever deleted.
 */
export class NetworksFolder implements NetworkStore {
  readonly #folder: string;
  readonly #networks: string;
  readonly #homeFile: string;
  readonly #releasedCodes: readonly Hex[];
  readonly #turns: Turns;

  constructor(folder: string, releasedCodes: readonly Hex[], turns: Turns) {
    this.#folder = folder;
    this.#networks = join(folder, 'networks');
    this.#homeFile = join(folder, 'networks.json');
    this.#releasedCodes = releasedCodes;
    this.#turns = turns;
  }

  read(): FollowedNetworks {
    const networks: FollowedNetwork[] = [];
    const damaged: DamagedNetwork[] = [];
    for (const chainId of this.#chainIds()) {
      try {
        const found = this.#readOne(chainId);
        if (found !== undefined) networks.push(found);
      } catch (error) {
        if (!isDaoChainError(error)) throw error;
        damaged.push({ chainId, folder: this.#folderOf(chainId), error });
      }
    }
    return { home: this.#home(networks, damaged), networks, damaged };
  }

  async add(profile: TeamProfile, place: NetworkPlace): Promise<FollowedNetwork> {
    return inTurn(this.#turns, async () => {
      const folder = this.#folderOf(profile.chainId);
      if (isThere(profileFile(folder))) throw refused('alreadyFollowed');
      this.#check({ profile, place, folder });
      await mkdir(this.#networks, { recursive: true, mode: 0o700 });
      const draft = draftOf(folder);
      await mkdir(draft, { mode: 0o700 });
      try {
        await createFile(placeFile(draft), placeText(place));
        await createFile(profileFile(draft), profileText(profile));
        await nameFolder(draft, folder);
        await syncFolder(this.#networks);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
      await removeOldDrafts(folder, (await stat(profileFile(folder))).mtimeMs, true);
      return { profile, place, folder };
    });
  }

  async change(chainId: number, change: (network: FollowedNetwork) => NetworkChange): Promise<FollowedNetwork> {
    return inTurn(this.#turns, async () => {
      const before = this.#followed(chainId);
      const { place = before.place, ...changed } = change(before);
      const after = { ...before, place, profile: { ...before.profile, ...changed } };
      this.#check(after);
      if (placeText(place) !== placeText(before.place)) await replaceFile(placeFile(before.folder), placeText(place));
      const text = profileText(after.profile);
      if (text !== profileText(before.profile)) await replaceFile(profileFile(before.folder), text);
      return after;
    });
  }

  async setHome(chainId: 'development' | number): Promise<void> {
    await inTurn(this.#turns, async () => {
      if (chainId !== 'development') this.#followed(chainId);
      await this.#writeHome(chainId);
    });
  }

  async leave(chainId: number): Promise<string> {
    return inTurn(this.#turns, async () => {
      if (!isThere(profileFile(this.#folderOf(chainId)))) throw refused('notFollowed');
      const home = this.#storedHome();
      if (home === chainId) await this.#writeHome('development');
      return moveAside(this.#networks, chainId);
    });
  }

  async nodeKey(chainId: number): Promise<string> {
    return nodeKeyIn(nodeKeyFile(this.#followed(chainId).folder));
  }

  /** Whether it can be read again once it is written, and nobody takes it for another network. `networkInvalid`. */
  #check({ profile, place }: FollowedNetwork): void {
    if (profile.hubs.length > mostHubs) throw refused('hubsFull');
    if (place.admitted.length > mostAdmitted) throw refused('admittedFull');
    this.#parse(new TextEncoder().encode(profileText(profile)));
    parsePlace(new TextEncoder().encode(placeText(place)));
    const others = this.read().networks.filter((other) => other.profile.chainId !== profile.chainId);
    if (
      isNameTaken(
        profile.name,
        others.map((other) => other.profile),
      )
    )
      throw refused('nameTaken', undefined, undefined, profile.name);
  }

  #parse(bytes: Uint8Array): TeamProfile {
    const profile = parseNetworkProfile(bytes, { releasedCodes: this.#releasedCodes, ledgers: [] });
    if (profile.kind !== 'team') throw refused('genesis');
    return profile;
  }

  #folderOf(chainId: number): string {
    return join(this.#networks, chainId.toString());
  }

  #chainIds(): readonly number[] {
    try {
      const names = readdirSync(this.#networks).filter((name) => /^[1-9]\d{0,15}$/.test(name));
      return names.map(Number).filter(Number.isSafeInteger);
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
    const file = profileFile(folder);
    const bytes = readSmall(file);
    if (bytes === undefined) return undefined;
    let profile;
    try {
      profile = this.#parse(bytes);
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      throw refused(error.details['reason'] ?? 'shape', file, error);
    }
    if (profile.chainId !== chainId) throw refused('genesis', file);
    return { profile, place: readPlace(placeFile(folder)), folder };
  }

  #home(networks: readonly FollowedNetwork[], damaged: readonly DamagedNetwork[]): FollowedNetworks['home'] {
    const home = this.#storedHome();
    if (typeof home !== 'number') return home;
    const itself = damaged.find(({ chainId }) => chainId === home);
    return (
      networks.find(({ profile }) => profile.chainId === home) ?? itself?.error ?? refused('homeGone', this.#homeFile)
    );
  }

  /** Whatever is followed. */
  #storedHome(): 'development' | number | DaoChainError {
    try {
      const bytes = readSmall(this.#homeFile);
      if (bytes === undefined) return 'development';
      const { home } = v.parse(homeSchema, parseStrictJson(bytes, { bytes: 1_024, depth: 4 }));
      // The development network has no chain ID before it was made.
      return home === 0 ? 'development' : home;
    } catch (error) {
      return refused('shape', this.#homeFile, error);
    }
  }

  async #writeHome(chainId: 'development' | number): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(this.#homeFile, JSON.stringify({ version: 1, home: chainId === 'development' ? 0 : chainId }));
  }
}

/** All that is changed of what is followed, one after another among all windows and commands. */
export async function inTurn<T>(turns: Turns, action: () => Promise<T>): Promise<T> {
  let turn: Turn;
  try {
    turn = await turns.take('networks', never, () => undefined);
  } catch (error) {
    throw isDaoChainError(error, 'walletBusy') ? refused('busy', undefined, error) : error;
  }
  try {
    return await action();
  } finally {
    await turn.end();
  }
}

export function nodeKeyFile(folder: string): string {
  return join(folder, 'nodekey');
}

function profileFile(folder: string): string {
  return join(folder, 'network.json');
}

function placeFile(folder: string): string {
  return join(folder, 'place.json');
}

/**
 * Gives a folder that is complete its name, unless a network has it. What has it beside is left of one that was followed before,
 * such as its chain or what a window read after the network was left: that is the network's, and stays.
 */
async function nameFolder(draft: string, folder: string): Promise<void> {
  try {
    await renameFile(draft, folder);
  } catch (error) {
    if (!isThere(folder)) throw error;
    if (isThere(profileFile(folder))) throw refused('alreadyFollowed');
    await renameFile(placeFile(draft), placeFile(folder));
    await link(profileFile(draft), profileFile(folder));
    await syncFolder(folder);
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return !hasCode(error, 'ENOENT');
  }
}

function readPlace(file: string): NetworkPlace {
  const bytes = readSmall(file);
  if (bytes === undefined) return emptyPlace;
  try {
    return parsePlace(bytes);
  } catch (error) {
    throw refused('shape', file, error);
  }
}

function parsePlace(bytes: Uint8Array): NetworkPlace {
  const { listen, admitted, checkpoint } = v.parse(
    placeSchema,
    parseStrictJson(bytes, { bytes: largestFile, depth: 6 }),
  );
  return { admitted, ...(listen !== undefined && { listen }), ...(checkpoint !== undefined && { checkpoint }) };
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

export function refused(reason: string, file?: string, cause?: unknown, name?: string): DaoChainError {
  return new DaoChainError('networkInvalid', `A network cannot be used: ${reason}`, {
    details: { reason, ...(file !== undefined && { file, isFollowed: 'true' }), ...(name !== undefined && { name }) },
    cause,
  });
}
