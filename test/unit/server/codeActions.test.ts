import assert from 'node:assert/strict';
import { CodeActionKind, TextDocumentEdit, type CodeAction } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Answer } from '../../../src/buildFiles/answer';
import { queryOf } from '../../../src/buildFiles/dockerfile/baseImages';
import { readComposeFile, readDockerfile, type BuildFileContext } from '../../../src/buildFiles/buildFile';
import { findingsOf } from '../../../src/buildFiles/findings';
import { verdictKinds, type Verdict, type VerdictKind } from '../../../src/core/judging/verdict';
import { parseReference } from '../../../src/core/image/reference';
import type { ImageQuery, ImageAnswer } from '../../../src/core/judging/imageAnswer';
import { codeActionsOf } from '../../../src/server/codeActions';
import { toDiagnostic } from '../../../src/server/diagnostics';
import { citation, reference, verdict, verified } from './sampleVerdicts';

const context: BuildFileContext = {
  files: { read: () => Promise.resolve({ fault: 'absent' }) },
  environment: { variables: () => undefined, folderName: 'folder' },
  buildArguments: { user: {}, workspace: {} },
};
const none = { user: {}, workspace: {} };
const digest = `sha256:${'d'.repeat(64)}` as const;
const other = `sha256:${'0'.repeat(64)}` as const;

type Document = Readonly<Record<'text' | 'language', string>>;

function dockerfile(text: string): Document {
  return { text, language: 'dockerfile' };
}

function open({ text, language }: Document): TextDocument {
  return TextDocument.create('file:///Dockerfile', language, 7, text);
}

/** What is offered on `line` of a document whose images all have this answer. */
async function offered(
  file: Document,
  line: number,
  image: ImageAnswer | ((query: ImageQuery) => ImageAnswer),
): Promise<readonly CodeAction[]> {
  const document = open(file);
  const answerOf = (query: ImageQuery): Answer => ({
    state: 'judged',
    image: typeof image === 'function' ? image(query) : image,
  });
  const path = 'Dockerfile';
  const { images } = await (file.language === 'dockercompose'
    ? readComposeFile(document, path, context, 'forEditor')
    : readDockerfile(document, path, context));
  const judged = images.map((found) => ({
    image: found,
    answer: found.type === 'image' ? answerOf(queryOf(found)) : undefined,
    findings: findingsOf(found, answerOf, none),
  }));
  const range = { start: { line, character: 0 }, end: { line, character: 200 } };
  return codeActionsOf(document, judged, range, (finding) => toDiagnostic(finding, { rules: '', language: 'en' }));
}

async function actions(
  file: string,
  line: number,
  kind: VerdictKind,
  coverage: 'none' | 'warn' | 'enforce' = 'warn',
): Promise<readonly CodeAction[]> {
  return await offered(dockerfile(file), line, verified('a:1', kind, coverage));
}

function titled(list: readonly CodeAction[], title: RegExp): CodeAction | undefined {
  return list.find((action) => title.test(action.title));
}

/** The file after the edit of `action`, which must be for the version that it was made from. */
function apply(file: Document, action: CodeAction | undefined): string {
  const [change, ...more] = action?.edit?.documentChanges ?? [];
  assert.ok(TextDocumentEdit.is(change) && more.length === 0 && action?.edit?.changes === undefined);
  assert.deepEqual(change.textDocument, { uri: 'file:///Dockerfile', version: 7 });
  const edits = change.edits.filter((edit) => 'newText' in edit);
  return TextDocument.applyEdits(open(file), edits);
}

/** The image as a registry has it, and not the engine, unless `local` says so. */
function inRegistry(given: Verdict, more: Partial<ImageAnswer> = {}): ImageAnswer {
  return { text: 'a:1', reference, verdict: given, registry: { digest, verdict: given }, ...more };
}

