import type { JudgeInput, ViewedBlock, ImageUnderJudgement } from './judgeInput';
import type { ImageIdentity } from '../image/identity';
import { type Coverage, coveringRules, onLedger, type AcceptedKind } from '../trust/rules';
import type { Voice } from './voice';
import type { PublisherId, History } from '../ledger/types';
import { type Reading, read, type EntryFacts } from './reading';
import { type ContentWord, namedContents, type NamedContent, hearContent } from './contentWord';
import type { MissingPart } from './verdict';
import { contentRepository } from '../ledger/contentName';
import { hear } from './testimony';
import { isFinalAt } from '../ledger/finality';
import { voidBy } from '../ledger/signerStanding';

/** What the steps of the judge look at, and whoever explains what they found. */
export interface Hearing {
  readonly input: JudgeInput;
  /** Undefined for an image that nobody has looked into. */
  readonly identity: ImageIdentity | undefined;
  readonly isLocal: boolean;
  readonly head: ViewedBlock;
  /**
   * Unix seconds: the later of the reader's clock and the chain's, so that a slow clock cannot make an expired
   * statement valid.
   */
  readonly now: number;
  readonly coverages: readonly Coverage[];
  /** One voice for each publisher and kind of statement that the covering rules accept. */
  readonly accepted: readonly Voice[];
  /** What the same publishers say of the image's content under every name, as far as they say anything. */
  readonly contents: readonly Everywhere[];
  /** Everybody else who spoke under this name. */
  readonly strangers: readonly Voice[];
  /**
   * What a publisher's history of this name says about the image; undefined where there is no history, or nobody has
   * looked into the image.
   */
  readonly readingOf: (publisher: PublisherId) => Reading | undefined;
}

export interface Everywhere {
  readonly publisher: PublisherId;
  readonly word: Exclude<ContentWord, { says: 'nothing' }>;
}

/**
 * Everything that was stated about an image; undefined where nobody knows what the image is, or the chain was never
 * read.
 */
export function hearingOf(input: JudgeInput): Hearing | undefined {
  const { image, view } = input;
  if ('missing' in image || view.head === undefined) return undefined;
  return openHearing(input, image, view.head, coverageIn(input));
}

/** The rules that decide on the ledger of the view. */
export function coverageIn({ rules, reference, view }: JudgeInput): readonly Coverage[] {
  return onLedger(coveringRules(rules, reference.repository), view.ledger);
}

