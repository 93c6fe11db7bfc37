import { randomBytes } from 'node:crypto';
import { ViewColumn, env, l10n, window } from 'vscode';
import { checksumAddress } from '../../core/checksumAddress';
import { parseEther } from '../../core/ether/amount';
import { parsePaymentRequest, paymentLink, paymentUri, type PaymentRequest } from '../../core/ether/paymentRequest';
import { walletAddress } from '../../core/ledger/organization';
import { ledgerKey } from '../../core/ledger/types';
import { needsPerson, type TransferPlan } from '../../core/plans/transferPlan';
import type { EtherService, WantedTransfer } from '../../services/ether/etherService';
import type { TransferHistory } from '../../services/ether/transferHistory';
import type { LedgerSource } from '../../services/ledger/ledger';
import type { Transactions } from '../../services/transactions/transactions';
import { exactEther } from '../../words/amountText';
import { historyLines, paymentRequestLines, transferWarningText } from '../../words/etherText';
import { ledgerKindText, onlyHereText } from '../../words/ledgerText';
import type { OwnWallet } from '../account/ownWallet';
import { askWallet } from '../organizations/organizationPrompts';
import { confirmPages } from '../prompts/confirmPages';
import { pagesOf } from '../prompts/pageText';
import { withCancellableProgress } from '../prompts/progress';
import { askText, back, choose, type First, type Place } from '../prompts/steps';
import { confirmPlan } from '../signing/confirmPlan';
import type { TransactionFlow } from '../signing/transactionFlow';
import { tellCopied } from '../trust/copiedLink';
import { qrPage } from '../trust/qrPage';
import type { TrialDocuments } from '../trust/trialDocuments';
import { transferRows } from './transferRows';
import { amountProblem, askedAmountProblem, requestProblem, typedAmount } from './typedEther';

interface EtherParts {
  readonly ether: EtherService;
  readonly transferHistory: TransferHistory;
  readonly transactions: Transactions;
  readonly transactionFlow: TransactionFlow;
  readonly ledgers: LedgerSource;
  readonly trials: TrialDocuments;
  readonly obtainWallet: () => Promise<OwnWallet>;
  /** An SVG. */
  readonly drawQr: (text: string) => Promise<string>;
}

/** Sends ether, asks for it, and tells what became of it. */
export class EtherCommands {
  constructor(private readonly parts: EtherParts) {}

  /** `cancelled`, and whatever keeps the transfer from being planned or sent. */
  async send(wallet: OwnWallet): Promise<void> {
    const title = l10n.t('Send Ether');
    for (;;) {
      const to = await askWallet(
        { title, step: 1, totalSteps: 2 },
        l10n.t('Address of the wallet that gets the ether. Its owner copies it with DaoChain: Copy Wallet Address.'),
      );
      const amount = await askAmount({ title, step: 2, totalSteps: 2, canGoBack: true });
      if (amount === back) continue;
      await this.transfer({ to: walletAddress(to), amount }, title, wallet);
      return;
    }
  }

  /** Shows all that a request says, and asks, before a wallet is needed. `linkInvalid`, `cancelled`. */
  async openRequest(link: string | undefined): Promise<void> {
    const title = l10n.t('Pay Ether');
    const request = parsePaymentRequest(link ?? (await askRequest(title)));
    await this.parts.ether.requireHome(request);
    const { kind } = await this.parts.ledgers.open();
    const lines = paymentRequestLines(request, ledgerKindText(kind, l10n), l10n);
    await confirmPages(l10n.t('Pay what this request asks for?'), pagesOf([lines]), l10n.t('Continue'));
    const wallet = await this.parts.obtainWallet();
    const amount = request.value ?? (await askAmount({ title }));
    await this.transfer({ to: request.to, amount }, title, wallet);
  }

