import * as v from 'valibot';
import type { Hex } from '../core/hex';
import { revocationReasons } from '../core/ledger/revocation';
import type { Citation, Outcome, Verdict, VerdictFrame } from '../core/judging/verdict';

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

const outcome: Schema<Outcome> = v.variant('kind', [
  v.object({ kind: v.literal('tampered'), paths: texts }),
  v.object({
    kind: v.literal('revoked'),
    by: v.picklist(['revocation', 'everywhere', 'signer']),
    citation,
    reason: v.exactOptional(v.picklist(revocationReasons)),
    note: v.exactOptional(v.string()),
    confirming,
  }),
  v.object({ kind: v.literal('superseded'), current: citation, older: citation, confirming }),
  v.object({
    kind: v.literal('mismatch'),
    cause: v.picklist(['content', 'rebuilt']),
    citation,
    platform: platformSchema,
    differences: texts,
    confirming,
  }),
  v.object({ kind: v.literal('pending'), by: grounds, ...confirmations }),
  v.object({ kind: v.literal('stale'), cause: v.picklist(['validity', 'view']), since: count, by: citations }),
  v.object({
    kind: v.literal('verified'),
    match: v.picklist(['exact', 'content', 'equivalent']),
    differences: texts,
    by: grounds,
  }),
  v.object({
    kind: v.literal('untrusted'),
    by: citations,
    accepted: count,
    needed: count,
    sharing: v.exactOptional(count),
    refused: v.exactOptional(v.picklist(['reported', 'development', 'equivalent', 'noCheckpoint'])),
    isOwn: v.exactOptional(v.boolean()),
  }),
  v.object({
    kind: v.literal('unsigned'),
    knownAs: citations,
    otherPlatforms: v.array(platformSchema),
    vouchedDiffers: citations,
  }),
  v.object({
    kind: v.literal('unknown'),
    missing: v.picklist([
      'engine',
      'image',
      'malformedImage',
      'platform',
      'registry',
      'variable',
      'ledger',
      'ledgerIncomplete',
      'historyContradicted',
      'stillReading',
      'strangersLeftOut',
      'configBytes',
      'layers',
      'signedContent',
      'unreadableEntry',
    ]),
    detail: v.exactOptional(v.string()),
  }),
]);

const frame: Schema<VerdictFrame> = v.object({
  depth: v.picklist(['identity', 'layers', 'rootfs']),
  assurance: v.picklist(['ownNode', 'signature', 'reported']),
  coverage: v.picklist(['none', 'warn', 'enforce']),
  ledgerKind: v.picklist(['development', 'team', 'external']),
  asOf: v.exactOptional(v.object({ block: count, time: count, ahead: v.exactOptional(count) })),
});

/** A verdict that crossed a process. What it does not know is refused: a verdict that is half understood may be green. */
export const verdictSchema: Schema<Verdict> = v.intersect([frame, outcome]);
