import type { Attestation, History } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { verdictBasis, verdictLabel, verdictNextStep, verdictReason } from './verdictText';
import { statementLines, revocationText } from './statementText';
import { timeText } from './timeText';
import type { Verdict } from '../core/judging/verdict';

interface AttestationDetails {
  readonly name: string;
  readonly verdict: Verdict;
  /** Every publisher's history of the name. */
  readonly histories: readonly History[];
}

/** The verdict on a name and everything that the ledger says of it, newest first, as plain text. */
export function attestationText({ name, verdict, histories }: AttestationDetails, l10n: Localizer): string {
  const head = [
    displayText(name),
    '',
    l10n.t('{0}. {1}', verdictLabel(verdict, l10n), verdictReason(verdict, l10n)),
    ...(verdict.kind === 'verified' ? [] : [verdictNextStep(verdict, l10n)]),
    verdictBasis(verdict, l10n) ?? [],
  ].flat();
  const body =
    histories.length === 0
      ? [l10n.t('The ledger holds nothing under this name.')]
      : histories.flatMap(({ publisher, attestations }) => [
          l10n.t('Publisher {0}', publisher),
          '',
          ...attestations.toReversed().flatMap((attestation) => attestationLines(attestation, l10n)),
        ]);
  return `${[...head, '', ...body].join('\n')}\n`;
}

function attestationLines(attestation: Attestation, l10n: Localizer): readonly string[] {
  const { position, block, time, signer, transaction, validUntil } = attestation;
  const facts = [
    l10n.t('block {0}, {1}', block, timeText(time)),
    l10n.t('signed by {0}', signer),
    l10n.t('transaction {0}', transaction),
    ...(validUntil === 0 ? [] : [l10n.t('valid until {0}', timeText(validUntil))]),
    ...bodyLines(attestation, l10n),
  ];
  return [`#${position} ${kindText(attestation, l10n)}`, ...facts.map((fact) => `  ${fact}`), ''];
}

/** What kind of entry it is. */
export function kindText({ kind }: Pick<Attestation, 'kind'>, l10n: Localizer): string {
  switch (kind) {
    case 'publish':
      return l10n.t('Published');
    case 'vouch':
      return l10n.t('Vouched for');
    case 'revoke':
      return l10n.t('Revoked');
  }
}

function bodyLines({ body }: Attestation, l10n: Localizer): readonly string[] {
  switch (body.type) {
    case 'malformed':
      return [l10n.t('of a form that this version does not read')];
    case 'revocation':
      return [
        l10n.t('revokes statement {0}', body.revocation.statementHash),
        revocationText(body.revocation.reason, l10n),
        ...(body.revocation.note === '' ? [] : [l10n.t('note: {0}', displayText(body.revocation.note))]),
      ];
    case 'statement':
      return statementLines(body.statement, l10n);
  }
}
