import { keccak_256 } from '@noble/hashes/sha3';
import { utf8ToBytes } from '@noble/hashes/utils';
import { checksumAddress } from '../checksumAddress';
import type { Address, Hex, Hex32 } from '../hex';
import { toHex } from '../hex';
import type { LedgerId } from './types';

/** What the owners of a contract wallet look at and send. */
export interface ContractWalletBatch {
  readonly ledger: LedgerId;
  readonly wallet: Address;
  /** Data of calls of the ledger, in the order in which they are sent: all or none. */
  readonly calls: readonly Hex[];
  /** For people: what the calls do. */
  readonly description: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** The JSON file that the Transaction Builder of Safe takes (its batch files, version 1.0). */
export function contractWalletFile({ ledger, wallet, calls, description, createdAt }: ContractWalletBatch): string {
  const meta = {
    name: 'DaoChain',
    description,
    txBuilderVersion: '1.18.0',
    createdFromSafeAddress: checksumAddress(wallet),
    createdFromOwnerAddress: '',
  };
  const batch = {
    version: '1.0',
    chainId: ledger.chainId.toString(),
    createdAt,
    meta,
    transactions: calls.map((data) => ({ to: checksumAddress(ledger.address), value: '0', data })),
  };
  return `${JSON.stringify({ ...batch, meta: { ...meta, checksum: batchChecksum(batch) } }, undefined, 2)}\n`;
}

/** The checksum of a batch file, by which its reader sees that it was not edited. The name is not part of it. */
export function batchChecksum(batch: { readonly meta: object }): Hex32 {
  return toHex(keccak_256(utf8ToBytes(serialized({ ...batch, meta: { ...batch.meta, name: null } }))));
}

/** Objects as the list of their names in order, then their values, each with a comma. */
function serialized(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(serialized).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = JSON.stringify(members.map(([name]) => name));
  return `{${names}${members.map(([, each]) => `${serialized(each)},`).join('')}}`;
}
