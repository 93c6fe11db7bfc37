import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import dockerignore from '@balena/dockerignore';
import { pack, type Pack } from 'tar-stream';
import { readIfThere } from '../boundedFile';
import type { BuildRequest } from '../../core/ports/engine';

/** Bytes. */
const largestIgnoreFile = 1024 * 1024;

export interface BuildContext {
  readonly archive: Readable;
  /** Name of the Dockerfile inside the archive. */
  readonly dockerfile: string;
}

/**
 * The build context as the docker CLI sends it: what `.dockerignore` leaves, owned by root, with the Dockerfile and
 * `.dockerignore` in any case. A Dockerfile outside of the context travels under a name of its own. Errors of the file
 * system destroy the archive.
 */
export async function buildContext({ contextDirectory, dockerfile }: BuildRequest): Promise<BuildContext> {
  const inside = relative(contextDirectory, dockerfile);
  const outside = inside === '' || inside.split(sep)[0] === '..' || isAbsolute(inside);
  const name = outside ? '.dockerfile.daochain' : toPosix(inside);
  const rules = await readIgnoreFile(join(contextDirectory, '.dockerignore'));
  const exceptions = [...exceptionsOf(rules), name, '.dockerignore'];
  const filter = dockerignore({ ignorecase: false })
    .add(rules)
    .add([`!${name}`, '!.dockerignore']);
  // As the CLI does: an exception that begins with a wildcard takes nothing back from an ignored folder.
  const mayHoldException = (folder: string): boolean => exceptions.some((path) => `${path}/`.startsWith(`${folder}/`));

  const archive = pack();
  const add = async (folder: string): Promise<void> => {
    for (const child of (await readdir(join(contextDirectory, folder), { withFileTypes: true })).sort(byName)) {
      const path = folder === '' ? child.name : `${folder}/${child.name}`;
      const ignored = filter.ignores(path);
      if (!ignored) await addEntry(archive, join(contextDirectory, path), path);
      if (child.isDirectory() && (!ignored || mayHoldException(path))) await add(path);
    }
  };
  const fill = async (): Promise<void> => {
    if (outside) await addEntry(archive, dockerfile, name);
    await add('');
    archive.finalize();
  };
  fill().catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return { archive: Readable.from(archive), dockerfile: name };
}

async function addEntry(archive: Pack, file: string, name: string): Promise<void> {
  const stat = await lstat(file);
  const header = { name, mode: modeOf(stat.mode), mtime: stat.mtime, uid: 0, gid: 0 };
  if (stat.isDirectory()) archive.entry({ ...header, type: 'directory' });
  if (stat.isSymbolicLink()) archive.entry({ ...header, type: 'symlink', linkname: toPosix(await readlink(file)) });
  if (!stat.isFile()) return;
  if (stat.size === 0) archive.entry(header, '');
  // A file that grows meanwhile is cut off; one that shrinks makes the archive fail.
  else await pipeline(createReadStream(file, { end: stat.size - 1 }), archive.entry({ ...header, size: stat.size }));
}

/** Windows has no executable bit; the CLI sets it there for everything. */
function modeOf(mode: number): number {
  return sep === '\\' ? (mode & 0o755) | 0o111 : mode & 0o7777;
}

async function readIgnoreFile(file: string): Promise<string> {
  return Buffer.from((await readIfThere(file, largestIgnoreFile)) ?? []).toString('utf8');
}

/** The paths that a `!` takes back. */
function exceptionsOf(rules: string): readonly string[] {
  return [...rules.matchAll(/^\s*!\s*(.+?)\s*$/gm)].map(([, path]) => posix.normalize(`/${path ?? ''}`).slice(1));
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
