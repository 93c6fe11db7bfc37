import * as v from 'valibot';

/**
 * What the schema of an object has to have: an entry for each member, also for one that can be absent. A member without an
 * entry would be dropped on its way without a word.
 */
export type EveryMember<T> = { readonly [Key in keyof T]-?: v.GenericSchema };

/** One of these words. All of them are written down, for one that is forgotten would be refused. */
export function oneOf<T extends string>(words: Readonly<Record<T, true>>): v.GenericSchema<unknown, T> {
  return v.custom<T>((value) => typeof value === 'string' && Object.hasOwn(words, value));
}
