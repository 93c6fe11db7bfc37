import type { History, LedgerKey } from '../ledger/types';
import { coveringRules, ledgersOf, onLedger, type Coverage, type RuleSource } from '../trust/rules';
import { frameOf, judge, tooOldSince } from './judge';
import type { JudgeInput } from './judgeInput';
import { isWrongChain, type Verdict, type VerdictKind } from './verdict';
import { strictestLevel } from './voice';

/** What one ledger says about an image, and what is known of the image itself. Which rules count is decided over all ledgers. */
export type LedgerFacts = Omit<JudgeInput, 'rules' | 'isEnforced' | 'declaredElsewhere'>;

/** An image under one name, by whatever ledgers the reader's rules name. */
export interface ComposedInput {
  /** Canonical repository, registry included, and tag. */
  readonly reference: JudgeInput['reference'];
  readonly rules: readonly RuleSource[];
  /** The ledger that is asked where no rule covers the repository; undefined as long as none is known. */
  readonly home: LedgerKey | undefined;
  /** Of a ledger that is not followed or does not answer, a view that says so. */
  readonly factsOf: (ledger: LedgerKey | undefined) => LedgerFacts;
}

/** One ledger, heard by the rules of one source. */
interface Heard {
  readonly input: JudgeInput;
  readonly verdict: Verdict;
}

/**
 * The verdict over several ledgers (docs/verdicts.md). Within a source the most specific pattern decides, whatever ledgers its
 * rules name; these are alternatives. What speaks against the content on any of them wins, then that one of them could not
 * be heard, else the best. Between sources the worse wins. The order of ledgers, rules and sources makes no difference.
 */
export function compose(given: ComposedInput): Verdict {
  const coverages = coveringRules(given.rules, given.reference.repository);
  const ledgers = ledgersOf(coverages);
  // With all sources together, because the judge weighs what they accept more finely than verdicts can be compared.
  if (ledgers.length < 2) return judge(inputOn(ledgers[0] ?? given.home, given, given.rules, coverages));
  const bySource = coverages.map((coverage) => {
    const heard = ledgersOf([coverage]).map((ledger): Heard => {
      const input = inputOn(ledger, given, [coverage], coverages);
      return { input, verdict: judge(input) };
    });
    return amongAlternatives(heard, given.home);
  });
  return first(bySource, worseFirst(given.home));
}

/** What each ledger that decides says, by the rules of all sources that name it: what a composed verdict is explained by. */
export function inputsOf(given: ComposedInput): readonly JudgeInput[] {
  const coverages = coveringRules(given.rules, given.reference.repository);
  const ledgers = ledgersOf(coverages);
  return (ledgers.length === 0 ? [given.home] : ledgers).map((ledger) =>
    inputOn(ledger, given, given.rules, coverages),
  );
}

/** What would be different, as it is said of the input of one ledger. Rules are the same for all of them. */
export function supposedOn(
  ledger: LedgerKey | undefined,
  suppose: (input: JudgeInput) => JudgeInput,
): (given: ComposedInput) => ComposedInput {
  return (given) => {
    const { rules, factsOf } = given;
    const changed = suppose({ ...factsOf(ledger), rules });
    return { ...given, rules: changed.rules, factsOf: (of) => (of === ledger ? changed : factsOf(of)) };
  };
}

/** What would be different everywhere, such as the time. It is nothing about rules. */
export function supposedEverywhere(
  suppose: (input: JudgeInput) => JudgeInput,
): (given: ComposedInput) => ComposedInput {
  return (given) => {
    const { rules, factsOf } = given;
    return { ...given, factsOf: (of) => suppose({ ...factsOf(of), rules }) };
  };
}

/** Where any rule that decides enforces, none of the others is a way around it. */
function inputOn(
  ledger: LedgerKey | undefined,
  { factsOf }: ComposedInput,
  rules: readonly RuleSource[],
  all: readonly Coverage[],
): JudgeInput {
  const declaredElsewhere = ledgersOf(all)
    .filter((other) => other !== ledger)
    .flatMap((other) => acceptedHistories(all, other, factsOf(other).histories));
  return {
    ...factsOf(ledger),
    rules,
    isEnforced: strictestLevel(all) === 'enforce',
    ...(declaredElsewhere.length > 0 && { declaredElsewhere }),
  };
}

