import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from './systemError';
import { throwIfCancelled } from '../core/errors';

/** `absent`: there is none. `notAFile`: a folder, a device, a pipe that is not waited for. `late`: a pipe that did not end. */
export type FileFault = 'absent' | 'notAFile' | 'tooLarge' | 'late' | 'unreadable';

export class FileError extends Error {
  override readonly name = 'FileError';
  readonly fault: FileFault;

  constructor(fault: FileFault, path: string, cause?: unknown) {
    super(`${path}: ${fault}`, { cause });
    this.fault = fault;
  }
}

export interface FileBounds {
  /** Bytes, at most. */
  readonly limit: number;
  /** Where a pipe will do too, as in `--policy <(make policy)`: who ends the waiting for it. */
  readonly pipe?: { readonly signal: AbortSignal; readonly waitMs?: number };
}

export interface BoundedFile {
  readonly bytes: Uint8Array;
  /** As `stat` has them. */
  readonly mode: number;
  readonly uid: number;
}

const pipeWaitMs = 30_000;

/**
 * Reads a file whole and within its bounds. A pipe that nobody writes to, or a device without end, in the place of the
 * file cannot make anybody wait. `FileError`; `cancelled`, for a pipe.
 */
export async function readBoundedFile(path: string, bounds: FileBounds): Promise<BoundedFile> {
  let file: FileHandle;
  try {
    // To open a pipe would wait for who writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new FileError(hasCode(error, 'ENOENT') ? 'absent' : 'unreadable', path, error);
  }
  try {
    const stat = await file.stat();
    const isPipe = stat.isFIFO() && bounds.pipe !== undefined;
    if (!stat.isFile() && !isPipe) throw new FileError('notAFile', path);
    if (stat.isFile() && stat.size > bounds.limit) throw new FileError('tooLarge', path);
    // One byte more than there should be, to see the end.
    const step = Math.min(isPipe ? 64 * 1024 : Math.max(stat.size, 4_095), bounds.limit) + 1;
    const bytes = await readAll(file, path, bounds, { isPipe, step });
    return { bytes, mode: stat.mode, uid: stat.uid };
  } catch (error) {
    if (error instanceof FileError || (error instanceof Error && error.name === 'DaoChainError')) throw error;
    throw new FileError('unreadable', path, error);
  } finally {
    await file.close();
  }
}

/** As {@link readBoundedFile}; undefined where there is none. */
export async function readIfThere(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    return (await readBoundedFile(path, { limit })).bytes;
  } catch (error) {
    if (error instanceof FileError && error.fault === 'absent') return undefined;
    throw error;
  }
}

async function readAll(
  file: FileHandle,
  path: string,
  { limit, pipe }: FileBounds,
  { isPipe, step }: { readonly isPipe: boolean; readonly step: number },
): Promise<Uint8Array> {
  const end = Date.now() + (pipe?.waitMs ?? pipeWaitMs);
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.alloc(step);
    const read = await readSome(file, chunk);
    // As long as nobody has opened a pipe to write to it, reading it looks as if it had ended.
    if (read === 0 && !(isPipe && length === 0)) return Buffer.concat(chunks);
    if (read === undefined || read === 0) {
      throwIfCancelled(pipe?.signal);
      if (Date.now() > end) throw new FileError('late', path);
      await delay(20, undefined, { signal: pipe?.signal }).catch(() => undefined);
      continue;
    }
    chunks.push(chunk.subarray(0, read));
    length += read;
    if (length > limit) throw new FileError('tooLarge', path);
  }
}

/** Undefined where there is nothing yet. */
async function readSome(file: FileHandle, chunk: Buffer): Promise<number | undefined> {
  try {
    return (await file.read(chunk, 0, chunk.length, null)).bytesRead;
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return undefined;
    throw error;
  }
}
