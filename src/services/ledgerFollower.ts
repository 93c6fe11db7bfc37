import { isLedgerName } from '../core/ledger/contentName';
import { EventTable } from '../core/ledger/eventTable';
import { finalBlockAt } from '../core/ledger/indexView';
import type { AttestedEvent, PublisherId } from '../core/ledger/types';
import type { BlockHeader, LedgerLogs, LedgerReader, SignerEvent } from '../core/ports';
import { readLogs } from './logRanges';

/** Entries kept of one publisher that no rule names. The earliest ones, so that a flood displaces nobody. */
export const entriesPerStranger = 1_000;
/** Entries kept of all publishers that no rule names. */
export const entriesOfStrangers = 20_000;

/** The ledger's events as far as they were read. One value: a reading that fails leaves the one before. */
export interface Followed {
  /** Events up to this block are in `finals` and are not read again; -1 before the first. */
  readonly final: number;
  /** Publishers of whom nothing is left out. */
  readonly complete: ReadonlySet<PublisherId>;
  readonly finals: EventTable;
  /** `finals` and what is not final yet. */
  readonly current: EventTable;
  /** Changes of trusted publishers' signers that are not final yet. */
  readonly signerEvents: ReadonlySet<string>;
  /** Whether a slot may have changed since the reading before. */
  readonly signersChanged: boolean;
  /** Whether entries of strangers may have been left out. */
  readonly isFull: boolean;
}

export function nothingFollowed(): Followed {
  const finals = EventTable.over();
  return {
    final: -1,
    complete: new Set(),
    finals,
    current: finals,
    signerEvents: new Set(),
    signersChanged: true,
    isFull: false,
  };
}

/** Blocks whose logs have been read, of those to read. */
export interface BlockProgress {
  readonly done: number;
  readonly of: number;
}

export interface FollowOptions {
  readonly trusted: ReadonlySet<PublisherId>;
  readonly confirmations: number;
  readonly signal: AbortSignal;
  readonly report: (progress: BlockProgress) => void;
}

/** Keeps everything of trusted publishers, and of others up to the limits. */
class Admission {
  readonly #counts: Map<PublisherId, number>;
  #strangers = 0;

  constructor(
    kept: EventTable,
    private readonly trusted: ReadonlySet<PublisherId>,
  ) {
    this.#counts = new Map(kept.publishers);
    for (const [publisher, count] of this.#counts) if (!trusted.has(publisher)) this.#strangers += count;
  }

  get isOpen(): boolean {
    return this.#strangers < entriesOfStrangers;
  }

  admits({ publisher }: AttestedEvent): boolean {
    if (this.trusted.has(publisher)) return true;
    const count = this.#counts.get(publisher) ?? 0;
    if (!this.isOpen || count >= entriesPerStranger) return false;
    this.#counts.set(publisher, count + 1);
    this.#strangers++;
    return true;
  }
}

function signerEventId({ publisher, signer, block }: SignerEvent): string {
  return `${publisher}:${signer ?? ''}:${block}`;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/**
 * Reads on up to `head`. Publishers that rules have come to name since the first reading are read first and from the first
 * block, by the publisher topic, which nobody else can fill; then the blocks that were not final before are read for everybody, again if they had
 * been read, so that a reorganization heals. Entries whose repository or tag is not canonical are ignored.
 */
export async function follow(
  reader: LedgerReader,
  before: Followed,
  head: BlockHeader,
  { trusted, confirmations, signal, report }: FollowOptions,
): Promise<Followed> {
  const isFirst = before.final < 0;
  const newcomers = new Set(isFirst ? [] : [...trusted].filter((publisher) => !before.complete.has(publisher)));
  const kept = before.finals.without(newcomers);
  const admission = new Admission(kept, trusted);
  const events: AttestedEvent[] = [];
  const signers: SignerEvent[] = [];
  let { isFull } = before;
  const fromBlock = before.final + 1;
  const all = { fromBlock: newcomers.size > 0 ? 0 : fromBlock, toBlock: head.number };
  const open = { fromBlock, toBlock: head.number };
  const of = (newcomers.size > 0 ? head.number + 1 : 0) + head.number + 1 - fromBlock;
  let done = 0;

  const keep = ({ attested }: LedgerLogs, from: number, isWanted: (event: AttestedEvent) => boolean): void => {
    for (const event of attested) {
      const isInPlace = event.block >= from && event.block <= head.number;
      if (isInPlace && isLedgerName(event) && isWanted(event)) {
        events.push(event);
      }
    }
  };
  const advance = (blocks: number): void => {
    done += blocks;
    report({ done, of });
  };

  if (newcomers.size > 0) {
    for await (const part of readLogs(reader, all, [...newcomers], () => false, signal)) {
      keep(part, 0, ({ publisher }) => newcomers.has(publisher));
      advance(part.blocks);
    }
  }
  for await (const part of readLogs(reader, open, [...trusted], () => admission.isOpen, signal)) {
    isFull ||= !part.everyone;
    keep(part, fromBlock, (event) => {
      if (newcomers.has(event.publisher)) return false;
      const isAdmitted = admission.admits(event);
      isFull ||= !isAdmitted;
      return isAdmitted;
    });
    for (const event of part.signers) if (trusted.has(event.publisher)) signers.push(event);
    advance(part.blocks);
  }

  const final = Math.max(before.final, finalBlockAt(head.number, confirmations));
  const finals = kept.with(events.filter(({ block }) => block <= final));
  return {
    final,
    complete: trusted,
    finals,
    current: EventTable.over(finals).with(events.filter(({ block }) => block > final)),
    signerEvents: new Set(signers.filter(({ block }) => block > final).map(signerEventId)),
    signersChanged: !isSameSet(before.signerEvents, new Set(signers.map(signerEventId))),
    isFull,
  };
}
