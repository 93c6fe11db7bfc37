import type { Address } from '../hex';
import { publisherWallet } from '../hex';
import type { Attestation, EntryKind, PublisherId, SignerSlot } from './types';

/** Of a signer of whom nothing was ever said. */
export const unsetSlot: SignerSlot = { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false };

/** The slot of a signer where one was read, all zeros where the contract has none. */
export type SlotOf = (publisher: PublisherId, signer: Address) => SignerSlot | undefined;

export type IsVoid = (entry: Attestation) => boolean;

/**
 * Tells entries whose signer is revoked from their block on, or from an earlier one (docs/contract.md). A statement among
 * them counts for nothing; a revocation stays in force.
 */
export function voidBy(slotOf: SlotOf): IsVoid {
  // A history can be long, and few sign in it.
  const known = new Map<PublisherId, Map<Address, number>>();
  return ({ publisher, signer, block }) => {
    const signers = known.get(publisher) ?? new Map<Address, number>();
    const voidFrom = signers.get(signer) ?? slotOf(publisher, signer)?.voidFrom ?? 0;
    if (!signers.has(signer)) known.set(publisher, signers.set(signer, voidFrom));
    return voidFrom !== 0 && block >= voidFrom;
  };
}

/** Whether a wallet may sign for an organization now. `notSigner`: it was never set. */
export type SignerWindow = 'current' | 'notSigner' | 'notYet' | 'retired' | 'revoked';

/** `time` in Unix seconds. A window decides about new entries, never about old ones. */
export function signerWindow({ notBefore, notAfter, voidFrom }: SignerSlot, time: number): SignerWindow {
  if (voidFrom !== 0) return 'revoked';
  if (notBefore === 0) return 'notSigner';
  if (notAfter !== 0 && notAfter < time) return 'retired';
  return notBefore > time ? 'notYet' : 'current';
}

/**
 * Why a wallet may not sign for a publisher now: `details.reason` of `signerNotAllowed`. `outsideScope` comes with the
 * `repository` that the signer's `scope` leaves out, where they are known.
 */
export type SignerFault = Exclude<SignerWindow, 'current'> | 'walletEnded' | 'outsideScope';

/**
 * What the contract says of entries that `signer` makes at `time` (Unix seconds); undefined where it takes them. A wallet
 * that has ended may still revoke.
 */
export function signerFault(
  publisher: PublisherId,
  signer: Address,
  slot: SignerSlot,
  entries: readonly { readonly kind: EntryKind }[],
  time: number,
): SignerFault | undefined {
  const wallet = publisherWallet(publisher);
  if (wallet !== undefined) {
    if (wallet !== signer) return 'notSigner';
    return slot.notAfter !== 0 && entries.some(({ kind }) => kind !== 'revoke') ? 'walletEnded' : undefined;
  }
  const window = signerWindow(slot, time);
  return window === 'current' ? undefined : window;
}
