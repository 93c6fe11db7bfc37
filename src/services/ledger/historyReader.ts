import { isDaoChainError } from '../../core/errors';
import type { Hex32 } from '../../core/hex';
import type { Folded } from '../../core/ledger/fold';
import { fold } from '../../core/ledger/fold';
import { keyId, type KeyId } from '../../core/ledger/indexView';
import { zeroWord } from '../../core/ledger/link';
import type { AttestedEvent, PublisherId } from '../../core/ledger/types';
import { readLogs } from './logRanges';
import type { LedgerReader, LogRange } from '../../core/ports/ledger';

/** A publisher's history of a canonical name, with the hashes by which the chain knows it. */
export interface HistoryKey {
  readonly publisher: PublisherId;
  readonly repository: string;
  readonly tag: string;
  /** The hash of repository and tag. */
  readonly name: Hex32;
  readonly key: Hex32;
}

/** The events of a key and what they make; `folded` is undefined where there are none, or they make no history. */
export interface ReadHistory {
  readonly events: readonly AttestedEvent[];
  readonly folded: Folded | undefined;
}

export const noHistory: ReadHistory = { events: [], folded: undefined };

/** A key to be read, from what is known of it up to the link that the contract holds. */
export interface Wanted {
  readonly of: HistoryKey;
  /** What is known and cannot have changed: it is not read again. */
  readonly known: ReadHistory;
  readonly link: Hex32;
}

/** So many keys are looked for by their links; of more, the node is asked for all of their events in one call. */
const searchedAtMost = 8;
/** As many blocks are read at once without looking for the ones that matter. */
const blocksReadAtOnce = 16;
/** Places that one call asks for. */
const placesPerCall = 512;
/** A history with more changes than this is read as a range. */
const changesAtMost = 256;

export function idOf({ publisher, repository, tag }: HistoryKey): KeyId {
  return keyId(publisher, repository, tag);
}

export function lastWord({ folded }: ReadHistory): Hex32 {
  return folded?.words.at(-1) ?? zeroWord;
}

/**
 * Reads what is new of some keys, up to block `head`. What that costs depends on the entries of these keys alone: where the
 * node keeps old states, the blocks in which a link changed are found by halving, and only their logs are read. Whether the
 * answer is the whole history the caller sees by its last word.
 */
export async function readHistories(
  reader: LedgerReader,
  wanted: readonly Wanted[],
  head: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<KeyId, ReadHistory>> {
  const events =
    wanted.length <= searchedAtMost && wanted.some(({ known }) => head - lastBlock(known) > blocksReadAtOnce)
      ? ((await eventsByLinks(reader, wanted, head, signal)) ?? (await eventsByRange(reader, wanted, head, signal)))
      : await eventsByRange(reader, wanted, head, signal);
  const byKey = new Map<KeyId, AttestedEvent[]>(wanted.map(({ of }) => [idOf(of), []]));
  for (const event of events) byKey.get(keyId(event.publisher, event.repository, event.tag))?.push(event);
  return new Map(wanted.map(({ of, known }) => [idOf(of), continued(known, byKey.get(idOf(of)) ?? [])] as const));
}

function lastBlock({ events }: ReadHistory): number {
  return events.at(-1)?.block ?? -1;
}

/** The known events and those that follow them. */
export function continued(known: ReadHistory, later: readonly AttestedEvent[]): ReadHistory {
  if (later.length === 0) return known;
  const events = [...known.events, ...later];
  const folded = known.folded === undefined ? fold(events) : fold(later, known.folded);
  return { events, folded: folded.history === undefined ? undefined : folded };
}

// --- by the links -----------------------------------------------------------------------------------------------------

interface Span {
  readonly of: HistoryKey;
  /** The links after these two blocks differ. */
  readonly low: number;
  readonly lowLink: Hex32;
  readonly high: number;
  readonly highLink: Hex32;
}

/** Undefined where the node does not keep old states, or there is too much for single blocks. */
async function eventsByLinks(
  reader: LedgerReader,
  wanted: readonly Wanted[],
  head: number,
  signal: AbortSignal,
): Promise<readonly AttestedEvent[] | undefined> {
  const changes: LogRange[] = [];
  let open = wanted
    .map(({ of, known, link }): Span => {
      return { of, low: lastBlock(known), lowLink: lastWord(known), high: head, highLink: link };
    })
    .filter(({ low, high, lowLink, highLink }) => low < high && lowLink !== highLink);
  try {
    while (open.length > 0) {
      if (changes.length + open.length > changesAtMost) return undefined;
      const next: Span[] = [];
      for (const part of await splitSpans(reader, open, signal)) {
        if (part.high - part.low > 1) next.push(part);
        else changes.push(logsOfBlock(part));
      }
      open = next;
    }
    const { attested } = await reader.logsOf(changes, signal);
    return attested;
  } catch (error) {
    if (isDaoChainError(error, 'nodeFailed')) return undefined;
    throw error;
  }
}

/** The parts of spans, cut at evenly spread blocks, over which a link changed. */
async function splitSpans(reader: LedgerReader, spans: readonly Span[], signal: AbortSignal): Promise<readonly Span[]> {
  const cuts = Math.max(1, Math.min(15, Math.floor(placesPerCall / spans.length)));
  const places = spans.map(({ low, high }) =>
    [
      ...new Set(Array.from({ length: cuts }, (_, i) => low + Math.floor(((high - low) * (i + 1)) / (cuts + 1)))),
    ].filter((block) => block > low && block < high),
  );
  const links = await reader.pastLinks(
    spans.flatMap(({ of: { key } }, i) => (places[i] ?? []).map((block) => ({ key, block }))),
    signal,
  );
  let at = 0;
  return spans.flatMap((span, i) => {
    const parts: Span[] = [];
    let { low, lowLink } = span;
    const ends = (places[i] ?? []).map((block) => ({ block, link: links[at++] ?? zeroWord }));
    for (const { block, link } of [...ends, { block: span.high, link: span.highLink }]) {
      if (link !== lowLink) parts.push({ of: span.of, low, lowLink, high: block, highLink: link });
      [low, lowLink] = [block, link];
    }
    return parts;
  });
}

function logsOfBlock({ of: { publisher, name }, high }: Span): LogRange {
  return { fromBlock: high, toBlock: high, publishers: [publisher], names: [name] };
}

// --- by a range -------------------------------------------------------------------------------------------------------

async function eventsByRange(
  reader: LedgerReader,
  wanted: readonly Wanted[],
  head: number,
  signal: AbortSignal,
): Promise<readonly AttestedEvent[]> {
  const from = new Map(wanted.map(({ of, known }) => [idOf(of), lastBlock(known) + 1]));
  const fromBlock = Math.min(...from.values());
  const publishers = [...new Set(wanted.map(({ of }) => of.publisher))];
  const names = [...new Set(wanted.map(({ of }) => of.name))];
  const events: AttestedEvent[] = [];
  for await (const { attested } of readLogs(reader, { fromBlock, toBlock: head, publishers, names }, signal)) {
    for (const event of attested) {
      const first = from.get(keyId(event.publisher, event.repository, event.tag));
      if (first !== undefined && event.block >= first && event.block <= head) events.push(event);
    }
  }
  return events;
}
