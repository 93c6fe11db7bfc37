import * as l10n from '@vscode/l10n';
import { parseReference, withDefaultTag } from '../../core/image/reference';
import { attestationText } from '../../words/attestationText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { openLedger, withSession } from '../session';
import { verdictJson } from '../verdictJson';

export const history = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {},
  notes: () => l10n.t('Exit code: 0 if the ledger was read, whatever it says; 13 if it was not.'),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [text = ''] = positionals;
    const { repository, tag = '' } = withDefaultTag(parseReference(text));
    return withSession(invocation, async (session) => {
      const ledger = await openLedger(session, terminal);
      const name = { repository, tag };
      ledger?.index.use([name], await ledger.index.publishersOf(name, signal));
      const [judged] = await session.verification.judgeReferences([{ text }], signal);
      const view = ledger?.index.view();
      if (judged === undefined || view?.state !== 'complete') return exitCodes.unknown;
      const histories = view.historiesOf(repository, tag);
      const { verdict } = judged;
      if (values.json === true) terminal.printJson({ repository, tag, verdict: verdictJson(verdict), histories });
      else terminal.print(attestationText({ name: text, verdict, histories }, l10n).trimEnd());
      return exitCodes.done;
    });
  },
});
