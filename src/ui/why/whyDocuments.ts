import { commands, l10n, Uri, window, workspace, type Disposable } from 'vscode';
import { displayText } from '../../core/displayText';
import { markdownOf } from '../../words/sectionedText';
import { whyText } from '../../words/whyText';
import type { WhyService } from '../../services/judging/whyService';
import { abortSignal } from '../cancellation';
import { KeptDocuments } from '../keptDocuments';
import { withCancellableProgress } from '../prompts/progress';
import { parseWhyQuery, type WhyQuery } from './whyQuery';

const scheme = 'daochain-why';

/** What an explanation is about that is read as a text; undefined for any other document. */
export function explainedName(uri: Uri | undefined): string | undefined {
  return uri?.scheme === scheme ? parseWhyQuery(uri.query).text : undefined;
}

/**
 * Shows why an image has its verdict, in the Markdown preview. The text stays as it was when it was opened; a window
 * that is loaded again explains it again.
 */
export class WhyDocuments implements Disposable {
  readonly #documents = new KeptDocuments(scheme, (uri, token) =>
    this.#explain(parseWhyQuery(uri.query), abortSignal(token)),
  );
  #count = 0;

  constructor(private readonly whys: WhyService) {}

  dispose(): void {
    this.#documents.dispose();
  }

  /** Explains under a progress that can be cancelled. Errors as those of the service. */
  async open(asked: WhyQuery): Promise<void> {
    const text = await withCancellableProgress(l10n.t('Looking for the reasons'), (signal) =>
      this.#explain(asked, signal),
    );
    const title = displayText(asked.text).split('/').at(-1) ?? '';
    const query = JSON.stringify({ ...asked, opened: ++this.#count });
    const uri = Uri.from({ scheme, path: `/${title}.md`, query });
    this.#documents.keep(uri, text);
    const document = await workspace.openTextDocument(uri);
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch {
      // Where there is no Markdown extension the text reads well enough.
      await window.showTextDocument(document, { preview: true });
    }
  }

  async #explain({ text, platform, folder, sources }: WhyQuery, signal: AbortSignal): Promise<string> {
    const query = { text, ...(platform !== undefined && { platform }) };
    const options = { ...(folder !== undefined && { folder }), ...(sources !== undefined && { sources }) };
    const { judged, why, names, reportedBy, others } = await this.whys.explain(query, signal, options);
    return markdownOf(whyText(why, judged, { names, reportedBy, l10n }, others));
  }
}
