/**
 * The one error type of the product. Codes are a closed list and stay as they are. What people read of each is in one table,
 * `words/errorText.ts`, for the editor and the terminal; `message` is for logs and tests only and is shown to nobody.
 */
export type ErrorCode =
  | 'cancelled'
  | 'invalidInput'
  | 'workspaceUntrusted'
  // images
  | 'referenceInvalid'
  | 'imageMalformed'
  | 'imageNotFound'
  | 'imageWithoutName'
  | 'engineUnavailable'
  | 'engineFailed'
  | 'buildFailed'
  // registries
  | 'registryUnavailable'
  | 'registryCertificate'
  | 'registryWebPage'
  | 'registryRefused'
  | 'registryPlainHttp'
  | 'registryDenied'
  | 'registryLogin'
  | 'registryBusy'
  | 'registryOff'
  | 'pullRefused'
  | 'pullFailed'
  | 'pushFailed'
  | 'registryDiffers'
  // chain and node
  | 'nodeNotInstalled'
  | 'nodeCannotMine'
  | 'nodeInstallFailed'
  | 'nodeUnavailable'
  | 'nodeFailed'
  | 'nodeOwnedElsewhere'
  | 'miningEnded'
  | 'miningRefused'
  | 'networkInvalid'
  | 'backupInvalid'
  | 'ledgerUnknown'
  | 'ledgerInconsistent'
  | 'statementInvalid'
  | 'statementNotFound'
  | 'ruleInvalid'
  // wallet and transactions
  | 'walletMissing'
  | 'walletLocked'
  | 'walletExists'
  | 'walletInvalid'
  | 'wrongPassword'
  | 'secretsUnavailable'
  | 'insufficientFunds'
  | 'staleLink'
  | 'imageChanged'
  | 'signatureOnItsWay'
  | 'walletBusy'
  | 'signerNotAllowed'
  | 'transactionRejected'
  | 'transactionDropped'
  // organizations and signing requests
  | 'organizationNotFound'
  | 'notAdmin'
  | 'requestInvalid'
  | 'requestExpired'
  | 'signatureInvalid'
  // policy files and links
  | 'policyInvalid'
  | 'linkInvalid';

/** Values that the sentence for a code needs, for example `{ missing: '0.02', balance: '0.01' }`. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string>>;

export class DaoChainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DaoChainError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for our own error, optionally with one of `codes`. Works across bundles, where `instanceof` does not. */
export function isDaoChainError(error: unknown, ...codes: readonly ErrorCode[]): error is DaoChainError {
  if (!(error instanceof Error) || error.name !== 'DaoChainError' || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(error.code as ErrorCode);
}

/** An error as it is logged: the whole chain of causes, one line each. Details never hold a secret. */
export function describeForLog(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error && lines.length < 10; cause = cause.cause) {
    const code = 'code' in cause ? ` [${String(cause.code)}]` : '';
    const details = isDaoChainError(cause) ? ` ${JSON.stringify(cause.details)}` : '';
    lines.push(`${cause.name}${code}: ${cause.message}${details}`);
  }
  return lines.length === 0 ? 'Something was thrown that is no error' : lines.join('\n  caused by ');
}

/** Throws `cancelled` when `signal` has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new DaoChainError('cancelled', 'Cancelled');
}
