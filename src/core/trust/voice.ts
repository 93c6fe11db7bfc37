import type { Attestation, PublisherId } from '../ledger/types';
import type { AcceptedKind, Coverage, TrustRule } from './rules';
import type { Testimony } from './testimony';
import type { Citation, Match, VerdictFrame } from './verdict';

/** What one publisher says by statements of one kind. */
export interface Voice {
  readonly publisher: PublisherId;
  readonly kind: AcceptedKind;
  readonly testimony: Testimony;
}
export type Saying<S extends Testimony['says']> = Voice & { readonly testimony: Extract<Testimony, { says: S }> };

/** Whether a voice counts towards a rule's threshold. */
export type Counts = (voice: Voice) => boolean;

export const matchesClosestFirst = ['exact', 'content', 'equivalent'] as const satisfies readonly Match[];

export function saying<S extends Testimony['says']>(voices: readonly Voice[], says: S): readonly Saying<S>[] {
  return voices.filter((voice): voice is Saying<S> => voice.testimony.says === says);
}

export function isFinalMatch({ testimony }: Voice): boolean {
  return testimony.says === 'this';
}

/** A final match whose validity has not passed at `time`, and that is at least as close as `match`. */
export function isValidMatch(time: number, match: Match = 'equivalent'): Counts {
  return ({ testimony }) =>
    testimony.says === 'this' &&
    (testimony.entry.validUntil === 0 || testimony.entry.validUntil >= time) &&
    matchesClosestFirst.indexOf(testimony.match) <= matchesClosestFirst.indexOf(match);
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
  readonly accepted: number;
  readonly needed: number;
}

/** How far the voices that count satisfy one rule. */
export function support(rule: TrustRule, voices: readonly Voice[], counts: Counts): Support {
  const speaks = (voice: Voice): boolean => voice.kind === rule.accept && rule.publishers.includes(voice.publisher);
  return {
    accepted: voices.filter((voice) => speaks(voice) && counts(voice)).length,
    needed: Math.max(1, rule.threshold),
  };
}

/** Whether the voices that count satisfy a rule of every source that covers the repository; never without any rule. */
export function isSatisfied(coverages: readonly Coverage[], voices: readonly Voice[], counts: Counts): boolean {
  const isRuleSatisfied = (rule: TrustRule): boolean => {
    const { accepted, needed } = support(rule, voices, counts);
    return accepted >= needed;
  };
  return coverages.length > 0 && coverages.every(({ rules }) => rules.some(isRuleSatisfied));
}

/** How far the source that is furthest from satisfied has come, by the rule it is closest to; 0 of 0 without any rule. */
export function closestSupport(coverages: readonly Coverage[], voices: readonly Voice[], counts: Counts): Support {
  const closestFirst = (a: Support, b: Support): number =>
    a.needed - a.accepted - (b.needed - b.accepted) || a.needed - b.needed;
  const bySource = coverages.flatMap(({ rules }) => {
    const [closest] = rules.map((rule) => support(rule, voices, counts)).sort(closestFirst);
    return closest ?? [];
  });
  return bySource.sort(closestFirst).at(-1) ?? { accepted: 0, needed: 0 };
}
