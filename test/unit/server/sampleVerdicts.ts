import type { Citation, Outcome, Verdict, VerdictFrame, VerdictKind } from '../../../src/core/judging/verdict';
import { parseReference } from '../../../src/core/image/reference';
import type { ImageAnswer } from '../../../src/core/judging/imageAnswer';

export const citation: Citation = {
  publisher: `0x${'0'.repeat(24)}${'ab'.repeat(20)}`,
  signer: `0x${'cd'.repeat(20)}`,
  kind: 'publish',
  repository: 'example.com/team/app',
  tag: '1',
  position: 0,
  block: 1234,
  time: 1_790_000_000,
  transaction: `0x${'12'.repeat(32)}`,
};

const platform = { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: '1' };
const confirming = { confirmations: 1, needed: 12 };

/** One outcome of each kind with every part that it can have. */
export const outcomes: { readonly [K in VerdictKind]: Required<Extract<Outcome, { kind: K }>> } = {
  tampered: { kind: 'tampered', paths: ['/bin/sh', '/etc/passwd'] },
  revoked: { kind: 'revoked', by: 'revocation', citation, reason: 'compromised', note: 'key lost', confirming },
  superseded: { kind: 'superseded', current: citation, older: citation, confirming },
  mismatch: { kind: 'mismatch', cause: 'content', citation, platform, differences: ['Env', 'layers'], confirming },
  pending: { kind: 'pending', by: [citation], confirmations: 3, needed: 12 },
  stale: { kind: 'stale', cause: 'validity', since: 1_780_000_000, by: [citation] },
  verified: { kind: 'verified', match: 'exact', differences: [], by: [citation] },
  untrusted: {
    kind: 'untrusted',
    by: [citation],
    ...{ accepted: 0, needed: 1, sharing: 2 },
    refused: 'development',
    isOwn: true,
  },
  unsigned: { kind: 'unsigned', knownAs: [citation], otherPlatforms: [platform], vouchedDiffers: [citation] },
  unknown: { kind: 'unknown', missing: 'ledger', detail: 'no node' },
};

const frame: Required<Omit<VerdictFrame, 'network'>> = {
  depth: 'identity',
  assurance: 'ownNode',
  coverage: 'warn',
  ledgerKind: 'team',
  ledger: `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`,
  asOf: { block: 2000, time: 1_790_001_000, ahead: 60 },
};

export function verdict(kind: VerdictKind, coverage: VerdictFrame['coverage'] = 'warn'): Verdict {
  return { ...frame, coverage, ...outcomes[kind] };
}

/** What the tests' images are called on the ledger, whatever a file calls them. */
export const reference = parseReference('example.com/team/app:1');

/** The same of an image that nobody has here, and that no registry was asked for. */
export function absent(text: string, kind: VerdictKind, coverage?: VerdictFrame['coverage']): ImageAnswer {
  return { text, reference, verdict: verdict(kind, coverage) };
}

export function verified(text: string, kind: VerdictKind, coverage?: VerdictFrame['coverage']): ImageAnswer {
  const given = verdict(kind, coverage);
  return { text, reference, local: { verdict: given }, verdict: given };
}
