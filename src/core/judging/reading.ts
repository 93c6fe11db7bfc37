import { contentKey } from '../ledger/contentName';
import type { Hex32 } from '../hex';
import { publisherWallet, type Address } from '../hex';
import type { ImageIdentity } from '../image/identity';
import { samePlatform } from '../image/platform';
import { contentLeaf, contentSource, digestSource, indexSource } from '../ledger/carried';
import type { IsVoid } from '../ledger/signerStanding';
import type { Attestation, EntryKind, History, Leaf, Revocation, Statement } from '../ledger/types';
import type { Comparison, ContentOf } from './comparison';
import { compare, isSameDigest } from './comparison';

/** What a reader must know about an entry beside the entry itself. */
export interface EntryFacts {
  readonly isFinal: (entry: Attestation) => boolean;
  /** Whether the entry's signer is void at the entry's block. */
  readonly isVoid: IsVoid;
}

/** What is said, and until when: Unix seconds, `Infinity` without an end. */
export interface Claim {
  readonly comparison: Comparison;
  readonly until: number;
  /** Until when a digest of exactly these bytes is stated too; not later than `until`. */
  readonly exactUntil: number;
  /** Position of the entry that says it itself; -1 where nothing is said. */
  readonly since: number;
}

/** What an entry itself states of the image, without what it only carries forward. */
export interface Stated {
  /** The content: whether it is the image's own, or one from which that may have been converted. */
  readonly content?: 'content' | 'equivalent';
  /** A digest that names the image's bytes. */
  readonly isExact: boolean;
}

/** A statement and how it bears on the image. */
export interface Line {
  readonly entry: Attestation;
  /** Who is responsible for it; where a wallet is the publisher, that wallet. */
  readonly signer: Address;
  readonly statement: Statement;
  /** Everything that it says, including what it only carries forward: content is named, and revoked, by all of this. */
  readonly comparison: Comparison;
  /** The part of it that is still valid; where the statement is not final yet, the part that would be once it is. */
  readonly standing: Claim;
  readonly stated: Stated;
  /** Where the content of the image's platform is only carried: the newest entry that counts and states it itself. */
  readonly carriedFrom: { readonly source: Attestation | undefined } | undefined;
  readonly isVoid: boolean;
  readonly isFinal: boolean;
  /**
   * The first revocation that takes it back. For other content the revocation has to be final and by a signer in good
   * standing; for the image's own content it does not.
   */
  readonly takenBackBy: TakingBack | undefined;
}

export interface TakingBack {
  readonly entry: Attestation;
  readonly revocation: Revocation;
}

/** A history as it bears on one image. Lists are oldest first. */
export interface Reading {
  readonly image: ImageIdentity;
  readonly lines: readonly Line[];
  /** Entries that this version cannot read, perhaps because they are of a newer form. */
  readonly unreadable: readonly Attestation[];
  /** Whether what is said names the image's content. */
  readonly isNamed: (comparison: Comparison) => boolean;
  /** The newest revocation of the image's content. */
  readonly lastRevocation: TakingBack | undefined;
}

/** All statements with one body: they say the same, whoever made them. */
interface Body {
  readonly statement: Statement;
  readonly comparison: Comparison;
  /** Of the image's platform. */
  readonly leaves: readonly Leaf[];
  /** What it claims for the image's platform; empty for nothing. */
  readonly claim: string;
  readonly isIndexOfImage: boolean;
  /** Whether it only carries something that bears on the image. */
  readonly isCarrying: boolean;
  /** Place of the first statement with this body. */
  readonly first: number;
}

interface Revoking extends TakingBack {
  readonly body: Body;
  /** Final, and by a signer in good standing. */
  readonly isSettled: boolean;
}

/**
 * Reads one history. Anybody may write under any name, so this takes time in proportion to the number of entries and
 * leaves, and no more.
 */
export function read(history: History, image: ImageIdentity, facts: EntryFacts, contentOf?: ContentOf): Reading {
  const { attestations } = history;
  const bodies = bodiesOf(attestations, image, contentOf);
  const revoking = revokingOf(attestations, bodies, facts);
  const isNamed = naming(bodies);
  const takenBack = takenBackLater(attestations, { bodies, revoking, isNamed });
  const standing = new Standing({ image, contentOf, revoking, bodies });
  const wallet = publisherWallet(history.publisher);
  const lines: Line[] = [];
  const unreadable: Attestation[] = [];
  let firstNamed = Infinity;

  for (const entry of attestations) {
    const [isVoid, isFinal] = [facts.isVoid(entry), facts.isFinal(entry)];
    if (entry.body.type === 'malformed' && (entry.kind === 'revoke' || (isFinal && !isVoid))) unreadable.push(entry);
    const body = bodyOf(entry, bodies);
    if (body === undefined) continue;
    const { statement, comparison } = body;
    if (isNamed(comparison)) firstNamed = Math.min(firstNamed, entry.position);
    const weighed = standing.next(entry, body, isVoid, isFinal);
    lines.push({
      entry,
      signer: wallet ?? entry.signer,
      statement,
      comparison,
      standing: weighed.standing,
      stated: weighed.stated,
      carriedFrom: weighed.carriedFrom,
      isVoid,
      isFinal,
      takenBackBy: takenBack.get(entry),
    });
  }
  // A revocation applies only to what was stated before it.
  const lastRevocation = revoking.findLast((each) => isNamed(each.body.comparison) && firstNamed < each.entry.position);
  return { image, lines, unreadable, isNamed, lastRevocation };
}

