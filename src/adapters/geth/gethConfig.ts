import type { NetworkProfile } from '../../core/ledger/network';
import { leastFree } from './diskSpace';

export interface GethFolders {
  /** geth's own data folder. */
  readonly data: string;
  /** Where ethash's datasets are; of this node alone. */
  readonly datasets: string;
  readonly configFile: string;
}

/**
 * The settings that no flag has. geth sets to zero what a section leaves out, so each section is whole. `PowMode` 2 is
 * ethash with a dataset of 32 KiB instead of 1 GiB: real work, which nodes of a real ethash network refuse.
 */
export function gethConfig(network: NetworkProfile, folders: GethFolders): string {
  return `[Eth.Ethash]
CacheDir = "ethash"
CachesInMem = 2
CachesOnDisk = 3
CachesLockMmap = false
DatasetDir = ${JSON.stringify(folders.datasets)}
DatasetsInMem = 1
DatasetsOnDisk = 2
DatasetsLockMmap = false
PowMode = ${hasFullDataset(network) ? 0 : 2}
NotifyFull = false

[Node.P2P]
ListenAddr = "127.0.0.1:0"
StaticNodes = ${JSON.stringify(network.kind === 'team' ? network.hubs : [])}
`;
}

export function hasFullDataset(network: NetworkProfile): boolean {
  return network.kind === 'team' && network.dataset === 'full';
}

/**
 * The flags of the node. It runs as a console that nobody types into: the console ends, and the node with it, when the
 * other end of its input is closed. So it ends cleanly on every system, and even when this process is killed.
 */
export function gethArguments(network: NetworkProfile, folders: GethFolders, ipcPath: string): readonly string[] {
  return [
    ...['--datadir', folders.data, '--config', folders.configFile, '--ipcpath', ipcPath],
    ...['--datadir.minfreedisk', leastFree.toString()],
    ...['--networkid', network.chainId.toString()],
    // With states kept in memory only, a lone miner that is killed would lose its whole chain.
    ...['--syncmode', 'full', '--gcmode', 'archive', '--txlookuplimit', '0'],
    // The node neither looks for peers nor can be found by them; the engine API, which cannot be switched off, gets a
    // random port.
    ...['--nodiscover', '--nat', 'none', '--authrpc.port', '0', '--pcscdpath', ''],
    ...(network.kind === 'development' ? ['--maxpeers', '0', '--netrestrict', '127.0.0.0/8'] : ['--maxpeers', '16']),
    // A node beside an editor: half the memory of the default, whose caches are meant for the public chain.
    ...['--cache', '128', '--miner.gasprice', '1', '--verbosity', '3', 'console'],
  ];
}
