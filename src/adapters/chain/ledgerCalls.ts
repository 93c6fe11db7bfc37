import type { Interface } from 'ethers/abi';
import { DaoChainError } from '../../core/errors';
import type { Hex } from '../../core/hex';
import type { Entry } from '../../core/ledger/types';
import { entryKindNumber } from '../../core/ledger/types';
import { ledgerAbi } from './ledgerAbi';
import type { RpcError } from './rpcTransport';

/** The calls that write to the ledger, and what it reverts with. ethers is loaded on first use. */
export class LedgerCalls {
  #interface: Promise<Interface> | undefined;

  /** `attest` for one entry, `attestBatch` for more. */
  async encodeAttest(entries: readonly Entry[]): Promise<Hex> {
    const structs = entries.map(({ publisher, previous, kind, validUntil, repository, tag, body }) => [
      ...[publisher, previous, entryKindNumber[kind], validUntil],
      ...[repository, tag, body],
    ]);
    const ledger = await this.#load();
    const data =
      structs.length === 1
        ? ledger.encodeFunctionData('attest', structs)
        : ledger.encodeFunctionData('attestBatch', [structs]);
    return `0x${data.slice(2)}`;
  }

  /**
   * What a refused simulation means: `staleLink` (`key`, `stored`), `signerNotAllowed` (`publisher`, `signer`), or
   * `transactionRejected` with the contract's or the node's own word as `reason`.
   */
  async translate(error: RpcError): Promise<DaoChainError> {
    const revert = isBytes(error.data) ? (await this.#load()).parseError(error.data) : null;
    const details = Object.fromEntries(
      revert?.fragment.inputs.map((input, index) => [input.name, String(revert.args[index])] as const) ?? [],
    );
    const message = revert === null ? error.message : `The ledger refuses: ${revert.signature}`;
    const reason = revert?.name ?? error.message;
    if (reason === 'StaleLink') return new DaoChainError('staleLink', message, { details, cause: error });
    if (reason === 'SignerNotAllowed') return new DaoChainError('signerNotAllowed', message, { details, cause: error });
    return new DaoChainError('transactionRejected', message, { details: { ...details, reason }, cause: error });
  }

  #load(): Promise<Interface> {
    this.#interface ??= import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/abi').then(
      ({ Interface: Loaded }) => new Loaded(ledgerAbi),
    );
    return this.#interface;
  }
}

function isBytes(data: unknown): data is Hex {
  return typeof data === 'string' && /^0x(?:[0-9a-f]{2})+$/.test(data);
}
