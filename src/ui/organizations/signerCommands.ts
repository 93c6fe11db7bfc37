import { env, l10n } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import type { Address } from '../../core/hex';
import { invitationLink, invitationTo } from '../../core/ledger/invitation';
import { escapedEntries, previewRevocation, type SignerHistory } from '../../core/ledger/signerRevocation';
import type { SignerScope } from '../../core/ledger/signerScope';
import type { PublisherId } from '../../core/ledger/types';
import type { OrganizationService } from '../../services/organizations/organizationService';
import { signerText } from '../../words/organizationText';
import type { Membership, OrganizationSigner, SignerChange } from '../../core/plans/organizationPlan';
import { show, tell, tellNothing } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { back, choose, type Back } from '../prompts/steps';
import { tellCopied } from '../trust/copiedLink';
import type { OrganizationChanges } from './organizationChanges';
import { askEnd, askScope, askWallet } from './organizationPrompts';
import { organizationLabel } from './organizationLabel';
import { changeLines, grantLines } from './organizationText';
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
        { title, step: 1, totalSteps: 3 },
        l10n.t('Address of your colleague’s wallet. They copy it with DaoChain: Copy Wallet Address.'),
      );
      const granted = await this.askGrant(title);
      if (granted === back) continue;
      await this.setSigner({ organization, heading: title, act: l10n.t('Invite') }, { signer, ...granted }, wallet);
      return;
    }
  }

  /** For what a wallet may sign, then for how long. */
  private async askGrant(title: string): Promise<Pick<SignerChange, 'scope' | 'notAfter'> | Back> {
    for (;;) {
      const scope = await askScope({ title, step: 2, totalSteps: 3, canGoBack: true });
      if (scope === back) return back;
      const notAfter = await askEnd({ title, step: 3, totalSteps: 3, canGoBack: true }, this.now);
      if (notAfter !== back) return { scope, notAfter };
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
        placeholder: signerText(signer, l10n),
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
        await this.copyInvitation(organization.id, signer.scope);
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
      case 'changeScope':
        return this.changeScope(signer, organization, wallet);
      case 'revoke':
        return this.revoke(signer.signer, organization, wallet);
    }
    return undefined;
  }

  private async extend(
    { signer, window: now, slot, scope }: OrganizationSigner,
    organization: Organization,
    wallet: OwnWallet,
  ): Promise<Back | undefined> {
    const heading = l10n.t('Change How Long It May Sign');
    const notAfter = await askEnd({ title: heading, canGoBack: true }, this.now);
    if (notAfter === back) return back;
    // What nobody here knows cannot be kept.
    const anew = scope === null ? await askScope({ title: heading, canGoBack: true }) : undefined;
    if (anew === back) return back;
    const change = { signer, notAfter, scope: anew, ...(now === 'notYet' && { notBefore: slot.notBefore }) };
    await this.setSigner({ organization, heading, act: l10n.t('Change it') }, change, wallet);
    return undefined;
  }

  private async changeScope(
    { signer, slot: { notBefore, notAfter } }: OrganizationSigner,
    organization: Organization,
    wallet: OwnWallet,
  ): Promise<Back | undefined> {
    const heading = l10n.t('Change for What It Signs');
    const scope = await askScope({ title: heading, canGoBack: true });
    if (scope === back) return back;
    const change = { signer, notBefore, notAfter, scope };
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
    await this.parts.changes.send(
      {
        ...words,
        plan: (from, signal) =>
          this.parts.organizations.planSetSigner({ organization: organization.id, ...change }, from, signal),
        about: (plan) => grantLines(plan, l10n),
        title: () => l10n.t('Letting {0} sign for {1}', address, label),
        outcome: ({ ledgerKind }) =>
          sentences(
            [
              l10n.t('{0} may sign for {1}. Give its owner the invitation.', address, label),
              onlyHereText(ledgerKind, l10n),
            ],
            l10n,
          ),
        copy: ({ ledger, call }) => {
          const scope = call?.type === 'setSigner' ? call.scope : null;
          const text = invitationLink(invitationTo(ledger, organization.id, scope));
          return { title: l10n.t('Copy Invitation'), text };
        },
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

  private async copyInvitation(id: PublisherId, scope: SignerScope): Promise<void> {
    const { ledger, ledgerKind } = await this.parts.organizations.read(id, AbortSignal.timeout(readingMs));
    await env.clipboard.writeText(invitationLink(invitationTo(ledger, id, scope)));
    tellCopied(l10n.t('Invitation copied'), ledgerKind);
  }

  /** Unix seconds. */
  private get now(): number {
    return Math.floor(this.parts.clock() / 1000);
  }
}
