import type { ImageIdentity, Platform } from '../image/identity';
import type { MissingPart, Assurance, Depth } from './verdict';
import type { Finality, LedgerKey, LedgerKind, PublisherId, History, Attestation } from '../ledger/types';
import type { SlotOf } from '../ledger/signerStanding';
import type { RuleSource } from '../trust/rules';
import type { ContentOf } from './comparison';

/**
 * The image under judgement. `unread`: nobody has looked into it, which is enough as long as nothing was stated under
 * its name. `missing`: which part of the answer to the question what it is could not be had.
 */
export type ImageUnderJudgement =
  | {
      readonly identity: ImageIdentity;
      /** `local`: built or loaded here, as far as the engine says. */
      readonly origin: 'local' | 'registry' | 'unknown';
    }
  | { readonly unread: true }
  | {
      readonly missing: Extract<
        MissingPart,
        'engine' | 'image' | 'malformedImage' | 'platform' | 'registry' | 'variable'
      >;
      readonly detail?: string;
    };

/** A block the chain was read at; time in Unix seconds. */
export interface ViewedBlock {
  readonly number: number;
  readonly time: number;
}

/** What the reader has seen of the chain. `complete`: every event of the ledger up to `head`. */
export type ViewState =
  | { readonly state: 'complete'; readonly head: ViewedBlock }
  | {
      readonly state: 'incomplete';
      readonly missing: Extract<
        MissingPart,
        | 'ledger'
        | 'ledgerNotFollowed'
        | 'ledgerIncomplete'
        | 'historyContradicted'
        | 'otherChain'
        | 'stillReading'
        | 'strangersLeftOut'
      >;
      readonly detail?: string;
      /** Absent when the chain was never read. */
      readonly head?: ViewedBlock;
    };

export type ChainView = ViewState & {
  /** Undefined as long as none is known; nothing is green then. */
  readonly ledger: LedgerKey | undefined;
  /** What the reader calls it, where they follow more than one. */
  readonly network?: string;
  readonly ledgerKind: LedgerKind;
  readonly assurance: Assurance;
  readonly finality: Finality;
  /** Confirmations that make an entry final; see `core/ledger/finality.ts`. */
  readonly needed: number;
  /**
   * Whether the publisher's history of this name, or that there is none, was compared with the contract's link at `head`.
   * Asked for each publisher that a covering rule names and for each one in `histories`.
   */
  readonly isChecked: (publisher: PublisherId) => boolean;
  /** Whether everybody who spoke under this name was looked for; it matters only where no rule covers the name. */
  readonly strangers: StrangersRead;
};

/** `reading`: what strangers wrote was not read up to `head`. `full`: some of it was left out, because it is too much. */
export type StrangersRead = 'read' | 'reading' | 'full';

export interface JudgeInput {
  /** Canonical repository, registry included, and tag. */
  readonly reference: { readonly repository: string; readonly tag: string };
  readonly image: ImageUnderJudgement;
  /** Where the image was asked for a platform; one of another architecture is not what was asked for. */
  readonly platform?: Platform | undefined;
  /** Histories of this name, at most one for each publisher, in any order. Those of other names are ignored. */
  readonly histories: readonly History[];
  /**
   * Histories of the reserved names (`core/ledger/contentName.ts`) under which accepted publishers may have taken content
   * back everywhere, in any order. `isContentChecked` tells, by publisher and tag, whether that history, or that there is
   * none, was compared with the contract's link at `head`; also for the contents of statements that match the image.
   */
  readonly contentHistories: readonly History[];
  readonly isContentChecked: (publisher: PublisherId, tag: string) => boolean;
  /**
   * Histories of this name by publishers whom rules accept on other ledgers that decide: content that they declare, and that
   * the image is equivalent to, can have been taken back everywhere on this one.
   */
  readonly declaredElsewhere?: readonly History[];
  /** Statements of this content under other names, for a hint; nothing rests on them. */
  readonly knownAs: readonly Attestation[];
  /** The slot at `head`, all zeros where the contract has none; undefined when it was not read. */
  readonly slotOf: SlotOf;
  readonly rules: readonly RuleSource[];
  /** Set where a rule that decides about the image enforces, on whatever ledger. */
  readonly isEnforced?: boolean;
  readonly view: ChainView;
  /** Publishers that speak for this reader, their wallet among them: tells a rebuild of what they signed from an alarm. */
  readonly ownPublishers: readonly PublisherId[];
  /** Unix seconds. */
  readonly now: number;
  readonly contentOf?: ContentOf;
  /** What a deeper check of the local image found; `paths` are those that differ. */
  readonly deepCheck?: { readonly depth: Exclude<Depth, 'identity'>; readonly paths: readonly string[] };
}
