/** What a chain knows of an account. */
import type { Address, Hex32 } from '../hex';

/** An account after a block. Without code only its own transactions lower its balance, and each raises the nonce. */
export interface AccountState {
  /** Wei. */
  readonly balance: bigint;
  readonly nonce: number;
}

/** A transaction that the account sent or that was sent to it. */
export interface AccountTransaction {
  readonly hash: Hex32;
  readonly from: Address;
  /** Undefined for one that makes a contract. */
  readonly to: Address | undefined;
  /** Wei that moved; none where it failed. */
  readonly value: bigint;
  /** Wei that it cost the account; none where somebody else sent it. */
  readonly fee: bigint;
  readonly failed: boolean;
}

/** A block, as far as it concerns an account. */
export interface AccountBlock {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
  /** Wei for mining: the block's reward, its uncles and tips, and the rewards of uncles in it; by the rules of ethash since Constantinople. */
  readonly mined: bigint;
  /** In the order of the block. */
  readonly transactions: readonly AccountTransaction[];
}

/** Reads accounts. A node has no list of what an account did: it is found by looking at states and blocks. */
export interface AccountReader {
  /** 1 call. */
  isContract(address: Address, signal: AbortSignal): Promise<boolean>;
  /**
   * The account after each of these blocks; undefined for all where the node does not keep the states of old blocks. 2 calls for
   * each block.
   */
  statesAt(
    address: Address,
    blocks: readonly number[],
    signal: AbortSignal,
  ): Promise<readonly AccountState[] | undefined>;
  /**
   * These blocks, whole. 1 call for each, 1 for each uncle, and 1 for each transaction of the account, or of a block that it
   * mined.
   */
  blocks(address: Address, numbers: readonly number[], signal: AbortSignal): Promise<readonly AccountBlock[]>;
}
