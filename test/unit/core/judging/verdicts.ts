import type { Citation, Outcome, Verdict, VerdictFrame, VerdictKind } from '../../../../src/core/judging/verdict';
import { registryFailures } from '../../../../src/core/judging/verdict';
import { alice, amd64, arm64, repository, tag, wallet } from './world';

export const citation: Citation = {
  publisher: alice,
  signer: wallet(1),
  kind: 'publish',
  repository,
  tag,
  position: 0,
  block: 90,
  time: 1_800_000_000,
  transaction: `0x${'01'.repeat(32)}`,
};

/** Of a chain that was never read. */
export const unreadFrame: VerdictFrame = {
  depth: 'identity',
  assurance: 'ownNode',
  coverage: 'warn',
  ledgerKind: 'team',
};
const frame: VerdictFrame = { ...unreadFrame, asOf: { block: 100, time: 1_800_000_000 } };

type Of<K extends VerdictKind> = Extract<Outcome, { kind: K }>;

/** One outcome of each kind. */
const outcomes: { readonly [K in VerdictKind]: Of<K> } = {
  tampered: { kind: 'tampered', paths: ['/bin/sh'] },
  revoked: { kind: 'revoked', by: 'revocation', citation, reason: 'compromised', note: '' },
  superseded: { kind: 'superseded', current: citation, older: citation },
  mismatch: { kind: 'mismatch', cause: 'content', citation, platform: amd64, differences: ['Env'] },
  pending: { kind: 'pending', confirmations: 1, needed: 3, by: [citation] },
  stale: { kind: 'stale', cause: 'validity', since: 1_800_000_000, by: [citation] },
  verified: { kind: 'verified', match: 'exact', differences: [], by: [citation] },
  untrusted: { kind: 'untrusted', by: [citation], accepted: 0, needed: 1 },
  unsigned: { kind: 'unsigned', knownAs: [citation], otherPlatforms: [arm64], vouchedDiffers: [citation] },
  unknown: { kind: 'unknown', missing: 'engine' },
};

type ByKind = { readonly [K in VerdictKind]: VerdictFrame & Of<K> };

export function verdictOf<K extends VerdictKind>(kind: K, changes: Partial<VerdictFrame> = {}): ByKind[K] {
  const framed: VerdictFrame = { ...frame, ...changes };
  const byKind: ByKind = {
    tampered: { ...framed, ...outcomes.tampered },
    revoked: { ...framed, ...outcomes.revoked },
    superseded: { ...framed, ...outcomes.superseded },
    mismatch: { ...framed, ...outcomes.mismatch },
    pending: { ...framed, ...outcomes.pending },
    stale: { ...framed, ...outcomes.stale },
    verified: { ...framed, ...outcomes.verified },
    untrusted: { ...framed, ...outcomes.untrusted },
    unsigned: { ...framed, ...outcomes.unsigned },
    unknown: { ...framed, ...outcomes.unknown },
  };
  return byKind[kind];
}

/** Every sentence that a verdict can make is in at least one of these. */
export const everyVerdict: readonly Verdict[] = [
  ...Object.values(outcomes),
  { ...outcomes.tampered, paths: ['/a', '/b'] },
  { ...outcomes.tampered, paths: ['/a', '/b', '/c'] },
  { ...outcomes.revoked, by: 'signer' as const },
  { ...outcomes.revoked, by: 'everywhere' as const },
  ...(['compromised', 'vulnerable', 'mistake', 'unsupported', 'other'] as const).map((reason) => ({
    ...outcomes.revoked,
    reason,
    note: 'why',
    confirming: { confirmations: 1, needed: 3 },
  })),
  { ...outcomes.superseded, confirming: { confirmations: 1, needed: 3 } },
  { ...outcomes.mismatch, cause: 'rebuilt' as const, differences: [] },
  { ...outcomes.mismatch, differences: ['Env', 'layers'] },
  { ...outcomes.stale, cause: 'view' as const },
  { ...outcomes.verified, match: 'content' as const },
  { ...outcomes.verified, match: 'equivalent' as const, differences: ['Healthcheck', 'Shell'] },
  { ...outcomes.verified, by: [{ ...citation, kind: 'vouch' as const }] },
  { ...outcomes.untrusted, accepted: 1, needed: 2 },
  { ...outcomes.untrusted, accepted: 1, needed: 2, sharing: 2 },
  ...(['reported', 'development', 'depthOnly', 'equivalent', 'noCheckpoint'] as const).map((refused) => ({
    ...outcomes.untrusted,
    refused,
  })),
  { ...outcomes.unsigned, knownAs: [], otherPlatforms: [], vouchedDiffers: [] },
  ...(
    [
      ...([
        'engine',
        'image',
        'malformedImage',
        'platform',
        'registry',
        'variable',
        'ledger',
        'ledgerIncomplete',
      ] as const),
      ...(['configBytes', 'layers', 'signedContent', 'unreadableEntry'] as const),
      ...(['historyContradicted', 'otherChain', 'stillReading', 'strangersLeftOut'] as const),
    ] as const
  ).map((missing) => ({ ...outcomes.unknown, missing, detail: 'why' })),
  { ...outcomes.unknown, missing: 'image' as const },
  { ...outcomes.unknown, missing: 'platform' as const },
  ...registryFailures.map((detail) => ({ ...outcomes.unknown, missing: 'registry' as const, detail })),
].flatMap((outcome) => [
  { ...frame, ...outcome },
  { ...frame, ...outcome, asOf: { block: 100, time: 1_800_000_000, ahead: 120 } },
  {
    ...frame,
    ...outcome,
    coverage: 'none' as const,
    ledgerKind: 'development' as const,
    assurance: 'reported' as const,
  },
]);
