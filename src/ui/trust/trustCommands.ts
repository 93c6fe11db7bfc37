import { env, l10n, window, type QuickPickItem } from 'vscode';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { LedgerKind } from '../../core/ledger/types';
import { ledgerIn, type KnownLedgers } from '../../core/ledger/knownLedgers';
import { ledgerKey } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import { canBeEnforced, matches, type RuleLevel, type TrustRule } from '../../core/trust/rules';
import { trustLink } from '../../core/trust/trustLink';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import { effectOf, tryRule } from '../../services/trust/ruleTrial';
import { acceptText, levelText, problemText, ruleLines, wholeWhoText } from '../../words/ruleText';
import { namedLedgerText } from '../../words/ledgerText';
import { trialLines } from '../../words/trialText';
import type { VerificationService } from '../../services/judging/verificationService';
import { tell, tellNothing } from '../notify';
import { confirmPages } from '../prompts/confirmPages';
import { pagesOf } from '../prompts/pageText';
import { withCancellableProgress } from '../prompts/progress';
import { choose, type Choice } from '../prompts/steps';
import { askReference } from '../prompts/transfer';
import type { Settings, WrittenRule } from '../settings';
import { tellCopied } from './copiedLink';
import type { TrialDocuments } from './trialDocuments';
import type { TrustPrompts } from './trustPrompts';
import { TrustNode } from '../trees/trustView';
import type { RuleTrial } from '../../core/plans/ruleTrial';

interface TrustCommandParts {
  readonly settings: Settings;
  readonly verification: VerificationService;
  readonly names: OrganizationNames;
  readonly trials: TrialDocuments;
  readonly prompts: TrustPrompts;
}

/** How long a trial waits for names, which a silent node does not tell. */
const namesTimeoutMs = 3_000;

/** The commands on the reader's rules: on a row of the *Trust* view, or on what the user picks. */
export class TrustCommands {
  constructor(private readonly parts: TrustCommandParts) {}

  /** Shows what would be lost, and asks. `cancelled`. */
  async remove(node: unknown): Promise<void> {
    const { settings } = this.parts;
    const written = await this.chooseRule(node, l10n.t('Remove Trust Rule'));
    const pages = pagesOf([await this.linesOf(written), await this.lossOf(written)]);
    await confirmPages(l10n.t('Remove this trust rule?'), pages, l10n.t('Remove'));
    requireThere(await settings.replaceTrustRule(written.value, []));
    void offerUndo(() => settings.addTrustRule(written.value));
  }

  /** Makes a rule enforce, or only warn. `cancelled`. */
  async changeLevel(node: unknown): Promise<void> {
    const { settings } = this.parts;
    const { rule, value } = await this.chooseUnderstood(node, l10n.t('Change Level'));
    const known = await this.parts.names.ledgers();
    const level = await askLevel(rule, ruleLines(rule, known, l10n), ledgerIn(known, rule.ledger)?.kind);
    requireThere(await settings.replaceTrustRule(value, [{ ...rule, level }]));
    tell(level === 'enforce' ? l10n.t('The rule enforces.') : l10n.t('The rule warns.'));
  }

  async copyLink(node: unknown): Promise<void> {
    const { rule } = await this.chooseUnderstood(node, l10n.t('Copy as Trust Link'));
    await env.clipboard.writeText(trustLink(rule));
    tellCopied(l10n.t('Trust link copied'), ledgerIn(await this.parts.names.ledgers(), rule.ledger)?.kind);
  }

  /** What a rule of the view does for an image, or what one would do that the user types. Nothing is stored. */
  async tryRule(node: unknown): Promise<void> {
    const { verification, names, trials } = this.parts;
    const title = l10n.t('Try a Trust Rule');
    const trial = node instanceof TrustNode ? await this.withoutRow(node, title) : await this.withDraft(title);
    const text = await this.askImage(title, trial.rule);
    const tried = await withCancellableProgress(title, (signal) => tryRule(verification, { text }, trial, signal));
    const known = await names.ledgersOf([trial.rule], AbortSignal.timeout(namesTimeoutMs));
    const lines = trialLines(tried, trial, known, l10n);
    await trials.open(text, `${lines.join('\n')}\n`);
  }

  // --- parts --------------------------------------------------------------------------------------------------------

  private async withoutRow(node: TrustNode, title: string): Promise<RuleTrial> {
    return { change: 'removed', rule: (await this.chooseUnderstood(node, title)).rule };
  }

  private async withDraft(title: string): Promise<RuleTrial> {
    const { place, ...draft } = await this.parts.prompts.draft(title, undefined);
    const level = canBeEnforced(place.kind) ? 'enforce' : 'warn';
    return { change: 'added', rule: { ...draft, ledger: ledgerKey(place.ledger), level } };
  }

  /** One of the engine's that the rule is about, or any other by its name. */
  private async askImage(title: string, { repositories }: TrustRule): Promise<string> {
    const other: Choice<string | undefined> = { label: `$(edit) ${l10n.t('Another image…')}`, value: undefined };
    const choices = [...(await this.images(repositories)), other];
    return (await choose({ title, placeholder: l10n.t('Choose an image'), choices })) ?? askReference(title);
  }

