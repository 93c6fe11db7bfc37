import * as v from 'valibot';
import type { Hex, Hex32 } from '../../core/hex';
import type { LedgerId, SignerSlot } from '../../core/ledger/types';
import { zeroWord } from '../../core/ledger/link';
import { RpcChainHeads, toHeader } from './chainHeads';
import type { RpcCall, RpcTransport } from './rpcTransport';
import {
  attestedTopic,
  decodeLinks,
  decodeLog,
  decodeSigners,
  encodeLinks,
  encodeSigners,
  ledgerTopics,
} from './ledgerCodec';
import { askNode, bytesSchema, decodeAnswer, logSchema, readAnswer } from './rpcAnswer';
import type { Event } from '../../core/emitter';
import type { BlockHeader, LedgerLogs, LedgerReader, LogRange, PastLink, SignerQuery } from '../../core/ports/ledger';

const logsSchema = v.array(logSchema);

/** The read side of a ledger over a node's IPC. `nodeFailed` when the node answers with an error or with nonsense. */
export class RpcLedgerReader implements LedgerReader {
  readonly ledger: LedgerId;
  readonly #transport: RpcTransport;
  readonly #heads: RpcChainHeads;

  constructor(transport: RpcTransport, ledger: LedgerId) {
    this.#transport = transport;
    this.#heads = new RpcChainHeads(transport);
    this.ledger = ledger;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    return this.#heads.head(signal);
  }

  async finalized(signal: AbortSignal): Promise<BlockHeader> {
    return this.#heads.finalized(signal);
  }

  get onHead(): Event<BlockHeader> {
    return this.#heads.onHead;
  }

  async blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockHeader | undefined)[]> {
    const method = 'eth_getBlockByNumber';
    const calls = numbers.map((number): RpcCall => ({ method, params: [toQuantity(number), false] }));
    const answers = await this.#ask(calls, signal);
    return answers.map((answer) => (answer === null ? undefined : toHeader(answer, method)));
  }

  async logs(range: LogRange, signal: AbortSignal): Promise<LedgerLogs> {
    return this.logsOf([range], signal);
  }

  async logsOf(ranges: readonly LogRange[], signal: AbortSignal): Promise<LedgerLogs> {
    const method = 'eth_getLogs';
    const answers = await this.#ask(
      ranges.map((range): RpcCall => ({ method, params: [this.#filter(range)] })),
      signal,
    );
    const decoded = answers.flatMap((answer) =>
      decodeAnswer(method, () => readAnswer(logsSchema, answer, method).map(decodeLog)),
    );
    return {
      attested: decoded.flatMap((log) => (log !== undefined && 'attested' in log ? [log.attested] : [])),
      signers: decoded.flatMap((log) => (log !== undefined && 'signer' in log ? [log.signer] : [])),
    };
  }

  async pastLinks(places: readonly PastLink[], signal: AbortSignal): Promise<readonly Hex32[]> {
    const answers = await this.#ask(
      places.map(({ key, block }): RpcCall => ({
        method: 'eth_call',
        params: [{ to: this.ledger.address, data: encodeLinks([key]) }, toQuantity(block)],
      })),
      signal,
    );
    return answers.map((answer) => {
      const data = readAnswer(bytesSchema, answer, 'eth_call');
      // Before the contract was there, nothing was.
      const [link] = data === '0x' ? [zeroWord] : decodeAnswer('eth_call', () => decodeLinks(data, 1));
      return link ?? zeroWord;
    });
  }

  #filter({ fromBlock, toBlock, publishers, names }: LogRange): object {
    const who = publishers ?? null;
    const topics = names === undefined ? [ledgerTopics, ...(who === null ? [] : [who])] : [attestedTopic, who, names];
    return { address: this.ledger.address, fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock), topics };
  }

  async #ask(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    return calls.length === 0 ? [] : askNode(this.#transport, calls, signal);
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
    const answers = (await this.#ask(calls, signal)).map((answer) => readAnswer(bytesSchema, answer, 'eth_call'));
    const [links = '0x', slots = '0x'] = keys.length > 0 ? answers : ['0x' as const, ...answers];
    return decodeAnswer('eth_call', () => ({
      links: keys.length > 0 ? decodeLinks(links, keys.length) : [],
      slots: signers.length > 0 ? decodeSigners(slots, signers.length) : [],
    }));
  }
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
