import { l10n } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { PublisherId } from '../../core/ledger/types';
import type { OrganizationService } from '../../services/organizations/organizationService';
import type { Membership } from '../../core/plans/organizationPlan';
import { show } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { askText, back, choose, type Back, type Place } from '../prompts/steps';
import type { Settings } from '../settings';
import type { TransactionFlow } from '../signing/transactionFlow';
import type { OrganizationChanges } from './organizationChanges';
import { organizationLabel } from './organizationLabel';
import { grantLines, membershipRow } from './organizationText';
import { nameProblem, namespaceProblem } from './typedText';
import { wholePublisher } from '../../words/publisherText';

interface WizardParts {
  readonly organizations: OrganizationService;
  readonly settings: Settings;
  readonly transactionFlow: TransactionFlow;
  readonly changes: OrganizationChanges;
}

/**
 * First the organization, created or chosen; then what binds this wallet to it. Whoever leaves in between has what was sent
 * and nothing else, and goes on by choosing the organization.
 */
export class OrganizationWizard {
  constructor(private readonly parts: WizardParts) {}

  /** Both steps, starting with the name of a new organization. `cancelled`. */
  async create(wallet: OwnWallet): Promise<void> {
    const created = await this.createOne(wallet, step(l10n.t('Create Organization'), 1));
    if (created !== undefined && created !== back)
      await this.bind(created, wallet, step(l10n.t('Create Organization'), 2));
  }

  /** Both steps, starting with the organizations of the wallet. `cancelled`. */
  async choose(wallet: OwnWallet): Promise<void> {
    const [first, second] = [step(l10n.t('Choose Organization'), 1), step(l10n.t('Choose Organization'), 2)];
    for (;;) {
      const memberships = await this.memberships(wallet);
      const chosen = await choose<Membership | undefined>({
        ...first,
        placeholder: l10n.t('In whose name do you sign?'),
        choices: [
          ...memberships
            .filter(({ isAdmin, window }) => isAdmin || window !== 'notSigner')
            .map((each) => membershipRow(each, l10n)),
          {
            label: `$(add) ${l10n.t('Create an organization…')}`,
            detail: l10n.t('A publisher with several signers. Creating it costs a fee, which is shown first.'),
            value: undefined,
          },
        ],
      });
      const organization = chosen ?? (await this.createOne(wallet, { ...first, canGoBack: true }));
      if (organization === undefined) return;
      if (organization !== back && (await this.bind(organization, wallet, { ...second, canGoBack: true })) !== back)
        return;
    }
  }

  /** The organizations of the wallet, as the chain has them now. `cancelled`. */
  async memberships({ address }: OwnWallet): Promise<readonly Membership[]> {
    await this.parts.transactionFlow.needNode();
    return withCancellableProgress(l10n.t('Looking for your organizations'), (signal) =>
      this.parts.organizations.mine(address, signal),
    );
  }

  /** `organizationNotFound` where the wallet has no part in it. */
  async membership(id: PublisherId, wallet: OwnWallet): Promise<Membership> {
    const found = (await this.memberships(wallet)).find(({ organization }) => organization.id === id);
    if (found === undefined) throw new DaoChainError('organizationNotFound', 'No part in it', { details: { id } });
    return found;
  }

  /** The second step: makes the wallet a signer where it can and has to, and signs in that name from now on. `cancelled`. */
  async bind(membership: Membership, wallet: OwnWallet, place: Place): Promise<Back | undefined> {
    const { organization, isAdmin, window, scope } = membership;
    const { settings } = this.parts;
    if (window === 'revoked' || (window !== 'current' && !isAdmin)) {
      throw new DaoChainError('signerNotAllowed', 'The wallet may not sign for the organization now', {
        details: { publisher: organization.id, signer: wallet.address, reason: window },
      });
    }
    const label = organizationLabel(organization, l10n);
    const namespace = await askText({
      ...place,
      prompt: l10n.t(
        'You will sign as {0}. Where does it publish? Images without a registry in their name are signed there.',
        wholePublisher(organization.id, l10n, organization.name),
      ),
      placeHolder: l10n.t('registry.example.com/team (may be left empty)'),
      value: settings.namespace ?? (scope ?? '').replace(/\/$/, ''),
      problem: (text) => namespaceProblem(text, l10n),
    });
    if (namespace === back) return back;
    if (window !== 'current' && (await this.becomeSigner(membership, wallet)) === 'waiting') return undefined;
    await settings.signAs(organization.id, namespace);
    void show({
      severity: 'information',
      message: l10n.t('You sign as {0} from now on.', label),
      actions: [
        { title: l10n.t('Share Its ID'), command: 'daochain.sharePublisherId', arguments: [organization.id] },
        ...(isAdmin
          ? [
              {
                title: l10n.t('Invite a Signer'),
                command: 'daochain.manageOrganization',
                arguments: [organization.id, 'invite'],
              },
            ]
          : []),
      ],
    });
    return undefined;
  }

  /** Undefined when the organization is still on its way: whoever stopped waiting goes on by choosing it. */
  private async createOne(wallet: OwnWallet, place: Place): Promise<Membership | Back | undefined> {
    const { organizations, changes } = this.parts;
    const name = await askText({
      ...place,
      prompt: l10n.t(
        'What the organization calls itself. Others recognize it by its ID, because anybody can take any name.',
      ),
      placeHolder: l10n.t('Example Company'),
      problem: (text) => nameProblem(text, l10n),
    });
    if (name === back) return back;
    const { transaction, state } = await changes.send(
      {
        heading: l10n.t('Create Organization'),
        act: l10n.t('Create it'),
        plan: (from, signal) => organizations.planCreate(name, from, signal),
        about: () => [
          {
            label: `$(organization) ${name}`,
            description: '',
            detail: l10n.t('A new organization with this wallet as its admin. Its name cannot be changed later.'),
          },
        ],
        title: () => l10n.t('Creating {0}', name),
      },
      wallet,
    );
    if (state === 'waiting') return undefined;
    const id = await withCancellableProgress(l10n.t('Looking for your organizations'), (signal) =>
      organizations.created(transaction, signal),
    );
    if (id === undefined) throw new DaoChainError('nodeFailed', 'The transaction created nothing');
    return this.membership(id, wallet);
  }

  private async becomeSigner({ organization }: Membership, wallet: OwnWallet): Promise<'final' | 'waiting'> {
    const { organizations, changes } = this.parts;
    const label = organizationLabel(organization, l10n);
    const { state } = await changes.send(
      {
        heading: l10n.t('Sign as {0}', label),
        act: l10n.t('Let this wallet sign'),
        plan: (from, signal) =>
          organizations.planSetSigner({ organization: organization.id, signer: from }, from, signal),
        about: (plan) => grantLines(plan, l10n),
        title: () => l10n.t('Making this wallet a signer of {0}', label),
      },
      wallet,
    );
    return state;
  }
}

function step(title: string, number: 1 | 2): Place {
  return { title, step: number, totalSteps: 2 };
}
