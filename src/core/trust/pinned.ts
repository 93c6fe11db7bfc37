import type { MissingPart, Verdict, VerdictKind } from './verdict';

/** From what says most for content to what says least; two of them are what `unknown` is missing. */
const bestFirst: readonly (VerdictKind | MissingPart)[] = [
  ...(['verified', 'pending', 'layers', 'superseded', 'stale', 'signedContent', 'untrusted', 'unsigned'] as const),
];

/**
 * The verdict on content that a digest names without a tag, by those under each name that states it. A publisher who took
 * it back anywhere has taken it back, and as long as one of the names was not read, it could have been there. Otherwise
 * the best stands: that a tag is other content by now says nothing against a digest.
 */
export function pinned(verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  const decisive = verdicts.find(({ kind }) => kind === 'revoked') ?? verdicts.find(isUnread);
  return decisive ?? verdicts.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

function isUnread(verdict: Verdict): boolean {
  return verdict.kind === 'unknown' && verdict.missing !== 'layers' && verdict.missing !== 'signedContent';
}

function rank(verdict: Verdict): number {
  const place = bestFirst.indexOf(verdict.kind === 'unknown' ? verdict.missing : verdict.kind);
  return place === -1 ? bestFirst.length : place;
}
