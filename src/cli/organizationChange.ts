import * as l10n from '@vscode/l10n';
import { checksumAddress } from '../core/checksumAddress';
import type { Address } from '../core/hex';
import { contractWalletFile } from '../core/ledger/contractWalletFile';
import { walletAddress } from '../core/ledger/organization';
import { parsePublisher } from '../core/trust/rules';
import { publisherWallet } from '../core/hex';
import type { PublisherId } from '../core/ledger/types';
import { displayText } from '../core/displayText';
import type { OrganizationService } from '../services/organizations/organizationService';
import type { TransactionPlan } from '../core/plans/transactionPlan';
import type { Invocation } from './command';
import { exitCodes, type ExitCode } from './exitCodes';
import { createNamedFile } from './namedFile';
import { exportedFrameLines } from './frameLines';
import { prepareSending, sendPlan, sendingOptions, sentExitCode } from './sending';
import { withSession, type Session } from './session';
import { UsageError } from './usageError';
import type { Organization } from '../core/ports/ledger';

/** Options of every command that changes an organization. */
export const changeOptions = {
  export: {
    type: 'string',
    value: 'FILE',
    help: () => l10n.t('send nothing; write what the owners of a contract wallet send (Safe Transaction Builder)'),
  },
  from: { type: 'string', value: 'CONTRACT', help: () => l10n.t('the contract wallet that --export is for') },
  ...sendingOptions,
} as const;

/** What is to become of an organization. */
export interface PlannedChange {
  readonly plan: TransactionPlan;
  /** What a person reads before it is sent. */
  readonly about: readonly string[];
}

/** What came of it. */
export interface MadeChange extends PlannedChange {
  /** Undefined where it was written to a file. */
  readonly transaction: string | undefined;
  readonly session: Session;
}

/**
 * Plans a change from the command's wallet, shows it, asks, sends it and waits; or writes it to a file for a contract wallet.
 * Prints what `describe` gives: a line, and the same for `--json`.
 */
export function changeOrganization(
  invocation: Invocation<typeof changeOptions>,
  makePlan: (organizations: OrganizationService, from: Address) => Promise<PlannedChange>,
  describe: (made: MadeChange) => Promise<{ readonly line: string; readonly json: object }>,
): Promise<ExitCode> {
  const { values, terminal } = invocation;
  const { export: file, from } = values;
  if ((file === undefined) !== (from === undefined))
    throw new UsageError(l10n.t('--export and --from go together: the file is for one contract wallet.'));
  return withSession(invocation, async (session) => {
    const isExport = file !== undefined && from !== undefined;
    const wallet = isExport ? walletAddress(from) : await prepareSending(session, invocation);
    const change = await makePlan(session.organizations, wallet);
    const { plan, about } = change;
    if (isExport) await exportPlan(change, file, session, invocation);
    const sent = isExport ? undefined : await sendPlan(plan, about, session.transactions, session, invocation);
    const { line, json } = await describe({ ...change, transaction: sent?.transaction, session });
    if (values.json === true) terminal.printJson({ ...json, ...(isExport ? { file, state: 'exported' } : sent) });
    else terminal.print(line);
    return isExport ? exitCodes.done : sentExitCode(sent, invocation);
  });
}

async function exportPlan(
  { plan, about }: PlannedChange,
  file: string,
  { ledgers }: Session,
  { terminal }: Invocation,
): Promise<void> {
  const { writer } = await ledgers.open();
  const { ledger, signer, call } = plan;
  if (call === undefined || call.type === 'transfer') return;
  // The owners of the contract wallet read it there, and decide by it.
  const frame = exportedFrameLines(plan);
  const description = [...about, ...frame].join('\n');
  const calls = [await writer.encode(call)];
  const text = contractWalletFile({ ledger, wallet: signer, calls, description, createdAt: Date.now() });
  try {
    await createNamedFile(file, text, 0o666);
  } catch {
    throw new UsageError(l10n.t('{0} already exists, or cannot be written.', displayText(file)));
  }
  for (const line of [...about, ...frame]) terminal.say(line);
  terminal.say(l10n.t('Nothing was sent. {0} is for the owners of {1}.', displayText(file), checksumAddress(signer)));
}

/** An organization's id as a person pastes it. */
export function organizationId(text: string): PublisherId {
  const id = parsePublisher(text);
  if (id === undefined || publisherWallet(id) !== undefined)
    throw new UsageError(
      l10n.t('"{0}" is not the ID of an organization: 0x and 64 hexadecimal digits.', displayText(text)),
    );
  return id;
}

/** Its name, escaped, with the whole id, because anybody can take any name. */
export function organizationLine({ id, name }: Organization): string {
  return l10n.t('Organization "{0}", {1}', displayText(name), id);
}
