import type { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import type { Digest } from '../image/digest';
import type { Platform } from '../image/identity';
import type { ImageReference } from '../image/reference';
import type { ReleaseChange } from '../ledger/release';
import type { Attestation, Entry, Leaf, PublisherId, Revocation, Statement } from '../ledger/types';
import type { LookAlike } from '../trust/lookAlike';
import type { Verdict } from '../judging/verdict';
import type { TransactionPlan } from './transactionPlan';

/** One entry of a plan. */
export interface PlannedEntry {
  /** With a tag and without a digest. */
  readonly reference: ImageReference;
  readonly entry: Entry;
  readonly key: Hex32;
  /**
   * What the engine called the image when the plan was made; if its tag has moved since, nothing is sent. Absent where it
   * is not the engine's image that the entry is about.
   */
  readonly imageId?: Digest;
}

/** What a registry showed when a plan was made. */
export interface PlannedFromRegistry {
  /** Of the index or manifest that the tag named. A person confirms this one. */
  readonly digest: Digest;
  /**
   * Whether the name had this digest, or the engine has pushed or pulled it. Any other is the registry's word alone, and there
   * can be other layers behind it than the config says.
   */
  readonly isExpected: boolean;
  readonly isIndex: boolean;
  /** Of the images there. */
  readonly platforms: readonly Platform[];
  /** Those that the release does not state and that are not added to it; because of them the index is not signed. */
  readonly unstated: readonly Platform[];
}

/** What a person has to know of an image that they vouch for. */
export interface PlannedVouch {
  /** `registry`: only the registry has it, and nobody has looked at its layers. The others are the engine's word. */
  readonly origin: 'built' | 'pulled' | 'unknown' | 'registry';
  /** On this very image, before anything is said. */
  readonly verdict: Verdict;
  /** What its name can be mistaken for. */
  readonly lookAlike?: LookAlike;
}

/** One image of a signing plan: what will be said about it. */
export interface PlannedImage extends PlannedEntry {
  /** Of all images that are signed, separated by commas. */
  readonly platform: string;
  /** Of the image; of an index, which has no config, of its first image. */
  readonly configDigest: Digest;
  readonly statement: Statement;
  /** Absent for an image of the engine. */
  readonly registry?: PlannedFromRegistry;
  /** Absent where it is not vouched for. */
  readonly vouch?: PlannedVouch;
  /** Of what is signed already with the same content nothing is sent, unless asked for. `differences` where they are known. */
  readonly change:
    | { readonly type: Exclude<ReleaseChange, 'changed'> }
    | { readonly type: 'changed'; readonly differences: readonly string[] };
  /** What was taken back under every name of the publisher, and what makes it valid again there. */
  readonly lifted: readonly ContentEntry[];
}

/** An entry under the reserved name of a content (`core/ledger/contentName.ts`). */
export interface ContentEntry {
  readonly leaf: Leaf;
  readonly entry: Entry;
}

/** A statement that will be taken back. */
export interface PlannedRevocation extends PlannedEntry {
  readonly attestation: Attestation;
  readonly revocation: Revocation;
  /** What it takes back that stands now. */
  readonly voided: readonly Leaf[];
  /** Every statement that has some of it, the one that is named among them; oldest first. */
  readonly affected: readonly Attestation[];
  /** What is taken back under every name of the publisher; empty for a reason that is not about the content. */
  readonly everywhere: readonly ContentEntry[];
}

/** What cannot be signed, and why: the others can be signed without it. */
export interface SkippedImage {
  /** As it was asked for. */
  readonly name: string;
  readonly error: DaoChainError;
}

/** What becomes of the reader's verdict on an image of a plan. */
export interface Foreseen {
  readonly reference: ImageReference;
  readonly now: Verdict;
  /** As soon as what is planned is final. */
  readonly then: Verdict;
  /** What organizations among `named` call themselves, where that is known. */
  readonly names?: ReadonlyMap<PublisherId, string>;
  /** Whose word of this kind the rules that decide about the image take. */
  readonly named: readonly PublisherId[];
}

/** What is said about images, and the transaction that says it. */
interface Plan<T extends PlannedEntry> extends TransactionPlan {
  /** In whose name it is said. */
  readonly publisher: PublisherId;
  /** What an organization calls itself; its creator's text. */
  readonly publisherName?: string;
  readonly images: readonly T[];
  /**
   * What would be sent: the images' entries, without those already signed with the same content unless asked for, and those
   * under the reserved names of contents.
   */
  readonly entries: readonly Entry[];
  /** Of the images that can be judged here; absent until somebody has foretold it. */
  readonly foreseen?: readonly Foreseen[];
}

export interface SigningPlan extends Plan<PlannedImage> {
  readonly skipped: readonly SkippedImage[];
}
export type RevocationPlan = Plan<PlannedRevocation>;
