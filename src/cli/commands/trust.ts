import * as l10n from '@vscode/l10n';
import { qrLines } from '../../adapters/qr/qrCode';
import { hasWrongChecksum } from '../../core/checksumAddress';
import { DaoChainError } from '../../core/errors';
import { walletPublisher } from '../../core/hex';
import { parseReference } from '../../core/image/reference';
import type { KnownLedgers } from '../../core/ledger/knownLedgers';
import { ledgerKey, type LedgerKind, type NamedLedger } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import { isSameRule, leastLevel, neighboursOf } from '../../core/trust/ruleChange';
import { canBeEnforced, parseRule, type RuleLevel, type TrustRule } from '../../core/trust/rules';
import { parseTrustLink, publisherText, trustLink, type TrustLink } from '../../core/trust/trustLink';
import { requireFollowed } from '../../services/ledger/ledger';
import { readSigners } from '../../services/trust/ruleSigners';
import { neighbourLines, ruleLines, sharedSignerLines, warningLines } from '../../words/ruleText';
import { tryRule } from '../../services/trust/ruleTrial';
import { trialLines } from '../../words/trialText';
import { defineCommand, type Invocation } from '../command';
import { exitCodeOf, exitCodes } from '../exitCodes';
import { publisherOption, readPublisher } from '../publisher';
import { readRules, RuleFile } from '../ruleFile';
import { withSession, type Session } from '../session';
import { UsageError } from '../usageError';
import { judgedJson } from '../verdictJson';
import { onlyHereText } from '../../words/ledgerText';
import type { RuleTrial } from '../../core/plans/ruleTrial';

/** What a rule is made of. */
const ruleOptions = {
  publisher: {
    type: 'string',
    value: 'ID',
    multiple: true,
    help: () => l10n.t('whom to trust: an ID of 32 bytes or a wallet address; repeat it to add others'),
  },
  for: {
    type: 'string',
    value: 'PATTERN',
    help: () => l10n.t('about which repositories, as in registry.example.com/team/*'),
  },
  accept: { type: 'string', value: 'publish|vouch', help: () => l10n.t('what counts; publish unless given') },
  threshold: {
    type: 'string',
    value: 'N',
    help: () => l10n.t('how many of the publishers must agree; 1 unless given'),
  },
} as const;

const levelOption = {
  level: {
    type: 'string',
    value: 'enforce|warn',
    help: () => l10n.t('how strictly; enforce unless given, and warn on a development ledger'),
  },
} as const;

type RuleValues = Invocation<typeof ruleOptions>['values'];

export const trustList = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { values, terminal } = invocation;
      const rules = await readRules(values.rules, session.folder, invocation.signal);
      const own = await new RuleFile(values.rules, session.folder).read();
      const isOwn = (rule: TrustRule): boolean => own.some((each) => isSameRule(each, rule));
      const listed = [...own, ...rules.filter((rule) => !isOwn(rule))].map((rule, index) => ({ rule, index }));
      if (values.json === true) {
        const json = listed.map(({ rule, index }) => ({
          ...(isOwn(rule) && { number: index + 1 }),
          source: isOwn(rule) ? 'command' : 'editor',
          ...rule,
        }));
        terminal.printJson({ rules: json });
        return exitCodes.done;
      }
      const known = await knownOf(session, rules, invocation);
      for (const { rule, index } of listed) {
        terminal.print(isOwn(rule) ? `${index + 1}` : l10n.t('in the settings of the editor'));
        for (const line of ruleLines(rule, known, l10n)) terminal.print(`  ${line}`);
      }
      if (listed.length === 0) terminal.say(l10n.t('You trust nobody yet. Next: {0}', 'daochain trust add --help'));
      return exitCodes.done;
    }),
});

