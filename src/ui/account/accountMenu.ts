import { checksumAddress } from '../../core/checksumAddress';
import { displayText } from '../../core/displayText';
import type { PublisherId } from '../../core/ledger/types';
import type { Localizer } from '../../words/localizer';
import type { Membership } from '../../core/plans/organizationPlan';
import type { AccountState } from './accountState';
import type { CommandId } from '../commandIds';
import { exactEther, formatHashrate } from '../../words/amountText';
import { dagText } from '../../words/miningText';
import { organizationLabel } from '../organizations/organizationLabel';

export interface MenuItem {
  readonly label: string;
  readonly description?: string;
  readonly command: CommandId;
  readonly arguments?: readonly unknown[];
}

/** The organizations of the wallet, as far as they are known, and the one in whose name it signs. */
export interface AccountOrganizations {
  readonly memberships: readonly Membership[];
  readonly publisher: PublisherId | undefined;
}

/** Offers that have a row each: anybody can offer anything to any wallet. More are one row, behind which all are listed. */
const shownOffers = 3;

/** The menu behind the status bar: what can be done now, what is likeliest first. */
export function accountMenu(
  state: AccountState,
  organizations: AccountOrganizations,
  l10n: Localizer,
): readonly MenuItem[] {
  return [
    ...pendingItem(state, l10n),
    ...backupItem(state, l10n),
    ...walletItems(state, l10n),
    ...(state.wallet.status === 'none' ? [] : organizationItems(organizations, l10n)),
    ...nodeItems(state, l10n),
    networkItem(state, l10n),
    ...logItems(l10n),
  ];
}

function pendingItem({ onItsWay }: AccountState, l10n: Localizer): readonly MenuItem[] {
  if (onItsWay === 0) return [];
  return [
    {
      label: `$(sync) ${l10n.t('Continue pending signatures')}`,
      description: l10n.t('{0} on the way, not final yet', onItsWay),
      command: 'daochain.continueSignatures',
    },
  ];
}

function backupItem({ wallet }: AccountState, l10n: Localizer): readonly MenuItem[] {
  if (wallet.status === 'none' || wallet.backedUp) return [];
  return [
    {
      label: `$(warning) ${l10n.t('Export the wallet')}`,
      description: l10n.t('not backed up yet: nobody can restore it once it is lost'),
      command: 'daochain.exportWallet',
    },
  ];
}

function walletItems({ wallet, balance }: AccountState, l10n: Localizer): readonly MenuItem[] {
  if (wallet.status === 'none') {
    const create: MenuItem = { label: `$(add) ${l10n.t('Create a wallet')}`, command: 'daochain.createWallet' };
    const adopt: MenuItem = {
      label: `$(cloud-download) ${l10n.t('Import a wallet')}`,
      command: 'daochain.importWallet',
    };
    if (wallet.elsewhere === undefined) return [create, adopt];
    const description = l10n.t('{0} is not in this editor', checksumAddress(wallet.elsewhere));
    return [{ ...adopt, description }, create];
  }
  const balanceText = balance === undefined ? {} : { description: exactEther(balance) };
  return [
    {
      label: `$(copy) ${l10n.t('Copy address {0}', checksumAddress(wallet.address))}`,
      ...balanceText,
      command: 'daochain.copyAddress',
    },
    { label: `$(arrow-right) ${l10n.t('Send ether')}`, command: 'daochain.sendEther' },
    { label: `$(device-camera) ${l10n.t('Ask for ether')}`, command: 'daochain.askForEther' },
    { label: `$(list-flat) ${l10n.t('Show what was earned, received and sent')}`, command: 'daochain.showTransfers' },
    wallet.status === 'locked'
      ? { label: `$(unlock) ${l10n.t('Unlock the wallet')}`, command: 'daochain.unlockWallet' }
      : { label: `$(lock) ${l10n.t('Lock the wallet')}`, command: 'daochain.lockWallet' },
    ...(wallet.backedUp
      ? [{ label: `$(save) ${l10n.t('Export the wallet')}`, command: 'daochain.exportWallet' as const }]
      : []),
  ];
}

function organizationItems({ memberships, publisher }: AccountOrganizations, l10n: Localizer): readonly MenuItem[] {
  const current = memberships.find(({ organization }) => organization.id === publisher);
  const signsAs = current && l10n.t('you sign as {0}', organizationLabel(current.organization, l10n));
  return [
    ...offerItems(
      memberships.filter(({ isOffered }) => isOffered),
      l10n,
    ),
    memberships.length === 0 && publisher === undefined
      ? {
          label: `$(organization) ${l10n.t('Create or choose an organization')}`,
          command: 'daochain.chooseOrganization',
        }
      : {
          label: `$(organization) ${l10n.t('Manage your organizations')}`,
          ...(signsAs !== undefined && { description: signsAs }),
          command: 'daochain.manageOrganization',
        },
  ];
}

function offerItems(offers: readonly Membership[], l10n: Localizer): readonly MenuItem[] {
  const command = 'daochain.acceptAdmin';
  if (offers.length > shownOffers)
    return [
      { label: `$(key) ${l10n.t('You are offered the admin role of {0} organizations', offers.length)}`, command },
    ];
  return offers.map(({ organization }) => ({
    label: `$(key) ${l10n.t('You are offered the admin role of {0}', organizationLabel(organization, l10n))}`,
    command,
    arguments: [organization.id],
  }));
}

function nodeItems({ node }: AccountState, l10n: Localizer): readonly MenuItem[] {
  const startMining: MenuItem = {
    label: `$(server-process) ${l10n.t('Start mining')}`,
    command: 'daochain.toggleMining',
  };
  const stop: MenuItem = { label: `$(debug-stop) ${l10n.t('Stop the node')}`, command: 'daochain.stopNode' };
  const log: MenuItem = { label: `$(output) ${l10n.t('Show the log of the node')}`, command: 'daochain.showNodeLog' };
  switch (node.status) {
    case 'stopped':
    case 'failed':
      return [
        { label: `$(debug-start) ${l10n.t('Start the node')}`, command: 'daochain.startNode' },
        startMining,
        ...(node.status === 'failed' ? [log] : []),
      ];
    case 'starting':
    case 'stopping':
      return [stop, log];
    case 'buildingDag':
      return [
        {
          label: `$(server-process) ${l10n.t('Stop mining')}`,
          description: l10n.t('building the DAG: {0}', dagText(node.dag, l10n)),
          command: 'daochain.toggleMining',
        },
        stop,
        log,
      ];
    case 'running':
      return [
        node.mining
          ? {
              label: `$(server-process) ${l10n.t('Stop mining')}`,
              description: formatHashrate(node.hashrate),
              command: 'daochain.toggleMining',
            }
          : startMining,
        ...(node.mining
          ? []
          : [{ label: `$(check-all) ${l10n.t('Mine until final')}`, command: 'daochain.mineUntilFinal' as const }]),
        stop,
        log,
      ];
  }
}

function networkItem({ network }: AccountState, l10n: Localizer): MenuItem {
  return {
    label: `$(globe) ${l10n.t('Manage your networks')}`,
    ...(network !== undefined && { description: l10n.t('home: {0}', displayText(network)) }),
    command: 'daochain.manageNetworks',
  };
}

function logItems(l10n: Localizer): readonly MenuItem[] {
  return [{ label: `$(output) ${l10n.t('Show the log')}`, command: 'daochain.showLog' }];
}
