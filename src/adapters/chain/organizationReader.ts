import * as v from 'valibot';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { walletPublisher } from '../../core/hex';
import type { SignerScope } from '../../core/ledger/signerScope';
import type { LedgerId, PublisherId } from '../../core/ledger/types';
import {
  decodeOrganization,
  decodeScopes,
  decodeSetScope,
  decodeSigners,
  encodeOrganization,
  encodeScopes,
  encodeSigners,
  publisherTopics,
  toAddress,
} from './ledgerCodec';
import type { RpcCall, RpcTransport } from './rpcTransport';
import { askNode, bytesSchema, decodeAnswer, logSchema, readAnswer, type RpcLog } from './rpcAnswer';
import type { Organization, OrganizationReader, SignerAndScope, SignerQuery } from '../../core/ports/ledger';

const logsSchema = v.array(logSchema);
const receiptSchema = v.nullable(v.object({ logs: logsSchema }));

const { organizationCreated, signerSet, signerRevoked, adminTransferStarted, adminTransferred } = publisherTopics;

/** Reads organizations over a node's RPC. `nodeFailed` when the node answers with an error or with nonsense. */
export class RpcOrganizationReader implements OrganizationReader {
  readonly #transport: RpcTransport;
  readonly #address: Address;

  constructor(transport: RpcTransport, { address }: LedgerId) {
    this.#transport = transport;
    this.#address = address;
  }

  async read(ids: readonly PublisherId[], signal: AbortSignal): Promise<readonly Organization[]> {
    if (ids.length === 0) return [];
    const answers = await this.#call(ids.map(encodeOrganization), signal);
    return answers.flatMap((data, index) => {
      const id = ids[index];
      return (id && decodeAnswer('eth_call', () => decodeOrganization(id, data))) ?? [];
    });
  }

  async namedIn(wallet: Address, signal: AbortSignal): Promise<readonly PublisherId[]> {
    const topic = walletPublisher(wallet);
    const logs = await this.#logs(
      [
        [[organizationCreated, signerSet, signerRevoked], null, topic],
        [[adminTransferStarted, adminTransferred], null, null, topic],
      ],
      signal,
    );
    return [...new Set(logs.flatMap(({ topics: [, publisher] }) => publisher ?? []))];
  }

  async signersOf(id: PublisherId, signal: AbortSignal): Promise<readonly SignerAndScope[]> {
    const logs = await this.#logs([[[signerSet, signerRevoked], id]], signal);
    const signers = [...new Set(logs.flatMap(({ topics: [, , signer] }) => (signer ? toAddress(signer) : [])))];
    if (signers.length === 0) return [];
    const question = encodeSigners(signers.map((signer) => ({ publisher: id, signer })));
    const [answer = '0x'] = await this.#call([question], signal);
    const slots = decodeAnswer('eth_call', () => decodeSigners(answer, signers.length));
    const scoped = signers.filter((_, index) => slots[index]?.isScoped === true);
    const scopes = await this.#scopes(
      scoped.map((signer) => ({ publisher: id, signer })),
      logs,
      signal,
    );
    return signers.flatMap((signer, index) => {
      const slot = slots[index];
      if (slot === undefined) return [];
      return [{ signer, slot, scope: slot.isScoped ? (scopes[scoped.indexOf(signer)] ?? null) : '' }];
    });
  }

  async scopesOf(signers: readonly SignerQuery[], signal: AbortSignal): Promise<readonly SignerScope[]> {
    if (signers.length === 0) return [];
    const wallets = [...new Set(signers.map(({ signer }) => walletPublisher(signer)))];
    const publishers = [...new Set(signers.map(({ publisher }) => publisher))];
    const logs = await this.#logs([[[signerSet], publishers, wallets]], signal);
    return this.#scopes(signers, logs, signal);
  }

  /** The texts of these events, where the ledger has their hashes now. */
  async #scopes(
    signers: readonly SignerQuery[],
    logs: readonly RpcLog[],
    signal: AbortSignal,
  ): Promise<readonly SignerScope[]> {
    if (signers.length === 0) return [];
    const [answer = '0x'] = await this.#call([encodeScopes(signers)], signal);
    const hashes = decodeAnswer('eth_call', () => decodeScopes(answer, signers.length));
    const texts = new Map(
      logs.flatMap(({ topics: [topic], data }) => {
        const set = topic === signerSet ? decodeAnswer('eth_getLogs', () => decodeSetScope({ data })) : undefined;
        return set === undefined ? [] : [[set.hash, set.text] as const];
      }),
    );
    return hashes.map((hash) => texts.get(hash) ?? null);
  }

  async createdBy(transaction: Hex32, signal: AbortSignal): Promise<PublisherId | undefined> {
    const method = 'eth_getTransactionReceipt';
    const [answer] = await askNode(this.#transport, [{ method, params: [transaction] }], signal);
    const logs = readAnswer(receiptSchema, answer, method)?.logs ?? [];
    return logs.find(({ address, topics: [topic] }) => address === this.#address && topic === organizationCreated)
      ?.topics[1];
  }

  async #call(questions: readonly Hex[], signal: AbortSignal): Promise<readonly Hex[]> {
    const method = 'eth_call';
    const calls = questions.map((data): RpcCall => ({ method, params: [{ to: this.#address, data }, 'latest'] }));
    return (await askNode(this.#transport, calls, signal)).map((answer) => readAnswer(bytesSchema, answer, method));
  }

  async #logs(filters: readonly (readonly unknown[])[], signal: AbortSignal): Promise<readonly RpcLog[]> {
    const method = 'eth_getLogs';
    const calls = filters.map((topics): RpcCall => ({
      method,
      params: [{ address: this.#address, fromBlock: '0x0', toBlock: 'latest', topics }],
    }));
    const answers = await askNode(this.#transport, calls, signal);
    return answers.flatMap((answer) => readAnswer(logsSchema, answer, method));
  }
}