export const trustAdd = defineCommand({
  usage: '[LINK]',
  words: [0, 1],
  options: {
    ...ruleOptions,
    ...levelOption,
    yes: { type: 'boolean', short: 'y', help: () => l10n.t('do not ask; trust whom the link names') },
  },
  notes: () =>
    l10n.t(
      'The rule is written to DIR/trust.local.json, or to the file of --rules. Rules of the editor stay as they are.',
    ),
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { values, positionals, terminal, signal } = invocation;
      const [text] = positionals;
      const place = text === undefined ? await requireHome(session) : undefined;
      const asked = place === undefined ? readLink(text ?? '', values) : draftOf(values, place);
      const { kind } = place ?? (await requireFollowed(session.followed, asked.ledger));
      const rules = await readRules(values.rules, session.folder, invocation.signal);
      const rule = { ...asked, level: levelOf(values.level, asked, rules, kind, text !== undefined) };
      const known = await knownOf(session, [rule, ...rules], invocation);
      const signers = await readSigners(rule, session.followed, terminal.log, signal);
      const shared = sharedSignerLines(rule, signers, known, l10n);
      if (text !== undefined && values.yes !== true) {
        if (!terminal.isInteractive)
          throw new UsageError(l10n.t('There is no terminal to confirm the link. Use --yes.'));
        const lines = [
          ...warningLines(rule, rules, l10n),
          ...shared,
          ...ruleLines(rule, known, l10n),
          ...neighbourLines(rule, rules, known, l10n),
        ];
        for (const line of lines) terminal.say(line);
        if (!(await terminal.confirm(l10n.t('Trust them?'), signal)))
          throw new DaoChainError('cancelled', 'The rule was not confirmed');
      }
      if (text === undefined || values.yes === true) for (const line of shared) terminal.say(line);
      const file = new RuleFile(values.rules, session.folder);
      const own = await file.read();
      if (!own.some((each) => isSameRule(each, rule))) await file.write([...own, rule]);
      if (values.json === true) terminal.printJson({ rule, file: file.path });
      else
        for (const line of [...ruleLines(rule, known, l10n), l10n.t('Written to {0}', displayText(file.path))])
          terminal.print(line);
      return exitCodes.done;
    }),
});

export const trustRemove = defineCommand({
  usage: 'NUMBER',
  words: [1, 1],
  options: {},
  notes: () => l10n.t('NUMBER is that of "daochain trust list". Rules of the editor are removed in the editor.'),
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { values, positionals, terminal } = invocation;
      const file = new RuleFile(values.rules, session.folder);
      const own = await file.read();
      const rule = await ownRule(positionals[0] ?? '', values.rules, session.folder);
      await file.write(own.filter((each) => !isSameRule(each, rule)));
      if (values.json === true) terminal.printJson({ removed: rule, file: file.path });
      else for (const line of ruleLines(rule, await session.names.ledgers(), l10n)) terminal.print(line);
      return exitCodes.done;
    }),
});

export const trustTry = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {
    ...ruleOptions,
    ...levelOption,
    without: {
      type: 'string',
      value: 'NUMBER',
      help: () => l10n.t('show the verdict without this rule of "daochain trust list"'),
    },
  },
  notes: () => l10n.t('The exit code is that of the verdict that the rule leads to.'),
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { values, positionals, terminal, signal } = invocation;
      const [text = ''] = positionals;
      parseReference(text);
      const trial = await trialOf(values, session, values.rules, invocation.signal);
      const tried = await tryRule(session.verification, { text }, trial, signal);
      const known = await knownOf(session, [trial.rule], invocation);
      if (values.json === true)
        terminal.printJson({ ...trial, now: judgedJson(tried.now), then: judgedJson(tried.then) });
      else for (const line of trialLines(tried, trial, known, l10n)) terminal.print(line);
      return exitCodeOf([tried.then.verdict]);
    }),
});

export const trustLinkCommand = defineCommand({
  usage: '',
  words: [0, 0],
  options: {
    ...publisherOption,
    for: ruleOptions.for,
    accept: ruleOptions.accept,
    qr: { type: 'boolean', help: () => l10n.t('print its QR code too') },
  },
  notes: () =>
    l10n.t('A link contains nothing secret. Tell others your ID in another way as well, so that they can compare it.'),
  run: (invocation) =>
    withSession(invocation, async (session) => {
      const { values, terminal } = invocation;
      const { state } = session.wallet;
      const publisher =
        readPublisher(values.publisher, process.env) ??
        (state.status === 'none' ? undefined : walletPublisher(state.address));
      if (publisher === undefined) throw new DaoChainError('walletMissing', 'There is no wallet');
      const here = await requireHome(session);
      const draft = draftOf({ ...values, publisher: [publisher] }, here);
      const link = trustLink(draft);
      const onlyHere = onlyHereText(here.kind, l10n);
      if (onlyHere !== undefined) terminal.say(onlyHere);
      if (values.json === true) terminal.printJson({ link, publisher: publisherText(publisher) });
      else {
        terminal.print(link);
        if (values.qr === true) for (const line of await qrLines(link)) terminal.print(line);
      }
      return exitCodes.done;
    }),
});

