import * as l10n from '@vscode/l10n';
import { formatReference } from '../../core/image/reference';
import { givenReasons } from '../../core/ledger/revocation';
import { speakerText, voidedText } from '../../words/planText';
import { defineCommand } from '../command';
import { foreseenJson, foreseenLines } from '../planLines';
import { publisherOption, readPublisher } from '../publisher';
import { prepareSending, sendPlan, sendingOptions, sentExitCode, sentJson } from '../sending';
import { withSession } from '../session';
import { UsageError } from '../usageError';
import { revocationText } from '../../words/statementText';

export const revoke = defineCommand({
  usage: 'REF',
  words: [1, 1],
  options: {
    reason: { type: 'string', value: givenReasons.join('|'), help: () => l10n.t('why, for everybody to read') },
    note: {
      type: 'string',
      value: 'TEXT',
      help: () => l10n.t('optional details, which everybody can read, permanently'),
    },
    statement: {
      type: 'string',
      value: 'N',
      help: () => l10n.t('its position in "daochain history"; the newest that stands unless given'),
    },
    ...publisherOption,
    ...sendingOptions,
  },
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [name = ''] = positionals;
    const reason = givenReasons.find((each) => each === values.reason);
    if (reason === undefined) throw new UsageError(l10n.t('--reason takes one of: {0}', givenReasons.join(', ')));
    if (values.statement !== undefined && !/^\d{1,9}$/.test(values.statement))
      throw new UsageError(l10n.t('--statement takes a number.'));
    const publisher = readPublisher(values.publisher, process.env);
    return withSession(invocation, async (session) => {
      const signer = await prepareSending(session, invocation);
      const { note = '' } = values;
      const statement = values.statement === undefined ? {} : { statement: Number(values.statement) };
      const made = await session.signing.planRevocation(
        name,
        { signer, publisher, reason, note, ...statement },
        signal,
      );
      const plan = await session.foresight.foretell(made, signal);
      const speaker = speakerText(plan, l10n);
      const about = plan.images.flatMap((image) => [
        l10n.t(
          'Revoke {0}, statement {1}: {2}',
          formatReference(image.reference),
          image.attestation.position,
          revocationText(reason, l10n),
        ),
        ...voidedText(image, l10n).map((line) => `  ${line}`),
        ...foreseenLines(plan, image),
        ...(speaker === undefined ? [] : [speaker]),
      ]);
      const sent = await sendPlan(plan, about, session.signing, session, invocation);
      const images = plan.images.map(({ reference, attestation: { position, statementHash }, everywhere }) => ({
        name: formatReference(reference),
        position,
        statementHash,
        reason,
        note,
        ...(everywhere.length > 0 && { everywhere: everywhere.map(({ entry: { tag } }) => tag) }),
        ...foreseenJson(plan.foreseen?.find((each) => each.reference === reference)),
      }));
      if (values.json === true) terminal.printJson(sentJson(sent, images));
      else for (const { name: revoked } of images) terminal.print(revoked);
      return sentExitCode(sent, invocation);
    });
  },
});
