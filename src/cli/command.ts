import { parseArgs } from 'node:util';
import * as l10n from '@vscode/l10n';
import { displayText } from '../core/displayText';
import { languageIds, type Language } from '../core/languages';
import type { ExitCode } from './exitCodes';
import type { Terminal } from './terminal';
import { UsageError } from './usageError';

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The name of the value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: () => string;
}

type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O['type'] extends 'boolean' ? boolean : O['multiple'] extends true ? string[] : string;

type Values<O extends Options> = { readonly [Name in keyof O]?: Value<O[Name]> };

/** Options that every command has. */
export const commonOptions = {
  data: {
    type: 'string',
    value: 'DIR',
    help: () => l10n.t('folder of node, index, wallet and trust rules ($DAOCHAIN_DATA)'),
  },
  network: {
    type: 'string',
    value: 'NAME',
    help: () => l10n.t('the followed network that is meant, by name or chain ID; home unless given'),
  },
  endpoint: {
    type: 'string',
    value: 'PATH|URL',
    help: () => l10n.t('a node that runs elsewhere: its socket on this machine, or a web address, which only reports'),
  },
  geth: { type: 'string', value: 'FILE', help: () => l10n.t('the program of the node; the one on PATH unless given') },
  'dataset-folder': {
    type: 'string',
    value: 'DIR',
    help: () => l10n.t('a folder with DAG files, which are used and never written; the one of geth unless given'),
  },
  rules: {
    type: 'string',
    value: 'FILE',
    help: () => l10n.t('trust rules; DIR/trust.json and DIR/trust.local.json unless given'),
  },
  'private-host': {
    type: 'string',
    value: 'HOST',
    multiple: true,
    help: () => l10n.t('a registry that may be in your own network, as HOST or HOST:PORT'),
  },
  'plain-http-host': {
    type: 'string',
    value: 'HOST',
    multiple: true,
    help: () => l10n.t('a registry that is asked without TLS'),
  },
  json: { type: 'boolean', help: () => l10n.t('print the result as JSON') },
  lang: {
    type: 'string',
    value: languageIds.join('|'),
    help: () => l10n.t('language; that of the locale unless given'),
  },
  verbose: { type: 'boolean', short: 'v', help: () => l10n.t('report progress on the error output') },
  help: { type: 'boolean', short: 'h', help: () => l10n.t('show this text') },
} as const satisfies Options;

/** What a command is run with. */
export interface Invocation<O extends Options = typeof commonOptions> {
  readonly values: Values<O & typeof commonOptions>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
  readonly language: Language;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

interface Definition<O extends Options> {
  /** What follows the command's name: `REF…`. */
  readonly usage: string;
  /** How many words: at least, at most. */
  readonly words: readonly [number, number];
  readonly options: O;
  /** What a person reads below the options. */
  readonly notes?: () => string;
  readonly run: (invocation: Invocation<O>) => Promise<ExitCode>;
}

export interface TerminalCommand extends Pick<Definition<Options>, 'usage' | 'options' | 'notes'> {
  /** Throws a `UsageError` for arguments that it cannot take. `help`: nothing was run, help is asked for. */
  readonly run: (
    args: readonly string[],
    surroundings: Pick<Invocation, 'terminal' | 'language' | 'signal'>,
  ) => Promise<ExitCode | 'help'>;
}

export function defineCommand<const O extends Options>(definition: Definition<O>): TerminalCommand {
  const options = { ...definition.options, ...commonOptions };
  return {
    ...definition,
    options,
    run: async (args, surroundings) => {
      const { values, positionals } = parse<O & typeof commonOptions>(args, options);
      if (values.help === true) return 'help';
      const [least, most] = definition.words;
      if (positionals.length < least) throw new UsageError(l10n.t('Something is missing: {0}', definition.usage));
      const extra = positionals[most];
      if (extra !== undefined) throw new UsageError(l10n.t('Unexpected argument: {0}', displayText(extra)));
      return definition.run({ values, positionals, ...surroundings });
    },
  };
}

/** `parseArgs` reports errors only in English, so its tokens are checked here. */
function parse<O extends Options>(
  args: readonly string[],
  options: Options,
): { readonly values: Values<O>; readonly positionals: string[] } {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, forParser(option)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const name = displayText(token.rawName);
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw new UsageError(l10n.t('There is no option {0}.', name));
    const isMissing = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
    if (option.type === 'string' && isMissing) throw new UsageError(l10n.t('{0} needs a value.', name));
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(l10n.t('{0} takes no value.', name));
  }
  // By the table and the tokens each value has its option's type.
  return { values: values as Values<O>, positionals };
}

function forParser({ type, short, multiple }: Option): Pick<Option, 'type' | 'short' | 'multiple'> {
  return { type, ...(short !== undefined && { short }), ...(multiple !== undefined && { multiple }) };
}
