import { l10n, window } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError } from '../../core/errors';
import { publisherWallet, walletPublisher } from '../../core/hex';
import { parseReference } from '../../core/image/reference';
import { ledgerKey, type LedgerId, type LedgerKind, type PublisherId } from '../../core/ledger/types';
import { matches, parsePublisher, parseRule } from '../../core/trust/rules';
import type { Ledger } from '../../services/ledger';
import { ledgerKindText, ledgerText } from '../../services/planText';
import type { SigningPlan } from '../../services/signingTypes';
import type { Settings } from '../settings';
import { missingTrust, patternError, publisherError } from './trustPattern';

interface NewRule {
  readonly ledger: LedgerId;
  readonly ledgerKind: LedgerKind;
  readonly repositories: string;
  readonly publisher: PublisherId;
}

/** Makes trust rules, each by a person who typed or confirmed what it says. */
export class TrustPrompts {
  constructor(
    private readonly settings: Settings,
    private readonly ledger: () => Ledger | undefined,
  ) {}

  /** Asks whether the reader's own wallet is to be believed where they have just signed. Closing the prompt says no. */
  async offerOwn({ ledger, ledgerKind, signer, images }: SigningPlan): Promise<void> {
    const publisher = walletPublisher(signer);
    const repositories = images.map(({ reference }) => reference.repository);
    const { rules } = this.settings.trustRules();
    for (const proposed of missingTrust(repositories, publisher, ledgerKey(ledger), rules)) {
      const signed = repositories.find((repository) => matches(proposed, repository));
      const pattern = await window.showInputBox({
        title: l10n.t('Trust Your Own Wallet?'),
        prompt: l10n.t(
          'Repositories for which your wallet is believed. Ledger: {0}. Nobody is believed before you say so.',
          ledgerKindText(ledgerKind, l10n),
        ),
        value: proposed,
        ignoreFocusOut: true,
        validateInput: (text) => patternError(text, signed, l10n),
      });
      if (pattern !== undefined) await this.add({ ledger, ledgerKind, repositories: pattern, publisher });
    }
  }

  /**
   * Trusts a publisher that the user types or pastes, for a pattern that they confirm. `repository` is where they came
   * from, if anywhere; whoever signed there is not offered. `nodeUnavailable`, `cancelled`.
   */
  async trustPublisher(repository: string | undefined): Promise<void> {
    const current = this.ledger();
    if (current === undefined) throw new DaoChainError('nodeUnavailable', 'There is no ledger yet');
    const title = l10n.t('Trust a Publisher');
    const repositories = await required({
      title,
      prompt: l10n.t('Repositories for which the publisher is believed'),
      placeHolder: 'registry.example.com/team/*',
      value: repository ?? '',
      ignoreFocusOut: true,
      validateInput: (text) => patternError(text, repository, l10n),
    });
    const text = await required({
      title,
      prompt: l10n.t('The publisher’s id or wallet address, as the publisher gave it to you'),
      placeHolder: '0x…',
      ignoreFocusOut: true,
      validateInput: (typed) => publisherError(typed, l10n),
    });
    const publisher = parsePublisher(text);
    if (publisher === undefined) throw new DaoChainError('ruleInvalid', 'Not a publisher');
    const rule = { ledger: current.writer.ledger, ledgerKind: current.kind, repositories, publisher };
    await confirmRule(rule);
    await this.add(rule);
  }

  private async add({ ledger, ledgerKind, repositories, publisher }: NewRule): Promise<void> {
    const rule = parseRule({
      ledger: ledgerKey(ledger),
      repositories,
      publishers: [publisher],
      // What is signed on a development ledger never satisfies a rule that enforces.
      level: ledgerKind === 'development' ? 'warn' : 'enforce',
    });
    await this.settings.addTrustRule(rule);
    window.setStatusBarMessage(l10n.t('Trusted for {0}', repositories), 4000);
  }
}

/** The pattern to start from for an image that was picked, or undefined where it has no name. */
export function repositoryOf(name: string | undefined): string | undefined {
  if (name === undefined || name.startsWith('sha256:')) return undefined;
  return parseReference(name).repository;
}

async function confirmRule({ ledger, ledgerKind, repositories, publisher }: NewRule): Promise<void> {
  const trust = l10n.t('Trust');
  const wallet = publisherWallet(publisher);
  const picked = await window.showWarningMessage(
    l10n.t('Believe this publisher about {0}?', repositories),
    {
      modal: true,
      detail: [
        l10n.t('Publisher: {0}', wallet === undefined ? publisher : checksumAddress(wallet)),
        l10n.t('Repositories: {0}', repositories),
        l10n.t('Ledger: {0}', `${ledgerKindText(ledgerKind, l10n)} (${ledgerText(ledger, l10n)})`),
      ].join('\n\n'),
    },
    trust,
  );
  if (picked !== trust) throw new DaoChainError('cancelled', 'The rule was not confirmed');
}

async function required(options: NonNullable<Parameters<typeof window.showInputBox>[0]>): Promise<string> {
  const text = await window.showInputBox(options);
  if (text === undefined) throw new DaoChainError('cancelled', 'The prompt was closed');
  return text;
}
