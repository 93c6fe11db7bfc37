import { describeForLog } from '../../core/errors';
import * as v from 'valibot';
import {
  env,
  l10n,
  languages,
  Uri,
  workspace,
  type CancellationToken,
  type LogOutputChannel,
  type TextDocument,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { editorLanguage } from '../../core/languages';
import { settingsMethod } from '../../protocol/dockerfileSettings';
import { filesChangedMethod, readFileMethod, readFileParamsSchema, type ReadFileResult } from '../../protocol/readFile';
import { explainVerdictCommand } from '../../protocol/explainVerdict';
import { fileStatusMethod, fileStatusSchema } from '../../protocol/fileStatus';
import type { ServerOptions } from '../../protocol/initialization';
import { verdictsChangedMethod, verifyImagesMethod, verifyImagesParamsSchema } from '../../protocol/verifyImages';
import type { ImageAnswer } from '../../core/judging/imageAnswer';
import type { VerificationService } from '../../services/judging/verificationService';
import { abortSignal } from '../cancellation';
import { LanguageStatus } from './languageStatus';
import { layersOf } from '../settings';
import { settingId } from '../settingTable';
import { guardEdits, registerQuickFixes } from './quickFixes';
import type { Disposable } from '../../core/emitter';

interface DockerfileClientOptions {
  readonly extensionUri: Uri;
  /** The extension's `package.json`; its repository, where it has one, holds the pages about the diagnostics. */
  readonly manifest: unknown;
  readonly verification: Pick<VerificationService, 'judgeReferences' | 'onDidChange'>;
  readonly log: LogOutputChannel;
  /** Reads a file below `top` that a file in `folder` names. */
  readonly readProjectFile: (top: string, folder: string, path: string) => Promise<ReadFileResult>;
}

/** Schemes of documents that are read or written here; not `git:` and the like, where old versions are shown. */
const selector = ['file', 'untitled', 'vscode-vfs'].flatMap((scheme) => [
  { scheme, language: 'dockerfile' },
  { scheme, pattern: '**/{Containerfile,Containerfile.*,*.containerfile}' },
  { scheme, language: 'dockercompose' },
  { scheme, language: 'yaml', pattern: '**/{compose,compose.*,docker-compose,docker-compose.*}.{yml,yaml}' },
]);

/**
 * Runs the language server for Dockerfiles and Compose files in a process of its own, from the first such file on. It is
 * told verdicts, settings and words, and nothing else: no key, no password, no file but the open documents and those of their
 * workspace folder that they name.
 */
export class DockerfileClient implements Disposable {
  readonly #open = new Set<string>();
  readonly #subscriptions: Disposable[];
  readonly #status = new LanguageStatus(selector);
  #client: Promise<LanguageClient> | undefined;
  #verdicts: Disposable | undefined;
  #crashes = 0;
  #disposed = false;

  constructor(private readonly options: DockerfileClientOptions) {
    this.#subscriptions = [
      registerQuickFixes(),
      workspace.onDidOpenTextDocument((document) => {
        this.#opened(document);
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.#closed(document);
      }),
      workspace.onDidSaveTextDocument(() => {
        if (this.#open.size > 0) this.#send(filesChangedMethod, undefined);
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(settingId('dockerfile'))) this.#sendAllSettings();
      }),
    ];
    for (const document of workspace.textDocuments) this.#opened(document);
  }

  dispose(): void {
    this.#disposed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#verdicts?.dispose();
    this.#status.dispose();
    void this.#client
      ?.then((client) => client.dispose())
      .catch((error: unknown) => {
        this.options.log.warn(describeForLog(error));
      });
  }

  #opened(document: TextDocument): void {
    if (languages.match(selector, document) === 0) return;
    this.#open.add(document.uri.toString());
    this.#client ??= this.#start();
    // Only while such a file is open: listening keeps engine and chain followed.
    this.#verdicts ??= this.options.verification.onDidChange(() => {
      this.#send(verdictsChangedMethod, undefined);
    });
  }

  #closed(document: TextDocument): void {
    this.#open.delete(document.uri.toString());
    this.#status.forget(document);
    if (this.#open.size > 0) return;
    this.#verdicts?.dispose();
    this.#verdicts = undefined;
  }

  /** Never rejects: a server that does not start is a state, shown where Dockerfiles are edited. */
  async #start(): Promise<LanguageClient> {
    const { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, TransportKind } = await import(
      /* webpackMode: "lazy", webpackChunkName: "languageClient" */ 'vscode-languageclient/node'
    );
    const module = Uri.joinPath(this.options.extensionUri, 'dist', 'server.js').fsPath;
    const client = new LanguageClient(
      'daochain.dockerfile',
      'DaoChain Dockerfile',
      { module, transport: TransportKind.ipc },
      {
        documentSelector: selector,
        initializationOptions: this.#serverOptions(),
        outputChannel: this.options.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // A link to this one command, with texts for arguments; whatever a file says is escaped beside it.
        markdown: { isTrusted: { enabledCommands: [explainVerdictCommand] }, supportHtml: false },
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            this.#crashes += 1;
            if (this.#crashes === 1) return { action: CloseAction.Restart, handled: true };
            this.#status.showStopped();
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
        middleware: {
          didOpen: async (document, next) => {
            // Not one after the other: an open that waits could be overtaken by a change.
            await Promise.all([next(document), client.sendNotification(settingsMethod, settingsOf(document))]);
          },
          provideCodeActions: async (document, range, context, token, next) => {
            const asked = { uri: document.uri, version: document.version };
            return guardEdits((await next(document, range, context, token)) ?? [], asked);
          },
        },
      },
    );
    client.onRequest(verifyImagesMethod, (params: unknown, token: CancellationToken) =>
      this.#verifyImages(params, token),
    );
    client.onRequest<ReadFileResult, unknown>(readFileMethod, (params: unknown) => this.#readFile(params));
    client.onNotification(fileStatusMethod, (params: unknown) => {
      const status = v.safeParse(fileStatusSchema, params);
      if (status.success && this.#open.has(status.output.uri)) this.#status.update(status.output);
    });
    try {
      await client.start();
    } catch (error) {
      this.options.log.error(describeForLog(error));
      if (!this.#disposed) this.#status.showStopped();
    }
    return client;
  }

  async #verifyImages(params: unknown, token: CancellationToken): Promise<{ images: readonly ImageAnswer[] }> {
    const { folder, queries } = v.parse(verifyImagesParamsSchema, params);
    const path = folder.startsWith('file:') ? Uri.parse(folder).fsPath : undefined;
    const options = path === undefined ? {} : { folder: path };
    return { images: await this.options.verification.judgeReferences(queries, abortSignal(token), options) };
  }

  /** Of a file that is in no workspace folder, what is in its own folder. */
  async #readFile(params: unknown): Promise<ReadFileResult> {
    const { folder, path } = v.parse(readFileParamsSchema, params);
    if (!folder.startsWith('file:')) return { fault: 'unreadable' };
    const uri = Uri.parse(folder);
    const top = workspace.getWorkspaceFolder(uri)?.uri ?? uri;
    return this.options.readProjectFile(top.fsPath, uri.fsPath, path);
  }

  #serverOptions(): ServerOptions {
    const { bundle } = l10n;
    return {
      ...(bundle && { l10n: bundle }),
      rules: rulesFolder(this.options.extensionUri, this.options.manifest),
      language: editorLanguage(env.language),
    };
  }

  #sendAllSettings(): void {
    for (const document of workspace.textDocuments) {
      if (this.#open.has(document.uri.toString())) this.#send(settingsMethod, settingsOf(document));
    }
  }

  /** To a server that runs; one that does not is told when it starts. */
  #send(method: string, params: unknown): void {
    void this.#client
      ?.then(async (client) => {
        if (client.isRunning() && !this.#disposed) await client.sendNotification(method, params);
      })
      .catch((error: unknown) => {
        this.options.log.warn(describeForLog(error));
      });
  }
}

