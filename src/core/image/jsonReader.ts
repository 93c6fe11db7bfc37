import type { JsonObject, JsonValue } from '../json/canonicalJson';
import { parseStrictJson, StrictJsonError, type JsonFault, type JsonLimits } from '../json/strictJson';
import { isDigest, type Digest } from './digest';
import { malformed, type MalformedReason } from './malformed';

/** Registries refuse manifests above 4 MiB; no real config comes near. */
export const imageJsonLimits: JsonLimits = { bytes: 4 * 1024 * 1024, depth: 32 };

const reasons: Readonly<Record<JsonFault, MalformedReason>> = {
  encoding: 'encoding',
  syntax: 'syntax',
  duplicateKey: 'duplicateKey',
  number: 'schema',
  tooLarge: 'tooLarge',
};

/** Reads strict JSON of an image. Throws `imageMalformed`. */
export function parseImageJson(bytes: Uint8Array): JsonValue {
  try {
    return parseStrictJson(bytes, imageJsonLimits);
  } catch (error) {
    throw error instanceof StrictJsonError ? malformed(reasons[error.fault], error.message, error) : error;
  }
}

/**
 * Readers of what the strict parser gave. Null and absent are the same, as for Go's encoding/json; everything else has
 * the expected type or is `imageMalformed`. `path` names the member in the error.
 */
export function asObject(value: JsonValue | undefined, path: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || isArray(value)) throw wrong(path, 'an object');
  return value;
}

export function asArray(value: JsonValue | undefined, path: string): readonly JsonValue[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || !isArray(value)) throw wrong(path, 'an array');
  return value;
}

export function asString(value: JsonValue | undefined, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrong(path, 'a string');
  return value;
}

export function asInteger(value: JsonValue | undefined, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw wrong(path, 'an integer');
  return value as number;
}

export function asBoolean(value: JsonValue | undefined, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrong(path, 'true or false');
  return value;
}

/** An array of strings. A null inside it is refused, because readers disagree on what it means. */
export function asStrings(value: JsonValue | undefined, path: string): readonly string[] | undefined {
  return asArray(value, path)?.map((element, index) => required(asString(element, path), `${path}[${index}]`));
}

export function asDigest(value: JsonValue | undefined, path: string): Digest {
  const text = asString(value, path);
  if (text === undefined || !isDigest(text)) throw wrong(path, 'a sha256 digest');
  return text;
}

/** The value, or `imageMalformed` where it is missing. */
export function required<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw malformed('schema', `${path} is missing`);
  return value;
}

/**
 * Refuses a key that engines would take for one of `known`. Go's encoding/json prefers an exact key and otherwise folds
 * case by Unicode's simple folding, in which ſ (U+017F) is an s and K (U+212A) a k.
 */
export function refuseVariants(object: JsonObject, known: readonly string[], path: string): void {
  const exact = new Set(known);
  const folded = new Set(known.map(fold));
  for (const key of Object.keys(object)) {
    if (!exact.has(key) && folded.has(fold(key))) {
      throw malformed('ambiguousKey', `${path} has the key ${JSON.stringify(key)}, which engines take for another`);
    }
  }
}

function fold(key: string): string {
  return key
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k');
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function wrong(path: string, expected: string): Error {
  return malformed('schema', `${path} is not ${expected}`);
}
