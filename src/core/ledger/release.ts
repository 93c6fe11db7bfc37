import { presentDockerFields } from '../image/equivalence';
import type { ImageIdentity } from '../image/identity';
import { DaoChainError } from '../errors';
import { mergeLeaves, platformText } from './statement';
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

function sameContent(a: Leaf, b: Leaf): boolean {
  return a.fingerprint === b.fingerprint && a.dockerFields === b.dockerFields;
}

function statementOf(attestation: Attestation): Statement | undefined {
  return attestation.kind === 'publish' && attestation.body.type === 'statement'
    ? attestation.body.statement
    : undefined;
}

/**
 * The publisher's newest release of a tag without what was revoked since: carrying a revoked leaf forward would state it
 * again and so bring it back to life. Undefined when nothing is left.
 */
export function currentRelease(history: History | undefined): Statement | undefined {
  if (history === undefined) return undefined;
  const newest = history.attestations.findLast((each) => statementOf(each) !== undefined);
  const release = newest && statementOf(newest);
  if (newest === undefined || release === undefined) return undefined;
  const revoked = history.attestations
    .filter(({ position, body }) => position > newest.position && body.type === 'revocation')
    .flatMap(({ body }) => (body.type === 'revocation' ? [body.revocation.statementHash] : []))
    .flatMap((hash) => history.attestations.filter((each) => each.statementHash === hash))
    .flatMap((each) => (each.body.type === 'statement' ? each.body.statement.leaves : []));
  const leaves = release.leaves.filter((leaf) => !revoked.some((other) => sameContent(leaf, other)));
  if (leaves.length === 0) return undefined;
  return leaves.length === release.leaves.length ? release : { leaves };
}

/** How a release of `mine` differs from the release before it. */
export type ReleaseChange = 'first' | 'same' | 'changed';

/**
 * The statement of a publisher who signs `mine` after `history`. Other platforms are carried forward, so that builders of
 * different platforms add to one release, unless `alone`.
 */
export function nextRelease(
  history: History | undefined,
  mine: Leaf,
  alone = false,
): { readonly statement: Statement; readonly change: ReleaseChange; readonly before: Leaf | undefined } {
  const current = currentRelease(history);
  const before = current?.leaves.find((leaf) => platformText(leaf.platform) === platformText(mine.platform));
  const statement = mergeLeaves(alone ? undefined : current, [mine]);
  const same = before !== undefined && sameContent(before, mine) && before.configDigest === mine.configDigest;
  const dropsPlatforms = current !== undefined && statement.leaves.length < current.leaves.length;
  return { statement, before, change: before === undefined ? 'first' : same && !dropsPlatforms ? 'same' : 'changed' };
}
