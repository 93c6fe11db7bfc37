import * as l10n from '@vscode/l10n';
import { displayText } from '../../core/displayText';
import { DaoChainError } from '../../core/errors';
import type { NetworkFact } from '../../words/networkText';
import type { Invocation } from '../command';
import { UsageError } from '../usageError';

export const yesOption = { type: 'boolean', short: 'y', help: () => l10n.t('do not ask') } as const;

/** Shows everything, also to who does not want to be asked. */
export async function agree(
  invocation: Pick<Invocation<{ readonly yes: typeof yesOption }>, 'values' | 'terminal' | 'signal'>,
  facts: readonly NetworkFact[],
  question: string,
): Promise<void> {
  const { values, terminal, signal } = invocation;
  for (const line of factLines(facts)) terminal.say(line);
  if (values.yes === true) return;
  if (!terminal.isInteractive) throw new UsageError(l10n.t('There is no terminal to ask. Use --yes.'));
  if (!(await terminal.confirm(question, signal))) throw new DaoChainError('cancelled', 'It was not confirmed');
}

export function factLines(facts: readonly NetworkFact[]): readonly string[] {
  return facts.flatMap(({ text, below = [] }) => [text, ...below.map((line) => `  ${line}`)]);
}

export function numberOf(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(l10n.t('{0} is not a number.', displayText(text)));
  return Number(text);
}
