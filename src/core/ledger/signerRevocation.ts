import type { Address } from '../hex';
import { contentKey } from './contentName';
import { Standing } from './release';
import type { IsVoid } from './signerStanding';
import { voidBy } from './signerStanding';
import type { Attestation, History, Leaf, SignerSlot } from './types';

/** What an organization and its signers have said, as far as one of them is concerned. */
export interface SignerHistory {
  readonly signer: Address;
  /** Of every wallet that was ever a signer. */
  readonly slots: ReadonlyMap<Address, SignerSlot>;
  /** Those in which the signer has an entry. */
  readonly histories: readonly History[];
  /** The signer's own, newest first. */
  readonly entries: readonly Attestation[];
  /** Whether all of that is what the contract has. Where it is not, more can become void than a preview shows. */
  readonly isComplete: boolean;
  /** The block at which it was read. */
  readonly head: number;
  /** Newest block that is final. */
  readonly finalBlock: number;
  readonly confirmations: number;
}

/** A content under a name. */
export interface StatedContent {
  readonly repository: string;
  readonly tag: string;
  readonly leaf: Leaf;
}

/** What changes when a signer is revoked since a block. Lists are newest first. */
export interface RevocationPreview {
  readonly sinceBlock: number;
  /** Statements that count now and then no more. Revocations that the signer made stay in force. */
  readonly voided: readonly Attestation[];
  /** Content that is valid now and then no more. */
  readonly lost: readonly StatedContent[];
  /**
   * Content of those statements that stays valid, because of `by` (by another signer, or by this one before). Where that is
   * a vouch, it is valid for those who ask for a vouch.
   */
  readonly kept: readonly (StatedContent & { readonly by: Attestation })[];
  /** Whether a reorganization can still move a statement out of the void: look again when all is final. */
  readonly isSettled: boolean;
}

/** The block to name so that `entry` is void wherever a reorganization puts it. */
export function proposedSinceBlock({ block }: Pick<Attestation, 'block'>, confirmations: number): number {
  return Math.max(1, block - confirmations);
}

/** The block to name for everything that the signer said at `time` (Unix seconds) or later; undefined for nothing. */
export function sinceBlockAt({ entries, confirmations }: SignerHistory, time: number): number | undefined {
  const first = entries.findLast((entry) => entry.time >= time);
  return first && proposedSinceBlock(first, confirmations);
}

export function previewRevocation(history: SignerHistory, sinceBlock: number): RevocationPreview {
  const { signer, histories, entries, slots, finalBlock } = history;
  const isVoidNow = voidBy((_, each) => slots.get(each));
  const isVoidThen = (entry: Attestation): boolean =>
    isVoidNow(entry) || (entry.signer === signer && entry.block >= sinceBlock);
  const voided = entries.filter((entry) => entry.kind !== 'revoke' && isVoidThen(entry) && !isVoidNow(entry));
  const contents = new Map<string, StatedContent & { readonly by: Attestation | undefined }>();
  const read = new Map(
    histories.map((all) => {
      return [all.key, { all, now: new Standing(all, isVoidNow), then: new Standing(all, isVoidThen) }];
    }),
  );
  for (const entry of voided) {
    const found = read.get(entry.key);
    if (found === undefined) continue;
    const { all, now, then } = found;
    const { repository, tag } = entry;
    const kept = then.leavesOf(entry);
    for (const leaf of now.leavesOf(entry)) {
      const by = kept.includes(leaf) ? standingOn(all, leaf, isVoidThen) : undefined;
      contents.set(`${entry.key} ${contentKey(leaf)}`, { repository, tag, leaf, by });
    }
  }
  const stated = [...contents.values()];
  return {
    sinceBlock,
    voided,
    lost: stated.flatMap(({ by, ...content }) => (by === undefined ? content : [])),
    kept: stated.flatMap(({ by, ...content }) => (by === undefined ? [] : { ...content, by })),
    isSettled: voided.every(({ block }) => block <= finalBlock),
  };
}

/** Entries that a reorganization has moved before the block since which their signer was revoked: they count again. */
export function escapedEntries(
  before: Pick<SignerHistory, 'entries'>,
  after: Pick<SignerHistory, 'entries'>,
  sinceBlock: number,
): readonly Attestation[] {
  const isSame = (a: Attestation, b: Attestation): boolean =>
    a.key === b.key && a.position === b.position && a.statementHash === b.statementHash;
  return after.entries.filter(
    (entry) =>
      entry.kind !== 'revoke' &&
      entry.block < sinceBlock &&
      before.entries.some((each) => each.block >= sinceBlock && isSame(each, entry)),
  );
}

/** What keeps a content valid: a release that nothing after it could have taken back, or else the newest word on it. */
function standingOn({ attestations }: History, leaf: Leaf, isVoid: IsVoid): Attestation | undefined {
  const standing = attestations.filter((each) => !isVoid(each) && states(each, leaf));
  const revokedAt = attestations.findLast(({ kind }) => kind === 'revoke')?.position ?? -1;
  return standing.findLast(({ kind, position }) => kind === 'publish' && position > revokedAt) ?? standing.at(-1);
}

/** Whether an entry states a content itself. */
function states({ body }: Attestation, leaf: Leaf): boolean {
  const isStated = (each: Leaf): boolean => each.carried?.content !== true && contentKey(each) === contentKey(leaf);
  return body.type === 'statement' && body.statement.leaves.some(isStated);
}
