import { isDigest } from '../core/image/digest';
import { formatPlatform } from '../core/image/platform';
import type { Attestation, PublisherId } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { kindText } from './attestationText';
import type { Comparison } from '../core/judging/comparison';
import { displayText } from '../core/displayText';
import { isCompared, verdictBasis, verdictLabel } from './verdictText';
import type { TrustRule } from '../core/trust/rules';
import { sidesLabel, sidesNextStep, sidesReason } from './sidesText';
import type { Item, Section, SectionedText } from './sectionedText';
import { indexLines, leafLines, leafTitle, revocationText } from './statementText';
import type { Change, Supposed } from '../core/judging/suppositions';
import { ageText, dateText, timeText } from './timeText';
import type { Match } from '../core/judging/verdict';
import type { DecidingRule, RuleVoice, Unasked, Why, WhyEntry, WhyHistory, WhySource } from '../core/judging/why';
import { publisherLabel, wholePublisher } from './publisherText';
import { list, sentences } from './listText';
import { registryFailureText } from './registryText';
import type { JudgedSides } from '../core/judging/imageAnswer';

interface Words {
  /** What organizations call themselves. Anybody takes any name, so none is shown without the id. */
  readonly names: ReadonlyMap<PublisherId, string>;
  /** The host that only reports what the ledger says, where it is no node of the reader's. */
  readonly reportedBy?: string | undefined;
  readonly l10n: Localizer;
}

/** Another ledger that rules name, what organizations call themselves there, and whose word it is. */
export interface OtherLedger extends Pick<Words, 'names' | 'reportedBy'> {
  readonly why: Why;
}

/**
 * Why an image has the verdict that it has, by the ledger that decided and the `others` that rules name: for people,
 * everything of strangers escaped. `text` as it was asked for.
 */
export function whyText(
  why: Why,
  judged: JudgedSides & { readonly text: string },
  words: Words,
  others: readonly OtherLedger[] = [],
): SectionedText {
  const { l10n } = words;
  return {
    title: l10n.t('{0}: {1}', displayText(judged.text), sidesLabel(judged, l10n)),
    sections: [
      verdictSection(why, judged, words),
      rulesSection(why, words),
      ledgerSection(why, words),
      ...others.map(({ why: other, names, reportedBy }) => otherLedgerSection(other, { ...words, names, reportedBy })),
      checksSection(why, words),
      changesSection(why, words),
    ],
  };
}

function line(...parts: readonly (string | undefined)[]): readonly Item[] {
  return parts.flatMap((text) => (text === undefined ? [] : { text }));
}

/** In full, because a rule names the whole of it. */
function fullPublisher(publisher: PublisherId, { names, l10n }: Words): string {
  return wholePublisher(publisher, l10n, names.get(publisher));
}

function shortPublisher(publisher: PublisherId, { names, l10n }: Words): string {
  return publisherLabel(publisher, l10n, names.get(publisher));
}

// --- the verdict -----------------------------------------------------------------------------------------------------

function verdictSection(
  { verdict, name, asked: { local, registry, names } }: Why,
  judged: JudgedSides & { readonly text: string },
  { l10n }: Words,
): Section {
  const other =
    local ?? ('verdict' in registry && registry.verdict.kind !== verdict.kind ? registry.verdict : undefined);
  const label = other && verdictLabel(other, l10n);
  return {
    title: l10n.t('Verdict'),
    items: line(
      l10n.t('{0}. {1}', sidesLabel(judged, l10n), sidesReason(judged, l10n)),
      verdict.kind === 'verified' ? undefined : sidesNextStep(judged, l10n, !isDigest(judged.text)),
      label && (local !== undefined ? l10n.t('Local image: {0}.', label) : l10n.t('In the registry: {0}.', label)),
      names > 1
        ? l10n.t(
            'A digest without a tag is judged under each of the {0} names that it could stand for; {1} decided.',
            names,
            displayText(`${name.repository}:${name.tag}`),
          )
        : undefined,
    ),
  };
}

// --- rules -----------------------------------------------------------------------------------------------------------

