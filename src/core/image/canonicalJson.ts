export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Half of a surrogate pair: with the `u` flag a whole pair is one character of another category. */
const loneSurrogate = /\p{Surrogate}/u;

export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white space, strings and numbers as ECMAScript writes
 * them. Hash its UTF-8 bytes. Throws a TypeError for what JSON cannot say: a number that is not finite, half of a
 * surrogate pair, `undefined`, anything that is not plain data.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'string':
      if (!isWellFormed(value)) throw new TypeError('canonical JSON has no lone surrogates');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('canonical JSON has finite numbers only');
      return JSON.stringify(value);
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) break;
      const members = Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`);
      return `{${members.join(',')}}`;
    }
    default:
  }
  throw new TypeError(`canonical JSON has no ${typeof value}`);
}
