import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import {
  CancellationTokenSource,
  CodeActionKind,
  DocumentDiagnosticReportKind,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type Diagnostic,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AnswerOf } from '../buildFiles/answer';
import { findBaseImages, queryOf, type BaseImage, type BuildArguments } from '../buildFiles/baseImages';
import { isComposeFile } from '../buildFiles/composeFile';
import { findingsOf, type Finding } from '../buildFiles/findings';
import { problemsOf, type Problem } from '../buildFiles/problems';
import { documentSettingsSchema, settingsMethod, type DocumentSettings } from '../protocol/dockerfileSettings';
import { fileStatusMethod } from '../protocol/fileStatus';
import { serverOptionsSchema, type ServerOptions } from '../protocol/initialization';
import { verdictsChangedMethod, verifyImagesMethod, type VerifyImagesParams } from '../protocol/verifyImages';
import { codeActionsOf } from './codeActions';
import { toDiagnostic } from './diagnostics';
import { fileStatusOf } from './fileStatus';
import { hoverOf } from './hover';
import { folderOf, VerdictCache } from './verdictCache';

type ImageFinder = (document: TextDocument, buildArguments: BuildArguments) => readonly BaseImage[];

/**
 * The language server as a function of its connection. Every answer is given from what is known at that moment; the host
 * is asked in the background, and the client asked to look again when it has answered. So nothing waits for the host.
 */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, DocumentSettings>();
  const parsed = new Map<string, { readonly version: number; readonly images: readonly BaseImage[] }>();
  /** As last sent, by document. */
  const statuses = new Map<string, string>();
  const verdicts = new VerdictCache(askHost, refresh);
  let options: ServerOptions = { rules: '', language: 'en' };
  let canRefresh = false;
  let findComposeImages: ImageFinder | undefined;

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

  connection.languages.diagnostics.on(async ({ textDocument }) => {
    const document = await readable(textDocument.uri);
    const items = document === undefined ? [] : problems(document).map((problem) => diagnosticOf(document, problem));
    if (document !== undefined) sendStatus(document);
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });

  connection.onHover(async ({ textDocument, position }) => {
    const document = await readable(textDocument.uri);
    return (
      document &&
      hoverOf(
        baseImages(document),
        position,
        answersFor(document),
        (image) => isMarked(document, image),
        folderOf(document.uri),
      )
    );
  });

  connection.onCodeAction(async ({ textDocument, range }) => {
    const document = await readable(textDocument.uri);
    if (document === undefined) return undefined;
    const judged = baseImages(document).map((image) => ({
      image,
      answer: image.type === 'image' ? verdicts.get(document.uri, queryOf(image)) : undefined,
      findings: findingsAbout(document, image),
    }));
    const diagnostics = new Map(
      problemsOf(judged.flatMap((each) => each.findings)).flatMap((problem) => {
        const diagnostic = diagnosticOf(document, problem);
        return [problem.first, ...problem.others].map((finding) => [finding, diagnostic] as const);
      }),
    );
    const diagnosticFor = (finding: Finding): Diagnostic => diagnostics.get(finding) ?? toDiagnostic(finding, options);
    return [...codeActionsOf(document, judged, range, diagnosticFor)];
  });

  connection.onNotification(verdictsChangedMethod, () => {
    verdicts.invalidate();
    sendStatuses();
  });

  connection.onNotification(settingsMethod, (params: unknown) => {
    const received = v.safeParse(documentSettingsSchema, params);
    if (!received.success) return;
    const { uri } = received.output;
    settings.set(uri, received.output);
    // Build arguments are among them.
    parsed.delete(uri);
    if (documents.get(uri) !== undefined) refresh();
  });

  documents.onDidClose(({ document: { uri } }) => {
    settings.delete(uri);
    parsed.delete(uri);
    statuses.delete(uri);
    verdicts.forget(uri);
  });

  connection.onShutdown(() => {
    verdicts.dispose();
  });

  documents.listen(connection);
  connection.listen();

  /** A document that can be read at once: the reader of YAML is loaded with the first that needs it. */
  async function readable(uri: string): Promise<TextDocument | undefined> {
    const document = documents.get(uri);
    if (document === undefined || !isCompose(document) || findComposeImages !== undefined) return document;
    const compose = await import(/* webpackMode: "lazy", webpackChunkName: "compose" */ '../buildFiles/compose');
    findComposeImages = compose.findComposeImages;
    return documents.get(uri);
  }

  function problems(document: TextDocument): readonly Problem[] {
    const all = baseImages(document).flatMap((image) => findingsAbout(document, image));
    // What is fetched for several platforms, two of which can be the same one, is told once.
    const distinct = new Map(all.map((each) => [JSON.stringify([each.range, each.code, each.message]), each]));
    return problemsOf([...distinct.values()]);
  }

  function diagnosticOf({ uri }: TextDocument, { first, others }: Problem): Diagnostic {
    return toDiagnostic(first, options, uri, others);
  }

  function findingsAbout(document: TextDocument, image: BaseImage): readonly Finding[] {
    return findingsOf(image, answersFor(document), settingsOf(document.uri));
  }

  function settingsOf(uri: string): Pick<DocumentSettings, 'user' | 'workspace'> {
    return settings.get(uri) ?? { user: {}, workspace: {} };
  }

  function isMarked(document: TextDocument, image: BaseImage): boolean {
    return problems(document).some(({ first }) => first.image === image && first.code !== 'DC012');
  }

  function answersFor({ uri }: TextDocument): AnswerOf {
    return (query) => verdicts.get(uri, query);
  }

  function baseImages(document: TextDocument): readonly BaseImage[] {
    const { uri, version } = document;
    const known = parsed.get(uri);
    if (known?.version === version) return known.images;
    const { user, workspace } = settingsOf(uri);
    const find = isCompose(document) ? findComposeImages : findBaseImages;
    const images =
      find?.(document, { user: user.buildArguments ?? {}, workspace: workspace.buildArguments ?? {} }) ?? [];
    parsed.set(uri, { version, images });
    verdicts.want(
      uri,
      images.flatMap((image) => (image.type === 'image' ? queryOf(image) : [])),
    );
    return images;
  }

  function refresh(): void {
    sendStatuses();
    // A client that is closing does not answer, and then there is nothing left to refresh.
    if (canRefresh) connection.languages.diagnostics.refresh().catch(() => undefined);
  }

  function sendStatuses(): void {
    for (const uri of parsed.keys()) {
      const document = documents.get(uri);
      if (document !== undefined) sendStatus(document);
    }
  }

  function sendStatus(document: TextDocument): void {
    const status = { uri: document.uri, ...fileStatusOf(baseImages(document), answersFor(document)) };
    const text = JSON.stringify(status);
    if (statuses.get(document.uri) === text) return;
    statuses.set(document.uri, text);
    void connection.sendNotification(fileStatusMethod, status);
  }

  /** Ends with the signal even if the host never answers. */
  async function askHost(params: VerifyImagesParams, signal: AbortSignal): Promise<unknown> {
    const cancellation = new CancellationTokenSource();
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

function isCompose({ uri, languageId }: TextDocument): boolean {
  return (
    languageId === 'dockercompose' || (languageId === 'yaml' && isComposeFile(uri.slice(uri.lastIndexOf('/') + 1)))
  );
}
