import type { Membership } from '../../../src/core/plans/organizationPlan';
import { address } from './accountStates';

export const id = `0x${'1234'.repeat(16)}` as const;

/** What the wallet of the account is in an organization: nothing unless given. */
export function membership(changes: Partial<Membership>, name = 'Example'): Membership {
  return {
    organization: { id, name, admin: address },
    isAdmin: false,
    isOffered: false,
    window: 'notSigner',
    slot: { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false },
    scope: '',
    ...changes,
  };
}
