import { resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { SigningRequest } from '../core/ledger/signingRequest';
import { displayText } from '../core/displayText';
import { formatRequestFile, largestRequestFile, parseRequestFile } from '../services/signing/signingRequestFile';
import { createNamedFile, readNamedFile, replaceNamedFile } from './namedFile';
import { UsageError } from './usageError';

export const outputOption = {
  output: { type: 'string', short: 'o', value: 'FILE', help: () => l10n.t('where to write the request; required') },
} as const;

/** It is for others, and holds no secret. What the user's own mask takes away stays away. */
const readableByAll = 0o666;

/** `requestInvalid`. */
export async function readRequest(file: string, signal: AbortSignal): Promise<SigningRequest> {
  return parseRequestFile((await readNamedFile(file, largestRequestFile, signal)).bytes);
}

/** Over nothing but the file that it came from. */
export async function writeRequest(request: SigningRequest, file: string, from?: string): Promise<void> {
  const isSame = from !== undefined && resolve(from) === resolve(file);
  try {
    await (isSame ? replaceNamedFile : createNamedFile)(file, formatRequestFile(request), readableByAll);
  } catch {
    throw new UsageError(l10n.t('{0} already exists, or cannot be written.', displayText(file)));
  }
}

export function requiredOutput(output: string | undefined): string {
  if (output === undefined) throw new UsageError(l10n.t('Something is missing: {0}', '--output FILE'));
  return output;
}

const seconds = { m: 60, h: 60 * 60, d: 24 * 60 * 60 } as const;

/** `30m`, `2h` or `7d`, in seconds. */
export function readLifetime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit] = /^([1-9][0-9]{0,4})([mhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(l10n.t('{0} takes a time such as 30m, 2h or 7d.', '--expires'));
  return Number(count) * seconds[unit as keyof typeof seconds];
}
