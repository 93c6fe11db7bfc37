import { unsetSlot } from '../ledger/signerStanding';
import type { Address } from '../hex';
import { publisherWallet } from '../hex';
import { presentDockerFields } from '../image/equivalence';
import { isKnownByManifest, type ImageIdentity } from '../image/identity';
import { contentRepository } from '../ledger/contentName';
import type { Attestation, History, PublisherId, Statement } from '../ledger/types';
import { confirmationsAt, confirmationsNeeded } from '../ledger/finality';
import type { AcceptedKind, RuleSource, TrustRule } from '../trust/rules';
import { isWrongChain, type Verdict, type VerdictKind } from './verdict';
import type { Voice } from './voice';
import { strictestLevel, support, validMatch } from './voice';
import type { ChainView, JudgeInput, ViewedBlock } from './judgeInput';
import { type Hearing, hearingOf } from './hearing';

/** One thing that could be different while everything else stays as it is. */
export type Supposed =
  /** A rule of the reader's for `pattern` names the publisher too; a new one where none takes this kind of statement. */
  | {
      readonly what: 'accepted';
      readonly publisher: PublisherId;
      readonly kind: AcceptedKind;
      readonly pattern: string;
      readonly isNewRule: boolean;
    }
  /** So many more blocks, with nothing in them about this name. */
  | { readonly what: 'mined'; readonly blocks: number }
  /**
   * Each of these publishers of a rule states this content, by a signer who speaks for nobody else, and the statements
   * are final.
   */
  | { readonly what: 'stated'; readonly publishers: readonly PublisherId[]; readonly kind: AcceptedKind }
  /** The publisher takes its statement at `position` back, and that is final. */
  | { readonly what: 'takenBack'; readonly publisher: PublisherId; readonly position: number }
  /** The publisher revokes its signer since the block of what it states now. */
  | {
      readonly what: 'signerRevoked';
      readonly publisher: PublisherId;
      readonly signer: Address;
      readonly since: number;
    }
  | { readonly what: 'ruleRemoved'; readonly origin: RuleSource['origin']; readonly rule: TrustRule }
  /** The rules that enforce only warn. */
  | { readonly what: 'onlyWarned' }
  /** Somebody compares the layers with what the config says, and they match. */
  | { readonly what: 'layersCompared' }
  /** A node of the reader's own says the same. */
  | { readonly what: 'ownNode' }
  /** The rest of the ledger is read, and it holds nothing more about the image. */
  | { readonly what: 'ledgerRead' }
  /** It is this time (Unix seconds), and nothing was read since. */
  | { readonly what: 'later'; readonly time: number }
  /** The chain is read up to now, and there is nothing more in it. */
  | { readonly what: 'caughtUp' };

/** A changed input to the judge. The input may be of another image or name of the same judging. */
export type Suppose = (input: JudgeInput) => JudgeInput;

export interface Supposition {
  readonly supposed: Supposed;
  readonly suppose: Suppose;
}

/** What the verdict would be then. */
export interface Change {
  readonly supposed: Supposed;
  readonly then: Verdict;
}

/** How many of one kind are tried: anybody can sign under any name, and each supposition costs a judgement. */
const triedAtMost = 8;

/** Stands for the fields of an imagined entry that the judge does not look at. */
const noHash = `0x${'0'.repeat(64)}` as const;

/**
 * What is worth trying to change a verdict on this input. Empty where the judge lacked the image or the chain and so
 * never came to that point.
 */
export function suppositionsOf(input: JudgeInput): readonly Supposition[] {
  const hearing = hearingOf(input);
  if (hearing === undefined) return [];
  return [mined, stated, accepted, layersCompared, ownNode, ledgerRead, caughtUp, onlyWarned]
    .concat([takenBack, signerRevoked, later, ruleRemoved])
    .flatMap((find) => find(hearing).slice(0, triedAtMost));
}

/**
 * The suppositions that lead to another kind of verdict. Of those that follow each other in time, only those are told
 * that lead to another verdict than the one before.
 */
export function changesOf(verdict: Verdict, tried: readonly Change[]): readonly Change[] {
  const before = new Map<Supposed['what'], VerdictKind>();
  return tried.filter(({ supposed: { what }, then }) => {
    if (what !== 'mined' && what !== 'later') return then.kind !== verdict.kind;
    const isOther = then.kind !== (before.get(what) ?? verdict.kind);
    before.set(what, then.kind);
    return isOther;
  });
}

// --- the chain goes on -----------------------------------------------------------------------------------------------

