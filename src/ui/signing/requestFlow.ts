import { l10n, Uri, window, workspace, type TextDocument } from 'vscode';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { errorText } from '../../words/errorText';
import type { Address } from '../../core/hex';
import { publisherWallet, zeroAddress } from '../../core/hex';
import { formatReference } from '../../core/image/reference';
import { walletAddress } from '../../core/ledger/organization';
import type { SigningRequest } from '../../core/ledger/signingRequest';
import { maximumLifetime, usualLifetime } from '../../core/ledger/signingRequest';
import type { PublisherId } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import { parsePublisher } from '../../core/trust/rules';
import type { Foresight } from '../../services/signing/foresight';
import { foreseenTexts } from '../../words/requestText';
import type { SigningRequests } from '../../services/signing/signingRequests';
import {
  formatRequestFile,
  largestRequestFile,
  parseRequestFile,
  requestExtension,
} from '../../services/signing/signingRequestFile';
import type { SigningService } from '../../services/signing/signingService';
import type { VerificationService } from '../../services/judging/verificationService';
import type { WalletService } from '../../services/wallet/walletService';
import { chooseImages } from '../imageTargets';
import { show } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import { askText, choose } from '../prompts/steps';
import type { Settings } from '../settings';
import { decisionLines, frameLines } from './confirmation';
import { confirmPlan } from './confirmPlan';
import { contentLines, requestLines } from './requestLines';
import type { TransactionFlow } from './transactionFlow';

interface RequestParts {
  readonly requests: SigningRequests;
  readonly foresight: Foresight;
  readonly signing: SigningService;
  readonly verification: VerificationService;
  readonly wallet: WalletService;
  readonly obtainWallet: () => Promise<OwnWallet>;
  readonly settings: Pick<Settings, 'defaultPublisher'>;
  readonly transactionFlow: TransactionFlow;
}

const hour = 60 * 60;
/** Stands for whoever will sign. */

/** Signing requests in the editor: made, opened, signed and sent. */
export class RequestFlow {
  constructor(private readonly parts: RequestParts) {}

  /** Asks somebody else to sign images, of rows or of what the user picks. Needs no wallet. `cancelled`. */
  async create(...args: readonly unknown[]): Promise<void> {
    const title = l10n.t('Create Signing Request');
    const names = await chooseImages(args, this.parts.verification, { title, named: true });
    const publisher = await this.askPublisher(title);
    const signer = publisherWallet(publisher) ?? (await askSigner(title));
    await this.ask(names, publisher, signer, await askLifetime(title));
  }

  /** Shows a request in clear, that of the menu or the file in front, and does with it what the user decides. `cancelled`, `requestInvalid`. */
  async open(target: unknown): Promise<void> {
    const file = target instanceof Uri ? target : ((await requestInFront()) ?? (await askFile()));
    const request = await readRequest(file);
    await this.parts.transactionFlow.needNode();
    const { status } = await this.parts.wallet.refresh();
    const { state } = this.parts.wallet;
    const wallet = status === 'none' || state.status === 'none' ? undefined : state.address;
    // An open request is shown as the wallet here would sign it.
    const isOpen = request.signatures === undefined && request.signer === undefined;
    const asked = isOpen && wallet !== undefined ? { ...request, signer: wallet } : request;
    const checked = await withCancellableProgress(l10n.t('Checking the request'), (signal) =>
      this.parts.requests.check(asked, signal),
    );
    const lines = requestLines(checked, wallet, l10n);
    switch (await confirmPlan(l10n.t('Signing Request'), lines)) {
      case 'sign':
        await this.sign(request, file);
        return;
      case 'send':
        await this.send(request);
        return;
      case 'renew':
        await this.ask(request.entries.map(formatReference), request.publisher, request.signer, usualLifetime);
    }
  }

  private async sign(request: SigningRequest, file: Uri): Promise<void> {
    const wallet = await this.parts.obtainWallet();
    const signer = await wallet.unlock();
    const signed = await withCancellableProgress(l10n.t('Checking the request'), (signal) =>
      this.parts.requests.sign(request, signer, signal),
    );
    await save(signed, await signedFile(file), l10n.t('Signed. Anybody can send it now; whoever does pays for it.'));
  }

  private async send(request: SigningRequest): Promise<void> {
    const { requests, foresight, transactionFlow, obtainWallet } = this.parts;
    await transactionFlow.run(
      {
        makePlan: async ({ signer }, signal) =>
          foresight.foretellRequest(await requests.plan(request, signer, signal), signal),
        confirm: (plan, circumstances) =>
          confirmPlan(l10n.t('Send Signing Request'), [
            ...decisionLines(plan, l10n.t('Send'), circumstances, l10n),
            ...foreseenTexts(plan, l10n).map((text) => ({ label: `$(info) ${text}`, description: '' })),
            ...contentLines(plan.checked, l10n),
            ...frameLines(plan, l10n),
          ]),
        execute: (plan, signer, signal, onProgress) => requests.execute(plan, signer, signal, onProgress),
        title: ({ parts }) => l10n.t('Sending {0} signatures', parts.length),
        outcome: ({ parts }) => l10n.t('{0} signatures are in the ledger.', parts.length),
      },
      await obtainWallet(),
    );
  }

