import {
  Uri,
  env,
  l10n,
  window,
  workspace,
  type CancellationToken,
  type Disposable,
  type TextDocumentContentProvider,
} from 'vscode';
import { DaoChainError } from '../core/errors';
import { isDigest } from '../core/image/digest';
import type { JudgedImage, JudgedReference } from '../services/judgedImage';
import type { VerificationService } from '../services/verificationService';
import type { Ledger } from '../services/ledger';
import { attestationText } from '../core/trust/attestationText';
import { abortSignal } from './cancellation';

const scheme = 'daochain-attestation';

interface AttestationParts {
  readonly verification: VerificationService;
  readonly ledger: () => Ledger | undefined;
}

/** The name whose attestation a document shows; undefined for any other document. */
export function attestedName(uri: Uri | undefined): string | undefined {
  return uri?.scheme === scheme ? uri.path.slice(1) : undefined;
}

/** Shows the verdict on an image and the history behind it as a document that is read from the ledger when it opens. */
export class AttestationDocuments implements TextDocumentContentProvider, Disposable {
  readonly #registration: Disposable;

  constructor(private readonly parts: AttestationParts) {
    this.#registration = workspace.registerTextDocumentContentProvider(scheme, this);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async open(name: string): Promise<void> {
    // Each opening asks anew: what is in a document does not change by itself.
    const uri = Uri.from({ scheme, path: `/${name}`, fragment: `${Date.now()}` });
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true });
  }

  async provideTextDocumentContent({ path }: Uri, token: CancellationToken): Promise<string> {
    const name = path.slice(1);
    const { reference, ...judged } = await this.judge(name, abortSignal(token));
    const view = this.parts.ledger()?.index.view();
    const histories =
      reference === undefined ? [] : (view?.historiesOf(reference.repository, reference.tag ?? 'latest') ?? []);
    return attestationText({ ...judged, name, histories, language: env.language }, l10n);
  }

  private async judge(name: string, signal: AbortSignal): Promise<JudgedImage | JudgedReference> {
    const { verification } = this.parts;
    if (isDigest(name)) return verification.verify(name, signal);
    const [judged] = await verification.judgeReferences([{ text: name }], signal);
    if (judged === undefined) throw new DaoChainError('imageNotFound', 'No such image', { details: { image: name } });
    return judged;
  }
}
