import assert from 'node:assert/strict';
import { HoverRequest, MarkupContent } from 'vscode-languageserver/node';
import { settingsMethod } from '../../src/protocol/dockerfileSettings';
import { filesChangedMethod } from '../../src/protocol/readFile';
import { waitFor } from '../testbed/waitFor';
import { verified } from '../unit/server/sampleVerdicts';
import { LanguageServer } from './languageServer';

const module = new URL('../../src/server/main.ts', import.meta.url);
const uri = 'file:///workspace/compose.yaml';

describe('language server for Compose files', () => {
  let server: LanguageServer;

  beforeEach(async () => {
    server = await LanguageServer.start(module, (references) => ({
      images: references.map((reference) => verified(reference, reference.startsWith('bad') ? 'mismatch' : 'unsigned')),
    }));
    server.files.set('file:///workspace/Dockerfile', 'FROM scratch\n');
  });
  afterEach(async () => {
    assert.equal(await server.stop(), 0);
  });

  async function openJudged(text: string, languageId: string, at = uri): Promise<void> {
    const { refreshes } = server;
    await server.open(at, text, languageId);
    await server.diagnostics(at);
    await waitFor('an answer', () => server.refreshes > refreshes);
  }

  it('says what a file uses, at the names', async () => {
    await openJudged(
      [
        'services:',
        '  web:',
        '    image: nginx:1',
        '  own:',
        '    image: example.com/own:1',
        '    build:',
        '      context: .',
        '      additional_contexts:',
        '        base: docker-image://bad:1',
        '  db:',
        '    image: db:${TAG}',
        '',
      ].join('\n'),
      'dockercompose',
    );
    assert.deepEqual(server.questions, [['nginx:1', 'example.com/own:1', 'bad:1']]);
    const found = (await server.diagnostics(uri)).map(({ code, range: { start }, message }) => [
      code,
      start.line,
      start.character,
      typeof message === 'string' ? message.split(':')[0] : message,
    ]);
    assert.deepEqual(found, [
      ['DC009', 2, 11, 'Unsigned'],
      ['DC009', 4, 11, 'Unsigned'],
      ['DC004', 8, 29, 'Mismatch (additional_contexts)'],
      ['DC011', 10, 14, 'Cannot be checked'],
    ]);
    const position = { line: 8, character: 30 };
    const hover = await server.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
    assert.ok(hover && MarkupContent.is(hover.contents));
    assert.match(hover.contents.value, /^\*\*Mismatch\*\* — bad\\:1\n\n/);
    assert.deepEqual(server.statuses.at(-1), { uri, total: 4, verified: 0, alarms: 1, waiting: false, unread: 0 });
  });

  it('reads YAML of such a name, and no other', async () => {
    const text = 'services:\n  web:\n    image: nginx:1\n';
    await openJudged(text, 'yaml', 'file:///workspace/docker-compose.prod.yml');
    const other = 'file:///workspace/values.yaml';
    await server.open(other, text, 'yaml');
    assert.deepEqual(await server.diagnostics(other), []);
    assert.deepEqual(server.questions, [['nginx:1']]);
  });

  it('knows the build arguments of the settings', async () => {
    await openJudged(
      'services:\n  a:\n    build:\n      dockerfile_inline: |\n        ARG V=1\n        FROM a:$$V\n',
      'dockercompose',
    );
    await server.connection.sendNotification(settingsMethod, {
      uri,
      user: { buildArguments: { V: '2' } },
      workspace: {},
    });
    await server.diagnostics(uri);
    await waitFor('another question', () => server.questions.length > 1);
    assert.deepEqual(server.questions, [['a:1'], ['a:2']]);
  });

  it('goes on while a file is broken', async () => {
    await openJudged('services:\n  a:\n    image: a:1\n', 'dockercompose');
    for (const [version, text] of [
      'services:\n  a:\n    image: a:1\n  b: [',
      'services: {{{',
      '\t- :',
      '&a *a',
    ].entries()) {
      await server.change(uri, version + 2, text);
      await server.diagnostics(uri);
    }
    await server.change(uri, 9, 'services:\n  a:\n    image: a:1\n');
    assert.equal((await server.diagnostics(uri)).length, 1);
  });

  it('reads a file of 10,000 lines', async () => {
    const services = Array.from(
      { length: 2_500 },
      (_, i) => `  s${i}:\n    image: example.com/app${i % 100}:1\n    environment:\n      - X=1`,
    );
    await openJudged(`services:\n${services.join('\n')}\n`, 'dockercompose');
    assert.equal(server.questions[0]?.length, 100);
    const problems = await server.diagnostics(uri);
    assert.equal(problems.length, 100);
    assert.ok(problems.every(({ relatedInformation }) => relatedInformation?.length === 24));
  });

  it('says of other files what they name, where the file leads to them, and what is not read', async () => {
    server.files.set('file:///workspace/sub/more.yaml', 'services:\n  b:\n    image: bad:${TAG}\n');
    server.files.set('file:///workspace/sub/.env', 'TAG=1\n');
    await openJudged('include:\n  - sub/more.yaml\n  - ../outside.yaml\n', 'dockercompose');
    const marks = async (): Promise<unknown> =>
      (await server.diagnostics(uri)).map(({ code, range: { start }, message }) => [code, start.line, message]);
    const [first, second] = (await server.diagnostics(uri)).map(({ message }) =>
      typeof message === 'string' ? message : '',
    );
    assert.match(first ?? '', /^In sub\/more\.yaml: Mismatch/);
    assert.match(second ?? '', /^Not judged: there is no \.\.\/outside\.yaml/);
    assert.deepEqual(server.questions, [['bad:1']]);
    assert.deepEqual(server.statuses.at(-1), { uri, total: 1, verified: 0, alarms: 1, waiting: false, unread: 1 });
    // Saved, it is read again.
    server.files.set('file:///workspace/sub/more.yaml', 'services: {b: {image: other:1}}');
    const { refreshes } = server;
    await server.connection.sendNotification(filesChangedMethod);
    await waitFor('a refresh', () => server.refreshes > refreshes);
    await marks();
    await waitFor('the new image to be asked about', () => server.questions.flat().includes('other:1'));
  });

  it('takes an open document for the file', async () => {
    server.files.set('file:///workspace/more.yaml', 'services: {b: {image: disk:1}}');
    await server.open('file:///workspace/more.yaml', 'services: {b: {image: open:1}}', 'dockercompose');
    await openJudged('include: [more.yaml]\n', 'dockercompose');
    assert.deepEqual(server.questions.flat(), ['open:1']);
  });

  it('says in the status what a file is that is not understood', async () => {
    await server.open(uri, 'apiVersion: v1\nkind: Pod\n', 'dockercompose');
    assert.deepEqual(await server.diagnostics(uri), []);
    await waitFor('the status', () => server.statuses.length > 0);
    assert.match(server.statuses.at(-1)?.refusal ?? '', /Kubernetes/);
  });
});
