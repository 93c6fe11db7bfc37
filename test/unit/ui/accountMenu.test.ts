import assert from 'node:assert/strict';
import { accountMenu } from '../../../src/ui/accountMenu';
import type { AccountState } from '../../../src/ui/accountState';
import { account, nodes, wallets } from './accountStates';
import { chinese, english } from './localizers';

function commands(changes: Partial<AccountState>): readonly string[] {
  return accountMenu(account(changes), english).map(({ command }) => command.replace('daochain.', ''));
}

describe('the account menu', () => {
  it('offers a wallet where there is none', () => {
    assert.deepEqual(commands({ wallet: wallets.none, node: nodes.stopped }), [
      'createWallet',
      'importWallet',
      'startNode',
      'toggleMining',
      'showLog',
    ]);
  });

  it('offers what can be done now, and not what cannot', () => {
    assert.deepEqual(commands({}), [
      'copyAddress',
      'unlockWallet',
      'exportWallet',
      'toggleMining',
      'mineUntilFinal',
      'stopNode',
      'showNodeLog',
      'showLog',
    ]);
    assert.deepEqual(commands({ wallet: wallets.unlocked, node: nodes.mining }), [
      'copyAddress',
      'lockWallet',
      'exportWallet',
      'toggleMining',
      'stopNode',
      'showNodeLog',
      'showLog',
    ]);
  });

  it('puts the backup first until it is done', () => {
    assert.deepEqual(commands({ wallet: wallets.unsaved }).filter((command) => command === 'exportWallet').length, 1);
    assert.equal(commands({ wallet: wallets.unsaved })[0], 'exportWallet');
  });

  it('shows the hash rate and the exact balance', () => {
    const items = accountMenu(account({ node: nodes.mining, balance: 7n }), english);
    assert.ok(items.some(({ description }) => description === '250 kH/s'));
    assert.ok(items.some(({ description }) => description === '0.000000000000000007 ETH'));
  });

  it('speaks Chinese', () => {
    for (const node of Object.values(nodes)) {
      for (const { label } of accountMenu(account({ node, wallet: wallets.unsaved }), chinese)) {
        assert.match(label, /\p{Script=Han}/u);
      }
    }
  });
});
