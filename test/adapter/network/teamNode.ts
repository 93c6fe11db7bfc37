import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { findGeth } from '../../../scripts/dev/components/geth';
import { RpcChainHeads } from '../../../src/adapters/chain/chainHeads';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { RpcPeerControl } from '../../../src/adapters/geth/peerControl';
import { formatHub } from '../../../src/core/ledger/hub';
import { createTeamNetwork, type TeamProfile } from '../../../src/core/ledger/network';
import type { NodeHandle, PeerSettings } from '../../../src/core/ports/node';
import { PeerService } from '../../../src/services/node/peerService';
import type { PeerView } from '../../../src/services/node/peerState';
import type { Machine } from '../../testbed/machines';
import { LogLines, newLauncher } from '../geth/newLauncher';

const never = new AbortController().signal;

/** Where the hubs of tests listen. */
export const hubPort = 30_303;

/** A network without hubs; who joins it is told of them by the settings of their node. */
export function newTeamNetwork(confirmations = 6): TeamProfile {
  const free = { kind: 'team', dataset: 'small', confirmations, witnesses: [], threshold: 0, hubs: [] } as const;
  return createTeamNetwork({ name: 'team', ...free }, randomBytes(32), ledgerReleases.at(-1)?.runtimeCode ?? '0x');
}

export async function gethOn(machine: Machine): Promise<string> {
  const geth = await findGeth();
  if (geth === undefined) throw new Error('geth is not installed: npm run setup installs it');
  return machine.runnerOf(geth);
}

/** A node of a network on a machine, by the product's own launcher. */
export interface TeamNode {
  readonly handle: NodeHandle;
  readonly control: RpcPeerControl;
  readonly key: string;
  /** As others call it. */
  readonly hub: string;
  readonly log: readonly string[];
  view(): Promise<PeerView>;
  request(method: string, ...params: unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startTeamNode(
  machine: Machine,
  folder: string,
  network: TeamProfile,
  peers: Partial<PeerSettings> = {},
): Promise<TeamNode> {
  const settings = { listen: undefined, admitted: [], hubs: [], ...peers };
  const log = new LogLines();
  const launcher = await newLauncher(join(folder, 'node'), {
    network,
    peers: () => Promise.resolve(settings),
    programSetting: await (async (geth) => {
      const path = await geth;
      return () => path;
    })(gethOn(machine)),
    log,
  });
  const handle = await launcher.launch({ threads: 1 }, never);
  const transport = new IpcTransport(() => launcher.ipcPath);
  const control = new RpcPeerControl(transport);
  const service = new PeerService({
    control,
    log,
    chain: new RpcChainHeads(transport),
    hubs: () => Promise.resolve(settings.hubs),
    calls: () => handle.calls,
    wait: () => Promise.resolve(),
  });
  const key = await control.self(never);
  return {
    handle,
    control,
    key,
    log: log.lines,
    hub: formatHub({ nodeKey: key, host: machine.address, port: hubPort }),
    view: async () => {
      const view = await service.read(never);
      if (view === undefined) throw new Error('no node runs');
      return view;
    },
    request: (method, ...params) => transport.request(method, params, never),
    stop: async () => {
      await handle.stop();
      transport.dispose();
    },
  };
}
