import { presentDockerFields } from '../image/equivalence';
import type { ImageIdentity, Platform } from '../image/identity';
import { formatPlatform, samePlatform } from '../image/platform';
import { formatReference } from '../image/reference';
import { DaoChainError } from '../errors';
import type { Hex32 } from '../hex';
import type { RegistryImage } from '../ports';
import { encodeStatement, mergeLeaves, statementHash } from './statement';
import type { Attestation, History, Leaf, Statement } from './types';

/** The leaf that states an image whose config bytes were read; `inspect` knows too little to be signed. */
export function leafOf(identity: ImageIdentity): Leaf {
  const { platform, configDigest, configSize, fingerprint, dockerFields, manifestDigest } = identity;
  if (identity.source === 'inspect' || configDigest === undefined || configSize === undefined) {
    throw new DaoChainError('invalidInput', 'Only an image whose config bytes were read can be stated');
  }
  const dockerFieldNames = presentDockerFields(identity.content);
  return {
    ...{ platform, configDigest, configSize, fingerprint, dockerFields },
    ...(dockerFieldNames.length > 0 && { dockerFieldNames }),
    ...(manifestDigest !== undefined && { manifestDigest }),
  };
}

/**
 * What the publisher's signature of an image is to what stands under the tag. Of several images the one that needs most
 * attention, in this order:
 *
 * - `first`: no release of the tag was signed before;
 * - `restored`: this very content was revoked, and would be valid again;
 * - `changed`: this platform stands in the current release with other content, or the release loses a platform;
 * - `renewed`: what was signed for this platform was revoked or dropped since; this is other content;
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
 * The statement of a publisher who signs `mine` after `history`. Other platforms are carried forward, so that builders of
 * different platforms add to one release, unless `alone`.
 */
export function nextRelease(history: History | undefined, mine: readonly Leaf[], alone = false): NextRelease {
  const current = history && currentRelease(history);
  const statement = mergeLeaves(alone ? undefined : current, mine);
  const before = mine.flatMap((leaf) => ofPlatform(current?.leaves ?? [], leaf)[0] ?? []);
  return { statement, before, change: changeOf() };

  function changeOf(): ReleaseChange {
    const releases = history?.attestations.filter(({ kind }) => kind === 'publish') ?? [];
    if (history === undefined || releases.length === 0) return 'first';
    const changes = mine.map((leaf) => changeOfLeaf(history, current, leaf, releases));
    const change = (['restored', 'changed', 'renewed', 'added'] as const).find((each) => changes.includes(each));
    const losesLeaf = current !== undefined && statement.leaves.length < current.leaves.length;
    return change ?? (losesLeaf ? 'changed' : 'same');
  }
}

function changeOfLeaf(
  history: History,
  current: Statement | undefined,
  leaf: Leaf,
  releases: readonly Attestation[],
): ReleaseChange {
  if (isRevoked(history, leaf)) return 'restored';
  const before = ofPlatform(current?.leaves ?? [], leaf);
  if (before.length > 0) return isSameImage(before[0], leaf) ? 'same' : 'changed';
  return releases.some((release) => ofPlatform(statedBy(release), leaf).length > 0) ? 'renewed' : 'added';
}

