import type { Digest } from '../image/digest';
import { presentDockerFields } from '../image/equivalence';
import type { ImageIdentity, Platform } from '../image/identity';
import { formatPlatform, samePlatform } from '../image/platform';
import { formatReference } from '../image/reference';
import { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import { contentLeaf, contentSource, digestSource, indexSource, mergeLeaves, partsOf } from './carried';
import type { ContentHashes } from './contentName';
import { contentKey } from './contentName';
import { LastWords } from './lastWords';
import type { IsVoid } from './signerStanding';
import type { Attestation, EntryKind, History, Leaf, Statement } from './types';
import type { RegistryImage } from '../ports/registry';

/** The leaf that states an image whose config bytes were read; `inspect` knows too little to be signed. */
export function leafOf(identity: ImageIdentity): Leaf {
  const { platform, configDigest, configSize, fingerprint, dockerFields, manifestDigest } = identity;
  if (identity.source === 'inspect' || configDigest === undefined || configSize === undefined) {
    throw new DaoChainError('invalidInput', 'Only an image whose config bytes were read can be stated');
  }
  const dockerFieldNames = presentDockerFields(identity.content);
  return {
    platform,
    configDigest,
    configSize,
    fingerprint,
    dockerFields,
    ...(dockerFieldNames.length > 0 && { dockerFieldNames }),
    ...(manifestDigest !== undefined && { manifestDigest }),
  };
}

/**
 * What a publisher has said under a name, for whoever adds to it. Releases and vouches of one publisher share a history;
 * the one kind says nothing of the other, but for content that is revoked.
 */
export interface PublisherRecord {
  /** Absent where nothing was said. */
  readonly history: History | undefined;
  readonly kind: StatementKind;
  /** Statements of revoked signers count for nothing, and nothing of them is carried forward. */
  readonly isVoid: IsVoid;
  /** Whether the publisher has taken a content back under every name, and not stated it there again since. */
  readonly isTakenBackEverywhere: (content: ContentHashes) => boolean;
}

export type StatementKind = Exclude<EntryKind, 'revoke'>;

/**
 * What the publisher's signature of an image is to what stands under the tag. Of several images the one that needs most
 * attention, in this order:
 *
 * - `first`: no release of the tag was signed before;
 * - `restored`: this very content is revoked, or only revoked signers state it, and would be valid again;
 * - `changed`: this platform stands in the current release with other content, or the release loses a platform;
 * - `renewed`: what was signed for this platform is revoked or was dropped since; this is other content;
 * - `added`: releases of other platforms only;
 * - `completed`: the current release with digests of the registry added;
 * - `same`: nothing that the current release does not say.
 */
export type ReleaseChange = 'first' | 'restored' | 'changed' | 'renewed' | 'added' | 'completed' | 'same';

export interface NextRelease {
  readonly statement: Statement;
  readonly change: ReleaseChange;
  /** What the current release says of the images' platforms. */
  readonly before: readonly Leaf[];
}

/**
 * The statement of a publisher who signs `mine` after a record. Other platforms are carried forward, so that builders of
 * different platforms add to one release, unless `alone`.
 */
export function nextRelease(record: PublisherRecord, mine: readonly Leaf[], alone = false): NextRelease {
  const current = currentRelease(record);
  const statement = mergeLeaves(alone ? undefined : current, mine);
  const before = mine.flatMap((leaf) => ofPlatform(current?.leaves ?? [], leaf)[0] ?? []);
  return { statement, before, change: changeOf() };

  function changeOf(): ReleaseChange {
    const releases = attestationsOf(record).filter(({ kind }) => kind === record.kind);
    const words = lastWords(record);
    // Whoever only repeats a content revives nothing.
    const isRestored = (leaf: Leaf): boolean =>
      leaf.carried?.content !== true && (words.isRevoked(leaf) || record.isTakenBackEverywhere(leaf));
    const changes = mine.map((leaf) => (isRestored(leaf) ? 'restored' : changeOfLeaf(current, leaf, releases)));
    if (releases.length === 0) return changes.includes('restored') ? 'restored' : 'first';
    const change = (['restored', 'changed', 'renewed', 'added'] as const).find((each) => changes.includes(each));
    const losesLeaf = current !== undefined && statement.leaves.length < current.leaves.length;
    return change ?? (losesLeaf ? 'changed' : 'same');
  }
}

function changeOfLeaf(
  current: Statement | undefined,
  leaf: Leaf,
  releases: readonly Attestation[],
): Exclude<ReleaseChange, 'restored'> {
  const before = ofPlatform(current?.leaves ?? [], leaf);
  if (before.length > 0) return isSameImage(before[0], leaf) ? 'same' : 'changed';
  return releases.some((release) => ofPlatform(statedBy(release), leaf).length > 0) ? 'renewed' : 'added';
}

/** Images with the digests that a registry has them under; of an index, all of them. */
type Pushed = RegistryImage | { readonly isIndex: false; readonly images: readonly ImageIdentity[] };

/** The statement of a publisher who signs what a registry shows, an index as a whole. `statementInvalid` for no image. */
export function pushedRelease(record: PublisherRecord, pushed: Pushed, alone = false): NextRelease {
  if (pushed.images.length === 0) {
    throw new DaoChainError('statementInvalid', 'An index without an image says nothing');
  }
  const next = nextRelease(record, pushed.images.map(leafOf), alone);
  const statement = pushed.isIndex ? withIndex(next.statement, pushed.digest) : next.statement;
  const isSame = next.change === 'same' && statesTheSame(currentRelease(record), statement);
  return { ...next, statement, change: next.change === 'same' && !isSame ? 'completed' : next.change };
}

/** What is added to a release once it has been pushed. */
export interface Completion {
  readonly statement: Statement;
  readonly change: Extract<ReleaseChange, 'completed' | 'same'>;
  /** In the registry, and not in the release. As long as there is one, an index digest would sign it unseen. */
  readonly unstated: readonly Platform[];
}

/**
 * The current release with the digests that the registry knows it by; undefined where there is none. Platforms that the
 * registry does not show stay as they are. `registryDiffers` where it shows other content for a platform of the release,
 * or no platform of it at all: whatever that is, its publisher has not signed it.
 */
export function completedRelease(record: PublisherRecord, pushed: RegistryImage): Completion | undefined {
  const { history } = record;
  const current = currentRelease(record);
  if (history === undefined || current === undefined) return undefined;
  const shown = pushed.images.map(leafOf);
  const stated = shown.filter((leaf) => ofPlatform(current.leaves, leaf).length > 0);
  const other = stated.find((leaf) => !ofPlatform(current.leaves, leaf).some((before) => isSameImage(before, leaf)));
  if (other !== undefined || stated.length === 0) throw differs(history, (other ?? shown[0])?.platform);
  const unstated = shown.filter((leaf) => !stated.includes(leaf)).map(({ platform }) => platform);
  const merged = mergeLeaves(
    current,
    stated.flatMap((leaf) => completedLeaf(current, leaf) ?? []),
  );
  const isWhole = pushed.isIndex && unstated.length === 0;
  const statement = isWhole ? withIndex(merged, pushed.digest) : merged;
  return { statement, unstated, change: statesTheSame(current, statement) ? 'same' : 'completed' };
}

/** The content as the release states it, word for word, with the digest that the registry has it under. */
function completedLeaf({ leaves }: Statement, { manifestDigest, ...shown }: Leaf): Leaf | undefined {
  const before = ofPlatform(leaves, shown).find((each) => isSameImage(each, shown));
  return before && { ...contentLeaf(before), carried: { content: true }, ...(manifestDigest && { manifestDigest }) };
}

function withIndex({ leaves }: Statement, indexDigest: Digest): Statement {
  return { leaves, indexDigest };
}

function differs(history: History, platform: Platform | undefined): DaoChainError {
  return new DaoChainError('registryDiffers', 'The registry shows what the release does not state', {
    details: { image: formatReference(history), ...(platform !== undefined && { platform: formatPlatform(platform) }) },
  });
}

/**
 * The newest release of a record without what does not stand: carrying a revoked leaf forward would state it again, and
 * whoever carries something that no signer in good standing states any more says nothing. Undefined when nothing is left,
 * and when the newest release cannot be read: an older one in its place would take its platforms back to what they were.
 */
export function currentRelease(record: PublisherRecord): Statement | undefined {
  const newest = newestRelease(record);
  if (newest?.body.type !== 'statement') return undefined;
  const { statement } = newest.body;
  const words = lastWords(record);
  const { parts, indexes } = sourcesOf(record);
  const hasSource = (leaf: Leaf, part: string): boolean => (parts.get(part) ?? -1) > words.revokedAt(leaf);
  const leaves = statement.leaves
    .filter((leaf) => hasSource(leaf, contentSource(leaf)) && !record.isTakenBackEverywhere(leaf))
    .map((leaf) => {
      const digest = digestSource(leaf);
      return digest === undefined || hasSource(leaf, digest) ? leaf : withoutDigest(leaf);
    });
  if (leaves.length === 0) return undefined;
  const isWhole = statement.leaves.every((leaf) => leaves.includes(leaf));
  const isIndexStanding = (indexes.get(indexSource(statement)) ?? []).some((source) =>
    statedBy(source).every((leaf) => source.position > words.revokedAt(leaf)),
  );
  return isWhole && (statement.indexDigest === undefined || isIndexStanding) ? statement : { leaves };
}

/** What signers in good standing state themselves by entries of the kind: the newest place of each part. */
function sourcesOf(record: PublisherRecord): {
  readonly parts: ReadonlyMap<string, number>;
  readonly indexes: ReadonlyMap<string | undefined, readonly Attestation[]>;
} {
  const parts = new Map<string, number>();
  const indexes = new Map<string | undefined, Attestation[]>();
  for (const entry of attestationsOf(record)) {
    if (entry.kind !== record.kind || entry.body.type !== 'statement' || record.isVoid(entry)) continue;
    const { statement } = entry.body;
    for (const part of partsOf(statement).stated) parts.set(part, entry.position);
    if (statement.isIndexCarried === true || statement.indexDigest === undefined) continue;
    const sources = indexes.get(statement.indexDigest);
    if (sources === undefined) indexes.set(statement.indexDigest, [entry]);
    else sources.push(entry);
  }
  return { parts, indexes };
}

function withoutDigest(leaf: Leaf): Leaf {
  return { ...contentLeaf(leaf), ...(leaf.carried?.content && { carried: { content: true } }) };
}

function lastWords(record: PublisherRecord): LastWords {
  return new LastWords(attestationsOf(record), record.isVoid);
}

export function newestRelease(record: PublisherRecord): Attestation | undefined {
  return attestationsOf(record).findLast((entry) => entry.kind === record.kind && !record.isVoid(entry));
}

/** What of a history stands and what was taken back. */
export class Standing {
  readonly #history: History;
  readonly #isVoid: IsVoid;
  readonly #words: LastWords;

  constructor(history: History, isVoid: IsVoid) {
    this.#history = history;
    this.#isVoid = isVoid;
    this.#words = new LastWords(history.attestations, isVoid);
  }

  /**
   * The statement that a revocation would take back: the newest one that stands, or the one of this hash or position.
   * Undefined where there is none, or where nothing of it stands any more.
   */
  revocable(chosen?: Hex32 | number): Attestation | undefined {
    return this.#history.attestations.findLast(
      (entry) =>
        entry.kind !== 'revoke' &&
        (chosen === undefined || chosen === entry.position || chosen === entry.statementHash) &&
        !this.isTakenBack(entry),
    );
  }

  /** What a statement says and that still stands; a revocation of it takes all of that back, whatever else states it. */
  leavesOf(entry: Attestation): readonly Leaf[] {
    return statedBy(entry).filter((leaf) => !this.#words.isRevoked(leaf));
  }

  /**
   * Whether nothing of what an entry states stands any more. A statement that cannot be read is taken back by a later
   * revocation that names it.
   */
  isTakenBack(entry: Attestation): boolean {
    if (entry.body.type === 'statement') return this.leavesOf(entry).length === 0;
    return this.#isVoid(entry) || this.#words.isNamed(entry);
  }
}

/** Whether a statement has any of this content. */
export function statesAny(entry: Attestation, leaves: readonly Leaf[]): boolean {
  const contents = new Set(leaves.map(contentKey));
  return statedBy(entry).some((stated) => contents.has(contentKey(stated)));
}

function attestationsOf({ history }: PublisherRecord): readonly Attestation[] {
  return history?.attestations ?? [];
}

/** The leaves of a statement; none of any other entry. */
export function statedBy({ body }: Attestation): readonly Leaf[] {
  return body.type === 'statement' ? body.statement.leaves : [];
}

function ofPlatform(leaves: readonly Leaf[], { platform }: Pick<Leaf, 'platform'>): readonly Leaf[] {
  return leaves.filter((leaf) => samePlatform(leaf.platform, platform));
}

function isSameContent(a: Leaf, b: Leaf): boolean {
  return a.fingerprint === b.fingerprint && a.dockerFields === b.dockerFields;
}

function isSameImage(a: Leaf | undefined, b: Leaf): boolean {
  return a !== undefined && isSameContent(a, b) && a.configDigest === b.configDigest;
}

/** Whoever says it: what is carried as it was is no news. */
export function statesTheSame(a: Statement | undefined, b: Statement): boolean {
  const text = ({ leaves, indexDigest }: Statement): string =>
    [...leaves.map((leaf) => digestSource(leaf) ?? contentSource(leaf)), indexDigest].join('\n');
  return a !== undefined && text(a) === text(b);
}
