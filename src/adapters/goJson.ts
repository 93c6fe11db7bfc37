import * as v from 'valibot';
import { parseForeignJson } from '../core/json/foreignJson';

/** Kept as it came, with whatever keys there are. */
export const objectSchema = v.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/**
 * The first JSON value of a text, as Go's decoder takes it: what comes after it is not read. Undefined, which no schema
 * takes, for a text that does not begin with one.
 */
export function firstJson(text: string): unknown {
  const whole = parseForeignJson(text);
  return whole === undefined ? parseForeignJson(text.slice(0, endOfObject(text))) : whole;
}

/**
 * Members of a JSON object as Go's decoder finds them: in any case, of several the last, and null is no value. So docker
 * reads its configuration and what its helpers say.
 */
export function goMembers<Name extends string>(
  object: Readonly<Record<string, unknown>>,
  ...names: readonly Name[]
): Readonly<Partial<Record<Name, unknown>>> {
  const members: Partial<Record<Name, unknown>> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = names.find((each) => each.toLowerCase() === key.toLowerCase());
    if (name !== undefined && value !== null) members[name] = value;
  }
  return members;
}

/** 0 where the text holds no whole object. */
function endOfObject(text: string): number {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString && character === '\\') at += 1;
    else if (!inString && character === '{') depth += 1;
    else if (!inString && character === '}' && --depth <= 0) return at + 1;
  }
  return 0;
}
