import { l10n, window } from 'vscode';
import { describeForLog, DaoChainError } from '../../core/errors';
import { publisherWallet, walletPublisher } from '../../core/hex';
import { parseReference } from '../../core/image/reference';
import { ledgerKey, type NamedLedger, type PublisherId } from '../../core/ledger/types';
import { isSameRule } from '../../core/trust/ruleChange';
import {
  canBeEnforced,
  matches,
  parsePublisher,
  parseRule,
  type AcceptedKind,
  type RuleLevel,
} from '../../core/trust/rules';
import { parseTrustLink, type TrustLink } from '../../core/trust/trustLink';
import { requireFollowed, type FollowedLedgers } from '../../services/ledger/ledger';
import type { OrganizationService } from '../../services/organizations/organizationService';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import { readSigners } from '../../services/trust/ruleSigners';
import type { SigningPlan } from '../../core/plans/signingPlan';
import { tell } from '../notify';
import type { WalletService } from '../../services/wallet/walletService';
import { speakersOf } from '../organizations/ownSpeakers';
import { choose } from '../prompts/steps';
import type { Settings } from '../settings';
import { missingTrust, patternError, publishersError, splitPublishers } from './trustPattern';
import { trustQuestion, type RuleDraft } from './trustQuestion';
import { wholePublisher } from '../../words/publisherText';
import { ledgerKindText, ledgerText, namedLedgerText } from '../../words/ledgerText';
import type { Log } from '../../core/ports/log';

interface TrustParts {
  readonly settings: Settings;
  readonly followed: FollowedLedgers;
  readonly names: OrganizationNames;
  readonly wallet: Pick<WalletService, 'state'>;
  readonly organizations: Pick<OrganizationService, 'mine'>;
  readonly log: Log;
}

/** What the reader's wallet has said about repositories, for itself or for an organization. */
export interface OwnWord extends Pick<SigningPlan, 'ledger' | 'ledgerKind'> {
  readonly publisher: PublisherId;
  /** What an organization calls itself, where that is known. */
  readonly publisherName?: string | undefined;
  readonly repositories: readonly string[];
  readonly accept: AcceptedKind;
}

/** What a plan says that was sent. */
export function ownWordOf({ ledger, ledgerKind, publisher, publisherName, images, entries }: SigningPlan): OwnWord {
  const accept = entries.some(({ kind }) => kind === 'vouch') ? 'vouch' : 'publish';
  const repositories = images.map(({ reference }) => reference.repository);
  return { ledger, ledgerKind, publisher, publisherName, repositories, accept };
}

/** Makes trust rules, each by a person who typed or confirmed what it says. */
export class TrustPrompts {
  constructor(private readonly parts: TrustParts) {}

  /**
   * Asks whether to trust the reader's wallet, or their organization, where it has just signed. Closing the prompt
   * means no.
   */
  async offerOwn({ ledger, ledgerKind, publisher, publisherName, repositories, accept }: OwnWord): Promise<void> {
    const { rules } = this.parts.settings.trustRules();
    for (const proposed of missingTrust(repositories, publisher, accept, ledgerKey(ledger), rules)) {
      const signed = repositories.find((repository) => matches(proposed, repository));
      const pattern = await window.showInputBox({
        ...(publisherWallet(publisher) === undefined
          ? {
              title: l10n.t('Trust Your Own Organization?'),
              prompt: l10n.t(
                'Repositories for which {0} is trusted. Ledger: {1}. Nobody is trusted until you confirm.',
                wholePublisher(publisher, l10n, publisherName),
                ledgerKindText(ledgerKind, l10n),
              ),
            }
          : {
              title: l10n.t('Trust Your Own Wallet?'),
              prompt: l10n.t(
                'Repositories for which your wallet is trusted. Ledger: {0}. Nobody is trusted until you confirm.',
                ledgerKindText(ledgerKind, l10n),
              ),
            }),
        value: proposed,
        ignoreFocusOut: true,
        validateInput: (text) => patternError(text, signed, l10n),
      });
      if (pattern !== undefined) {
        const level = canBeEnforced(ledgerKind) ? 'enforce' : 'warn';
        await this.add(
          { ledger: ledgerKey(ledger), repositories: pattern, publishers: [publisher], threshold: 1, accept },
          level,
        );
      }
    }
  }

  /**
   * Trusts publishers that the user types or pastes, for a pattern that they confirm. `repository` is where they came
   * from, if anywhere; whoever signed there is not offered. `networkInvalid`, `cancelled`.
   */
  async trustPublisher(repository: string | undefined): Promise<void> {
    await this.confirmAndAdd(await this.draft(l10n.t('Trust a Publisher'), repository), 'typed');
  }

  /**
   * Trusts whom a link names, after everything that it says was shown. A link for a ledger that is not followed is refused: its
   * rule would have no effect here, until a day on which nobody remembers it. `linkInvalid`, `networkInvalid`, `cancelled`.
   */
  async openLink(text: string | undefined): Promise<void> {
    const link = parseTrustLink(text ?? (await askLink()));
    const place = await requireFollowed(this.parts.followed, link.ledger);
    await this.confirmAndAdd({ ...link, place }, 'link');
  }

  /** A rule that the user types, and that is not stored. `networkInvalid`, `cancelled`. */
  async draft(title: string, repository: string | undefined): Promise<RuleDraft> {
    const place = await this.chooseLedger(title);
    const repositories = await required({
      title,
      prompt: l10n.t('Repositories for which the publisher is trusted'),
      placeHolder: 'registry.example.com/team/*',
      value: repository ?? '',
      ignoreFocusOut: true,
      validateInput: (text) => patternError(text, repository, l10n),
    });
    const own = await this.chooseOwn(title);
    const typed =
      own ??
      (await required({
        title,
        prompt: l10n.t(
          'The publisher’s ID or wallet address, as the publisher gave it to you; separate several with commas',
        ),
        placeHolder: '0x…',
        ignoreFocusOut: true,
        validateInput: (text) => publishersError(text, l10n),
      }));
    const publishers = splitPublishers(typed).map((text) => parsePublisher(text) ?? unexpected());
    const threshold = publishers.length === 1 ? 1 : await askThreshold(title, publishers.length);
    const accept = await askAccept(title);
    return { place, repositories, publishers, threshold, accept };
  }

