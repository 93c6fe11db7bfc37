import { bytesToHex, hexToBytes as parseHex } from '@noble/hashes/utils';

/** `0x` and lower-case hex digits, two for each byte. */
export type Hex = `0x${string}`;
/** 32 bytes. */
export type Hex32 = Hex;
/** 16 bytes: the first half of a link. */
export type Hex16 = Hex;
/** 20 bytes, lower case (display code adds the EIP-55 checksum). */
export type Address = Hex;

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Bytes of `0x…`; throws a RangeError for anything that is not whole bytes of hex. */
export function fromHex(hex: Hex): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new RangeError('not hex');
  return parseHex(hex.slice(2));
}

/** A wallet as a publisher: its address, left-padded to 32 bytes (design: a wallet is a publisher by itself). */
export function walletPublisher(address: Address): Hex32 {
  return `0x${'0'.repeat(24)}${address.slice(2).toLowerCase()}`;
}

/** The wallet behind a publisher id, or undefined for an organization (whose top 12 bytes are never all zero). */
export function publisherWallet(publisher: Hex32): Address | undefined {
  return publisher.startsWith(`0x${'0'.repeat(24)}`) ? `0x${publisher.slice(26)}` : undefined;
}
