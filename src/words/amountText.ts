import { decimalsOfEther, weiPerEther, weiPerGwei } from '../core/ether/amount';

/** Every digit of an amount, for example `1.25 ETH`. */
export function exactEther(wei: bigint): string {
  return `${decimal(wei, decimalsOfEther)} ETH`;
}

/** A fee, with every digit; a tiny one also in a unit in which it can be read: `0.000021 ETH (21000 gwei)`. */
export function feeEther(wei: bigint): string {
  if (wei === 0n || wei >= smallest) return exactEther(wei);
  return `${exactEther(wei)} (${wei < weiPerGwei ? `${wei} wei` : `${decimal(wei, 9)} gwei`})`;
}

/** Every digit, with so many of them behind the point. */
function decimal(value: bigint, decimals: number): string {
  const [sign, amount] = value < 0n ? ['-', -value] : ['', value];
  const unit = 10n ** BigInt(decimals);
  const fraction = (amount % unit).toString().padStart(decimals, '0').replace(/0+$/, '');
  return `${sign}${amount / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The least that is shown at a glance. */
const smallest = weiPerEther / 10_000n;

/** An amount to read at a glance, rounded down so that it never shows more than there is: `1.25 ETH`, `<0.0001 ETH`. */
export function shortEther(wei: bigint): string {
  return wei > 0n && wei < smallest ? '<0.0001 ETH' : exactEther(wei - (wei % smallest));
}

/** A price or a lack, rounded up so that paying it is enough: three digits that count. */
export function neededEther(wei: bigint): string {
  const step = 10n ** BigInt(Math.max(wei.toString().length - 3, 0));
  return exactEther(((wei + step - 1n) / step) * step);
}

/** Hashes for each second: `250 kH/s`. */
export function formatHashrate(hashes: number): string {
  const units = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s'];
  const power = hashes < 1000 ? 0 : Math.min(Math.floor(Math.log10(hashes) / 3), units.length - 1);
  const value = hashes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value).toString()} ${units[power] ?? ''}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units, as the docker command prints them: `4.26 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), byteUnits.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3)).toString()} ${byteUnits[power] ?? ''}`;
}
