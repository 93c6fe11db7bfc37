import type { Address } from '../hex';
import type { Attestation, PublisherId } from '../ledger/types';
import type { AcceptedKind, Coverage, TrustRule } from '../trust/rules';
import type { Backer, Testimony } from './testimony';
import { matchesClosestFirst, type Citation, type Match, type VerdictFrame } from './verdict';

/** What one publisher says by statements of one kind. */
export interface Voice {
  readonly publisher: PublisherId;
  readonly kind: AcceptedKind;
  readonly testimony: Testimony;
}
export type Saying<S extends Testimony['says']> = Voice & { readonly testimony: Extract<Testimony, { says: S }> };

/** The signers by whom a voice counts towards a rule's threshold; nobody where it does not count. */
export type Backing = (voice: Voice) => readonly Address[];

export function saying<S extends Testimony['says']>(voices: readonly Voice[], says: S): readonly Saying<S>[] {
  return voices.filter((voice): voice is Saying<S> => voice.testimony.says === says);
}

// --- who counts ------------------------------------------------------------------------------------------------------

/** Everybody who states the content in final entries. */
export function finalMatch({ testimony }: Voice): readonly Address[] {
  return testimony.says === 'this'
    ? signersOf(
        testimony.backers.filter((each) => each.isFinal),
        'equivalent',
      )
    : [];
}

/** Everybody who states the content in final entries, or will when `block` is final. */
export function matchMinedBy(block: number): Backing {
  const isMined = (each: Backer): boolean => each.isFinal || each.block <= block;
  return ({ testimony }) => {
    const speaks = testimony.says === 'this' || (testimony.says === 'soon' && testimony.promise.block <= block);
    return speaks ? signersOf(testimony.backers.filter(isMined), 'equivalent') : [];
  };
}

/** A final match whose validity has not passed at `time`, and that is at least as close as `match`. */
export function validMatch(time: number, match: Match = 'equivalent'): Backing {
  return ({ testimony }) => {
    if (testimony.says !== 'this' || testimony.until < time) return [];
    if (match === 'exact' && testimony.exactUntil < time) return [];
    if (matchesClosestFirst.indexOf(testimony.match) > matchesClosestFirst.indexOf(match)) return [];
    return signersOf(
      testimony.backers.filter((each) => each.isFinal && each.until >= time),
      match,
    );
  };
}

function signersOf(backers: readonly Backer[], match: Match): readonly Address[] {
  const isClose = ({ content, isExact }: Backer): boolean => {
    if (match === 'exact') return isExact;
    return content === 'content' || (match === 'equivalent' && content !== undefined);
  };
  return [...new Set(backers.filter(isClose).map(({ signer }) => signer))];
}

/** The statement of this content, where there is one that its publisher has not taken back. */
function supportingEntry({ testimony }: Voice): Attestation | undefined {
  if (testimony.says === 'this') return testimony.entry;
  if (testimony.says === 'soon') return testimony.promise;
  return testimony.says === 'superseded' ? testimony.older : undefined;
}

export function cite(entry: Attestation): Citation {
  const { publisher, signer, kind, repository, tag, position, block, time, transaction } = entry;
  return { publisher, signer, kind, repository, tag, position, block, time, transaction };
}

export function citeSupport(voices: readonly Voice[]): readonly Citation[] {
  return voices.flatMap((voice) => supportingEntry(voice) ?? []).map(cite);
}

// --- rules -----------------------------------------------------------------------------------------------------------

/** The strictest level among the rules that decide. */
export function strictestLevel(coverages: readonly Coverage[]): VerdictFrame['coverage'] {
  const levels = coverages.flatMap(({ rules }) => rules.map(({ level }) => level));
  if (levels.includes('enforce')) return 'enforce';
  return levels.length > 0 ? 'warn' : 'none';
}

export interface Support {
  /** The largest number of publishers who state it by different signers. */
  readonly accepted: number;
  readonly needed: number;
  /** All publishers who state it. */
  readonly publishers: number;
}

/** How far the voices that count satisfy one rule. A key that speaks for two publishers counts for one of them. */
export function support(rule: TrustRule, voices: readonly Voice[], backing: Backing): Support {
  const named = new Set(rule.publishers);
  const signers = voices
    .filter((voice) => voice.kind === rule.accept && named.has(voice.publisher))
    .map(backing)
    .filter((each) => each.length > 0);
  return { accepted: distinct(signers), needed: Math.max(1, rule.threshold), publishers: signers.length };
}

/** The most lists that can each be given a member of their own (maximum bipartite matching). */
function distinct(lists: readonly (readonly Address[])[]): number {
  const holders = new Map<Address, number>();
  const held: (Address | undefined)[] = lists.map(() => undefined);

  /**
   * Gives one more list a member, if need be by moving others to another of their members; false where that is
   * impossible.
   */
  const give = (start: number): boolean => {
    const takers = new Map<Address, number>();
    const queue = [start];
    for (const list of queue) {
      for (const member of lists[list] ?? []) {
        if (takers.has(member)) continue;
        takers.set(member, list);
        const holder = holders.get(member);
        if (holder === undefined) {
          handOver(member, takers);
          return true;
        }
        queue.push(holder);
      }
    }
    return false;
  };
  const handOver = (free: Address, takers: ReadonlyMap<Address, number>): void => {
    for (let member: Address | undefined = free; member !== undefined;) {
      const taker = takers.get(member);
      if (taker === undefined) return;
      const before = held[taker];
      holders.set(member, taker);
      held[taker] = member;
      member = before;
    }
  };
  return lists.filter((_, list) => give(list)).length;
}

/** Whether the voices that count satisfy a rule of every source that covers the repository; never without any rule. */
export function isSatisfied(coverages: readonly Coverage[], voices: readonly Voice[], backing: Backing): boolean {
  const isRuleSatisfied = (rule: TrustRule): boolean => {
    const { accepted, needed } = support(rule, voices, backing);
    return accepted >= needed;
  };
  return coverages.length > 0 && coverages.every(({ rules }) => rules.some(isRuleSatisfied));
}

/**
 * How far the source that is furthest from being satisfied has come, by the rule that it is closest to satisfying; 0 of
 * 0 without any rule.
 */
export function closestSupport(coverages: readonly Coverage[], voices: readonly Voice[], backing: Backing): Support {
  const closestFirst = (a: Support, b: Support): number =>
    a.needed - a.accepted - (b.needed - b.accepted) || a.needed - b.needed || a.publishers - b.publishers;
  const bySource = coverages.flatMap(({ rules }) => {
    const [closest] = rules.map((rule) => support(rule, voices, backing)).sort(closestFirst);
    return closest ?? [];
  });
  return bySource.sort(closestFirst).at(-1) ?? { accepted: 0, needed: 0, publishers: 0 };
}
