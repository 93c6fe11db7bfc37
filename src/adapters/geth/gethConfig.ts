import { formatAddress, hubReach, isReachable, parseHub, type Hub } from '../../core/ledger/hub';
import type { NetworkProfile } from '../../core/ledger/network';
import type { PeerSettings } from '../../core/ports/node';
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
export function gethConfig(network: NetworkProfile, peers: PeerSettings, folders: GethFolders): string {
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
MaxPeers = ${placesFor(network, peers).toString()}
DialRatio = 1
ListenAddr = ${JSON.stringify(peers.listen === undefined ? '' : formatAddress(peers.listen))}
StaticNodes = ${JSON.stringify(peers.hubs)}
TrustedNodes = ${JSON.stringify(trustedNodes(peers))}
`;
}

export function hasFullDataset(network: NetworkProfile): boolean {
  return network.kind === 'team' && network.dataset === 'full';
}

/**
 * As many as there are hubs to call; `DialRatio` 1 leaves none for who calls unasked, and whom a hub has admitted needs none.
 * The node begins to fetch blocks once so many are connected, and after ten seconds in any case: hence no more than that.
 */
function placesFor(network: NetworkProfile, { hubs }: PeerSettings): number {
  return network.kind === 'team' ? Math.max(1, hubs.length) : 0;
}

/** Whom a hub lets in: the admitted nodes, and the other hubs. */
function trustedNodes({ listen, admitted, hubs }: PeerSettings): readonly string[] {
  if (listen === undefined) return [];
  const keys = new Set([...admitted, ...knownHubs(hubs).map(({ nodeKey }) => nodeKey)]);
  return [...keys].map((key) => `enode://${key}`);
}

/**
 * Addresses that the node speaks with; everybody else is hung up on before a word is read. A member speaks with its hubs alone.
 * A hub cannot know from where its members call, but where all hubs have addresses of a local network or a VPN, members are
 * there as well. Undefined where a member can be anywhere.
 */
function reachableNetworks({ listen, hubs }: PeerSettings): readonly string[] | undefined {
  const hosts = knownHubs(hubs).map(({ host }) => host);
  const single = hosts.map((host) => `${host}/${host.includes(':') ? '128' : '32'}`);
  if (listen === undefined) return single;
  const reaches = [listen.host, ...hosts].map(hubReach);
  if (reaches.some((reach) => reach === 'public')) return undefined;
  return [...(reaches.some(isReachable) ? privateNetworks : loopback), ...single];
}

const loopback = ['127.0.0.0/8', '::1/128'];
const privateNetworks = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7'],
];

function knownHubs(hubs: readonly string[]): readonly Hub[] {
  return hubs.map(parseHub).filter((hub) => hub !== undefined);
}

/**
 * The flags of the node. It runs as a console that nobody types into: the console ends, and the node with it, when the
 * other end of its input is closed. So it ends cleanly on every system, and even when this process is killed.
 */
export function gethArguments(
  network: NetworkProfile,
  peers: PeerSettings,
  folders: GethFolders,
  ipcPath: string,
  nodeKeyFile?: string,
): readonly string[] {
  const networks = reachableNetworks(peers);
  return [
    ...['--datadir', folders.data, '--config', folders.configFile, '--ipcpath', ipcPath],
    ...['--datadir.minfreedisk', leastFree.toString()],
    ...['--networkid', network.chainId.toString()],
    // With states kept in memory only, a lone miner that is killed would lose its whole chain.
    ...['--syncmode', 'full', '--gcmode', 'archive', '--txlookuplimit', '0'],
    // The node neither looks for peers nor can be found by them; the engine API, which cannot be switched off, gets a
    // random port.
    ...['--nodiscover', '--nat', 'none', '--authrpc.port', '0', '--pcscdpath', ''],
    ...(nodeKeyFile === undefined ? [] : ['--nodekey', nodeKeyFile]),
    // Tells what comes of each call to a hub, which no RPC does. The newer name of the flag is not known to all versions.
    ...(network.kind === 'team' ? ['--vmodule', 'p2p=5'] : []),
    ...(networks === undefined ? [] : ['--netrestrict', (networks.length === 0 ? loopback : networks).join(',')]),
    // A node beside an editor: half the memory of the default, whose caches are meant for the public chain.
    ...['--cache', '128', '--miner.gasprice', '1', '--verbosity', '3', 'console'],
  ];
}
