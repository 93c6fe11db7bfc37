import * as l10n from '@vscode/l10n';
import { displayText } from '../../core/displayText';
import { externalPlanFacts } from '../../words/networkText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { withNodeSession } from '../session';
import { UsageError } from '../usageError';
import { agree, numberOf, yesOption } from './networkAsking';
import { usualConfirmations } from '../../core/ledger/network';

export const networkUse = defineCommand({
  usage: 'LEDGER',
  words: [1, 1],
  options: {
    name: { type: 'string', value: 'NAME', help: () => l10n.t('what it is called on this machine') },
    confirmations: {
      type: 'string',
      value: 'N',
      help: () =>
        l10n.t(
          'how deep a block must be to be final where the chain does not tell; {0} unless given',
          usualConfirmations,
        ),
    },
    yes: yesOption,
  },
  notes: () => l10n.t('The endpoint is that of --endpoint. It is kept, and only its host is ever shown.'),
  run: (invocation) => {
    const { positionals, terminal, signal } = invocation;
    // What else a command is about is not there, but at home.
    const { endpoint, ...values } = invocation.values;
    if (endpoint === undefined) throw new UsageError(l10n.t('Something is missing: {0}', '--endpoint PATH|URL'));
    return withNodeSession({ ...invocation, values }, async ({ externals }) => {
      const [ledger = ''] = positionals;
      const { chainId } = await externals.readLedger(ledger);
      const known = externals.find(chainId.toString())?.external;
      const plan = await externals.plan(
        {
          ledger,
          endpoint,
          name: values.name ?? known?.name ?? `chain ${chainId.toString()}`,
          confirmations: numberOf(values.confirmations, known?.confirmations ?? usualConfirmations),
        },
        signal,
      );
      await agree(invocation, externalPlanFacts(plan, l10n), l10n.t('Use this ledger?'));
      await externals.use(plan);
      const { name } = plan.external;
      if (values.json === true)
        terminal.printJson({ name, ledger: plan.ledger, assurance: plan.assurance, finality: plan.external.finality });
      else terminal.print(l10n.t('You follow {0} now.', displayText(name)));
      return exitCodes.done;
    });
  },
});
