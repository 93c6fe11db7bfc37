import * as l10n from '@vscode/l10n';
import { formatReference, parseReference } from '../../core/image/reference';
import type { SigningPlan } from '../../core/plans/signingPlan';
import { defineCommand } from '../command';
import { planLines, plannedJson, tellSkipped } from '../planLines';
import { publisherOption, readPublisher } from '../publisher';
import { planAndSend, prepareSending, sendingOptions, sentExitCode, sentJson } from '../sending';
import { withSession } from '../session';
import { UsageError } from '../usageError';

export const sign = defineCommand({
  usage: 'REF…',
  words: [1, Infinity],
  options: {
    'from-registry': {
      type: 'boolean',
      help: () => l10n.t('sign what the registry has under REF, with all platforms of its index'),
    },
    again: { type: 'boolean', help: () => l10n.t('sign again what is already signed with the same content') },
    alone: { type: 'boolean', help: () => l10n.t('drop the other platforms of the release') },
    ...publisherOption,
    ...sendingOptions,
  },
  notes: () =>
    l10n.t(
      'Nobody has seen the layers of what --from-registry signs. Specify the digest that your builder printed, as in REF:TAG@sha256:…',
    ),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [name = '', more] = positionals;
    const publisher = readPublisher(values.publisher, process.env);
    const isRemote = values['from-registry'] === true;
    if (isRemote && more !== undefined) throw new UsageError(l10n.t('--from-registry takes one REF.'));
    const namedHosts = isRemote ? [parseReference(name).registry] : [];
    return withSession(
      invocation,
      async (session) => {
        const { signing, foresight } = session;
        const signer = await prepareSending(session, invocation);
        const options = { signer, publisher, again: values.again === true, alone: values.alone === true };
        const makePlan = async (): Promise<SigningPlan> => {
          const made = isRemote
            ? await signing.planFromRegistry(name, options, signal)
            : await signing.plan(positionals, options, signal);
          tellSkipped(made.skipped, values.yes !== true, terminal);
          return foresight.foretell(made, signal);
        };
        const { plan, sent } = await planAndSend(makePlan, planLines, signing, session, invocation);
        if (values.json === true) terminal.printJson(sentJson(sent, plannedJson(plan)));
        else for (const { reference } of plan.images) terminal.print(formatReference(reference));
        return sentExitCode(sent, invocation);
      },
      namedHosts,
    );
  },
});
