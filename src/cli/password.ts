import * as l10n from '@vscode/l10n';
import { shortestPassword } from '../core/walletLimits';
import { displayText } from '../core/displayText';
import { DaoChainError } from '../core/errors';
import { readNamedFile } from './namedFile';
import type { Terminal } from './terminal';
import { UsageError } from './usageError';

export const passwordOption = {
  'password-file': {
    type: 'string',
    value: 'FILE',
    help: () => l10n.t('read the password from the first line of this file instead of asking for it'),
  },
} as const;

/** Never from an argument or a variable, which other programs can see. */
export async function readPassword(
  file: string | undefined,
  prompt: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  if (file !== undefined) return readFirstLine(file, signal);
  if (!terminal.isInteractive)
    throw new UsageError(l10n.t('There is no terminal to ask for a password. Use --password-file.'));
  return terminal.askPassword(prompt, signal);
}

/** The same for a new one, which is asked for twice. */
export async function readNewPassword(
  file: string | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const prompt = l10n.t('New password; nobody can restore it for you:');
  const password = await readPassword(file, prompt, terminal, signal);
  if (password.length < shortestPassword) throw new UsageError(l10n.t('Use {0} characters or more.', shortestPassword));
  if (file !== undefined || (await terminal.askPassword(l10n.t('Type it again:'), signal)) === password)
    return password;
  throw new DaoChainError('wrongPassword', 'The two passwords differ');
}

/** Bytes of a file with a password in it. */
const largestFile = 64 * 1024;

/**
 * The text before the first line end, of either kind, without a byte order mark. Refused if others can read the file.
 * Somebody who could replace the file learns nothing by it, so its folder does not matter.
 */
async function readFirstLine(file: string, signal: AbortSignal): Promise<string> {
  const shown = displayText(file);
  const { bytes, mode, uid } = await readNamedFile(file, largestFile, signal);
  if (isExposed(mode, uid))
    throw new UsageError(
      l10n.t('Others can read {0}, so the password in it is not secret. Protect it: chmod 600', shown),
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Other bytes would become one and the same character, and many passwords one.
    throw new UsageError(l10n.t('{0} is not text in UTF-8.', shown));
  }
  const [line = ''] = text.split('\n');
  const password = line.replace(/\r$/, '');
  if (password === '') throw new UsageError(l10n.t('The first line of {0} is empty.', shown));
  return password;
}

/**
 * Whether anybody but this user and the system's administrator can read a file. Windows expresses this in another way.
 */
function isExposed(mode: number, uid: number): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  return (mode & 0o077) !== 0 || (user !== 0 && uid !== user && uid !== 0);
}
