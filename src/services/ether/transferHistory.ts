import * as v from 'valibot';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import { jsonWithWei, weiSchema } from '../transactions/weiJson';
import { continued, firstHistory, type AccountChange, type EtherHistory } from '../../core/ether/etherHistory';
import type { Address, Hex32 } from '../../core/hex';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import type { LedgerId } from '../../core/ledger/types';
import type { AccountState } from '../../core/ports/accounts';
import type { FileStore } from '../../core/ports/files';
import type { BlockHeader } from '../../core/ports/ledger';
import type { Log } from '../../core/ports/log';
import type { Ledger, LedgerSource } from '../ledger/ledger';

/** Blocks that are known to hold nothing more of the wallet, of those that are to be known. */
export interface HistoryProgress {
  readonly done: number;
  readonly of: number;
}

interface HistoryPorts {
  readonly ledgers: LedgerSource;
  readonly files: FileStore;
  readonly log: Log;
}

/** Blocks between two times that what is known is written down: whoever leaves loses no more. */
const stepBlocks = 4_096;
/** How often reading begins again because the chain has changed under it. */
const mostAttempts = 5;

const hex = (pattern: RegExp) => v.custom<Hex32>((value) => typeof value === 'string' && pattern.test(value));
const hex32 = hex(/^0x[0-9a-f]{64}$/);
const address = hex(/^0x[0-9a-f]{40}$/);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const historySchema = v.strictObject({
  block: count,
  hash: hex32,
  state: v.exactOptional(v.strictObject({ balance: weiSchema, nonce: count })),
  totals: v.strictObject({
    ...{ start: weiSchema, mined: weiSchema, minedBlocks: count, received: weiSchema },
    ...{ sent: weiSchema, fees: weiSchema, other: weiSchema },
  }),
  movements: v.array(
    v.strictObject({
      kind: v.picklist(['sent', 'received', 'self', 'fee', 'other']),
      ...{ block: count, time: count, value: weiSchema, fee: weiSchema },
      transaction: v.exactOptional(hex32),
      peer: v.exactOptional(address),
      failed: v.exactOptional(v.literal(true)),
    }),
  ),
  leftOut: count,
  receivers: v.array(address),
});
const schema = v.strictObject({ version: v.literal(1), history: historySchema });
const limits: JsonLimits = { bytes: 16 * 1024 * 1024, depth: 5 };

/** The node's chain is not the one any more that reading began on. */
class ChainChanged extends Error {}

/**
 * What became of the wallet's ether, from this node's own chain. A node has no list of what an account did. But balance and
 * nonce together never come back to what they were unless nothing happened in between, so a search by halves finds the blocks
 * that changed them, and only these are read. What is final stays known in one small file for each wallet and ledger; what is
 * not is read again each time, so that no reorganization leaves anything behind.
 */
