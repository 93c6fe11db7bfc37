import * as v from 'valibot';

/** An exact amount in JSON: a text of digits, since numbers there are not exact. */
export const weiSchema = v.pipe(
  v.string(),
  v.regex(/^(?:0|-?[1-9]\d{0,77})$/),
  v.transform((digits) => BigInt(digits)),
);

/** JSON of a value, each amount in it as {@link weiSchema} reads it. */
export function jsonWithWei(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each));
}
