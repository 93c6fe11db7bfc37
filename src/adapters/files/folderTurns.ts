import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { link, lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { hasCode } from '../systemError';
import { parseForeignJson } from '../../core/json/foreignJson';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { draftOf, removeOldDrafts } from '../draft';
import { renameFile } from '../renameFile';
import type { Turn, Turns } from '../../core/ports/files';

const holderSchema = v.strictObject({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Where process ids mean the same: a machine, or a container on it. */
  place: v.string(),
  /** New for each turn. */
  token: v.string(),
});
type Holder = v.InferOutput<typeof holderSchema>;

export interface FolderTurnsOptions {
  readonly folder: string;
  /**
   * Milliseconds after which a turn is over whoever has it: its process may have been stopped, or another process may
   * have its ID by now.
   */
  readonly longestTurnMs?: number;
  /** Milliseconds that are waited for a turn. */
  readonly longestWaitMs?: number;
}

/**
 * Turns by files in one folder, one file for each turn that is taken. Linking a complete file is the one way in which two
 * processes never both have it.
 */
export class FolderTurns implements Turns {
  readonly #folder: string;
  readonly #longestTurnMs: number;
  readonly #longestWaitMs: number;

  constructor({ folder, longestTurnMs = 3 * 60_000, longestWaitMs = 5 * 60_000 }: FolderTurnsOptions) {
    this.#folder = folder;
    this.#longestTurnMs = longestTurnMs;
    this.#longestWaitMs = longestWaitMs;
  }

  async take(name: string, signal: AbortSignal, onWait: () => void): Promise<Turn> {
    if (!/^[\w.-]+$/.test(name)) throw new RangeError(`not a name of a turn: ${name}`);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${name}.json`);
    const holder: Holder = { pid: process.pid, place: place(), token: randomBytes(8).toString('hex') };
    const start = Date.now();
    for (let isFirst = true; ; isFirst = false) {
      throwIfCancelled(signal);
      const own = JSON.stringify(holder);
      if (await create(file, own)) return { end: () => remove(file, own) };
      const left = await this.#left(file);
      if (left !== undefined) {
        await (left === noFile ? setAside(file) : remove(file, left));
        continue;
      }
      if (isFirst) onWait();
      if (Date.now() - start > this.#longestWaitMs) throw new DaoChainError('walletBusy', `${name} is not free`);
      // Not in step with the others that wait.
      await delay(20 + 40 * Math.random(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** What the file says, if its turn is over, or that it is none. */
  async #left(file: string): Promise<string | typeof noFile | undefined> {
    try {
      if (!(await lstat(file)).isFile()) return noFile;
      const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
      const holder = parse(text);
      const isGone = holder === undefined || (holder.place === place() && !isRunning(holder.pid));
      return isGone || Math.abs(Date.now() - mtimeMs) > this.#longestTurnMs ? text : undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

/** Turns are linked as files: whatever else is in the place of one is nobody's. It is kept, and in nobody's way any more. */
const noFile = Symbol('no file');

async function setAside(file: string): Promise<void> {
  const taken = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    await renameFile(file, taken);
    // Another process was faster, and has its turn.
    if ((await lstat(taken)).isFile()) {
      await link(taken, file);
      await rm(taken);
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error;
  }
}

/** Removes the file that contains `text`, unless another process has the turn by now. */
async function remove(file: string, text: string): Promise<void> {
  const taken = draftOf(file);
  try {
    await renameFile(file, taken);
    if ((await readFile(taken, 'utf8')) !== text) await link(taken, file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error;
  } finally {
    await rm(taken, { force: true });
  }
}

/** True if the file says `text` now, false if there is one already. */
async function create(file: string, text: string): Promise<boolean> {
  const draft = draftOf(file);
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await link(draft, file);
    // The folder has nothing but turns.
    await removeOldDrafts(file, (await stat(draft)).mtimeMs, true);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A damaged file is nobody's turn, because a turn's file is linked only once it is complete. */
function parse(text: string): Holder | undefined {
  const holder = v.safeParse(holderSchema, parseForeignJson(text));
  return holder.success ? holder.output : undefined;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is somebody else's.
    return hasCode(error, 'EPERM');
  }
}

function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
