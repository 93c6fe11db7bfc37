import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { admissionLink, parseAdmissionLink } from '../../../../src/core/ledger/admissionLink';
import { networkLink, textBytes, type NetworkLinkFault } from '../../../../src/core/ledger/networkLink';
import { errorText } from '../../../../src/words/errorText';
import { testNodeKey } from '../../../testbed/nodeKey';
import { chinese, english } from '../../words/localizers';

const ledger = `1337:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const nodeKey = testNodeKey(1);
const admission = { ledger, nodeKey, machine: 'Bob’s laptop & 笔记本' };
const link = admissionLink(admission);
const letters = link.slice(link.indexOf('&d=') + 3);

function linkOf(parts: { key?: string; ledger?: string; machine?: string; more?: string }): string {
  const body = [
    Buffer.from(parts.key ?? nodeKey, 'hex'),
    textBytes(parts.ledger ?? ledger),
    textBytes(parts.machine ?? 'bob'),
    Buffer.from(parts.more ?? ''),
  ];
  return networkLink('admit', Buffer.concat(body));
}

function faultOf(text: string): string | undefined {
  try {
    parseAdmissionLink(text);
    return undefined;
  } catch (error) {
    assert.ok(isDaoChainError(error, 'linkInvalid'), String(error));
    for (const l10n of [english, chinese]) assert.match(errorText(error, l10n), /^[^\p{Cc}\p{Cf}]{8,400}$/u);
    return error.details['reason'];
  }
}

describe('the link of a machine', () => {
  it('brings the node, the ledger and what the machine calls itself', () => {
    assert.deepEqual(parseAdmissionLink(link), admission);
    assert.deepEqual(parseAdmissionLink(` ${link.replace('vscode:', 'vscode-insiders:')}\n`), admission);
  });

  it('holds nothing that an editor would hand over in another form', () => {
    assert.match(link, /^vscode:\/\/daochain\.daochain\/admit\?v=1&d=[\w-]+$/);
    assert.ok(link.length < 512, link.length.toString());
    const longest = `${'9'.repeat(78)}:0x${'f'.repeat(64)}:0x${'f'.repeat(40)}`;
    const largest = { ledger: longest, nodeKey, machine: '🦊'.repeat(64) };
    assert.deepEqual(parseAdmissionLink(admissionLink(largest)), largest);
  });

  it('is never without a name that can be read', () => {
    for (const machine of ['', ' ', 'x'.repeat(65), 'a\u202eb', 'a\nb', '\ud800'])
      assert.equal(parseAdmissionLink(admissionLink({ ledger, nodeKey, machine })).machine, 'machine');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (machine) => {
        const read = parseAdmissionLink(admissionLink({ ledger, nodeKey, machine }));
        assert.ok(read.machine === machine || read.machine === 'machine');
      }),
    );
  });

  it('is refused with the reason, whoever wrote it', () => {
    const table: readonly (readonly [string, NetworkLinkFault])[] = [
      ['', 'notAdmission'],
      [link.replace('/admit?', '/network?'), 'notAdmission'],
      [link.replace('daochain.daochain', 'evil.daochain'), 'notAdmission'],
      [link.padEnd(20_480, 'A'), 'tooLong'],
      [`${link}\u0000`, 'character'],
      [`${link}#x`, 'encoding'],
      [link.replace(letters, letters.replace('A', '%41')), 'encoding'],
      [link.replace(letters, letters.replace('A', '%2541')), 'encoding'],
      [link.replace('v=1', 'v=-1'), 'encoding'],
      [`${link}&v=1`, 'repeated'],
      [`${link}&d=${letters}`, 'repeated'],
      [`${link}&machine=bob`, 'unknown'],
      [link.replace('v=1', 'v=2'), 'newer'],
      ['vscode://daochain.daochain/admit?v=3&x=1', 'newer'],
      ['vscode://daochain.daochain/admit?v=1', 'missing'],
      ['vscode://daochain.daochain/admit?', 'missing'],
      [link.slice(0, -1), 'damaged'],
      [link.replace(letters, letters.replace('A', 'B')), 'damaged'],
      [networkLink('network', Buffer.from(letters, 'base64url')).replace('/network?', '/admit?'), 'damaged'],
      [linkOf({ more: 'x' }), 'damaged'],
      [linkOf({ key: 'ab' }), 'damaged'],
      [linkOf({ key: 'ab'.repeat(64) }), 'node'],
      [linkOf({ key: '00'.repeat(64) }), 'node'],
      [linkOf({ ledger: ledger.replace('1337', '01337') }), 'ledger'],
      [linkOf({ ledger: ledger.toUpperCase() }), 'ledger'],
      [linkOf({ ledger: `${ledger}:1` }), 'ledger'],
      [linkOf({ ledger: '' }), 'ledger'],
      [linkOf({ machine: '' }), 'machine'],
      [linkOf({ machine: 'x'.repeat(65) }), 'machine'],
      [linkOf({ machine: 'a\u202eb' }), 'machine'],
      [linkOf({ machine: 'a\nb' }), 'machine'],
    ];
    for (const [text, expected] of table) assert.equal(faultOf(text), expected, text.slice(0, 300));
    assert.equal(faultOf(linkOf({})), undefined);
  });
});
