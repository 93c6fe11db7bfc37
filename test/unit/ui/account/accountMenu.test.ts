import assert from 'node:assert/strict';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { accountMenu, type AccountOrganizations } from '../../../../src/ui/account/accountMenu';
import type { AccountState } from '../../../../src/ui/account/accountState';
import { account, address, nodes, wallets } from '../accountStates';
import { chinese, english } from '../../words/localizers';
import { membership } from '../organizations';

const none: AccountOrganizations = { memberships: [], publisher: undefined };

function commands(changes: Partial<AccountState>, organizations = none): readonly string[] {
  return accountMenu(account(changes), organizations, english).map(({ command }) => command.replace('daochain.', ''));
}

describe('the account menu', () => {
  it('offers a wallet where there is none', () => {
    assert.deepEqual(commands({ wallet: wallets.none, node: nodes.stopped }), [
      'createWallet',
      'importWallet',
      'startNode',
      'toggleMining',
      'manageNetworks',
      'showLog',
    ]);
  });

  it('offers to import a wallet that is elsewhere before another one is made', () => {
    const state = account({ wallet: wallets.elsewhere, node: nodes.stopped });
    const [first, second] = accountMenu(state, none, english);
    assert.deepEqual([first?.command, second?.command], ['daochain.importWallet', 'daochain.createWallet']);
    assert.equal(first?.description, `${checksumAddress(address)} is not in this editor`);
  });

  it('offers what can be done now, and not what cannot', () => {
    assert.deepEqual(commands({}), [
      'copyAddress',
      'sendEther',
      'askForEther',
      'showTransfers',
      'unlockWallet',
      'exportWallet',
      'chooseOrganization',
      'toggleMining',
      'mineUntilFinal',
      'stopNode',
      'showNodeLog',
      'manageNetworks',
      'showLog',
    ]);
    assert.deepEqual(commands({ wallet: wallets.unlocked, node: nodes.mining }), [
      'copyAddress',
      'sendEther',
      'askForEther',
      'showTransfers',
      'lockWallet',
      'exportWallet',
      'chooseOrganization',
      'toggleMining',
      'stopNode',
      'showNodeLog',
      'manageNetworks',
      'showLog',
    ]);
  });

  it('offers to go on with what is on its way, before all else', () => {
    const [first] = accountMenu(account({ onItsWay: 2, node: nodes.stopped }), none, english);
    assert.deepEqual(
      [first?.command, first?.description],
      ['daochain.continueSignatures', '2 on the way, not final yet'],
    );
    assert.ok(!commands({}).includes('continueSignatures'));
    // It is signed, and needs no key.
    assert.equal(commands({ onItsWay: 2, wallet: wallets.elsewhere })[0], 'continueSignatures');
  });

  it('puts the backup first until it is done', () => {
    assert.deepEqual(commands({ wallet: wallets.unsaved }).filter((command) => command === 'exportWallet').length, 1);
    assert.equal(commands({ wallet: wallets.unsaved })[0], 'exportWallet');
  });

  it('shows the hash rate and the exact balance', () => {
    const items = accountMenu(account({ node: nodes.mining, balance: 7n }), none, english);
    assert.ok(items.some(({ description }) => description === '250 kH/s'));
    assert.ok(items.some(({ description }) => description === '0.000000000000000007 ETH'));
  });

  it('tells what the wallet is offered by whom, a stranger’s name always beside the id', () => {
    const offered = membership({ isOffered: true }, 'Ex\u{202e}ample');
    const [item] = accountMenu(account({}), { ...none, memberships: [offered] }, english).filter(
      ({ command }) => command === 'daochain.acceptAdmin',
    );
    assert.equal(item?.label, '$(key) You are offered the admin role of Ex\\u{202e}ample (0x123412…341234)');
    assert.deepEqual(item.arguments, [offered.organization.id]);
  });

  it('has one row for many offers, and hides none: behind it all are listed', () => {
    const memberships = Array.from({ length: 20 }, () => membership({ isOffered: true }));
    const offers = accountMenu(account({}), { ...none, memberships }, english).filter(
      ({ command }) => command === 'daochain.acceptAdmin',
    );
    assert.deepEqual(offers, [
      { label: '$(key) You are offered the admin role of 20 organizations', command: 'daochain.acceptAdmin' },
    ]);
  });

  it('says in whose name the wallet signs', () => {
    const own = membership({ isAdmin: true });
    const items = accountMenu(account({}), { memberships: [own], publisher: own.organization.id }, english);
    const manage = items.find(({ command }) => command === 'daochain.manageOrganization');
    assert.equal(manage?.description, 'you sign as Example (0x123412…341234)');
    assert.ok(!items.some(({ command }) => command === 'daochain.chooseOrganization'));
  });

  it('leads to the organization also while no node tells of it', () => {
    const known = { ...none, publisher: membership({}).organization.id };
    assert.ok(commands({ node: nodes.stopped }, known).includes('manageOrganization'));
  });

  it('speaks Chinese', () => {
    const own = membership({ isAdmin: true, isOffered: true });
    const organizations = { memberships: [own], publisher: own.organization.id };
    for (const node of Object.values(nodes)) {
      for (const { label } of accountMenu(account({ node, wallet: wallets.unsaved }), organizations, chinese)) {
        assert.match(label, /\p{Script=Han}/u);
      }
    }
  });

  it('names another network that is home', () => {
    const found = accountMenu(account({ network: 'Acme' }), none, english).find(
      ({ command }) => command === 'daochain.manageNetworks',
    );
    assert.equal(found?.description, 'home: Acme');
  });
});
