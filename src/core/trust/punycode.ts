/** RFC 3492, section 5. */
const [base, tMin, tMax, skew, damp, initialBias, initialN] = [36, 1, 26, 38, 700, 72, 128] as const;
/** DNS has no longer label (RFC 1035, section 2.3.4). */
const longestLabel = 63;

/**
 * The letters that a host stands for: each label `xn--…` decoded (RFC 3492, section 6.2; RFC 5890, "A-label"). Undefined
 * where no label is one; a label that cannot be decoded stays as it is.
 */
export function decodedHost(host: string): string | undefined {
  const decode = (label: string): string | undefined =>
    /^xn--/i.test(label) && label.length <= longestLabel ? decodePunycode(label.slice(4)) : undefined;
  const decoded = host
    .split('.')
    .map((label) => decode(label) ?? label)
    .join('.');
  return decoded === host ? undefined : decoded;
}

/** Undefined for what is no Punycode, or stands for a surrogate or for nothing that Unicode has. */
export function decodePunycode(text: string): string | undefined {
  if (/[^\0-\x7f]/.test(text)) return undefined;
  const delimiter = text.lastIndexOf('-');
  const output = Array.from(text.slice(0, Math.max(delimiter, 0)), (letter) => letter.charCodeAt(0));
  let [n, i, bias] = [initialN as number, 0, initialBias as number];
  for (let at = delimiter + 1; at < text.length;) {
    const before = i;
    for (let [weight, k] = [1, base as number]; ; k += base) {
      const digit = digitOf(text.charAt(at++));
      if (digit === undefined) return undefined;
      i += digit * weight;
      if (i > 0x7fffffff) return undefined;
      const threshold = Math.min(Math.max(k - bias, tMin), tMax);
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    const count = output.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    i %= count;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

/** Section 5: letters of either case are 0 to 25, digits 26 to 35. */
function digitOf(letter: string): number | undefined {
  const value = parseInt(letter, base);
  if (Number.isNaN(value)) return undefined;
  return value < 10 ? value + 26 : value - 10;
}

/** Section 6.1. */
function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? damp : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((base - tMin) * tMax) / 2; k += base) rest = Math.floor(rest / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}
