import type { Address } from '../../../src/core/hex';
import type { AccountBlock, AccountReader, AccountState } from '../../../src/core/ports/accounts';

interface FakeBlock {
  readonly block: Omit<AccountBlock, 'number'>;
  readonly state: AccountState;
}

const start: AccountState = { balance: 0n, nonce: 0 };

/** One account in memory, after each block that a test makes. */
export class FakeAccounts implements AccountReader {
  readonly contracts = new Set<Address>();
  /** From block 1 on. */
  readonly made: FakeBlock[] = [];
  /** As of a node that is no archive. */
  forgetsStates = false;
  /** What was asked for, by number of a block. */
  readonly asked: { states: number; blocks: number[] } = { states: 0, blocks: [] };

  get state(): AccountState {
    return this.made.at(-1)?.state ?? start;
  }

  /** A block after which the account has so much more (or less). */
  add(change: bigint, sent: number, block: Omit<AccountBlock, 'number'>): void {
    const { balance, nonce } = this.state;
    this.made.push({ block, state: { balance: balance + change, nonce: nonce + sent } });
  }

  addEmpty(count = 1): void {
    for (let added = 0; added < count; added += 1) this.add(0n, 0, { time: 0, mined: 0n, transactions: [] });
  }

  isContract(address: Address): Promise<boolean> {
    return Promise.resolve(this.contracts.has(address));
  }

  statesAt(_: Address, blocks: readonly number[]): Promise<readonly AccountState[] | undefined> {
    this.asked.states += blocks.length;
    if (this.forgetsStates) return Promise.resolve(undefined);
    return Promise.resolve(blocks.map((number) => this.made[number - 1]?.state ?? start));
  }

  blocks(_: Address, numbers: readonly number[]): Promise<readonly AccountBlock[]> {
    this.asked.blocks.push(...numbers);
    return Promise.resolve(
      numbers.map((number) => {
        const made = this.made[number - 1];
        if (made === undefined) throw new RangeError(`no block ${number}`);
        return { ...made.block, number };
      }),
    );
  }
}
