import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import * as v from 'valibot';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { findBaseImages, type BaseImage } from '../../../../src/buildFiles/dockerfile/baseImages';
import { hostile } from './hostileDockerfiles';

function read(text: string): { readonly document: TextDocument; readonly images: readonly BaseImage[] } {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return { document, images: findBaseImages(document) };
}

const sizes = [1 << 13, 1 << 16];
const mebibyte = 1 << 20;

async function countWork(): Promise<Readonly<Record<string, readonly number[]>>> {
  const program = fileURLToPath(new URL('countWork.ts', import.meta.url));
  const flags = ['--no-flush-bytecode', '--no-opt', '--import', 'tsx', program, ...sizes.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return v.parse(v.record(v.string(), v.array(v.number())), JSON.parse(stdout));
}

describe('Dockerfiles of somebody who means harm', () => {
  let work: Readonly<Record<string, readonly number[]>> = {};

  before(async () => {
    work = await countWork();
  });

  for (const [name, text] of Object.entries(hostile)) {
    it(`are read in time that grows as they do: ${name}`, () => {
      const [small = 0, large = 0] = work[name] ?? [];
      assert.ok(small > 0, 'nothing was counted');
      // Eight times the text; looking up and sorting take a little more than that.
      assert.ok(large < 10 * small, `${large} steps where an eighth of the text took ${small}`);
      assert.doesNotThrow(() => read(text(mebibyte)));
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
