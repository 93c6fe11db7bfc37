import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { findBaseImages, type BaseImage } from '../../../src/buildFiles/baseImages';

function read(text: string): { readonly document: TextDocument; readonly images: readonly BaseImage[] } {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return { document, images: findBaseImages(document) };
}

/** Texts of about `size` characters, or a few times as many, that take the square of the time, or a stack of that depth, where one is careless. */
const hostile: Readonly<Record<string, (size: number) => string>> = {
  'braces in braces': (size) => `FROM ${'${a-'.repeat(size / 5)}x${'}'.repeat(size / 5)}`,
  'braces in braces in a RUN': (size) => `RUN ${'${a-'.repeat(size / 5)}${'}'.repeat(size / 5)} <<E\n`,
  'braces that do not close': (size) => `FROM ${'${a#'.repeat(size / 4)}`,
  variables: (size) => `FROM ${'$a'.repeat(size / 2)}`,
  'variables in lines of their own': (size) => `FROM ${'$a\\\n'.repeat(size / 4)}`,
  'variables in quotes': (size) => `FROM "${'$a'.repeat(size / 2)}"`,
  quotes: (size) => `FROM ${'"'.repeat(size)}\nCOPY --from=${'"'.repeat(size)}`,
  'single quotes': (size) => `RUN <<E ${"'".repeat(size + 1)}`,
  escapes: (size) => `FROM ${'\\'.repeat(size)}x`,
  'escapes and spaces': (size) => `FROM ${'\\ '.repeat(size / 2)}x`,
  'continued lines': (size) => `FROM \\\n${'\\\n'.repeat(size / 2)}x`,
  'continued lines of spaces': (size) => `FROM \\\n${'  \\\n'.repeat(size / 4)}x`,
  spaces: (size) => `FROM${' '.repeat(size)}x${' '.repeat(size)}`,
  'spaces before nothing': (size) => `${' '.repeat(size)}\\\n${' '.repeat(size)}x`,
  'spaces without a break': (size) => `x${'\u00a0'.repeat(size)}x\n#${'\u00a0'.repeat(size)}x`,
  'carriage returns': (size) => `FROM x${'\r'.repeat(size)}x\n`,
  'a directive with spaces': (size) => `# syntax=x${' '.repeat(size)}x${' '.repeat(size)}x\n`,
  comments: (size) => `${'# daochain: ignore\n'.repeat(size / 19)}FROM x`,
  'here-documents without end': (size) => Array.from({ length: size / 12 }, (_, i) => `RUN <<E${i}\n`).join(''),
  'here-documents in one line': (size) => `RUN ${'<<E '.repeat(size / 4)}\n${'E\n'.repeat(size / 2)}`,
  'a here-document with spaces': (size) => `RUN <<${' '.repeat(size)}x<\nRUN "<<${' '.repeat(size)}"<\n`,
  'here-documents with tabs': (size) => `RUN <<-E\n${'\t'.repeat(size)}x\n${'\t\n'.repeat(size / 2)}`,
  lines: (size) => 'x\n'.repeat(size / 2),
  stages: (size) => Array.from({ length: size / 20 }, (_, i) => `FROM s${i} AS s${i + 1}\n`).join(''),
  'COPY --from': (size) => `FROM x\n${'COPY --from=a:1 b c\n'.repeat(size / 20)}`,
  'ONBUILD and stages on top': (size) => 'FROM x AS x\nONBUILD COPY --from=y a b\n'.repeat(size / 39),
  triggers: (size) => `FROM x AS x\n${'ONBUILD COPY --from=y a b\n'.repeat(size / 26)}${'FROM x\n'.repeat(size / 26)}`,
  mounts: (size) => `RUN ${'--mount=from=a,target=b '.repeat(size / 24)}`,
  'fields of a mount': (size) => `RUN --mount=${'from=a,'.repeat(size / 7)}`,
  'quoted fields of a mount': (size) => `RUN --mount='"${'""'.repeat(size / 2)}`,
  'letters in a flag': (size) => `RUN --${'à'.repeat(size)}`,
  flags: (size) => `RUN ${'--a '.repeat(size / 4)}[`,
  arguments: (size) => `${'ARG A=1\n'.repeat(size / 8)}FROM $A`,
  'arguments in one line': (size) => `ARG ${'A=1 '.repeat(size / 4)}\nFROM $A`,
  'arguments that double': (size) => `ARG A=aa\n${'ARG A=$A$A\n'.repeat(size / 11)}FROM $A`,
  'arguments used often': (size) => `ARG A=${'a'.repeat(4000)}\nFROM ${'$A'.repeat(size / 2)}`,
  'an object in objects': (size) => `${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}`,
  'an object of many': (size) => `{${'"syntax":"a",'.repeat(size / 13)}"a":""}`,
  'an object with escapes': (size) => `{"syntax":"${'\\"'.repeat(size / 2)}"}`,
  'an object that does not end': (size) => `{"${'\\"'.repeat(size / 2)}`,
};

