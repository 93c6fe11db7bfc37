import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { allSuites, suitesConcerned, suitesNamed } from '../../../scripts/dev/chosenSuites';

const namesOf = (suites: readonly { readonly name: string }[]): readonly string[] => suites.map(({ name }) => name);

describe('the suites that are run', () => {
  it('are named with or without the first part of their names, in their own order', () => {
    assert.deepEqual(namesOf(suitesNamed(['test:cli', 'check', 'unit'])), ['check', 'test:cli', 'test:unit']);
  });

  it('are told where a name is none of theirs', () => {
    assert.throws(
      () => suitesNamed(['unit', 'units']),
      /no suite "units"; there are: loop, window, check, .*, protocol$/,
    );
  });
});

describe('the suites that changes concern', () => {
  const root = resolve('.');
  const concerned = (...changed: readonly string[]) => suitesConcerned(changed, root);
  const filesOf = (suite: string, ...changed: readonly string[]): readonly string[] =>
    concerned(...changed)
      .find(({ name }) => name === `test:${suite}`)
      ?.command.filter((word) => word.endsWith('.test.ts')) ?? [];

  it('are none without a change', () => {
    assert.deepEqual(concerned(), []);
  });

  it('are all where what has changed is neither code nor text', () => {
    for (const file of ['package.json', '.mocharc.json', 'scripts/dev/test.ts', 'l10n/bundle.l10n.json']) {
      assert.deepEqual(concerned('docs/ci.md', file), allSuites, file);
    }
  });

  it('are one test file and the checks where that file has changed', () => {
    const file = 'test/unit/words/amountText.test.ts';
    assert.deepEqual(namesOf(concerned(file)), ['check', 'test:unit']);
    assert.deepEqual(filesOf('unit', file), [file]);
  });

  it('have every test file that imports what has changed, directly or not, and what is built of it', () => {
    const source = 'src/core/trust/punycode.ts';
    const files = filesOf('unit', source);
    assert.ok(files.includes('test/unit/core/trust/punycode.test.ts'));
    assert.ok(files.includes('test/unit/core/trust/lookAlike.test.ts'), 'by way of lookAlike.ts');
    assert.ok(!files.includes('test/unit/words/amountText.test.ts'));
    for (const suite of ['check', 'test:protocol', 'test:cli', 'test:host', 'test:window', 'test:loop']) {
      assert.ok(namesOf(concerned(source)).includes(suite), suite);
    }
  });

  it('have the programs that a test runs as well as what it imports', () => {
    const files = filesOf('unit', 'test/unit/buildFiles/dockerfile/countWork.ts');
    assert.ok(files.includes('test/unit/buildFiles/dockerfile/hostileDockerfiles.test.ts'));
    assert.ok(!files.includes('test/unit/words/amountText.test.ts'));
  });

  it('are whole where the test of a built product has changed', () => {
    assert.deepEqual(namesOf(concerned('test/cli/trust.test.ts')), ['check', 'test:cli']);
  });

  it('are the checks and those that read documents where a document has changed', () => {
    assert.deepEqual(namesOf(concerned('docs/ci.md')), ['check', 'test:cli', 'test:unit']);
  });
});
