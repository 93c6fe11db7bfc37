import assert from 'node:assert/strict';
import { commands, env, window, workspace } from 'vscode';
import { qrSvg } from '../../src/adapters/qr/qrCode';
import { checksumAddress } from '../../src/core/checksumAddress';
import { paymentLink, paymentUri, parsePaymentRequest } from '../../src/core/ether/paymentRequest';
import { toHex, type Address } from '../../src/core/hex';
import type { OwnWallet } from '../../src/ui/account/ownWallet';
import { EtherCommands } from '../../src/ui/ether/etherCommands';
import { TransactionFlow } from '../../src/ui/signing/transactionFlow';
import { TrialDocuments } from '../../src/ui/trust/trialDocuments';
import { api } from './extension';
import { answerInstead, pickInstead, typeInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const never = new AbortController().signal;
const value = 250_000_000_000_000_000n;

describe('ether', () => {
  let publisher: Publisher;
  let wallet: OwnWallet;
  let ether: EtherCommands;
  let trials: TrialDocuments;
  let chainId: bigint;
  let to: Address;
  const questions: { readonly message: string; readonly detail: string; readonly choices: readonly string[] }[] = [];
  const told: string[] = [];
  let answer: string | undefined;
  const restore: (() => void)[] = [];

  before(async () => {
    await api();
    publisher = await createPublisher([]);
    const { product, signer } = publisher;
    const { ledgers, node } = product;
    chainId = (await ledgers.open()).writer.ledger.chainId;
    to = toHex(crypto.getRandomValues(new Uint8Array(20)));
    wallet = { address: signer.address, unlock: () => Promise.resolve(signer) } as unknown as OwnWallet;
    trials = new TrialDocuments();
    const account = { lack: () => undefined } as never;
    const transactionFlow = new TransactionFlow({ node, ledger: () => ledgers.current, account });
    const obtainWallet = () => Promise.resolve(wallet);
    ether = new EtherCommands({ ...product, transactionFlow, trials, obtainWallet, drawQr: qrSvg });
    restore.push(
      answerInstead('showWarningMessage', (message, options, ...choices) => {
        const { detail = '' } = (options ?? {}) as { readonly detail?: string };
        questions.push({ message: String(message), detail, choices: choices.map(String) });
        return answer;
      }),
      ...(['showErrorMessage', 'showInformationMessage'] as const).map((prompt) =>
        answerInstead(prompt, (message) => {
          told.push(String(message));
          return undefined;
        }),
      ),
    );
  });
  after(async () => {
    for (const each of restore) each();
    trials.dispose();
    await publisher.dispose();
  });
  beforeEach(() => {
    [questions.length, told.length, answer] = [0, 0, undefined];
  });

  it('is asked for by a link that shows all of itself to whoever opens it, and does nothing by itself', async () => {
    for (const link of [paymentUri({ to, chainId, value }), paymentLink({ to, chainId, value })]) {
      await commands.executeCommand('daochain.openPaymentRequest', link);
      const { message, detail, choices } = questions.pop() ?? assert.fail('nothing was asked');
      assert.equal(message, 'Pay what this request asks for?');
      for (const shown of [checksumAddress(to), '0.25 ETH', `${value} wei`, `chain ${chainId}`])
        assert.ok(detail.includes(shown), detail);
      assert.deepEqual(choices, ['Continue']);
    }
  });

  it('is not paid by a link of another chain or with anything hidden in it', async () => {
    answer = 'Continue';
    for (const [link, reason] of [
      [paymentUri({ to, chainId: 1n, value }), /for chain 1, and this machine sends on chain/],
      [`${paymentUri({ to, chainId, value })}&value=1`, /more than once/],
      [`ethereum:${to}@${chainId}/transfer?value=1`, /calls a contract/],
      ['javascript:alert(1)', /not a payment request/],
    ] as const) {
      await commands.executeCommand('daochain.openPaymentRequest', link);
      assert.match(told.pop() ?? '', reason);
    }
    assert.deepEqual(questions, []);
  });

  it('is paid as the request says once a person has seen the plan, and is in the document of transfers', async () => {
    answer = 'Continue';
    const put = pickInstead(/Send, and mine until it is final/);
    await ether.openRequest(paymentLink({ to, chainId, value }));
    put();
    const { writer } = await publisher.product.ledgers.open();
    assert.equal(await writer.balance(to, never), value);
    await ether.showTransfers(wallet);
    const text =
      workspace.textDocuments.find(({ uri }) => uri.path.includes(checksumAddress(wallet.address)))?.getText() ?? '';
    assert.ok(text.includes(`sent 0.25 ETH to ${checksumAddress(to)}`), text);
    assert.match(text, /Earned by mining: [1-9]/);
  });

  it('is asked for by what others can open, also as a QR code on a page without scripts', async () => {
    restore.push(typeInstead(['1.25', '1.25', '1.25']));
    const copied: string[] = [];
    for (const way of [/Copy link/, /Copy request/]) {
      const put = pickInstead(way);
      await ether.ask(wallet);
      put();
      copied.push(await env.clipboard.readText());
    }
    const request = { to: wallet.address, chainId, value: 1_250_000_000_000_000_000n };
    assert.deepEqual(copied, [paymentLink(request), paymentUri(request)]);
    assert.deepEqual(copied.map(parsePaymentRequest), [request, request]);
    let html = '';
    const own: unknown = window.createWebviewPanel;
    const panel = {
      webview: {
        set html(text: string) {
          html = text;
        },
      },
    };
    Object.assign(window, { createWebviewPanel: () => panel });
    const put = pickInstead(/Show QR code/);
    try {
      await ether.ask(wallet);
    } finally {
      Object.assign(window, { createWebviewPanel: own });
      put();
    }
    assert.ok(html.includes(checksumAddress(wallet.address)) && html.includes('1.25 ETH'), html);
    assert.doesNotMatch(html, /<script/);
  });
});
