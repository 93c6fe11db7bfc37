import { Uri, window, workspace, type Disposable } from 'vscode';
import { KeptDocuments } from '../keptDocuments';

const scheme = 'daochain-trial';

/** Shows what a rule would do. */
export class TrialDocuments implements Disposable {
  readonly #documents = new KeptDocuments(scheme);
  #count = 0;

  dispose(): void {
    this.#documents.dispose();
  }

  async open(title: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${title}`, fragment: `${++this.#count}` });
    this.#documents.keep(uri, text);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }
}
