import type { ImageIdentity, Platform } from '../image/identity';
import { samePlatform } from '../image/platform';
import type { Attestation, History, Revocation, Statement } from '../ledger/types';
import type { IsVoid } from '../ledger/signerStanding';
import type { Comparison, ContentOf } from './comparison';
import { compare } from './comparison';
import type { AcceptedKind } from './rules';
import type { Match } from './verdict';

/** What a reader must know about an entry beside the entry itself. */
export interface EntryFacts {
  readonly isFinal: (entry: Attestation) => boolean;
  /** Whether the entry's signer is void at the entry's block. */
  readonly isVoid: IsVoid;
}

type Said =
  | {
      readonly says: 'this';
      readonly entry: Attestation;
      readonly match: Match;
      readonly differences: readonly string[];
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
  | { readonly says: 'soon'; readonly promise: Attestation; readonly match: Match }
  /** Other platforms only. */
  | { readonly says: 'elsewhere'; readonly statement: Statement }
  | { readonly says: 'nothing' };

/** A statement and how it bears on the image. */
export interface Line {
  readonly entry: Attestation;
  readonly statement: Statement;
  readonly comparison: Comparison;
  readonly isVoid: boolean;
  readonly isFinal: boolean;
}

/** A revocation and the statements that it names. It takes back what they say as far as that was said before. */
export interface TakingBack {
  readonly entry: Attestation;
  readonly revocation: Revocation;
  readonly targets: readonly Line[];
  /** Final, and by a signer in good standing. */
  readonly isSettled: boolean;
}

/** A history as it bears on one image. Lists are oldest first. */
export interface Reading {
  readonly kind: AcceptedKind;
  readonly image: ImageIdentity;
  readonly lines: readonly Line[];
  readonly revocations: readonly TakingBack[];
  /** Entries that say nobody knows what: of a newer form, perhaps. */
  readonly unreadable: readonly Attestation[];
  /** Whether a line names the image's content. */
  readonly names: (line: Line) => boolean;
  /** Place of the newest revocation of the image's content; -1 without any. */
  readonly revokedAt: number;
}

/**
 * Walks one history. Statements of void signers are skipped, the others count once they are final; revocations and void
 * signers count against content at once. Where a revocation would help, the careful way is the other one: it lets an
 * older release be current again only when it is final and its signer is in good standing.
 */
export function hear(
  history: History,
  kind: AcceptedKind,
  image: ImageIdentity,
  facts: EntryFacts,
  contentOf?: ContentOf,
): Testimony {
  const reading = read(history, kind, image, facts, contentOf);
  const promise = promiseOf(reading);
  const current = reading.lines.filter((line) => isStanding(reading, line)).at(-1);

  const said =
    takenBack(reading) ?? undecided(reading) ?? unreadable(reading, current) ?? (current && stated(reading, current));
  if (said !== undefined) return { ...said, ...(promise && { promise: promise.entry }) };
  if (promise?.comparison.relation === 'same') {
    return { says: 'soon', promise: promise.entry, match: promise.comparison.match };
  }
  return current === undefined ? { says: 'nothing' } : { says: 'elsewhere', statement: current.statement };
}

/** Last word on the content: valid after every revocation, or void. Void too is content that only skipped statements name. */
function takenBack({ lines, revocations, names, revokedAt }: Reading): Said | undefined {
  const named = lines.filter(names);
  if (named.some((line) => counts(line) && line.entry.position > revokedAt)) return undefined;
  const taking = revocations.find(({ entry }) => entry.position === revokedAt);
  if (taking !== undefined) return { says: 'revoked', entry: taking.entry, revocation: taking.revocation };
  const skipped = named.filter(({ isVoid }) => isVoid).at(-1);
  return skipped && { says: 'revoked', entry: skipped.entry };
}

/** The image could be one that was stated and lost something, or it could be another: whatever was said may be of it. */
function undecided({ lines, names }: Reading): Said | undefined {
  const isOpen = !lines.some(names) && lines.some(({ comparison }) => comparison.relation === 'undecided');
  return isOpen ? { says: 'unclear', missing: 'signedContent' } : undefined;
}

function unreadable(reading: Reading, current: Line | undefined): Said | undefined {
  const isNewer = reading.unreadable.some(({ position }) => position > (current?.entry.position ?? -1));
  return isNewer ? { says: 'unclear', missing: 'unreadableEntry' } : undefined;
}

/** What the current statement says of the image's platform; undefined when that is nothing. */
function stated({ kind, image, lines, names, revokedAt }: Reading, current: Line): Said | undefined {
  const { entry, comparison } = current;
  if (comparison.relation === 'same') {
    return { says: 'this', entry, match: comparison.match, differences: comparison.differences };
  }
  if (comparison.relation === 'undecided') return { says: 'unclear', missing: 'signedContent' };
  if (comparison.relation === 'elsewhere') return undefined;
  const older = lines
    .filter((line) => names(line) && counts(line) && line.entry.kind === kind && line.entry.position > revokedAt)
    .at(-1);
  if (older !== undefined) return { says: 'superseded', current: entry, older: older.entry };
  return { says: 'other', current: entry, platform: image.platform, differences: comparison.differences };
}

/** The newest statement, where it is not final yet and says this content. */
function promiseOf({ kind, lines, names, revokedAt }: Reading): Line | undefined {
  const newest = lines.filter(({ entry, isVoid }) => entry.kind === kind && !isVoid).at(-1);
  if (newest === undefined || newest.isFinal) return undefined;
  return names(newest) && newest.entry.position > revokedAt ? newest : undefined;
}

/** Whether a line may be the current statement: of the kind, counting, and not taken back. */
function isStanding(reading: Reading, line: Line): boolean {
  return line.entry.kind === reading.kind && counts(line) && takenBackBy(reading, line) === undefined;
}

/** The first revocation that takes a statement back. For other content that has to be settled, for the image's own not. */
export function takenBackBy({ image, revocations, names }: Reading, line: Line): TakingBack | undefined {
  const { entry, comparison } = line;
  return revocations.find(
    ({ entry: { position }, targets, isSettled }) =>
      position > entry.position &&
      ((names(line) && targets.some(names)) ||
        ((isSettled || comparison.relation === 'same') && targets.some((target) => isSameClaim(target, line, image)))),
  );
}

function counts({ isVoid, isFinal }: Line): boolean {
  return isFinal && !isVoid;
}

/** Whether two statements say the same about the image's platform, so that who takes back one takes back the other. */
function isSameClaim(one: Line, other: Line, image: ImageIdentity): boolean {
  if (one.entry.statementHash === other.entry.statementHash) return true;
  const claims = ({ statement }: Line): string =>
    statement.leaves
      .filter(({ platform }) => samePlatform(platform, image.platform))
      .map(({ fingerprint, dockerFields }) => `${fingerprint} ${dockerFields}`)
      .join();
  return claims(one) !== '' && claims(one) === claims(other);
}

// --- reading ---------------------------------------------------------------------------------------------------------

/** A whole history, entry by entry. */
export function read(
  { attestations }: History,
  kind: AcceptedKind,
  image: ImageIdentity,
  facts: EntryFacts,
  contentOf?: ContentOf,
): Reading {
  const lines = attestations.flatMap((entry): readonly Line[] => {
    if (entry.kind === 'revoke' || entry.body.type !== 'statement') return [];
    const { statement } = entry.body;
    const comparison = compare(statement, image, contentOf);
    return [{ entry, statement, comparison, isVoid: facts.isVoid(entry), isFinal: facts.isFinal(entry) }];
  });
  const revocations = attestations.flatMap((entry): readonly TakingBack[] => {
    if (entry.kind !== 'revoke' || entry.body.type !== 'revocation') return [];
    const { revocation } = entry.body;
    const targets = lines.filter((line) => line.entry.statementHash === revocation.statementHash);
    return [{ entry, revocation, targets, isSettled: facts.isFinal(entry) && !facts.isVoid(entry) }];
  });
  const names = naming(lines);
  const isUnreadable = (entry: Attestation): boolean =>
    entry.body.type === 'malformed' &&
    (entry.kind === 'revoke' || (entry.kind === kind && facts.isFinal(entry) && !facts.isVoid(entry)));
  return {
    kind,
    image,
    lines,
    revocations,
    unreadable: attestations.filter(isUnreadable),
    names,
    revokedAt: revocations.filter(({ targets }) => targets.some(names)).at(-1)?.entry.position ?? -1,
  };
}

/**
 * Which lines name the image's content. Where some name exactly its content, those; a content from which it could have
 * been converted counts only where none does, because the two have words of their own.
 */
function naming(lines: readonly Line[]): (line: Line) => boolean {
  const isSame = ({ comparison }: Line): boolean => comparison.relation === 'same';
  const isOwn = ({ comparison }: Line): boolean => comparison.relation === 'same' && comparison.match !== 'equivalent';
  return lines.some(isOwn) ? isOwn : isSame;
}
