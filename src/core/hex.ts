import { bytesToHex } from '@noble/hashes/utils';

/** `0x` and lower-case hex digits, two for each byte. */
export type Hex = `0x${string}`;
/** 32 bytes. */
export type Hex32 = Hex;
/** 20 bytes: what a link says of content, and nothing of blocks. */
export type Hex20 = Hex;
/** 20 bytes, lower case (display code adds the EIP-55 checksum). */
export type Address = Hex;

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Bytes of `0x…`; throws a RangeError for anything that is not whole bytes of hex. */
export function fromHex(hex: Hex): Uint8Array {
  if (hex.length % 2 !== 0 || !/^0x[0-9a-fA-F]*$/.test(hex)) throw new RangeError('not hex');
  const bytes = new Uint8Array(hex.length / 2 - 1);
  // The library's parser takes several times as long, which counts where a hundred thousand events are read.
  for (let i = 0; i < bytes.length; i++) bytes[i] = (nibble(hex, 2 * i + 2) << 4) | nibble(hex, 2 * i + 3);
  return bytes;
}

/** Value of one hex digit: `0` is 48, `A` is 65, `a` is 97. */
function nibble(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return (code & 15) + (code >> 6) * 9;
}

/** A wallet as a publisher: its address, left-padded to 32 bytes (design: a wallet is a publisher by itself). */
export function walletPublisher(address: Address): Hex32 {
  return `0x${'0'.repeat(24)}${address.slice(2).toLowerCase()}`;
}

/** The wallet behind a publisher id, or undefined for an organization (whose top 12 bytes are never all zero). */
export function publisherWallet(publisher: Hex32): Address | undefined {
  return publisher.startsWith(`0x${'0'.repeat(24)}`) ? `0x${publisher.slice(26)}` : undefined;
}

/** Nobody's: where the ledger or a plan names no address. */
export const zeroAddress: Address = `0x${'0'.repeat(40)}`;

/** Whether nobody has the key of an address: nothing, and the contracts that are built into a chain. */
export function isNobody(address: Address): boolean {
  return address.startsWith(`0x${'0'.repeat(36)}`);
}
