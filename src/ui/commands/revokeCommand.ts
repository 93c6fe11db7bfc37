import { l10n, Uri, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { Hex32 } from '../../core/hex';
import { familiarName, formatReference } from '../../core/image/reference';
import { givenReasons, isForEveryName, maximumNoteLength } from '../../core/ledger/revocation';
import { platformText } from '../../core/ledger/statement';
import type { Attestation, PublisherId } from '../../core/ledger/types';
import { kindText } from '../../words/attestationText';
import { displayText } from '../../core/displayText';
import type { LedgerSource } from '../../services/ledger/ledger';
import { isStanding, namesOfStanding, readNameHistory } from '../../services/ledger/ledgerHistory';
import type { OrganizationService } from '../../services/organizations/organizationService';
import { signableReference } from '../../services/signing/signableReference';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { askText, choose, type Choice } from '../prompts/steps';
import type { SigningFlow } from '../signing/signingFlow';
import type { TransactionFlow } from '../signing/transactionFlow';
import { pickerWidth, rowNames } from '../trees/rowNames';
import { explainedName } from '../why/whyDocuments';
import { imagesOf } from '../imageTargets';
import { wholePublisher } from '../../words/publisherText';
import { list } from '../../words/listText';
import { revocationText } from '../../words/statementText';

export interface RevokeParts {
  readonly ledgers: LedgerSource;
  readonly organizations: Pick<OrganizationService, 'mine'>;
  readonly ownPublishers: () => readonly PublisherId[];
  readonly signingFlow: Pick<SigningFlow, 'revoke'>;
  readonly transactionFlow: Pick<TransactionFlow, 'needNode'>;
}

/** What may be taken back: by whoever signs for its publisher now, whoever signed it. */
interface Standing {
  readonly publisher: PublisherId;
  /** What an organization calls itself. */
  readonly name: string | undefined;
  readonly attestation: Attestation;
}

/** Takes a statement back: of a row, of the explanation that is being read, or of what the user picks. `cancelled`, `statementNotFound`. */
export async function revokeStatement(
  parts: RevokeParts,
  wallet: OwnWallet,
  ...args: readonly unknown[]
): Promise<void> {
  const title = l10n.t('Revoke a Statement');
  await parts.transactionFlow.needNode();
  const [first] = args;
  const document =
    first instanceof Uri ? first : first === undefined ? window.activeTextEditor?.document.uri : undefined;
  const read = explainedName(document);
  const name = read ?? imagesOf(args)[0] ?? (await chooseName(parts, wallet, title));
  const [text = ''] = name.split('@');
  const standing = await withCancellableProgress(l10n.t('Reading the statements'), (signal) =>
    standingOf(parts, wallet, text, signal),
  );
  const { publisher, attestation } = await chooseStatement(title, text, standing);
  const reason = await choose({
    title,
    placeholder: l10n.t('Why? Everybody who uses the image can read it.'),
    choices: givenReasons.map((value) => ({
      label: revocationText(value, l10n),
      description: isForEveryName(value) ? l10n.t('under every name that you give this content') : '',
      value,
    })),
  });
  const note = await askText({
    title,
    prompt: l10n.t('Optional details, which everybody can read, permanently.'),
    problem: (typed) =>
      new TextEncoder().encode(typed).length <= maximumNoteLength ? undefined : l10n.t('This is too long.'),
  });
  const statement: Hex32 = attestation.statementHash;
  await parts.signingFlow.revoke(text, { publisher, reason, note, statement }, wallet);
}

/** One of the names under which something stands that can be taken back, also where the image is not here any more. */
async function chooseName(parts: RevokeParts, wallet: OwnWallet, title: string): Promise<string> {
  const names = await withCancellableProgress(l10n.t('Reading the statements'), async (signal) =>
    namesOfStanding(parts.ledgers, [...(await speakersOf(parts, wallet, signal)).keys()], signal),
  );
  if (names.length === 0) throw new DaoChainError('statementNotFound', 'Nothing of the reader stands');
  const texts = names.map((name) => familiarName(name));
  const labels = rowNames(texts, pickerWidth);
  const choices = texts.map((value) => ({ label: labels.get(value) ?? value, value }));
  return choose({ title, placeholder: l10n.t('Choose an image'), choices });
}

/** For whom the wallet speaks, with what an organization calls itself. */
async function speakersOf(
  { organizations, ownPublishers }: RevokeParts,
  wallet: OwnWallet,
  signal: AbortSignal,
): Promise<ReadonlyMap<PublisherId, string | undefined>> {
  const memberships = await organizations.mine(wallet.address, signal);
  const current = memberships.filter(({ window: state }) => state === 'current');
  return new Map([
    ...ownPublishers().map((publisher) => [publisher, undefined] as const),
    ...current.map(({ organization }) => [organization.id, organization.name] as const),
  ]);
}

async function standingOf(
  parts: RevokeParts,
  wallet: OwnWallet,
  name: string,
  signal: AbortSignal,
): Promise<readonly Standing[]> {
  const reference = signableReference(name);
  const speakers = await speakersOf(parts, wallet, signal);
  const { publishers } = await readNameHistory(parts.ledgers, reference, signal, [...speakers.keys()]);
  const standing = publishers
    .filter(({ publisher }) => speakers.has(publisher))
    .flatMap(({ publisher, entries }) =>
      entries.filter(isStanding).map(({ attestation }) => ({ publisher, name: speakers.get(publisher), attestation })),
    );
  if (standing.length > 0) return standing;
  throw new DaoChainError('statementNotFound', 'Nothing of the reader stands under this name', {
    details: { image: formatReference(reference) },
  });
}

/** The newest first. The only one is not asked about: the plan shows it. */
function chooseStatement(title: string, name: string, standing: readonly Standing[]): Standing | Promise<Standing> {
  const [first, ...more] = standing;
  if (first !== undefined && more.length === 0) return first;
  const choices = standing.toReversed().map((value): Choice<Standing> => {
    const { publisher, name: called, attestation } = value;
    const { body, position, block } = attestation;
    const platforms = body.type === 'statement' ? body.statement.leaves.map((leaf) => platformText(leaf.platform)) : [];
    return {
      label: `#${position} ${kindText(attestation, l10n)}`,
      description: l10n.t('block {0}, {1}', block, list(platforms, l10n)),
      detail: wholePublisher(publisher, l10n, called),
      value,
    };
  });
  return choose({ title, placeholder: l10n.t('What you stated about {0}', displayText(name)), choices });
}
