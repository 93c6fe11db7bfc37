import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../core/errors';
import type { Localizer } from '../core/localizer';
import { displayText } from '../core/trust/displayText';
import { registryFailureText } from '../core/trust/explain';
import { neededEther, shortEther } from './units';

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

type Describe = (details: ErrorDetails, l10n: Localizer) => Notice;

/** The notice for an error that a command threw; undefined for one that needs none, since the user cancelled. */
export function noticeOf(error: unknown, l10n: Localizer): Notice | undefined {
  if (!isDaoChainError(error)) {
    return failure(l10n.t('Something unexpected happened. The log says what.'), [showLog(l10n)]);
  }
  return error.code === 'cancelled' ? undefined : notices[error.code](error.details, l10n);
}

const notices: Readonly<Record<Exclude<ErrorCode, 'cancelled'>, Describe>> = {
  invalidInput: (_, l10n) =>
    failure(l10n.t('That cannot be done with what was given. The log says why.'), [showLog(l10n)]),
  workspaceUntrusted: (_, l10n) =>
    warning(l10n.t('Signing, the wallet and the node are off in Restricted Mode.'), [
      { title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' },
    ]),

  referenceInvalid: ({ text = '' }, l10n) => failure(l10n.t('"{0}" is not the name of an image.', displayText(text))),
  imageMalformed: (details, l10n) => failure(malformedText(details, l10n), [showLog(l10n)]),
  imageNotFound: ({ image = '' }, l10n) =>
    failure(
      image === ''
        ? l10n.t('The image is not here any more.')
        : l10n.t('There is no local image {0}.', displayText(image)),
      [refresh(l10n)],
    ),
  imageWithoutName: (_, l10n) =>
    warning(l10n.t('An image is signed under a name and a tag. Give it one with "docker tag", then sign it.')),
  engineUnavailable: (details, l10n) =>
    failure(engineText(details, l10n), [refresh(l10n), openSettings(l10n.t('Choose Engine'), 'daochain.engine.host')]),
  engineFailed: (details, l10n) => failure(engineFailureText(details, l10n), [showLog(l10n)]),
  buildFailed: ({ message = '' }, l10n) =>
    failure(l10n.t('The build failed: {0}', displayText(message)), [showLog(l10n)]),

  registryUnavailable: (_, l10n) => failure(registryFailureText('registryUnavailable', l10n), [showLog(l10n)]),
  registryRefused: (_, l10n) =>
    failure(registryFailureText('registryRefused', l10n), [
      openSettings(l10n.t('Open Settings'), 'daochain.registry.privateHosts'),
    ]),
  registryDenied: (_, l10n) => failure(registryFailureText('registryDenied', l10n), [showLog(l10n)]),
  registryBusy: (_, l10n) => warning(registryFailureText('registryBusy', l10n)),
  registryOff: (_, l10n) =>
    warning(registryFailureText('registryOff', l10n), [
      openSettings(l10n.t('Open Settings'), 'daochain.registry.enabled'),
    ]),
  pullRefused: ({ image = '' }, l10n) =>
    failure(l10n.t('Not pulled: a trust rule that enforces does not accept {0}.', displayText(image))),
  pullFailed: ({ message = '' }, l10n) =>
    failure(l10n.t('The pull failed: {0}', displayText(message)), [showLog(l10n)]),
  pushFailed: ({ message = '' }, l10n) =>
    failure(l10n.t('The push failed: {0}', displayText(message)), [showLog(l10n)]),

  nodeNotInstalled: ({ path }, l10n) =>
    path === undefined
      ? warning(l10n.t('There is no node on this machine yet: geth was not found.'), [
          { title: l10n.t('Install Node'), command: 'daochain.installNode' },
          openSettings(l10n.t('Choose Program'), 'daochain.node.path'),
        ])
      : failure(l10n.t('{0} is not geth.', displayText(path)), [
          openSettings(l10n.t('Open Settings'), 'daochain.node.path'),
        ]),
  nodeCannotMine: ({ path = 'geth', version = '?' }, l10n) =>
    failure(l10n.t('{0} is geth {1}, which cannot mine: 1.11.6 is the last that can.', displayText(path), version), [
      { title: l10n.t('Install Node'), command: 'daochain.installNode' },
      openSettings(l10n.t('Choose Program'), 'daochain.node.path'),
    ]),
  nodeInstallFailed: ({ reason, command = '' }, l10n) =>
    failure(
      reason === 'goMissing'
        ? l10n.t(
            'There is no Go on this machine to build the node with. Install Go, or build it elsewhere with: {0}',
            command,
          )
        : l10n.t('Go could not build the node. The log says why; by hand it is: {0}', command),
      [{ title: l10n.t('Show Node Log'), command: 'daochain.showNodeLog' }],
    ),
  nodeUnavailable: (_, l10n) =>
    failure(l10n.t('The node does not answer.'), [
      { title: l10n.t('Start Node'), command: 'daochain.startNode' },
      { title: l10n.t('Show Node Log'), command: 'daochain.showNodeLog' },
    ]),
  nodeFailed: (_, l10n) =>
    failure(l10n.t('The node has failed. Its log says why.'), [
      { title: l10n.t('Show Node Log'), command: 'daochain.showNodeLog' },
      { title: l10n.t('Start Node'), command: 'daochain.startNode' },
    ]),
  nodeOwnedElsewhere: ({ pid = '?' }, l10n) =>
    failure(l10n.t('Another window has the node (process {0}) and does not answer. Close it and try again.', pid), [
      { title: l10n.t('Try Again'), command: 'daochain.startNode' },
    ]),
  networkInvalid: (_, l10n) =>
    failure(l10n.t('The network is refused, because it is not what it claims to be. The log says why.'), [
      showLog(l10n),
    ]),
  ledgerUnknown: (_, l10n) =>
    failure(l10n.t('There is no ledger of a known release at the address of this network.'), [showLog(l10n)]),
  ledgerInconsistent: (_, l10n) =>
    failure(l10n.t('The node contradicts itself about the ledger, so nothing that it says is used.'), [showLog(l10n)]),
  statementInvalid: (_, l10n) =>
    failure(l10n.t('This cannot be stated in the ledger. The log says why.'), [showLog(l10n)]),
  ruleInvalid: (_, l10n) =>
    failure(l10n.t('That is not a valid trust rule.'), [openSettings(l10n.t('Open Settings'), 'daochain.trust.rules')]),

  walletMissing: (_, l10n) =>
    warning(l10n.t('There is no wallet yet.'), [
      { title: l10n.t('Create Wallet'), command: 'daochain.createWallet' },
      { title: l10n.t('Import Wallet'), command: 'daochain.importWallet' },
    ]),
  walletLocked: (_, l10n) =>
    warning(l10n.t('The wallet has locked itself. Nothing was sent.'), [
      { title: l10n.t('Unlock Wallet'), command: 'daochain.unlockWallet' },
    ]),
  walletExists: (_, l10n) => warning(l10n.t('There is a wallet already.')),
  walletInvalid: (_, l10n) => failure(l10n.t('That file is not an encrypted wallet.')),
  wrongPassword: (_, l10n) => failure(l10n.t('The password is wrong.')),
  secretsUnavailable: (_, l10n) =>
    failure(
      l10n.t(
        'The secret storage of this machine does not keep what it is given, so a wallet would be lost with the window.',
      ),
      [showLog(l10n)],
    ),
  insufficientFunds: ({ missing = '0', balance = '0' }, l10n) =>
    warning(
      l10n.t(
        'The balance of {0} is too little: {1} are missing. Nothing was sent. Mining earns it.',
        shortEther(BigInt(balance)),
        neededEther(BigInt(missing)),
      ),
      [{ title: l10n.t('Mine'), command: 'daochain.toggleMining', arguments: ['on'] }],
    ),
  staleLink: (_, l10n) =>
    warning(l10n.t('Somebody else signed this tag in your name first. Nothing of yours was written.'), [
      { title: l10n.t('Sign Again'), command: 'daochain.signImage' },
    ]),
  imageChanged: ({ image = '?' }, l10n) =>
    warning(l10n.t('{0} was replaced after you looked at it. Nothing was sent.', displayText(image)), [
      { title: l10n.t('Sign Again'), command: 'daochain.signImage', arguments: [image] },
    ]),
  signatureOnItsWay: ({ image = '?' }, l10n) =>
    information(l10n.t('A signature of {0} is on its way already.', displayText(image)), [
      { title: l10n.t('Mine until Final'), command: 'daochain.mineUntilFinal' },
    ]),
  signerNotAllowed: (_, l10n) => failure(l10n.t('This wallet may not sign for that publisher.')),
  transactionRejected: ({ reason = '' }, l10n) =>
    failure(l10n.t('The ledger refused the transaction: {0}', displayText(reason)), [showLog(l10n)]),
  transactionDropped: (_, l10n) =>
    failure(l10n.t('The transaction is gone and cannot be sent again. Nothing was written; sign again.'), [
      { title: l10n.t('Sign Again'), command: 'daochain.signImage' },
    ]),
};

function malformedText({ reason }: ErrorDetails, l10n: Localizer): string {
  switch (reason) {
    case 'duplicateKey':
    case 'ambiguousKey':
      return l10n.t('The image is malformed: engines could read its configuration in more than one way.');
    case 'digest':
      return l10n.t('The image is malformed: its bytes are not what their digest says.');
    case 'tooLarge':
      return l10n.t('The image is malformed: its configuration is larger than DaoChain is willing to read.');
    case undefined:
    default:
      return l10n.t('The image is malformed, so nothing can be said about it.');
  }
}

function engineText({ reason, host = '', context = '', file = '' }: ErrorDetails, l10n: Localizer): string {
  switch (reason) {
    case 'contextMissing':
      return l10n.t('The Docker context "{0}" does not exist.', displayText(context));
    case 'fileUnreadable':
      return l10n.t('{0} cannot be read.', displayText(file));
    case 'ssh':
      return l10n.t('{0} is an SSH address, which DaoChain does not use.', displayText(host));
    case 'hostInvalid':
      return l10n.t('{0} is not the address of an engine.', displayText(host));
    case undefined:
    default:
      return host === ''
        ? l10n.t('Docker Engine does not answer. Is it running?')
        : l10n.t('Docker Engine does not answer at {0}. Is it running?', displayText(host));
  }
}

function engineFailureText({ reason, message = '' }: ErrorDetails, l10n: Localizer): string {
  if (reason === 'damaged')
    return l10n.t('Docker Engine cannot read its own copy of the image. Pull or build it again.');
  if (reason === 'unsaveable')
    return l10n.t('Docker Engine cannot hand this image out, so its content cannot be read.');
  return message === ''
    ? l10n.t('Docker Engine answered with an error. The log says what it was.')
    : l10n.t('Docker Engine answered: {0}', displayText(message));
}

function information(message: string, actions: readonly NoticeAction[] = []): Notice {
  return { severity: 'information', message, actions };
}

function warning(message: string, actions: readonly NoticeAction[] = []): Notice {
  return { severity: 'warning', message, actions };
}

function failure(message: string, actions: readonly NoticeAction[] = []): Notice {
  return { severity: 'error', message, actions };
}

function showLog(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Show Log'), command: 'daochain.showLog' };
}

function refresh(l10n: Localizer): NoticeAction {
  return { title: l10n.t('Try Again'), command: 'daochain.refreshImages' };
}

function openSettings(title: string, setting: string): NoticeAction {
  return { title, command: 'workbench.action.openSettings', arguments: [setting] };
}
