import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import {
  CancellationTokenSource,
  CodeActionKind,
  DocumentDiagnosticReportKind,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { documentSettingsSchema, settingsMethod, type DocumentSettings } from '../protocol/dockerfileSettings';
import { serverOptionsSchema, type ServerOptions } from '../protocol/initialization';
import {
  verdictsChangedMethod,
  verifyImagesMethod,
  type ImageQuery,
  type VerifyImagesParams,
} from '../protocol/verifyImages';
import type { Answer } from '../buildFiles/answer';
import { findBaseImages, queryOf, type BaseImage } from '../buildFiles/baseImages';
import { codeActionsOf } from './codeActions';
import { toDiagnostic } from './diagnostics';
import { findingsOf, type Finding } from '../buildFiles/findings';
import { hoverOf } from './hover';
import { VerdictCache } from './verdictCache';

/**
 * The language server as a function of its connection. Every answer is given from what is known at that moment; the host
 * is asked in the background, and the client asked to look again when it has answered. So nothing waits for the host.
 */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, DocumentSettings>();
  const parsed = new Map<string, { readonly version: number; readonly images: readonly BaseImage[] }>();
  const verdicts = new VerdictCache(askHost, refresh);
  let options: ServerOptions = { rules: '', language: 'en' };
  let canRefresh = false;

  connection.onInitialize(({ initializationOptions, capabilities }) => {
    options = v.parse(serverOptionsSchema, initializationOptions);
    l10n.config({ contents: options.l10n ?? {} });
    canRefresh = capabilities.workspace?.diagnostics?.refreshSupport === true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        diagnosticProvider: { identifier: 'daochain', interFileDependencies: false, workspaceDiagnostics: false },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
    };
  });

  connection.languages.diagnostics.on(({ textDocument }) => ({
    kind: DocumentDiagnosticReportKind.Full,
    items: findings(documents.get(textDocument.uri)).map((finding) => toDiagnostic(finding, options)),
  }));

  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document && hoverOf(baseImages(document), position, answerOf, (image) => isMarked(document, image));
  });

  connection.onCodeAction(({ textDocument, range }) => {
    const document = documents.get(textDocument.uri);
    return (
      document && [...codeActionsOf(document, findings(document), range, (finding) => toDiagnostic(finding, options))]
    );
  });

  connection.onNotification(verdictsChangedMethod, () => {
    verdicts.invalidate();
  });

  connection.onNotification(settingsMethod, (params: unknown) => {
    const received = v.safeParse(documentSettingsSchema, params);
    if (!received.success) return;
    settings.set(received.output.uri, received.output);
    if (documents.get(received.output.uri) !== undefined) refresh();
  });

  documents.onDidClose(({ document: { uri } }) => {
    settings.delete(uri);
    parsed.delete(uri);
    verdicts.forget(uri);
  });

  connection.onShutdown(() => {
    verdicts.dispose();
  });

  documents.listen(connection);
  connection.listen();

  function findings(document: TextDocument | undefined): readonly Finding[] {
    if (document === undefined) return [];
    const layers = settings.get(document.uri) ?? { user: {}, workspace: {} };
    return baseImages(document).flatMap((image) => findingsOf(image, answerOf, layers));
  }

  function isMarked(document: TextDocument, image: BaseImage): boolean {
    return findings(document).some((finding) => finding.image === image && finding.code !== 'DC012');
  }

  function answerOf(query: ImageQuery): Answer {
    return verdicts.get(query);
  }

  function baseImages(document: TextDocument): readonly BaseImage[] {
    const { uri, version } = document;
    const known = parsed.get(uri);
    if (known?.version === version) return known.images;
    const images = findBaseImages(document);
    parsed.set(uri, { version, images });
    verdicts.want(
      uri,
      images.flatMap((image) => (image.type === 'image' ? queryOf(image) : [])),
    );
    return images;
  }

  function refresh(): void {
    // A client that is closing does not answer, and then there is nothing left to refresh.
    if (canRefresh) connection.languages.diagnostics.refresh().catch(() => undefined);
  }

  /** Ends with the signal even if the host never answers. */
  async function askHost(queries: readonly ImageQuery[], signal: AbortSignal): Promise<unknown> {
    const cancellation = new CancellationTokenSource();
    const params: VerifyImagesParams = { queries };
    try {
      return await Promise.race([
        connection.sendRequest<unknown>(verifyImagesMethod, params, cancellation.token),
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('Withdrawn'));
          });
        }),
      ]);
    } finally {
      if (signal.aborted) cancellation.cancel();
      cancellation.dispose();
    }
  }
}
