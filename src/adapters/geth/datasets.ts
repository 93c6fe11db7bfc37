import { createHash } from 'node:crypto';
import { link, lstat, open, readdir, rm, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { datasetFileBytes, datasetFileName, epochOf } from '../../core/ledger/ethash';
import type { NetworkProfile } from '../../core/ledger/network';
import type { Log } from '../../core/ports/log';
import { hasCode } from '../systemError';
import { chainFolders } from './chainFolder';
import { freeBytes, leastFree } from './diskSpace';
import { freeMemory } from './freeMemory';
import { hasFullDataset } from './gethConfig';

/** Where geth keeps datasets for all chains of a user, unless it is told another folder. */
export function usualDatasetFolder(environment: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Ethash');
  if (process.platform === 'win32') return join(environment['LOCALAPPDATA'] ?? homedir(), 'Ethash');
  return join(homedir(), '.ethash');
}

/**
 * SHA-256 of the files of the first epochs, in their order, as geth 1.11.6 makes them. A dataset follows from its epoch
 * alone, and geth looks at its first 8 bytes only: with a damaged one it would mine blocks that every other machine refuses.
 */
const knownDatasets = ['eeea94d40618f94590f470771dd2dbcd8390dc2c2b6029519d3c2b65f807be1b'];

/** Bytes that mining takes beside the dataset itself: a cache of 16 MiB to make it from, and the node's own heap. */
const besideDataset = 192 * 2 ** 20;

interface DatasetFile {
  readonly bytes: number;
  /** Undefined for an epoch of which it is not known. */
  readonly sha256: string | undefined;
}

function fullDataset(epoch: number): DatasetFile {
  return { bytes: datasetFileBytes(epoch), sha256: knownDatasets[epoch] };
}

export interface DatasetOptions {
  readonly folder: string;
  readonly network: NetworkProfile;
  /** The user's own, from which whole datasets are taken. It is read and nothing else. */
  readonly userFolder: string | undefined;
  readonly log: Log;
  /** What the file of an epoch has to be; `fullDataset` unless given. */
  readonly expected?: (epoch: number) => DatasetFile;
  /** Of this machine unless given. */
  readonly freeMemory?: () => number | undefined;
  readonly freeDisk?: (folder: string) => Promise<number>;
}

/** The datasets of one launch of a network's node. One for the small dataset has nothing to do. */
export class Datasets {
  readonly #options: DatasetOptions;
  readonly #folder: string;
  readonly #expected: (epoch: number) => DatasetFile;
  /** Files whose content was found right, by path, size and time. */
  readonly #proved = new Set<string>();

  constructor(options: DatasetOptions) {
    this.#options = options;
    this.#expected = options.expected ?? fullDataset;
    this.#folder = chainFolders(options.folder, options.network).datasets;
  }

  /**
   * Before mining is begun: takes what the user's folder has, and removes what of ours is proved to be damaged. `generates`
   * is the epoch whose dataset the node makes now. `miningRefused` where memory or disk do not suffice.
   */
  async prepare(nextBlock: number, generates: number | undefined, signal: AbortSignal): Promise<void> {
    const { network } = this.#options;
    if (!hasFullDataset(network)) return;
    const epoch = epochOf(nextBlock);
    this.#checkMemory(epoch);
    let missing = 0;
    // The node makes the next one in advance, as soon as it has this one.
    for (const each of [epoch, epoch + 1]) {
      if (each === generates || (await this.#has(each, signal)) || (await this.#take(each, signal))) continue;
      missing += this.#expected(each).bytes;
    }
    await this.#checkDisk(missing);
  }

  #checkMemory(epoch: number): void {
    const needed = this.#expected(epoch).bytes + besideDataset;
    const free = (this.#options.freeMemory ?? freeMemory)();
    if (free === undefined || free >= needed) return;
    throw new DaoChainError('miningRefused', 'Too little memory for the dataset', {
      details: { reason: 'memory', needed: needed.toString(), free: free.toString() },
    });
  }

  async #checkDisk(missing: number): Promise<void> {
    if (missing === 0) return;
    const needed = missing + leastFree * 2 ** 20;
    const free = await (this.#options.freeDisk ?? freeBytes)(this.#folder).catch(() => undefined);
    if (free === undefined || free >= needed) return;
    throw new DaoChainError('miningRefused', 'Too little room for the dataset', {
      details: { reason: 'disk', needed: needed.toString(), free: free.toString(), folder: this.#folder },
    });
  }

  async #has(epoch: number, signal: AbortSignal): Promise<boolean> {
    const file = join(this.#folder, datasetFileName(epoch));
    if ((await lstat(file).catch(() => undefined)) === undefined) return false;
    if (await this.#isWhole(file, epoch, signal)) return true;
    this.#options.log.warn(`The dataset ${file} is damaged; it is made again`);
    // A link to the user's file goes, not what it leads to.
    await rm(file, { force: true });
    return false;
  }

  /** By a link: nothing that is done in our folder, by us or by the node, changes or removes what the user has. */
  async #take(epoch: number, signal: AbortSignal): Promise<boolean> {
    const { userFolder, log } = this.#options;
    if (userFolder === undefined || this.#expected(epoch).sha256 === undefined) return false;
    const [theirs, ours] = [userFolder, this.#folder].map((folder) => join(folder, datasetFileName(epoch)));
    if (theirs === undefined || ours === undefined || !(await this.#isWhole(theirs, epoch, signal))) return false;
    try {
      // Not every user of Windows may make symbolic links.
      await symlink(theirs, ours).catch(() => link(theirs, ours));
    } catch (error) {
      log.warn(`The dataset ${theirs} cannot be used: ${String(error)}`);
      return false;
    }
    log.info(`The dataset ${theirs} is used`);
    return true;
  }

  async #isWhole(file: string, epoch: number, signal: AbortSignal): Promise<boolean> {
    try {
      const { size, mtimeMs } = await stat(file);
      const expected = this.#expected(epoch);
      if (size !== expected.bytes) return false;
      const name = `${file} ${size} ${mtimeMs}`;
      if (expected.sha256 === undefined || this.#proved.has(name)) return true;
      if ((await sha256(file, signal)) !== expected.sha256) return false;
      this.#proved.add(name);
      return true;
    } catch (error) {
      throwIfCancelled(signal);
      if (!hasCode(error)) throw error;
      return false;
    }
  }
}

/**
 * Removes what interrupted generations of a dataset left: they cannot be taken up again, and each left a gigabyte. Called
 * when nobody writes any of it: our node has the folder and was not asked to mine yet, or has just ended.
 */
export async function removeDrafts(folder: string, network: Pick<NetworkProfile, 'chainId'>): Promise<void> {
  const { datasets } = chainFolders(folder, network);
  for (const name of await readdir(datasets).catch(() => [])) {
    if (/^full-R23-[0-9a-f]{16}\.\d+$/.test(name)) await rm(join(datasets, name), { force: true });
  }
}

async function sha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const chunk = Buffer.alloc(2 ** 20);
    for (;;) {
      throwIfCancelled(signal);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
