import type { Hex32 } from '../hex';
import { fromHex } from '../hex';
import { isDaoChainError } from '../errors';
import { StatedParts } from './carried';
import { contentHash, linkContent, linkKey, nameHash, nextWord, zeroWord } from './link';
import { readRevocation } from './revocation';
import { decodeStatement, statementHash } from './statement';
import type { Attestation, AttestedEvent, EntryKind, History } from './types';

/** Why events are not the history of one key. */
export type BrokenReason =
  /** An event belongs to another key, or its name is not the hash of its repository and tag. */
  | 'name'
  /** The link before an event is not what the events before it make: something is missing, added or out of place. */
  | 'previous'
  /** Two events claim one place in the chain. */
  | 'conflict'
  /** A kind, number or hash that no released contract can emit. */
  | 'field';

/** A history and the link after each of its entries; the last one is `history.word`. */
export interface Folded {
  readonly history: History;
  readonly words: readonly Hex32[];
  /** What later entries can carry forward. */
  readonly stated: StatedParts;
  readonly broken?: undefined;
}

export type FoldResult = Folded | { readonly history?: undefined; readonly broken: BrokenReason };

const kinds: Readonly<Record<number, EntryKind>> = { 1: 'publish', 2: 'vouch', 3: 'revoke' };

/** A statement that carries what no earlier entry states itself says nothing, and is nobody's source. */
function readBody(kind: EntryKind, bytes: Uint8Array, before: StatedParts): Attestation['body'] {
  try {
    if (kind === 'revoke') return { type: 'revocation', revocation: readRevocation(bytes) };
    const statement = decodeStatement(bytes);
    return before.add(kind, statement) ? { type: 'statement', statement } : { type: 'malformed' };
  } catch (error) {
    if (isDaoChainError(error, 'statementInvalid')) return { type: 'malformed' };
    throw error;
  }
}

/** The order of the chain, for `sort`. */
export function chainOrder(a: AttestedEvent, b: AttestedEvent): number {
  return a.block - b.block || a.logIndex - b.logIndex;
}

/** An event seen twice counts once. Undefined if two different events claim one place. */
function inOrder(events: readonly AttestedEvent[]): readonly AttestedEvent[] | undefined {
  const sorted = [...events].sort(chainOrder);
  const unique: AttestedEvent[] = [];
  for (const event of sorted) {
    const last = unique.at(-1);
    if (last?.block !== event.block || last.logIndex !== event.logIndex) unique.push(event);
    else if (!sameEvent(last, event)) return undefined;
  }
  return unique;
}

function sameEvent(a: AttestedEvent, b: AttestedEvent): boolean {
  return (Object.keys(a) as (keyof AttestedEvent)[]).every((field) => a[field] === b[field]);
}

/**
 * The history that the events of one key make, in whatever order they come. Every hash is computed again and nothing is
 * taken from an event that can be computed; the caller compares `history.word` with the contract's link. A body that
 * cannot be read, or that carries forward what is not there, keeps its place and says nothing. A kind that the contract does not permit cannot be on the chain, so it
 * breaks the history. `base` is what all the events come after, to be continued without computing it again.
 */
export function fold(events: readonly AttestedEvent[], base?: Folded): FoldResult {
  const sorted = inOrder(events);
  if (sorted === undefined) return { broken: 'conflict' };
  const first = base?.history ?? sorted[0];
  if (first === undefined) throw new RangeError('a fold needs an event');
  const { publisher, repository, tag } = first;
  const name = nameHash(repository, tag);
  const key = linkKey(publisher, name);
  const attestations = [...(base?.history.attestations ?? [])];
  const words = [...(base?.words ?? [])];
  const stated = new StatedParts(base?.stated);
  let word = words.at(-1) ?? zeroWord;

  for (const event of sorted) {
    if (event.publisher !== publisher || event.name !== name) return { broken: 'name' };
    if (event.repository !== repository || event.tag !== tag) return { broken: 'name' };
    if (event.previous !== word) return { broken: 'previous' };
    const kind = kinds[event.kind];
    if (kind === undefined || !hasExactNumbers(event)) return { broken: 'field' };
    const { signer, validUntil, block, time, transaction } = event;
    const body = fromHex(event.body);
    const hash = statementHash(body);
    const previous = linkContent(word);
    const content = contentHash({ previous, key, kind: event.kind, signer, validUntil, bodyHash: hash });
    word = nextWord(word, content, block, time);
    words.push(word);
    attestations.push({
      publisher,
      repository,
      tag,
      key,
      kind,
      signer,
      validUntil: Number(validUntil),
      position: attestations.length,
      statementHash: hash,
      body: readBody(kind, body, stated),
      block,
      time,
      transaction,
    });
  }
  return { history: { key, publisher, repository, tag, attestations, word }, words, stated };
}

function hasExactNumbers({ validUntil, block, time }: AttestedEvent): boolean {
  return [block, time, ...(typeof validUntil === 'number' ? [validUntil] : [])].every(
    (value) => Number.isSafeInteger(value) && value >= 0,
  );
}
