import { readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { displayText } from '../core/trust/displayText';
import { DaoChainError } from '../core/errors';
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
  if (file !== undefined) return readFirstLine(file);
  if (!terminal.isInteractive)
    throw new UsageError(l10n.t('Nobody is here to ask for a password: give --password-file.'));
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
  if (password.length < shortest) throw new UsageError(l10n.t('Use {0} characters or more.', shortest));
  if (file !== undefined || (await terminal.askPassword(l10n.t('Once more:'), signal)) === password) return password;
  throw new DaoChainError('wrongPassword', 'The two passwords differ');
}

const shortest = 8;

async function readFirstLine(file: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/);
    return line;
  } catch {
    throw new UsageError(l10n.t('{0} cannot be read.', displayText(file)));
  }
}
