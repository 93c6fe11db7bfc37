import type { Address } from '../hex';
import type { Digest } from '../image/digest';
import { isKnownByManifest, type ImageIdentity } from '../image/identity';
import { contentRepository } from '../ledger/contentName';
import type { Attestation, History, LedgerKey, PublisherId } from '../ledger/types';
import type { Comparison } from './comparison';
import { confirmationsAt, confirmationsNeeded } from '../ledger/finality';
import type { Claim } from './reading';
import { read } from './reading';
import { coveringRules, matches, onLedger, type RuleSource, type TrustRule } from '../trust/rules';
import type { Change } from './suppositions';
import { changesOf } from './suppositions';
import type { Testimony } from './testimony';
import type { MissingPart, RegistryFailure, Verdict } from './verdict';
import type { Support } from './voice';
import { support, validMatch } from './voice';
import type { JudgeInput } from './judgeInput';
import { type Hearing, entryFacts, hearingOf } from './hearing';

/** Why a registry was not asked: its answer could not have mattered, or nobody wanted it. */
export type Unasked = 'engineOnly' | 'ledgerUnread' | 'cannotMatter' | 'digestHere' | 'noPlatform' | 'noName';

/** Who was asked what the image is, and what came of it. */
export interface Asked {
  readonly engine: 'found' | 'absent' | 'silent' | 'malformed' | 'notAsked';
  readonly registry:
    | { readonly digest: Digest; readonly verdict: Verdict }
    | { readonly failure: RegistryFailure }
    | { readonly unasked: Unasked }
    | { readonly malformed: string };
  /** The verdict on the engine's image, where that is not the one that is explained. */
  readonly local?: Verdict;
  /** Under how many names a digest without a tag was judged. */
  readonly names: number;
}

/** What a rule's publisher says by the kind of statement that the rule takes; `counts` towards its threshold. */
export interface RuleVoice {
  readonly publisher: PublisherId;
  /** Undefined where nobody was heard. */
  readonly says: Testimony['says'] | undefined;
  readonly counts: boolean;
  /** Who states this content in the publisher's name, where it counts. */
  readonly signers: readonly Address[];
}

export interface DecidingRule extends Support {
  readonly rule: TrustRule;
  readonly voices: readonly RuleVoice[];
}

/** The rules of one source that decide, and those of it that matched too. */
export interface WhySource {
  readonly source: Omit<RuleSource, 'rules'>;
  readonly isSatisfied: boolean;
  readonly deciding: readonly DecidingRule[];
  readonly lessSpecific: readonly TrustRule[];
}

export interface WhyEntry {
  readonly entry: Attestation;
  /** At the block of the view. */
  readonly confirmations: number;
  readonly isFinal: boolean;
  /** The block since which its signer is void, where the entry is not older. */
  readonly voidSince?: number;
  /** What a statement says about the image; absent where nobody looked into the image. */
  readonly comparison?: Comparison;
  /**
   * Where it only carries that: the position of the entry with which it stands and ends, and whether it still does. No
   * position where nobody in good standing has stated it.
   */
  readonly carried?: { readonly from?: number; readonly stands: boolean };
  /** The revocation by which the statement does not stand any more. */
  readonly takenBackBy?: Attestation;
  /** Positions of the statements before it that a revocation names. */
  readonly names?: readonly number[];
}

/** What one publisher entered under the name, or under the reserved one of the content, oldest first. */
export interface WhyHistory {
  readonly publisher: PublisherId;
  /** Whatever is taken back here is so under every name. */
  readonly isOfContent: boolean;
  readonly isAccepted: boolean;
  /** Whether it was compared with the contract's link: nothing is missing, and the order is that of the contract. */
  readonly isChecked: boolean;
  /** Number of older entries that are not listed. */
  readonly omitted: number;
  readonly entries: readonly WhyEntry[];
}