function rulesSection(why: Why, words: Words): Section {
  const { l10n } = words;
  const { sources, elsewhere, name } = why;
  const uncovered = [
    l10n.t('No rule covers {0} here, so this image cannot become verified.', displayText(name.repository)),
    l10n.t('A rule names repositories, a ledger and the publishers to trust. {0}', idText(l10n)),
  ];
  return {
    title: l10n.t('Which rule decides'),
    items: [
      ...(sources.length === 0 ? line(...uncovered) : sources.map((source) => sourceItem(source, words))),
      ...(sources.length > 1 ? line(l10n.t('All of them must be satisfied.')) : []),
      ...elsewhere.map((rule) => ({
        text: l10n.t('Applies to another ledger only: the rule for {0}.', displayText(rule.repositories)),
      })),
    ],
  };
}

function idText(l10n: Localizer): string {
  return l10n.t('Get its ID from the publisher itself, never from what is shown here.');
}

function sourceItem({ source, isSatisfied, deciding, lessSpecific }: WhySource, words: Words): Item {
  const { l10n } = words;
  const { folder } = source;
  const who =
    source.origin === 'user'
      ? l10n.t('Your own rules')
      : folder === undefined
        ? l10n.t('The policy file that you named')
        : l10n.t('The policy file that you accepted for {0}', displayText(folder));
  return {
    text: isSatisfied ? l10n.t('{0}: satisfied.', who) : l10n.t('{0}: not satisfied.', who),
    items: [
      ...deciding.map((rule) => ruleItem(rule, words)),
      ...(deciding.length > 1 ? line(l10n.t('Any one of these rules is enough.')) : []),
      ...lessSpecific.map((rule) => ({
        text: l10n.t('Matches too and is less specific: the rule for {0}.', displayText(rule.repositories)),
      })),
    ],
  };
}

function ruleItem({ rule, accepted, needed, publishers, voices }: DecidingRule, words: Words): Item {
  const { l10n } = words;
  return {
    text: sentences([acceptText(rule, l10n), levelText(rule, l10n)], l10n),
    items: [
      ...voices.map((voice) => ({
        text: l10n.t('{0}: {1}', fullPublisher(voice.publisher, words), saysText(voice, l10n)),
        // Whose statement it is matters where several publishers must agree.
        ...(rule.threshold > 1 && {
          items: voice.signers.map((signer) => ({ text: l10n.t('signed by {0}', signer) })),
        }),
      })),
      ...line(
        l10n.t('{0} of {1} count for this image.', accepted, needed),
        publishers > accepted
          ? l10n.t('{0} publishers state it, but a wallet that signs for several of them counts once.', publishers)
          : undefined,
      ),
    ],
  };
}

function acceptText({ accept, repositories, threshold }: TrustRule, l10n: Localizer): string {
  const pattern = displayText(repositories);
  return accept === 'publish'
    ? l10n.t('For {0}, published by at least {1} of those below.', pattern, threshold)
    : l10n.t('For {0}, vouched for by at least {1} of those below.', pattern, threshold);
}

function levelText({ level, maximumViewAgeSeconds: age }: TrustRule, l10n: Localizer): string {
  const text = level === 'enforce' ? l10n.t('The rule enforces.') : l10n.t('The rule warns.');
  const limit = age === undefined ? undefined : l10n.t('What is read may be at most {0} old.', ageText(age, l10n));
  return sentences([text, limit], l10n);
}

function saysText({ says, counts }: RuleVoice, l10n: Localizer): string {
  switch (says) {
    case 'this':
      return counts ? l10n.t('states this content.') : l10n.t('stated this content; the validity has passed.');
    case 'soon':
      return l10n.t('states this content; it is not final yet.');
    case 'revoked':
      return l10n.t('stated this content, and it is revoked.');
    case 'superseded':
      return l10n.t('stated this content once, and other content since.');
    case 'other':
      return l10n.t('states other content.');
    case 'elsewhere':
      return l10n.t('states other platforms only.');
    case 'nothing':
      return l10n.t('states nothing under this name.');
    case 'unclear':
    case 'unheard':
    case undefined:
      return l10n.t('could not be read.');
  }
}

// --- the ledger ------------------------------------------------------------------------------------------------------

function ledgerSection(why: Why, words: Words): Section {
  const { l10n } = words;
  const { histories, omittedStrangers, verdict, isComplete } = why;
  return {
    title: l10n.t('What the ledger says under this name'),
    items: [
      ...line(
        histories.length > 0 ? undefined : emptyText(verdict.asOf !== undefined, isComplete, l10n),
        histories.length > 0 && !isComplete ? l10n.t('The ledger has not been read completely.') : undefined,
      ),
      ...histories.map((history) => historyItem(history, why, words)),
      ...(omittedStrangers > 0
        ? line(l10n.t('Publishers whom no rule names and who are not shown: {0}.', omittedStrangers))
        : []),
    ],
  };
}

