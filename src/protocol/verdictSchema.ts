import * as v from 'valibot';
import type { Hex } from '../core/hex';
import type { LedgerKey } from '../core/ledger/types';
import { revocationReasons } from '../core/ledger/revocation';
import {
  matchesClosestFirst,
  missingParts,
  refusals,
  type Citation,
  type Outcome,
  type Verdict,
  type VerdictFrame,
  type VerdictKind,
} from '../core/judging/verdict';
import { oneOf, type EveryMember } from './complete';

/** Each schema is typed by what it gives, has an entry for each member and each word, so that a verdict which changes its shape without this file does not compile. */
type Schema<T> = v.GenericSchema<unknown, T>;
type OutcomeOf<Kind extends VerdictKind> = Extract<Outcome, { readonly kind: Kind }>;

function hex(bytes: number): Schema<Hex> {
  const pattern = new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`);
  return v.custom<Hex>((value) => typeof value === 'string' && pattern.test(value));
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const texts = v.array(v.string());

const citation: Schema<Citation> = v.object({
  publisher: hex(32),
  signer: hex(20),
  kind: oneOf<Citation['kind']>({ publish: true, vouch: true, revoke: true }),
  repository: v.string(),
  tag: v.string(),
  position: count,
  block: count,
  time: count,
  transaction: hex(32),
} satisfies EveryMember<Citation>);
const citations = v.array(citation);
/** A green or nearly green verdict rests on somebody's statement, or it is none. */
const grounds = v.pipe(citations, v.minLength(1));

export const platformSchema = v.object({
  os: v.string(),
  architecture: v.string(),
  variant: v.exactOptional(v.string()),
  osVersion: v.exactOptional(v.string()),
});

const ledgerKeySchema: Schema<LedgerKey> = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9][0-9]*):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/),
);

const confirmations = { confirmations: count, needed: count };
const confirming = v.exactOptional(v.object(confirmations));

/** By kind, so that none is forgotten: one that is missing would be refused. */
const outcomes = {
  tampered: v.object({ kind: v.literal('tampered'), paths: texts } satisfies EveryMember<OutcomeOf<'tampered'>>),
  revoked: v.object({
    kind: v.literal('revoked'),
    by: oneOf<OutcomeOf<'revoked'>['by']>({ revocation: true, everywhere: true, signer: true }),
    citation,
    reason: v.exactOptional(v.picklist(revocationReasons)),
    note: v.exactOptional(v.string()),
    confirming,
  } satisfies EveryMember<OutcomeOf<'revoked'>>),
  superseded: v.object({
    kind: v.literal('superseded'),
    current: citation,
    older: citation,
    confirming,
  } satisfies EveryMember<OutcomeOf<'superseded'>>),
  mismatch: v.object({
    kind: v.literal('mismatch'),
    cause: oneOf<OutcomeOf<'mismatch'>['cause']>({ content: true, rebuilt: true }),
    citation,
    platform: platformSchema,
    differences: texts,
    confirming,
  } satisfies EveryMember<OutcomeOf<'mismatch'>>),
  pending: v.object({ kind: v.literal('pending'), by: grounds, ...confirmations } satisfies EveryMember<
    OutcomeOf<'pending'>
  >),
  stale: v.object({
    kind: v.literal('stale'),
    cause: oneOf<OutcomeOf<'stale'>['cause']>({ validity: true, view: true }),
    since: count,
    by: citations,
  } satisfies EveryMember<OutcomeOf<'stale'>>),
  verified: v.object({
    kind: v.literal('verified'),
    match: v.picklist(matchesClosestFirst),
    differences: texts,
    by: grounds,
  } satisfies EveryMember<OutcomeOf<'verified'>>),
  untrusted: v.object({
    kind: v.literal('untrusted'),
    by: citations,
    accepted: count,
    needed: count,
    sharing: v.exactOptional(count),
    refused: v.exactOptional(v.picklist(refusals)),
    isOwn: v.exactOptional(v.boolean()),
  } satisfies EveryMember<OutcomeOf<'untrusted'>>),
  unsigned: v.object({
    kind: v.literal('unsigned'),
    knownAs: citations,
    otherPlatforms: v.array(platformSchema),
    vouchedDiffers: citations,
  } satisfies EveryMember<OutcomeOf<'unsigned'>>),
  unknown: v.object({
    kind: v.literal('unknown'),
    missing: v.picklist(missingParts),
    detail: v.exactOptional(v.string()),
  } satisfies EveryMember<OutcomeOf<'unknown'>>),
} satisfies { readonly [Kind in VerdictKind]: Schema<OutcomeOf<Kind>> };

const outcome: Schema<Outcome> = v.variant('kind', Object.values(outcomes));

const frame: Schema<VerdictFrame> = v.object({
  depth: oneOf<VerdictFrame['depth']>({ identity: true, layers: true, rootfs: true }),
  assurance: oneOf<VerdictFrame['assurance']>({ ownNode: true, signature: true, reported: true }),
  coverage: oneOf<VerdictFrame['coverage']>({ none: true, warn: true, enforce: true }),
  ledgerKind: oneOf<VerdictFrame['ledgerKind']>({ development: true, team: true, external: true }),
  ledger: v.exactOptional(ledgerKeySchema),
  network: v.exactOptional(v.string()),
  asOf: v.exactOptional(v.object({ block: count, time: count, ahead: v.exactOptional(count) })),
} satisfies EveryMember<VerdictFrame>);

/** A verdict that crossed a process. What it does not know is refused: a verdict that is half understood may be green. */
export const verdictSchema: Schema<Verdict> = v.intersect([frame, outcome]);
