import * as l10n from '@vscode/l10n';
import { goneText, otherChainText } from '../../words/contradictionText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { openLedger, withSession } from '../session';
import { UsageError } from '../usageError';

/** Shows what was final and is gone from the chain; `--settle` accepts the chain as it is. */
export const alarm = defineCommand({
  usage: '',
  words: [0, 0],
  options: { settle: { type: 'string', value: 'HASH', help: () => l10n.t('accept this chain, which has this block') } },
  notes: () => l10n.t('Exit code: 13 while the chain contradicts what was final here; 0 otherwise.'),
  run: (invocation) => {
    const { values, terminal, signal } = invocation;
    return withSession(invocation, async (session) => {
      const ledger = await openLedger(session, terminal);
      if (ledger === undefined) return exitCodes.unknown;
      const { index, reader } = ledger;
      await index.sync(signal);
      const { contradiction, missing } = index.view();
      if (missing === 'otherChain') {
        // Nobody can settle that: it is the chain that has to be another.
        if (values.json === true) terminal.printJson({ otherChain: true });
        else terminal.print(otherChainText(l10n));
        return exitCodes.unknown;
      }
      if (contradiction === undefined) {
        if (values.json === true) terminal.printJson(null);
        else terminal.print(l10n.t('There is no alarm.'));
        return exitCodes.done;
      }
      if (values.settle !== undefined) {
        if (!(await index.settle(values.settle, signal)))
          throw new UsageError(l10n.t('That is not the block that the chain has now.'));
        terminal.print(l10n.t('This chain was accepted.'));
        return exitCodes.done;
      }
      const gone = await index.memory.gone(reader, signal);
      if (values.json === true) terminal.printJson({ contradiction, gone });
      else {
        terminal.print(goneText(contradiction, gone, l10n));
        terminal.print(l10n.t('To accept this chain nevertheless: daochain alarm --settle {0}', contradiction.found));
      }
      return exitCodes.unknown;
    });
  },
});