export function openHearing(
  input: JudgeInput,
  image: Exclude<ImageUnderJudgement, { missing: MissingPart }>,
  head: ViewedBlock,
  coverages: readonly Coverage[],
): Hearing {
  const identity = 'identity' in image ? image.identity : undefined;
  const rules = coverages.flatMap((coverage) => coverage.rules);
  const trusted = { publish: trustedFor('publish'), vouch: trustedFor('vouch') };
  const histories = new Map(historiesOf(input).map((history) => [history.publisher, history]));
  const facts = entryFacts(input, head);
  const readings = new Map<PublisherId, Reading>();
  const isRead = ({ publisher, attestations }: History): boolean =>
    [...new Set(attestations.map(({ signer }) => signer))].every(
      (signer) => input.slotOf(publisher, signer) !== undefined,
    );

  const publishers = [...new Set([...trusted.publish, ...trusted.vouch])].sort();
  const accepted = publishers
    .flatMap((publisher) => (['publish', 'vouch'] as const).map((kind) => ({ publisher, kind })))
    .filter(({ publisher, kind }) => trusted[kind].has(publisher))
    .map(voiceOf);
  const contents =
    identity &&
    namedContents(identity, [
      ...publishers.flatMap((publisher) => histories.get(publisher) ?? []),
      ...(input.declaredElsewhere ?? []).filter((history) => isOfName(history, input)),
    ]);
  const contentHistories = new Map(
    input.contentHistories
      .filter(({ repository }) => repository === contentRepository)
      .map((history) => [`${history.publisher} ${history.tag}`, history]),
  );
  let strangers: readonly Voice[] | undefined;
  return {
    input,
    identity,
    head,
    coverages,
    accepted,
    readingOf,
    isLocal: 'identity' in image && image.origin === 'local',
    now: Math.max(input.now, head.time),
    contents: publishers.flatMap(everywhereOf),
    // Strangers are read only when a verdict comes to need them: anybody can be a stranger, so there may be any number
    // of them.
    get strangers() {
      strangers ??= [...histories.keys()]
        .sort()
        .flatMap((publisher) => (['publish', 'vouch'] as const).map((kind) => ({ publisher, kind })))
        .filter(({ publisher, kind }) => !trusted[kind].has(publisher))
        .map(strangerOf);
      return strangers;
    },
  };

  function trustedFor(kind: AcceptedKind): ReadonlySet<PublisherId> {
    return new Set(rules.flatMap((rule) => (rule.accept === kind ? rule.publishers : [])));
  }

  /** Once for both kinds of statements. */
  function readingOf(publisher: PublisherId): Reading | undefined {
    const history = histories.get(publisher);
    if (history === undefined || identity === undefined) return undefined;
    const reading = readings.get(publisher) ?? read(history, identity, facts, input.contentOf);
    readings.set(publisher, reading);
    return reading;
  }

  function voiceOf({ publisher, kind }: Pick<Voice, 'publisher' | 'kind'>): Voice {
    return { publisher, kind, testimony: testimonyOf(publisher, kind) };
  }

  function testimonyOf(publisher: PublisherId, kind: AcceptedKind): Voice['testimony'] {
    const history = histories.get(publisher);
    const isKnown = input.view.isChecked(publisher) && (history === undefined || isRead(history));
    if (!isKnown) return { says: 'unclear', missing: 'ledgerIncomplete' };
    if (history === undefined) return { says: 'nothing' };
    const reading = readingOf(publisher);
    return reading === undefined ? { says: 'unclear', missing: 'configBytes' } : hear(reading, kind);
  }

  /** Where a rule covers the repository, what a stranger says of other content cannot matter. */
  function strangerOf(speaker: Pick<Voice, 'publisher' | 'kind'>): Voice {
    const history = histories.get(speaker.publisher);
    const isHeard =
      coverages.length === 0 || (history !== undefined && identity !== undefined && mentions(history, identity));
    return isHeard ? voiceOf(speaker) : { ...speaker, testimony: { says: 'unheard' } };
  }

  function everywhereOf(publisher: PublisherId): readonly Everywhere[] {
    if (contents === undefined) return [{ publisher, word: { says: 'unclear', missing: 'configBytes' } }];
    return contents.flatMap((content) => {
      const word = wordOn(content, publisher);
      return word.says === 'nothing' ? [] : [{ publisher, word }];
    });
  }

  function wordOn(content: NamedContent, publisher: PublisherId): ContentWord {
    const history = contentHistories.get(`${publisher} ${content.tag}`);
    const isKnown = input.isContentChecked(publisher, content.tag) && (history === undefined || isRead(history));
    if (!isKnown) return { says: 'unclear', missing: 'ledgerIncomplete' };
    return history === undefined ? { says: 'nothing' } : hearContent(history, content, facts);
  }
}

/**
 * Whether a history may state the image's content. The check is cheap, because anybody may have written the history.
 */
function mentions({ attestations }: History, { fingerprint, indexDigest }: ImageIdentity): boolean {
  return attestations.some(
    ({ body }) =>
      body.type === 'statement' &&
      (body.statement.leaves.some((leaf) => leaf.fingerprint === fingerprint) ||
        (indexDigest !== undefined && body.statement.indexDigest === indexDigest)),
  );
}

/** What the chain at `head` says about the entries of its histories. */
export function entryFacts({ view, slotOf }: JudgeInput, head: ViewedBlock): EntryFacts {
  return {
    isFinal: ({ block }) => isFinalAt(head.number, block, view.needed),
    isVoid: voidBy(slotOf),
  };
}

function historiesOf(input: JudgeInput): readonly History[] {
  return input.histories.filter((history) => isOfName(history, input));
}

export function isOfName(
  entry: { readonly repository: string; readonly tag: string },
  { reference }: JudgeInput,
): boolean {
  return entry.repository === reference.repository && entry.tag === reference.tag;
}
