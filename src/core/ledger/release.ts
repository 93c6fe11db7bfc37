import { presentDockerFields } from '../image/equivalence';
import type { ImageIdentity } from '../image/identity';
import { samePlatform } from '../image/platform';
import { DaoChainError } from '../errors';
import { mergeLeaves } from './statement';
import type { Attestation, History, Leaf, Statement } from './types';

/** The leaf that states an image whose config bytes were read; `inspect` knows too little to be signed. */
export function leafOf(identity: ImageIdentity): Leaf {
  const { platform, configDigest, configSize, fingerprint, dockerFields, manifestDigest } = identity;
  if (identity.source !== 'bytes' || configDigest === undefined || configSize === undefined) {
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
 * What the publisher's signature of an image is to what stands under the tag.
 *
 * - `first`: no release of the tag was signed before;
 * - `added`: releases of other platforms only;
 * - `renewed`: what was signed for this platform was revoked or dropped since; this is other content;
 * - `restored`: this very content was revoked, and would be valid again;
 * - `same`, `changed`: this platform stands in the current release, with this content or with other.
 */
export type ReleaseChange = 'first' | 'added' | 'renewed' | 'restored' | 'same' | 'changed';

export interface NextRelease {
  readonly statement: Statement;
  readonly change: ReleaseChange;
  /** What the current release says of the image's platform. */
  readonly before: Leaf | undefined;
}

/**
 * The statement of a publisher who signs `mine` after `history`. Other platforms are carried forward, so that builders of
 * different platforms add to one release, unless `alone`.
 */
export function nextRelease(history: History | undefined, mine: Leaf, alone = false): NextRelease {
  const current = history && currentRelease(history);
  const before = current?.leaves.find(({ platform }) => samePlatform(platform, mine.platform));
  const statement = mergeLeaves(alone ? undefined : current, [mine]);
  return { statement, before, change: changeOf() };

  function changeOf(): ReleaseChange {
    const releases = history?.attestations.filter(({ kind }) => kind === 'publish') ?? [];
    if (history === undefined || releases.length === 0) return 'first';
    if (isRevoked(history, mine)) return 'restored';
    if (before !== undefined) {
      const losesLeaf = current !== undefined && statement.leaves.length < current.leaves.length;
      const isSame = isSameContent(before, mine) && before.configDigest === mine.configDigest;
      return isSame && !losesLeaf ? 'same' : 'changed';
    }
    const isOfPlatform = ({ platform }: Leaf): boolean => samePlatform(platform, mine.platform);
    return releases.some((release) => statedBy(release).some(isOfPlatform)) ? 'renewed' : 'added';
  }
}

/**
 * The publisher's newest release of a tag without what was revoked: carrying a revoked leaf forward would state it again
 * and so bring it back to life. Undefined when nothing is left, and when the newest release cannot be read: an older one
 * in its place would take its platforms back to what they were.
 */
export function currentRelease(history: History): Statement | undefined {
  const newest = history.attestations.findLast(({ kind }) => kind === 'publish');
  if (newest?.body.type !== 'statement') return undefined;
  const { statement } = newest.body;
  const leaves = statement.leaves.filter((leaf) => !isRevoked(history, leaf));
  if (leaves.length === statement.leaves.length) return statement;
  return leaves.length === 0 ? undefined : { leaves };
}

/** Whether the last that the history says of this content is that it is revoked. */
function isRevoked({ attestations }: History, leaf: Leaf): boolean {
  const isAbout = (entry: Attestation): boolean => {
    const { body } = entry;
    const statements =
      body.type === 'revocation'
        ? attestations.filter(({ statementHash }) => statementHash === body.revocation.statementHash)
        : [entry];
    return statements.flatMap(statedBy).some((stated) => isSameContent(stated, leaf));
  };
  return attestations.findLast(isAbout)?.kind === 'revoke';
}

function statedBy({ body }: Attestation): readonly Leaf[] {
  return body.type === 'statement' ? body.statement.leaves : [];
}

function isSameContent(a: Leaf, b: Leaf): boolean {
  return a.fingerprint === b.fingerprint && a.dockerFields === b.dockerFields;
}