describe('code actions', () => {
  it('offer to sign again what the reader has built again, and nothing else', async () => {
    const rebuilt = { ...verdict('mismatch'), cause: 'rebuilt' } as Verdict;
    const image = { ...verified('a:1', 'mismatch'), verdict: rebuilt, local: { verdict: rebuilt } };
    const again = titled(await offered(dockerfile('FROM a:1\n'), 0, image), /^Sign Again…$/);
    assert.deepEqual(again?.command, { title: 'Sign Again…', command: 'daochain.signImage', arguments: ['a:1'] });
    assert.equal(again.isPreferred, true);
    for (const kind of verdictKinds)
      assert.equal(titled(await actions('FROM a:1\n', 0, kind), /Sign Again/), undefined);
  });

  it('are trust and ignore where both help', async () => {
    for (const kind of ['untrusted', 'unsigned'] as const) {
      const [trust, here, workspace, ...more] = (await actions('FROM a:1\n', 0, kind)).filter(
        ({ title }) => !/^(?:Use tag|Vouch|Why)/.test(title),
      );
      const code = kind === 'untrusted' ? 'DC008' : 'DC009';
      assert.deepEqual(trust?.command, {
        title: 'Trust a publisher for example.com/team/app…',
        command: 'daochain.trustPublisherForRepository',
        arguments: ['example.com/team/app'],
      });
      assert.equal(here?.title, `Ignore ${code} here`);
      assert.deepEqual(workspace?.command, {
        title: `Ignore ${code} in this workspace`,
        command: 'daochain.ignoreInWorkspace',
        arguments: [code],
      });
      assert.deepEqual(more, []);
      for (const action of [trust, here, workspace]) {
        assert.equal(action.kind, CodeActionKind.QuickFix);
        assert.equal(action.diagnostics?.length, 1);
      }
    }
  });

  it('are to vouch for what nobody says whom a rule accepts', async () => {
    for (const kind of verdictKinds) {
      const vouch = titled(await actions('FROM --platform=linux/arm64 a:1\n', 0, kind), /vouch/i);
      if (kind === 'unsigned' || kind === 'untrusted') {
        const title = 'Vouch for this base image…';
        const command = { title, command: 'daochain.vouchForImage', arguments: ['a:1', 'linux/arm64'] };
        assert.deepEqual(vouch?.command, command, kind);
      } else assert.equal(vouch, undefined, kind);
    }
  });

  it('are to update a vouch where the reader has vouched for other content, in engine or registry', async () => {
    for (const kind of ['unsigned', 'verified'] as const) {
      const known = { ...verified('a:1', kind, 'warn'), isVouchOld: true };
      const found = (await offered(dockerfile('FROM a:1\n'), 0, known)).filter(({ title }) => /vouch/i.test(title));
      const title = 'Update your vouch for this base image…';
      assert.deepEqual(
        found.map(({ command }) => command),
        [{ title, command: 'daochain.updateVouch', arguments: ['a:1'] }],
      );
    }
  });

  it('are not to vouch under a digest alone, which no statement names', async () => {
    const reference = parseReference(`example.com/team/app@sha256:${'ab'.repeat(32)}`);
    const known = { ...verified('a:1', 'unsigned', 'warn'), reference };
    assert.equal(titled(await offered(dockerfile('FROM a:1\n'), 0, known), /vouch/i), undefined);
  });

  it('are to explain every verdict, and nothing that has none', async () => {
    const file = 'FROM --platform=linux/arm64 a:1\n';
    for (const kind of verdictKinds) {
      const why = titled(await actions(file, 0, kind), /^Why\?$/);
      const command = {
        title: 'Why?',
        command: 'daochain.explainVerdict',
        arguments: ['a:1', 'linux/arm64', 'file://'],
      };
      assert.deepEqual(why?.command, command, kind);
    }
    assert.equal(titled(await actions('FROM $X\n', 0, 'unsigned'), /^Why/), undefined);
  });

  it('never offer to ignore what cannot be', async () => {
    const offers = async (kind: VerdictKind, coverage: 'none' | 'warn' | 'enforce'): Promise<boolean> =>
      titled(await actions('FROM a:1\n', 0, kind, coverage), /^Ignore/) !== undefined;
    for (const kind of verdictKinds) assert.equal(await offers(kind, 'enforce'), false, kind);
    for (const kind of ['tampered', 'revoked', 'mismatch'] as const)
      assert.equal(await offers(kind, 'none'), false, kind);
    for (const kind of ['superseded', 'stale', 'untrusted', 'unsigned'] as const)
      assert.ok(await offers(kind, 'warn'), kind);
  });

  it('are none for another line', async () => {
    assert.deepEqual(await actions('FROM a:1\nRUN true\n', 1, 'unsigned'), []);
  });

  it('put the comment above the instruction, as deep as it is and with the line ends of the file', async () => {
    const ignored: readonly (readonly [before: string, line: number, after: string])[] = [
      ['FROM a:1\n', 0, '# daochain: ignore DC009\nFROM a:1\n'],
      ['ARG X\r\n  FROM a:1\r\n', 1, 'ARG X\r\n  # daochain: ignore DC009\r\n  FROM a:1\r\n'],
      ['# escape=`\nFROM `\n a:1', 2, '# escape=`\n# daochain: ignore DC009\nFROM `\n a:1'],
      ['# daochain: ignore DC008\nFROM a:1\n', 1, '# daochain: ignore DC008\n# daochain: ignore DC009\nFROM a:1\n'],
    ];
    for (const [before, line, after] of ignored) {
      assert.equal(apply(dockerfile(before), titled(await actions(before, line, 'unsigned'), /here$/)), after);
      assert.equal(titled(await actions(after, line + 1, 'unsigned'), /^Ignore/), undefined);
    }
  });

  it('put the comment into a Compose file where one can stand', async () => {
    const compose = (text: string): Document => ({ text, language: 'dockercompose' });
    const ignored: readonly (readonly [before: string, line: number, after: string])[] = [
      ['services:\n  a:\n    image: a:1\n', 2, 'services:\n  a:\n    # daochain: ignore DC009\n    image: a:1\n'],
      [
        'services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM a:1\n',
        4,
        'services:\n  a:\n    build:\n      dockerfile_inline: |\n        # daochain: ignore DC009\n        FROM a:1\n',
      ],
    ];
    for (const [before, line, after] of ignored) {
      const ignore = titled(await offered(compose(before), line, verified('a:1', 'unsigned')), /here$/);
      assert.equal(apply(compose(before), ignore), after);
      assert.equal(titled(await offered(compose(after), line + 1, verified('a:1', 'unsigned')), /^Ignore/), undefined);
    }
    const inFlow = await offered(compose('services: {a: {image: a:1}}\n'), 0, verified('a:1', 'unsigned'));
    assert.equal(titled(inFlow, /here$/), undefined);
    assert.ok(titled(inFlow, /in this workspace$/));
  });

  describe('to pin', () => {
    const pin = async (file: Document, image: ImageAnswer): Promise<CodeAction | undefined> =>
      titled(await offered(file, 0, image), /^Pin/);
    const green = inRegistry(verdict('verified'));

    it('write the judged digest behind the name as it is written, the default tag with it', async () => {
      const pinned: readonly (readonly [before: string, after: string])[] = [
        ['FROM a:1 AS b\n', `FROM a:1@${digest} AS b\n`],
        ['FROM nginx\n', `FROM nginx:latest@${digest}\n`],
        ['FROM localhost:5000/a\n', `FROM localhost:5000/a:latest@${digest}\n`],
        [
          'FROM --platform=linux/arm64 docker.io/library/a:1\n',
          `FROM --platform=linux/arm64 docker.io/library/a:1@${digest}\n`,
        ],
        ['FROM \\\n a:1\n', `FROM \\\n a:1@${digest}\n`],
      ];
      for (const [before, after] of pinned) {
        const line = before.split('\n').length - 2;
        const action = titled(await offered(dockerfile(before), line, green), /^Pin/);
        assert.equal(apply(dockerfile(before), action), after);
        assert.deepEqual([action?.kind, action?.diagnostics], [CodeActionKind.QuickFix, undefined]);
      }
    });

    it('write into the quotes of a Compose file', async () => {
      for (const quote of ['', '"', "'"]) {
        const file = { text: `services: {a: {image: ${quote}a:1${quote}}}`, language: 'dockercompose' };
        assert.equal(apply(file, await pin(file, green)), `services: {a: {image: ${quote}a:1@${digest}${quote}}}`);
      }
    });

    it('are offered for no name that is not written out, and for none that has a digest', async () => {
      for (const line of [
        `FROM a:1@${digest}`,
        `FROM a@${other}`,
        'FROM "a:1"',
        'FROM a\\:1',
        'FROM ${X:-a:1}',
        'FROM A:1',
      ])
        assert.equal(await pin(dockerfile(line), green), undefined, line);
      assert.equal(titled(await offered(dockerfile('ARG V=1\nFROM a:$V\n'), 1, green), /^Pin/), undefined);
      const compose = { text: 'services: {a: {image: "${X:-a:1}"}}', language: 'dockercompose' };
      assert.equal(await pin(compose, green), undefined);
    });

    it('are offered for no digest but a verified one', async () => {
      assert.equal(await pin(dockerfile('FROM a:1'), verified('a:1', 'verified')), undefined);
      for (const kind of verdictKinds) {
        if (kind === 'verified') continue;
        assert.equal(await pin(dockerfile('FROM a:1'), inRegistry(verdict(kind))), undefined, kind);
        const differing = inRegistry(verdict('verified'), { registry: { digest, verdict: verdict(kind) } });
        assert.equal(await pin(dockerfile('FROM a:1'), differing), undefined, kind);
        assert.equal(await pin(dockerfile('FROM a:1'), { ...green, verdict: verdict(kind) }), undefined, kind);
      }
    });
  });

  describe('to use what is signed', () => {
    function unsigned(...tags: readonly (readonly [repository: string, tag: string])[]): ImageAnswer {
      const knownAs = tags.map(([repository, tag]) => ({ ...citation, repository, tag }));
      return inRegistry({ ...verdict('unsigned'), kind: 'unsigned', knownAs, otherPlatforms: [], vouchedDiffers: [] });
    }
    const team = 'example.com/team/app';

    async function edits(line: string, image: ImageAnswer): Promise<readonly string[]> {
      const file = dockerfile(line);
      return (await offered(file, 0, image))
        .filter(({ title }) => title.startsWith('Use tag'))
        .map((action) => apply(file, action));
    }

    it('write the tags of that repository under which the content is known', async () => {
      const image = unsigned([team, '1.2'], [team, '1.2.3'], ['example.com/other', '9'], [team, '1.2']);
      assert.deepEqual(await edits('FROM example.com/team/app:1', image), [
        'FROM example.com/team/app:1.2',
        'FROM example.com/team/app:1.2.3',
      ]);
      assert.deepEqual(await edits(`FROM example.com/team/app:1@${other} AS b`, image), [
        `FROM example.com/team/app:1.2@${other} AS b`,
        `FROM example.com/team/app:1.2.3@${other} AS b`,
      ]);
      assert.deepEqual(await edits(`FROM example.com/team/app@${other}`, unsigned([team, '2'])), [
        `FROM example.com/team/app:2@${other}`,
      ]);
      const [first] = await offered(dockerfile('FROM example.com/team/app:1'), 0, image);
      assert.equal(first?.title, 'Use tag 1.2, signed by 0xababab…ababab');
      assert.equal(first.diagnostics?.[0]?.code, 'DC009');
    });

    it('write nothing that is no tag, or that is there already, or in place of a variable', async () => {
      assert.deepEqual(
        await edits('FROM example.com/team/app:1', unsigned([team, '1'], [team, '../x'], [team, 'a b'])),
        [],
      );
      assert.deepEqual(await edits('FROM ${X:-example.com/team/app:1}', unsigned([team, '2'])), []);
    });

    it('let an old release go that a digest holds on to', async () => {
      const superseded: Verdict = {
        ...verdict('superseded'),
        kind: 'superseded',
        current: { ...citation, tag: '1' },
        older: citation,
      };
      assert.deepEqual(await edits(`FROM example.com/team/app:1@${other}`, inRegistry(superseded)), [
        'FROM example.com/team/app:1',
      ]);
      assert.deepEqual(await edits('FROM example.com/team/app:1', inRegistry(superseded)), []);
    });
  });

  describe('to pull', () => {
    async function pull(image: ImageAnswer, line = 'FROM a:1'): Promise<CodeAction | undefined> {
      return titled(await offered(dockerfile(line), 0, image), /^Pull/);
    }

    it('name the reference, and the platform that the file asks for', async () => {
      const layers = inRegistry({ ...verdict('unknown'), kind: 'unknown', missing: 'layers' });
      assert.deepEqual((await pull(layers))?.command, {
        title: 'Pull the image and judge it',
        command: 'daochain.pullImage',
        arguments: ['a:1'],
      });
      assert.equal((await pull(layers))?.isPreferred, true);
      assert.equal((await pull(layers))?.diagnostics?.[0]?.code, 'DC010');
      assert.deepEqual((await pull(layers, 'FROM --platform=linux/arm64 ${X:-a:1}'))?.command?.arguments, [
        'a:1',
        'linux/arm64',
      ]);
    });

    it('are offered where the image is not here or old, and never for what is known to be bad', async () => {
      const unknown = (missing: 'image' | 'engine' | 'ledger'): ImageAnswer =>
        inRegistry({ ...verdict('unknown'), kind: 'unknown', missing });
      assert.ok(await pull(unknown('image')));
      assert.equal(await pull(unknown('engine')), undefined);
      assert.equal(await pull(unknown('ledger')), undefined);
      for (const kind of verdictKinds) {
        const expected = !['tampered', 'revoked', 'mismatch', 'unknown'].includes(kind);
        assert.equal((await pull(inRegistry(verdict(kind)))) !== undefined, expected, kind);
        assert.equal((await pull(verified('a:1', kind))) !== undefined, kind === 'superseded', `${kind}, here`);
      }
      assert.equal(await pull({ text: 'a:1', verdict: verdict('unsigned') }), undefined);
    });
  });

  describe('where one name is fetched for several platforms', () => {
    const file = {
      text: [
        'services:',
        '  a: {platform: linux/amd64, image: &name "example.com/team/app:1"}',
        '  b: {platform: linux/arm64, image: *name}',
      ].join('\n'),
      language: 'dockercompose',
    };
    const line = 1;
    type Answers = Readonly<Record<string, ImageAnswer>>;

    async function offeredFor(answers: Answers): Promise<readonly CodeAction[]> {
      const asked = new Set<string>();
      const list = await offered(file, line, ({ text, platform = '' }) => {
        asked.add(platform);
        const answer = answers[platform];
        assert.ok(answer, platform);
        return { ...answer, text, platform, judgedFor: platform };
      });
      assert.deepEqual([...asked].sort(), ['linux/amd64', 'linux/arm64']);
      return list;
    }
    const both = (amd64: ImageAnswer, arm64: ImageAnswer): Answers => ({
      'linux/amd64': amd64,
      'linux/arm64': arm64,
    });
    const green = inRegistry(verdict('verified'));

    it('pin the digest that is verified for each of them, and nothing else', async () => {
      const pins = (await offeredFor(both(green, green))).filter(({ title }) => title.startsWith('Pin'));
      assert.equal(pins.length, 1);
      assert.ok(apply(file, pins[0]).includes(`"example.com/team/app:1@${digest}"`));
      for (const kind of verdictKinds) {
        if (kind === 'verified') continue;
        for (const answers of [both(green, inRegistry(verdict(kind))), both(inRegistry(verdict(kind)), green)])
          assert.equal(titled(await offeredFor(answers), /^Pin/), undefined, kind);
      }
      const elsewhere = inRegistry(verdict('verified'), { registry: { digest: other, verdict: verdict('verified') } });
      assert.equal(titled(await offeredFor(both(green, elsewhere)), /^Pin/), undefined);
      assert.equal(titled(await offeredFor(both(green, verified('a:1', 'verified'))), /^Pin/), undefined);
    });

    it('write a tag only that is signed for each of them', async () => {
      const known = (...tags: readonly string[]): ImageAnswer => {
        const knownAs = tags.map((tag) => ({ ...citation, tag }));
        const given = { ...verdict('unsigned'), kind: 'unsigned', knownAs, otherPlatforms: [], vouchedDiffers: [] };
        return inRegistry(given as Verdict);
      };
      const tags = async (answers: Answers): Promise<readonly string[]> =>
        (await offeredFor(answers)).flatMap(({ title }) => /^Use tag (\S+),/.exec(title)?.[1] ?? []);
      assert.deepEqual(await tags(both(known('1.1', '1.2'), known('1.2', '1.3'))), ['1.2']);
      assert.deepEqual(await tags(both(known('1.1'), green)), []);
      assert.deepEqual(await tags(both(green, known('1.1'))), []);
    });

    it('say which platform is pulled, vouched for and explained', async () => {
      const list = await offeredFor(both(inRegistry(verdict('unsigned')), inRegistry(verdict('unsigned'))));
      for (const [start, name] of [
        ['Pull the image and judge it', 'daochain.pullImage'],
        ['Vouch for this base image…', 'daochain.vouchForImage'],
        ['Why?', 'daochain.explainVerdict'],
      ] as const) {
        const found = list.filter(({ title }) => title.startsWith(start));
        assert.deepEqual(
          found.map(({ title }) => title),
          ['linux/amd64', 'linux/arm64'].map((platform) => `${start} (${platform})`),
        );
        assert.deepEqual(
          found.map(({ command }) => [command?.command, (command?.arguments as readonly string[])[1]]),
          ['linux/amd64', 'linux/arm64'].map((platform) => [name, platform]),
        );
        assert.ok(found.every(({ isPreferred }) => isPreferred !== true));
      }
    });

    it('offer once what is the same for all, for the problems of all', async () => {
      const list = await offeredFor(both(inRegistry(verdict('unsigned')), inRegistry(verdict('unsigned'))));
      for (const title of [/^Trust a publisher/, /^Ignore DC009 in this workspace/]) {
        const found = list.filter((action) => title.test(action.title));
        assert.equal(found.length, 1);
        assert.equal(found[0]?.diagnostics?.length, 2);
      }
    });
  });
});