/** The facts behind one verdict. They are plain data; texts of strangers are in them as they came, and not escaped. */
export interface Why {
  readonly verdict: Verdict;
  /** The name that decided. */
  readonly name: { readonly repository: string; readonly tag: string };
  readonly ledger: LedgerKey | undefined;
  /** What the reader calls it, where they follow more than one. */
  readonly network?: string;
  /** Why the ledger was not read whole. */
  readonly missing?: MissingPart;
  readonly sources: readonly WhySource[];
  /** Rules for the repository that count on another ledger. */
  readonly elsewhere: readonly TrustRule[];
  readonly histories: readonly WhyHistory[];
  /** Number of strangers who are not listed. */
  readonly omittedStrangers: number;
  readonly asked: Asked;
  readonly image?: Pick<ImageIdentity, 'source' | 'platform' | 'configDigest' | 'manifestDigest' | 'indexDigest'> & {
    readonly isKnownByManifest: boolean;
  };
  /** Unix seconds at which it was judged. */
  readonly now: number;
  /** Confirmations that make an entry final. */
  readonly needed: number;
  /** Whether every event of the ledger up to the block of the view was read. */
  readonly isComplete: boolean;
  readonly changes: readonly Change[];
}

interface Judging {
  /** What the verdict was given on. */
  readonly input: JudgeInput;
  readonly verdict: Verdict;
  readonly asked: Asked;
  /** What the verdict would be if something were different, as `suppositionsOf` the input says. */
  readonly tried: readonly Change[];
}

const strangersAtMost = 5;
/** The most entries of a stranger's history that are listed, and of an accepted publisher's. */
const entriesAtMost = { stranger: 5, accepted: 40 } as const;

/** Everything that a verdict depends on, exactly as the judge saw it. */
export function whyOf({ input, verdict, asked, tried }: Judging): Why {
  const { reference, image, view, now } = input;
  const hearing = hearingOf(input);
  const identity = 'identity' in image ? image.identity : undefined;
  const accepted = new Set(hearing?.accepted.map(({ publisher }) => publisher));
  const own = input.histories.filter((each) => each.repository === reference.repository && each.tag === reference.tag);
  const strangers = own.filter(({ publisher }) => !accepted.has(publisher));
  const everywhere = input.contentHistories.filter(
    ({ publisher, repository }) => accepted.has(publisher) && repository === contentRepository,
  );
  const told = [
    ...everywhere,
    ...own.filter(({ publisher }) => accepted.has(publisher)),
    ...strangers.slice(0, strangersAtMost),
  ];
  return {
    verdict,
    asked,
    now,
    name: reference,
    ledger: view.ledger,
    ...(view.network !== undefined && { network: view.network }),
    ...(view.state === 'incomplete' && { missing: view.missing }),
    ...rulesOf(input, hearing),
    histories: told.map((history) => historyOf(input, history, identity, accepted.has(history.publisher))),
    omittedStrangers: Math.max(0, strangers.length - strangersAtMost),
    ...(identity !== undefined && { image: imageOf(identity) }),
    needed: confirmationsNeeded(view.needed),
    isComplete: view.state === 'complete',
    changes: changesOf(verdict, tried),
  };
}

function imageOf(identity: ImageIdentity): NonNullable<Why['image']> {
  const { source, platform, configDigest, manifestDigest, indexDigest } = identity;
  return {
    source,
    platform,
    isKnownByManifest: isKnownByManifest(identity),
    ...(configDigest !== undefined && { configDigest }),
    ...(manifestDigest !== undefined && { manifestDigest }),
    ...(indexDigest !== undefined && { indexDigest }),
  };
}

// --- rules -----------------------------------------------------------------------------------------------------------

