import { DaoChainError, isDaoChainError } from '../../core/errors';

/**
 * Why a registry, its token server or a store behind it gave no answer: `details.reason` of a `registryUnavailable`,
 * `registryWebPage` or `registryCertificate` error, beside HTTP statuses (`http500`) and the system's error codes (`ECONNREFUSED`, `ENOTFOUND` …).
 */
export type UnavailableReason =
  | 'timeout'
  /** Its certificate is not accepted. */
  | 'certificate'
  /** Anything else about TLS. */
  | 'tls'
  /** An answer beyond our bound. */
  | 'tooLarge'
  /** An answer of another shape than the protocol's. */
  | 'answerUnexpected'
  /** A web page, as a proxy or the login page of a network gives for whatever is asked. */
  | 'webPage'
  | 'tooManyRedirects'
  /** A file of `certs.d` cannot be used; `details.file` names it. */
  | 'certificateUnreadable'
  /** The other side ended the connection, as one does that wants a client certificate. */
  | 'connection';

/** Which of our rules a host breaks: `details.reason` of a `registryRefused` or `registryPlainHttp` error. */
export type RefusedReason =
  /** An address that is not public, of a host that nobody named. */
  | 'privateAddress'
  /** HTTP without TLS, to a host for which it is not allowed or after a start with TLS. */
  | 'plainHttp'
  /** A URL with a login in it or of another protocol. */
  | 'url';

/** `details.reason` of a `registryDenied` or `registryLogin` error. */
export type DeniedReason =
  /** Nobody has logged in to this registry, and it does not show this to everyone. */
  | 'loginMissing'
  /** The registry does not take the login, or the login does not reach so far. */
  | 'loginRejected'
  /** A credential helper cannot be run or fails; `details.helper` names it. */
  | 'helper'
  /** Docker's configuration cannot be read; `details.file` names it. */
  | 'configuration';

interface Extra {
  readonly details?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export function unavailable(
  host: string,
  reason: UnavailableReason | `http${number}`,
  extra: Extra = {},
): DaoChainError {
  return failure('registryUnavailable', host, reason, extra);
}

export function refused(host: string, reason: RefusedReason): DaoChainError {
  return failure('registryRefused', host, reason);
}

export function denied(host: string, reason: DeniedReason, extra: Extra = {}): DaoChainError {
  return failure('registryDenied', host, reason, extra);
}

/** Reasons after which a person has something else to do than after others of their kind. */
const codes = {
  certificate: 'registryCertificate',
  certificateUnreadable: 'registryCertificate',
  webPage: 'registryWebPage',
  plainHttp: 'registryPlainHttp',
  helper: 'registryLogin',
  configuration: 'registryLogin',
} as const;

function failure(
  kind: 'registryUnavailable' | 'registryRefused' | 'registryDenied',
  host: string,
  reason: string,
  { details = {}, cause }: Extra = {},
): DaoChainError {
  const [, code = kind] = Object.entries(codes).find(([each]) => each === reason) ?? [];
  return new DaoChainError(code, `${host}: ${reason}`, { details: { host, reason, ...details }, cause });
}

/** Seconds until `host` wants to be asked again. */
export function busy(host: string, seconds: number): DaoChainError {
  return new DaoChainError('registryBusy', `${host} asks to wait for ${seconds} s`, {
    details: { host, seconds: String(seconds) },
  });
}

const certificateCodes =
  /^(?:CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

/** The error of a request that came to nothing: our own where one is among its causes, else by the system's code. */
export function connectionFailed(host: string, error: unknown): DaoChainError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isDaoChainError(cause)) return cause;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (code === '') continue;
    if (certificateCodes.test(code)) return unavailable(host, 'certificate', { details: { code }, cause });
    if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
      return unavailable(host, 'tls', { details: { code }, cause });
    }
    if (code === 'UND_ERR_CONNECT_TIMEOUT') return unavailable(host, 'timeout', { cause });
    return failure('registryUnavailable', host, code.startsWith('UND_ERR_') ? 'connection' : code, { cause });
  }
  return unavailable(host, 'connection', { cause: error });
}
