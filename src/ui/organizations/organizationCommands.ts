import { commands, l10n, window } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import { describeForLog, DaoChainError } from '../../core/errors';
import { parseInvitation } from '../../core/ledger/invitation';
import { parsePublisher } from '../../core/trust/rules';
import type { OrganizationService } from '../../services/organizations/organizationService';
import { invitationTexts } from '../../words/organizationText';
import type { Membership } from '../../core/plans/organizationPlan';
import type { Transactions } from '../../services/transactions/transactions';
import type { AccountState } from '../account/accountState';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { askText, back, choose, type Back } from '../prompts/steps';
import type { Settings } from '../settings';
import type { TransactionFlow } from '../signing/transactionFlow';
import { OrganizationChanges } from './organizationChanges';
import { askWallet } from './organizationPrompts';
import { organizationLabel } from './organizationLabel';
import { membershipRow, organizationRows, type OrganizationAction } from './organizationText';
import { OrganizationWizard } from './organizationWizard';
import { SignerCommands } from './signerCommands';
import { invitationProblem } from './typedText';
import type { Log } from '../../core/ports/log';
import type { Organization } from '../../core/ports/ledger';

interface OrganizationParts {
  readonly organizations: OrganizationService;
  readonly settings: Settings;
  readonly transactionFlow: TransactionFlow;
  readonly transactions: Transactions;
  readonly log: Log;
}

/** How long a menu waits for the organizations, in milliseconds. */
const patience = 2_000;

/** The commands about organizations. */
export class OrganizationCommands {
  readonly #changes: OrganizationChanges;
  readonly #wizard: OrganizationWizard;
  readonly #signers: SignerCommands;

  constructor(private readonly parts: OrganizationParts) {
    this.#changes = new OrganizationChanges(parts);
    this.#wizard = new OrganizationWizard({ ...parts, changes: this.#changes });
    this.#signers = new SignerCommands({ ...parts, changes: this.#changes, clock: Date.now });
  }

  /** The wizard, from the name of a new organization on. `cancelled`. */
  create(wallet: OwnWallet): Promise<void> {
    return this.#wizard.create(wallet);
  }

  /** The wizard, from the organizations of the wallet on. `cancelled`. */
  choose(wallet: OwnWallet): Promise<void> {
    return this.#wizard.choose(wallet);
  }

  /** Those of the wallet, as far as a running node tells them without being waited for. */
  async known({ wallet, node }: AccountState): Promise<readonly Membership[]> {
    if (wallet.status === 'none' || node.status !== 'running') return [];
    try {
      return await this.parts.organizations.mine(wallet.address, AbortSignal.timeout(patience));
    } catch (error) {
      this.parts.log.debug(`The organizations are not known: ${describeForLog(error)}`);
      return [];
    }
  }

