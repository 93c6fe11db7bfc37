import type { Interface } from 'ethers/abi';
import { DaoChainError, type ErrorCode } from '../../core/errors';
import type { Hex } from '../../core/hex';
import type { Entry } from '../../core/ledger/types';
import type { SignerFault } from '../../core/ledger/signerStanding';
import { entryKindNumber } from '../../core/ledger/types';
import { ledgerAbi } from './ledgerAbi';
import type { RpcError } from './rpcTransport';
import type { LedgerCall } from '../../core/ports/ledger';

/** The calls that write to the ledger, and what it reverts with. ethers is loaded on first use. */
export class LedgerCalls {
  #interface: Promise<Interface> | undefined;

  /** `attest` for one entry, `attestBatch` for more; else the function of the call's own name. */
  async encode(call: LedgerCall): Promise<Hex> {
    const [name, values] = functionOf(call);
    const data = (await this.#load()).encodeFunctionData(name, values);
    return `0x${data.slice(2)}`;
  }

  /**
   * What a refused simulation means: `staleLink` (`key`, `stored`), `signerNotAllowed` (`publisher`, `signer`), `notAdmin`
   * (`organization`, `caller`), `signatureInvalid` (`signer`), `requestExpired` (`deadline`), or `transactionRejected` with
   * the contract's or the node's own word as `reason`, `tooLarge` for what no block has room for.
   */
  async translate(error: RpcError): Promise<DaoChainError> {
    const revert = isBytes(error.data) ? (await this.#load()).parseError(error.data) : null;
    const details = Object.fromEntries(
      revert?.fragment.inputs.map((input, index) => [input.name, String(revert.args[index])] as const) ?? [],
    );
    const message = revert === null ? error.message : `The ledger refuses: ${revert.signature}`;
    const reason = revert?.name ?? (isBeyondBlock(error) ? 'tooLarge' : error.message);
    const code = refusals.get(reason);
    if (code !== undefined) {
      const why = reason === 'SignerOutOfScope' ? { reason: 'outsideScope' satisfies SignerFault } : {};
      return new DaoChainError(code, message, { details: { ...details, ...why }, cause: error });
    }
    return new DaoChainError('transactionRejected', message, { details: { ...details, reason }, cause: error });
  }

  #load(): Promise<Interface> {
    this.#interface ??= import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/abi').then(
      ({ Interface: Loaded }) => new Loaded(ledgerAbi),
    );
    return this.#interface;
  }
}

const refusals: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['StaleLink', 'staleLink'],
  ['SignerNotAllowed', 'signerNotAllowed'],
  ['SignerOutOfScope', 'signerNotAllowed'],
  ['NotAdmin', 'notAdmin'],
  ['NotPendingAdmin', 'notAdmin'],
  ['InvalidSignature', 'signatureInvalid'],
  ['SignatureExpired', 'requestExpired'],
]);

function functionOf(call: LedgerCall): readonly [name: string, values: readonly unknown[]] {
  switch (call.type) {
    case 'attest': {
      const structs = call.entries.map(entryStruct);
      return structs.length === 1 ? ['attest', structs] : ['attestBatch', [structs]];
    }
    case 'attestBySignature': {
      const { entry, signer, deadline, signature } = call.signed;
      return ['attestBySignature', [entryStruct(entry), signer, deadline, signature]];
    }
    case 'createOrganization':
      return ['createOrganization', [call.name]];
    case 'setSigner':
      return ['setSigner', [call.organization, call.signer, call.notBefore, call.notAfter, call.scope]];
    case 'revokeSigner':
      return ['revokeSigner', [call.organization, call.signer, call.sinceBlock]];
    case 'transferAdmin':
      return ['transferAdmin', [call.organization, call.newAdmin]];
    case 'acceptAdmin':
      return ['acceptAdmin', [call.organization]];
    case 'endWallet':
      return ['endWallet', []];
  }
}

function entryStruct({ publisher, previous, kind, validUntil, repository, tag, body }: Entry): readonly unknown[] {
  return [publisher, previous, entryKindNumber[kind], validUntil, repository, tag, body];
}

/** The node's word for more gas than a block, or a call, may use. */
function isBeyondBlock({ message }: RpcError): boolean {
  return message.startsWith('gas required exceeds allowance');
}

function isBytes(data: unknown): data is Hex {
  return typeof data === 'string' && /^0x(?:[0-9a-f]{2})+$/.test(data);
}
