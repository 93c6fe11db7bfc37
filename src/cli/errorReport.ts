import * as l10n from '@vscode/l10n';
import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../core/errors';
import { errorText } from '../words/errorText';
import { displayText } from '../core/displayText';
import { exitCodes, type ExitCode } from './exitCodes';
import { UsageError } from './usageError';

type Next = (details: ErrorDetails) => string | undefined;

/** What to type about an error; nothing where no command of this machine helps. */
const nextCommands: Readonly<Partial<Record<ErrorCode, Next>>> = {
  walletMissing: () => 'daochain wallet create',
  // Only what was not chosen by name gives way to what is installed.
  nodeNotInstalled: ({ path }) => (path === undefined ? 'daochain node install' : undefined),
  nodeCannotMine: ({ origin }) => (origin === 'setting' ? undefined : 'daochain node install'),
  // Another process than a node of ours is not this command's to end.
  nodeOwnedElsewhere: ({ folder }) => (folder === undefined ? 'daochain node stop' : undefined),
};

/** The same where the node is this machine's: that of an endpoint is somebody else's to start, to end and to make mine. */
const nextHere: Readonly<Partial<Record<ErrorCode, Next>>> = {
  nodeUnavailable: ({ reason }) => (reason === 'notRunning' ? 'daochain node start' : 'daochain node stop'),
  insufficientFunds: () => 'daochain node mine --blocks 10',
  signatureOnItsWay: () => 'daochain node mine',
  miningEnded: () => 'daochain node mine',
};

/** The sentence about an error, and what to type next where that is known. `isElsewhere`: the node is an endpoint's. */
export function errorReport(error: unknown, isElsewhere: boolean): string {
  if (error instanceof UsageError) return error.message;
  if (!isDaoChainError(error)) {
    return l10n.t('Something unexpected happened: {0}', displayText(String(error)));
  }
  const { code, details } = error;
  const next = (nextCommands[code] ?? (isElsewhere ? undefined : nextHere[code]))?.(details);
  const sentence = errorText(error, l10n);
  return next === undefined ? sentence : `${sentence}\n${l10n.t('Next: {0}', next)}`;
}

export function errorExitCode(error: unknown): ExitCode {
  if (
    error instanceof UsageError ||
    isDaoChainError(error, 'referenceInvalid', 'ruleInvalid', 'policyInvalid', 'linkInvalid')
  )
    return exitCodes.usage;
  return isDaoChainError(error, 'cancelled') ? exitCodes.cancelled : exitCodes.failed;
}
