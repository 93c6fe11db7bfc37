/** A network in one file, and the blocks of a node. */
import type { BlockId } from '../ledger/indexView';
import type { BlockHeader } from './ledger';

/** The blocks of one node, in their own bytes. */
export interface BlockStore {
  head(signal: AbortSignal): Promise<BlockHeader>;
  /** The blocks of these numbers on the node's chain, undefined where it has none so high. */
  blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockId | undefined)[]>;
  /** From the first to the last, which the node has. 1 call for each, in one batch. */
  rawBlocks(first: number, last: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
  /**
   * Has the node take blocks that follow each other. It checks them like those of a peer, and passes over what it has.
   * `backupInvalid`, reason `blocks`, where it refuses one.
   */
  addBlocks(blocks: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** Written from its beginning to its end, whole or not at all, and over nothing. */
export interface BackupTarget {
  write(parts: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Read from its beginning, each time anew; `backupInvalid`, reason `damaged`, where it is not as it was written. */
export interface BackupFile {
  parts(): AsyncIterable<Uint8Array>;
}
