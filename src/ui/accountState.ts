import type { Address } from '../core/hex';
import type { LedgerKind } from '../core/ledger/types';

export type NodeState = 'stopped' | 'starting' | 'buildingDag' | 'running' | 'stopping' | 'failed';
export type WalletState = 'none' | 'locked' | 'unlocked';

/** What the status bar and the account menu show. */
export interface AccountState {
  readonly wallet: WalletState;
  readonly address: Address | undefined;
  /** Wei; undefined as long as no node has told it. */
  readonly balance: bigint | undefined;
  readonly node: NodeState;
  /** 0 to 99 while the DAG is built. */
  readonly dagPercent: number | undefined;
  readonly mining: boolean;
  /** Hashes for each second. */
  readonly hashrate: number;
  readonly ledger: { readonly kind: LedgerKind; readonly chainId: bigint } | undefined;
  readonly block: number | undefined;
  /** Wei that the signature lacked which the user has just tried; 0 when it did not fail for that. */
  readonly missing: bigint;
}
