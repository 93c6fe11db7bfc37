import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  DiagnosticSeverity,
  HoverRequest,
  MarkupContent,
  type CancellationToken,
  type Diagnostic,
} from 'vscode-languageserver/node';
import type { VerdictKind } from '../../src/core/judging/verdict';
import type { ServerOptions } from '../../src/protocol/initialization';
import { settingsMethod } from '../../src/protocol/dockerfileSettings';
import { verified } from '../unit/server/sampleVerdicts';
import { waitFor } from '../testbed/waitFor';
import { LanguageServer, type AnswerHost } from './languageServer';

const module = new URL('../../src/server/main.ts', import.meta.url);
const uri = 'file:///workspace/Dockerfile';

/** A host that gives every reference the same verdict, which a test can change. */
function answering(kind: VerdictKind): {
  kind: VerdictKind;
  readonly answer: (references: readonly string[]) => unknown;
} {
  const host = {
    kind,
    answer: (references: readonly string[]): unknown => ({
      images: references.map((text) => verified(text, host.kind)),
    }),
  };
  return host;
}

function messageOf(diagnostic: Diagnostic | undefined): string {
  assert.ok(typeof diagnostic?.message === 'string');
  return diagnostic.message;
}

const never: AnswerHost = () => new Promise(() => undefined);

