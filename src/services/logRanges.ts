import { isDaoChainError } from '../core/errors';
import type { PublisherId } from '../core/ledger/types';
import type { LedgerLogs, LedgerReader, LogRange } from '../core/ports';

/** Logs of some blocks that follow those of the answer before. */
export interface LogPart extends LedgerLogs {
  readonly blocks: number;
  readonly toBlock: number;
}

/**
 * Reads the logs of a range in as few calls as the endpoint answers: all at once, and half as many blocks each time it
 * refuses (`nodeFailed`).
 */
export async function* readLogs(
  reader: LedgerReader,
  { fromBlock: first, toBlock: last, names }: LogRange,
  publishers: readonly PublisherId[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  let fromBlock = first;
  let span = last - first + 1;
  while (fromBlock <= last) {
    span = Math.min(span, last - fromBlock + 1);
    const toBlock = fromBlock + span - 1;
    try {
      const filter = { ...(publishers !== undefined && { publishers }), ...(names !== undefined && { names }) };
      yield { ...(await reader.logs({ fromBlock, toBlock, ...filter }, signal)), blocks: span, toBlock };
    } catch (error) {
      if (!isDaoChainError(error, 'nodeFailed') || span === 1) throw error;
      span = Math.ceil(span / 2);
      continue;
    }
    fromBlock = toBlock + 1;
    span *= 2;
  }
}
