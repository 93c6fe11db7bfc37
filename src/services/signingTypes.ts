import type { Address, Hex32 } from '../core/hex';
import type { Digest } from '../core/image/digest';
import type { ImageReference } from '../core/image/reference';
import type { ReleaseChange } from '../core/ledger/release';
import type { Entry, LedgerId, LedgerKind, Statement } from '../core/ledger/types';
import type { FeeEstimate } from '../core/ports';

/** One image of a signing plan: what will be said about it. */
export interface PlannedImage {
  readonly reference: ImageReference;
  /** What the engine called the image when the plan was made; if its tag has moved since, nothing is sent. */
  readonly imageId: Digest;
  readonly platform: string;
  readonly configDigest: Digest;
  readonly statement: Statement;
  readonly entry: Entry;
  readonly key: Hex32;
  /** Of what is signed already with the same content nothing is sent, unless asked for. `differences` where they are known. */
  readonly change:
    | { readonly type: Exclude<ReleaseChange, 'changed'> }
    | { readonly type: 'changed'; readonly differences: readonly string[] };
}

/** Everything a person has to see before they sign; nothing has been sent yet. */
export interface SigningPlan {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
  readonly signer: Address;
  readonly images: readonly PlannedImage[];
  /** What would be sent: the images' entries without those already signed with the same content, unless asked for. */
  readonly entries: readonly Entry[];
  readonly fee: FeeEstimate;
  /** Wei that the balance lacks for `fee.cost`; 0 when it is enough. */
  readonly missing: bigint;
}

/** Progress of an executed plan. After `broadcast` a cancel only stops the waiting. */
export type SigningProgress =
  | { readonly stage: 'broadcast'; readonly transaction: Hex32 }
  | { readonly stage: 'mined'; readonly transaction: Hex32; readonly block: number }
  | {
      readonly stage: 'confirming';
      readonly transaction: Hex32;
      readonly confirmations: number;
      readonly needed: number;
    }
  | { readonly stage: 'final'; readonly transaction: Hex32; readonly block: number };

export interface SigningOutcome {
  readonly transaction: Hex32;
  /** `waiting`: the caller stopped waiting; the transaction stays on its way and is followed in the background. */
  readonly state: 'final' | 'waiting';
}
