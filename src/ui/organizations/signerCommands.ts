import { env, l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import { invitationLink } from '../../core/ledger/invitation';
import { escapedEntries, previewRevocation, type SignerHistory } from '../../core/ledger/signerRevocation';
import type { PublisherId } from '../../core/ledger/types';
import { timeText } from '../../words/timeText';
import type { OrganizationService } from '../../services/organizations/organizationService';
import { windowText } from '../../words/organizationText';
import type { Membership, OrganizationSigner, SignerChange } from '../../core/plans/organizationPlan';
import { show, tell, tellNothing } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { back, choose, type Back } from '../prompts/steps';
import { tellCopied } from '../trust/copiedLink';
import type { OrganizationChanges } from './organizationChanges';
import { askEnd, askWallet } from './organizationPrompts';
import { organizationLabel } from './organizationLabel';
import { changeLines } from './organizationText';
import {
  signerRevocationLines,
  revocationRows,
  signerRow,
  signerRows,
  voidedCountText,
  type SignerAction,
} from './signerText';
import { sentences } from '../../words/listText';
import { onlyHereText } from '../../words/ledgerText';
import type { Clock } from '../../core/ports/clock';
import type { Organization } from '../../core/ports/ledger';

/** For how long a node is asked which ledger it has. */
const readingMs = 5_000;

interface SignerParts {
  readonly organizations: OrganizationService;
  readonly changes: OrganizationChanges;
  readonly clock: Clock;
}

/** What an organization's admin does about its signers; everybody else looks at them. */
export class SignerCommands {
  constructor(private readonly parts: SignerParts) {}

  /** Makes a colleague's wallet a signer. `cancelled`. */
  async invite(organization: Organization, wallet: OwnWallet): Promise<void> {
    const title = l10n.t('Invite a Signer');
    for (;;) {
      const signer = await askWallet(
        { title, step: 1, totalSteps: 2 },
        l10n.t('Address of your colleague’s wallet. They copy it with DaoChain: Copy Wallet Address.'),
      );
      const notAfter = await askEnd({ title, step: 2, totalSteps: 2, canGoBack: true }, this.now);
      if (notAfter === back) continue;
      await this.setSigner({ organization, heading: title, act: l10n.t('Invite') }, { signer, notAfter }, wallet);
      return;
    }
  }

  /** Lists them, with what can be done about each. `cancelled`. */
  async show(membership: Membership, wallet: OwnWallet): Promise<Back | undefined> {
    const { organization, isAdmin } = membership;
    for (;;) {
      const { signers } = await withCancellableProgress(l10n.t('Looking for its signers'), (signal) =>
        this.parts.organizations.read(organization.id, signal),
      );
      const label = organizationLabel(organization, l10n);
      if (signers.length === 0 && !isAdmin)
        tellNothing(
          l10n.t(
            'Nobody signs for {0} yet. Its admin, {1}, invites signers.',
            label,
            checksumAddress(organization.admin),
          ),
        );
      const signer = await choose<OrganizationSigner | 'invite'>({
        title: l10n.t('Signers of {0}', label),
        placeholder:
          signers.length === 0 ? l10n.t('Nobody signs for it yet') : l10n.t('Choose one to see what you can do'),
        choices: [
          ...signers.map((each) => signerRow(each, wallet.address, l10n)),
          ...(isAdmin ? [{ label: `$(person-add) ${l10n.t('Invite a signer…')}`, value: 'invite' as const }] : []),
        ],
        canGoBack: true,
      });
      if (signer === back) return back;
      if (signer === 'invite') {
        await this.invite(organization, wallet);
        return undefined;
      }
      const action = await choose({
        title: checksumAddress(signer.signer),
        placeholder: windowText(signer, l10n),
        choices: signerRows(signer, isAdmin, l10n),
        canGoBack: true,
      });
      if (action !== back && (await this.act(action, signer, organization, wallet)) !== back) return undefined;
    }
  }

  private async act(
    action: SignerAction,
    signer: OrganizationSigner,
    organization: Organization,
    wallet: OwnWallet,
  ): Promise<Back | undefined> {
    switch (action) {
      case 'copyInvitation':
        await this.copyInvitation(organization.id);
        break;
      case 'copyAddress':
        await env.clipboard.writeText(checksumAddress(signer.signer));
        tell(l10n.t('Address copied: {0}', checksumAddress(signer.signer)));
        break;
      case 'retire':
        await this.retire(signer.signer, organization, wallet);
        break;
      case 'extend':
        return this.extend(signer, organization, wallet);
      case 'revoke':
        return this.revoke(signer.signer, organization, wallet);
    }
    return undefined;
  }

  private async extend(
    { signer, window: now, slot }: OrganizationSigner,
    organization: Organization,
    wallet: OwnWallet,
  ): Promise<Back | undefined> {
    const heading = l10n.t('Change How Long It May Sign');
    const notAfter = await askEnd({ title: heading, canGoBack: true }, this.now);
    if (notAfter === back) return back;
    const change = { signer, notAfter, ...(now === 'notYet' && { notBefore: slot.notBefore }) };
    await this.setSigner({ organization, heading, act: l10n.t('Change it') }, change, wallet);
    return undefined;
  }

  private async setSigner(
    { organization, ...words }: { readonly organization: Organization; readonly heading: string; readonly act: string },
    change: Omit<SignerChange, 'organization'>,
    wallet: OwnWallet,
  ): Promise<void> {
    const label = organizationLabel(organization, l10n);
    const address = checksumAddress(change.signer);
    const { notAfter = 0 } = change;
    const text = await this.link(organization.id);
    await this.parts.changes.sendSimple(
      {
        ...words,
        plan: (from, signal) =>
          this.parts.organizations.planSetSigner({ organization: organization.id, ...change }, from, signal),
        about: {
          wallet: change.signer,
          text:
            notAfter === 0
              ? l10n.t('Signs for it, with no expiry.')
              : l10n.t('Signs for it until {0}.', timeText(notAfter)),
        },
        title: () => l10n.t('Letting {0} sign for {1}', address, label),
        outcome: ({ ledgerKind }) =>
          sentences(
            [
              l10n.t('{0} may sign for {1}. Give its owner the invitation.', address, label),
              onlyHereText(ledgerKind, l10n),
            ],
            l10n,
          ),
        copy: () => ({ title: l10n.t('Copy Invitation'), text }),
      },
      wallet,
    );
  }

  private async retire(signer: Address, organization: Organization, wallet: OwnWallet): Promise<void> {
    const address = checksumAddress(signer);
    await this.parts.changes.sendSimple(
      {
        heading: l10n.t('Retire a Signer'),
        act: l10n.t('Retire it'),
        plan: (from, signal) => this.parts.organizations.planRetire(organization.id, signer, from, signal),
        about: { wallet: signer, text: l10n.t('It can no longer sign anything new. What it has signed stays valid.') },
        title: () => l10n.t('Retiring {0}', address),
        outcome: () => l10n.t('{0} is retired. What it has signed stays valid.', address),
      },
      wallet,
    );
  }

  private async revoke(signer: Address, organization: Organization, wallet: OwnWallet): Promise<Back | undefined> {
    const { organizations, changes } = this.parts;
    const readHistory = (signal: AbortSignal) => organizations.signerHistory(organization.id, signer, signal);
    const address = checksumAddress(signer);
    const heading = l10n.t('Revoke a Signer');
    const history = await withCancellableProgress(l10n.t('Reading what it has signed'), readHistory);
    const sinceBlock = await choose({
      title: address,
      placeholder: l10n.t('Since when is it no longer trusted? You see what becomes void before anything is sent.'),
      choices: revocationRows(history, l10n),
      canGoBack: true,
    });
    if (sinceBlock === back) return back;
    let shown = history;
    const { state } = await changes.send(
      {
        heading,
        act: l10n.t('Revoke Permanently'),
        plan: async (from, signal) => {
          const plan = await organizations.planRevokeSigner(organization.id, signer, sinceBlock, from, signal);
          shown = await readHistory(signal);
          return { ...plan, preview: previewRevocation(shown, sinceBlock) };
        },
        about: ({ preview }) => [
          ...changeLines(organization, {
            wallet: signer,
            text: l10n.t('Is permanently revoked, from block {0} on.', sinceBlock),
          }),
          ...signerRevocationLines(signer, preview, shown.isComplete, l10n),
        ],
        warning: ({ preview }) => ({
          message: l10n.t('Revoke {0} permanently?', address),
          detail: [l10n.t('This cannot be undone'), voidedCountText(preview.voided.length, l10n)].join('\n\n'),
        }),
        title: () => l10n.t('Revoking {0}', address),
        outcome: () => l10n.t('{0} is revoked. What became void and is still good has to be signed again.', address),
      },
      wallet,
    );
    if (state === 'final') await this.lookAgain(shown, sinceBlock, readHistory);
    return undefined;
  }

  /** Whether a reorganization has moved meanwhile what was to become void. */
  private async lookAgain(
    before: SignerHistory,
    sinceBlock: number,
    readHistory: (signal: AbortSignal) => Promise<SignerHistory>,
  ): Promise<void> {
    const after = await withCancellableProgress(l10n.t('Reading what it has signed'), readHistory);
    if (escapedEntries(before, after, sinceBlock).length === 0) return;
    void show({
      severity: 'warning',
      message: l10n.t(
        'Meanwhile the chain was rewritten, and something that the signer signed is valid again. Revoke the signer from an earlier block on.',
      ),
      actions: [{ title: l10n.t('Manage Organization'), command: 'daochain.manageOrganization' }],
    });
  }

  private async copyInvitation(id: PublisherId): Promise<void> {
    const { ledgerKind } = await this.parts.organizations.read(id, AbortSignal.timeout(readingMs));
    await env.clipboard.writeText(await this.link(id));
    tellCopied(l10n.t('Invitation copied'), ledgerKind);
  }

  private async link(id: PublisherId): Promise<string> {
    return invitationLink(await this.parts.organizations.invitation(id));
  }

  /** Unix seconds. */
  private get now(): number {
    return Math.floor(this.parts.clock() / 1000);
  }
}
