import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keccak256 } from 'ethers';
import * as v from 'valibot';
import type { Hex } from '../../src/core/hex';
import { compilerSettings, repositoryRoot } from './compile';
import type { CompiledContract } from './compile';

/** The release that the sources are compiled into. Once published its code is final: raise this for any other code. */
export const currentVersion = '1.0.0';

export const releasesFolder = join(repositoryRoot, 'contracts/releases');

const hexSchema = v.pipe(
  v.string(),
  v.regex(/^0x(?:[0-9a-f]{2})+$/),
  v.transform((digits) => digits as Hex),
);

const releaseSchema = v.object({
  version: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
  compiler: v.string(),
  settings: v.unknown(),
  storage: v.array(v.object({ label: v.string(), slot: v.string(), offset: v.number(), type: v.string() })),
  runtimeCodeHash: hexSchema,
  creationCodeHash: hexSchema,
  runtimeCode: hexSchema,
  creationCode: hexSchema,
});

/** `contracts/releases/<version>.json`: the codes that a reader accepts, and how they were made. */
export type Release = v.InferOutput<typeof releaseSchema>;

export function makeRelease(ledger: CompiledContract): Release {
  return {
    version: currentVersion,
    compiler: 'solc 0.8.37',
    settings: compilerSettings,
    storage: [...ledger.storage],
    runtimeCodeHash: hash(ledger.runtimeCode),
    creationCodeHash: hash(ledger.creationCode),
    runtimeCode: ledger.runtimeCode,
    creationCode: ledger.creationCode,
  };
}

/** Every kept release, oldest first. Throws an Error if a file's name or hashes are not what its content says. */
export function readReleases(): readonly Release[] {
  return readdirSync(releasesFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const release = v.parse(releaseSchema, JSON.parse(readFileSync(join(releasesFolder, file), 'utf8')));
      const sound =
        file === `${release.version}.json` &&
        release.runtimeCodeHash === hash(release.runtimeCode) &&
        release.creationCodeHash === hash(release.creationCode);
      if (!sound) throw new Error(`contracts/releases/${file} contradicts itself`);
      return release;
    })
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

function hash(code: Hex): Hex {
  return keccak256(code) as Hex;
}