/** As settings files have it, one object for each layer; the server checks it. */
function settingsOf(document: TextDocument): Readonly<Record<'uri' | 'user' | 'workspace', unknown>> {
  const enabled = layersOf('dockerfile.diagnostics.enabled', document.uri);
  const severity = layersOf('dockerfile.diagnostics.severity', document.uri);
  const buildArguments = layersOf('dockerfile.buildArguments', document.uri);
  return {
    uri: document.uri.toString(),
    user: {
      enabled: enabled.globalValue,
      severity: severity.globalValue,
      buildArguments: buildArguments.globalValue,
    },
    workspace: {
      enabled: enabled.workspaceFolderValue ?? enabled.workspaceValue,
      severity: Object.assign({}, severity.workspaceValue, severity.workspaceFolderValue),
      buildArguments: Object.assign({}, buildArguments.workspaceValue, buildArguments.workspaceFolderValue),
    },
  };
}

const manifestSchema = v.object({ repository: v.object({ url: v.pipe(v.string(), v.startsWith('https://')) }) });

/** Where the pages about the diagnostics are: in the public repository, or else beside the extension. */
function rulesFolder(extensionUri: Uri, manifest: unknown): string {
  const parsed = v.safeParse(manifestSchema, manifest);
  return parsed.success
    ? `${parsed.output.repository.url.replace(/(?:\.git)?\/?$/, '')}/blob/main/docs/rules/`
    : `${Uri.joinPath(extensionUri, 'docs', 'rules').toString()}/`;
}
