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
import { queryOf, type BaseImage } from '../buildFiles/dockerfile/baseImages';
import { readComposeFile, readDockerfile, type BuildFileContext } from '../buildFiles/buildFile';
import type { BuildFileReading } from '../buildFiles/compose/compose';
import { isComposeFile } from '../buildFiles/compose/composeFile';
import { findingsOf, type Finding } from '../buildFiles/findings';
import { problemsOf, type Problem } from '../buildFiles/problems';
import { diagnosticTable } from '../core/diagnostics';
import { defaultLanguage } from '../core/languages';
import { documentSettingsSchema, settingsMethod, type DocumentSettings } from '../protocol/dockerfileSettings';
import { fileStatusMethod } from '../protocol/fileStatus';
import { filesChangedMethod, readFileMethod, readFileResultSchema, type ReadFileResult } from '../protocol/readFile';
import { serverOptionsSchema, type ServerOptions } from '../protocol/initialization';
import { verdictsChangedMethod, verifyImagesMethod, type VerifyImagesParams } from '../protocol/verifyImages';
import { codeActionsOf } from './codeActions';
import { toDiagnostic } from './diagnostics';
import { fileStatusOf } from './fileStatus';
import { hoverOf } from './hover';
import { folderOf, VerdictCache } from './verdictCache';

/** A document as it was last read. */
interface Read extends BuildFileReading {
  readonly version: number;
  /** Another file that it names may have changed since. */
  isOld: boolean;
}

/** So long the host has to read a file. */
const readingMs = 10_000;

/**
 * The language server as a function of its connection. Every answer is given from what is known at that moment; the host
 * is asked in the background, and the client asked to look again when it has answered. So nothing waits for the host.
 */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, DocumentSettings>();
  const parsed = new Map<string, Read>();
  const reading = new Map<string, { readonly version: number; readonly done: Promise<void> }>();
  /** As last sent, by document. */
  const statuses = new Map<string, string>();
  const verdicts = new VerdictCache(askHost, refresh);
  let options: ServerOptions = { rules: '', language: defaultLanguage };
  let canRefresh = false;

  connection.onInitialize(({ initializationOptions, capabilities }) => {
    options = v.parse(serverOptionsSchema, initializationOptions);
    l10n.config({ contents: options.l10n ?? {} });
    canRefresh = capabilities.workspace?.diagnostics?.refreshSupport === true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        diagnosticProvider: { identifier: 'daochain', interFileDependencies: true, workspaceDiagnostics: false },
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

  connection.onNotification(filesChangedMethod, () => {
    outdate();
    refresh();
  });

  connection.onNotification(verdictsChangedMethod, () => {
    outdate();
    verdicts.invalidate();
    sendStatuses();
  });

  connection.onNotification(settingsMethod, (params: unknown) => {
    const received = v.safeParse(documentSettingsSchema, params);
    if (!received.success) return;
    const { uri } = received.output;
    settings.set(uri, received.output);
    // Build arguments are among them.
    outdate();
    if (documents.get(uri) !== undefined) refresh();
  });

  documents.onDidChangeContent(({ document }) => {
    outdate(document.uri);
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

  /** A document that has been read as it is now, with what it leads to. */
  async function readable(uri: string): Promise<TextDocument | undefined> {
    for (;;) {
      const document = documents.get(uri);
      if (document === undefined) return undefined;
      const known = parsed.get(uri);
      if (known?.version === document.version && !known.isOld) return document;
      let current = reading.get(uri);
      if (current?.version !== document.version) {
        current = { version: document.version, done: read(document) };
        reading.set(uri, current);
      }
      try {
        await current.done;
      } finally {
        if (reading.get(uri) === current) reading.delete(uri);
      }
    }
  }

  async function read(document: TextDocument): Promise<void> {
    const { uri, languageId, version } = document;
    // It changes while files are read.
    const text = TextDocument.create(uri, languageId, version, document.getText());
    const { user, workspace } = settingsOf(uri);
    const path = decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
    const folder = folderOf(uri);
    const context: BuildFileContext = {
      files: { read: (other) => readFile(folder, other) },
      // What is set where Compose will run is not known to an editor.
      environment: {
        variables: () => undefined,
        folderName: decodeURIComponent(folder.slice(folder.lastIndexOf('/') + 1)),
      },
      buildArguments: { user: user.buildArguments ?? {}, workspace: workspace.buildArguments ?? {} },
    };
    const before = parsed.get(uri);
    const found = await (isCompose(document)
      ? readComposeFile(text, path, context, 'forEditor')
      : readDockerfile(text, path, context));
    if (documents.get(uri) !== document || document.version !== version) return;
    const images = found.images.map((image) => shownIn(text, image));
    parsed.set(uri, { ...found, version, isOld: false, images });
    // Read again and found unchanged: there is nothing to ask again.
    if (before?.version === version && JSON.stringify(before.images) === JSON.stringify(images)) return;
    verdicts.want(
      uri,
      images.flatMap((image) => (image.type === 'image' ? queryOf(image) : [])),
    );
  }

  /** What other documents lead to may be `uri`, or anything. */
  function outdate(uri?: string): void {
    for (const [other, known] of parsed) if (other !== uri) known.isOld = true;
  }

  /** As it is in the editor, else as the host reads it. */
  async function readFile(folder: string, path: string): Promise<ReadFileResult> {
    const name = decodeURIComponent(`${folder}/${path}`);
    const open = documents.all().find(({ uri }) => decodeURIComponent(uri) === name);
    if (open !== undefined) return { text: open.getText() };
    // Beside what is in no folder there is nothing.
    if (folder === '') return { fault: 'absent' };
    const answer = await Promise.race([
      connection.sendRequest<unknown>(readFileMethod, { folder, path }).catch(() => undefined),
      new Promise<undefined>((resolve) => {
        setTimeout(resolve, readingMs, undefined).unref();
      }),
    ]);
    const result = v.safeParse(readFileResultSchema, answer);
    return result.success ? result.output : { fault: 'unreadable' };
  }

  function problems(document: TextDocument): readonly Problem[] {
    const all = baseImages(document).flatMap((image) => findingsAbout(document, image));
    // An image that is fetched for several platforms, of which two can be the same, is reported once.
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
    return problems(document).some(({ first }) => first.image === image && diagnosticTable[first.topic].tellsVerdict);
  }

  function answersFor({ uri }: TextDocument): AnswerOf {
    return (query) => verdicts.get(uri, query);
  }

  function baseImages({ uri }: TextDocument): readonly BaseImage[] {
    return parsed.get(uri)?.images ?? [];
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
    const status = {
      uri: document.uri,
      ...fileStatusOf(parsed.get(document.uri) ?? { images: [] }, answersFor(document)),
    };
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

/** What is in another file stands where the document leads to that, and nothing is written there. */
function shownIn(document: TextDocument, image: BaseImage): BaseImage {
  const { via: range, instruction, ...rest } = image;
  if (range === undefined) return { ...rest, ...(instruction !== undefined && { instruction }) };
  const written = document.getText(range);
  return rest.type === 'unresolved'
    ? { ...rest, range, written, variables: rest.variables.map(({ name }) => ({ name, range })) }
    : { ...rest, range, written };
}