function rulesOf(
  { rules, reference: { repository }, view, now }: JudgeInput,
  hearing: Hearing | undefined,
): Pick<Why, 'sources' | 'elsewhere'> {
  const accepted = hearing?.accepted ?? [];
  const backing = validMatch(hearing?.now ?? now);
  const decidingRule = (rule: TrustRule): DecidingRule => ({
    rule,
    ...support(rule, accepted, backing),
    voices: rule.publishers.map((publisher) => {
      const voice = accepted.find((each) => each.publisher === publisher && each.kind === rule.accept);
      const signers = voice === undefined ? [] : backing(voice);
      return { publisher, says: voice?.testimony.says, counts: signers.length > 0, signers };
    }),
  });
  const isHere = (rule: TrustRule): boolean => view.ledger === undefined || rule.ledger === view.ledger;
  const matching = (source: RuleSource): readonly TrustRule[] =>
    source.rules.filter((rule) => matches(rule.repositories, repository));
  return {
    sources: rules.flatMap((source) => {
      const [coverage] = onLedger(coveringRules([source], repository), view.ledger);
      if (coverage === undefined) return [];
      const deciding = coverage.rules.map(decidingRule);
      const lessSpecific = matching(source).filter((rule) => isHere(rule) && !coverage.rules.includes(rule));
      const { origin, folder } = source;
      const told = { origin, ...(folder !== undefined && { folder }) };
      return [{ source: told, isSatisfied: deciding.some(isMet), deciding, lessSpecific }];
    }),
    elsewhere: rules.flatMap(matching).filter((rule) => !isHere(rule)),
  };
}

function isMet({ accepted, needed }: Support): boolean {
  return accepted >= needed;
}

// --- histories -------------------------------------------------------------------------------------------------------

function historyOf(
  input: JudgeInput,
  history: History,
  identity: ImageIdentity | undefined,
  isAccepted: boolean,
): WhyHistory {
  const { view, slotOf } = input;
  const { publisher, attestations } = history;
  const head = view.head ?? { number: -1, time: 0 };
  const facts = entryFacts(input, head);
  const { isFinal, isVoid } = facts;
  const lines = identity && read(history, identity, facts, input.contentOf).lines;
  const lineOf = new Map(lines?.map((line) => [line.entry, line]));
  const shown = attestations.slice(-entriesAtMost[isAccepted ? 'accepted' : 'stranger']);
  const isOfContent = history.repository === contentRepository;

  const told = (entry: Attestation): WhyEntry => {
    const line = lineOf.get(entry);
    const voidSince = isVoid(entry) ? slotOf(publisher, entry.signer)?.voidFrom : undefined;
    return {
      entry,
      confirmations: confirmationsAt(head.number, entry.block),
      isFinal: isFinal(entry),
      ...(voidSince !== undefined && { voidSince }),
      ...(line !== undefined && { comparison: line.comparison }),
      ...(line?.carriedFrom && { carried: carriedBy(line.carriedFrom.source, line.standing) }),
      ...(line?.takenBackBy && { takenBackBy: line.takenBackBy.entry }),
      ...(entry.body.type === 'revocation' &&
        !isOfContent && {
          names: namedBy(entry.body.revocation.statementHash, attestations.slice(0, entry.position)),
        }),
    };
  };
  const isLinkChecked = isOfContent ? input.isContentChecked(publisher, history.tag) : view.isChecked(publisher);
  return {
    publisher,
    isAccepted,
    isOfContent,
    isChecked: isLinkChecked && attestations.every(({ signer }) => slotOf(publisher, signer) !== undefined),
    omitted: attestations.length - shown.length,
    entries: shown.map(told),
  };
}

function carriedBy(source: Attestation | undefined, { comparison }: Claim): NonNullable<WhyEntry['carried']> {
  return { ...(source && { from: source.position }), stands: comparison.relation !== 'elsewhere' };
}

function namedBy(statementHash: string, attestations: readonly Attestation[]): readonly number[] {
  return attestations
    .filter((entry) => entry.body.type === 'statement' && entry.statementHash === statementHash)
    .map(({ position }) => position);
}
