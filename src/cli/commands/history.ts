import * as l10n from '@vscode/l10n';
import { parseReference, withDefaultTag } from '../../core/image/reference';
import { ledgerKey } from '../../core/ledger/types';
import { readHistories } from '../../services/ledger/ledgerHistory';
import { attestationText } from '../../words/attestationText';
import { defineCommand } from '../command';
import { errorReport } from '../errorReport';
import { exitCodes } from '../exitCodes';
import { withSession } from '../session';
import { verdictJson } from '../verdictJson';

export const history = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {},
  notes: () =>
    l10n.t('Exit code: 0 if every ledger that is followed was read, whatever it says; 13 if one of them was not.'),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [text = ''] = positionals;
    const { repository, tag = '' } = withDefaultTag(parseReference(text));
    return withSession(invocation, async (session) => {
      const read = await readHistories(session.followed, { repository, tag }, signal);
      const [judged] = await session.verification.judgeReferences([{ text }], signal);
      if (judged === undefined) return exitCodes.unknown;
      const faults = read.flatMap(({ fault }) =>
        fault === undefined ? [] : errorReport(fault, session.endpoint !== undefined),
      );
      for (const fault of new Set(faults)) terminal.say(fault);
      const { verdict } = judged;
      const ledgers = read.map(({ followed, ledger, histories }) => ({ network: followed.name, ledger, histories }));
      if (values.json === true) {
        const json = ledgers.map(({ network, ledger, histories }) => ({
          network,
          ledger: ledger && ledgerKey(ledger.ledger),
          ...(histories === undefined ? { unread: true } : { histories }),
        }));
        terminal.printJson({ repository, tag, verdict: verdictJson(verdict), ledgers: json });
      } else terminal.print(attestationText({ name: text, verdict, ledgers }, l10n).trimEnd());
      return ledgers.some(({ histories }) => histories === undefined) ? exitCodes.unknown : exitCodes.done;
    });
  },
});
