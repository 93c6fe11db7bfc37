import { Uri, window, workspace, type Disposable, type TextDocumentContentProvider } from 'vscode';

const scheme = 'daochain-trial';

/** Shows what a rule would do as a document that cannot be changed, and that is kept as long as it is open. */
export class TrialDocuments implements TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: readonly Disposable[];
  #count = 0;

  constructor() {
    this.#subscriptions = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.#texts.delete(uri.toString());
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async open(title: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${title}`, fragment: `${++this.#count}` });
    this.#texts.set(uri.toString(), text);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(uri: Uri): string | undefined {
    return this.#texts.get(uri.toString());
  }
}
