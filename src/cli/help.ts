import * as l10n from '@vscode/l10n';
import type { TerminalCommand } from './command';
import { commonOptions } from './command';
import { commands } from './commands';

/** Of the program, or of a group such as `node`. */
export function overview(group?: string): string {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `));
  return [
    `${l10n.t('Usage:')} daochain ${group ?? 'COMMAND'} …`,
    '',
    ...(group === undefined
      ? [l10n.t('Tells whether a container image is the one that its publisher built.'), '']
      : []),
    ...table(shown.map(({ name, summary }) => [name, summary()])),
    '',
    l10n.t('For help on a command: daochain COMMAND --help'),
  ].join('\n');
}

export function commandHelp(name: string, summary: string, { usage, options, notes }: TerminalCommand): string {
  const own = Object.keys(options).filter((option) => !Object.hasOwn(commonOptions, option));
  const lines = (names: readonly string[]): readonly (readonly [string, string])[] =>
    names.flatMap((option) => {
      const found = options[option];
      if (found === undefined) return [];
      const short = found.short === undefined ? '' : `-${found.short}, `;
      const value = found.value === undefined ? '' : ` ${found.value}`;
      return [[`${short}--${option}${value}`, found.help()] as const];
    });
  return [
    `${l10n.t('Usage:')} ${['daochain', name, usage].filter(Boolean).join(' ')}`,
    '',
    summary,
    '',
    ...(own.length === 0 ? [] : [...table(lines(own)), '']),
    ...table(lines(Object.keys(commonOptions))),
    ...(notes === undefined ? [] : ['', notes()]),
  ].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