function emptyText(isRead: boolean, isComplete: boolean, l10n: Localizer): string {
  if (!isRead) return l10n.t('The ledger was not read.');
  return isComplete
    ? l10n.t('The ledger holds nothing under this name.')
    : l10n.t('Nothing has been found so far. {0}', l10n.t('The ledger has not been read completely.'));
}

function historyItem(history: WhyHistory, why: Why, words: Words): Item {
  const { l10n } = words;
  const { isChecked, omitted, entries } = history;
  return {
    text: historyTitle(history, words),
    items: [
      ...(omitted > 0 ? line(l10n.t('Older entries that are not shown: {0}.', omitted)) : []),
      ...entries.map((entry) => entryItem(entry, why, words)),
      ...line(
        isChecked
          ? l10n.t('These are all the entries, in this order: their hash is the one in the contract.')
          : l10n.t('Not compared with the contract: entries may be missing.'),
      ),
    ],
  };
}

function historyTitle({ publisher, isAccepted, isOfContent }: WhyHistory, words: Words): string {
  const { l10n } = words;
  const who = fullPublisher(publisher, words);
  if (isOfContent) return l10n.t('{0}, whom a rule names, about this content under every name', who);
  return isAccepted ? l10n.t('{0}, whom a rule names', who) : l10n.t('{0}, whom no rule names', who);
}

function entryItem(told: WhyEntry, { needed, image }: Why, { l10n }: Words): Item {
  const { entry, confirmations, isFinal, voidSince, comparison, carried, takenBackBy } = told;
  const { signer, transaction, validUntil } = entry;
  return {
    text: `#${entry.position} ${kindText(entry, l10n)}`,
    items: [
      ...line(
        comparison && comparisonText(comparison, image?.source === 'inspect', l10n),
        carried && carriedText(carried, l10n),
        entry.body.type === 'malformed' ? l10n.t('of a form that this version does not read') : undefined,
        ...revocationLines(told, l10n),
        takenBackBy && l10n.t('Revoked by #{0}.', takenBackBy.position),
        voidSince === undefined
          ? undefined
          : entry.kind === 'revoke'
            ? l10n.t('Its signer has been revoked since block {0}; the revocation stays in force.', voidSince)
            : l10n.t('Has no effect: its signer has been revoked since block {0}.', voidSince),
        isFinal
          ? l10n.t('Final: {0} confirmations.', confirmations)
          : l10n.t('Not final yet: {0} of {1} confirmations.', confirmations, needed),
        l10n.t('block {0}, {1}', entry.block, timeText(entry.time)),
        l10n.t('signed by {0}', signer),
        l10n.t('transaction {0}', transaction),
        validUntil === 0 ? undefined : l10n.t('valid until {0}', timeText(validUntil)),
      ),
      ...statementItems(entry, l10n),
    ],
  };
}

function comparisonText(comparison: Comparison, isPrinted: boolean, l10n: Localizer): string {
  switch (comparison.relation) {
    case 'same':
      return sameText(comparison.match, comparison.differences, l10n);
    case 'other':
      if (isPrinted) return l10n.t('States something other than what the engine prints for this image.');
      return comparison.differences.length === 0
        ? l10n.t('States other content.')
        : l10n.t('States other content. What differs: {0}.', list(comparison.differences, l10n));
    case 'undecided':
      return l10n.t('Parts were lost in a conversion, and which ones is not known.');
    case 'elsewhere':
      return l10n.t('States nothing about this platform.');
  }
}

function carriedText({ from, stands }: NonNullable<WhyEntry['carried']>, l10n: Localizer): string {
  if (from === undefined)
    return l10n.t('Only carried forward, and no signer in good standing has stated it, so it states nothing.');
  return stands
    ? l10n.t('Carried forward from #{0}, and valid only as long as that entry is.', from)
    : l10n.t('Carried forward from #{0}, which has been revoked since, so it states nothing.', from);
}

function sameText(match: Match, lost: readonly string[], l10n: Localizer): string {
  switch (match) {
    case 'exact':
      return l10n.t('States exactly this image.');
    case 'content':
      return l10n.t('States this content; its digest differs or was not compared.');
    case 'equivalent':
      return l10n.t('States this content before a conversion. Lost: {0}.', list(lost, l10n));
  }
}

