import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DaoChainError } from '../../core/errors';
import type { BackupFile, BackupTarget } from '../../core/ports/backup';
import { draftOf } from '../draft';
import { syncFolder } from '../syncFolder';

/** The file ends with the SHA-256 of all before it. */
const digestLength = 32;
const stepBytes = 1024 * 1024;

/** A file that is not there yet: `EEXIST` where there is one, whatever it is. */
export class NewBackupFile implements BackupTarget {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async write(parts: AsyncIterable<Uint8Array>): Promise<void> {
    const draft = draftOf(this.#path);
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        const digest = createHash('sha256');
        for await (const part of parts) {
          digest.update(part);
          await file.writeFile(part);
        }
        await file.writeFile(digest.digest());
        await file.sync();
      } finally {
        await file.close();
      }
      await link(draft, this.#path);
      await syncFolder(dirname(this.#path));
    } finally {
      await rm(draft, { force: true });
    }
  }
}

export class StoredBackupFile implements BackupFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async *parts(): AsyncGenerator<Uint8Array> {
    const file = await this.#open();
    try {
      const { size } = await file.stat();
      if (size < digestLength) throw damaged('It is too short');
      const digest = createHash('sha256');
      const end = size - digestLength;
      for (let at = 0; at < end;) {
        const bytes = await readAt(file, at, Math.min(stepBytes, end - at));
        digest.update(bytes);
        at += bytes.length;
        yield bytes;
      }
      if (!digest.digest().equals(await readAt(file, end, digestLength))) throw damaged('It is not as it was written');
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle> {
    let file: FileHandle;
    try {
      // To open a pipe would wait for who writes to it.
      file = await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      throw new DaoChainError('backupInvalid', 'It cannot be read', { details: { reason: 'unreadable' }, cause });
    }
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new DaoChainError('backupInvalid', 'It is no file', { details: { reason: 'unreadable' } });
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw damaged('It has become shorter');
    done += bytesRead;
  }
  return bytes;
}

function damaged(message: string): DaoChainError {
  return new DaoChainError('backupInvalid', message, { details: { reason: 'damaged' } });
}
