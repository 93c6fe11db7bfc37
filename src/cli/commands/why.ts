import * as l10n from '@vscode/l10n';
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
        const { verification, names } = session;
        const service = new WhyService({ verification, names });
        const query = { text, ...(platform !== undefined && { platform }) };
        const options = { sources: sourcesOf(values), folder: process.cwd() };
        const { endpoint } = session;
        return {
          ...(await service.explain(query, signal, options)),
          reportedBy: endpoint?.type === 'web' ? endpoint.url.host : undefined,
        };
      },
      [],
      policy,
    );
    const { verdict, changes, ...facts } = explained.why;
    const words = { names: explained.names, reportedBy: explained.reportedBy, l10n };
    if (values.json === true) {
      terminal.printJson({
        text,
        verdict: judgedVerdictJson(explained.judged),
        ...facts,
        changes: changes.map(({ supposed, then }) => ({
          supposed,
          text: changedVerdictText({ supposed, then }, words),
          then: verdictJson(then),
        })),
      });
    } else terminal.print(plainTextOf(whyText(explained.why, explained.judged, words)));
    return exitCodeOf([verdict]);
  },
});