function revocationLines({ entry: { body }, names }: WhyEntry, l10n: Localizer): readonly string[] {
  if (body.type !== 'revocation') return [];
  const { reason, note } = body.revocation;
  const taken = names?.map((position) => `#${position}`);
  return [
    taken === undefined
      ? l10n.t('Revokes this content under every name: {0}.', revocationText(reason, l10n))
      : taken.length === 0
        ? l10n.t('Revokes nothing that is listed here: {0}.', revocationText(reason, l10n))
        : l10n.t('Revokes {0}: {1}.', list(taken, l10n), revocationText(reason, l10n)),
    ...(note === '' ? [] : [l10n.t('note: {0}', displayText(note))]),
  ];
}

function statementItems({ body }: Attestation, l10n: Localizer): readonly Item[] {
  if (body.type !== 'statement') return [];
  return [
    ...body.statement.leaves.map((leaf) => ({
      text: leafTitle(leaf),
      items: line(...leafLines(leaf, l10n)),
    })),
    ...line(...indexLines(body.statement, l10n)),
  ];
}

/** Its rules, its entries and what would change there, in one section. */
function otherLedgerSection(why: Why, words: Words): Section {
  const { l10n } = words;
  const { network, ledger = '', missing, sources, changes } = why;
  return {
    title: l10n.t('On another ledger that a rule names: {0}', displayText(network ?? ledger)),
    items: [
      ...line(
        l10n.t('Ledger: {0}', ledger),
        missing === 'ledgerNotFollowed'
          ? l10n.t('It is not followed here. Join its network, or remove or change the rule that names it.')
          : missing === undefined
            ? undefined
            : l10n.t('It does not answer, or was not read completely.'),
      ),
      ...sources.map((source) => sourceItem(source, words)),
      ...(missing === undefined ? ledgerSection(why, words).items : []),
      ...changes.map((change) => ({ text: changedVerdictText(change, words) })),
    ],
  };
}

// --- checks ----------------------------------------------------------------------------------------------------------

function checksSection(why: Why, words: Words): Section {
  const { l10n } = words;
  const { verdict, asked, ledger } = why;
  const { engine, registry } = asked;
  return {
    title: l10n.t('What was checked, and what was not'),
    items: line(
      imageText(why, l10n),
      verdictBasis(verdict, l10n),
      uncheckedText(why, l10n),
      ...viewLines(why, words),
      engineText(engine, l10n),
      'digest' in registry
        ? l10n.t('The registry was asked. It has {0}.', registry.digest)
        : 'failure' in registry
          ? registryFailureText(registry.failure, l10n)
          : 'malformed' in registry
            ? l10n.t('What the registry serves could be read in more than one way.')
            : unaskedText(registry.unasked, l10n),
      ledger === undefined ? l10n.t('No ledger is known.') : l10n.t('Ledger: {0}', ledger),
    ),
  };
}

function imageText({ image }: Why, l10n: Localizer): string {
  const platform = image && displayText(formatPlatform(image.platform));
  switch (image?.source) {
    case undefined:
      return l10n.t('The image itself was not examined.');
    case 'bytes':
      return l10n.t('Identified by the bytes of its configuration, which the engine gave ({0}).', platform ?? '');
    case 'inspect':
      return l10n.t('Identified by what the engine prints; its own bytes were not read ({0}).', platform ?? '');
    case 'registry':
      return l10n.t('Identified by the configuration that the registry serves ({0}).', platform ?? '');
  }
}

function uncheckedText({ verdict }: Why, l10n: Localizer): string | undefined {
  if (!isCompared(verdict) || verdict.depth === 'rootfs') return undefined;
  return verdict.depth === 'layers'
    ? l10n.t('Not compared: the root filesystem that a container sees.')
    : l10n.t('Not compared: the bytes of the layers, and the root filesystem that a container sees.');
}

function viewLines({ verdict, now, isComplete }: Why, { reportedBy, l10n }: Words): readonly string[] {
  if (verdict.asOf === undefined) return [l10n.t('The ledger was not read.')];
  const { ahead } = verdict.asOf;
  return [
    // By how much it is ahead is told together with the block itself.
    ...(ahead === undefined ? [l10n.t('That block is {0} old.', ageText(now - verdict.asOf.time, l10n))] : []),
    ...(reportedBy === undefined ? [] : [l10n.t('As reported by {0}.', displayText(reportedBy))]),
    ...(isComplete ? [] : [l10n.t('The ledger has not been read completely.')]),
  ];
}

