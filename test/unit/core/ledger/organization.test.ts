import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import {
  organizationFault,
  organizationName,
  walletAddress,
  type OrganizationFault,
} from '../../../../src/core/ledger/organization';
import { signerWindow } from '../../../../src/core/ledger/signerStanding';
import { chinese, english } from '../../words/localizers';

function faultOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    assert.ok(isDaoChainError(error, 'invalidInput'), String(error));
    return error.details['reason'];
  }
}

describe('what is given about an organization', () => {
  it('has a name of 1 to 64 bytes that everybody sees as it is', () => {
    for (const name of ['Shop', 'Été & Söhne', '例子公司', 'x'.repeat(64), '例'.repeat(21)]) {
      assert.equal(organizationName(name), name);
    }
    assert.equal(
      faultOf(() => organizationName('')),
      'nameEmpty',
    );
    assert.equal(
      faultOf(() => organizationName('  ')),
      'nameEmpty',
    );
    assert.equal(
      faultOf(() => organizationName('x'.repeat(65))),
      'nameTooLong',
    );
    assert.equal(
      faultOf(() => organizationName('例'.repeat(22))),
      'nameTooLong',
    );
    for (const hidden of ['Shop\u202e', 'Sh\u200bop', 'Shop\n', 'Sh\0op', '\ud800', 'Sh\u00adop', 'a\\b']) {
      assert.equal(
        faultOf(() => organizationName(hidden)),
        'nameHidden',
        JSON.stringify(hidden),
      );
    }
  });

  it('has addresses whose checksum is right where they have one', () => {
    const right = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    const lower = right.toLowerCase();
    assert.equal(walletAddress(right), lower);
    assert.equal(walletAddress(lower), lower);
    assert.equal(
      faultOf(() => walletAddress(right.replace('5aA', '5aa'))),
      'walletChecksum',
    );
    for (const wrong of [
      '',
      '0x',
      `${right}0`,
      right.slice(2),
      `0x${'0'.repeat(40)}`,
      ` ${right}`,
      `0x${'g'.repeat(40)}`,
    ]) {
      assert.equal(
        faultOf(() => walletAddress(wrong)),
        'walletForm',
        wrong,
      );
    }
  });

  it('is told in both languages what is wrong with it', () => {
    const faults: Record<OrganizationFault, true> = {
      ...{ nameEmpty: true, nameTooLong: true, nameHidden: true, walletForm: true, walletChecksum: true },
      ...{ windowEmpty: true, signerRevoked: true, signerNotCurrent: true, sinceBlock: true },
      ...{ alreadyAdmin: true, nothingOffered: true, scopeForm: true, scopeUnknown: true },
    };
    const told = Object.keys(faults).flatMap((fault) =>
      [english, chinese].map((l10n) => errorText(organizationFault(fault as OrganizationFault), l10n)),
    );
    assert.equal(new Set(told).size, told.length);
  });
});

describe('the window of a signer', () => {
  const slot = { notBefore: 10, notAfter: 20, voidFrom: 0, isScoped: false };

  it('is open from its first second to its last, as the contract has it', () => {
    const windows = [9, 10, 20, 21].map((time) => signerWindow(slot, time));
    assert.deepEqual(windows, ['notYet', 'current', 'current', 'retired']);
    assert.equal(signerWindow({ ...slot, notAfter: 0 }, 2 ** 40), 'current');
  });

  it('is closed where it ends before it begins, where there is none, and for a revoked signer', () => {
    assert.equal(signerWindow({ ...slot, notAfter: 5 }, 7), 'retired');
    assert.equal(signerWindow({ notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false }, 7), 'notSigner');
    assert.equal(signerWindow({ ...slot, voidFrom: 1 }, 15), 'revoked');
    assert.equal(signerWindow({ notBefore: 0, notAfter: 0, voidFrom: 3, isScoped: false }, 15), 'revoked');
  });
});
