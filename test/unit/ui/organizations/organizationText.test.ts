import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { invitationTexts } from '../../../../src/words/organizationText';
import { organizationLabel } from '../../../../src/ui/organizations/organizationLabel';
import { membershipRow, organizationRows } from '../../../../src/ui/organizations/organizationText';
import { address } from '../accountStates';
import { chinese, english } from '../../words/localizers';
import { id, membership } from '../organizations';

const current = { window: 'current', slot: { notBefore: 1, notAfter: 0, voidFrom: 0, isScoped: false } } as const;

function actions(changes: Parameters<typeof membership>[0], isDefault = false): readonly string[] {
  return organizationRows(membership(changes), isDefault, english).map(({ value }) => value);
}

describe('an organization in a list', () => {
  it('is never named without its short id, and its name has no hidden characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const label = organizationLabel({ id, name, admin: address }, english);
        assert.ok(label.endsWith('(0x123412…341234)'), label);
        assert.doesNotMatch(label, /[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it('says what the wallet is in it, and for how long', () => {
    const describe = (changes: Parameters<typeof membership>[0]) =>
      membershipRow(membership(changes), english).description;
    assert.equal(describe({ isAdmin: true }), 'admin, no signer');
    assert.equal(describe({ isAdmin: true, ...current }), 'admin, may sign');
    assert.equal(
      describe({
        ...current,
        slot: { notBefore: 1, notAfter: Date.UTC(2027, 0, 31, 23, 59, 59) / 1000, voidFrom: 0, isScoped: false },
      }),
      'may sign until 2027-01-31 23:59:59 UTC',
    );
    assert.equal(
      describe({ window: 'revoked', slot: { notBefore: 1, notAfter: 0, voidFrom: 7, isScoped: false } }),
      'revoked since block 7',
    );
  });
});

describe('what can be done with an organization', () => {
  it('is all for its admin', () => {
    assert.deepEqual(actions({ isAdmin: true, ...current }), ['invite', 'signers', 'signAs', 'share', 'offerAdmin']);
  });

  it('is to look, sign and share for a signer', () => {
    assert.deepEqual(actions(current), ['signers', 'signAs', 'share']);
  });

  it('is to look for who was revoked', () => {
    assert.deepEqual(actions({ window: 'revoked' }), ['signers', 'share']);
  });

  it('is to accept what is offered, and to take an offer back', () => {
    assert.equal(actions({ isOffered: true })[0], 'acceptAdmin');
    const offering = { id, name: 'Example', admin: address, pendingAdmin: `0x${'cd'.repeat(20)}` as const };
    const rows = organizationRows(membership({ isAdmin: true, organization: offering }), true, english);
    const back = rows.find(({ value }) => value === 'withdrawOffer');
    assert.equal(back?.description, checksumAddress(offering.pendingAdmin));
    assert.equal(rows.find(({ value }) => value === 'signAs')?.description, 'current');
  });

  it('is said in Chinese', () => {
    const all = membership({ isAdmin: true, isOffered: true, ...current });
    for (const { label } of organizationRows(all, true, chinese)) assert.match(label, /\p{Script=Han}/u);
  });
});

describe('an invitation', () => {
  const { organization } = membership({}, 'Exa\u{202e}mple');
  const details = {
    ledger: { chainId: 1234n, genesisHash: `0x${'56'.repeat(32)}`, address: `0x${'78'.repeat(20)}` },
    ledgerKind: 'development',
    organization,
    signers: [{ signer: address, scope: '', ...current }],
  } as const;

  it('shows the escaped name, the whole id, the ledger and what the wallet may do', () => {
    const text = invitationTexts(details, {}, address, english).join('\n\n');
    for (const part of ['Exa\\u{202e}mple', id, 'chain 1234', 'Your wallet: may sign'])
      assert.ok(text.includes(part), `${part} is not in:\n${text}`);
  });

  it('shows what the wallet signs for by the ledger, and where the link says otherwise', () => {
    const told = (scope: string | null, link?: string): string => {
      const signers = [{ signer: address, ...current, scope }];
      const said = link === undefined ? {} : { scope: link };
      return invitationTexts({ ...details, signers }, said, address, english).join('\n');
    };
    assert.match(told(''), /It signs for everything\./);
    assert.match(told('ghcr.io/acme/'), /It signs only for what begins with ghcr\.io\/acme\/\./);
    assert.match(
      told(null, 'ghcr.io/acme/'),
      /a part that is not known here.*\n.*says otherwise: it signs only for what/,
    );
    assert.match(told('', 'ghcr.io/acme/web'), /for everything\.\n.*says otherwise.*What the ledger says counts/);
    assert.doesNotMatch(told('ghcr.io/acme/web', 'ghcr.io/acme/web'), /otherwise/);
  });

  it('is in Chinese', () => {
    const told = invitationTexts(details, {}, address, chinese).join('\n\n');
    for (const paragraph of told.split('\n\n').filter((each) => !each.includes(id)))
      assert.match(paragraph, /\p{Script=Han}/u);
  });
});
