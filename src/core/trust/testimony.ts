import type { ImageIdentity, Platform } from '../image/identity';
import { samePlatform } from '../image/platform';
import type { Attestation, History, Revocation, Statement } from '../ledger/types';
import type { Comparison, ContentOf } from './comparison';
import { compare } from './comparison';
import type { AcceptedKind } from './rules';
import type { Match } from './verdict';

/** What a reader must know about an entry beside the entry itself. */
export interface EntryFacts {
  isFinal(entry: Attestation): boolean;
  /** Whether the entry's signer is void at the entry's block. */
  isVoid(entry: Attestation): boolean;
}

/** What one publisher, by statements of one kind, says about one image under one name. */
export type Testimony = {
  /** The publisher's newest statement says this content, but it is not final yet. */
  readonly promise?: Attestation;
} & (
  | {
      readonly says: 'this';
      readonly entry: Attestation;
      readonly match: Match;
      readonly differences: readonly string[];
    }
  /** `this`, as soon as `promise` is final. Nothing final speaks against it. */
  | { readonly says: 'soon'; readonly promise: Attestation; readonly match: Match }
  | { readonly says: 'revoked'; readonly entry: Attestation; readonly revocation?: Revocation }
  /** An older release: `older` is still valid, `current` says other content. */
  | { readonly says: 'superseded'; readonly current: Attestation; readonly older: Attestation }
  | {
      readonly says: 'other';
      readonly current: Attestation;
      readonly platform: Platform;
      readonly differences: readonly string[];
    }
  /** Only other platforms. */
  | { readonly says: 'elsewhere'; readonly current: Attestation; readonly statement: Statement }
  | { readonly says: 'nothing' }
  /** Something that would be needed is missing or cannot be read. */
  | {
      readonly says: 'unclear';
      readonly missing: 'ledgerIncomplete' | 'configBytes' | 'signedContent' | 'unreadableEntry';
    }
);

/** A statement of the history and how it bears on the image. */
interface Line {
  readonly entry: Attestation;
  readonly statement: Statement;
  readonly comparison: Comparison;
  readonly isVoid: boolean;
  readonly isFinal: boolean;
}

type RevokeEntry = Attestation & { readonly body: { readonly type: 'revocation' } };

/**
 * Walks one history. Statements of void signers are skipped and count only when final; revocations and void signers
 * count against content at once. The other way round it is the careful one too: a revocation lets an older release be
 * current again only when it is final and its signer is in good standing.
 */
export function hear(
  history: History,
  kind: AcceptedKind,
  image: ImageIdentity,
  facts: EntryFacts,
  contentOf: ContentOf | undefined,
): Testimony {
  const lines = history.attestations.flatMap((entry) => readLine(entry, image, facts, contentOf));
  const revocations = history.attestations.filter(isRevocation);
  const targets = (revocation: RevokeEntry): readonly Line[] =>
    lines.filter(
      ({ entry }) =>
        entry.position < revocation.position && entry.statementHash === revocation.body.revocation.statementHash,
    );

  const isNamed = naming(lines);
  const lastRevocation = revocations.filter((revocation) => targets(revocation).some(isNamed)).at(-1);
  const isAfterRevocation = ({ entry }: Line): boolean => entry.position > (lastRevocation?.position ?? -1);

  const newest = lines.filter(({ entry, isVoid }) => entry.kind === kind && !isVoid).at(-1);
  const promised = newest !== undefined && !newest.isFinal && isNamed(newest) && isAfterRevocation(newest);
  const promise = promised ? { promise: newest.entry } : {};

  const valid = lines.filter((line) => isNamed(line) && isAfterRevocation(line) && !line.isVoid && line.isFinal);
  if (valid.length === 0) {
    const voided = lines.filter((line) => isNamed(line) && line.isVoid).at(-1);
    if (lastRevocation !== undefined) {
      return { says: 'revoked', entry: lastRevocation, revocation: lastRevocation.body.revocation, ...promise };
    }
    if (voided !== undefined) return { says: 'revoked', entry: voided.entry, ...promise };
  }
  if (!lines.some(isNamed) && lines.some(({ comparison }) => comparison.relation === 'undecided')) {
    return { says: 'unclear', missing: 'signedContent' };
  }

  const isTakenBack = (line: Line): boolean =>
    revocations.some(
      (revocation) =>
        revocation.position > line.entry.position &&
        facts.isFinal(revocation) &&
        !facts.isVoid(revocation) &&
        targets(revocation).some((target) => isSameClaim(target, line, image)),
    );
  const current = lines
    .filter((line) => line.entry.kind === kind && !line.isVoid && line.isFinal && !isTakenBack(line))
    .at(-1);

  // A newer form of statement, or a revocation of nobody knows what: it may concern this image, so nothing is concluded.
  const isUnreadable = history.attestations.some(
    (entry) =>
      entry.body.type === 'malformed' &&
      entry.position > (current?.entry.position ?? -1) &&
      (entry.kind === 'revoke' || (entry.kind === kind && facts.isFinal(entry) && !facts.isVoid(entry))),
  );
  if (isUnreadable) return { says: 'unclear', missing: 'unreadableEntry' };

  if (current !== undefined) {
    const { entry, comparison } = current;
    if (isNamed(current) && comparison.relation === 'same') {
      return { says: 'this', entry, match: comparison.match, differences: comparison.differences };
    }
    const older = valid.filter((line) => line.entry.kind === kind).at(-1);
    if (older !== undefined) return { says: 'superseded', current: entry, older: older.entry, ...promise };
    if (comparison.relation === 'undecided') return { says: 'unclear', missing: 'signedContent', ...promise };
    if (comparison.relation === 'other') {
      return {
        says: 'other',
        current: entry,
        platform: image.platform,
        differences: comparison.differences,
        ...promise,
      };
    }
  }
  if (promised && newest.comparison.relation === 'same') {
    return { says: 'soon', promise: newest.entry, match: newest.comparison.match };
  }
  return current === undefined
    ? { says: 'nothing' }
    : { says: 'elsewhere', current: current.entry, statement: current.statement };
}

function readLine(
  entry: Attestation,
  image: ImageIdentity,
  facts: EntryFacts,
  contentOf: ContentOf | undefined,
): readonly Line[] {
  if (entry.kind === 'revoke' || entry.body.type !== 'statement') return [];
  const { statement } = entry.body;
  const comparison = compare(statement, image, contentOf);
  return [{ entry, statement, comparison, isVoid: facts.isVoid(entry), isFinal: facts.isFinal(entry) }];
}

function isRevocation(entry: Attestation): entry is RevokeEntry {
  return entry.kind === 'revoke' && entry.body.type === 'revocation';
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

/** Whether two statements say the same about the image's platform, so that taking back one takes back the other. */
function isSameClaim(one: Line, other: Line, image: ImageIdentity): boolean {
  if (one.entry.statementHash === other.entry.statementHash) return true;
  const claims = ({ statement }: Line): readonly string[] =>
    statement.leaves
      .filter((leaf) => samePlatform(leaf.platform, image.platform))
      .map((leaf) => `${leaf.fingerprint} ${leaf.dockerFields}`);
  const [left, right] = [claims(one), claims(other)];
  return left.length > 0 && left.length === right.length && left.every((claim) => right.includes(claim));
}
