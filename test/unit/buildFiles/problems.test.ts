import assert from 'node:assert/strict';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Answer } from '../../../src/buildFiles/answer';
import { findBaseImages } from '../../../src/buildFiles/dockerfile/baseImages';
import { findingsOf } from '../../../src/buildFiles/findings';
import { problemsOf, type Problem } from '../../../src/buildFiles/problems';
import { toDiagnostic } from '../../../src/server/diagnostics';
import { verified } from '../server/sampleVerdicts';

const uri = 'file:///Dockerfile';
const settings = { user: {}, workspace: {} };

function problems(file: string, answerOf: (text: string) => Answer = unsigned): readonly Problem[] {
  const document = TextDocument.create(uri, 'dockerfile', 1, file);
  return problemsOf(
    findBaseImages(document).flatMap((image) => findingsOf(image, ({ text }) => answerOf(text), settings)),
  );
}

function unsigned(text: string): Answer {
  return { state: 'judged', image: verified(text, 'unsigned') };
}

describe('problems of a file', () => {
  it('are one for an image that is used sixty times, with every other place', () => {
    const lines = Array.from({ length: 59 }, (_, i) => `FROM a:1 AS s${i}`);
    const [problem, ...more] = problems([...lines, 'FROM scratch', 'COPY --from=a:1 / /'].join('\n'));
    assert.deepEqual(more, []);
    assert.ok(problem);
    const { range, relatedInformation = [] } = toDiagnostic(
      problem.first,
      { rules: '', language: 'en' },
      uri,
      problem.others,
    );
    assert.equal(range.start.line, 0);
    assert.deepEqual(
      relatedInformation.map(({ location }) => [location.uri, location.range.start.line]),
      [...Array.from({ length: 58 }, (_, i) => [uri, i + 1]), [uri, 60]],
    );
    assert.equal(relatedInformation.at(-1)?.message, 'Used here too (COPY --from)');
  });

  it('are as many as there are images, platforms and things to say', () => {
    assert.equal(
      problems('FROM a:1\nFROM b:1\nFROM --platform=linux/arm64 a:1\nFROM --platform=linux/arm64 a:1\n').length,
      3,
    );
    const twofold: Answer = {
      state: 'judged',
      image: { ...verified('a:1', 'unsigned'), lookAlike: { how: 'host', of: 'b' } },
    };
    assert.deepEqual(
      problems('FROM a:1\nFROM a:1\n', () => twofold).map(({ first, others }) => [first.code, others.length]),
      [
        ['DC009', 1],
        ['DC012', 1],
      ],
    );
    assert.equal(problems('FROM $A\nFROM $A\nFROM $B\n').length, 2);
  });

  it('leave out the places that a comment leaves out, and say where it cannot', () => {
    const file = 'FROM a:1\n# daochain: ignore DC009 DC004\nFROM a:1\nFROM a:1\n';
    assert.deepEqual(
      problems(file).map(({ others }) => others.map(({ range }) => range.start.line)),
      [[3]],
    );
    const red = problems(file, (text) => ({ state: 'judged', image: verified(text, 'mismatch') }));
    assert.deepEqual(
      red.map(({ first, others }) => [first.message.includes('cannot silence'), others.length]),
      [
        [false, 1],
        [true, 0],
      ],
    );
  });
});