describe('language server for Dockerfiles', () => {
  const running: LanguageServer[] = [];

  async function start(answer: AnswerHost, options?: Partial<ServerOptions>): Promise<LanguageServer> {
    const server = await LanguageServer.start(module, answer, options);
    running.push(server);
    return server;
  }

  /** Opens a document and waits until the server has an answer about it. */
  async function openJudged(server: LanguageServer, text: string, at = uri): Promise<void> {
    const { refreshes } = server;
    await server.open(at, text);
    assert.deepEqual(await server.diagnostics(at), []);
    await waitFor('an answer', () => server.refreshes > refreshes);
  }

  afterEach(async () => {
    for (const server of running.splice(0)) {
      if (server.process.exitCode === null && server.process.signalCode === null) assert.equal(await server.stop(), 0);
    }
  });

  it('pulls, and says so', async () => {
    const server = LanguageServer.spawn(module, never);
    running.push(server);
    const { capabilities } = await server.initialize({ rules: 'file:///rules/', language: 'en' });
    assert.deepEqual(capabilities.diagnosticProvider, {
      identifier: 'daochain',
      interFileDependencies: true,
      workspaceDiagnostics: false,
    });
    assert.equal(capabilities.hoverProvider, true);
    assert.deepEqual(capabilities.codeActionProvider, { codeActionKinds: ['quickfix'] });
  });

  it('asks once for all base images and shows the squiggle on exactly the reference', async () => {
    const server = await start(answering('unsigned').answer);
    await openJudged(
      server,
      'ARG V=3\nFROM go:1 AS b\nFROM --platform=$BUILDPLATFORM alpine:$V\nFROM b\nFROM scratch\nFROM go:1\n',
    );
    assert.deepEqual(server.questions, [['go:1', 'alpine:3']]);
    const [first, second, ...more] = await server.diagnostics(uri);
    assert.deepEqual(more, []);
    assert.deepEqual(first?.range, { start: { line: 1, character: 5 }, end: { line: 1, character: 9 } });
    assert.deepEqual(second?.range, { start: { line: 2, character: 31 }, end: { line: 2, character: 40 } });
    const [again, ...others] = first.relatedInformation ?? [];
    assert.deepEqual([again?.location.uri, again?.location.range.start.line, others], [uri, 5, []]);
    assert.equal(first.source, 'DaoChain');
    assert.equal(first.code, 'DC009');
    assert.equal(first.severity, DiagnosticSeverity.Warning);
    assert.deepEqual(first.codeDescription, { href: 'https://example.com/rules/DC009.md' });
    assert.match(messageOf(first), /^Unsigned: go:1\. \S/);
    assert.equal(server.questions.length, 1);
  });

  it('warns of a look-alike as the host tells it, also for what is no reference', async () => {
    const lookAlike = { how: 'letters', codePoints: ['U+0445'], of: 'docker.io/library/nginx' };
    const server = await start((references) => ({
      images: references.map((text) => ({
        ...verified(text, text.startsWith('n') ? 'unknown' : 'unsigned', 'warn'),
        ...(text !== 'plain:1' && { lookAlike: text === 'odd:1' ? { how: 'magic', of: 'a' } : lookAlike }),
      })),
    }));
    await openJudged(server, 'FROM ngin\u0445:1\nFROM plain:1\nFROM odd:1\n');
    assert.deepEqual(server.questions, [['ngin\u0445:1', 'plain:1', 'odd:1']]);
    const marks = await server.diagnostics(uri);
    assert.deepEqual(
      marks.map(({ code, range }) => [range.start.line, code]).sort(),
      // An answer that is not understood is none.
      [
        [0, 'DC010'],
        [0, 'DC012'],
        [1, 'DC009'],
        [2, 'DC010'],
      ].sort(),
    );
    const warning = marks.find(({ code }) => code === 'DC012');
    assert.equal(warning?.severity, DiagnosticSeverity.Warning);
    assert.match(messageOf(warning), /U\+0445\. Did you mean docker\.io\/library\/nginx\?$/);
  });

  it('looks again when verdicts have changed', async () => {
    const host = answering('mismatch');
    const server = await start(host.answer);
    await openJudged(server, 'FROM a:1\n');
    assert.equal((await server.diagnostics(uri))[0]?.code, 'DC004');
    const { refreshes } = server;
    host.kind = 'verified';
    await server.verdictsChanged();
    await waitFor('another look', () => server.refreshes > refreshes);
    assert.deepEqual(await server.diagnostics(uri), []);
    assert.deepEqual(server.questions, [['a:1'], ['a:1']]);
  });

  it('obeys settings, each document its own, and no workspace on red', async () => {
    const host = answering('unsigned');
    const server = await start(host.answer);
    const other = 'file:///other/Dockerfile';
    await openJudged(server, 'FROM a:1\n');
    await openJudged(server, 'FROM b:1\n', other);
    await server.connection.sendNotification(settingsMethod, {
      uri,
      user: {},
      workspace: { severity: { DC009: 'off', DC004: 'off' } },
    });
    assert.deepEqual(await server.diagnostics(uri), []);
    assert.equal((await server.diagnostics(other)).length, 1);
    const { refreshes } = server;
    host.kind = 'mismatch';
    await server.verdictsChanged();
    await waitFor('another look', () => server.refreshes > refreshes);
    assert.equal((await server.diagnostics(uri))[0]?.severity, DiagnosticSeverity.Error);
    await server.connection.sendNotification(settingsMethod, { uri, user: { enabled: false }, workspace: {} });
    assert.deepEqual(await server.diagnostics(uri), []);
    await server.connection.sendNotification(settingsMethod, 'nothing');
    assert.deepEqual(await server.diagnostics(uri), []);
  });

  it('hovers', async () => {
    const server = await start(answering('verified').answer);
    await openJudged(server, 'FROM a:1\n');
    const hover = await server.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position: { line: 0, character: 6 },
    });
    assert.ok(hover && MarkupContent.is(hover.contents));
    assert.match(hover.contents.value, /^\*\*Verified\*\* — a\\:1\n\n\S/);
    const nothing = await server.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position: { line: 0, character: 1 },
    });
    assert.equal(nothing, null);
  });

  it('offers actions for the version that the document has now', async () => {
    const server = await start(answering('unsigned').answer);
    await openJudged(server, '\nFROM a:1\n');
    await server.change(uri, 5, 'ARG X\n\nFROM a:1\n');
    const [trust, ignore] = (await server.actions(uri, 2, 5)).filter(({ title }) => !/^(?:Use tag|Vouch)/.test(title));
    assert.equal(trust?.command?.command, 'daochain.trustPublisherForRepository');
    assert.deepEqual(trust.command.arguments, ['example.com/team/app']);
    assert.deepEqual(ignore?.edit?.documentChanges, [
      {
        textDocument: { uri, version: 5 },
        edits: [
          {
            range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } },
            newText: '# daochain: ignore DC009\n',
          },
        ],
      },
    ]);
  });

  it('tells how many base images are verified, once for each change', async () => {
    const host = answering('verified');
    const server = await start(host.answer);
    await server.open(uri, 'FROM a:1\nFROM $X\n');
    await server.diagnostics(uri);
    const status = { uri, total: 2, verified: 1, alarms: 0, waiting: false, unread: 0 };
    const waiting = { ...status, verified: 0, waiting: true };
    await waitFor('the status', () => server.statuses.length > 1);
    await server.diagnostics(uri);
    assert.deepEqual(server.statuses, [waiting, status]);
    host.kind = 'mismatch';
    await server.verdictsChanged();
    await waitFor('another status', () => server.statuses.length > 3);
    assert.deepEqual(server.statuses.slice(2), [waiting, { ...status, verified: 0, alarms: 1 }]);
    await server.change(uri, 2, 'FROM scratch\n');
    await server.diagnostics(uri);
    await waitFor('another status', () => server.statuses.length > 4);
    assert.deepEqual(server.statuses.at(-1), { uri, total: 0, verified: 0, alarms: 0, waiting: false, unread: 0 });
    await server.close(uri);
    await server.verdictsChanged();
    await server.diagnostics(uri);
    assert.equal(server.statuses.length, 5);
  });

  it('never tells that all are verified, nor that it still waits, where a file names more than is asked about', async () => {
    const server = await start(answering('verified').answer);
    const lines = Array.from({ length: 600 }, (_, index) => `FROM a:${index}\n`);
    await server.open(uri, lines.join(''));
    await server.diagnostics(uri);
    await waitFor('the status', () => server.statuses.at(-1)?.waiting === false);
    assert.deepEqual(server.statuses.at(-1), { uri, total: 600, verified: 500, alarms: 0, waiting: false, unread: 0 });
    assert.deepEqual(
      server.questions.map(({ length }) => length),
      [500],
    );
    const unchecked = await server.diagnostics(uri);
    assert.deepEqual([unchecked.length, unchecked[0]?.range.start.line, unchecked[0]?.code], [100, 500, 'DC010']);
  });

  it('says what an image is used for where it is not FROM', async () => {
    const server = await start(answering('unsigned').answer);
    await openJudged(server, 'FROM a:1\nCOPY --from=b:1 /x /x\nRUN --mount=from=c:1 true\n');
    const uses = (await server.diagnostics(uri)).map((diagnostic) => messageOf(diagnostic).split(':')[0]);
    assert.deepEqual(uses, ['Unsigned', 'Unsigned (COPY --from)', 'Unsigned (RUN --mount)']);
  });

  it('builds with the arguments of the settings', async () => {
    const server = await start(answering('unsigned').answer);
    await server.open(uri, 'ARG V=1\nARG W\nFROM a:$V\nFROM b:$W\n');
    await server.diagnostics(uri);
    await waitFor('a question', () => server.questions.length > 0);
    const layers = { user: { buildArguments: { V: '2' } }, workspace: { buildArguments: { V: '3', W: '4' } } };
    await server.connection.sendNotification(settingsMethod, { uri, ...layers });
    await server.diagnostics(uri);
    await waitFor('another question', () => server.questions.length > 1);
    assert.deepEqual(server.questions, [['a:1'], ['a:2', 'b:4']]);
  });

  it('speaks Chinese', async () => {
    const server = await start(answering('unsigned').answer, {
      l10n: { Unsigned: '未签名', '{0}: {1} {2}': '{0}：{1}{2}' },
      language: 'zh-cn',
    });
    await openJudged(server, 'FROM a:1\n');
    const [diagnostic] = await server.diagnostics(uri);
    assert.match(messageOf(diagnostic), /^未签名：/);
    assert.equal(diagnostic?.codeDescription?.href, 'https://example.com/rules/DC009.zh-cn.md');
  });

  it('withdraws a question when the name in it is gone', async () => {
    const tokens: CancellationToken[] = [];
    const server = await start((_, token) => {
      tokens.push(token);
      return new Promise(() => undefined);
    });
    await server.open(uri, 'FROM a:1\n');
    await server.diagnostics(uri);
    await waitFor('a question', () => tokens.length === 1);
    await server.change(uri, 2, 'FROM b:1\n');
    await server.diagnostics(uri);
    await waitFor('a withdrawal', () => tokens[0]?.isCancellationRequested);
    await waitFor('another question', () => tokens.length === 2);
    await server.close(uri);
    await waitFor('a withdrawal', () => tokens[1]?.isCancellationRequested);
    assert.deepEqual(server.questions, [['a:1'], ['b:1']]);
  });

  it('asks about what was typed only when typing rests', async () => {
    const server = await start(answering('unsigned').answer);
    await server.open(uri, 'FROM \n');
    await server.diagnostics(uri);
    const typed = 'alpine:3.20';
    const pulls: Promise<unknown>[] = [];
    for (let length = 1; length <= typed.length; length += 1) {
      pulls.push(server.change(uri, 1 + length, `FROM ${typed.slice(0, length)}\n`), server.diagnostics(uri));
    }
    await Promise.all(pulls);
    await waitFor('the question', () => server.questions.at(-1)?.[0] === typed);
    assert.ok(
      server.questions.length < typed.length,
      `${server.questions.length} questions for ${typed.length} letters`,
    );
  });

  describe('with a host that answers nonsense', () => {
    const good = verified('a:1', 'verified');
    const nonsense: Readonly<Record<string, unknown>> = {
      nothing: null,
      'a number': 5,
      'a list': [good],
      'an empty list': { images: [] },
      'another image': { images: [{ ...good, text: 'b:1' }] },
      'an unknown verdict': { images: [{ ...good, verdict: { ...good.verdict, kind: 'trusted' } }] },
      'a verdict without ground': { images: [{ ...good, verdict: { ...good.verdict, by: [] } }] },
      'a verdict that is a word': { images: [{ ...good, verdict: 'verified' }] },
      'half an image': { images: [{ text: 'a:1', local: true }] },
    };
    for (const [what, result] of Object.entries(nonsense)) {
      it(`${what} is unknown, never green`, async () => {
        const server = await start(() => result);
        await openJudged(server, 'FROM a:1\n');
        const [diagnostic, ...more] = await server.diagnostics(uri);
        assert.deepEqual([diagnostic?.code, diagnostic?.severity, more], ['DC010', DiagnosticSeverity.Information, []]);
        const hover = await server.connection.sendRequest(HoverRequest.type, {
          textDocument: { uri },
          position: { line: 0, character: 6 },
        });
        assert.ok(hover && MarkupContent.is(hover.contents));
        assert.match(hover.contents.value, /^\*\*Cannot be checked\*\*/);
      });
    }

    it('an error is unknown, and asked again after the next change', async () => {
      let fails = true;
      const server = await start((references) => {
        if (fails) throw new Error('engine');
        return answering('verified').answer(references);
      });
      await openJudged(server, 'FROM a:1\n');
      assert.equal((await server.diagnostics(uri))[0]?.code, 'DC010');
      assert.equal(server.questions.length, 1);
      fails = false;
      await server.change(uri, 2, 'FROM a:1\n\n');
      await server.diagnostics(uri);
      await waitFor('an answer', () => server.refreshes > 1);
      assert.deepEqual(await server.diagnostics(uri), []);
    });
  });

  it('keeps nobody waiting for a host that never answers', async () => {
    const server = await start(never);
    await server.open(uri, 'FROM a:1\nFROM $X\n');
    for (let version = 2; version < 300; version += 1) {
      await server.change(uri, version, `FROM a:${version}\nFROM $X\n`);
      const diagnostics = await server.diagnostics(uri);
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        ['DC011'],
      );
    }
    const hover = await server.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position: { line: 0, character: 6 },
    });
    assert.ok(hover && MarkupContent.is(hover.contents));
    assert.match(hover.contents.value, /^\*\*Checking…\*\*/);
  });

  it('reads a file of 10,000 lines', async () => {
    const server = await start(answering('unsigned').answer);
    const lines = Array.from({ length: 10_000 }, (_, i) =>
      i % 100 === 0 ? `FROM example.com/app${i}:1` : `RUN echo ${i} && \\\n  true`,
    );
    await openJudged(server, lines.join('\n'));
    assert.equal(server.questions[0]?.length, 100);
    assert.equal((await server.diagnostics(uri)).length, 100);
    await server.change(uri, 2, ['# one more', ...lines].join('\n'));
    const moved = await server.diagnostics(uri);
    assert.equal(moved.length, 100);
    assert.equal(moved[0]?.range.start.line, 1);
    assert.equal(server.questions.length, 1);
  });

  it('has nothing to say about documents that it does not have', async () => {
    const server = await start(never);
    assert.deepEqual(await server.diagnostics('file:///nowhere'), []);
    const position = { line: 0, character: 0 };
    assert.equal(
      await server.connection.sendRequest(HoverRequest.type, { textDocument: { uri: 'file:///nowhere' }, position }),
      null,
    );
  });

  it('refuses to start with options that are not its own', async () => {
    const server = LanguageServer.spawn(module, never);
    running.push(server);
    await assert.rejects(server.initialize({ rules: 5 }));
  });

  it('ends with its editor', async () => {
    const server = await start(never);
    await server.open(uri, 'FROM a:1\n');
    await server.diagnostics(uri);
    const exited = once(server.process, 'exit');
    server.process.disconnect();
    await exited;
  });
});