/** Of these histories on one ledger, those by publishers whom rules that decide accept there. */
export function acceptedHistories(
  coverages: readonly Coverage[],
  ledger: LedgerKey,
  histories: readonly History[],
): readonly History[] {
  const publishers = new Set(
    onLedger(coverages, ledger).flatMap(({ rules }) => rules.flatMap((rule) => rule.publishers)),
  );
  return histories.filter(({ publisher }) => publishers.has(publisher));
}

function amongAlternatives(heard: readonly Heard[], home: LedgerKey | undefined): Verdict {
  const worst = worseFirst(home);
  const verdicts = heard.map(({ verdict }) => verdict);
  const decided = verdicts.filter((verdict) => rank(verdict) <= unheard);
  if (decided.length > 0) return first(decided, worst);
  const best = first(verdicts, (a, b) => weight(b) - weight(a) || compareText(placeOf(a, home), placeOf(b, home)));
  return best.kind === 'verified' ? (outdatedBeside(best, heard) ?? best) : best;
}

/**
 * A view that is older than one of its rules allows was not heard either: a newer one could speak against the content.
 */
function outdatedBeside(best: Extract<Verdict, { kind: 'verified' }>, heard: readonly Heard[]): Verdict | undefined {
  const [oldest] = heard
    .flatMap(({ input }) => {
      const since = tooOldSince(input);
      return since === undefined ? [] : [{ input, since }];
    })
    .sort((a, b) => a.since - b.since || compareText(a.input.view.ledger ?? '', b.input.view.ledger ?? ''));
  if (oldest === undefined) return undefined;
  return { ...frameOf(oldest.input), kind: 'stale', cause: 'view', since: oldest.since, by: best.by };
}

// --- order -----------------------------------------------------------------------------------------------------------

/**
 * From what must stop a person to what need not. Other than where two images are compared (`worse.ts`), what could not be
 * heard comes before what merely is not accepted: the judge has it so too.
 */
const worstFirst: Readonly<Record<Exclude<VerdictKind, 'unknown'>, number>> = {
  tampered: 0,
  revoked: 1,
  mismatch: 2,
  superseded: 3,
  unsigned: 5,
  untrusted: 6,
  stale: 7,
  pending: 9,
  verified: 10,
};
/** What could speak against the image and was not heard. All that is not after it wins among alternatives. */
const unheard = 4;
/** Nothing speaks against the image, and only its layers could still tell that it is another. */
const unsettled = 8;

function rank(verdict: Verdict): number {
  if (verdict.kind !== 'unknown') return worstFirst[verdict.kind];
  return verdict.missing === 'layers' ? unsettled : unheard;
}

/** The rank, and what tells verdicts of one rank apart: what a person has to look at first comes first. */
function weight(verdict: Verdict): number {
  return 3 * rank(verdict) + detailOf(verdict);
}

function detailOf(verdict: Verdict): 0 | 1 | 2 {
  if (verdict.kind === 'mismatch') return verdict.cause === 'content' ? 0 : 1;
  if (verdict.kind !== 'unknown') return verdict.ledgerKind === 'development' ? 0 : 1;
  // What can be read here is read first, for it could turn red; an alarm comes before what merely did not answer.
  if (verdict.missing === 'configBytes') return 0;
  return isWrongChain(verdict.missing) ? 1 : 2;
}

type Order = (a: Verdict, b: Verdict) => number;

function worseFirst(home: LedgerKey | undefined): Order {
  return (a, b) => weight(a) - weight(b) || compareText(placeOf(a, home), placeOf(b, home));
}

/** Of verdicts that weigh the same, that of home is told. */
function placeOf({ ledger = '' }: Verdict, home: LedgerKey | undefined): string {
  return ledger === home ? '' : ledger;
}

function first(verdicts: readonly Verdict[], order: Order): Verdict {
  const [one] = [...verdicts].sort(order);
  if (one === undefined) throw new RangeError('nothing was judged');
  return one;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
