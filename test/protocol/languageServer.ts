import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  CodeAction,
  CodeActionRequest,
  createProtocolConnection,
  DiagnosticRefreshRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  InitializedNotification,
  InitializeRequest,
  IPCMessageReader,
  IPCMessageWriter,
  ShutdownRequest,
  ExitNotification,
  type CancellationToken,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import { fileStatusMethod, fileStatusSchema, type FileStatus } from '../../src/protocol/fileStatus';
import type { ServerOptions } from '../../src/protocol/initialization';
import { readFileMethod, readFileParamsSchema } from '../../src/protocol/readFile';
import { verdictsChangedMethod, verifyImagesMethod, verifyImagesParamsSchema } from '../../src/protocol/verifyImages';
import { parse } from 'valibot';

/** The host's side of `daochain/verifyImages`. */
export type AnswerHost = (references: readonly string[], token: CancellationToken) => unknown;

/** A language server in a process of its own, spoken to over IPC as the editor does. */
export class LanguageServer {
  /** What the host was asked, in order. */
  readonly questions: (readonly string[])[] = [];
  /** What the host can read, by URI. */
  readonly files = new Map<string, string>();
  /** How often the server asked to be looked at again. */
  refreshes = 0;
  /** What the server said of each document, in order. */
  readonly statuses: FileStatus[] = [];
  private constructor(
    readonly process: ChildProcess,
    readonly connection: ProtocolConnection,
  ) {}

  /** Runs `module`, a TypeScript file or a bundle, without initializing it. */
  static spawn(module: URL, answer: AnswerHost): LanguageServer {
    const execArgv = module.pathname.endsWith('.ts') ? ['--import', 'tsx'] : [];
    const child = fork(module, ['--node-ipc'], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const server = new LanguageServer(child, connection);
    connection.onRequest(verifyImagesMethod, (params: unknown, token: CancellationToken) => {
      const { queries } = parse(verifyImagesParamsSchema, params);
      const references = queries.map(({ text }) => text);
      server.questions.push(references);
      return answer(references, token);
    });
    connection.onRequest(readFileMethod, (params: unknown): unknown => {
      const { folder, path } = parse(readFileParamsSchema, params);
      const text = server.files.get(`${folder}/${path}`);
      return text === undefined ? { fault: 'absent' } : { text };
    });
    connection.onRequest(DiagnosticRefreshRequest.type, () => {
      server.refreshes += 1;
    });
    connection.onNotification(fileStatusMethod, (params: unknown) => {
      server.statuses.push(parse(fileStatusSchema, params));
    });
    connection.listen();
    return server;
  }

  static async start(module: URL, answer: AnswerHost, options: Partial<ServerOptions> = {}): Promise<LanguageServer> {
    const server = LanguageServer.spawn(module, answer);
    await server.initialize({ rules: 'https://example.com/rules/', language: 'en', ...options });
    return server;
  }

  async initialize(initializationOptions: unknown): Promise<InitializeResult> {
    const result = await this.connection.sendRequest<InitializeResult>(InitializeRequest.method, {
      processId: process.pid,
      capabilities: { workspace: { diagnostics: { refreshSupport: true } } },
      initializationOptions,
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  open(uri: string, text: string, languageId = 'dockerfile'): Promise<void> {
    const textDocument = { uri, languageId, version: 1, text };
    return this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  }

  change(uri: string, version: number, text: string): Promise<void> {
    const change = { textDocument: { uri, version }, contentChanges: [{ text }] };
    return this.connection.sendNotification(DidChangeTextDocumentNotification.type, change);
  }

  close(uri: string): Promise<void> {
    return this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  verdictsChanged(): Promise<void> {
    return this.connection.sendNotification(verdictsChangedMethod);
  }

  /** One pull, answered with what the server knows at that moment. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
    if (report.kind !== 'full') throw new Error(`A report of kind ${report.kind}`);
    return report.items;
  }

  /** The actions that are offered at a position. */
  async actions(uri: string, line: number, character: number): Promise<readonly CodeAction[]> {
    const at = { line, character };
    const params = { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] } };
    const actions = (await this.connection.sendRequest(CodeActionRequest.type, params)) ?? [];
    return actions.filter((action) => CodeAction.is(action));
  }

  /** Resolves with the exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.process, 'exit') as Promise<[number | null]>;
    if (this.process.exitCode === null) {
      await this.connection.sendRequest(ShutdownRequest.type);
      await this.connection.sendNotification(ExitNotification.type);
    }
    const [code] = await exited;
    this.connection.dispose();
    return code;
  }
}