function mined({ input, head }: Hearing): readonly Supposition[] {
  const missing = input.histories
    .flatMap(({ attestations }) => attestations.map(({ block }) => final(input) - confirmationsAt(head.number, block)))
    .filter((blocks) => blocks > 0);
  return inOrder(missing).map((blocks) => ({
    supposed: { what: 'mined', blocks },
    suppose: (given) => ({ ...given, view: withHead(given.view, { number: head.number + blocks }) }),
  }));
}

function later({ head, now, coverages, accepted }: Hearing): readonly Supposition[] {
  const ends = accepted.flatMap(({ testimony }) =>
    testimony.says === 'this'
      ? [testimony.until, testimony.exactUntil, ...testimony.backers.map(({ until }) => until)]
      : [],
  );
  const tooOld = maximumAges(coverages).map((age) => head.time + age);
  const isAhead = (end: number): boolean => end >= now && end !== Infinity;
  return inOrder([...ends, ...tooOld].filter(isAhead)).map((end) => ({
    supposed: { what: 'later', time: end + 1 },
    suppose: (given) => ({ ...given, now: end + 1 }),
  }));
}

function caughtUp({ input, head, coverages }: Hearing): readonly Supposition[] {
  // A chain that is ahead of the clock has nothing to catch up with.
  if (maximumAges(coverages).length === 0 || head.time > input.now) return [];
  return [
    {
      supposed: { what: 'caughtUp' },
      suppose: (given) => ({ ...given, view: withHead(given.view, { time: input.now }) }),
    },
  ];
}

// --- the view gets better --------------------------------------------------------------------------------------------

function layersCompared({ input, identity }: Hearing): readonly Supposition[] {
  if (identity === undefined || !isKnownByManifest(identity) || input.deepCheck !== undefined) return [];
  const deepCheck = { depth: 'layers', paths: [] } as const;
  return [{ supposed: { what: 'layersCompared' }, suppose: (given) => ({ ...given, deepCheck }) }];
}

function ownNode({ input }: Hearing): readonly Supposition[] {
  if (input.view.assurance === 'ownNode') return [];
  return [
    {
      supposed: { what: 'ownNode' },
      suppose: (given) => ({ ...given, view: { ...given.view, assurance: 'ownNode' } }),
    },
  ];
}

function ledgerRead({ input, head, coverages, accepted, contents }: Hearing): readonly Supposition[] {
  const isRead = input.view.state === 'complete' && (coverages.length > 0 || input.view.strangers === 'read');
  const words = [...accepted.map(({ testimony }) => testimony), ...contents.map(({ word }) => word)];
  const isHeard = !words.some((word) => word.says === 'unclear' && word.missing === 'ledgerIncomplete');
  // A chain that was rewritten is not read further: a person has to decide about it.
  const isContradicted = input.view.state === 'incomplete' && isWrongChain(input.view.missing);
  if ((isRead && isHeard) || isContradicted) return [];
  return [
    {
      supposed: { what: 'ledgerRead' },
      suppose: (given) => {
        const { ledger, ledgerKind, assurance, finality, needed } = given.view;
        return {
          ...given,
          slotOf: (publisher, signer) => given.slotOf(publisher, signer) ?? unsetSlot,
          isContentChecked: () => true,
          view: {
            ledger,
            ledgerKind,
            finality,
            assurance,
            needed,
            head,
            state: 'complete',
            isChecked: () => true,
            strangers: 'read',
          },
        };
      },
    },
  ];
}

// --- publishers speak ------------------------------------------------------------------------------------------------

function stated({ input, now, identity, coverages, accepted }: Hearing): readonly Supposition[] {
  if (identity === undefined) return [];
  const backing = validMatch(now);
  const wanted = coverages.flatMap(({ rules }) =>
    rules.flatMap((rule) => {
      const counting = new Set(
        accepted
          .filter((voice) => voice.kind === rule.accept && backing(voice).length > 0)
          .map((each) => each.publisher),
      );
      const { accepted: heard, needed, publishers } = support(rule, accepted, backing);
      // Where one key speaks for several, another key for an organization among them adds to the count.
      const silent = rule.publishers.filter(
        (publisher) => !counting.has(publisher) || (publishers > heard && publisherWallet(publisher) === undefined),
      );
      const sets = needed - heard > 1 ? [silent.slice(0, needed - heard)] : silent.map((publisher) => [publisher]);
      return sets.map((publishers) => ({ publishers, kind: rule.accept }));
    }),
  );
  const distinct = new Map(wanted.map((each) => [[each.kind, ...each.publishers].join(' '), each]));
  return [...distinct.values()].map(({ publishers, kind }) => ({
    supposed: { what: 'stated', publishers, kind },
    suppose: ofName(input, (given) =>
      publishers.reduce((then, publisher) => withStatement(then, publisher, kind, identity), given),
    ),
  }));
}

