import { workspace, type CancellationToken, type Disposable, type TextDocumentContentProvider, type Uri } from 'vscode';

/** Texts that are shown as documents which cannot be changed, each kept as long as it is open. */
export class KeptDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: readonly Disposable[];

  /** `missing` gives a text again that a window before this one has shown. */
  constructor(
    scheme: string,
    private readonly missing: (uri: Uri, token: CancellationToken) => Promise<string> | undefined = () => undefined,
  ) {
    this.#subscriptions = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.#texts.delete(uri.toString());
      }),
    ];
  }

  keep(uri: Uri, text: string): void {
    this.#texts.set(uri.toString(), text);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  provideTextDocumentContent(uri: Uri, token: CancellationToken): string | Promise<string> | undefined {
    return this.#texts.get(uri.toString()) ?? this.missing(uri, token);
  }
}
