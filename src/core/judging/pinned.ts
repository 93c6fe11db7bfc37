import type { MissingPart, Verdict, VerdictKind } from './verdict';

/**
 * From what says most in favor of the content to what says least; of `unknown`, by what is missing. `unread` stands
 * for every other missing part.
 */
const bestFirst: readonly (VerdictKind | MissingPart | 'unread')[] = [
  ...(['verified', 'pending', 'layers', 'superseded', 'stale', 'signedContent'] as const),
  // Only where every name was read can it be said that nobody has stated the content.
  ...(['unread', 'untrusted', 'unsigned'] as const),
];

/**
 * The verdict on content that a digest names without a tag, by those under each name that states it. One name of an
 * accepted publisher is enough, for what is taken back as compromised is so under every name; taken back under one that
 * was read, it is so too. That a tag is other content by now says nothing against a digest.
 */
export function pinned(verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  const revoked = verdicts.find(({ kind }) => kind === 'revoked');
  return revoked ?? verdicts.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

function rank(verdict: Verdict): number {
  const said = verdict.kind === 'unknown' ? verdict.missing : verdict.kind;
  const place = bestFirst.indexOf(said);
  if (place !== -1) return place;
  return verdict.kind === 'unknown' ? bestFirst.indexOf('unread') : bestFirst.length;
}
