/**
 * Compiles the ledger, keeps its codes as a release, and writes what the chain adapter needs.
 *
 *     tsx scripts/contracts/build.ts             write contracts/out, contracts/releases, src/adapters/chain/ledgerAbi.ts
 *     tsx scripts/contracts/build.ts --replace   the same, where the release of this version was never published
 *     tsx scripts/contracts/build.ts --check     write nothing; fail if what is there is not what the sources give
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compileLedger, repositoryRoot } from './compile';
import type { CompiledContract } from './compile';
import { currentVersion, makeRelease, readReleases, releasesFolder } from './release';
import type { Release } from './release';

const releaseFile = join(releasesFolder, `${currentVersion}.json`);
const bindingFile = join(repositoryRoot, 'src/adapters/chain/ledgerAbi.ts');
const artifactFile = join(repositoryRoot, 'contracts/out/DaoChainLedger.json');

function build(options: ReadonlySet<string>): void {
  const ledger = compileLedger();
  const release = json(makeRelease(ledger));
  if (options.has('--check')) {
    requireSame(releaseFile, release);
    requireSame(bindingFile, printBinding(ledger, readReleases()));
  } else {
    if (existsSync(releaseFile) && !options.has('--replace')) requireSame(releaseFile, release);
    write(releaseFile, release);
    write(bindingFile, printBinding(ledger, readReleases()));
    write(
      artifactFile,
      json({
        abi: ledger.abi,
        storage: ledger.storage,
        creationCode: ledger.creationCode,
        runtimeCode: ledger.runtimeCode,
      }),
    );
  }
  const bytes = ledger.runtimeCode.length / 2 - 1;
  console.log(
    `DaoChainLedger ${currentVersion}: ${bytes.toString()} bytes of code, no constructor, no initial storage`,
  );
}

function printBinding(ledger: CompiledContract, releases: readonly Release[]): string {
  const codes = releases.map(({ version, runtimeCode, runtimeCodeHash, creationCode, creationCodeHash }) => ({
    version,
    runtimeCode,
    runtimeCodeHash,
    creationCode,
    creationCodeHash,
  }));
  return `// Written by \`npm run contracts:build\` from contracts/; \`npm run contracts:check\` fails when the two differ.
import type { Hex, Hex32 } from '../../core/hex';

/** A code of the ledger that readers accept, in a genesis or at a CREATE2 address. */
export interface LedgerRelease {
  readonly version: string;
  readonly runtimeCode: Hex;
  /** keccak256, as \`eth_getProof\` gives it. */
  readonly runtimeCodeHash: Hex32;
  readonly creationCode: Hex;
  /** keccak256, as CREATE2 takes it. */
  readonly creationCodeHash: Hex32;
}

/** Every released code, oldest first. */
export const ledgerReleases: readonly LedgerRelease[] = ${JSON.stringify(codes, undefined, 2)};

/** The ABI of the newest release; every member is documented in contracts/IDaoChainLedger.sol. */
export const ledgerAbi = ${JSON.stringify(ledger.abi, undefined, 2)} as const;
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function requireSame(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  throw new Error(
    `${relative(repositoryRoot, file)} is not what contracts/ gives now: run \`npm run contracts:build\`; ` +
      'if the code itself has changed, raise currentVersion in scripts/contracts/release.ts first',
  );
}

build(new Set(process.argv.slice(2)));
