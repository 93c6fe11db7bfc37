import { equivalence } from '../image/equivalence';
import type { ImageIdentity } from '../image/identity';
import { contentTag, type ContentHashes } from '../ledger/contentName';
import type { Attestation, History } from '../ledger/types';
import type { EntryFacts, TakingBack } from './reading';

/** A content that an image is, or may have been converted from, and the tag of its reserved names. */
export interface NamedContent extends ContentHashes {
  readonly tag: string;
}

/**
 * The contents under whose reserved names an image may have been revoked everywhere: its own first, and those of `histories`
 * that it is equivalent to, because what was compromised before a conversion is still compromised after it. The order of the
 * histories makes no difference.
 */
export function namedContents(image: ImageIdentity, histories: readonly History[]): readonly NamedContent[] {
  const contents = new Map<string, ContentHashes>([[image.dockerFields, image]]);
  for (const { attestations } of histories) {
    for (const { body } of attestations) {
      if (body.type !== 'statement') continue;
      for (const leaf of body.statement.leaves) {
        if (leaf.fingerprint !== image.fingerprint || contents.has(leaf.dockerFields)) continue;
        if (equivalence(leaf, image).kind === 'equivalent') contents.set(leaf.dockerFields, leaf);
      }
    }
  }
  const [own, ...others] = [...contents.values()];
  return [...(own ? [own] : []), ...others.sort((a, b) => (a.dockerFields < b.dockerFields ? -1 : 1))].map(
    ({ fingerprint, dockerFields }) => ({
      fingerprint,
      dockerFields,
      tag: contentTag({ fingerprint, dockerFields }),
    }),
  );
}

/** What a publisher says of a content under its reserved name. */
export type ContentWord =
  /** `promise`: the content was stated again after the revocation, by an entry that is not final yet. */
  | ({ readonly says: 'revoked'; readonly promise?: Attestation } & TakingBack)
  | { readonly says: 'unclear'; readonly missing: 'ledgerIncomplete' | 'configBytes' | 'unreadableEntry' }
  | { readonly says: 'nothing' };

/**
 * Every revocation of this content counts, whatever statement it names, from its first block on and whoever made it.
 * Only a later statement lifts it: one of this very content that counts and does not merely carry it forward.
 */
export function hearContent(
  { attestations }: History,
  { fingerprint, dockerFields }: ContentHashes,
  { isFinal, isVoid }: EntryFacts,
): ContentWord {
  const isLifting = (entry: Attestation): boolean =>
    entry.body.type === 'statement' &&
    !isVoid(entry) &&
    entry.body.statement.leaves.some(
      (leaf) =>
        leaf.fingerprint === fingerprint && leaf.dockerFields === dockerFields && leaf.carried?.content !== true,
    );
  const lifted = attestations.findLast((entry) => isLifting(entry) && isFinal(entry))?.position ?? -1;
  const since = attestations.filter(({ kind, position }) => kind === 'revoke' && position > lifted);
  for (const entry of since.toReversed()) {
    if (entry.body.type !== 'revocation') continue;
    const promise = attestations.findLast((each) => each.position > entry.position && isLifting(each));
    return { says: 'revoked', entry, revocation: entry.body.revocation, ...(promise && { promise }) };
  }
  return since.length > 0 ? { says: 'unclear', missing: 'unreadableEntry' } : { says: 'nothing' };
}