function bodiesOf(
  attestations: readonly Attestation[],
  image: ImageIdentity,
  contentOf: ContentOf | undefined,
): ReadonlyMap<Hex32, Body> {
  const bodies = new Map<Hex32, Body>();
  for (const { kind, body, statementHash, position } of attestations) {
    if (kind === 'revoke' || body.type !== 'statement' || bodies.has(statementHash)) continue;
    const { statement } = body;
    const leaves = statement.leaves.filter(({ platform }) => samePlatform(platform, image.platform));
    const isIndexOfImage = isSameDigest(statement.indexDigest, image.indexDigest);
    const isIndexCarried = isIndexOfImage && statement.isIndexCarried === true;
    bodies.set(statementHash, {
      statement,
      leaves,
      isIndexOfImage,
      first: position,
      comparison: compare(statement, image, contentOf),
      claim: leaves.map(contentKey).join(),
      isCarrying: isIndexCarried || leaves.some(({ carried }) => carried !== undefined),
    });
  }
  return bodies;
}

function bodyOf({ kind, body, statementHash }: Attestation, bodies: ReadonlyMap<Hex32, Body>): Body | undefined {
  return kind === 'revoke' || body.type !== 'statement' ? undefined : bodies.get(statementHash);
}

/** Revocations of anything that was ever stated here. */
function revokingOf(
  attestations: readonly Attestation[],
  bodies: ReadonlyMap<Hex32, Body>,
  { isFinal, isVoid }: EntryFacts,
): readonly Revoking[] {
  return attestations.flatMap((entry): readonly Revoking[] => {
    if (entry.kind !== 'revoke' || entry.body.type !== 'revocation') return [];
    const { revocation } = entry.body;
    const body = bodies.get(revocation.statementHash);
    return body === undefined ? [] : [{ entry, revocation, body, isSettled: isFinal(entry) && !isVoid(entry) }];
  });
}

/**
 * Which statements name the image's content. Where some name exactly its content, those; a content from which it could
 * have been converted counts only where none does, because the two have words of their own.
 */
function naming(bodies: ReadonlyMap<Hex32, Body>): Reading['isNamed'] {
  for (const { comparison } of bodies.values()) if (isOwn(comparison)) return isOwn;
  return ({ relation }) => relation === 'same';
}

function isOwn(comparison: Comparison): boolean {
  return comparison.relation === 'same' && comparison.match !== 'equivalent';
}

/**
 * For each statement the first later revocation that takes it back, found in one walk from the newest entry to the oldest.
 * What a revocation takes from the image it takes at once, whoever made it. Where it would help, because other content
 * would not be said any more, it has to be settled, and what it names has to have been said before it.
 */
function takenBackLater(
  attestations: readonly Attestation[],
  {
    bodies,
    revoking,
    isNamed,
  }: {
    readonly bodies: ReadonlyMap<Hex32, Body>;
    readonly revoking: readonly Revoking[];
    readonly isNamed: Reading['isNamed'];
  },
): ReadonlyMap<Attestation, TakingBack> {
  const taken = new Map<Attestation, TakingBack>();
  if (revoking.length === 0) return taken;
  const byEntry = new Map(revoking.map((each) => [each.entry, each]));
  /** The earliest so far, by body and by claim. */
  const [any, settled] = [new Map<Body | string, Revoking>(), new Map<Body | string, Revoking>()];
  let ofContent: Revoking | undefined;

  for (const entry of attestations.toReversed()) {
    const revocation = byEntry.get(entry);
    if (revocation !== undefined) {
      const { body, isSettled } = revocation;
      for (const key of keysOf(body)) {
        any.set(key, revocation);
        if (isSettled && body.first < entry.position) settled.set(key, revocation);
      }
      if (isNamed(body.comparison)) ofContent = revocation;
    }
    const body = bodyOf(entry, bodies);
    if (body === undefined) continue;
    const found = keysOf(body).flatMap((key) => [
      settled.get(key),
      body.comparison.relation === 'same' ? any.get(key) : undefined,
    ]);
    const first = earliest([...found, isNamed(body.comparison) ? ofContent : undefined]);
    if (first !== undefined) taken.set(entry, first);
  }
  return taken;
}

