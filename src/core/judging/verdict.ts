import type { LedgerKey, LedgerKind, PublisherId, RevocationReason } from '../ledger/types';
import type { Platform } from '../image/identity';
import type { Address, Hex32 } from '../hex';

/**
 * In order of precedence (docs/verdicts.md), which is `precedence` in judge.ts; worse.ts,
 * pinned.ts and composition.ts have orders of their own.
 * Each is also a diagnostic (core/diagnostics.ts). What compares a `kind` without a switch, nothing forces to look at a new one:
 * `precedence`, pull, transfers, build watch, pinned references, findings, quick fixes, plans, and the tables of exit codes in
 * README and docs/cli.md.
 */
export const verdictKinds = [
  'tampered',
  'revoked',
  'superseded',
  'mismatch',
  'pending',
  'stale',
  'verified',
  'untrusted',
  'unsigned',
  'unknown',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** How far the content was compared. */
export type Depth = 'identity' | 'layers' | 'rootfs';

/** Where the chain facts come from: our own node executed the blocks, a recovered signature, or only an endpoint's word. */
export type Assurance = 'ownNode' | 'signature' | 'reported';

/** A statement as a verdict cites it. Plain data: it crosses processes. */
export interface Citation {
  readonly publisher: PublisherId;
  readonly signer: Address;
  readonly kind: 'publish' | 'vouch' | 'revoke';
  readonly repository: string;
  readonly tag: string;
  readonly position: number;
  readonly block: number;
  /** Unix seconds. */
  readonly time: number;
  readonly transaction: Hex32;
}

/** A part of the answer that is missing; a verdict never guesses it. */
export const missingParts = [
  'engine',
  'image',
  'malformedImage',
  /**
   * The expression for the platform is not valid, or it depends on an engine that does not say which platform is its
   * own.
   */
  'platform',
  'registry',
  /** A reference with a variable that has no value. */
  'variable',
  /** The ledger does not answer. */
  'ledger',
  /** A rule names a ledger that the reader has not joined. */
  'ledgerNotFollowed',
  'ledgerIncomplete',
  /** Something that was final here is gone from the chain or different, and nobody has read the alarm yet. */
  'historyContradicted',
  /** The chain is not the one of which the link told by which the network was joined. */
  'otherChain',
  /** What publishers wrote whom no rule names was not read up to the newest block. */
  'stillReading',
  /** So much was written by publishers whom no rule names that some of it was left out. */
  'strangersLeftOut',
  /** What `inspect` prints differs from what was signed: read the config's own bytes and judge again. */
  'configBytes',
  /** A registry serves the config of what was signed; whether the layers are those too shows when they are pulled. */
  'layers',
  /** Docker-only fields were lost, and the statement does not say which ones there were. */
  'signedContent',
  /** An accepted publisher's newest entry is not of a form this version reads. */
  'unreadableEntry',
] as const;
export type MissingPart = (typeof missingParts)[number];

/** Nothing that such a chain says counts: what would say otherwise can be gone from it. */
export function isWrongChain(missing: MissingPart): missing is 'historyContradicted' | 'otherChain' {
  return missing === 'historyContradicted' || missing === 'otherChain';
}

/**
 * Why a registry said nothing about an image; the `detail` of `missing: 'registry'`. `registryRefused`: by our own rules
 * for addresses; `registryOff`: nobody is asked, in Restricted Mode or by setting. The others are error codes.
 */
export const registryFailures = [
  'registryUnavailable',
  'registryCertificate',
  'registryWebPage',
  'registryRefused',
  'registryPlainHttp',
  'registryDenied',
  'registryLogin',
  'registryBusy',
  'registryOff',
  'imageNotFound',
] as const;
export type RegistryFailure = (typeof registryFailures)[number];

/** The `detail` of `missing: 'ledger'` where the node has no room for its chain, and so cannot be started. */
export const diskFullDetail = 'diskFull';

/**
 * `exact`: bytes that the statement names (config, manifest or index). `content`: both content hashes under another
 * digest. `equivalent`: as `content`, but Healthcheck or Shell were lost in a conversion.
 */
export const matchesClosestFirst = ['exact', 'content', 'equivalent'] as const;
export type Match = (typeof matchesClosestFirst)[number];

export interface Confirmations {
  readonly confirmations: number;
  readonly needed: number;
}

/** The publisher has stated this content anew; the verdict holds until that entry is final. */
interface UntilConfirmed {
  readonly confirming?: Confirmations;
}

/**
 * `reported`: only an endpoint's word. The others count where a rule enforces: a development ledger, an `equivalent` match, recovered signatures without a
 * checkpoint of the publisher.
 */
export const refusals = ['reported', 'development', 'depthOnly', 'equivalent', 'noCheckpoint'] as const;
export type Refusal = (typeof refusals)[number];

/** What every verdict says beside its outcome. */
export interface VerdictFrame {
  readonly depth: Depth;
  readonly assurance: Assurance;
  /** Whether a trust rule covers the repository, and how strictly. */
  readonly coverage: 'none' | 'warn' | 'enforce';
  readonly ledgerKind: LedgerKind;
  /** The ledger that decided; absent as long as none is known. */
  readonly ledger?: LedgerKey;
  /** What the reader calls it, where they follow more than one. */
  readonly network?: string;
  /** The block the chain was read at; absent when it was not read. */
  readonly asOf?: {
    readonly block: number;
    readonly time: number;
    /** By how many seconds that block is ahead of this machine's clock, where that is more than any node lets pass. */
    readonly ahead?: number;
  };
}

/** The closed union of outcomes; what each means is in docs/verdicts.md. */
export type Outcome =
  | { readonly kind: 'tampered'; readonly paths: readonly string[] }
  | ({
      readonly kind: 'revoked';
      /**
       * `revocation`: a revoke entry under this name; `everywhere`: one under every name of the publisher; `signer`: every
       * statement of this content was made by a revoked signer.
       */
      readonly by: 'revocation' | 'everywhere' | 'signer';
      readonly citation: Citation;
      readonly reason?: RevocationReason;
      readonly note?: string;
    } & UntilConfirmed)
  | ({ readonly kind: 'superseded'; readonly current: Citation; readonly older: Citation } & UntilConfirmed)
  | ({
      readonly kind: 'mismatch';
      /** `rebuilt`: your own image, built here again since you signed it; red, but no alarm. */
      readonly cause: 'content' | 'rebuilt';
      readonly citation: Citation;
      readonly platform: Platform;
      /** Names of what differs, for example `Env`, `layers`, `OnBuild`, where it can be told. */
      readonly differences: readonly string[];
    } & UntilConfirmed)
  | ({ readonly kind: 'pending'; readonly by: readonly Citation[] } & Confirmations)
  | {
      readonly kind: 'stale';
      readonly cause: 'validity' | 'view';
      readonly since: number;
      readonly by: readonly Citation[];
    }
  | {
      readonly kind: 'verified';
      readonly match: Match;
      /** For `equivalent`: the docker-only fields that were lost. */
      readonly differences: readonly string[];
      readonly by: readonly Citation[];
    }
  | {
      readonly kind: 'untrusted';
      readonly by: readonly Citation[];
      /**
       * Accepted publishers that match, by signers of whom no two are one, and how many the rule asks for (0 of 0 when no
       * rule covers the repository).
       */
      readonly accepted: number;
      readonly needed: number;
      /** How many publishers match, where one signer speaks for more than one of them. */
      readonly sharing?: number;
      /** Set when enough publishers of a rule do match and only this keeps the verdict from being green. */
      readonly refused?: Refusal;
      /** The reader's own wallet signed one of `by`, for itself or for an organization. */
      readonly isOwn?: boolean;
    }
  | {
      readonly kind: 'unsigned';
      readonly knownAs: readonly Citation[];
      readonly otherPlatforms: readonly Platform[];
      readonly vouchedDiffers: readonly Citation[];
    }
  | { readonly kind: 'unknown'; readonly missing: MissingPart; readonly detail?: string };

export type Verdict = VerdictFrame & Outcome;

const redKinds: Readonly<Record<VerdictKind, boolean>> = {
  tampered: true,
  revoked: true,
  superseded: false,
  mismatch: true,
  pending: false,
  stale: false,
  verified: false,
  untrusted: false,
  unsigned: false,
  unknown: false,
};

/** What somebody whom the reader accepts speaks against, or what was changed since. */
export function isRed({ kind }: Pick<Verdict, 'kind'>): boolean {
  return redKinds[kind];
}

/** Red verdicts that alarm in badges and notices. A rebuild of your own image does not; for a script it is a mismatch like any other. */
export function isAlarm(verdict: Verdict): boolean {
  return isRed(verdict) && !(verdict.kind === 'mismatch' && verdict.cause === 'rebuilt');
}

/**
 * What a cited statement has to do with the image that was judged: it states it, states it under another name, states other
 * content under this name, or takes it back or is void by now.
 */
export type CitationRole = 'states' | 'statesElsewhere' | 'statesOther' | 'takenBack';

export interface CitedStatement {
  readonly citation: Citation;
  readonly role: CitationRole;
}

/** The statements that a verdict rests on, so that nobody is shown as if they had signed what they have not. */
export function citedBy(verdict: Verdict): readonly CitedStatement[] {
  switch (verdict.kind) {
    case 'revoked':
      return [{ citation: verdict.citation, role: 'takenBack' }];
    case 'mismatch':
      return [{ citation: verdict.citation, role: 'statesOther' }];
    case 'superseded':
      return [
        { citation: verdict.current, role: 'statesOther' },
        { citation: verdict.older, role: 'states' },
      ];
    case 'pending':
    case 'stale':
    case 'verified':
    case 'untrusted':
      return verdict.by.map((citation) => ({ citation, role: 'states' }));
    case 'unsigned':
      return [
        ...verdict.knownAs.map((citation) => ({ citation, role: 'statesElsewhere' as const })),
        ...verdict.vouchedDiffers.map((citation) => ({ citation, role: 'statesOther' as const })),
      ];
    case 'tampered':
    case 'unknown':
      return [];
  }
}

/** Whether only the layers can tell what a registry claims to have. */
export function isUnsettledByLayers(verdict: Verdict): boolean {
  return verdict.kind === 'unknown' && verdict.missing === 'layers';
}