/** How often the blocks of the reader are run: the work of a call, whatever machine does it. */
class WorkCounter {
  private readonly session = new Session();

  async start(): Promise<void> {
    this.session.connect();
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  async of(call: () => void): Promise<number> {
    await this.session.post('Profiler.takePreciseCoverage');
    call();
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ url }) => /\/src\/buildFiles\/|\/vscode-languageserver-textdocument\//.test(url))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
      .reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    await this.session.post('Profiler.stopPreciseCoverage');
    this.session.disconnect();
  }
}

describe('Dockerfiles of somebody who means harm', () => {
  const counter = new WorkCounter();
  before(() => counter.start());
  after(() => counter.stop());

  for (const [name, text] of Object.entries(hostile)) {
    it(`are read in time that grows as they do: ${name}`, async () => {
      const mebibyte = 1 << 20;
      const quarter = await counter.of(() => read(text(mebibyte / 4)));
      const whole = await counter.of(() => read(text(mebibyte)));
      assert.ok(quarter > 0);
      // Four times the text; sorting and looking up take a little more than that.
      assert.ok(whole < 5 * quarter + 10_000, `${whole} steps for four times the text of ${quarter}`);
      assert.ok(whole < 200 * mebibyte, `${whole} steps`);
    });
  }

  it('are read without an error, and every place is one of the file', () => {
    const part = fc.constantFrom(
      ...['FROM ', 'from ', 'ARG ', 'COPY ', 'RUN ', 'ONBUILD ', 'ADD ', 'x ', ' AS a', 'a', 'a:1', 'scratch', '0'],
      ...[
        '--from=',
        '--mount=',
        'from=',
        'type=bind',
        ',',
        '--platform=',
        '--',
        '$',
        '${',
        '}',
        'A',
        'A=',
        ':-',
        '#',
        '%',
      ],
      ...[
        '"',
        "'",
        '\\',
        '`',
        '\n',
        '\r\n',
        '\r',
        '\t',
        ' ',
        '\u00a0',
        '\u0085',
        '\uFEFF',
        '<<',
        '<<-',
        'EOF',
        '[',
        ']',
      ],
      ...['# escape=`\n', '# syntax=', '// syntax=', '#!', '{"syntax":', '{', 'à', '😀', '\ud800', '\0', '@sha256:'],
    );
    const parts = fc.array(part, { maxLength: 12 }).map((all) => all.join(''));
    const start = fc.constantFrom(
      'FROM ',
      'FROM a',
      'COPY --from=',
      'RUN --mount=from=',
      'ONBUILD COPY --from=',
      'ARG A=',
      '',
    );
    const line = fc.tuple(start, parts).map((all) => all.join(''));
    const anything = fc.oneof(
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
      { weight: 5, arbitrary: fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')) },
    );
    let found = 0;
    fc.assert(
      fc.property(anything, (text) => {
        const { document, images } = read(text);
        let before = 0;
        for (const image of images) {
          found += 1;
          const [start, end] = [document.offsetAt(image.range.start), document.offsetAt(image.range.end)];
          assert.ok(before <= start && start < end && end <= text.length, 'in order, in the file and not empty');
          assert.equal(text.slice(start, end), image.written);
          assert.deepEqual(document.positionAt(start), image.range.start);
          assert.ok(image.instruction === undefined || image.instruction < start);
          for (const { range } of image.type === 'unresolved' ? image.variables : []) {
            assert.ok(start <= document.offsetAt(range.start) && document.offsetAt(range.end) <= end);
          }
          before = start;
        }
      }),
      { numRuns: 10_000 },
    );
    assert.ok(found > 1000, `only ${found} images, which shows little`);
  });
});
