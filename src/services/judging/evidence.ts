import { contentKey } from '../../core/ledger/contentName';
import type { ImageContent } from '../../core/image/identity';
import type { IndexView } from '../../core/ledger/indexView';
import type { Attestation, History, Leaf, LedgerKey } from '../../core/ledger/types';
import type { LookAlike } from '../../core/trust/lookAlike';
import { lookAlikeOf, namedIn } from '../../core/trust/lookAlike';
import type { Coverage, RuleSource } from '../../core/trust/rules';
import { coveringRules, ledgersOf } from '../../core/trust/rules';
import type { ComposedInput } from '../../core/judging/composition';
import type { Verdict } from '../../core/judging/verdict';
import type { FollowedLedger, Ledger } from '../ledger/ledger';
import type { SignedContents } from './signedContents';
import type { ImageName } from '../../core/image/imageNames';
import type { JudgeInput, StrangersRead } from '../../core/judging/judgeInput';

/** What one ledger that is followed says, at one moment. */
export interface LedgerEvidence {
  readonly followed: FollowedLedger;
  /** Undefined as long as it is not known. */
  readonly key: LedgerKey | undefined;
  readonly ledger: Ledger | undefined;
  readonly view: IndexView | undefined;
  /** Whether its node does not answer because it has no room for its chain. */
  readonly isDiskFull?: boolean;
  /** Names, as {@link formatName}, under which not all could be heard who state the images that are judged. */
  readonly leftOut?: ReadonlySet<string>;
  /** Statements of contents under other names, by fingerprint: for a hint. */
  readonly knownAs?: ReadonlyMap<string, readonly Attestation[]>;
}

/** Everything that verdicts depend on beside the image, at one moment: images that are judged together share it. */
export interface Evidence extends Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'> {
  /** Of every ledger that is followed, home first. */
  readonly ledgers: readonly [LedgerEvidence, ...LedgerEvidence[]];
  /** Names that no rule covers and that somebody has written about, as {@link formatName} and `repository@digest`. */
  readonly spoken?: ReadonlySet<string>;
  /** Ledgers on which the names that state a digest could not be looked for. */
  readonly unread?: Unread | undefined;
  /** Replaces the composition, where it is set: to see what it gets, and to give it something different. */
  readonly judge?: (input: ComposedInput) => Verdict;
}

export type Unread = ReadonlyMap<FollowedLedger, Exclude<StrangersRead, 'read'>>;

/** By `contentKey`. */
export type Contents = ReadonlyMap<string, ImageContent>;

/** Where there is no name, only the names under which the content is also signed can be told. */
export const noName: ImageName = { repository: '', tag: '' };

/** On all ledgers that were read for this name. */
export function historiesOf(
  { ledgers }: Pick<Evidence, 'ledgers'>,
  { repository, tag }: ImageName,
): readonly History[] {
  return ledgers.flatMap(({ view }) => view?.historiesOf(repository, tag) ?? []);
}

/** What was signed here under this name, so that differences have names. */
export async function contentsOf(evidence: Evidence, name: ImageName, signed: SignedContents): Promise<Contents> {
  const leaves = historiesOf(evidence, name).flatMap(leavesOf);
  const recalled = [...new Map(leaves.map((leaf) => [contentKey(leaf), leaf]))].map(async ([id, leaf]) => {
    const content = await signed.recall(leaf);
    return content === undefined ? [] : [[id, content] as const];
  });
  return new Map((await Promise.all(recalled)).flat());
}

/** The name that an uncovered name can be mistaken for, as an object to spread into an answer. */
export function lookAlikeIn({ rules }: Evidence, text: string): { readonly lookAlike?: LookAlike } {
  const lookAlike = lookAlikeOf(text, namedIn(rules));
  return lookAlike === undefined ? {} : { lookAlike };
}

export function coverageOf({ rules }: Pick<Evidence, 'rules'>, repository: string): readonly Coverage[] {
  return coveringRules(rules, repository);
}

/** Which of these ledgers can decide about a repository: those that the deciding rules name, or home where none covers it. */
export function decidingOf<T extends { readonly key: LedgerKey | undefined }>(
  ledgers: readonly [T, ...T[]],
  rules: readonly RuleSource[],
  repository: string,
): readonly T[] {
  const named = ledgersOf(coveringRules(rules, repository));
  const [home] = ledgers;
  // As long as it is not known which one home is, any rule can be about it.
  const isHomeNamed = named.length === 0 || (home.key === undefined && named.some((key) => !isFollowed(ledgers, key)));
  return ledgers.filter((each) =>
    each === home && isHomeNamed ? true : each.key !== undefined && named.includes(each.key),
  );
}

function isFollowed(ledgers: readonly { readonly key: LedgerKey | undefined }[], key: LedgerKey): boolean {
  return ledgers.some((each) => each.key === key);
}

function leavesOf({ attestations }: History): readonly Leaf[] {
  return attestations.flatMap(({ body }) => (body.type === 'statement' ? body.statement.leaves : []));
}