  /** A payment request of the wallet's own. `cancelled`. */
  async ask({ address }: OwnWallet): Promise<void> {
    const title = l10n.t('Ask for Ether');
    const { writer, kind } = await this.parts.ledgers.open();
    const typed = await askText({
      title,
      prompt: l10n.t('Amount in ether; nothing for an amount that the payer chooses'),
      placeHolder: '1.25',
      problem: (text) => askedAmountProblem(text, l10n),
    });
    const request = {
      ...{ to: address, chainId: writer.ledger.chainId },
      ...(typed !== '' && { value: parseEther(typed) }),
    };
    const [uri, link] = [paymentUri(request), paymentLink(request)];
    const way = await choose<'link' | 'uri' | 'qr'>({
      title,
      placeholder: request.value === undefined ? l10n.t('It names no amount.') : exactEther(request.value),
      choices: [
        { value: 'link', label: `$(link) ${l10n.t('Copy link')}`, detail: l10n.t('It opens in VS Code.') },
        {
          value: 'uri',
          label: `$(copy) ${l10n.t('Copy request')}`,
          detail: l10n.t('EIP-681, for a terminal or another wallet.'),
        },
        { value: 'qr', label: `$(device-camera) ${l10n.t('Show QR code')}`, detail: uri },
      ],
    });
    if (way !== 'qr') {
      await env.clipboard.writeText(way === 'link' ? link : uri);
      tellCopied(l10n.t('Payment request copied'), kind);
      return;
    }
    const panel = window.createWebviewPanel('daochain.paymentRequest', title, ViewColumn.Active, {
      localResourceRoots: [],
    });
    panel.webview.html = qrPage(
      {
        title,
        alt: l10n.t('QR code of a payment request for {0}', checksumAddress(address)),
        facts: [
          [l10n.t('Wallet'), checksumAddress(address)],
          ...amountFact(request),
          [l10n.t('Ledger'), `${ledgerKindText(kind, l10n)} · ${ledgerKey(writer.ledger)}`],
          [l10n.t('Payment request'), uri],
          [l10n.t('Link'), link],
        ],
        advice: l10n.t('Ask whoever pays to compare the address with the one that you tell them in another way.'),
        onlyHere: onlyHereText(kind, l10n),
      },
      { svg: await this.parts.drawQr(uri), nonce: randomBytes(16).toString('base64url'), language: env.language },
    );
  }

  /** What the wallet earned, received, sent and paid, as a document. `cancelled`. */
  async showTransfers({ address }: OwnWallet): Promise<void> {
    await this.parts.transactionFlow.needNode();
    const history = await withCancellableProgress(l10n.t('Reading transfers'), (signal, report) =>
      this.parts.transferHistory.read(address, signal, ({ done, of }) => {
        report.report({ message: l10n.t('{0} of {1} blocks', done, of) });
      }),
    );
    await this.parts.trials.open(checksumAddress(address), `${historyLines(history, address, l10n).join('\n')}\n`);
  }

  private async transfer(wanted: WantedTransfer, heading: string, wallet: OwnWallet): Promise<void> {
    const { ether, transactions, transactionFlow } = this.parts;
    const who = checksumAddress(wanted.to);
    await transactionFlow.run<TransferPlan>(
      {
        makePlan: ({ signer }, signal) => ether.plan(wanted, signer, signal),
        confirm: async (plan, circumstances) => {
          const decision = await confirmPlan(heading, transferRows(plan, circumstances, l10n));
          if (decision !== 'mineForBalance' && needsPerson(plan)) await confirmImitation(plan);
          return decision;
        },
        execute: (plan, signer, signal, onProgress) => transactions.execute(plan, signer, signal, onProgress),
        title: ({ call }) => l10n.t('Sending {0} to {1}', exactEther(call.value), who),
        outcome: ({ call }) => l10n.t('{0} was sent to {1}.', exactEther(call.value), who),
      },
      wallet,
    );
  }
}

function amountFact({ value }: PaymentRequest): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[l10n.t('Amount'), l10n.t('{0}, exactly {1} wei', exactEther(value), `${value}`)]];
}

/** Asked once more: what is sent to the wrong address, nobody brings back. The first button does nothing. `cancelled`. */
async function confirmImitation({ warnings, call: { to } }: TransferPlan): Promise<void> {
  const detail = warnings.map((warning) => transferWarningText(warning, to, l10n)).join('\n\n');
  await confirmPages(
    l10n.t('Is that the address that you mean?'),
    [detail],
    l10n.t('Send Anyway'),
    l10n.t('Do Not Send'),
  );
}

function askAmount(place: First<Place>): Promise<bigint | 'all'>;
function askAmount(place: Place): Promise<bigint | 'all' | typeof back>;
async function askAmount(place: Place): Promise<bigint | 'all' | typeof back> {
  const typed = await askText({
    ...place,
    prompt: l10n.t('Amount in ether, or "all": everything that the fee leaves'),
    placeHolder: '1.25',
    problem: (text) => amountProblem(text, l10n),
    preview: (text) => amountPreview(typedAmount(text)),
  });
  return typed === back ? back : typedAmount(typed);
}

function amountPreview(amount: bigint | 'all'): string {
  return amount === 'all' ? l10n.t('Everything that the fee leaves') : l10n.t('exactly {0} wei', `${amount}`);
}

function askRequest(title: string): Promise<string> {
  return askText({
    title,
    prompt: l10n.t('Paste the payment request.'),
    placeHolder: 'ethereum:0x…',
    problem: (typed) => requestProblem(typed, l10n),
  });
}
