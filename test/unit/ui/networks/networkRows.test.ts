import assert from 'node:assert/strict';
import { createTeamNetwork, networkLedger } from '../../../../src/core/ledger/network';
import { ledgerKey } from '../../../../src/core/ledger/types';
import type { FollowedNetwork, NetworkPlace } from '../../../../src/core/ports/networks';
import type { NewNetwork } from '../../../../src/services/networks/networkService';
import {
  actionRows,
  creationFacts,
  factPages,
  listenRows,
  networkRow,
  peerRows,
  shareFacts,
  typedPort,
  type ManagedNetwork,
} from '../../../../src/ui/networks/networkRows';
import { testNodeKey } from '../../../testbed/nodeKey';
import { chinese, english } from '../../words/localizers';
import { nodes } from '../../ui/accountStates';

const terms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses: [], threshold: 0 } as const;
const profile = createTeamNetwork({ name: 'Acme', ...terms, hubs: [] }, new Uint8Array(32).fill(1), '0x6001600255');
const here = { host: '10.0.0.5', port: 30303 };
const machine = { nodeKey: testNodeKey(2), machine: 'colleague' };

function managed(place: NetworkPlace, change: Partial<ManagedNetwork> = {}): ManagedNetwork {
  const network: FollowedNetwork = { profile, place, folder: '/acme' };
  return { network, isHome: false, node: nodes.stopped, connected: undefined, ...change };
}

const actions = (network: ManagedNetwork): readonly string[] => actionRows(network, english).map(({ value }) => value);

describe('networks in lists', () => {
  it('tell what their node does, who is connected and where it listens', () => {
    const { label, description, detail } = networkRow(
      managed({ listen: here, admitted: [] }, { isHome: true, node: nodes.running, connected: 2 }),
      undefined,
      english,
    );
    assert.equal(label, '$(home) Acme');
    assert.equal(description, 'home');
    for (const shown of ['The node is running, at block 42', 'Machines connected: 2', 'Listens on 10.0.0.5:30303'])
      assert.ok(detail?.includes(shown), detail);
    const unknown = networkRow(managed({ admitted: [] }, { node: undefined }), undefined, english);
    assert.ok(unknown.detail?.includes('in use once the window is reloaded'));
  });

  it('show a name of strangers escaped', () => {
    const odd = { ...profile, name: 'Ac\u202eme' };
    const row = networkRow(
      managed({ admitted: [] }, { network: { profile: odd, place: { admitted: [] }, folder: '/acme' } }),
      undefined,
      english,
    );
    assert.ok(!row.label.includes('\u202e'), row.label);
  });

  it('offer what can be done now, and not what cannot', () => {
    assert.deepEqual(actions(managed({ admitted: [] })), [
      ...['start', 'share', 'copyAdmission', 'makeHome', 'listen', 'addHub', 'rename', 'leave'],
    ]);
    const hub = managed({ listen: here, admitted: [machine] }, { isHome: true, node: nodes.running });
    assert.deepEqual(actions(hub), [
      ...['stop', 'peers', 'share', 'copyAdmission', 'admit', 'dismiss', 'listen', 'addHub', 'rename', 'leave'],
    ]);
    // A node that the window does not know cannot be started.
    const fresh = actions(managed({ admitted: [] }, { node: undefined }));
    assert.deepEqual([fresh[0], fresh.at(-1)], ['reload', 'leave']);
  });

  it('offer of this machine’s own network only what one machine needs', () => {
    const own = { ...managed({ admitted: [] }), network: 'development' } as const;
    assert.deepEqual(actions(own), ['start', 'makeHome']);
    assert.deepEqual(actions({ ...own, isHome: true, node: nodes.running }), ['stop']);
    assert.deepEqual(actions({ ...own, node: undefined }), ['makeHome']);
  });

  it('show of a new one all that cannot be changed later, whole', () => {
    const wanted: NewNetwork = { name: 'Acme', ...terms, dataset: 'full', confirmations: 12, listen: here };
    const text = factPages(creationFacts(wanted, english)).join('\n');
    for (const shown of [
      'Network: Acme',
      'full dataset',
      '12 blocks deep',
      'Listens on 10.0.0.5:30303',
      'fixed for ever',
    ])
      assert.ok(text.includes(shown), text);
    assert.match(factPages(creationFacts(wanted, chinese)).join('\n'), /永远固定/);
  });

  it('cut nothing that is longer than a page', () => {
    const below = Array.from({ length: 64 }, (_, i) => `hub ${i.toString()}`);
    const pages = factPages([{ text: 'Hubs:', below }]);
    assert.ok(pages.length > 1);
    const lines = pages.join('\n').split('\n');
    for (const hub of below) assert.ok(lines.includes(hub), hub);
  });

  it('tell of each machine and hub its whole key', () => {
    const rows = peerRows(
      {
        state: { status: 'level' },
        self: testNodeKey(1),
        block: 7,
        hubs: [{ nodeKey: testNodeKey(3), ...here, standing: 'notAdmitted', wasConnected: false }],
        peers: [
          { nodeKey: testNodeKey(2), address: here, client: 'Geth', isInbound: true, isTrusted: true, isGreeted: true },
        ],
      },
      english,
    );
    assert.equal(rows[0]?.description, 'Block: 7');
    assert.deepEqual(
      rows.slice(1).map(({ detail }) => detail),
      [testNodeKey(3), testNodeKey(2)],
    );
    assert.match(rows[1]?.label ?? '', /does not let this machine in/);
  });

  it('offer to listen nowhere first, and mark an address that leads elsewhere from elsewhere', () => {
    const [nowhere, own, open] = listenRows(
      [
        { host: '10.0.0.5', reach: 'private' },
        { host: '8.8.8.8', reach: 'public' },
      ],
      english,
    );
    assert.equal(nowhere?.value, undefined);
    assert.equal(own?.value, '10.0.0.5');
    assert.match(own.detail ?? '', /private network/);
    assert.match(open?.detail ?? '', /anybody can call/);
  });

  it('take a port in its one form', () => {
    assert.equal(typedPort('30303'), 30_303);
    for (const wrong of ['', '0', '65536', '030303', '1e3', '-1', '99999', ' 1'])
      assert.equal(typedPort(wrong), undefined);
  });

  it('are shared with their whole ledger ID to compare', () => {
    const texts = shareFacts(profile, 'vscode://link', english).facts.map(([, text]) => text);
    assert.deepEqual(texts, ['Acme', ledgerKey(networkLedger(profile)), 'vscode://link']);
  });
});