function keysOf(body: Body): readonly (Body | string)[] {
  return body.claim === '' ? [body] : [body, body.claim];
}

function earliest(found: readonly (Revoking | undefined)[]): Revoking | undefined {
  return found.reduce((a, b) => (a === undefined || (b !== undefined && b.entry.position < a.entry.position) ? b : a));
}

// --- carried parts ---------------------------------------------------------------------------------------------------

type Weighed = Pick<Line, 'standing' | 'stated' | 'carriedFrom'>;

/** When content, or an index, was last taken back; -1 for never. `settled` alone may end what speaks against the image. */
interface LastTaken {
  readonly any: number;
  readonly settled: number;
}

const never: LastTaken = { any: -1, settled: -1 };

/**
 * What of each statement stands, from the oldest entry to the newest. What an entry states itself does. What it only
 * carries stands and ends with the newest earlier entry that counts and states the same itself, of the same kind, and not
 * where that content was taken back since: carrying revives nothing.
 */
class Standing {
  /** The newest entries that state a part themselves and count, by kind and part; and those that will when all is final. */
  readonly #counting = new Map<string, Attestation>();
  readonly #coming = new Map<string, Attestation>();
  #lastTaken: ReadonlyMap<string, LastTaken> | undefined;
  readonly #isAsked: boolean;

  constructor(
    private readonly given: {
      readonly image: ImageIdentity;
      readonly contentOf: ContentOf | undefined;
      readonly revoking: readonly Revoking[];
      readonly bodies: ReadonlyMap<Hex32, Body>;
    },
  ) {
    // Where nothing is carried forward, the sources of carried parts are never asked for.
    this.#isAsked = [...given.bodies.values()].some(({ isCarrying }) => isCarrying);
  }

  /** Has to be called for every statement, in their order. */
  next(entry: Attestation, body: Body, isVoid: boolean, isFinal: boolean): Weighed {
    const found = body.isCarrying ? this.#weigh(entry, body, isFinal) : plain(entry, body);
    if (!isVoid && this.#isAsked) {
      for (const part of statedParts(body)) {
        const key = `${entry.kind} ${part}`;
        this.#coming.set(key, entry);
        if (isFinal) this.#counting.set(key, entry);
      }
    }
    return found;
  }

  #weigh(entry: Attestation, body: Body, isFinal: boolean): Weighed {
    const { image, contentOf } = this.given;
    const sources = isFinal ? this.#counting : this.#coming;
    const sourceOf = (part: string | undefined, isCarried: boolean, taken: number): Attestation | undefined => {
      const source = isCarried ? this.#source(sources, entry.kind, part) : entry;
      return source === undefined || (isCarried && taken > source.position) ? undefined : source;
    };
    const { statement, leaves } = body;
    const indexOf = body.isIndexOfImage
      ? sourceOf(indexSource(statement), statement.isIndexCarried === true, this.#taken(indexId(statement)).any)
      : undefined;
    const indexUntil = endOf(indexOf);
    const claims = leaves.flatMap((leaf): readonly Claim[] => {
      const bare = contentLeaf(leaf);
      const alone = compare({ leaves: [bare] }, image, contentOf);
      const taken = this.#taken(contentKey(leaf));
      const source = sourceOf(
        contentSource(leaf),
        leaf.carried?.content === true,
        alone.relation === 'other' ? taken.settled : taken.any,
      );
      if (source === undefined) return [];
      const until = endOf(source);
      const digestUntil = endOf(sourceOf(digestSource(leaf), leaf.carried?.digests === true, taken.any));
      const said = {
        leaves: [digestUntil === -Infinity ? bare : leaf],
        ...(indexOf !== undefined && statement.indexDigest && { indexDigest: statement.indexDigest }),
      };
      const exact = [
        isExact(alone) ? until : -Infinity,
        isSameDigest(leaf.manifestDigest, image.manifestDigest) ? digestUntil : -Infinity,
        indexUntil,
      ];
      return [
        {
          comparison: compare(said, image, contentOf),
          until,
          exactUntil: Math.min(until, Math.max(...exact)),
          since: source.position,
        },
      ];
    });
    const [carried] = leaves.filter((leaf) => leaf.carried?.content === true);
    return {
      standing: closest(claims) ?? this.#ofIndex(body, indexOf),
      stated: statedBy(body, image),
      carriedFrom: carried && { source: this.#source(sources, entry.kind, contentSource(carried)) },
    };
  }

  /** A signed index stands for platforms without a leaf, but never for a platform whose leaf is no longer valid. */
  #ofIndex({ leaves }: Body, source: Attestation | undefined): Claim {
    if (leaves.length > 0 || source === undefined) {
      return { comparison: { relation: 'elsewhere' }, until: Infinity, exactUntil: -Infinity, since: -1 };
    }
    const until = endOf(source);
    const comparison = { relation: 'same', match: 'exact', differences: [] } as const;
    return { comparison, until, exactUntil: until, since: source.position };
  }

