import { contentKey } from '../../core/ledger/contentName';
import type { ImageContent } from '../../core/image/identity';
import type { IndexView } from '../../core/ledger/indexView';
import type { Attestation, History, Leaf } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { LookAlike } from '../../core/trust/lookAlike';
import { lookAlikeOf, namedIn } from '../../core/trust/lookAlike';
import type { Coverage } from '../../core/trust/rules';
import { coveringRules } from '../../core/trust/rules';
import type { Verdict } from '../../core/judging/verdict';
import type { Ledger } from '../ledger/ledger';
import type { SignedContents } from './signedContents';
import type { ImageName } from '../../core/image/imageNames';
import type { JudgeInput, StrangersRead } from '../../core/judging/judgeInput';

/** Everything that verdicts depend on beside the image, at one moment: images that are judged together share it. */
export interface Evidence extends Pick<JudgeInput, 'rules' | 'ownPublishers' | 'now'> {
  readonly ledger: Ledger | undefined;
  readonly view: IndexView | undefined;
  /** Whether a node that does not answer has no room for its chain. */
  readonly isDiskFull?: boolean;
  /** Names that no rule covers and that somebody has written about, as {@link formatName} and `repository@digest`. */
  readonly spoken?: ReadonlySet<string>;
  /** Set where the names that state a digest could not be looked for. */
  readonly unread?: Exclude<StrangersRead, 'read'> | undefined;
  /** Names, as {@link formatName}, under which not all could be heard who state the images that are judged. */
  readonly leftOut?: ReadonlySet<string>;
  /** Statements of contents under other names, by fingerprint: for a hint. */
  readonly knownAs?: ReadonlyMap<string, readonly Attestation[]>;
  /** Replaces the judge, where it is set: to see the input that the judge gets, and to give it a different one. */
  readonly judge?: (input: JudgeInput) => Verdict;
}

/** By `contentKey`. */
export type Contents = ReadonlyMap<string, ImageContent>;

/** Where there is no name, only the names under which the content is also signed can be told. */
export const noName: ImageName = { repository: '', tag: '' };

export function historiesOf({ view }: Evidence, { repository, tag }: ImageName): readonly History[] {
  return view?.historiesOf(repository, tag) ?? [];
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

/** The rules of the ledger that is open, or all as long as none is. */
export function coverageOf(
  { ledger, rules }: Pick<Evidence, 'ledger' | 'rules'>,
  repository: string,
): readonly Coverage[] {
  return coveringRules(rules, repository, ledger && ledgerKey(ledger.reader.ledger));
}

function leavesOf({ attestations }: History): readonly Leaf[] {
  return attestations.flatMap(({ body }) => (body.type === 'statement' ? body.statement.leaves : []));
}
