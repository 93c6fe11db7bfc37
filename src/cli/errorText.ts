import * as l10n from '@vscode/l10n';
import { isDaoChainError, type ErrorCode } from '../core/errors';
import { errorSentence } from '../core/errorSentence';
import { displayText } from '../core/trust/displayText';
import { exitCodes, type ExitCode } from './exitCodes';
import { UsageError } from './usageError';

/** What to type about an error. */
const nextCommands: Readonly<Partial<Record<ErrorCode, string>>> = {
  nodeUnavailable: 'daochain node start',
  nodeNotInstalled: 'daochain node install',
  nodeCannotMine: 'daochain node install',
  walletMissing: 'daochain wallet create',
  insufficientFunds: 'daochain node mine --blocks 10',
  signatureOnItsWay: 'daochain node mine',
};

/** The sentence about an error, and what to type next where that is known. */
export function errorText(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (!isDaoChainError(error)) {
    return l10n.t('Something unexpected happened: {0}', displayText(String(error)));
  }
  const next = nextCommands[error.code];
  const sentence = errorSentence(error, l10n);
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

/** An error with all its causes, for a log. Details never hold a secret. */
export function errorChain(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error && lines.length < 10; cause = cause.cause) {
    const details = isDaoChainError(cause) ? ` [${cause.code}] ${JSON.stringify(cause.details)}` : '';
    lines.push(`${cause.name}: ${cause.message}${details}`);
  }
  return lines.join('\ncaused by ');
}
