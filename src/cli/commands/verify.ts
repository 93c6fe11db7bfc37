import * as l10n from '@vscode/l10n';
import { parseReference } from '../../core/image/reference';
import { displayText } from '../../core/displayText';
import { verdictBasis } from '../../words/verdictText';
import { lookAlikeText } from '../../words/lookAlikeText';
import { judgedPlatformText, sidesLabel, sidesNextStep, sidesReason, sidesText } from '../../words/sidesText';
import type { ImageAnswer } from '../../core/judging/imageAnswer';
import type { PolicyStatus } from '../../services/trust/policies';
import { defineCommand } from '../command';
import { exitCodeOf } from '../exitCodes';
import { policiesJson, policiesOf, policyOptions, printPolicies, readNamedPolicy } from '../policies';
import { referenceOptions, sourcesOf } from '../referenceOptions';
import { openLedger, withSession, type Session } from '../session';
import { judgedJson } from '../verdictJson';
import type { Terminal } from '../terminal';
import { verdictStyle } from '../verdictStyle';

interface Verified {
  readonly judged: readonly ImageAnswer[];
  readonly policies: readonly PolicyStatus[];
}

export const verify = defineCommand({
  usage: 'REF…',
  words: [1, Infinity],
  options: { ...referenceOptions, ...policyOptions },
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    for (const text of positionals) parseReference(text);
    const policy = await readNamedPolicy(values, invocation.signal);
    const here = process.cwd();
    const use = async (session: Session): Promise<Verified> => {
      await openLedger(session, terminal);
      const queries = positionals.map((text) => ({
        text,
        ...(values.platform !== undefined && { platform: values.platform }),
      }));
      const options = { sources: sourcesOf(values), folder: here };
      return {
        judged: await session.verification.judgeReferences(queries, signal, options),
        policies: policy === undefined ? await policiesOf(session.policies, [here]) : [],
      };
    };
    const { judged, policies } = await withSession(invocation, use, [], policy);
    if (values.json === true) terminal.printJson({ images: judged.map(judgedJson), ...policiesJson(policies, policy) });
    else {
      for (const each of judged) printJudged(each, terminal);
      printPolicies(policies, terminal);
    }
    return exitCodeOf(judged.map(({ verdict }) => verdict));
  },
});

function printJudged(judged: ImageAnswer, terminal: Terminal): void {
  const { text, verdict, lookAlike } = judged;
  terminal.print(`${displayText(text)}: ${terminal.style(verdictStyle(verdict), sidesLabel(judged, l10n))}`);
  const lines = [
    sidesReason(judged, l10n),
    sidesText(judged, l10n),
    judgedPlatformText(judged, l10n),
    verdict.kind === 'verified' ? undefined : sidesNextStep(judged, l10n),
    lookAlike && lookAlikeText(lookAlike, l10n),
    verdict.asOf === undefined ? undefined : verdictBasis(verdict, l10n),
  ];
  for (const line of lines) if (line !== undefined) terminal.print(`  ${line}`);
}
