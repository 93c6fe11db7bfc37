import type { Address } from '../hex';
import { StatedParts } from './carried';
import { fold, type Folded } from './fold';
import { linkKey, nameHash, zeroWord } from './link';
import type { Entry, History } from './types';
import { entryKindNumber } from './types';

/** Who writes an entry that nobody has sent yet, and where. Time in Unix seconds. */
interface PlannedPlace {
  readonly signer: Address;
  readonly block: number;
  readonly time: number;
}

/** A history as it is once `entry` is written, by the very fold that reads what others write. */
export function continuedBy(
  history: History | undefined,
  entry: Entry,
  { signer, block, time }: PlannedPlace,
): History {
  const { publisher, kind, validUntil, repository, tag, body } = entry;
  const previous = history?.word ?? zeroWord;
  const event = {
    publisher,
    signer,
    previous,
    validUntil,
    time,
    repository,
    tag,
    body,
    block,
    name: nameHash(repository, tag),
    kind: entryKindNumber[kind],
    // Nobody knows these yet, and no history depends on them.
    blockHash: zeroWord,
    logIndex: 0,
    transaction: zeroWord,
  };
  const folded = fold([event], history && foldedAs(history));
  if (folded.history === undefined) throw new RangeError(`an entry that breaks its history: ${folded.broken}`);
  return folded.history;
}

function foldedAs(history: History): Folded {
  const stated = new StatedParts();
  for (const { kind, body } of history.attestations) {
    if (body.type === 'statement') stated.add(kind, body.statement);
  }
  return { history, words: [history.word], stated };
}

/** The histories that entries of one transaction make; `historyOf` tells what there is under a key so far. */
export function plannedHistories(
  entries: readonly Entry[],
  historyOf: (entry: Entry) => History | undefined,
  place: PlannedPlace,
): readonly History[] {
  const planned = new Map<string, History>();
  for (const entry of entries) {
    const key = linkKey(entry.publisher, nameHash(entry.repository, entry.tag));
    planned.set(key, continuedBy(planned.get(key) ?? historyOf(entry), entry, place));
  }
  return [...planned.values()];
}
