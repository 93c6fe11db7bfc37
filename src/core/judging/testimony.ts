import type { Address } from '../hex';
import type { Platform } from '../image/identity';
import type { Attestation, Revocation, Statement } from '../ledger/types';
import type { Line, Reading } from './reading';
import type { AcceptedKind } from '../trust/rules';
import type { Match } from './verdict';

/** Somebody who is responsible for this content by a valid statement of their own. */
export interface Backer {
  readonly signer: Address;
  /** What they state themselves; only a digest where they do not state the content. */
  readonly content?: 'content' | 'equivalent';
  readonly isExact: boolean;
  /** Unix seconds, `Infinity` without an end. */
  readonly until: number;
  readonly block: number;
  readonly isFinal: boolean;
}

type Said =
  | {
      readonly says: 'this';
      readonly entry: Attestation;
      readonly match: Match;
      readonly differences: readonly string[];
      /** Until when the content is stated, and until when a digest of the very bytes is; `Infinity` without an end. */
      readonly until: number;
      readonly exactUntil: number;
      readonly backers: readonly Backer[];
    }
  /** The last word on this content is void: by `revocation`, or because `entry` and all others are by void signers. */
  | { readonly says: 'revoked'; readonly entry: Attestation; readonly revocation?: Revocation }
  /** An older release: `older` is still valid, `current` says other content. */
  | { readonly says: 'superseded'; readonly current: Attestation; readonly older: Attestation }
  | {
      readonly says: 'other';
      readonly current: Attestation;
      readonly platform: Platform;
      readonly differences: readonly string[];
    }
  /** Something that would be needed is missing or cannot be read. */
  | {
      readonly says: 'unclear';
      readonly missing: 'ledgerIncomplete' | 'configBytes' | 'signedContent' | 'unreadableEntry';
    };

/** What one publisher, by statements of one kind, says about one image under one name. */
export type Testimony =
  /** `promise`: the newest statement says this content; it is not final yet. */
  | (Said & { readonly promise?: Attestation })
  /** `this`, as soon as `promise` is final. Nothing final speaks against it. */
  | {
      readonly says: 'soon';
      readonly promise: Attestation;
      readonly match: Match;
      readonly backers: readonly Backer[];
    }
  /** Other platforms only. */
  | { readonly says: 'elsewhere'; readonly statement: Statement }
  | { readonly says: 'nothing' }
  /** A stranger who does not state this content; nobody asks what else they say. */
  | { readonly says: 'unheard' };

/**
 * Walks one history. Statements of void signers are skipped, the others count once they are final; revocations and void
 * signers count against content at once. Where a revocation would help, the careful way is the other one: it lets an
 * older release be current again only when it is final and its signer is in good standing.
 */
export function hear(reading: Reading, kind: AcceptedKind): Testimony {
  const own = reading.lines.filter(({ entry }) => entry.kind === kind);
  const promise = promiseOf(reading, own);
  const current = own.findLast((line) => counts(line) && line.takenBackBy === undefined);

  const said =
    takenBack(reading) ??
    undecided(reading) ??
    unreadable(reading, kind, current) ??
    (current && stated(reading, own, current, promise));
  if (said !== undefined) return { ...said, ...(promise && { promise: promise.entry }) };
  if (promise?.standing.comparison.relation === 'same') {
    const { match } = promise.standing.comparison;
    return { says: 'soon', promise: promise.entry, match, backers: backersOf(own) };
  }
  return current === undefined ? { says: 'nothing' } : { says: 'elsewhere', statement: current.statement };
}

/** Last word on the content: valid after every revocation, or void. Void too is content that only skipped statements name. */
function takenBack(reading: Reading): Said | undefined {
  const { lines, lastRevocation, isNamed } = reading;
  if (lines.some((line) => counts(line) && isLastWord(reading, line))) return undefined;
  if (lastRevocation !== undefined) {
    return { says: 'revoked', entry: lastRevocation.entry, revocation: lastRevocation.revocation };
  }
  const skipped = lines.findLast(({ isVoid, comparison }) => isVoid && isNamed(comparison));
  return skipped && { says: 'revoked', entry: skipped.entry };
}

/**
 * The image could be the stated one with something lost, or it could be another one: whatever was stated may be about
 * it.
 */
function undecided({ lines, isNamed }: Reading): Said | undefined {
  const isOpen =
    !lines.some(({ comparison }) => isNamed(comparison)) &&
    lines.some(({ comparison }) => comparison.relation === 'undecided');
  return isOpen ? { says: 'unclear', missing: 'signedContent' } : undefined;
}

/** A newer entry may say anything. Carrying content on does not answer a revocation that nobody could read, either. */
function unreadable(reading: Reading, kind: AcceptedKind, current: Line | undefined): Said | undefined {
  const place = current?.entry.position ?? -1;
  const isThis = current?.standing.comparison.relation === 'same';
  const source = isThis ? (current.carriedFrom?.source?.position ?? place) : place;
  const isNewer = reading.unreadable.some((entry) =>
    entry.kind === 'revoke' ? entry.position > source : entry.kind === kind && entry.position > place,
  );
  return isNewer ? { says: 'unclear', missing: 'unreadableEntry' } : undefined;
}

/** What the current statement says of the image's platform; undefined when that is nothing. */
function stated(
  reading: Reading,
  own: readonly Line[],
  { entry, standing: { comparison, until, exactUntil } }: Line,
  promise: Line | undefined,
): Said | undefined {
  switch (comparison.relation) {
    case 'same': {
      const { match, differences } = comparison;
      const backers = backersOf(promise === undefined ? own.filter(({ isFinal }) => isFinal) : own);
      return { says: 'this', entry, match, differences, until, exactUntil, backers };
    }
    case 'undecided':
      return { says: 'unclear', missing: 'signedContent' };
    case 'elsewhere':
      return undefined;
    case 'other': {
      const older = own.findLast((line) => counts(line) && isLastWord(reading, line));
      if (older !== undefined) return { says: 'superseded', current: entry, older: older.entry };
      return { says: 'other', current: entry, platform: reading.image.platform, differences: comparison.differences };
    }
  }
}

/** The newest statement, where it is not final yet and says this content. */
function promiseOf(reading: Reading, own: readonly Line[]): Line | undefined {
  const newest = own.findLast(({ isVoid }) => !isVoid);
  return newest !== undefined && !newest.isFinal && isLastWord(reading, newest) ? newest : undefined;
}

/** Whether what stands of a line names the image's content, said after everybody who took that back: carrying revives nothing. */
function isLastWord({ isNamed, lastRevocation }: Reading, { standing }: Line): boolean {
  return isNamed(standing.comparison) && standing.since > (lastRevocation?.entry.position ?? -1);
}

function counts({ isVoid, isFinal }: Line): boolean {
  return isFinal && !isVoid;
}

/**
 * Everybody who states the content themselves, by any entry of theirs that was not revoked: a statement does not lose
 * its force because a colleague has signed the same later, or has signed something else along with it.
 */
function backersOf(own: readonly Line[]): readonly Backer[] {
  return own
    .filter(
      ({ isVoid, takenBackBy, stated: { content, isExact } }) =>
        !isVoid && takenBackBy === undefined && (content !== undefined || isExact),
    )
    .map(({ entry: { validUntil, block }, signer, isFinal, stated: { content, isExact } }) => {
      const until = validUntil === 0 ? Infinity : validUntil;
      // Written out without a spread, because there can be many entries.
      const backer = { signer, isExact, until, block, isFinal };
      return content === undefined ? backer : { content, signer, isExact, until, block, isFinal };
    });
}
