import assert from 'node:assert/strict';
import {
  endOfDay,
  invitationProblem,
  lastDayProblem,
  nameProblem,
  namespaceProblem,
  walletProblem,
} from '../../../../src/ui/organizations/typedText';
import { chinese, english } from '../../words/localizers';

const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';

describe('what a person types about an organization', () => {
  it('is a name of 1 to 64 bytes that others see as it is', () => {
    assert.equal(nameProblem('Example Company', english), undefined);
    assert.equal(nameProblem('例'.repeat(21), english), undefined);
    for (const name of ['', ' ', '例'.repeat(22), 'Exa\u{202e}mple', 'a\u{200b}b', 'a\\b'])
      assert.notEqual(nameProblem(name, english), undefined, name);
  });

  it('is a wallet whose checksum is right', () => {
    assert.equal(walletProblem(address, english), undefined);
    assert.equal(walletProblem(address.toLowerCase(), english), undefined);
    for (const wallet of ['', '0x12', address.replace('5aA', '5aa'), `0x${'0'.repeat(40)}`, `${address}0`])
      assert.notEqual(walletProblem(wallet, english), undefined, wallet);
  });

  it('is a namespace, or none', () => {
    for (const namespace of ['', 'registry.example.com/team', 'docker.io/acme', 'localhost:5000/a/b'])
      assert.equal(namespaceProblem(namespace, english), undefined, namespace);
    for (const namespace of [
      'team',
      'registry.example.com/*',
      'registry.example.com/**',
      'registry.example.com/Team',
      '*',
    ])
      assert.notEqual(namespaceProblem(namespace, english), undefined, namespace);
  });

  it('is a day to come', () => {
    assert.equal(endOfDay('2027-01-31'), Date.UTC(2027, 0, 31, 23, 59, 59) / 1000);
    for (const day of ['2027-02-30', '2027-1-31', '31.1.2027', '2027-01-31T00:00', ''])
      assert.equal(endOfDay(day), undefined, day);
    const now = Date.UTC(2027, 0, 31, 12) / 1000;
    assert.equal(lastDayProblem('2027-01-31', now, english), undefined);
    assert.equal(lastDayProblem('2027-01-30', now, english), 'This day has passed.');
    assert.match(lastDayProblem('soon', now, english) ?? '', /2027-01-31/);
  });

  it('is an invitation', () => {
    const ledger = `1:0x${'12'.repeat(32)}:0x${'34'.repeat(20)}`;
    const link = `vscode://daochain.daochain/join?ledger=${ledger}&organization=0x${'56'.repeat(32)}`;
    assert.equal(invitationProblem(link, english), undefined);
    assert.notEqual(invitationProblem(link.replace('join', 'trust'), english), undefined);
  });

  it('is refused in Chinese too', () => {
    const refusals = [
      nameProblem('', chinese),
      walletProblem('', chinese),
      namespaceProblem('team', chinese),
      lastDayProblem('soon', 0, chinese),
      lastDayProblem('2000-01-01', 1e9, chinese),
      invitationProblem('', chinese),
    ];
    for (const refusal of refusals) assert.match(refusal ?? '', /\p{Script=Han}/u);
  });
});