  private async images(pattern: string): Promise<readonly Choice<string>[]> {
    try {
      const { rows } = await this.parts.verification.judgeAll(new AbortController().signal);
      return rows.flatMap(({ reference }) =>
        reference !== undefined && matches(pattern, reference.repository)
          ? [{ label: displayText(reference.text), value: reference.text }]
          : [],
      );
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      return [];
    }
  }

  private async chooseRule(node: unknown, title: string): Promise<WrittenRule> {
    if (node instanceof TrustNode && node.row.written !== undefined) return node.row.written;
    const known = await this.parts.names.ledgers();
    const choices = this.parts.settings.writtenRules.map((written) => ({ ...itemOf(written, known), value: written }));
    if (choices.length === 0)
      tellNothing(l10n.t('There are no trust rules yet.'), {
        title: l10n.t('Trust a Publisher…'),
        command: 'daochain.addTrustRule',
      });
    return choose({ title, placeholder: l10n.t('Choose a rule'), choices });
  }

  private async chooseUnderstood(node: unknown, title: string): Promise<WrittenRule & { readonly rule: TrustRule }> {
    const { rule, ...written } = await this.chooseRule(node, title);
    if (rule === undefined) throw written.problem ?? new DaoChainError('ruleInvalid', 'The rule is not understood');
    return { ...written, rule };
  }

  private async linesOf({ rule, problem }: WrittenRule): Promise<readonly string[]> {
    if (rule !== undefined) return ruleLines(rule, await this.parts.names.ledgers(), l10n);
    return problem === undefined ? [] : [problemText(problem, l10n)];
  }

  /** What the verdicts on the local images lose without a rule; that it could not be found out is an answer too. */
  private async lossOf({ rule }: WrittenRule): Promise<readonly string[]> {
    if (rule === undefined) return [l10n.t('It has no effect as it is.')];
    const { verification } = this.parts;
    try {
      const { noLongerVerified, noLongerAlarming } = await withCancellableProgress(
        l10n.t('Reading the local images'),
        (signal) => effectOf(verification, { change: 'removed', rule }, signal),
      );
      const lines = [
        ...lossLines(noLongerVerified, (image) => l10n.t('Without it, these are no longer verified: {0}', image)),
        ...lossLines(noLongerAlarming, (image) => l10n.t('Without it, these no longer raise an alarm: {0}', image)),
      ];
      return lines.length > 0 ? lines : [l10n.t('No verdict on a local image depends on it at present.')];
    } catch (error) {
      if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
      return [l10n.t('Which images depend on it could not be determined.')];
    }
  }
}

function itemOf({ rule, problem }: WrittenRule, known: KnownLedgers): QuickPickItem {
  if (rule === undefined) {
    const description = problem === undefined ? '' : problemText(problem, l10n);
    return { label: `$(warning) ${l10n.t('A trust rule is not understood')}`, description };
  }
  const who = acceptText(rule.accept, wholeWhoText(rule, known.names(rule.ledger), l10n), l10n);
  const place = ledgerIn(known, rule.ledger);
  const where =
    known.all.length < 2 ? '' : ` · ${place === undefined ? rule.ledger : namedLedgerText(place, known, l10n)}`;
  return { label: rule.repositories, description: `${levelText(rule.level, l10n)}${where}`, detail: who };
}

/** Every image, with the sentence before the first. */
function lossLines(images: readonly string[], sentence: (first: string) => string): readonly string[] {
  const [first, ...more] = images.map(displayText);
  return first === undefined ? [] : [sentence(first), ...more.map((image) => `  ${image}`)];
}

function requireThere(isThere: boolean): void {
  if (!isThere)
    throw new DaoChainError('ruleInvalid', 'The rule is not there any more', { details: { reason: 'gone' } });
}

async function offerUndo(undo: () => Promise<void>): Promise<void> {
  const title = l10n.t('Undo');
  if ((await window.showInformationMessage(l10n.t('The trust rule was removed.'), title)) === title) await undo();
}

/**
 * Shows the whole rule, and asks. On a development ledger a rule can only warn, since nothing that is signed there satisfies
 * one that enforces. Throws `cancelled`.
 */
async function askLevel(
  { level: now }: TrustRule,
  lines: readonly string[],
  kind: LedgerKind | undefined,
): Promise<RuleLevel> {
  const choices: readonly { readonly title: string; readonly level: RuleLevel; readonly text: string }[] = [
    {
      level: 'enforce',
      title: l10n.t('Enforce'),
      text: l10n.t('What does not satisfy it is not pulled, and checks fail.'),
    },
    { level: 'warn', title: l10n.t('Warn'), text: l10n.t('What does not satisfy it is pointed out.') },
  ];
  const others = choices.filter(
    ({ level }) => level !== now && (level === 'warn' || kind === undefined || canBeEnforced(kind)),
  );
  const detail = [...lines, '', ...others.map(({ title, text }) => l10n.t('{0}: {1}', title, text))].join('\n');
  const picked = await window.showInformationMessage(
    l10n.t('Change the level of this rule?'),
    { modal: true, detail },
    ...others.map(({ title }) => title),
  );
  const level = others.find(({ title }) => title === picked)?.level;
  if (level === undefined) throw new DaoChainError('cancelled', 'The level stays');
  return level;
}
