import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import { publisherWallet, walletPublisher, type Hex32 } from '../../../../src/core/hex';
import { invitationLink, invitationTo, parseInvitation } from '../../../../src/core/ledger/invitation';
import { chinese, english } from '../../words/localizers';
import { wallet } from '../../services/fakeLedger';

const organization: Hex32 = `0x${'ab'.repeat(32)}`;
const ledger = `1337:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const link = invitationLink({ ledger, organization });

function faultOf(text: string): string | undefined {
  try {
    parseInvitation(text);
    return undefined;
  } catch (error) {
    assert.ok(isDaoChainError(error, 'linkInvalid'), String(error));
    for (const l10n of [english, chinese]) assert.match(errorText(error, l10n), /^[^\p{Cc}\p{Cf}]{8,300}$/u);
    return error.details['reason'];
  }
}

describe('an invitation', () => {
  it('names a ledger and an organization', () => {
    assert.equal(link, `vscode://daochain.daochain/join?ledger=${ledger}&organization=${organization}`);
    assert.deepEqual(parseInvitation(` ${link}\n`), { ledger, organization });
    assert.deepEqual(parseInvitation(link.replace('vscode:', 'vscodium:')), { ledger, organization });
  });

  it('tells what the wallet was made a signer of', () => {
    const id = { chainId: 1337n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` } as const;
    const scoped = `${link}&scope=ghcr.io/acme/web`;
    assert.equal(invitationLink(invitationTo(id, organization, 'ghcr.io/acme/web')), scoped);
    assert.deepEqual(parseInvitation(scoped), { ledger, organization, scope: 'ghcr.io/acme/web' });
    assert.deepEqual(parseInvitation(scoped.replaceAll('acme/', 'acme%2f')), parseInvitation(scoped));
    // Everything, what is not known here, and what no repository can be called.
    for (const scope of ['', null, 'ghcr.io/acme/&ledger=1', 'ghcr.io/\u202e'])
      assert.equal(invitationLink(invitationTo(id, organization, scope)), link);
    for (const scope of ['', '*', 'acme', 'ghcr.io/acme/**', 'ghcr.io/%E2%80%AE', 'a%2526'])
      assert.equal(faultOf(`${link}&scope=${scope}`), 'scope', scope);
    assert.equal(faultOf(`${scoped}&scope=ghcr.io/acme/`), 'repeated');
  });

  it('comes back as it was made, with its colons escaped too', () => {
    const bytes = (length: number): fc.Arbitrary<Hex32> =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((value): Hex32 => {
        return `0x${Buffer.from(value).toString('hex')}`;
      });
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        bytes(32),
        bytes(20),
        bytes(32),
        (chainId, ...parts) => {
          const [genesis, address, id] = parts;
          fc.pre(publisherWallet(id) === undefined);
          const invitation = { ledger: `${chainId}:${genesis}:${address}`, organization: id };
          const text = invitationLink(invitation);
          assert.deepEqual(parseInvitation(text), invitation);
          assert.deepEqual(
            parseInvitation(text.replace(invitation.ledger, encodeURIComponent(invitation.ledger))),
            invitation,
          );
        },
      ),
    );
  });

  it('is refused as soon as it could be read in two ways', () => {
    const table: readonly (readonly [string, string])[] = [
      ['', 'notInvitation'],
      ['https://daochain.daochain/join?ledger=1', 'notInvitation'],
      [link.replace('join', 'trust'), 'notInvitation'],
      [link.replace('daochain.daochain', 'daochain.daochain.evil'), 'notInvitation'],
      [`${link}&organization=${organization}`, 'repeated'],
      [`${link}&ledger=${ledger}`, 'repeated'],
      [`${link}&name=Shop`, 'unknown'],
      [`${link}&`, 'unknown'],
      [`${link}&__proto__=1`, 'unknown'],
      [`${link}#`, 'organization'],
      [link.replace(/&.*/, ''), 'missing'],
      [link.replace(/ledger=[^&]*&/, ''), 'missing'],
      [link.replace(ledger, ''), 'missing'],
      [link.replace(organization, organization.toUpperCase()), 'organization'],
      [link.replace(organization, `${organization}00`), 'organization'],
      [link.replace(organization, wallet(7)), 'organization'],
      [link.replace(organization, walletPublisher(wallet(7))), 'organization'],
      [link.replace('1337', '01337'), 'ledger'],
      [link.replace('1337', '0x539'), 'ledger'],
      [link.replace(ledger, encodeURIComponent(encodeURIComponent(ledger))), 'ledger'],
      [link.replace(organization, '%E0%A4%A'), 'encoding'],
      [link.replace('join', 'jo\u200bin'), 'character'],
      [`${link}\u202e`, 'character'],
      [`${link}${'0'.repeat(600)}`, 'tooLong'],
    ];
    for (const [text, fault] of table) assert.equal(faultOf(text), fault, text);
  });
});
