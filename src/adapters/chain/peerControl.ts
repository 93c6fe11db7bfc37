import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import { askNode, numberSchema, readAnswer } from './rpcAnswer';
import type { RpcTransport } from './rpcTransport';
import type { ListenAddress, Peer, PeerControl, SyncProgress } from '../../core/ports/node';

/** The node's key in what it calls `enode`, whatever stands for its address there. */
const enodeSchema = v.pipe(
  v.string(),
  v.regex(/^enode:\/\/[0-9a-f]{128}@/),
  v.transform((text) => text.slice('enode://'.length, 'enode://'.length + 128)),
);

/** `1.2.3.4:5`, `[::1]:5`; of IPv6 also with a zone. */
const addressSchema = v.pipe(
  v.string(),
  v.regex(/^(?:\[[0-9a-f:.]+(?:%[^\]]*)?\]|[0-9.]+):\d{1,5}$/),
  v.transform((text): ListenAddress => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  }),
);

const infoSchema = v.object({ enode: enodeSchema });

const peersSchema = v.array(
  v.pipe(
    v.object({
      enode: enodeSchema,
      name: v.string(),
      network: v.object({ remoteAddress: addressSchema, inbound: v.boolean(), trusted: v.boolean() }),
      // A text (`handshake`) until both have found that they are of one network.
      protocols: v.object({ eth: v.optional(v.unknown()) }),
    }),
    v.transform(({ enode, name, network, protocols }): Peer => ({
      nodeKey: enode,
      address: network.remoteAddress,
      client: name,
      isInbound: network.inbound,
      isTrusted: network.trusted,
      isGreeted: typeof protocols.eth === 'object' && protocols.eth !== null,
    })),
  ),
);

const syncSchema = v.union([
  v.literal(false),
  v.object({ startingBlock: numberSchema, currentBlock: numberSchema, highestBlock: numberSchema }),
]);

/** Peers through the `admin` namespace, which geth offers over IPC only. */
export class RpcPeerControl implements PeerControl {
  readonly #transport: RpcTransport;

  constructor(transport: RpcTransport) {
    this.#transport = transport;
  }

  async self(signal: AbortSignal): Promise<string> {
    return readAnswer(infoSchema, await this.#ask('admin_nodeInfo', [], signal), 'admin_nodeInfo').enode;
  }

  async peers(signal: AbortSignal): Promise<readonly Peer[]> {
    return readAnswer(peersSchema, await this.#ask('admin_peers', [], signal), 'admin_peers');
  }

  async syncing(signal: AbortSignal): Promise<SyncProgress | undefined> {
    const answer = readAnswer(syncSchema, await this.#ask('eth_syncing', [], signal), 'eth_syncing');
    if (answer === false) return undefined;
    return { from: answer.startingBlock, at: answer.currentBlock, to: answer.highestBlock };
  }

  async addTrusted(nodeKey: string, signal: AbortSignal): Promise<void> {
    await this.#tell('admin_addTrustedPeer', enodeOf(nodeKey), signal);
  }

  async removeTrusted(nodeKey: string, signal: AbortSignal): Promise<void> {
    await this.#tell('admin_removeTrustedPeer', enodeOf(nodeKey), signal);
    // Trust decides only who gets in; who is in stays.
    await this.#tell('admin_removePeer', enodeOf(nodeKey), signal);
  }

  async addStatic(hub: string, signal: AbortSignal): Promise<void> {
    // What it knows of a node, it keeps: a new address of one is not taken over.
    await this.#tell('admin_removePeer', enodeOf(hub.slice('enode://'.length).split('@')[0] ?? ''), signal);
    await this.#tell('admin_addPeer', hub, signal);
  }

  async greet(hub: string, signal: AbortSignal): Promise<void> {
    await this.#tell('admin_removePeer', hub, signal);
    await this.#tell('admin_addPeer', hub, signal);
  }

  async #tell(method: string, enode: string, signal: AbortSignal): Promise<void> {
    const done = readAnswer(v.boolean(), await this.#ask(method, [enode], signal), method);
    if (!done) throw new DaoChainError('nodeFailed', `The node refuses ${method}`);
  }

  async #ask(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    const [answer] = await askNode(this.#transport, [{ method, params: [...params] }], signal);
    return answer;
  }
}

/** A key is a whole enode to the node: who calls from anywhere is known by it alone. */
function enodeOf(nodeKey: string): string {
  return `enode://${nodeKey}`;
}