export class TransferHistory {
  readonly #ports: HistoryPorts;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /**
   * Up to the newest block. Cancelling keeps what is read so far for the next time. `nodeUnavailable`, `nodeFailed`,
   * `cancelled`.
   */
  async read(
    owner: Address,
    signal: AbortSignal,
    onProgress: (progress: HistoryProgress) => void = () => undefined,
  ): Promise<EtherHistory> {
    const ledger = await this.#ports.ledgers.open();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#read(ledger, owner, signal, onProgress);
      } catch (error) {
        if (!(error instanceof ChainChanged)) throw error;
        if (attempt === mostAttempts)
          throw new DaoChainError('nodeFailed', 'The chain keeps changing', { cause: error });
        this.#ports.log.debug('The chain changed while transfers were read; reading again');
      }
    }
  }

  async #read(
    ledger: Ledger,
    owner: Address,
    signal: AbortSignal,
    onProgress: (progress: HistoryProgress) => void,
  ): Promise<EtherHistory> {
    const head = await ledger.reader.head(signal);
    let known = await this.#known(ledger, owner, signal);
    const from = known.block;
    const tell = (block: number): void => {
      onProgress({ done: block - from, of: head.number - from });
    };
    const settled = head.number - ledger.index.confirmations + 1;
    while (known.block < settled) {
      const [end] = await blocksOf(ledger, [Math.min(known.block + stepBlocks, settled)], signal);
      known = await this.#continue(ledger, owner, known, end, signal);
      await this.#keep(ledger, owner, known);
      tell(known.block);
      throwIfCancelled(signal);
    }
    const newest = known.block < head.number ? await this.#continue(ledger, owner, known, head, signal) : known;
    tell(newest.block);
    return newest;
  }

  /** What is remembered, if it is of the node's chain; else nothing but the chain's first block. */
  async #known(ledger: Ledger, owner: Address, signal: AbortSignal): Promise<EtherHistory> {
    const kept = await this.#remembered(ledger, owner);
    if (kept !== undefined) {
      const [there] = await ledger.reader.blocksAt([kept.block], signal);
      if (there?.hash === kept.hash) return kept;
    }
    const [first] = await blocksOf(ledger, [0], signal);
    const states = await ledger.accounts.statesAt(owner, [0], signal);
    return firstHistory(first.hash, states?.[0]);
  }

  /** Up to a block, if that and where it began are still on the chain when everything is read. */
  async #continue(
    ledger: Ledger,
    owner: Address,
    known: EtherHistory,
    { number, hash }: BlockHeader,
    signal: AbortSignal,
  ): Promise<EtherHistory> {
    const state = (await ledger.accounts.statesAt(owner, [number], signal))?.[0];
    let changes: readonly AccountChange[];
    try {
      changes = await this.#changes(ledger, owner, known, { number, state }, signal);
    } catch (error) {
      await requireChain(ledger, known, { number, hash }, signal);
      throw error;
    }
    await requireChain(ledger, known, { number, hash }, signal);
    return continued(known, owner, changes, { block: number, hash, state });
  }

  async #changes(
    { accounts }: Ledger,
    owner: Address,
    { block: first, state: before }: EtherHistory,
    { number: last, state: after }: { readonly number: number; readonly state: AccountState | undefined },
    signal: AbortSignal,
  ): Promise<readonly AccountChange[]> {
    const changed =
      before === undefined || after === undefined
        ? undefined
        : await changedBlocks((numbers) => accounts.statesAt(owner, numbers, signal), { first, before, last, after });
    const numbers =
      changed === undefined
        ? Array.from({ length: last - first }, (_, index) => first + 1 + index)
        : [...changed.keys()].toSorted((a, b) => a - b);
    const blocks = await accounts.blocks(owner, numbers, signal);
    return blocks.map((block) => ({ block, change: changed?.get(block.number) }));
  }

  async #remembered({ writer, assurance }: Ledger, owner: Address): Promise<EtherHistory | undefined> {
    if (assurance !== 'ownNode') return undefined;
    try {
      const bytes = await this.#ports.files.read(fileOf(writer.ledger, owner));
      if (bytes === undefined) return undefined;
      const { history } = v.parse(schema, parseStrictJson(bytes, limits));
      return { ...history, state: history.state };
    } catch (error) {
      // It is read from the chain again.
      this.#ports.log.warn(`What was known of transfers cannot be read: ${String(error)}`);
      return undefined;
    }
  }

  /** What an endpoint only reports is not kept. A history is never refused because it cannot be written. */
  async #keep({ writer, assurance }: Ledger, owner: Address, history: EtherHistory): Promise<void> {
    if (assurance !== 'ownNode') return;
    const text = jsonWithWei({ version: 1, history });
    try {
      await this.#ports.files.write(fileOf(writer.ledger, owner), new TextEncoder().encode(text));
    } catch (error) {
      this.#ports.log.warn(`What is known of transfers cannot be written: ${String(error)}`);
    }
  }
}

interface Span {
  readonly first: number;
  readonly before: AccountState;
  readonly last: number;
  readonly after: AccountState;
}

/**
 * The blocks after `first` up to `last` that changed an account, and by how much its balance; undefined where the node does
 * not keep their states.
 */
async function changedBlocks(
  statesAt: (numbers: readonly number[]) => Promise<readonly AccountState[] | undefined>,
  span: Span,
): Promise<ReadonlyMap<number, bigint> | undefined> {
  const found = new Map<number, bigint>();
  let spans = [span];
  while (spans.length > 0) {
    const changed = spans.filter(({ before, after }) => !isSame(before, after));
    const wide = changed.filter(({ first, last }) => last - first > 1);
    for (const { first, last, before, after } of changed)
      if (last - first === 1) found.set(last, after.balance - before.balance);
    const middles = wide.map(({ first, last }) => Math.floor((first + last) / 2));
    const states = await statesAt(middles);
    if (states === undefined) return undefined;
    spans = wide.flatMap(({ first, before, last, after }, index) => {
      const [middle = last, state = after] = [middles[index], states[index]];
      return [
        { first, before, last: middle, after: state },
        { first: middle, before: state, last, after },
      ];
    });
  }
  return found;
}

function isSame(a: AccountState, b: AccountState): boolean {
  return a.balance === b.balance && a.nonce === b.nonce;
}

async function blocksOf(
  { reader }: Ledger,
  numbers: readonly [number],
  signal: AbortSignal,
): Promise<readonly [BlockHeader]> {
  const [block] = await reader.blocksAt(numbers, signal);
  if (block === undefined) throw new ChainChanged();
  return [block];
}

async function requireChain(
  { reader }: Ledger,
  known: Pick<EtherHistory, 'block' | 'hash'>,
  end: Pick<BlockHeader, 'number' | 'hash'>,
  signal: AbortSignal,
): Promise<void> {
  const [start, last] = await reader.blocksAt([known.block, end.number], signal);
  if (start?.hash !== known.hash || last?.hash !== end.hash) throw new ChainChanged();
}

function fileOf({ chainId, genesisHash }: LedgerId, owner: Address): string {
  return `transfers/${chainId}-${genesisHash.slice(2, 18)}-${owner}.json`;
}