  #source(
    sources: ReadonlyMap<string, Attestation>,
    kind: EntryKind,
    part: string | undefined,
  ): Attestation | undefined {
    return part === undefined ? undefined : sources.get(`${kind} ${part}`);
  }

  /** Computed only where something is carried forward: most histories never need it. */
  #taken(id: string): LastTaken {
    this.#lastTaken ??= lastTaken(this.given.revoking);
    return this.#lastTaken.get(id) ?? never;
  }
}

function plain(entry: Attestation, { comparison }: Body): Weighed {
  const until = endOf(entry);
  return {
    standing: { comparison, until, exactUntil: isExact(comparison) ? until : -Infinity, since: entry.position },
    stated: said(comparison),
    carriedFrom: undefined,
  };
}

function said(comparison: Comparison): Stated {
  if (comparison.relation !== 'same') return { isExact: false };
  const { match } = comparison;
  return { content: match === 'equivalent' ? 'equivalent' : 'content', isExact: match === 'exact' };
}

/**
 * What a statement that carries something says without the carried part. A digest that is added to carried content
 * still names that content.
 */
function statedBy({ statement, leaves, isIndexOfImage, comparison }: Body, image: ImageIdentity): Stated {
  const own = leaves.filter(({ carried }) => carried?.content !== true);
  const isIndexOwn = isIndexOfImage && statement.isIndexCarried !== true;
  const { indexDigest } = statement;
  const parts = {
    leaves: own.map((leaf) => (leaf.carried?.digests === true ? contentLeaf(leaf) : leaf)),
    ...(isIndexOwn && (own.length > 0 || leaves.length === 0) && indexDigest && { indexDigest }),
  };
  const found = said(compare(parts, image));
  const isDigestOwn = leaves.some(
    ({ carried, fingerprint, manifestDigest }) =>
      carried?.digests !== true &&
      fingerprint === image.fingerprint &&
      isSameDigest(manifestDigest, image.manifestDigest),
  );
  return { ...found, isExact: found.isExact || (comparison.relation === 'same' && (isIndexOwn || isDigestOwn)) };
}

/** Of the image's platform, and the index. */
function statedParts({ statement, leaves, isIndexOfImage }: Body): readonly string[] {
  const own = leaves.flatMap((leaf) => [
    leaf.carried?.content === true ? undefined : contentSource(leaf),
    leaf.carried?.digests === true ? undefined : digestSource(leaf),
  ]);
  const index = isIndexOfImage && statement.isIndexCarried !== true ? indexSource(statement) : undefined;
  return [...own, index].filter((part) => part !== undefined);
}

function lastTaken(revoking: readonly Revoking[]): ReadonlyMap<string, LastTaken> {
  // Of several revocations that name one body the last one is enough, however many leaves the body has.
  const ofBody = new Map<Body, LastTaken>();
  for (const { entry, body, isSettled } of revoking) {
    const before = ofBody.get(body) ?? never;
    const isHelping = isSettled && body.first < entry.position;
    ofBody.set(body, { any: entry.position, settled: isHelping ? entry.position : before.settled });
  }
  const last = new Map<string, LastTaken>();
  for (const [body, { any, settled }] of ofBody) {
    const ids = [...body.leaves.map(contentKey), ...(body.isIndexOfImage ? [indexId(body.statement)] : [])];
    for (const id of ids) {
      const before = last.get(id) ?? never;
      last.set(id, { any: Math.max(before.any, any), settled: Math.max(before.settled, settled) });
    }
  }
  return last;
}

function indexId({ indexDigest }: Statement): string {
  return `index ${indexDigest ?? ''}`;
}

/** `-Infinity` of what nobody says. */
function endOf(source: Pick<Attestation, 'validUntil'> | undefined): number {
  if (source === undefined) return -Infinity;
  return source.validUntil === 0 ? Infinity : source.validUntil;
}

function isExact(comparison: Comparison): boolean {
  return comparison.relation === 'same' && comparison.match === 'exact';
}

/** Two leaves can mean one platform (`amd64` and `amd64/v1`); the image may be either. */
function closest(claims: readonly Claim[]): Claim | undefined {
  return (['same', 'undecided', 'other'] as const)
    .map((relation) => claims.find(({ comparison }) => comparison.relation === relation))
    .find((claim) => claim !== undefined);
}
