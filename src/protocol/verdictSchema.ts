import * as v from 'valibot';
import type { Hex } from '../core/hex';
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

/** Each schema is typed by what it gives, so that a verdict which changes its shape without this file does not compile. */
type Schema<T> = v.GenericSchema<unknown, T>;

function hex(bytes: number): Schema<Hex> {
  const pattern = new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`);
  return v.custom<Hex>((value) => typeof value === 'string' && pattern.test(value));
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const texts = v.array(v.string());

const citation: Schema<Citation> = v.object({
  publisher: hex(32),
  signer: hex(20),
  kind: v.picklist(['publish', 'vouch', 'revoke']),
  repository: v.string(),
  tag: v.string(),
  position: count,
  block: count,
  time: count,
  transaction: hex(32),
});
const citations = v.array(citation);
/** A green or nearly green verdict rests on somebody's statement, or it is none. */
const grounds = v.pipe(citations, v.minLength(1));

export const platformSchema = v.object({
  os: v.string(),
  architecture: v.string(),
  variant: v.exactOptional(v.string()),
  osVersion: v.exactOptional(v.string()),
});

const confirmations = { confirmations: count, needed: count };
const confirming = v.exactOptional(v.object(confirmations));

/** By kind, so that none is forgotten: one that is missing would be refused. */
const outcomes = {
  tampered: v.object({ kind: v.literal('tampered'), paths: texts }),
  revoked: v.object({
    kind: v.literal('revoked'),
    by: v.picklist(['revocation', 'everywhere', 'signer']),
    citation,
    reason: v.exactOptional(v.picklist(revocationReasons)),
    note: v.exactOptional(v.string()),
    confirming,
  }),
  superseded: v.object({ kind: v.literal('superseded'), current: citation, older: citation, confirming }),
  mismatch: v.object({
    kind: v.literal('mismatch'),
    cause: v.picklist(['content', 'rebuilt']),
    citation,
    platform: platformSchema,
    differences: texts,
    confirming,
  }),
  pending: v.object({ kind: v.literal('pending'), by: grounds, ...confirmations }),
  stale: v.object({ kind: v.literal('stale'), cause: v.picklist(['validity', 'view']), since: count, by: citations }),
  verified: v.object({
    kind: v.literal('verified'),
    match: v.picklist(matchesClosestFirst),
    differences: texts,
    by: grounds,
  }),
  untrusted: v.object({
    kind: v.literal('untrusted'),
    by: citations,
    accepted: count,
    needed: count,
    sharing: v.exactOptional(count),
    refused: v.exactOptional(v.picklist(refusals)),
    isOwn: v.exactOptional(v.boolean()),
  }),
  unsigned: v.object({
    kind: v.literal('unsigned'),
    knownAs: citations,
    otherPlatforms: v.array(platformSchema),
    vouchedDiffers: citations,
  }),
  unknown: v.object({
    kind: v.literal('unknown'),
    missing: v.picklist(missingParts),
    detail: v.exactOptional(v.string()),
  }),
} satisfies { readonly [Kind in VerdictKind]: Schema<Extract<Outcome, { readonly kind: Kind }>> };

const outcome: Schema<Outcome> = v.variant('kind', Object.values(outcomes));

const frame: Schema<VerdictFrame> = v.object({
  depth: v.picklist(['identity', 'layers', 'rootfs']),
  assurance: v.picklist(['ownNode', 'signature', 'reported']),
  coverage: v.picklist(['none', 'warn', 'enforce']),
  ledgerKind: v.picklist(['development', 'team', 'external']),
  asOf: v.exactOptional(v.object({ block: count, time: count, ahead: v.exactOptional(count) })),
});

/** A verdict that crossed a process. What it does not know is refused: a verdict that is half understood may be green. */
export const verdictSchema: Schema<Verdict> = v.intersect([frame, outcome]);
