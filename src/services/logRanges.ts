import { isDaoChainError } from '../core/errors';
import type { PublisherId } from '../core/ledger/types';
import type { LedgerLogs, LedgerReader } from '../core/ports';

export interface LogBlocks {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Logs of some blocks that follow those of the answer before. */
export interface LogPart extends LedgerLogs {
  readonly blocks: number;
  /** Whether everybody's logs are there, not only those of trusted publishers. */
  readonly everyone: boolean;
}

/**
 * Reads the logs of `blocks` in as few calls as the endpoint answers: all at once, and half as many blocks each time it
 * refuses (`nodeFailed`). A single block that it refuses is read for `trusted` publishers only, so that nobody can hide
 * them in a crowd. `everyone` is asked before each call; false leaves out all but `trusted`.
 */
export async function* readLogs(
  reader: LedgerReader,
  blocks: LogBlocks,
  trusted: readonly PublisherId[],
  everyone: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  let fromBlock = blocks.fromBlock;
  let span = blocks.toBlock - fromBlock + 1;
  let crowded = false;
  while (fromBlock <= blocks.toBlock) {
    span = Math.min(span, blocks.toBlock - fromBlock + 1);
    const toBlock = fromBlock + span - 1;
    const all = everyone() && !crowded;
    try {
      const logs =
        all || trusted.length > 0
          ? await reader.logs({ fromBlock, toBlock, ...(!all && { publishers: trusted }) }, signal)
          : { attested: [], signers: [] };
      yield { ...logs, blocks: span, everyone: all };
    } catch (error) {
      if (!isDaoChainError(error, 'nodeFailed') || (span === 1 && !all)) throw error;
      if (span === 1) crowded = true;
      else span = Math.ceil(span / 2);
      continue;
    }
    crowded = false;
    fromBlock = toBlock + 1;
    span *= 2;
  }
}
