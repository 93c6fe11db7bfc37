import assert from 'node:assert/strict';
import { TextDocumentEdit, type CodeAction } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Digest } from '../../src/core/image/digest';
import type { Verdict } from '../../src/core/judging/verdict';
import { parseReference } from '../../src/core/image/reference';
import type { ImageAnswer } from '../../src/core/judging/imageAnswer';
import { waitFor } from '../testbed/waitFor';
import { citation, verdict } from '../unit/server/sampleVerdicts';
import { LanguageServer } from './languageServer';

const module = new URL('../../src/server/main.ts', import.meta.url);
const uri = 'file:///workspace/Dockerfile';
const digest: Digest = `sha256:${'d'.repeat(64)}`;
const moved: Digest = `sha256:${'e'.repeat(64)}`;
const file = 'FROM example.com/team/app:1 AS base\nRUN true\n';

type Judging = Omit<ImageAnswer, 'text' | 'reference'>;

function seen(given: Verdict, at: Digest = digest): Judging {
  return { verdict: given, registry: { digest: at, verdict: given } };
}

describe('quick fixes of the language server', () => {
  let server: LanguageServer;
  let judging: Judging;
  let held: Promise<void> | undefined;

  /** Opens a document whose images are judged so, and waits for the answer. */
  async function judged(first: Judging, text = file, languageId = 'dockerfile'): Promise<void> {
    judging = first;
    held = undefined;
    server = await LanguageServer.start(module, async (texts) => {
      await held;
      const reference = parseReference('example.com/team/app:1');
      return { images: texts.map((text) => ({ text, reference, ...judging })) };
    });
    await server.open(uri, text, languageId);
    await server.diagnostics(uri);
    await waitFor('an answer', () => server.refreshes > 0);
  }

  afterEach(async () => {
    assert.equal(await server.stop(), 0);
  });

  async function fix(title: RegExp, line = 0, character = 10): Promise<CodeAction | undefined> {
    return (await server.actions(uri, line, character)).find((action) => title.test(action.title));
  }

  /** As the editor does it: not at all for a version that is gone. */
  function apply(action: CodeAction | undefined, version: number, text: string): string {
    const [change, ...more] = action?.edit?.documentChanges ?? [];
    assert.ok(TextDocumentEdit.is(change) && more.length === 0 && action?.edit?.changes === undefined);
    assert.equal(change.textDocument.uri, uri);
    if (change.textDocument.version !== version) return text;
    const edits = change.edits.filter((edit) => 'newText' in edit);
    return TextDocument.applyEdits(TextDocument.create(uri, '', version, text), edits);
  }

  it('pin to the digest that was judged', async () => {
    await judged(seen(verdict('verified')));
    assert.deepEqual(await server.diagnostics(uri), []);
    const pin = await fix(/^Pin/);
    assert.equal(pin?.kind, 'quickfix');
    assert.equal(apply(pin, 1, file), `FROM example.com/team/app:1@${digest} AS base\nRUN true\n`);
    assert.deepEqual(await server.actions(uri, 1, 2), []);
  });

  it('pin to what was judged, though the tag has moved since', async () => {
    await judged(seen(verdict('verified')));
    const questions = server.questions.length;
    judging = seen(verdict('unsigned'), moved);
    const pin = await fix(/^Pin/);
    assert.equal(server.questions.length, questions);
    assert.equal(apply(pin, 1, file), `FROM example.com/team/app:1@${digest} AS base\nRUN true\n`);
  });

  it('pin to nothing while a verdict may have changed', async () => {
    await judged(seen(verdict('verified')));
    let answer = (): void => undefined;
    held = new Promise((resolve) => {
      answer = resolve;
    });
    const { refreshes } = server;
    judging = seen(verdict('unsigned'), moved);
    await server.verdictsChanged();
    assert.deepEqual(await server.actions(uri, 0, 10), []);
    assert.equal(server.refreshes, refreshes);
    answer();
    await waitFor('another answer', () => server.refreshes > refreshes);
    assert.equal(await fix(/^Pin/), undefined);
    assert.ok(await fix(/^Ignore DC009 here/));
  });

  it('are for the text that there was, and change no other', async () => {
    await judged(seen(verdict('verified')));
    const early = await fix(/^Pin/);
    const changed = `ARG X\n${file}`;
    await server.change(uri, 2, changed);
    assert.equal(apply(early, 2, changed), changed);
    assert.equal(await fix(/^Pin/), undefined);
    assert.equal(
      apply(await fix(/^Pin/, 1), 2, changed),
      `ARG X\nFROM example.com/team/app:1@${digest} AS base\nRUN true\n`,
    );
    await server.change(uri, 3, 'FROM example.com/team/app:2\n');
    assert.equal(await fix(/^Pin/), undefined);
  });

  it('use the signed tag', async () => {
    const known = { ...citation, tag: '1.2' };
    await judged(
      seen({ ...verdict('unsigned'), kind: 'unsigned', knownAs: [known], otherPlatforms: [], vouchedDiffers: [] }),
    );
    const use = await fix(/^Use tag 1\.2/);
    assert.equal(use?.diagnostics?.[0]?.code, 'DC009');
    assert.equal(apply(use, 1, file), 'FROM example.com/team/app:1.2 AS base\nRUN true\n');
  });

  it('pull and judge', async () => {
    const layers = seen({ ...verdict('unknown'), kind: 'unknown', missing: 'layers' });
    await judged({ ...layers, platform: 'linux/arm64' }, `FROM --platform=linux/arm64 ${file.slice(5)}`);
    const pull = await fix(/^Pull/, 0, 30);
    assert.deepEqual(pull?.command?.arguments, ['example.com/team/app:1', 'linux/arm64']);
    assert.equal(pull.command.command, 'daochain.pullImage');
    assert.equal(pull.diagnostics?.[0]?.code, 'DC010');
  });

  it('pull, vouch, trust and ignore', async () => {
    await judged(seen(verdict('untrusted')));
    const commands = (await server.actions(uri, 0, 10))
      .flatMap(({ command }) => (command ? [[command.command, command.arguments]] : []))
      .filter(([command]) => command !== 'daochain.explainVerdict');
    assert.deepEqual(commands, [
      ['daochain.pullImage', ['example.com/team/app:1']],
      ['daochain.vouchForImage', ['example.com/team/app:1']],
      ['daochain.trustPublisherForRepository', ['example.com/team/app']],
      ['daochain.ignoreInWorkspace', ['DC008']],
    ]);
    assert.equal(apply(await fix(/here$/), 1, file), `# daochain: ignore DC008\n${file}`);
  });

  it('ignore nothing that is red', async () => {
    await judged(seen(verdict('mismatch')));
    const offered = await server.actions(uri, 0, 10);
    assert.deepEqual(
      offered.map(({ command }) => command?.command),
      ['daochain.explainVerdict'],
    );
  });

  it('work in a Compose file', async () => {
    const compose = 'services:\n  web:\n    image: "example.com/team/app:1"\n';
    await judged(seen(verdict('verified')), compose, 'dockercompose');
    assert.equal(apply(await fix(/^Pin/, 2, 15), 1, compose), compose.replace('app:1', `app:1@${digest}`));
  });
});
