import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address, Hex, Hex32 } from '../../../../src/core/hex';
import type { EntryKind, PublisherId, Revocation, Statement } from '../../../../src/core/ledger/types';

/** The vectors that are published with docs/statement.md; they were made without the code under test. */
function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/statement', name), 'utf8'));
}

interface Rejected {
  readonly name: string;
  readonly bytes: Hex;
}

export const statementVectors = readVectors('statements.json') as {
  readonly accepted: readonly {
    readonly name: string;
    readonly statement: Statement;
    readonly bytes: Hex;
    readonly hash: Hex32;
  }[];
  readonly rejected: readonly Rejected[];
};

export const revocationVectors = readVectors('revocations.json') as {
  readonly accepted: readonly { readonly name: string; readonly revocation: Revocation; readonly bytes: Hex }[];
  readonly rejected: readonly Rejected[];
};

export const carriedVectors = readVectors('carried.json') as readonly {
  readonly name: string;
  readonly entries: readonly { readonly kind: EntryKind; readonly body: Hex; readonly says: string }[];
}[];

export const linkVectors = readVectors('links.json') as {
  readonly publisher: PublisherId;
  readonly signer: Address;
  readonly repository: string;
  readonly tag: string;
  readonly name: Hex32;
  readonly key: Hex32;
  readonly entries: readonly {
    readonly previous: Hex32;
    readonly kind: number;
    readonly validUntil: string;
    readonly body: Hex;
    readonly block: number;
    readonly time: number;
    readonly content: Hex32;
    readonly link: Hex32;
  }[];
};
