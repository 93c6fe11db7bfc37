import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../core/errors';
import { errorText } from '../words/errorText';
import type { Localizer } from '../words/localizer';
import { settingId, type SettingName } from './settingTable';

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
  const [severity, waysOn] = notices[code];
  return { severity, message: errorText(error, l10n), actions: waysOn?.(details, l10n) ?? [] };
}

type Ways = (details: ErrorDetails, l10n: Localizer) => readonly NoticeAction[];

const lookIntoLog: Ways = (_, l10n) => [showLog(l10n)];
const installNode: Ways = (_, l10n) => [
  { title: l10n.t('Install Node'), command: 'daochain.installNode' },
  openSettings(l10n.t('Choose Program'), 'node.path'),
];
const signAgain: Ways = ({ image }, l10n) => [
  {
    title: l10n.t('Sign Again'),
    command: 'daochain.signImage',
    ...(image !== undefined && { arguments: [image] }),
  },
];

/** How loud the notice is and what can be done from it. Nothing failed where something has to be done first, or somebody was faster. */
const notices: Readonly<Record<Exclude<ErrorCode, 'cancelled'>, readonly [Notice['severity'], Ways?]>> = {
  invalidInput: ['error', lookIntoLog],
  workspaceUntrusted: [
    'warning',
    (_, l10n) => [{ title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' }],
  ],

  // images
  referenceInvalid: ['error'],
  imageMalformed: ['error', lookIntoLog],
  imageNotFound: ['error', (_, l10n) => [refresh(l10n)]],
  imageWithoutName: ['warning'],
  engineUnavailable: ['error', (_, l10n) => [refresh(l10n), openSettings(l10n.t('Choose Engine'), 'engine.host')]],
  engineFailed: ['error', lookIntoLog],
  buildFailed: ['error', lookIntoLog],

  // registries
  registryUnavailable: ['error', lookIntoLog],
  registryCertificate: ['error', lookIntoLog],
  registryWebPage: ['error', lookIntoLog],
  registryRefused: ['error', (_, l10n) => [openSettings(l10n.t('Open Settings'), 'registry.privateHosts')]],
  registryPlainHttp: ['error', (_, l10n) => [openSettings(l10n.t('Open Settings'), 'registry.plainHttpHosts')]],
  registryDenied: ['error', lookIntoLog],
  registryLogin: ['error', lookIntoLog],
  registryBusy: ['warning'],
  registryOff: ['warning', (_, l10n) => [openSettings(l10n.t('Open Settings'), 'registry.enabled')]],
  pullRefused: ['error'],
  pullFailed: ['error', lookIntoLog],
  pushFailed: ['error', lookIntoLog],
  registryDiffers: ['error'],

  // chain and node
  nodeNotInstalled: [
    'error',
    (details, l10n) =>
      details['path'] === undefined ? installNode(details, l10n) : [openSettings(l10n.t('Open Settings'), 'node.path')],
  ],
  nodeCannotMine: [
    'error',
    (details, l10n) =>
      details['origin'] === 'setting'
        ? [openSettings(l10n.t('Open Settings'), 'node.path')]
        : installNode(details, l10n),
  ],
  nodeInstallFailed: ['error', (_, l10n) => [showNodeLog(l10n)]],
  nodeUnavailable: [
    'error',
    ({ reason }, l10n) => [
      reason === 'notRunning' ? startNode(l10n.t('Start Node')) : stopNode(l10n),
      showNodeLog(l10n),
    ],
  ],
  nodeFailed: ['error', (_, l10n) => [showNodeLog(l10n), startNode(l10n.t('Start Node'))]],
  nodeOwnedElsewhere: [
    'error',
    ({ folder }, l10n) => [...(folder === undefined ? [stopNode(l10n)] : []), startNode(l10n.t('Try Again'))],
  ],
  miningRefused: [
    'warning',
    ({ reason }, l10n) =>
      reason === 'disk' ? [openSettings(l10n.t('Choose DAG Folder'), 'node.datasetFolder')] : [stopNode(l10n)],
  ],
  miningEnded: [
    'information',
    (_, l10n) => [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
  ],
  networkInvalid: ['error', lookIntoLog],
  backupInvalid: ['error'],
  ledgerUnknown: ['error', lookIntoLog],
  ledgerInconsistent: ['error', lookIntoLog],
  statementInvalid: ['error', lookIntoLog],
  statementNotFound: ['warning'],
  ruleInvalid: ['error', (_, l10n) => [openSettings(l10n.t('Open Settings'), 'trust.rules')]],

  // wallet and transactions
  walletMissing: [
    'warning',
    ({ address }, l10n) => {
      const create = { title: l10n.t('Create Wallet'), command: 'daochain.createWallet' };
      const adopt = { title: l10n.t('Import Wallet'), command: 'daochain.importWallet' };
      return address === undefined ? [create, adopt] : [adopt];
    },
  ],
  walletLocked: ['warning', (_, l10n) => [{ title: l10n.t('Unlock Wallet'), command: 'daochain.unlockWallet' }]],
  walletExists: ['warning'],
  walletInvalid: ['error'],
  wrongPassword: ['error'],
  secretsUnavailable: ['error', lookIntoLog],
  insufficientFunds: [
    'warning',
    (_, l10n) => [{ title: l10n.t('Mine'), command: 'daochain.toggleMining', arguments: ['on'] }],
  ],
  staleLink: ['warning', signAgain],
  imageChanged: ['warning', signAgain],
  signatureOnItsWay: [
    'information',
    (_, l10n) => [{ title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' }],
  ],
  walletBusy: ['error'],
  signerNotAllowed: ['error'],
  transactionRejected: ['error', lookIntoLog],
  transactionDropped: ['error', signAgain],

  // organizations and signing requests
  organizationNotFound: ['error'],
  notAdmin: ['error'],
  requestInvalid: ['error'],
  requestExpired: ['error'],
  signatureInvalid: ['error'],

  // policy files and links
  policyInvalid: ['error'],
  linkInvalid: ['error'],
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

function openSettings(title: string, name: SettingName): NoticeAction {
  return { title, command: 'workbench.action.openSettings', arguments: [settingId(name)] };
}
