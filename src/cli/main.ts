/** Entry point of `daochain`: finds the command, runs it and says how it ended. */
import * as l10n from '@vscode/l10n';
import manifest from '../../package.json';
import { displayText } from '../core/displayText';
import { commands } from './commands';
import { describeForLog } from '../core/errors';
import { errorExitCode, errorReport } from './errorReport';
import { exitCodes, type ExitCode } from './exitCodes';
import { commandHelp, overview } from './help';
import { languageOf, speak } from './language';
import { Terminal } from './terminal';
import { UsageError } from './usageError';

async function run(args: readonly string[]): Promise<ExitCode> {
  const language = languageOf(args, process.env);
  const verbose = args.some((arg) => arg === '--verbose' || arg === '-v');
  const { stdin, stdout, stderr, env } = process;
  const terminal = new Terminal({ stdin, stdout, stderr, env, verbose, language });
  const cancellation = new AbortController();
  process.on('SIGINT', () => {
    // The first asks for a clean end; who cannot wait for it asks again.
    if (cancellation.signal.aborted) process.exit(exitCodes.cancelled);
    cancellation.abort();
  });
  process.once('SIGTERM', () => {
    cancellation.abort();
  });
  try {
    await speak(language);
    const [first = '', second = ''] = args;
    const entry = commands.find(({ name }) => name === first || name === `${first} ${second}`);
    if (entry === undefined) return withoutCommand(args, terminal);
    const command = await entry.load();
    const rest = args.slice(entry.name.split(' ').length);
    const code = await command.run(rest, { terminal, language, signal: cancellation.signal });
    if (code !== 'help') return code;
    terminal.print(commandHelp(entry.name, entry.summary(), command));
    return exitCodes.done;
  } catch (error) {
    const isElsewhere = args.some((arg) => arg === '--endpoint' || arg.startsWith('--endpoint='));
    terminal.say(errorReport(error, isElsewhere));
    if (!(error instanceof UsageError)) terminal.log.error(describeForLog(error));
    else terminal.say(l10n.t('See: daochain --help'));
    return errorExitCode(error);
  }
}

function withoutCommand([first, second]: readonly string[], terminal: Terminal): ExitCode {
  const isGroup = commands.some(({ name }) => name.startsWith(`${String(first)} `));
  const asked = isGroup ? second : first;
  if (first === '--version' || first === '-V') terminal.print(manifest.version);
  else if (asked === '--help' || asked === '-h' || first === 'help')
    terminal.print(overview(isGroup ? first : undefined));
  else if (asked === undefined) {
    terminal.say(overview(isGroup ? first : undefined));
    return exitCodes.usage;
  } else
    throw new UsageError(
      l10n.t('There is no command "{0}".', displayText(isGroup ? `${String(first)} ${asked}` : asked)),
    );
  return exitCodes.done;
}

// Who reads has had enough, as `head` does. The work goes on, because its result is the exit code.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(exitCodes.failed);
  });
}

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // The last output to a pipe can still be on its way; nothing else that is open has anything more to write.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
