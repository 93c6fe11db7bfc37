import * as l10n from '@vscode/l10n';
import { formatReference, parseReference } from '../../core/image/reference';
import { vouchWarning } from '../../words/planText';
import type { SigningPlan } from '../../core/plans/signingPlan';
import { DaoChainError } from '../../core/errors';
import { defineCommand, type Invocation } from '../command';
import { planLines, plannedJson } from '../planLines';
import { publisherOption, readPublisher } from '../publisher';
import { planAndSend, prepareSending, sendingOptions, sentExitCode, sentJson } from '../sending';
import { withSession } from '../session';
import { UsageError } from '../usageError';

export const vouch = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {
    'from-registry': {
      type: 'boolean',
      help: () => l10n.t('vouch for what the registry has under REF, even if the engine has an image of that name'),
    },
    platform: {
      type: 'string',
      value: 'OS/ARCH',
      help: () => l10n.t('which image; the one that the engine runs unless given'),
    },
    again: { type: 'boolean', help: () => l10n.t('sign again what is already signed with the same content') },
    alone: { type: 'boolean', help: () => l10n.t('drop the other platforms that you vouched for') },
    ...publisherOption,
    ...sendingOptions,
  },
  notes: () =>
    l10n.t(
      'You vouch for exactly the digest that is shown, not for what comes under the tag later. REF can name it, as in REF:TAG@sha256:…',
    ),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [name = ''] = positionals;
    const publisher = readPublisher(values.publisher, process.env);
    return withSession(
      invocation,
      async (session) => {
        const signer = await prepareSending(session, invocation);
        const { platform, again, alone } = values;
        const source = values['from-registry'] === true ? 'registry' : undefined;
        const options = { signer, publisher, platform, source, again: again === true, alone: alone === true } as const;
        const makePlan = async (): Promise<SigningPlan> => {
          const made = await session.vouches.plan(name, options, signal);
          await warnOfRed(made, invocation);
          return session.foresight.foretell(made, signal);
        };
        const { plan, sent } = await planAndSend(makePlan, planLines, session.signing, session, invocation);
        if (values.json === true) terminal.printJson(sentJson(sent, plannedJson(plan)));
        else for (const { reference } of plan.images) terminal.print(formatReference(reference));
        return sentExitCode(sent, invocation);
      },
      [parseReference(name).registry],
    );
  },
});

/**
 * Nobody vouches for a red or look-alike image by accident: a person confirms it before they see the rest, and a script
 * cannot.
 */
export async function warnOfRed(plan: SigningPlan, { terminal, signal }: Invocation): Promise<void> {
  const warnings = plan.images.flatMap((image) => vouchWarning(image, l10n) ?? []);
  if (warnings.length === 0) return;
  for (const warning of warnings) terminal.say(terminal.style('red', warning));
  if (!terminal.isInteractive)
    throw new UsageError(l10n.t('Vouching for it despite this warning must be confirmed in a terminal.'));
  if (!(await terminal.confirm(l10n.t('Vouch for it anyway?'), signal)))
    throw new DaoChainError('cancelled', 'The warning was heeded');
}
