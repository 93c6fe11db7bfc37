import * as l10n from '@vscode/l10n';
import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../core/errors';
import { errorText } from '../words/errorText';
import { displayText } from '../core/displayText';
import { exitCodes, type ExitCode } from './exitCodes';
import { UsageError } from './usageError';

type Next = (details: ErrorDetails) => string | undefined;

/** How a command ends with an error, and what to type about it; nothing where no command of this machine helps. */
interface Ending {
  readonly exit: ExitCode;
  readonly next?: Next;
  /** Where the node is this machine's: that of an endpoint is somebody else's to start, to end and to make mine. */
  readonly nextHere?: Next;
}

const failure: Ending = { exit: exitCodes.failed };
const usage: Ending = { exit: exitCodes.usage };

const endings: Readonly<Record<ErrorCode, Ending>> = {
  cancelled: { exit: exitCodes.cancelled },
  invalidInput: failure,
  workspaceUntrusted: failure,

  // images
  referenceInvalid: usage,
  imageMalformed: failure,
  imageNotFound: failure,
  imageWithoutName: failure,
  engineUnavailable: failure,
  engineFailed: failure,
  buildFailed: failure,

  // registries
  registryUnavailable: failure,
  registryCertificate: failure,
  registryWebPage: failure,
  registryRefused: failure,
  registryPlainHttp: failure,
  registryDenied: failure,
  registryLogin: failure,
  registryBusy: failure,
  registryOff: failure,
  pullRefused: failure,
  pullFailed: failure,
  pushFailed: failure,
  registryDiffers: failure,

  // chain and node
  nodeNotInstalled: {
    ...failure,
    // Only what was not chosen by name gives way to what is installed.
    next: ({ path }) => (path === undefined ? 'daochain node install' : undefined),
  },
  nodeCannotMine: {
    ...failure,
    next: ({ origin }) => (origin === 'setting' ? undefined : 'daochain node install'),
  },
  nodeInstallFailed: failure,
  nodeUnavailable: {
    ...failure,
    nextHere: ({ reason }) => (reason === 'notRunning' ? 'daochain node start' : 'daochain node stop'),
  },
  nodeFailed: failure,
  nodeOwnedElsewhere: {
    ...failure,
    // Another process than a node of ours is not this command's to end.
    next: ({ folder }) => (folder === undefined ? 'daochain node stop' : undefined),
  },
  miningRefused: failure,
  miningEnded: {
    ...failure,
    nextHere: () => 'daochain node mine',
  },
  networkInvalid: failure,
  backupInvalid: failure,
  ledgerUnknown: {
    ...failure,
    next: ({ reason }) => (reason === 'terms' ? 'daochain network join LINK' : undefined),
  },
  ledgerInconsistent: failure,
  statementInvalid: failure,
  statementNotFound: failure,
  ruleInvalid: usage,

  // wallet and transactions
  walletMissing: {
    ...failure,
    next: () => 'daochain wallet create',
  },
  walletLocked: failure,
  walletExists: failure,
  walletInvalid: failure,
  wrongPassword: failure,
  secretsUnavailable: failure,
  insufficientFunds: {
    ...failure,
    nextHere: () => 'daochain node mine --blocks 10',
  },
  staleLink: failure,
  imageChanged: failure,
  signatureOnItsWay: {
    ...failure,
    nextHere: () => 'daochain node mine',
  },
  walletBusy: failure,
  signerNotAllowed: failure,
  transactionRejected: failure,
  transactionDropped: failure,

  // organizations and signing requests
  organizationNotFound: failure,
  notAdmin: failure,
  requestInvalid: failure,
  requestExpired: failure,
  signatureInvalid: failure,

  // policy files and links
  policyInvalid: usage,
  linkInvalid: usage,
};

/** The sentence about an error, and what to type next where that is known. `isElsewhere`: the node is an endpoint's. */
export function errorReport(error: unknown, isElsewhere: boolean): string {
  if (error instanceof UsageError) return error.message;
  if (!isDaoChainError(error)) {
    return l10n.t('Something unexpected happened: {0}', displayText(String(error)));
  }
  const { code, details } = error;
  const { next, nextHere } = endings[code];
  const command = (next ?? (isElsewhere ? undefined : nextHere))?.(details);
  const sentence = errorText(error, l10n);
  return command === undefined ? sentence : `${sentence}\n${l10n.t('Next: {0}', command)}`;
}

export function errorExitCode(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  return isDaoChainError(error) ? endings[error.code].exit : exitCodes.failed;
}
