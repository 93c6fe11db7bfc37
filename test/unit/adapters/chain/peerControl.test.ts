import assert from 'node:assert/strict';
import { RpcPeerControl } from '../../../../src/adapters/chain/peerControl';
import type { RpcTransport } from '../../../../src/adapters/chain/rpcTransport';
import { testNodeKey } from '../../../testbed/nodeKey';

describe('the control of a node’s peers', () => {
  // Measured on geth 1.11.6: 39 s until the two met after the hub was removed first, and never without.
  it('has the node forget where a hub was before it calls it elsewhere, since a static peer keeps its first address', async () => {
    const asked: string[] = [];
    const transport: RpcTransport = {
      request: () => Promise.reject(new Error('not used')),
      batch: (calls) => {
        asked.push(...calls.map(({ method, params }) => `${method} ${String(params[0])}`));
        return Promise.resolve(calls.map(() => true));
      },
      subscribe: () => ({ dispose: () => undefined }),
      dispose: () => undefined,
    };
    const enode = `enode://${testNodeKey(1)}`;
    await new RpcPeerControl(transport).addStatic(`${enode}@10.0.0.5:30303`, new AbortController().signal);
    assert.deepEqual(asked, [`admin_removePeer ${enode}`, `admin_addPeer ${enode}@10.0.0.5:30303`]);
  });
});