  /** Everything about an organization of the wallet, chosen where `id` names none; `action` leads to one thing at once. */
  async manage(wallet: OwnWallet, id?: unknown, action?: unknown): Promise<void> {
    const membership = await this.#pickMembership(wallet, id);
    if (membership === undefined) return this.#wizard.choose(wallet);
    if (action === 'invite') return this.#signers.invite(membership.organization, wallet);
    const { settings } = this.parts;
    for (;;) {
      const chosen = await choose({
        title: organizationLabel(membership.organization, l10n),
        placeholder: l10n.t('What would you like to do?'),
        choices: organizationRows(membership, settings.defaultPublisher === membership.organization.id, l10n),
      });
      if ((await this.#act(chosen, membership, wallet)) !== back) return;
    }
  }

  /** Takes up what `link`, or a pasted one, invites to. `linkInvalid`, `organizationNotFound`, `signerNotAllowed`, `cancelled`. */
  async acceptInvitation(wallet: OwnWallet, link?: unknown): Promise<void> {
    const { organizations, transactionFlow } = this.parts;
    const text =
      typeof link === 'string'
        ? link
        : await askText({
            title: l10n.t('Accept Invitation'),
            prompt: l10n.t('The invitation that the admin of the organization gave you'),
            placeHolder: 'vscode://daochain.daochain/join?…',
            problem: (typed) => invitationProblem(typed, l10n),
          });
    const invitation = parseInvitation(text);
    await transactionFlow.needNode();
    const details = await withCancellableProgress(l10n.t('Reading the invitation'), (signal) =>
      organizations.acceptInvitation(invitation, wallet.address, signal),
    );
    const accept = l10n.t('Accept');
    const picked = await window.showInformationMessage(
      l10n.t('Sign for {0}?', organizationLabel(details.organization, l10n)),
      { modal: true, detail: invitationTexts(details, invitation, wallet.address, l10n).join('\n\n') },
      accept,
    );
    if (picked !== accept) throw new DaoChainError('cancelled', 'The invitation was not accepted');
    const membership = await this.#wizard.membership(invitation.organization, wallet);
    await this.#wizard.bind(membership, wallet, { title: l10n.t('Accept Invitation') });
  }

  /** Takes the admin's place that the wallet is offered. `notAdmin` where it is offered none. */
  async acceptAdmin(wallet: OwnWallet, id?: unknown): Promise<void> {
    const offers = (await this.#wizard.memberships(wallet)).filter(({ isOffered }) => isOffered);
    const offered = offers.filter(({ organization }) => organization.id === id);
    const [offer, ...others] = offered.length > 0 ? offered : offers;
    if (offer === undefined) {
      throw new DaoChainError('notAdmin', 'Nobody offers a place', { details: { reason: 'nothingOffered' } });
    }
    const { organization } =
      others.length === 0
        ? offer
        : await choose({
            title: l10n.t('Accept the Admin Role'),
            placeholder: l10n.t('Of which organization?'),
            choices: offers.map((each) => membershipRow(each, l10n)),
          });
    await this.#takeOver(organization, wallet);
  }

  async #pickMembership(wallet: OwnWallet, id: unknown): Promise<Membership | undefined> {
    const wanted = typeof id === 'string' ? parsePublisher(id) : undefined;
    if (wanted !== undefined) return this.#wizard.membership(wanted, wallet);
    const memberships = await this.#wizard.memberships(wallet);
    if (memberships.length < 2) return memberships[0];
    return choose({
      title: l10n.t('Manage Organization'),
      placeholder: l10n.t('Which organization?'),
      choices: memberships.map((each) => membershipRow(each, l10n)),
    });
  }

  async #act(action: OrganizationAction, membership: Membership, wallet: OwnWallet): Promise<Back | undefined> {
    const { organization } = membership;
    switch (action) {
      case 'signAs':
        return this.#wizard.bind(membership, wallet, {
          title: organizationLabel(organization, l10n),
          canGoBack: true,
        });
      case 'signers':
        return this.#signers.show(membership, wallet);
      case 'invite':
        await this.#signers.invite(organization, wallet);
        break;
      case 'offerAdmin':
        await this.#offerAdmin(organization, wallet);
        break;
      case 'withdrawOffer':
        await this.#withdrawOffer(organization, wallet);
        break;
      case 'acceptAdmin':
        await this.#takeOver(organization, wallet);
        break;
      case 'share':
        await commands.executeCommand('daochain.sharePublisherId', organization.id);
        break;
    }
    return undefined;
  }

  // --- the admin's place --------------------------------------------------------------------------------------------

  async #offerAdmin(organization: Organization, wallet: OwnWallet): Promise<void> {
    const heading = l10n.t('Offer the Admin Role');
    const newAdmin = await askWallet(
      { title: heading },
      l10n.t(
        'Address of the wallet that becomes the admin once it accepts; it can be a contract wallet with several owners',
      ),
    );
    const address = checksumAddress(newAdmin);
    await this.#changes.sendSimple(
      {
        heading,
        act: l10n.t('Offer it'),
        plan: (from, signal) => this.parts.organizations.planTransferAdmin(organization.id, newAdmin, from, signal),
        about: {
          wallet: newAdmin,
          text: l10n.t('It becomes the admin once it accepts. Until then you can withdraw the offer.'),
        },
        title: () => l10n.t('Offering the admin role to {0}', address),
        outcome: () => l10n.t('{0} is offered the admin role. Its account menu says so.', address),
      },
      wallet,
    );
  }

  async #withdrawOffer(organization: Organization, wallet: OwnWallet): Promise<void> {
    await this.#changes.sendSimple(
      {
        heading: l10n.t('Withdraw the Offer'),
        act: l10n.t('Withdraw it'),
        plan: (from, signal) => this.parts.organizations.planWithdrawOffer(organization.id, from, signal),
        about: {
          ...(organization.pendingAdmin !== undefined && { wallet: organization.pendingAdmin }),
          text: l10n.t('Is no longer offered the admin role. You remain the admin.'),
        },
        title: () => l10n.t('Withdrawing the offer'),
        outcome: () => l10n.t('The offer was withdrawn.'),
      },
      wallet,
    );
  }

  async #takeOver(organization: Organization, wallet: OwnWallet): Promise<void> {
    const label = organizationLabel(organization, l10n);
    await this.#changes.sendSimple(
      {
        heading: l10n.t('Accept the Admin Role'),
        act: l10n.t('Become its admin'),
        plan: (from, signal) => this.parts.organizations.planAcceptAdmin(organization.id, from, signal),
        about: {
          wallet: organization.admin,
          text: l10n.t('The admin until now. This wallet takes over the role and decides who signs.'),
        },
        title: () => l10n.t('Becoming the admin of {0}', label),
        outcome: () => l10n.t('You are the admin of {0}.', label),
      },
      wallet,
    );
  }
}
