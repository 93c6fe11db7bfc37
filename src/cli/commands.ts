import * as l10n from '@vscode/l10n';
import type { TerminalCommand } from './command';

interface CommandEntry {
  readonly name: string;
  readonly summary: () => string;
  /** Only the code of the command that is called is loaded. */
  readonly load: () => Promise<TerminalCommand>;
}

/** What there is, in the order of the help. A name of two words belongs to a group. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'verify',
    summary: () => l10n.t('tell whether images are what their publisher built'),
    load: async () => (await import('./commands/verify')).verify,
  },
  {
    name: 'why',
    summary: () => l10n.t('explain the verdict on an image, and say what would change it'),
    load: async () => (await import('./commands/why')).why,
  },
  {
    name: 'check',
    summary: () => l10n.t('check the base images of Dockerfiles and the images of Compose files'),
    load: async () => (await import('./commands/check')).check,
  },
  {
    name: 'sign',
    summary: () => l10n.t('state on the ledger that you published images'),
    load: async () => (await import('./commands/sign')).sign,
  },
  {
    name: 'push',
    summary: () => l10n.t('push an image, and add the registry’s digests to its signature'),
    load: async () => (await import('./commands/push')).push,
  },
  {
    name: 'history',
    summary: () => l10n.t('show what was stated about a name'),
    load: async () => (await import('./commands/history')).history,
  },
  {
    name: 'vouch',
    summary: () => l10n.t('state on the ledger that you have checked an image that others made'),
    load: async () => (await import('./commands/vouch')).vouch,
  },
  {
    name: 'revoke',
    summary: () => l10n.t('revoke a statement of yours, for everybody to see'),
    load: async () => (await import('./commands/revoke')).revoke,
  },
  {
    name: 'org create',
    summary: () => l10n.t('create an organization, whose admin the wallet becomes'),
    load: async () => (await import('./commands/organization')).organizationCreate,
  },
  {
    name: 'org list',
    summary: () => l10n.t('show the organizations that the wallet is in'),
    load: async () => (await import('./commands/organization')).organizationList,
  },
  {
    name: 'org show',
    summary: () => l10n.t('show an organization and its signers'),
    load: async () => (await import('./commands/organization')).organizationShow,
  },
  {
    name: 'org invite',
    summary: () => l10n.t('let a wallet sign for an organization, and print an invitation'),
    load: async () => (await import('./commands/organization')).organizationInvite,
  },
  {
    name: 'org retire',
    summary: () => l10n.t('let a signer sign nothing new'),
    load: async () => (await import('./commands/organization')).organizationRetire,
  },
  {
    name: 'org revoke-signer',
    summary: () => l10n.t('permanently void what a signer has signed since a block'),
    load: async () => (await import('./commands/organization')).organizationRevokeSigner,
  },
  {
    name: 'org transfer',
    summary: () => l10n.t('offer the admin role'),
    load: async () => (await import('./commands/organization')).organizationTransfer,
  },
  {
    name: 'org accept',
    summary: () => l10n.t('accept an offered admin role, or check an invitation'),
    load: async () => (await import('./commands/organization')).organizationAccept,
  },
  {
    name: 'request create',
    summary: () => l10n.t('ask somebody else to sign images, without a wallet'),
    load: async () => (await import('./commands/request')).requestCreate,
  },
  {
    name: 'request show',
    summary: () => l10n.t('show what a signing request says, and whether it can be used'),
    load: async () => (await import('./commands/request')).requestShow,
  },
  {
    name: 'request sign',
    summary: () => l10n.t('sign a request, without ether'),
    load: async () => (await import('./commands/request')).requestSign,
  },
  {
    name: 'request attach',
    summary: () => l10n.t('add the signatures of a contract wallet to a request'),
    load: async () => (await import('./commands/request')).requestAttach,
  },
  {
    name: 'request send',
    summary: () => l10n.t('send a signed request, whoever signed it'),
    load: async () => (await import('./commands/request')).requestSend,
  },
  {
    name: 'trust list',
    summary: () => l10n.t('show whom you trust, and for which repositories'),
    load: async () => (await import('./commands/trust')).trustList,
  },
  {
    name: 'trust add',
    summary: () => l10n.t('trust a publisher, by its ID or by a trust link'),
    load: async () => (await import('./commands/trust')).trustAdd,
  },
  {
    name: 'trust remove',
    summary: () => l10n.t('remove a trust rule of this command'),
    load: async () => (await import('./commands/trust')).trustRemove,
  },
  {
    name: 'trust try',
    summary: () => l10n.t('show what a rule would do for an image, and store nothing'),
    load: async () => (await import('./commands/trust')).trustTry,
  },
  {
    name: 'trust link',
    summary: () => l10n.t('print a link that asks others to trust you'),
    load: async () => (await import('./commands/trust')).trustLinkCommand,
  },
  {
    name: 'node start',
    summary: () => l10n.t('run the node until Ctrl-C'),
    load: async () => (await import('./commands/node')).nodeStart,
  },
  {
    name: 'node stop',
    summary: () => l10n.t('stop the node, whoever runs it'),
    load: async () => (await import('./commands/node')).nodeStop,
  },
  {
    name: 'node status',
    summary: () => l10n.t('show the state of the node'),
    load: async () => (await import('./commands/node')).nodeStatus,
  },
  {
    name: 'node mine',
    summary: () => l10n.t('mine until everything that waits is final'),
    load: async () => (await import('./commands/node')).nodeMine,
  },
  {
    name: 'node install',
    summary: () => l10n.t('build the node with Go'),
    load: async () => (await import('./commands/node')).nodeInstall,
  },
  {
    name: 'wallet create',
    summary: () => l10n.t('make a wallet'),
    load: async () => (await import('./commands/wallet')).walletCreate,
  },
  {
    name: 'wallet import',
    summary: () => l10n.t('import a wallet that was exported'),
    load: async () => (await import('./commands/wallet')).walletImport,
  },
  {
    name: 'wallet export',
    summary: () => l10n.t('write the encrypted wallet to a file'),
    load: async () => (await import('./commands/wallet')).walletExport,
  },
  {
    name: 'wallet balance',
    summary: () => l10n.t('show the address and its balance'),
    load: async () => (await import('./commands/wallet')).walletBalance,
  },
  {
    name: 'wallet history',
    summary: () => l10n.t('show what the wallet earned, received, sent and paid'),
    load: async () => (await import('./commands/ether')).walletHistory,
  },
  {
    name: 'wallet send',
    summary: () => l10n.t('send ether to somebody'),
    load: async () => (await import('./commands/ether')).walletSend,
  },
  {
    name: 'wallet request',
    summary: () => l10n.t('print a payment request that others open'),
    load: async () => (await import('./commands/ether')).walletRequest,
  },
  {
    name: 'wallet pay',
    summary: () => l10n.t('show what a payment request asks for, and pay it'),
    load: async () => (await import('./commands/ether')).walletPay,
  },
  {
    name: 'wallet end',
    summary: () => l10n.t('permanently end the wallet as a publisher of its own'),
    load: async () => (await import('./commands/wallet')).walletEnd,
  },
  {
    name: 'alarm',
    summary: () => l10n.t('show what was final and is gone from the chain, and settle it'),
    load: async () => (await import('./commands/alarm')).alarm,
  },
  {
    name: 'network show',
    summary: () => l10n.t('show the network and its ledger'),
    load: async () => (await import('./commands/network')).networkShow,
  },
  {
    name: 'network list',
    summary: () => l10n.t('show the networks that you follow'),
    load: async () => (await import('./commands/networks')).networkList,
  },
  {
    name: 'network create',
    summary: () => l10n.t('make a network for several machines'),
    load: async () => (await import('./commands/networks')).networkCreate,
  },
  {
    name: 'network join',
    summary: () => l10n.t('follow a network, by its link or file'),
    load: async () => (await import('./commands/networks')).networkJoin,
  },
  {
    name: 'network use',
    summary: () => l10n.t('read a ledger of another chain, at an endpoint'),
    load: async () => (await import('./commands/externals')).networkUse,
  },
  {
    name: 'network share',
    summary: () => l10n.t('print the link by which others join'),
    load: async () => (await import('./commands/networks')).networkShare,
  },
  {
    name: 'network admit',
    summary: () => l10n.t('let a machine connect to this hub'),
    load: async () => (await import('./commands/networks')).networkAdmit,
  },
  {
    name: 'network dismiss',
    summary: () => l10n.t('no longer let a machine connect to this hub'),
    load: async () => (await import('./commands/networks')).networkDismiss,
  },
  {
    name: 'network listen',
    summary: () => l10n.t('make this machine a hub, or one no longer'),
    load: async () => (await import('./commands/networks')).networkListen,
  },
  {
    name: 'network add-hub',
    summary: () => l10n.t('connect to a hub, or to one at its new address'),
    load: async () => (await import('./commands/networks')).networkAddHub,
  },
  {
    name: 'network remove-hub',
    summary: () => l10n.t('no longer connect to a hub'),
    load: async () => (await import('./commands/networks')).networkRemoveHub,
  },
  {
    name: 'network home',
    summary: () => l10n.t('choose the network on which this machine signs'),
    load: async () => (await import('./commands/networks')).networkHome,
  },
  {
    name: 'network rename',
    summary: () => l10n.t('call a network differently on this machine'),
    load: async () => (await import('./commands/networks')).networkRename,
  },
  {
    name: 'network leave',
    summary: () => l10n.t('no longer follow a network; nothing is deleted'),
    load: async () => (await import('./commands/networks')).networkLeave,
  },
  {
    name: 'network peers',
    summary: () => l10n.t('show the other machines of the network, and how far this one is'),
    load: async () => (await import('./commands/networkPeers')).networkPeers,
  },
];
