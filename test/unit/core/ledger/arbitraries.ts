import { dockerFieldNames } from '../../../../src/core/image/fingerprint';
import fc from 'fast-check';
import type { Hex32 } from '../../../../src/core/hex';
import { toHex } from '../../../../src/core/hex';
import { digestFromBytes } from '../../../../src/core/image/digest';
import type { Platform } from '../../../../src/core/image/identity';
import { revocationReasons } from '../../../../src/core/ledger/revocation';
import { mergeLeaves } from '../../../../src/core/ledger/carried';
import { platformText } from '../../../../src/core/ledger/statement';
import type { Leaf, Revocation, Statement } from '../../../../src/core/ledger/types';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const hash: fc.Arbitrary<Hex32> = bytes32.map(toHex);
export const digest = bytes32.map(digestFromBytes);

const part = fc.oneof(
  fc.constantFrom('linux', 'windows', 'amd64', 'arm64', 'v8', '10.0.20348.2700'),
  fc.stringMatching(/^[A-Za-z0-9._+-]{1,64}$/),
);
export const platform: fc.Arbitrary<Platform> = fc
  .record(
    { os: part, architecture: part, variant: part, osVersion: part },
    { requiredKeys: ['os', 'architecture'], noNullPrototype: true },
  )
  .filter(({ os, architecture }) => os !== 'unknown' || architecture !== 'unknown');

export const leaf: fc.Arbitrary<Leaf> = fc.record(
  {
    platform,
    configDigest: digest,
    configSize: fc.nat({ max: 0xffff_ffff }),
    fingerprint: digest,
    dockerFields: digest,
    manifestDigest: digest,
    dockerFieldNames: fc.subarray([...dockerFieldNames], { minLength: 1 }),
  },
  { requiredKeys: ['platform', 'configDigest', 'configSize', 'fingerprint', 'dockerFields'], noNullPrototype: true },
);

export const leaves = fc.uniqueArray(leaf, {
  minLength: 1,
  maxLength: 8,
  selector: (each) => platformText(each.platform),
});

/** Leaves in the order of the encoding; some parts say that they are carried. */
export const statement: fc.Arbitrary<Statement> = fc
  .record({ leaves, indexDigest: digest }, { requiredKeys: ['leaves'], noNullPrototype: true })
  .map((each) => ({ ...each, ...mergeLeaves(undefined, each.leaves) }))
  .chain((each) => fc.infiniteStream(fc.boolean()).map((flips) => marked(each, () => flips.next().value === true)));

function marked({ leaves: unmarked, ...statement }: Statement, isCarried: () => boolean): Statement {
  return {
    leaves: unmarked.map((each) => {
      const carried = {
        ...(isCarried() && { content: true as const }),
        ...(isCarried() && each.manifestDigest && { digests: true as const }),
      };
      return { ...each, ...(Object.keys(carried).length > 0 && { carried }) };
    }),
    ...statement,
    ...(isCarried() && statement.indexDigest && { isIndexCarried: true }),
  };
}

export const revocation: fc.Arbitrary<Revocation> = fc.record(
  {
    statementHash: hash,
    reason: fc.constantFrom(...revocationReasons),
    note: fc.string({ unit: 'binary', maxLength: 128 }),
  },
  { noNullPrototype: true },
);

/** Bytes that are nearly `encoding`: one changed, some cut off, some put in. */
export function damaged(encoding: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat({ max: 2 }),
    insert: fc.uint8Array({ maxLength: 2 }),
  });
  return fc.tuple(encoding, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([bytes, edits]) =>
    edits.reduce((before, { at, remove, insert }) => {
      const from = Math.floor(at * before.length);
      return Uint8Array.from([...before.subarray(0, from), ...insert, ...before.subarray(from + remove)]);
    }, bytes),
  );
}