  private async ask(
    names: readonly string[],
    publisher: PublisherId,
    signer: Address | undefined,
    lifetime: number,
  ): Promise<void> {
    const { requests, signing, transactionFlow } = this.parts;
    await transactionFlow.needNode();
    const request = await withCancellableProgress(l10n.t('Reading what will be signed'), async (signal, report) => {
      // Nobody's address stands for whoever will sign.
      const speaker = { signer: signer ?? zeroAddress, publisher, asRequest: true };
      const plan = await signing.plan(names, speaker, signal, (done, of) => {
        report.report({ message: l10n.t('{0} of {1}', done, of) });
      });
      const [skipped] = plan.skipped;
      if (skipped !== undefined) throw skipped.error;
      return requests.create(plan, { lifetime, signer }, signal);
    });
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const [image = 'images'] = names;
    const name = `${image.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}${requestExtension}`;
    const target = await window.showSaveDialog({
      title: l10n.t('Create Signing Request'),
      ...(folder?.scheme === 'file' && { defaultUri: Uri.joinPath(folder, name) }),
      filters: { [l10n.t('Signing request')]: ['json'] },
    });
    if (target === undefined) throw new DaoChainError('cancelled', 'No file was picked');
    await save(request, target, l10n.t('The request is ready. Give the file to whoever is to sign it.'));
  }

  private async askPublisher(title: string): Promise<PublisherId> {
    const { state } = this.parts.wallet;
    const own = state.status === 'none' ? '' : state.address;
    const text = await askText({
      title,
      prompt: l10n.t('In whose name? The ID of an organization, or the address of a wallet'),
      placeHolder: '0x…',
      value: this.parts.settings.defaultPublisher ?? own,
      problem: (typed) => (parsePublisher(typed) === undefined ? l10n.t('That is not a publisher ID.') : undefined),
    });
    const publisher = parsePublisher(text);
    if (publisher === undefined) throw new DaoChainError('invalidInput', 'Not a publisher');
    return publisher;
  }
}

async function askSigner(title: string): Promise<Address | undefined> {
  const text = await askText({
    title,
    prompt: l10n.t('Who is asked? The address of a wallet; nothing for any signer of the organization'),
    placeHolder: '0x…',
    problem: (typed) => {
      try {
        if (typed !== '') walletAddress(typed);
        return undefined;
      } catch (error) {
        if (!isDaoChainError(error)) throw error;
        return errorText(error, l10n);
      }
    },
  });
  return text === '' ? undefined : walletAddress(text);
}

function askLifetime(title: string): Promise<number> {
  return choose({
    title,
    placeholder: l10n.t('How long is the request valid?'),
    choices: [
      { label: l10n.t('1 hour'), value: usualLifetime },
      { label: l10n.t('1 day'), value: 24 * hour },
      { label: l10n.t('7 days'), value: 7 * 24 * hour },
      { label: l10n.t('30 days'), value: maximumLifetime },
    ],
  });
}

/** The request that the editor shows, with what was typed in it. `cancelled` where that is not saved. */
async function requestInFront(): Promise<Uri | undefined> {
  const document = window.activeTextEditor?.document;
  if (document === undefined || !isRequest(document)) return undefined;
  if (!document.isDirty && !document.isUntitled) return document.uri;
  const saved = await workspace.save(document.uri);
  if (saved === undefined) throw new DaoChainError('cancelled', 'The request was not saved');
  return saved;
}

/** By its name, or else by what it says: files are renamed on their way, and texts pasted. */
function isRequest(document: TextDocument): boolean {
  if (document.uri.path.endsWith(requestExtension)) return true;
  if (!document.languageId.startsWith('json') && !document.isUntitled) return false;
  const bytes = new TextEncoder().encode(document.getText());
  if (bytes.length > largestRequestFile) return false;
  try {
    parseRequestFile(bytes);
    return true;
  } catch (error) {
    if (!isDaoChainError(error, 'requestInvalid')) throw error;
    // What else is wrong with one is for the person to read.
    return error.details['reason'] !== 'damaged';
  }
}

async function askFile(): Promise<Uri> {
  const [file] =
    (await window.showOpenDialog({
      title: l10n.t('Open Signing Request'),
      canSelectMany: false,
      filters: { [l10n.t('Signing request')]: ['json'] },
    })) ?? [];
  if (file === undefined) throw new DaoChainError('cancelled', 'No file was picked');
  return file;
}

async function readRequest(file: Uri): Promise<SigningRequest> {
  // A larger one is refused unread.
  const { size } = await workspace.fs.stat(file);
  return parseRequestFile(size > largestRequestFile ? new Uint8Array() : await workspace.fs.readFile(file));
}

/** Beside the request; over what is there already only when the user says so. */
async function signedFile(file: Uri): Promise<Uri> {
  const path = file.path.replace(/(?:\.daochain-request)?\.json$/, '');
  const target = file.with({ path: `${path}.signed${requestExtension}` });
  if (!(await exists(target))) return target;
  const replace = l10n.t('Replace');
  const picked = await window.showWarningMessage(
    l10n.t('{0} already exists. Replace it?', displayText(target.fsPath)),
    { modal: true },
    replace,
  );
  if (picked !== replace) throw new DaoChainError('cancelled', 'The file was kept');
  return target;
}

async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}

async function save(request: SigningRequest, target: Uri, message: string): Promise<void> {
  await workspace.fs.writeFile(target, new TextEncoder().encode(formatRequestFile(request)));
  void show({
    severity: 'information',
    message,
    actions: [
      { title: l10n.t('Open'), command: 'daochain.openSigningRequest', arguments: [target] },
      { title: l10n.t('Show File'), command: 'revealInExplorer', arguments: [target] },
    ],
  });
}
