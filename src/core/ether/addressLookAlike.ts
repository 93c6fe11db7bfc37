import type { Address } from '../hex';

/**
 * Hex digits at both ends together that two addresses have in common before they count as alike: whoever compares addresses
 * compares their ends, and an imitation of so many is made in seconds. By chance it is one in a million pairs.
 */
const alikeDigits = 6;

/** Which of `known` an address imitates that is none of them; undefined for none. */
export function imitatedAddress(address: Address, known: Iterable<Address>): Address | undefined {
  let imitated: Address | undefined;
  for (const each of known) {
    if (each === address) return undefined;
    if (imitated === undefined && commonDigits(address, each) >= alikeDigits) imitated = each;
  }
  return imitated;
}

/** At the beginning and at the end, of two addresses that differ. */
function commonDigits(a: Address, b: Address): number {
  let start = 2;
  while (a[start] === b[start]) start += 1;
  let end = 1;
  while (a.at(-end) === b.at(-end)) end += 1;
  return start - 2 + end - 1;
}
