import { etherFault } from './etherFault';

export const decimalsOfEther = 18;
export const weiPerEther = 10n ** BigInt(decimalsOfEther);
export const weiPerGwei = 10n ** 9n;
/** What 256 bits hold. */
export const mostWei = 2n ** 256n - 1n;

/** Digits of an amount that is written out; more than any amount has. */
const longest = 100;

/**
 * An amount in ether as a person types it, in wei: digits with at most one point. A comma is refused, since some people
 * write thousands with it and others fractions. `invalidInput`.
 */
export function parseEther(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text.slice(0, longest + 1)) ?? [];
  if (whole === '' || text.length > longest) throw etherFault('amountForm', { text: text.slice(0, longest) });
  const wei = scaled(whole, fraction, decimalsOfEther);
  if (wei === undefined) throw etherFault('amountFraction', { text });
  if (wei === 0n || wei > mostWei) throw etherFault('amountRange', { text });
  return wei;
}

/** `whole.fraction` times a power of ten; undefined where that is no whole number. */
export function scaled(whole: string, fraction: string, power: number): bigint | undefined {
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > power) return undefined;
  return BigInt(whole + digits.padEnd(power, '0'));
}
