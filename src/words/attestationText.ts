import type { Attestation, History, NamedLedger } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { ledgerKindText, ledgerText } from './ledgerText';
import { displayText } from '../core/displayText';
import { verdictBasis, verdictLabel, verdictNextStep, verdictReason } from './verdictText';
import { statementLines, revocationText } from './statementText';
import { timeText } from './timeText';
import type { Verdict } from '../core/judging/verdict';

interface AttestationDetails {
  readonly name: string;
  readonly verdict: Verdict;
  /** Every ledger that is followed. */
  readonly ledgers: readonly LedgerDetails[];
}

interface LedgerDetails {
  /** What the reader calls it. */
  readonly network: string;
  /** Undefined where nobody can say what it is. */
  readonly ledger: NamedLedger | undefined;
  /** Every publisher's history of the name; undefined where the ledger was not read. */
  readonly histories: readonly History[] | undefined;
}

/** The verdict on a name and everything that the ledgers say of it, newest first, as plain text. */
export function attestationText({ name, verdict, ledgers }: AttestationDetails, l10n: Localizer): string {
  const head = [
    displayText(name),
    '',
    l10n.t('{0}. {1}', verdictLabel(verdict, l10n), verdictReason(verdict, l10n)),
    ...(verdict.kind === 'verified' ? [] : [verdictNextStep(verdict, l10n)]),
    verdictBasis(verdict, l10n) ?? [],
  ].flat();
  const body = ledgers.flatMap((each) => [
    ...(ledgers.length < 2 ? [] : [l10n.t('Ledger: {0}', placeText(each, l10n)), '']),
    ...historyLines(each, l10n),
  ]);
  return `${[...head, '', ...body].join('\n')}\n`;
}

function placeText({ network, ledger }: LedgerDetails, l10n: Localizer): string {
  if (ledger === undefined) return displayText(network);
  const kind = ledgerKindText(ledger.kind, l10n);
  const named = ledger.kind === 'development' ? kind : l10n.t('{0} “{1}”', kind, displayText(network));
  return `${named} (${ledgerText(ledger.ledger, l10n)})`;
}

function historyLines({ histories }: LedgerDetails, l10n: Localizer): readonly string[] {
  if (histories === undefined) return [l10n.t('It does not answer, or was not read completely.'), ''];
  if (histories.length === 0) return [l10n.t('The ledger holds nothing under this name.'), ''];
  return histories.flatMap(({ publisher, attestations }) => [
    l10n.t('Publisher {0}', publisher),
    '',
    ...attestations.toReversed().flatMap((attestation) => attestationLines(attestation, l10n)),
  ]);
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
