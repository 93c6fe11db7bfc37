import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { LedgerLogs, LedgerReader, LogRange } from '../../core/ports/ledger';

/** Logs of some blocks that follow those of the answer before. */
export interface LogPart extends LedgerLogs {
  readonly blocks: number;
}

/** Calls of one reading. An endpoint of somebody's that answers for 10,000 blocks at a time has told 20 million by then. */
const mostCalls = 2_000;
/** Calls of one reading that nobody answered in time, in a row and in all: each is a wait. */
const mostTimeouts = { inARow: 3, inAll: 8 };
/** Who did not answer in time for so many blocks is asked for a small part of them, not for half. */
const timeoutDivisor = 64;

/**
 * Reads the logs of a range in as few calls as the endpoint answers: all at once, half as many blocks each time it refuses, and
 * far fewer where it does not answer in time.
 *
 * However many blocks there are said to be, calls and waits are counted: then it rejects with what the endpoint said last, or
 * with `nodeFailed` (`tooManyCalls`) where it answers for too little at a time.
 */
export async function* readLogs(
  reader: LedgerReader,
  { fromBlock, toBlock: last, ...filter }: LogRange,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const pace = new Pace(last - fromBlock + 1);
  let calls = 0;
  let timeouts = 0;
  let timeoutsInARow = 0;
  for (let next = fromBlock; next <= last;) {
    const span = Math.min(pace.span, last - next + 1);
    const toBlock = next + span - 1;
    if (calls === mostCalls) throw tooManyCalls(next, last);
    calls += 1;
    try {
      yield { ...(await reader.logs({ fromBlock: next, toBlock, ...filter }, signal)), blocks: span };
    } catch (error) {
      const late = isDaoChainError(error, 'nodeUnavailable') && error.details['reason'] === 'timeout';
      timeouts += late ? 1 : 0;
      timeoutsInARow = late ? timeoutsInARow + 1 : 0;
      const isPatient = timeouts < mostTimeouts.inAll && timeoutsInARow < mostTimeouts.inARow;
      const canAskForLess = isDaoChainError(error, 'nodeFailed') || (late && isPatient);
      if (!canAskForLess || span === 1) throw error;
      if (late) pace.tooSlow(span);
      else pace.refused(span);
      continue;
    }
    timeoutsInARow = 0;
    next = toBlock + 1;
    pace.answered();
  }
}

/**
 * How many blocks are asked for at once. More are tried again after an answer, but as many as were refused only after ever
 * more answers: an endpoint with a limit refuses once for each doubling of what it has answered. As many as took too long
 * are not asked for again.
 */
class Pace {
  #span: number;
  #refused = Infinity;
  #slow = Infinity;
  #answers = 0;
  #patience = 1;

  constructor(blocks: number) {
    this.#span = blocks;
  }

  get span(): number {
    return this.#span;
  }

  answered(): void {
    this.#answers += 1;
    const wider = this.#span * 2;
    if (wider >= this.#slow) return;
    if (wider >= this.#refused) {
      if (this.#answers < this.#patience) return;
      this.#patience *= 2;
      this.#refused = Infinity;
    }
    this.#answers = 0;
    this.#span = wider;
  }

  refused(span: number): void {
    this.#answers = 0;
    this.#refused = span;
    this.#span = Math.ceil(span / 2);
  }

  tooSlow(span: number): void {
    this.#answers = 0;
    this.#slow = span;
    this.#span = Math.ceil(span / timeoutDivisor);
  }
}

function tooManyCalls(next: number, last: number): DaoChainError {
  return new DaoChainError(
    'nodeFailed',
    `${mostCalls} calls for logs, and blocks ${next} to ${last} are still missing`,
    {
      details: { reason: 'tooManyCalls' },
    },
  );
}