function engineText(engine: Why['asked']['engine'], l10n: Localizer): string {
  switch (engine) {
    case 'found':
      return l10n.t('The engine was asked and has the image.');
    case 'absent':
      return l10n.t('The engine was asked and has no such image.');
    case 'malformed':
      return l10n.t('The engine was asked; its image could be read in more than one way.');
    case 'silent':
      return l10n.t('The container engine does not answer.');
    case 'notAsked':
      return l10n.t('The engine was not asked.');
  }
}

function unaskedText(unasked: Unasked, l10n: Localizer): string {
  switch (unasked) {
    case 'engineOnly':
      return l10n.t('The registry was not asked: this is about the image of the engine.');
    case 'ledgerUnread':
      return l10n.t('The registry was not asked, because the ledger was not read.');
    case 'cannotMatter':
      return l10n.t('The registry was not asked: no rule covers the name, and nobody has stated anything under it.');
    case 'digestHere':
      return l10n.t('The registry was not asked: the engine has this very digest.');
    case 'noPlatform':
      return l10n.t('The registry was not asked: the platform is not understood.');
    case 'noName':
      return l10n.t('The registry was not asked: there is no name to ask it for.');
  }
}

// --- changes ---------------------------------------------------------------------------------------------------------

function changesSection({ changes, image, verdict }: Why, words: Words): Section {
  const { l10n } = words;
  const isKnown = image !== undefined && verdict.asOf !== undefined;
  const none = isKnown
    ? l10n.t('No single change that was tried makes a difference.')
    : l10n.t('What is missing is needed before anything else can change the verdict.');
  return {
    title: l10n.t('What would change it'),
    items: [
      ...(changes.length === 0 ? line(none) : changes.map((change) => ({ text: changedVerdictText(change, words) }))),
      ...(changes.some(({ supposed: { what } }) => what === 'accepted') ? line(idText(l10n)) : []),
    ],
  };
}

export function changedVerdictText({ supposed, then }: Change, words: Words): string {
  const { l10n } = words;
  return l10n.t('{0}: {1}.', supposedText(supposed, words), verdictLabel(then, l10n));
}

function supposedText(supposed: Supposed, words: Words): string {
  const { l10n } = words;
  switch (supposed.what) {
    case 'accepted': {
      const { publisher, kind, pattern, isNewRule } = supposed;
      const [who, where] = [fullPublisher(publisher, words), displayText(pattern)];
      if (!isNewRule) return l10n.t('If your rule for {0} named {1} too', where, who);
      return kind === 'publish'
        ? l10n.t('If a rule of yours for {0} accepted what {1} publishes', where, who)
        : l10n.t('If a rule of yours for {0} accepted what {1} vouches for', where, who);
    }
    case 'mined':
      return supposed.blocks === 1
        ? l10n.t('After one more block, if nothing else is entered')
        : l10n.t('After {0} more blocks, if nothing else is entered', supposed.blocks);
    case 'stated': {
      const who = list(
        supposed.publishers.map((publisher) => shortPublisher(publisher, words)),
        l10n,
      );
      return supposed.kind === 'publish'
        ? l10n.t('If {0} published this content', who)
        : l10n.t('If {0} vouched for this content', who);
    }
    case 'takenBack':
      return l10n.t('If {0} revoked its statement #{1}', shortPublisher(supposed.publisher, words), supposed.position);
    case 'signerRevoked':
      return l10n.t(
        'If {0} revoked its signer {1} since block {2}',
        shortPublisher(supposed.publisher, words),
        supposed.signer,
        supposed.since,
      );
    case 'ruleRemoved': {
      const pattern = displayText(supposed.rule.repositories);
      return supposed.origin === 'user'
        ? l10n.t('Without your rule for {0}', pattern)
        : l10n.t('Without the rule for {0} of the policy file', pattern);
    }
    case 'onlyWarned':
      return l10n.t('If the rules only warned');
    case 'layersCompared':
      return l10n.t('If the layers were compared, as after a pull, and matched the configuration');
    case 'ownNode':
      return l10n.t('If your own node had executed the blocks and said the same');
    case 'ledgerRead':
      return l10n.t('If the rest of the ledger were read and held nothing more');
    case 'later':
      return l10n.t('After {0}, if nothing is read until then', dateText(supposed.time - 1));
    case 'caughtUp':
      return l10n.t('If the chain were read up to now and held nothing more');
  }
}
