import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DaoChainError } from '../../core/errors';
import type { NetworkProfile } from '../../core/ledger/network';
import { gethConfig, type GethFolders } from './gethConfig';
import { isFolderTaken } from './gethLog';
import { runProgram } from './runProgram';

/** Another node has the data folder. */
export class FolderTaken extends Error {
  override readonly name = 'FolderTaken';
}

/** Everything of one chain is below one folder that is named for it. */
export function chainFolders(folder: string, { chainId }: NetworkProfile): GethFolders {
  const chain = join(folder, `chain-${chainId}`);
  return { data: join(chain, 'node'), datasets: join(chain, 'datasets'), configFile: join(chain, 'geth.toml') };
}

/** Makes the chain's folder ready for its node: genesis, configuration, and nothing left of an interrupted dataset. */
export async function prepareChain(
  folder: string,
  network: NetworkProfile,
  program: string,
  signal: AbortSignal,
): Promise<void> {
  const folders = chainFolders(folder, network);
  await mkdir(folders.data, { recursive: true, mode: 0o700 });
  await mkdir(folders.datasets, { recursive: true });
  for (const name of await readdir(folders.datasets)) {
    // Generation cannot be taken up again, and each attempt leaves a gigabyte.
    if (/^full-R23-[0-9a-f]+\./.test(name)) await rm(join(folders.datasets, name), { force: true });
  }
  await writeFile(folders.configFile, gethConfig(network, folders));

  const done = join(folders.data, 'initialized');
  if (existsSync(done) && existsSync(join(folders.data, 'geth', 'chaindata'))) return;
  const genesisFile = join(folders.data, 'genesis.json');
  await writeFile(genesisFile, JSON.stringify(network.genesis));
  const { code, lines } = await runProgram(program, ['--datadir', folders.data, 'init', genesisFile], signal);
  if (code !== 0) {
    if (isFolderTaken(lines)) throw new FolderTaken(folders.data);
    throw new DaoChainError('nodeFailed', 'The node refuses the genesis', { details: { lastLines: lines.join('\n') } });
  }
  await writeFile(done, '');
}

/** Deletes the chains of older ledgers and their profiles. True if there was a chain. */
export async function removeOlderChains(
  folder: string,
  network: NetworkProfile,
  networkFile: string,
): Promise<boolean> {
  const older = (await readdir(folder)).filter(
    (name) =>
      (/^chain-\d+$/.test(name) && name !== `chain-${network.chainId}`) ||
      (/^network-.*\.json$/.test(name) && name !== networkFile),
  );
  for (const name of older) await rm(join(folder, name), { recursive: true, force: true });
  return older.some((name) => name.startsWith('chain-'));
}