  /** Asks where more than one is followed; home is the first. `networkInvalid`, `cancelled`. */
  private async chooseLedger(title: string): Promise<NamedLedger> {
    const { followed, names } = this.parts;
    const { home } = followed;
    // A development network that was not made yet is made by that.
    await home.source.open();
    const known = await names.ledgers();
    const [only, ...more] = known.all;
    if (only !== undefined && more.length === 0) return only;
    return choose({
      title,
      placeholder: l10n.t('On which ledger'),
      choices: known.all.map((each) => ({
        label: namedLedgerText(each, known, l10n),
        description: ledgerKey(each.ledger) === home.ledger ? l10n.t('home') : '',
        detail: ledgerText(each.ledger, l10n),
        value: each,
      })),
    });
  }

  /**
   * The id of the reader's own wallet or organization; undefined for somebody else. Organizations are theirs by what they did
   * themselves: anybody can make any wallet a signer. `cancelled`.
   */
  private async chooseOwn(title: string): Promise<string | undefined> {
    const { wallet, organizations, settings, log } = this.parts;
    const { state } = wallet;
    if (state.status === 'none') return undefined;
    const { address } = state;
    const mine = await organizations.mine(address, AbortSignal.timeout(namesTimeoutMs)).catch((error: unknown) => {
      log.warn(describeForLog(error));
      return [];
    });
    const theirs = mine.filter(({ organization: { id }, isAdmin }) => isAdmin || id === settings.defaultPublisher);
    return choose<string | undefined>({
      title,
      placeholder: l10n.t('Who is trusted'),
      choices: [
        ...speakersOf(address, theirs).map(({ publisher = walletPublisher(address), ...item }) => ({
          ...item,
          value: publisher,
        })),
        { label: `$(edit) ${l10n.t('Another publisher…')}`, value: undefined },
      ],
    });
  }

  private async confirmAndAdd(draft: RuleDraft, origin: 'typed' | 'link'): Promise<void> {
    const { settings, names, followed, log } = this.parts;
    const { rules } = settings.trustRules();
    const signal = AbortSignal.timeout(namesTimeoutMs);
    const asked = { ...draft, ledger: ledgerKey(draft.place.ledger) };
    const [known, signers] = await Promise.all([
      names.ledgersOf([asked, ...rules], signal),
      readSigners(asked, followed, log, signal),
    ]);
    const { message, detail, choices } = trustQuestion(draft, { origin, rules, known, signers }, l10n);
    const titles = choices.map(({ title }) => title);
    const picked = await window.showWarningMessage(message, { modal: true, detail }, ...titles);
    const level = choices.find(({ title }) => title === picked)?.level;
    if (level === undefined) throw new DaoChainError('cancelled', 'The rule was not confirmed');
    await this.add(asked, level);
  }

  private async add(
    { ledger, repositories, publishers, threshold, accept }: TrustLink,
    level: RuleLevel,
  ): Promise<void> {
    const { settings } = this.parts;
    const rule = parseRule({ ledger, repositories, publishers, threshold, accept, level });
    const isThere = settings.trustRules().rules.some((each) => isSameRule(each, rule));
    if (!isThere) await settings.addTrustRule(rule);
    tell(l10n.t('Trusted for {0}', repositories));
  }
}

/** How long a question waits for names, which a silent node does not tell; ids are shown without them. */
const namesTimeoutMs = 3_000;

/** The pattern to start from for an image that was picked, or undefined where it has no name. */
export function repositoryOf(name: string | undefined): string | undefined {
  if (name === undefined || name.startsWith('sha256:')) return undefined;
  return parseReference(name).repository;
}

function askLink(): Promise<string> {
  return required({
    title: l10n.t('Open Trust Link'),
    prompt: l10n.t('Paste the link. Nobody is trusted before you have seen whom it names.'),
    placeHolder: 'vscode://daochain.daochain/trust?…',
    ignoreFocusOut: true,
  });
}

function askAccept(title: string): Promise<AcceptedKind> {
  return choose<AcceptedKind>({
    title,
    placeholder: l10n.t('What counts'),
    choices: [
      {
        value: 'publish',
        label: l10n.t('What they published themselves'),
        detail: l10n.t('For images that these publishers build.'),
      },
      {
        value: 'vouch',
        label: l10n.t('What they vouched for'),
        detail: l10n.t('For images that others build and these publishers have checked.'),
      },
    ],
  });
}

async function askThreshold(title: string, count: number): Promise<number> {
  const text = await required({
    title,
    prompt: l10n.t('How many of the {0} publishers must agree', count),
    value: String(count),
    ignoreFocusOut: true,
    validateInput: (typed) =>
      /^[1-9][0-9]*$/.test(typed) && Number(typed) <= count
        ? undefined
        : l10n.t('The threshold {0} is not between 1 and the number of publishers.', typed),
  });
  return Number(text);
}

function unexpected(): never {
  throw new DaoChainError('ruleInvalid', 'Not a publisher');
}

async function required(options: NonNullable<Parameters<typeof window.showInputBox>[0]>): Promise<string> {
  const text = await window.showInputBox(options);
  if (text === undefined) throw new DaoChainError('cancelled', 'The prompt was closed');
  return text;
}
