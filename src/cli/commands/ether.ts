import * as l10n from '@vscode/l10n';
import { qrLines } from '../../adapters/qr/qrCode';
import { checksumAddress } from '../../core/checksumAddress';
import { parseEther } from '../../core/ether/amount';
import { balanceOf } from '../../core/ether/etherHistory';
import { jsonWithWei } from '../../services/transactions/weiJson';
import { parsePaymentRequest, paymentLink, paymentUri, type PaymentRequest } from '../../core/ether/paymentRequest';
import { DaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import { walletAddress } from '../../core/ledger/organization';
import { ledgerKey } from '../../core/ledger/types';
import { needsPerson, type TransferPlan } from '../../core/plans/transferPlan';
import type { WantedTransfer } from '../../services/ether/etherService';
import { historyLines, paymentRequestLines, transferLines, transferWarningText } from '../../words/etherText';
import { ledgerKindText, onlyHereText } from '../../words/ledgerText';
import { defineCommand, type Invocation } from '../command';
import { exitCodes, type ExitCode } from '../exitCodes';
import { prepareSending, sendPlan, sendingOptions, sentExitCode } from '../sending';
import { withNodeSession, type Session } from '../session';
import { UsageError } from '../usageError';

/** In the place of an amount: all that the fee leaves. */
const everything = 'all';

export const walletSend = defineCommand({
  usage: 'WALLET AMOUNT',
  words: [2, 2],
  options: sendingOptions,
  notes: () => l10n.t('AMOUNT is in ether, such as 1.25, or "all": everything that the fee leaves.'),
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const [to = '', amount = ''] = invocation.positionals;
      return send({ to: walletAddress(to), amount: readAmount(amount) }, session, invocation);
    }),
});

export const walletPay = defineCommand({
  usage: 'LINK [AMOUNT]',
  words: [1, 2],
  options: sendingOptions,
  notes: () =>
    l10n.t(
      'LINK is a payment request: ethereum:… or vscode://daochain.daochain/pay?…. AMOUNT is for one that names none.',
    ),
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const [link = '', amount] = invocation.positionals;
      const request = parsePaymentRequest(link);
      const wanted = { to: request.to, amount: amountOf(request, amount) };
      await session.ether.requireHome(request);
      const { kind } = await session.ledgers.open();
      for (const line of paymentRequestLines(request, ledgerKindText(kind, l10n), l10n)) invocation.terminal.say(line);
      return send(wanted, session, invocation);
    }),
});

export const walletRequest = defineCommand({
  usage: '[AMOUNT]',
  words: [0, 1],
  options: { qr: { type: 'boolean', help: () => l10n.t('print its QR code too') } },
  notes: () => l10n.t('Prints a payment request for your wallet (EIP-681), and the same as a link for an editor.'),
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet, ledgers }) => {
      const { values, positionals, terminal } = invocation;
      const [amount] = positionals;
      const value = amount === undefined ? undefined : parseEther(amount);
      const { state } = wallet;
      if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
      const { writer, kind } = await ledgers.open();
      const request = {
        ...{ to: state.address, chainId: writer.ledger.chainId },
        ...(value !== undefined && { value }),
      };
      const [uri, link] = [paymentUri(request), paymentLink(request)];
      const onlyHere = onlyHereText(kind, l10n);
      if (onlyHere !== undefined) terminal.say(onlyHere);
      if (values.json === true) {
        terminal.printJson({ uri, link, ...(value !== undefined && { wei: `${value}` }) });
        return exitCodes.done;
      }
      terminal.print(uri);
      terminal.print(link);
      if (values.qr === true) for (const line of await qrLines(uri)) terminal.print(line);
      return exitCodes.done;
    }),
});

export const walletHistory = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  notes: () =>
    l10n.t('Read from the chain of your node. What is final is remembered; Ctrl-C keeps what has been read so far.'),
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet, transferHistory, ledgers }) => {
      const { values, terminal, signal } = invocation;
      const address = ownAddress(wallet.state);
      const history = await transferHistory.read(address, signal, ({ done, of }) => {
        terminal.progress(l10n.t('Reading transfers: {0} of {1} blocks', done, of));
      });
      if (values.json === true) {
        const { writer } = await ledgers.open();
        const { block, state, totals, movements, leftOut } = history;
        const isComplete = state?.balance === balanceOf(totals);
        const balance = state === undefined ? {} : { balance: state.balance };
        const owner = { address: checksumAddress(address), ledger: ledgerKey(writer.ledger) };
        const read = { ...owner, block, ...balance, isComplete, totals, movements, leftOut };
        terminal.printJson(JSON.parse(jsonWithWei(read)) as object);
      } else for (const line of historyLines(history, address, l10n)) terminal.print(line);
      return exitCodes.done;
    }),
});

// --- parts -----------------------------------------------------------------------------------------------------------

function ownAddress(state: Session['wallet']['state']): Address {
  if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
  return state.address;
}

async function send(
  wanted: WantedTransfer,
  session: Session,
  invocation: Invocation<typeof sendingOptions>,
): Promise<ExitCode> {
  const { values, terminal, signal } = invocation;
  const from = await prepareSending(session, invocation);
  const plan = await session.ether.plan(wanted, from, signal);
  if (values.yes === true && needsPerson(plan)) {
    for (const line of warningLines(plan)) terminal.say(line);
    throw new UsageError(l10n.t('Only a person can decide about this address. Send it without --yes.'));
  }
  const about = [...transferLines(plan, l10n), ...warningLines(plan)];
  const sent = await sendPlan(plan, about, session.transactions, session, invocation);
  const { to, value } = plan.call;
  if (values.json === true) terminal.printJson({ to: checksumAddress(to), wei: `${value}`, ...sent });
  else if (sent !== undefined) terminal.print(sent.transaction);
  return sentExitCode(sent, invocation);
}

function warningLines({ warnings, call }: TransferPlan): readonly string[] {
  return warnings.map((warning) => transferWarningText(warning, call.to, l10n));
}

function readAmount(text: string): WantedTransfer['amount'] {
  return text === everything ? everything : parseEther(text);
}

/** Nobody pays another amount than the one that they were asked for without knowing. */
function amountOf({ value }: PaymentRequest, given: string | undefined): WantedTransfer['amount'] {
  if (value === undefined && given === undefined)
    throw new UsageError(l10n.t('The request names no amount. Write it after the link.'));
  if (given === undefined) return value ?? 0n;
  const amount = readAmount(given);
  if (value !== undefined && amount !== value)
    throw new UsageError(l10n.t('The request names another amount. To pay another one: daochain wallet send'));
  return amount;
}
