/** The genesis of a network of ours: the one form that is created and accepted, and the hash of its block. */
import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import type { Address, Hex, Hex32 } from '../hex';
import { fromHex, toHex } from '../hex';
import { canonicalJson } from '../json/canonicalJson';

/** Where the genesis of every network of ours holds the ledger. No key is known for it, and it is no precompile. */
export const genesisLedgerAddress: Address = '0xda0c4a1e00000000000000000000000000000001';

/** All that differs between two networks of ours; everything else of their genesis is the same. */
export interface GenesisOptions {
  /** 32 bytes that make the network, and so its chain id, unique. */
  readonly extraData: Hex32;
  /** The ledger's runtime code. */
  readonly ledgerCode: Hex;
  /** What a team network commits itself to (`termsHash`); none on a development network, whose `mixHash` is zero. */
  readonly commitment?: Hex32 | undefined;
}

/** A genesis as geth's `init` reads it. */
export interface Genesis {
  readonly config: Readonly<Record<string, unknown>> & { readonly chainId: number };
  readonly difficulty: Hex;
  readonly gasLimit: Hex;
  readonly extraData: Hex32;
  readonly mixHash?: Hex32;
  readonly alloc: Readonly<Record<Address, { readonly balance: Hex; readonly code: Hex }>>;
}

/** Ethereum's forks up to London, the last whose rules ethash mines; the glaciers push the difficulty bomb far away. */
const forks = [
  ...['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul'],
  ...['muirGlacier', 'berlin', 'london', 'arrowGlacier', 'grayGlacier'],
];

/** Ethash's floor: the difficulty of one laptop. */
const difficulty: Hex = '0x20000';
const gasLimit: Hex = '0x1c9c380';
/** EIP-1559, INITIAL_BASE_FEE. */
const initialBaseFee = 1_000_000_000;

/**
 * The genesis for these options. Its chain id is the low 51 bits of keccak256 of its own RFC 8785 JSON without the
 * chain id: whoever copies the chain id has to copy the whole genesis, so that no transaction is valid on two networks.
 */
export function createGenesis({ extraData, ledgerCode, commitment }: GenesisOptions): Genesis {
  const config = { ...Object.fromEntries(forks.map((fork) => [`${fork}Block`, 0])), ethash: {} };
  const rest = {
    difficulty,
    gasLimit,
    extraData,
    ...(commitment !== undefined && { mixHash: commitment }),
    alloc: { [genesisLedgerAddress]: { balance: '0x0', code: ledgerCode } },
  } as const;
  const hash = keccak_256(new TextEncoder().encode(canonicalJson({ config, ...rest })));
  // 51 bits: an exact number in every program that reads JSON.
  const chainId = Number(BigInt(toHex(hash)) & (2n ** 51n - 1n));
  return { config: { chainId, ...config }, ...rest };
}

/** Hash of the block that the genesis makes (yellow paper, 4.3 and appendix D; EIP-1559 for the base fee). */
export function genesisHash({ extraData, ledgerCode, commitment }: GenesisOptions): Hex32 {
  const zeros = (length: number): Uint8Array => new Uint8Array(length);
  const emptyList = keccak_256(rlp([]));
  const emptyTrie = keccak_256(rlp(zeros(0)));
  const account = rlp([uint(0), uint(0), emptyTrie, keccak_256(fromHex(ledgerCode))]);
  // A trie of one account is a single leaf: 0x20 marks a leaf with a whole number of bytes as its path.
  const path = concatBytes(Uint8Array.of(0x20), keccak_256(fromHex(genesisLedgerAddress)));
  const stateRoot = keccak_256(rlp([path, account]));
  const header = [
    ...[zeros(32), emptyList, zeros(20), stateRoot, emptyTrie, emptyTrie, zeros(256)],
    ...[uint(Number(difficulty)), uint(0), uint(Number(gasLimit)), uint(0), uint(0)],
    ...[fromHex(extraData), commitment === undefined ? zeros(32) : fromHex(commitment), zeros(8), uint(initialBaseFee)],
  ];
  return toHex(keccak_256(rlp(header)));
}

/** A number as RLP wants it: big-endian without leading zeros. */
function uint(value: number): Uint8Array {
  const digits = value === 0 ? '' : value.toString(16);
  return fromHex(`0x${digits.length % 2 === 0 ? '' : '0'}${digits}`);
}

/** Recursive length prefix (yellow paper, appendix B). */
function rlp(item: Uint8Array | readonly Uint8Array[]): Uint8Array {
  const isList = !(item instanceof Uint8Array);
  const payload = isList ? concatBytes(...item.map((element) => rlp(element))) : item;
  const [first] = payload;
  if (!isList && payload.length === 1 && first !== undefined && first < 0x80) return payload;
  const offset = isList ? 0xc0 : 0x80;
  if (payload.length < 56) return concatBytes(Uint8Array.of(offset + payload.length), payload);
  const length = uint(payload.length);
  return concatBytes(Uint8Array.of(offset + 55 + length.length), length, payload);
}
