import * as l10n from '@vscode/l10n';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import {
  formatReference,
  namesRegistry,
  parseReference,
  withDefaultTag,
  type ImageReference,
} from '../../core/image/reference';
import { formatBytes } from '../../words/amountText';
import type { SigningPlan } from '../../core/plans/signingPlan';
import { pushTargetText } from '../../words/pushText';
import { defineCommand, type Invocation } from '../command';
import { errorReport } from '../errorReport';
import { exitCodes } from '../exitCodes';
import { planLines, plannedJson } from '../planLines';
import { publisherOption, readPublisher } from '../publisher';
import { prepareSending, sendPlan, sendingOptions, sentExitCode } from '../sending';
import { withSession } from '../session';
import { UsageError } from '../usageError';
import { registryFailureText } from '../../words/registryText';

export const push = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {
    complete: {
      type: 'boolean',
      help: () => l10n.t('add the registry’s digests to the signature after the push, without being asked'),
    },
    'no-complete': { type: 'boolean', help: () => l10n.t('only push') },
    ...publisherOption,
    ...sendingOptions,
  },
  notes: () =>
    l10n.t('A signature that names the registry’s digests lets others recognize the image before they pull it.'),
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const reference = withDefaultTag(parseReference(positionals[0] ?? ''));
    const publisher = readPublisher(values.publisher, process.env);
    const isWanted = values.complete ?? (values['no-complete'] !== true && terminal.isInteractive);
    const sending = { ...invocation, values: { ...values, yes: values.yes ?? values.complete === true } };
    await confirmTarget(reference, invocation);
    return withSession(
      invocation,
      async (session) => {
        const { digest, registryFailure } = await session.pushes.push(reference, signal, ({ phase, done, total }) => {
          if (phase === 'pushing')
            terminal.progress(
              l10n.t('Pushing to {0}: {1} of {2}', reference.registry, formatBytes(done), formatBytes(total)),
            );
        });
        const pushed = formatReference({ repository: reference.repository, digest });
        if (registryFailure !== undefined)
          terminal.say(l10n.t('{0}: {1}', reference.registry, registryFailureText(registryFailure, l10n)));
        if (values.json !== true) terminal.print(pushed);
        let plan: SigningPlan | undefined;
        if (isWanted) {
          try {
            const signer = await prepareSending(session, sending);
            const made = await session.signing.planCompletion(
              `${formatReference(reference)}@${digest}`,
              { signer, publisher },
              signal,
            );
            plan = await session.foresight.foretell(made, signal);
          } catch (error) {
            // Nothing to complete is no failure of the push, unless it was asked for.
            const isNothing = isDaoChainError(error, 'statementNotFound', 'walletMissing', 'nodeUnavailable');
            if (values.complete === true || !isNothing) throw error;
            terminal.say(errorReport(error, session.endpoint !== undefined));
          }
        }
        const sent = plan && (await sendPlan(plan, planLines(plan), session.signing, session, sending));
        if (values.json === true)
          terminal.printJson({ pushed, digest, completed: plan === undefined ? null : plannedJson(plan), ...sent });
        return plan === undefined ? exitCodes.done : sentExitCode(sent, sending);
      },
      [reference.registry],
    );
  },
});

/** Nothing goes to a registry that the name does not say before a person, or --yes, has agreed to it. */
async function confirmTarget(
  reference: ImageReference,
  { values, terminal, signal }: Invocation<typeof sendingOptions>,
): Promise<void> {
  if (namesRegistry(reference)) return;
  terminal.say(pushTargetText(reference, l10n));
  if (values.yes === true) return;
  if (!terminal.isInteractive)
    throw new UsageError(
      l10n.t('There is no terminal to confirm where to push. Write out the full name, or use --yes.'),
    );
  if (!(await terminal.confirm(l10n.t('Push to {0}?', reference.registry), signal)))
    throw new DaoChainError('cancelled', 'It is to go elsewhere, or nowhere');
}
