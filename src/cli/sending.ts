import * as l10n from '@vscode/l10n';
import { requireFunds } from '../core/plans/funds';
import { delay } from '../timers';
import { checksumAddress } from '../core/checksumAddress';
import { DaoChainError, isDaoChainError } from '../core/errors';
import { errorText } from '../words/errorText';
import type { Address } from '../core/hex';
import { transactionProgressText } from '../words/progressText';
import { untilSilent } from '../services/node/untilSilent';
import type { Execute, TransactionOutcome, TransactionPlan } from '../core/plans/transactionPlan';
import type { Invocation } from './command';
import { errorReport } from './errorReport';
import { exitCodes, type ExitCode } from './exitCodes';
import { frameLines } from './frameLines';
import { passwordOption, readPassword } from './password';
import type { Session } from './session';
import { UsageError } from './usageError';

/** Options of every command that writes to the ledger. */
export const sendingOptions = {
  yes: { type: 'boolean', short: 'y', help: () => l10n.t('do not ask; sign what the plan says') },
  mine: { type: 'boolean', help: () => l10n.t('mine until it is final, starting the node where none runs') },
  'no-wait': { type: 'boolean', help: () => l10n.t('do not wait until it is final') },
  ...passwordOption,
} as const;

type Sending = Invocation<typeof sendingOptions>;

/** The wallet that signs, before anything is planned; the node runs if it is to mine. `walletMissing`, `nodeUnavailable`. */
export async function prepareSending(session: Session, { values, terminal, signal }: Sending): Promise<Address> {
  const { wallet, node, ledgers, endpoint } = session;
  const state = wallet.state;
  if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
  if (values.yes !== true && !terminal.isInteractive)
    throw new UsageError(l10n.t('There is no terminal to confirm the plan. Use --yes.'));
  if (values.mine === true) {
    if (endpoint !== undefined) throw new UsageError(l10n.t('The node of an endpoint does not mine for this command.'));
    terminal.progress(l10n.t('Starting the node…'));
    await node.start(signal);
  }
  await ledgers.open();
  return state.address;
}

/**
 * Shows the plan, of which `about` says what it does, asks, signs and waits. Undefined where there is nothing to send.
 * `cancelled`, `insufficientFunds`.
 */
export async function sendPlan<P extends TransactionPlan>(
  plan: P,
  about: readonly string[],
  executor: { readonly execute: Execute<P> },
  session: Session,
  invocation: Sending,
): Promise<TransactionOutcome | undefined> {
  const { values, terminal, signal } = invocation;
  for (const line of [...about, ...frameLines(plan)]) terminal.say(line);
  if (plan.call === undefined) return undefined;
  await coverCost(plan, session, invocation);
  if (values.yes !== true && !(await terminal.confirm(l10n.t('Sign this?'), signal)))
    throw new DaoChainError('cancelled', 'The plan was not confirmed');
  const prompt = l10n.t('Password of the wallet {0}:', checksumAddress(plan.signer));
  const signer = await session.wallet.unlock(await readPassword(values['password-file'], prompt, terminal, signal));
  const sent = new AbortController();
  let reason: unknown;
  const execute = (ended: AbortSignal): Promise<TransactionOutcome> => {
    ended.addEventListener('abort', () => {
      reason = ended.reason;
    });
    const waiting = AbortSignal.any([signal, sent.signal, ended]);
    return executor.execute(plan, signer, waiting, (progress) => {
      terminal.progress(transactionProgressText(progress, l10n));
      if (progress.stage === 'broadcast' && values['no-wait'] === true) sent.abort();
    });
  };
  if (values.mine !== true && values['no-wait'] !== true) await sayIfNobodyMines(session, invocation);
  const outcome = await (values.mine === true
    ? session.node.mineWhile(execute, signal)
    : whileItAnswers(session, execute));
  if (outcome.state === 'waiting') {
    if (isDaoChainError(reason)) terminal.say(errorText(reason, l10n));
    terminal.say(l10n.t('The transaction stays on its way and becomes final with the next blocks.'));
    // The node at an endpoint mines for its owner.
    if (session.endpoint === undefined) terminal.say(l10n.t('Next: {0}', 'daochain node mine'));
  }
  if (outcome.state === 'final') await remember(session, invocation);
  return outcome;
}

/** Remembers the block in which the transaction is final, so that nobody can take it off the chain unnoticed. */
async function remember({ ledgers }: Session, { terminal, signal }: Sending): Promise<void> {
  try {
    await ledgers.current?.index.sync(signal);
  } catch (error) {
    terminal.log.warn(`What is final now is not remembered: ${String(error)}`);
  }
}

/** How often a plan is made again because another command was faster with this wallet. */
const mostPlans = 5;

/**
 * Makes a plan and sends it. Where another signature came first, both are done anew: a person looks at the new plan; and where
 * nobody is asked, only what this wallet itself has signed meanwhile is taken in.
 */
export async function planAndSend<P extends TransactionPlan>(
  makePlan: () => Promise<P>,
  about: (plan: P) => readonly string[],
  executor: { readonly execute: Execute<P> },
  session: Session,
  invocation: Sending,
): Promise<{ readonly plan: P; readonly sent: TransactionOutcome | undefined }> {
  const { values, terminal } = invocation;
  for (let plans = 1; ; plans += 1) {
    const plan = await makePlan();
    try {
      return { plan, sent: await sendPlan(plan, about(plan), executor, session, invocation) };
    } catch (error) {
      const isOvertaken = isDaoChainError(error, 'staleLink') && plans < mostPlans;
      if (!isOvertaken || (values.yes === true && error.details['by'] !== 'self')) throw error;
      terminal.say(errorReport(error, session.endpoint !== undefined));
    }
  }
}

/** Waits for blocks that others mine. */
async function whileItAnswers<T>({ ledgers }: Session, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
  const { reader } = await ledgers.open();
  const [ended, done] = [new AbortController(), new AbortController()];
  void untilSilent(() => reader.head(done.signal), delay, done.signal).then((isSilent) => {
    if (isSilent) ended.abort(new DaoChainError('nodeUnavailable', 'The node has not answered for long'));
  });
  try {
    return await work(ended.signal);
  } finally {
    done.abort();
  }
}

/** A signature that is still on its way is not a failure if nobody wanted to wait. */
export function sentExitCode(sent: TransactionOutcome | undefined, { values }: Sending): ExitCode {
  return sent?.state === 'waiting' && values['no-wait'] !== true ? exitCodes.cancelled : exitCodes.done;
}

/** A plan as `--json` has it, beside what came of it. */
export function sentJson(sent: TransactionOutcome | undefined, images: readonly object[]): object {
  return { images, ...(sent ?? { state: 'nothingToSign' }) };
}

/** Mining earns what is missing, where that is wanted. */
async function coverCost(
  { fee: { balance }, missing, signer }: TransactionPlan,
  { node, ledgers }: Session,
  { values, terminal, signal }: Sending,
): Promise<void> {
  if (missing === 0n) return;
  const needed = balance + missing;
  if (values.mine !== true) requireFunds({ cost: needed, balance });
  terminal.progress(l10n.t('Mining until the balance is enough'));
  const { writer } = await ledgers.open();
  await node.mineUntil(async () => (await writer.balance(signer, signal)) >= needed, signal);
}

async function sayIfNobodyMines({ endpoint, mining }: Session, { terminal, signal }: Sending): Promise<void> {
  if (endpoint !== undefined || (await mining.status(signal)).mining) return;
  terminal.say(l10n.t('Nobody is mining here. It becomes final when somebody mines; --mine does so now.'));
}
