import * as l10n from '@vscode/l10n';
import type { Why } from '../../core/judging/why';
import { isDigest } from '../../core/image/digest';
import { parseReference } from '../../core/image/reference';
import { plainTextOf } from '../../words/sectionedText';
import { changedVerdictText, whyText } from '../../words/whyText';
import { WhyService } from '../../services/judging/whyService';
import { defineCommand } from '../command';
import { exitCodeOf } from '../exitCodes';
import { policyOptions, readNamedPolicy } from '../policies';
import { referenceOptions, sourcesOf } from '../referenceOptions';
import { openLedger, withSession } from '../session';
import { judgedVerdictJson, verdictJson } from '../verdictJson';

export const why = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: { ...referenceOptions, ...policyOptions },
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [text = ''] = positionals;
    if (!isDigest(text)) parseReference(text);
    const { platform } = values;
    const policy = await readNamedPolicy(values, invocation.signal);
    const explained = await withSession(
      invocation,
      async (session) => {
        await openLedger(session, terminal);
        const service = new WhyService(session);
        const query = { text, ...(platform !== undefined && { platform }) };
        const options = { sources: sourcesOf(values), folder: process.cwd() };
        return service.explain(query, signal, options);
      },
      [],
      policy,
    );
    const { verdict } = explained.why;
    const words = { names: explained.names, reportedBy: explained.reportedBy, l10n };
    if (values.json === true) {
      terminal.printJson({
        text,
        ...factsOf(explained.why, words),
        verdict: judgedVerdictJson(explained.judged),
        ...(explained.others.length > 0 && {
          others: explained.others.map(({ why, names, reportedBy }) => factsOf(why, { ...words, names, reportedBy })),
        }),
      });
    } else terminal.print(plainTextOf(whyText(explained.why, explained.judged, words, explained.others)));
    return exitCodeOf([verdict]);
  },
});

/** What one ledger says; the verdict is given once, for all of them. */
function factsOf(why: Why, words: Parameters<typeof changedVerdictText>[1]): object {
  return {
    ...why,
    verdict: undefined,
    changes: why.changes.map(({ supposed, then }) => ({
      supposed,
      text: changedVerdictText({ supposed, then }, words),
      then: verdictJson(then),
    })),
  };
}
