import * as v from 'valibot';
import type { Hex, Hex32 } from '../../core/hex';
import type { LedgerId, SignerSlot } from '../../core/ledger/types';
import type { BlockHeader, Event, LedgerLogs, LedgerReader, LogRange, SignerQuery } from '../../core/ports';
import { RpcChainHeads } from './chainHeads';
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

  get onHead(): Event<BlockHeader> {
    return this.#heads.onHead;
  }

  async logs({ fromBlock, toBlock, publishers, names }: LogRange, signal: AbortSignal): Promise<LedgerLogs> {
    const method = 'eth_getLogs';
    const filter = {
      address: this.ledger.address,
      fromBlock: toQuantity(fromBlock),
      toBlock: toQuantity(toBlock),
      // An event of a signer has no name, and its third topic could only look like one.
      topics:
        names === undefined
          ? [ledgerTopics, ...(publishers === undefined ? [] : [publishers])]
          : [attestedTopic, publishers ?? null, names],
    };
    const [answer] = await askNode(this.#transport, [{ method, params: [filter] }], signal);
    const decoded = decodeAnswer(method, () => readAnswer(logsSchema, answer, method).map(decodeLog));
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
    return decodeAnswer('eth_call', () => ({
      links: keys.length > 0 ? decodeLinks(links, keys.length) : [],
      slots: signers.length > 0 ? decodeSigners(slots, signers.length) : [],
    }));
  }
}

function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}
