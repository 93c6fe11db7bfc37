import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DaoChainError } from '../../core/errors';
import type { NetworkProfile } from '../../core/ledger/network';
import type { PeerSettings } from '../../core/ports/node';
import { replaceFile } from './createFile';
import { diskFullError, tellsFullDisk } from './diskSpace';
import { gethConfig, type GethFolders } from './gethConfig';
import { isFolderTaken } from './gethLog';
import { runProgram } from './runProgram';

/** Another node has the data folder. */
export class FolderTaken extends Error {
  override readonly name = 'FolderTaken';
}

/** How long the genesis may take to be written, in milliseconds; it takes 200. */
const patience = 120_000;

interface ChainFolders extends GethFolders {
  /** From which the network's own file can be made again. */
  readonly genesisFile: string;
}

export function chainName(chainId: number): string {
  return `chain-${chainId}`;
}

/** Everything of one chain is below one folder that is named for it. */
export function chainFolders(folder: string, { chainId }: Pick<NetworkProfile, 'chainId'>): ChainFolders {
  const chain = join(folder, chainName(chainId));
  const data = join(chain, 'node');
  return {
    data,
    datasets: join(chain, 'datasets'),
    configFile: join(chain, 'geth.toml'),
    genesisFile: join(data, 'genesis.json'),
  };
}

/** Makes the chain's folder ready for its node: genesis and configuration. */
export async function prepareChain(
  folder: string,
  network: NetworkProfile,
  peers: PeerSettings,
  program: string,
  signal: AbortSignal,
): Promise<void> {
  const folders = chainFolders(folder, network);
  await mkdir(folders.data, { recursive: true, mode: 0o700 });
  await mkdir(folders.datasets, { recursive: true });
  await replaceFile(folders.configFile, gethConfig(network, peers, folders));
  const genesis = JSON.stringify(network.genesis);
  const known = await readFile(folders.genesisFile, 'utf8').catch(() => undefined);
  if (known !== genesis) await replaceFile(folders.genesisFile, genesis);

  const done = join(folders.data, 'initialized');
  if (existsSync(done) && existsSync(join(folders.data, 'geth', 'chaindata'))) return;
  const late = AbortSignal.timeout(patience);
  const { code, lines } = await runProgram(
    program,
    ['--datadir', folders.data, 'init', folders.genesisFile],
    AbortSignal.any([signal, late]),
  ).catch((error: unknown) => {
    throw late.aborted && !signal.aborted ? new DaoChainError('nodeFailed', 'The genesis takes too long') : error;
  });
  if (code !== 0) {
    if (isFolderTaken(lines)) throw new FolderTaken(folders.data);
    if (tellsFullDisk(lines)) throw diskFullError(folder, { lines });
    throw new DaoChainError('nodeFailed', 'The node refuses the genesis', { details: { lastLines: lines.join('\n') } });
  }
  await replaceFile(done, '');
}
