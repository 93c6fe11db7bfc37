import assert from 'node:assert/strict';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { DaoChainError } from '../../../../src/core/errors';
import type { AccountState } from '../../../../src/ui/account/accountState';
import { protectionOf } from '../../../../src/core/ledger/protection';
import { commandIds } from '../../../../src/ui/commandIds';
import { renderStatusBar } from '../../../../src/ui/account/statusBarView';
import { account, address, nodes, wallets } from '../accountStates';
import { chinese, english } from '../../words/localizers';

function text(changes: Partial<AccountState>): string | undefined {
  return renderStatusBar(account(changes), 'always', english)?.text;
}

describe('the status bar', () => {
  it('shows the balance while the node runs', () => {
    assert.equal(text({}), '$(credit-card) 1.25 ETH');
    assert.equal(text({ balance: 0n }), '$(credit-card) 0 ETH');
  });

  it('does not show a balance that is not known', () => {
    assert.equal(text({ balance: undefined }), '$(sync~spin) ETH');
    assert.equal(text({ node: nodes.stopped }), '$(debug-disconnect) DaoChain');
    assert.equal(text({ wallet: wallets.none, balance: undefined }), '$(credit-card) DaoChain');
  });

  it('shows what the node is busy with, and how far', () => {
    assert.equal(text({ node: nodes.starting }), '$(sync~spin) DaoChain');
    assert.equal(text({ node: nodes.buildingDag }), '$(sync~spin) DAG 12%');
    const failed = { status: 'failed', error: new DaoChainError('nodeFailed', ''), lastLines: [] } as const;
    assert.equal(text({ node: failed }), '$(warning) DaoChain');
    const full = new DaoChainError('nodeFailed', '', {
      details: { reason: 'diskFull', folder: '/a', megabytes: '64' },
    });
    const { tooltip = '' } = renderStatusBar(account({ node: { ...failed, error: full } }), 'always', english) ?? {};
    assert.match(tooltip, /the disk is full/);
  });

  it('shows that this machine mines, for as long as it does', () => {
    assert.equal(text({ node: nodes.mining }), '$(credit-card) 1.25 ETH $(server-process) 250 kH/s');
    assert.equal(
      text({ wallet: wallets.none, node: nodes.mining }),
      '$(credit-card) DaoChain $(server-process) 250 kH/s',
    );
  });

  it('says in the tooltip what mining does and what protects the ledger', () => {
    const tooltip = (changes: Partial<AccountState>): string =>
      renderStatusBar(account(changes), 'always', english)?.tooltip ?? '';
    const dag = { epoch: 0, percent: 12, secondsLeft: 500 };
    assert.match(tooltip({ node: { ...nodes.buildingDag, dag } }), /building the DAG: 12%, about 8.4 min left/);
    assert.match(tooltip({ node: nodes.buildingDag }), /building the DAG: 12%\n/);
    const node = { ...nodes.mining, threads: 2, nextDag: { epoch: 1, percent: 3 } };
    const work = { difficulty: 131_072n, blocks: 32, own: 8, blockSeconds: 13.1, hashrate: 10_005 };
    const terms = { kind: 'team', dataset: 'full', confirmations: 6, witnesses: [], threshold: 0 } as const;
    const text = tooltip({ node, work, protection: protectionOf(terms, work) });
    assert.match(text, /Mining at 250 kH\/s, threads: 2/);
    assert.match(text, /the DAG of the next epoch in advance: 3%/);
    assert.match(
      text,
      /Difficulty: 131072 · A block every 14 s, over the last 32 blocks · All miners together: 10 kH\/s · Your blocks: 8 of the last 32/,
    );
    assert.match(text, /One NVIDIA RTX 3090, .* computes 120 MH\/s and needs less than a second to overtake 6/);
    assert.match(tooltip({ protection: { kind: 'development' } }), /This machine alone makes this chain/);
  });

  it('tells no rate as long as the node has none', () => {
    const begun = { ...nodes.mining, hashrate: 0 };
    assert.equal(text({ node: begun }), '$(credit-card) 1.25 ETH $(server-process)');
  });

  it('reminds of the export until it is done', () => {
    assert.equal(text({ wallet: wallets.unsaved }), '$(credit-card) 1.25 ETH $(warning)');
    assert.equal(text({ wallet: wallets.unsaved, node: nodes.stopped }), '$(debug-disconnect) DaoChain $(warning)');
    const links = (wallet: AccountState['wallet']): readonly string[] | undefined =>
      renderStatusBar(account({ wallet }), 'always', english)?.tooltipCommands;
    assert.ok(links(wallets.unsaved)?.includes('daochain.exportWallet'));
    assert.ok(!links(wallets.locked)?.includes('daochain.exportWallet'));
  });

  it('tells a wallet that is elsewhere from one that never was', () => {
    const view = renderStatusBar(account({ wallet: wallets.elsewhere, node: nodes.stopped }), 'whenActive', english);
    assert.ok(view);
    assert.ok(view.tooltip.includes(`Wallet ${checksumAddress(address)} (not in this editor: import it)`));
    assert.ok(view.tooltipCommands.includes('daochain.importWallet'));
    assert.ok(!view.tooltipCommands.includes('daochain.createWallet'));
  });

  it('appears once there is a wallet or a node that is not stopped, or as the setting says', () => {
    const idle = account({ wallet: wallets.none, node: nodes.stopped });
    assert.equal(renderStatusBar(idle, 'whenActive', english), undefined);
    assert.ok(renderStatusBar(idle, 'always', english));
    assert.ok(renderStatusBar(account({ node: nodes.stopped }), 'whenActive', english));
    assert.ok(renderStatusBar(account({ wallet: wallets.none }), 'whenActive', english));
    assert.equal(renderStatusBar(account({}), 'never', english), undefined);
  });

  it('opens a menu, whatever the state', () => {
    for (const node of Object.values(nodes)) {
      assert.equal(renderStatusBar(account({ node }), 'always', english)?.command, 'daochain.showAccountMenu');
    }
  });

  it('says the exact balance, the chain, the block and the hash rate in its tooltip', () => {
    const { tooltip = '' } = renderStatusBar(account({ node: nodes.mining, balance: 1n }), 'always', english) ?? {};
    for (const part of [
      '0.000000000000000001 ETH',
      'chain 1234',
      'Development',
      'block 42',
      '250 kH/s',
      checksumAddress(address),
    ]) {
      assert.ok(tooltip.includes(part), `${part} in ${tooltip}`);
    }
  });

  it('enables no other command in the tooltip than it links to', () => {
    for (const node of Object.values(nodes)) {
      for (const wallet of Object.values(wallets)) {
        const { tooltip = '', tooltipCommands = [] } =
          renderStatusBar(account({ node, wallet }), 'always', english) ?? {};
        const linked = [...tooltip.matchAll(/\(command:([^)]+)\)/g)].map(([, command]) => command);
        assert.deepEqual(linked, tooltipCommands);
        assert.ok(tooltipCommands.every((command) => commandIds.includes(command)));
      }
    }
  });

  it('warns only when the balance lacks what the user has tried to pay', () => {
    assert.equal(renderStatusBar(account({}), 'always', english)?.background, undefined);
    const lacking = renderStatusBar(account({ missing: 10n ** 16n }), 'always', english);
    assert.equal(lacking?.background, 'statusBarItem.warningBackground');
    assert.ok(lacking.tooltip.includes('0.01 ETH more needed'));
  });

  it('reminds of a wallet that is not backed up', () => {
    const { accessibleLabel = '' } = renderStatusBar(account({ wallet: wallets.unsaved }), 'always', english) ?? {};
    assert.match(accessibleLabel, /not backed up/);
  });

  it('speaks Chinese', () => {
    const { tooltip = '' } =
      renderStatusBar(account({ node: nodes.mining, wallet: wallets.unsaved }), 'always', chinese) ?? {};
    for (const line of tooltip.split('\n\n')) assert.match(line, /\p{Script=Han}/u);
  });

  it('names another network that is home, whether its node runs or not', () => {
    for (const node of [nodes.stopped, nodes.running]) {
      const tooltip = renderStatusBar(account({ network: 'Acme', node }), 'always', english)?.tooltip ?? '';
      assert.ok(tooltip.includes('Home network: Acme'), tooltip);
    }
    assert.ok(!renderStatusBar(account({}), 'always', english)?.tooltip.includes('Home network'));
  });
});
