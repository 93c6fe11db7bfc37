import type { Verdict } from '../core/judging/verdict';
import { worse } from '../core/judging/worse';

/** What the command tells a script; docs/cli.md has the table. Those of verdicts are 0 and 10 to 14. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unsigned: 10,
  alarm: 11,
  doubtful: 12,
  unknown: 13,
  /** A part of what was to be checked is not read or not understood. */
  notJudged: 14,
  /** As a shell says of a program that was ended by Ctrl-C. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The code for the one of several verdicts that has to be heeded most; `done` for none. */
export function exitCodeOf(verdicts: readonly Pick<Verdict, 'kind'>[]): ExitCode {
  const [first, ...others] = verdicts;
  if (first === undefined) return exitCodes.done;
  switch (others.reduce(worse, first).kind) {
    case 'tampered':
    case 'revoked':
    case 'mismatch':
      return exitCodes.alarm;
    case 'superseded':
    case 'stale':
    case 'untrusted':
    case 'pending':
      return exitCodes.doubtful;
    case 'unsigned':
      return exitCodes.unsigned;
    case 'unknown':
      return exitCodes.unknown;
    case 'verified':
      return exitCodes.done;
  }
}