/** The statement of a publisher who signs what a registry shows, an index as a whole. `statementInvalid` for no image. */
export function pushedRelease(history: History | undefined, pushed: RegistryImage, alone = false): NextRelease {
  if (pushed.images.length === 0) {
    throw new DaoChainError('statementInvalid', 'An index without an image says nothing');
  }
  const next = nextRelease(history, pushed.images.map(leafOf), alone);
  const statement = pushed.isIndex ? { ...next.statement, indexDigest: pushed.digest } : next.statement;
  const isSame = next.change === 'same' && saysTheSame(history && currentRelease(history), statement);
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
export function completedRelease(history: History, pushed: RegistryImage): Completion | undefined {
  const current = currentRelease(history);
  if (current === undefined) return undefined;
  const shown = pushed.images.map(leafOf);
  const stated = shown.filter((leaf) => ofPlatform(current.leaves, leaf).length > 0);
  const other = stated.find((leaf) => !ofPlatform(current.leaves, leaf).some((before) => isSameImage(before, leaf)));
  if (other !== undefined || stated.length === 0) throw differs(history, (other ?? shown[0])?.platform);
  const unstated = shown.filter((leaf) => !stated.includes(leaf)).map(({ platform }) => platform);
  const merged = mergeLeaves(current, stated);
  const isWhole = pushed.isIndex && unstated.length === 0;
  const statement = isWhole ? { ...merged, indexDigest: pushed.digest } : merged;
  return { statement, unstated, change: saysTheSame(current, statement) ? 'same' : 'completed' };
}

function differs(history: History, platform: Platform | undefined): DaoChainError {
  return new DaoChainError('registryDiffers', 'The registry shows what the release does not state', {
    details: { image: formatReference(history), ...(platform !== undefined && { platform: formatPlatform(platform) }) },
  });
}

/**
 * The publisher's newest release of a tag without what was revoked: carrying a revoked leaf forward would state it again
 * and so bring it back to life. Undefined when nothing is left, and when the newest release cannot be read: an older one
 * in its place would take its platforms back to what they were. For wallets, whose statements no signer's revocation can
 * void, not even when they have ended.
 */
export function currentRelease(history: History): Statement | undefined {
  const newest = newestRelease(history);
  if (newest?.body.type !== 'statement') return undefined;
  const { statement } = newest.body;
  const leaves = statement.leaves.filter((leaf) => !isRevoked(history, leaf));
  if (leaves.length === statement.leaves.length) return statement;
  return leaves.length === 0 ? undefined : { leaves };
}

export function newestRelease({ attestations }: History): Attestation | undefined {
  return attestations.findLast(({ kind }) => kind === 'publish');
}

/**
 * The statement that a revocation would take back: the newest one that stands, or the one of this hash or position.
 * Undefined where there is none, or where nothing of it stands any more.
 */
export function revocableStatement(history: History, chosen?: Hex32 | number): Attestation | undefined {
  return history.attestations.findLast(
    (entry) =>
      entry.kind !== 'revoke' &&
      (chosen === undefined || chosen === entry.position || chosen === entry.statementHash) &&
      !isTakenBack(history, entry),
  );
}

type IsVoid = (entry: Attestation) => boolean;
const nobodyIsVoid: IsVoid = () => false;

/**
 * Whether nothing of what an entry states stands any more. A statement that cannot be read is taken back by a later
 * revocation that names it. `isVoid` tells statements of revoked signers, which do not count.
 */
export function isTakenBack(history: History, entry: Attestation, isVoid = nobodyIsVoid): boolean {
  if (entry.body.type === 'statement') return statedBy(entry).every((leaf) => isRevoked(history, leaf, isVoid));
  return history.attestations.some(
    ({ position, body }) =>
      position > entry.position && body.type === 'revocation' && body.revocation.statementHash === entry.statementHash,
  );
}

/** Whether the last that the history says of this content is that it is revoked. */
function isRevoked({ attestations }: History, leaf: Leaf, isVoid = nobodyIsVoid): boolean {
  const isAbout = (entry: Attestation): boolean => {
    const { body } = entry;
    const statements =
      body.type === 'revocation'
        ? attestations.filter(({ statementHash }) => statementHash === body.revocation.statementHash)
        : [entry].filter((each) => !isVoid(each));
    return statements.flatMap(statedBy).some((stated) => isSameContent(stated, leaf));
  };
  return attestations.findLast(isAbout)?.kind === 'revoke';
}

function statedBy({ body }: Attestation): readonly Leaf[] {
  return body.type === 'statement' ? body.statement.leaves : [];
}

function ofPlatform(leaves: readonly Leaf[], { platform }: Leaf): readonly Leaf[] {
  return leaves.filter((leaf) => samePlatform(leaf.platform, platform));
}

function isSameContent(a: Leaf, b: Leaf): boolean {
  return a.fingerprint === b.fingerprint && a.dockerFields === b.dockerFields;
}

function isSameImage(a: Leaf | undefined, b: Leaf): boolean {
  return a !== undefined && isSameContent(a, b) && a.configDigest === b.configDigest;
}

function saysTheSame(a: Statement | undefined, b: Statement): boolean {
  return a !== undefined && statementHash(encodeStatement(a)) === statementHash(encodeStatement(b));
}
