import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import type { Hex, Hex32 } from '../../core/hex';
import type { LedgerId, SignerSlot } from '../../core/ledger/types';
import type { BlockHeader, Disposable, Event, LedgerLogs, LedgerReader, LogRange, SignerQuery } from '../../core/ports';
import type { IpcTransport, RpcCall } from './ipcTransport';
import { decodeLinks, decodeLog, decodeSigners, encodeLinks, encodeSigners, ledgerTopics } from './ledgerCodec';
import { askNode, bytesSchema, headerSchema, logSchema, readAnswer } from './rpcAnswer';

const logsSchema = v.array(logSchema);

/** The read side of a ledger over a node's IPC. `nodeFailed` when the node answers with an error or with nonsense. */
export class IpcLedgerReader implements LedgerReader {
  readonly ledger: LedgerId;
  readonly #transport: IpcTransport;
  readonly #listeners = new Set<(head: BlockHeader) => void>();
  #subscription: Disposable | undefined;

  constructor(transport: IpcTransport, ledger: LedgerId) {
    this.#transport = transport;
    this.ledger = ledger;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    const method = 'eth_getBlockByNumber';
    const [answer] = await askNode(this.#transport, [{ method, params: ['latest', false] }], signal);
    return toHeader(answer, method);
  }

  async logs({ fromBlock, toBlock, publishers }: LogRange, signal: AbortSignal): Promise<LedgerLogs> {
    const method = 'eth_getLogs';
    const filter = {
      address: this.ledger.address,
      fromBlock: toQuantity(fromBlock),
      toBlock: toQuantity(toBlock),
      topics: [ledgerTopics, ...(publishers === undefined ? [] : [publishers])],
    };
    const [answer] = await askNode(this.#transport, [{ method, params: [filter] }], signal);
    const decoded = decode(method, () => readAnswer(logsSchema, answer, method).map(decodeLog));
    return {
      attested: decoded.flatMap((log) => (log !== undefined && 'attested' in log ? [log.attested] : [])),
      signers: decoded.flatMap((log) => (log !== undefined && 'signer' in log ? [log.signer] : [])),
    };
  }

  async state(
    query: { readonly keys: readonly Hex32[]; readonly signers: readonly SignerQuery[] },
    blockHash: Hex32,
    signal: AbortSignal,
  ): Promise<{ readonly links: readonly Hex32[]; readonly slots: readonly SignerSlot[] }> {
    const { keys, signers } = query;
    const call = (data: Hex): RpcCall => ({
      method: 'eth_call',
      params: [{ to: this.ledger.address, data }, { blockHash }],
    });
    const calls = [
      ...(keys.length > 0 ? [call(encodeLinks(keys))] : []),
      ...(signers.length > 0 ? [call(encodeSigners(signers))] : []),
    ];
    const answers = (await askNode(this.#transport, calls, signal)).map((answer) =>
      readAnswer(bytesSchema, answer, 'eth_call'),
    );
    const [links = '0x', slots = '0x'] = keys.length > 0 ? answers : ['0x' as const, ...answers];
    return decode('eth_call', () => ({
      links: keys.length > 0 ? decodeLinks(links, keys.length) : [],
      slots: signers.length > 0 ? decodeSigners(slots, signers.length) : [],
    }));
  }

  /** Comes with the present head as soon as the subscription has begun, again after a lost connection. */
  readonly onHead: Event<BlockHeader> = (listener) => {
    const entry = (head: BlockHeader): void => {
      listener(head);
    };
    this.#listeners.add(entry);
    this.#subscription ??= this.#subscribe();
    return {
      dispose: () => {
        this.#listeners.delete(entry);
        if (this.#listeners.size > 0) return;
        this.#subscription?.dispose();
        this.#subscription = undefined;
      },
    };
  };

  #subscribe(): Disposable {
    const tell = (head: BlockHeader): void => {
      for (const listener of [...this.#listeners]) listener(head);
    };
    return this.#transport.subscribe(
      'newHeads',
      (value) => {
        tell(toHeader(value, 'eth_subscribe'));
      },
      () => {
        // A head that cannot be asked for is one that a later connection brings.
        this.head(AbortSignal.timeout(30_000)).then(tell, () => undefined);
      },
    );
  }
}

function toHeader(answer: unknown, method: string): BlockHeader {
  const { number, hash, time } = readAnswer(headerSchema, answer, method);
  return { number, hash, time };
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}

function decode<T>(method: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DaoChainError('nodeFailed', `The node's answer to ${method} is malformed: ${cause.message}`, { cause });
  }
}