// --- parts -----------------------------------------------------------------------------------------------------------

/** `ruleInvalid` says what is wrong with it. */
function draftOf(values: RuleValues, here: NamedLedger): TrustLink {
  const { publisher: publishers = [], for: repositories, accept = 'publish', threshold = '1' } = values;
  if (repositories === undefined || publishers.length === 0)
    throw new UsageError(l10n.t('Specify whom to trust with --publisher, and for which repositories with --for.'));
  if (accept !== 'publish' && accept !== 'vouch')
    throw new UsageError(l10n.t('{0} takes {1}.', '--accept', ruleOptions.accept.value));
  const misspelt = publishers.find((text) => hasWrongChecksum(text.trim()));
  if (misspelt !== undefined)
    throw new UsageError(
      l10n.t('This address contains a typing error: the case of its letters does not match its checksum.'),
    );
  const ledger = ledgerKey(here.ledger);
  return parseRule({ ledger, repositories, publishers, accept, threshold: Number(threshold) });
}

function readLink(text: string, { publisher, for: pattern, accept, threshold }: RuleValues): TrustLink {
  if ([publisher, pattern, accept, threshold].some((value) => value !== undefined))
    throw new UsageError(l10n.t('A trust link already contains all of that. Leave out the other options.'));
  return parseTrustLink(text);
}

/** As strictly as was asked for; no link makes less strict what is enforced now. */
function levelOf(
  given: string | undefined,
  asked: TrustLink,
  rules: readonly TrustRule[],
  kind: LedgerKind,
  isLink: boolean,
): RuleLevel {
  if (!canBeEnforced(kind)) {
    if (given === 'enforce')
      throw new UsageError(
        kind === 'development'
          ? l10n.t('On a development ledger a rule can only warn.')
          : l10n.t('On a ledger without witnesses, final by depth only, a rule can only warn.'),
      );
    return 'warn';
  }
  if (given === undefined) return 'enforce';
  if (given !== 'enforce' && given !== 'warn')
    throw new UsageError(l10n.t('{0} takes {1}.', '--level', levelOption.level.value));
  if (isLink && given === 'warn' && leastLevel(neighboursOf(asked, rules)) === 'enforce')
    throw new UsageError(l10n.t('A rule for some of these repositories is enforced, so this one is enforced too.'));
  return given;
}

async function trialOf(
  values: RuleValues & { readonly level?: string; readonly without?: string },
  session: Session,
  file: string | undefined,
  signal: AbortSignal,
): Promise<RuleTrial> {
  const { folder } = session;
  if (values.without !== undefined) return { change: 'removed', rule: await ownRule(values.without, file, folder) };
  const here = await requireHome(session);
  const [draft, rules] = [draftOf(values, here), await readRules(file, folder, signal)];
  return { change: 'added', rule: { ...draft, level: levelOf(values.level, draft, rules, here.kind, false) } };
}

/** A rule of this command's, by its number in the list. */
async function ownRule(number: string, file: string | undefined, folder: string): Promise<TrustRule> {
  const own = await new RuleFile(file, folder).read();
  const rule = /^[1-9][0-9]{0,5}$/.test(number) ? own[Number(number) - 1] : undefined;
  if (rule === undefined) throw new UsageError(l10n.t('There is no rule {0}.', displayText(number)));
  return rule;
}

/** Of a rule that is typed. `nodeUnavailable` where there is no network yet. */
async function requireHome({ followed }: Session): Promise<NamedLedger> {
  const known = await followed.home.identify();
  if (known === undefined)
    throw new DaoChainError('nodeUnavailable', 'There is no network yet', { details: { reason: 'notRunning' } });
  return known;
}

/** The followed ledgers, with what organizations call themselves as far as nodes are there to tell it. */
function knownOf({ names }: Session, rules: readonly TrustRule[], { signal }: Invocation): Promise<KnownLedgers> {
  return names.ledgersOf(rules, signal);
}