function takenBack({ input, accepted }: Hearing): readonly Supposition[] {
  return current(accepted).map((entry) => ({
    supposed: { what: 'takenBack', publisher: entry.publisher, position: entry.position },
    suppose: ofName(input, (given) =>
      withEntry(given, entry.publisher, {
        kind: 'revoke',
        body: {
          type: 'revocation',
          revocation: { statementHash: entry.statementHash, reason: 'other', note: '' },
        },
      }),
    ),
  }));
}

function signerRevoked({ head, accepted }: Hearing): readonly Supposition[] {
  return current(accepted).map(({ publisher, signer, block }) => ({
    supposed: { what: 'signerRevoked', publisher, signer, since: block },
    suppose: (given) => ({
      ...given,
      view: withHead(given.view, { number: head.number + 1 }),
      slotOf: (of, by) => {
        const slot = given.slotOf(of, by);
        if (slot === undefined || of !== publisher || by !== signer) return slot;
        return { ...slot, voidFrom: slot.voidFrom === 0 ? block : Math.min(slot.voidFrom, block) };
      },
    }),
  }));
}

/** The statements that speak for or against the image now, each once. */
function current(accepted: readonly Voice[]): readonly Attestation[] {
  const entries = accepted.flatMap(({ testimony }) => {
    if (testimony.says === 'this') return testimony.entry;
    if (testimony.says === 'soon') return testimony.promise;
    return testimony.says === 'other' || testimony.says === 'superseded' ? testimony.current : [];
  });
  return [...new Set(entries)];
}

/**
 * These histories are final, at a time when the chain is read up to now, and nothing else has happened. Each is a
 * publisher's whole history with entries of `signer` at its end; of names that are not judged they say nothing.
 */
export function supposeFinal(planned: readonly History[], signer: Address): Suppose {
  const contents = planned.filter(({ repository }) => repository === contentRepository);
  return (given) => {
    const { reference, view, now } = given;
    if (view.head === undefined) return given;
    const here = planned.filter(({ repository, tag }) => repository === reference.repository && tag === reference.tag);
    const { number, time } = view.head;
    return {
      ...given,
      histories: replaced(given.histories, here),
      contentHistories: replaced(given.contentHistories, contents),
      isContentChecked: (publisher, tag) =>
        contents.some((each) => each.publisher === publisher && each.tag === tag) ||
        given.isContentChecked(publisher, tag),
      slotOf: (of, by) => {
        const isPlanned = by === signer && planned.some(({ publisher }) => publisher === of);
        return given.slotOf(of, by) ?? (isPlanned ? unsetSlot : undefined);
      },
      view: {
        ...withHead(view, { number: number + final(given), time: Math.max(time, now) }),
        isChecked: (publisher) => here.some((each) => each.publisher === publisher) || view.isChecked(publisher),
      },
    };
  };
}

function replaced(histories: readonly History[], by: readonly History[]): readonly History[] {
  return [...histories.filter(({ key }) => !by.some((each) => each.key === key)), ...by];
}

// --- the reader's rules ----------------------------------------------------------------------------------------------

function accepted({ input, coverages, strangers }: Hearing): readonly Supposition[] {
  const { ledger } = input.view;
  if (ledger === undefined) return [];
  const deciding = coverages.find(({ origin }) => origin === 'user')?.rules ?? [];
  const pattern = deciding[0]?.repositories ?? input.reference.repository;
  // Publishers who speak for the image come first, because not everybody is tried.
  const order: Readonly<Record<Voice['testimony']['says'], number>> = {
    this: 0,
    soon: 1,
    superseded: 2,
    other: 3,
    revoked: 4,
    unclear: 5,
    unheard: 6,
    elsewhere: 7,
    nothing: 8,
  };
  const rank = ({ testimony }: Voice): number => order[testimony.says];
  return strangers
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ publisher, kind }) => {
      const fitting = deciding.filter(({ accept }) => accept === kind);
      const added: TrustRule = {
        ledger,
        repositories: pattern,
        publishers: [publisher],
        threshold: 1,
        accept: kind,
        level: 'warn',
      };
      const isNewRule = fitting.length === 0;
      return {
        supposed: { what: 'accepted', publisher, kind, pattern, isNewRule },
        suppose: (given) => ({
          ...given,
          rules: isNewRule
            ? supposingRule(given.rules, added)
            : mapRules(given.rules, (rule) =>
                fitting.includes(rule) ? { ...rule, publishers: [...rule.publishers, publisher] } : rule,
              ),
        }),
      };
    });
}

