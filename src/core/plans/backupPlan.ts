import type { BlockId } from '../ledger/indexView';
import type { NetworkProfile } from '../ledger/network';
import type { LedgerKey } from '../ledger/types';
import type { AdmittedNode, Checkpoint } from '../ports/networks';

/** A transaction on its way, as a person is told of it. */
export interface SavedTransaction {
  readonly hash: string;
  readonly signer: string;
  readonly names: readonly string[];
}

/** What a backup holds, and so what restoring it would bring. It holds no key: neither a wallet's nor the node's. */
export interface BackupContents {
  readonly profile: NetworkProfile;
  readonly ledger: LedgerKey;
  /** Milliseconds since 1970, by the clock of the machine that wrote it. */
  readonly time: number;
  /** The newest block in it. */
  readonly head: BlockId;
  /** The highest block that was final where it was written; none where nothing was. */
  readonly final: BlockId | undefined;
  readonly admitted: readonly AdmittedNode[];
  readonly checkpoint: Checkpoint | undefined;
  readonly transactions: readonly SavedTransaction[];
}

/** What restoring did. */
export interface Restored {
  /** Blocks that the node did not have. */
  readonly blocks: number;
  /** Transactions that were not on their way here. */
  readonly transactions: number;
  /** Whether the final block of the backup is newer than what was remembered here. */
  readonly isFinalNewer: boolean;
}
