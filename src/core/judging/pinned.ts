import type { MissingPart, Verdict, VerdictKind } from './verdict';

/** Only where every name was read can it be said that nobody has stated the content. */
const unread = 7;

/** From what decides to what says least for content. What is taken back under one name is so whatever others say. */
const decidingFirst: Readonly<Record<Exclude<VerdictKind, 'unknown'>, number>> = {
  revoked: 0,
  verified: 1,
  pending: 2,
  superseded: 4,
  stale: 5,
  untrusted: 8,
  unsigned: 9,
  mismatch: 10,
  tampered: 10,
};

/** The same of `unknown`, by what is missing. */
const partsOfUnknown: Readonly<Record<MissingPart, number>> = {
  layers: 3,
  signedContent: 6,
  engine: unread,
  image: unread,
  malformedImage: unread,
  platform: unread,
  registry: unread,
  variable: unread,
  ledger: unread,
  ledgerNotFollowed: unread,
  ledgerIncomplete: unread,
  historyContradicted: unread,
  otherChain: unread,
  stillReading: unread,
  strangersLeftOut: unread,
  configBytes: unread,
  unreadableEntry: unread,
};

/**
 * The verdict on content that a digest names without a tag, by those under each name that states it. One name of an
 * accepted publisher is enough, for what is taken back as compromised is so under every name; taken back under one that
 * was read, it is so too. That a tag is other content by now says nothing against a digest.
 */
export function pinned(verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  return verdicts.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

function rank(verdict: Verdict): number {
  return verdict.kind === 'unknown' ? partsOfUnknown[verdict.missing] : decidingFirst[verdict.kind];
}
