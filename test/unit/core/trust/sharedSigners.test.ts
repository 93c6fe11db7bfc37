import assert from 'node:assert/strict';
import { sharedSigners } from '../../../../src/core/trust/sharedSigners';
import { acme, alice, bob, bolt, core, wallet } from '../judging/world';

describe('wallets that sign for several publishers of a rule', () => {
  const known = new Map([
    [acme, [wallet(1), wallet(2)]],
    [bolt, [wallet(2), wallet(3)]],
  ]);

  it('are those of an organization that are publishers too, and those of two organizations', () => {
    assert.deepEqual(sharedSigners([acme, alice], known), [{ signer: wallet(1), publishers: [acme, alice] }]);
    assert.deepEqual(sharedSigners([acme, bolt], known), [{ signer: wallet(2), publishers: [acme, bolt] }]);
    assert.deepEqual(sharedSigners([bob, bolt, acme], known), [{ signer: wallet(2), publishers: [bob, bolt, acme] }]);
  });

  it('are none where nothing is known, or everybody has keys of their own', () => {
    assert.deepEqual(sharedSigners([alice, bob], known), []);
    assert.deepEqual(sharedSigners([core, alice], known), []);
    assert.deepEqual(sharedSigners([acme], known), []);
  });
});