function onlyWarned({ coverages }: Hearing): readonly Supposition[] {
  if (strictestLevel(coverages) !== 'enforce') return [];
  const deciding = coverages.flatMap(({ rules }) => rules);
  return [
    {
      supposed: { what: 'onlyWarned' },
      suppose: (given) => ({
        ...given,
        rules: mapRules(given.rules, (rule) => (deciding.includes(rule) ? { ...rule, level: 'warn' } : rule)),
      }),
    },
  ];
}

function ruleRemoved({ coverages }: Hearing): readonly Supposition[] {
  return coverages.flatMap(({ origin, rules }) =>
    rules.map((rule) => ({
      supposed: { what: 'ruleRemoved', origin, rule },
      suppose: (given) => ({
        ...given,
        rules: given.rules.map((source) => ({ ...source, rules: source.rules.filter((each) => each !== rule) })),
      }),
    })),
  );
}

function mapRules(sources: readonly RuleSource[], change: (rule: TrustRule) => TrustRule): readonly RuleSource[] {
  return sources.map((source) => ({ ...source, rules: source.rules.map(change) }));
}

function supposingRule(sources: readonly RuleSource[], rule: TrustRule): readonly RuleSource[] {
  const own = sources.find(({ origin }) => origin === 'user');
  if (own === undefined) return [{ origin: 'user', rules: [rule] }, ...sources];
  return sources.map((source) => (source === own ? { ...source, rules: [...source.rules, rule] } : source));
}

// --- parts -----------------------------------------------------------------------------------------------------------

function inOrder(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function maximumAges(coverages: Hearing['coverages']): readonly number[] {
  return coverages.flatMap(({ rules }) => rules.flatMap((rule) => rule.maximumViewAgeSeconds ?? []));
}

function final({ view }: JudgeInput): number {
  return confirmationsNeeded(view.needed);
}

function withHead(view: ChainView, changes: Partial<ViewedBlock>): ChainView {
  return view.head === undefined ? view : { ...view, head: { ...view.head, ...changes } };
}

/** It says nothing about the other names that are judged at the same time. */
function ofName({ reference }: JudgeInput, suppose: Suppose): Suppose {
  return (given) =>
    given.reference.repository === reference.repository && given.reference.tag === reference.tag
      ? suppose(given)
      : given;
}

function withStatement(
  input: JudgeInput,
  publisher: PublisherId,
  kind: AcceptedKind,
  identity: ImageIdentity,
): JudgeInput {
  const { platform, fingerprint, dockerFields, configDigest, configSize, manifestDigest, indexDigest } = identity;
  const names = presentDockerFields(identity.content);
  const statement: Statement = {
    leaves: [
      {
        platform,
        fingerprint,
        dockerFields,
        // A digest that nobody knows cannot be the reason for a match.
        configDigest: configDigest ?? fingerprint,
        configSize: configSize ?? 0,
        ...(names.length > 0 && { dockerFieldNames: names }),
        ...(manifestDigest !== undefined && { manifestDigest }),
      },
    ],
    ...(indexDigest !== undefined && { indexDigest }),
  };
  return withEntry(input, publisher, { kind, body: { type: 'statement', statement } });
}

/** One more entry, by a signer in good standing who speaks for nobody else, in a block of its own that is final. */
function withEntry(input: JudgeInput, publisher: PublisherId, entry: Pick<Attestation, 'kind' | 'body'>): JudgeInput {
  const { view, reference, histories } = input;
  if (view.head === undefined) return input;
  const isIts = (history: History): boolean =>
    history.publisher === publisher && history.repository === reference.repository && history.tag === reference.tag;
  const history = histories.find(isIts) ?? { ...reference, publisher, key: noHash, word: noHash, attestations: [] };
  const signer: Address = publisherWallet(publisher) ?? newSigner(publisher);
  const added: Attestation = {
    ...reference,
    ...entry,
    publisher,
    key: noHash,
    signer,
    validUntil: 0,
    statementHash: noHash,
    position: history.attestations.length,
    block: view.head.number + 1,
    time: view.head.time,
    transaction: noHash,
  };
  return {
    ...input,
    histories: [
      ...histories.filter((each) => !isIts(each)),
      { ...history, attestations: [...history.attestations, added] },
    ],
    slotOf: (of, by) => input.slotOf(of, by) ?? (of === publisher && by === signer ? unsetSlot : undefined),
    view: withHead(view, { number: view.head.number + final(input) }),
  };
}

/** Stands for a key that nobody has: an address that only this organization could have got. */
function newSigner(publisher: PublisherId): Address {
  return `0x${publisher.slice(-40)}`;
}
