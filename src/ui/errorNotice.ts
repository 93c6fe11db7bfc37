import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../core/errors';
import { errorText } from '../words/errorText';
import type { Localizer } from '../words/localizer';

export interface NoticeAction {
  readonly title: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** What a person is told about a command that did not do what they asked for. */
export interface Notice {
  readonly severity: 'information' | 'warning' | 'error';
  readonly message: string;
  /** The first is the likeliest way on. */
  readonly actions: readonly NoticeAction[];
}

/** The notice for an error that a command threw; undefined for one that needs none, since the user cancelled. */
export function noticeOf(error: unknown, l10n: Localizer): Notice | undefined {
  if (!isDaoChainError(error)) {
    const message = l10n.t('Something unexpected happened. The log says what.');
    return { severity: 'error', message, actions: [showLog(l10n)] };
  }
  const { code, details } = error;
  if (code === 'cancelled') return undefined;
  return {
    severity: mild[code] ?? 'error',
    message: errorText(error, l10n),
    actions: ways[code]?.(details, l10n) ?? [],
  };
}

/** Nothing failed: something has to be done first, or somebody was faster. */
const mild: Readonly<Partial<Record<ErrorCode, 'information' | 'warning'>>> = {
  workspaceUntrusted: 'warning',
  imageWithoutName: 'warning',
  registryBusy: 'warning',
  registryOff: 'warning',
  statementNotFound: 'warning',
  walletMissing: 'warning',
  walletLocked: 'warning',
  walletExists: 'warning',
  insufficientFunds: 'warning',
  staleLink: 'warning',
  imageChanged: 'warning',
  signatureOnItsWay: 'information',
  miningEnded: 'information',
};

type Ways = (details: ErrorDetails, l10n: Localizer) => readonly NoticeAction[];

const lookIntoLog: Ways = (_, l10n) => [showLog(l10n)];
const installNode: Ways = (_, l10n) => [
  { title: l10n.t('Install Node'), command: 'daochain.installNode' },
  openSettings(l10n.t('Choose Program'), 'daochain.node.path'),
];
const signAgain: Ways = ({ image }, l10n) => [
  {
    title: l10n.t('Sign Again'),
    command: 'daochain.signImage',
    ...(image !== undefined && { arguments: [image] }),
  },
];

/** What can be done from a notice. */
const ways: Readonly<Partial<Record<ErrorCode, Ways>>> = {
  invalidInput: lookIntoLog,
  workspaceUntrusted: (_, l10n) => [{ title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' }],

  imageMalformed: lookIntoLog,
  imageNotFound: (_, l10n) => [refresh(l10n)],
  engineUnavailable: (_, l10n) => [refresh(l10n), openSettings(l10n.t('Choose Engine'), 'daochain.engine.host')],
  engineFailed: lookIntoLog,
  buildFailed: lookIntoLog,

  registryUnavailable: lookIntoLog,
  registryCertificate: lookIntoLog,
  registryWebPage: lookIntoLog,
  registryPlainHttp: (_, l10n) => [openSettings(l10n.t('Open Settings'), 'daochain.registry.plainHttpHosts')],
  registryLogin: lookIntoLog,
  registryRefused: (_, l10n) => [openSettings(l10n.t('Open Settings'), 'daochain.registry.privateHosts')],
  registryDenied: lookIntoLog,
  registryOff: (_, l10n) => [openSettings(l10n.t('Open Settings'), 'daochain.registry.enabled')],
  pullFailed: lookIntoLog,
  pushFailed: lookIntoLog,

  nodeNotInstalled: (details, l10n) =>
    details['path'] === undefined
      ? installNode(details, l10n)
      : [openSettings(l10n.t('Open Settings'), 'daochain.node.path')],
  nodeCannotMine: (details, l10n) =>
    details['origin'] === 'setting'
      ? [openSettings(l10n.t('Open Settings'), 'daochain.node.path')]
      : installNode(details, l10n),
  nodeInstallFailed: (_, l10n) => [showNodeLog(l10n)],
  nodeUnavailable: ({ reason }, l10n) => [
    reason === 'notRunning' ? startNode(l10n.t('Start Node')) : stopNode(l10n),
    showNodeLog(l10n),
  ],
  nodeFailed: (_, l10n) => [showNodeLog(l10n), startNode(l10n.t('Start Node'))],
  nodeOwnedElsewhere: ({ folder }, l10n) => [
    ...(folder === undefined ? [stopNode(l10n)] : []),
    startNode(l10n.t('Try Again')),
  ],
  miningEnded: (_, l10n) => [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
  networkInvalid: lookIntoLog,
  ledgerUnknown: lookIntoLog,
  ledgerInconsistent: lookIntoLog,
  statementInvalid: lookIntoLog,
  ruleInvalid: (_, l10n) => [openSettings(l10n.t('Open Settings'), 'daochain.trust.rules')],

  walletMissing: ({ address }, l10n) => {
    const create = { title: l10n.t('Create Wallet'), command: 'daochain.createWallet' };
    const adopt = { title: l10n.t('Import Wallet'), command: 'daochain.importWallet' };
    return address === undefined ? [create, adopt] : [adopt];
  },
  walletLocked: (_, l10n) => [{ title: l10n.t('Unlock Wallet'), command: 'daochain.unlockWallet' }],
  secretsUnavailable: lookIntoLog,
  insufficientFunds: (_, l10n) => [{ title: l10n.t('Mine'), command: 'daochain.toggleMining', arguments: ['on'] }],
  staleLink: signAgain,
  imageChanged: signAgain,
  signatureOnItsWay: (_, l10n) => [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
  transactionRejected: lookIntoLog,
  transactionDropped: signAgain,
};

function showLog(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Show Log'), command: 'daochain.showLog' };
}

function showNodeLog(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Show Node Log'), command: 'daochain.showNodeLog' };
}

function startNode(title: string): NoticeAction {
  return { title, command: 'daochain.startNode' };
}

function stopNode(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Stop Node'), command: 'daochain.stopNode' };
}

function refresh(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Try Again'), command: 'daochain.refreshImages' };
}

function openSettings(title: string, setting: string): NoticeAction {
  return { title, command: 'workbench.action.openSettings', arguments: [setting] };
}
