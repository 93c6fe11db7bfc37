import type { Address, Hex32 } from '../hex';
import type { AccountBlock, AccountState, AccountTransaction } from '../ports/accounts';

/**
 * One movement of a wallet's ether. `fee`: its transaction moved none, as a signature does. `self`: to itself. `other`: what
 * came without a transaction of its own, such as from a contract.
 */
export interface EtherMovement {
  readonly kind: 'sent' | 'received' | 'self' | 'fee' | 'other';
  readonly block: number;
  /** Unix seconds. */
  readonly time: number;
  /** Wei that moved, in the direction of the kind. */
  readonly value: bigint;
  /** Wei that the wallet paid for it. */
  readonly fee: bigint;
  /** Absent for `other`. */
  readonly transaction?: Hex32;
  /** Who is on the other side; absent for `other`, and for what makes a contract. */
  readonly peer?: Address;
  readonly failed?: true;
}

/** Wei, but for `minedBlocks`. `start + mined + received + other − sent − fees` is the balance. */
export interface EtherTotals {
  /** In the chain's first block. */
  readonly start: bigint;
  readonly mined: bigint;
  /** Blocks, own uncles in others' blocks included. */
  readonly minedBlocks: number;
  readonly received: bigint;
  readonly sent: bigint;
  readonly fees: bigint;
  /** What came, or went, without a transaction of the wallet or to it; negative only for an account with code. */
  readonly other: bigint;
}

/** What became of a wallet's ether up to a block. */
export interface EtherHistory {
  readonly block: number;
  readonly hash: Hex32;
  /** After that block; undefined where the node does not keep the states of old blocks, so that nothing was compared. */
  readonly state: AccountState | undefined;
  readonly totals: EtherTotals;
  /** In the order of the chain. */
  readonly movements: readonly EtherMovement[];
  /** Older ones that are in the totals only. */
  readonly leftOut: number;
  /** Whom the wallet ever sent something, each once. */
  readonly receivers: readonly Address[];
}

/** How many movements are listed of those that the wallet caused, and as many of those that others did: nobody crowds out ours. */
export const mostMovements = 1_000;

/** Of a chain of which only the first block was read. */
export function firstHistory(hash: Hex32, state: AccountState | undefined): EtherHistory {
  const none = { mined: 0n, minedBlocks: 0, received: 0n, sent: 0n, fees: 0n, other: 0n };
  const totals = { start: state?.balance ?? 0n, ...none };
  return { block: 0, hash, state, totals, movements: [], leftOut: 0, receivers: [] };
}

/** What a balance should be by the totals. */
export function balanceOf({ start, mined, received, sent, fees, other }: EtherTotals): bigint {
  return start + mined + received + other - sent - fees;
}

/** A block that changed the account; `change` of its balance is undefined where nobody knows it. */
export interface AccountChange {
  readonly block: AccountBlock;
  readonly change: bigint | undefined;
}

/** A history with later blocks, which are all that changed the account up to `end`. */
export function continued(
  before: EtherHistory,
  owner: Address,
  changes: readonly AccountChange[],
  end: Pick<EtherHistory, 'block' | 'hash' | 'state'>,
): EtherHistory {
  let totals = before.totals;
  const movements = [...before.movements];
  const receivers = new Set(before.receivers);
  for (const { block, change } of changes) {
    const moved = block.transactions.flatMap((transaction) => movementsOf(transaction, block, owner));
    const counted = countedIn(totals, block, moved);
    const rest = change === undefined ? 0n : change - (balanceOf(counted) - balanceOf(totals));
    totals = { ...counted, other: counted.other + rest };
    for (const each of moved) {
      movements.push(each);
      if (each.kind === 'sent' && each.peer !== undefined) receivers.add(each.peer);
    }
    if (rest !== 0n) movements.push({ kind: 'other', block: block.number, time: block.time, value: rest, fee: 0n });
  }
  const listed = newest(movements);
  return {
    ...end,
    totals,
    movements: listed,
    leftOut: before.leftOut + movements.length - listed.length,
    receivers: [...receivers],
  };
}

/** What is sent to the wallet without any ether is left out: only those send it who want to be mistaken for somebody. */
function movementsOf(
  { hash, from, to, value, fee, failed }: AccountTransaction,
  { number, time }: AccountBlock,
  owner: Address,
): readonly EtherMovement[] {
  const isOwn = from === owner;
  if (!isOwn && (value === 0n || to !== owner)) return [];
  const kind = !isOwn ? 'received' : to === owner ? 'self' : value === 0n ? 'fee' : 'sent';
  const peer = isOwn ? to : from;
  return [
    {
      ...{ kind, block: number, time, value, fee, transaction: hash },
      ...(peer !== undefined && { peer }),
      ...(failed && { failed: true }),
    },
  ];
}

function countedIn(totals: EtherTotals, { mined }: AccountBlock, movements: readonly EtherMovement[]): EtherTotals {
  const sum = (of: (movement: EtherMovement) => bigint): bigint => movements.reduce((all, each) => all + of(each), 0n);
  return {
    ...totals,
    mined: totals.mined + mined,
    minedBlocks: totals.minedBlocks + (mined > 0n ? 1 : 0),
    received: totals.received + sum(({ kind, value }) => (kind === 'received' || kind === 'self' ? value : 0n)),
    sent: totals.sent + sum(({ kind, value }) => (kind === 'sent' || kind === 'self' ? value : 0n)),
    fees: totals.fees + sum(({ fee }) => fee),
  };
}

function newest(movements: readonly EtherMovement[]): readonly EtherMovement[] {
  const isOthers = ({ kind }: EtherMovement): boolean => kind === 'received' || kind === 'other';
  const [others, own] = [movements.filter(isOthers).length, movements.filter((each) => !isOthers(each)).length];
  let [skipOthers, skipOwn] = [others - mostMovements, own - mostMovements];
  return movements.filter((each) => (isOthers(each) ? --skipOthers : --skipOwn) < 0);
}
