import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, Uri, window, workspace, type QuickPickItem } from 'vscode';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { isDaoChainError } from '../../src/core/errors';
import { parseRequestFile } from '../../src/services/signing/signingRequestFile';
import { WalletService } from '../../src/services/wallet/walletService';
import { Account } from '../../src/ui/account/account';
import { OwnWallet } from '../../src/ui/account/ownWallet';
import { RequestFlow } from '../../src/ui/signing/requestFlow';
import { TransactionFlow } from '../../src/ui/signing/transactionFlow';
import { startTimer } from '../../src/timers';
import { buildImage } from '../testbed/engine';
import { silentLog, testSigner } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { api, docker } from './extension';
import { answerInstead, pickInstead, typeInstead } from './person';
import { createPublisher, type Publisher } from './publisher';
import type { TransactionSigner } from '../../src/core/ports/ledger';

const image = 'registry.example.com/host/asked:1.0';

describe('signing requests in the editor', () => {
  const folder = temporaryFolder().path;
  const file = Uri.file(join(folder, 'web.daochain-request.json'));
  const signedFile = Uri.file(join(folder, 'web.signed.daochain-request.json'));
  /** Has no ether. */
  let colleague: TransactionSigner;
  let publisher: Publisher;
  let requests: RequestFlow;
  /** Who sits in front of the window. */
  let present: TransactionSigner;
  const typed: string[] = [];
  const seen: string[] = [];
  const restore: (() => void)[] = [];
  let replaces: string | undefined;

  before(async () => {
    await api();
    publisher = await createPublisher([]);
    colleague = await testSigner();
    const { product } = publisher;
    const wallet = walletWithoutKey();
    const account = new Account({ ...product, wallet, log: silentLog });
    const transactionFlow = new TransactionFlow({ ...product, account, ledger: () => product.ledgers.current });
    requests = new RequestFlow({
      ...{ ...product, wallet, transactionFlow, settings: { defaultPublisher: undefined } },
      obtainWallet: () => {
        const own = new OwnWallet(present.address, wallet);
        return Promise.resolve(Object.assign(own, { unlock: () => Promise.resolve(present) }));
      },
    });
    const { showSaveDialog } = window;
    Object.assign(window, { showSaveDialog: () => Promise.resolve(file) });
    restore.push(
      () => {
        account.dispose();
      },
      () => Object.assign(window, { showSaveDialog }),
      pickInstead(/^1 hour$|Sign, for others to send|Send…|mine until it is final/),
      seeLists(seen),
      typeInstead(typed),
      answerInstead('showInformationMessage', () => undefined),
      answerInstead('showWarningMessage', () => replaces),
    );
    await buildImage(docker(), image, { files: { motd: 'one' } });
  });
  beforeEach(() => {
    seen.length = typed.length = 0;
  });
  after(async () => {
    for (const end of restore.toReversed()) end();
    await publisher.dispose();
  });

  it('are made of images for whoever is named', async () => {
    present = publisher.signer;
    typed.push(colleague.address);
    await requests.create(image);
    const { entries, signer, signatures } = read(file);
    assert.deepEqual([entries[0]?.tag, signer, signatures], ['1.0', colleague.address, undefined]);
  });

  it('are shown in clear, and signed into a file of their own', async () => {
    present = colleague;
    await requests.open(file);
    assert.match(
      seen.join('\n'),
      /Publish registry\.example\.com\/host\/asked:1\.0 \n[^]*linux\/[^]*config\s+sha256:[0-9a-f]{64}/,
    );
    assert.equal(read(signedFile).signatures?.length, 1);
    assert.equal(read(file).signatures, undefined);
    await assert.rejects(requests.open(file), (error) => isDaoChainError(error, 'cancelled'));
    replaces = 'Replace';
    await requests.open(file);
  });

  it('are opened from the editor that is in front, with what was typed there and whatever the file is called', async () => {
    present = colleague;
    const { showOpenDialog } = window;
    // The extension asks for a file where it takes none for a request.
    Object.assign(window, { showOpenDialog: () => Promise.resolve(undefined) });
    replaces = 'Replace';
    const text = readFileSync(file.fsPath, 'utf8');
    const open = async (name: string, content: string): Promise<string> => {
      const renamed = Uri.file(join(folder, name));
      writeFileSync(renamed.fsPath, content);
      seen.length = 0;
      await window.showTextDocument(await workspace.openTextDocument(renamed));
      await requests.open(undefined);
      return seen.join('\n');
    };
    try {
      const asks = (error: unknown): boolean => isDaoChainError(error, 'cancelled');
      const isDamaged = (error: unknown): boolean => isDaoChainError(error, 'requestInvalid');
      assert.match(await open('web.daochain-request.json', text), /Publish registry\.example\.com\/host\/asked:1\.0/);
      assert.match(await open('from a mail (1).json', text), /Publish registry\.example\.com\/host\/asked:1\.0/);
      await assert.rejects(open('package.json', '{ "name": "web" }'), asks);
      await assert.rejects(open('notes.txt', text), asks);
      await assert.rejects(open('cut.daochain-request.json', text.slice(0, 40)), isDamaged);
      await assert.rejects(open('later.json', text.replace(/"version": \d+/, '"version": 99')), isDamaged);
      // Typed, and not saved by anybody yet.
      await open('web.daochain-request.json', text);
      const editor = window.activeTextEditor ?? assert.fail('no editor');
      await editor.edit((edit) => {
        edit.insert(editor.document.positionAt(0), 'x');
      });
      await assert.rejects(requests.open(undefined), isDamaged);
    } finally {
      Object.assign(window, { showOpenDialog });
      await commands.executeCommand('workbench.action.closeAllEditors');
      writeFileSync(file.fsPath, text);
    }
  });

  it('are sent by another wallet, and then worth nothing', async () => {
    present = publisher.signer;
    await requests.open(signedFile);
    assert.match(seen.join('\n'), /Send…[^]*Costs [\d.]+ ETH [^]*most/);
    const { signing } = publisher.product;
    const plan = await signing.plan(
      [image],
      { signer: colleague.address, asRequest: true },
      new AbortController().signal,
    );
    assert.equal(plan.images[0]?.change.type, 'same');
    // Nothing that could be picked is left.
    await assert.rejects(requests.open(signedFile), /in the ledger\s+(?:\$\(blank\)\s+)?already/);
  });

  it('that were altered say so, and damaged ones are not opened', async () => {
    const text = readFileSync(signedFile.fsPath, 'utf8');
    writeFileSync(signedFile.fsPath, text.replace('"tag": "1.0"', '"tag": "2.0"'));
    await assert.rejects(requests.open(signedFile), /does\s+(?:\$\(blank\)\s+)?not match what the request says/);
    writeFileSync(signedFile.fsPath, '{}');
    await assert.rejects(requests.open(signedFile), (error) => isDaoChainError(error, 'requestInvalid'));
    assert.ok(existsSync(file.fsPath));
  });
});

function read(file: Uri): ReturnType<typeof parseRequestFile> {
  return parseRequestFile(readFileSync(file.fsPath));
}

/** Keeps what lists show. */
function seeLists(seen: string[]): () => void {
  const own: unknown = window.createQuickPick;
  Object.assign(window, {
    createQuickPick: (): object => {
      const pick = (own as () => { items: readonly QuickPickItem[]; show(): void })();
      const show = pick.show.bind(pick);
      return Object.assign(pick, {
        show: () => {
          seen.push(...pick.items.map(({ label, detail = '' }) => `${label} ${detail}`));
          show();
        },
      });
    },
  });
  return () => Object.assign(window, { createQuickPick: own });
}

/** Enough to be handed on; nothing here signs with it. */
function walletWithoutKey(): WalletService {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return new WalletService({
    ...{ secrets: { get: nothing, set: nothing, delete: nothing }, keys: new EthersWalletKeys() },
    ...{ clock: Date.now, timer: startTimer, unlockMinutes: () => 15 },
  });
}
