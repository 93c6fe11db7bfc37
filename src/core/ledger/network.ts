import { DaoChainError } from '../errors';
import type { Address, Hex, Hex32 } from '../hex';
import { toHex } from '../hex';
import { canonicalJson, type JsonValue } from '../json/canonicalJson';
import { parseStrictJson, type JsonLimits } from '../json/strictJson';
import { createGenesis, genesisHash, genesisLedgerAddress, type Genesis } from './genesis';
import type { LedgerId } from './types';

/**
 * One network of ours, as its file describes it (docs/network.md). `development`: mined by this machine alone on the
 * small test dataset of ethash. `team`: mined with real ethash by the machines of several people.
 */
export interface NetworkProfile {
  readonly version: 1;
  readonly name: string;
  readonly kind: 'development' | 'team';
  readonly chainId: number;
  readonly genesis: Genesis;
  /** `enode://…` of nodes to connect to; none on a development network. */
  readonly bootnodes: readonly string[];
  readonly ledgerAddress: Address;
  /** How deep a block must be, itself counted, before its statements are final. */
  readonly confirmations: number;
}

/** Why a network is refused: `details.reason` of `networkInvalid`. */
export type NetworkFault =
  /** Not the JSON of a profile of this version. */
  | 'shape'
  /** The chain id is not the one that belongs to the genesis, or the genesis is not one of ours. */
  | 'genesis'
  /** The ledger's account has no code that was released. */
  | 'ledgerCode'
  /** The ledger's account starts with storage, which can hold forged statements. */
  | 'ledgerStorage'
  /** The chain id belongs to another network that is known here. */
  | 'chainIdTaken';

/** Many times the code of a ledger. */
const profileLimits: JsonLimits = { bytes: 1024 * 1024, depth: 8 };

/** Of a new network, and where no profile says another number; docs/network.md weighs it. */
export const usualConfirmations = 6;

/** A new network for this machine. `extraData` is 32 random bytes. */
export function createDevelopmentNetwork(extraData: Uint8Array, ledgerCode: Hex): NetworkProfile {
  if (extraData.length !== 32) throw new RangeError('the extra data of a genesis has 32 bytes here');
  return profile(
    { name: 'development', kind: 'development', bootnodes: [], confirmations: usualConfirmations },
    { extraData: toHex(extraData), ledgerCode },
  );
}

/**
 * Reads a profile. It must be, byte for byte in canonical form, what we would have made of the few values that are
 * free. Throws `networkInvalid` with the `NetworkFault` as `details.reason`.
 */
export function parseNetworkProfile(
  bytes: Uint8Array,
  known: { readonly releasedCodes: readonly Hex[]; readonly ledgers: readonly LedgerId[] },
): NetworkProfile {
  const given = readJson(bytes);
  const name = text(given, 'name');
  const kind = text(given, 'kind');
  const bootnodes = member(given, 'bootnodes');
  const depth = member(given, 'confirmations');
  if (kind !== 'development' && kind !== 'team') throw invalid('shape', `Unknown kind ${JSON.stringify(kind)}`);
  if (!/^[^\p{C}]{1,64}$/u.test(name)) throw invalid('shape', 'A name has 1 to 64 printable characters');
  if (typeof depth !== 'number' || !Number.isInteger(depth) || depth < 1 || depth > 1000) {
    throw invalid('shape', 'Confirmations are a number from 1 to 1,000');
  }
  if (!isEnodes(bootnodes) || (kind === 'development' && bootnodes.length > 0))
    throw invalid('shape', 'Bootnodes are enode URLs');

  const genesis = member(given, 'genesis');
  const extraData = text(genesis, 'extraData');
  const account = member(member(genesis, 'alloc'), genesisLedgerAddress);
  const code = text(account, 'code');
  if (member(account, 'storage') !== undefined) throw invalid('ledgerStorage', 'The ledger starts with storage');
  const ledgerCode = known.releasedCodes.find((released) => released === code);
  if (ledgerCode === undefined) throw invalid('ledgerCode', 'The code of the ledger is not a released one');
  if (!isHex32(extraData)) throw invalid('shape', 'The extra data of a genesis has 32 bytes here');

  const expected = profile({ name, kind, bootnodes, confirmations: depth }, { extraData, ledgerCode });
  if (canonicalJson(expected) !== canonicalJson(given))
    throw invalid('genesis', 'The chain id or genesis is not one that we make');
  const sameId = known.ledgers.filter((ledger) => ledger.chainId === BigInt(expected.chainId));
  if (sameId.some((ledger) => ledger.genesisHash !== networkLedger(expected).genesisHash)) {
    throw invalid('chainIdTaken', `Chain id ${expected.chainId.toString()} belongs to another network here`);
  }
  return expected;
}

/** The ledger of a network: known before any node of it runs. */
export function networkLedger({ chainId, genesis, ledgerAddress }: NetworkProfile): LedgerId {
  const ledgerCode = genesis.alloc[ledgerAddress]?.code ?? '0x';
  const hash = genesisHash({ extraData: genesis.extraData, ledgerCode });
  return { chainId: BigInt(chainId), genesisHash: hash, address: ledgerAddress };
}

function profile(
  free: Pick<NetworkProfile, 'name' | 'kind' | 'bootnodes' | 'confirmations'>,
  options: { readonly extraData: Hex32; readonly ledgerCode: Hex },
): NetworkProfile {
  const genesis = createGenesis(options);
  return { version: 1, ...free, chainId: genesis.config.chainId, genesis, ledgerAddress: genesisLedgerAddress };
}

function readJson(bytes: Uint8Array): JsonValue {
  try {
    return parseStrictJson(bytes, profileLimits);
  } catch (cause) {
    throw invalid('shape', 'A network profile that is not strict JSON', cause);
  }
}

function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function text(value: JsonValue | undefined, key: string): string {
  const found = member(value, key);
  if (typeof found !== 'string') throw invalid('shape', `A network profile without ${key}`);
  return found;
}

function isObject(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEnodes(value: JsonValue | undefined): value is readonly string[] {
  const enode = /^enode:\/\/[0-9a-f]{128}@[0-9A-Za-z.:[\]-]+:\d{1,5}$/;
  return Array.isArray(value) && value.length <= 64 && value.every((url) => typeof url === 'string' && enode.test(url));
}

function isHex32(value: string): value is Hex32 {
  return /^0x[0-9a-f]{64}$/.test(value);
}

function invalid(reason: NetworkFault, message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('networkInvalid', message, { details: { reason }, cause });
}
