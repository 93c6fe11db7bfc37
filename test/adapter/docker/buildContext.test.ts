import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { buildContext } from '../../../src/adapters/docker/buildContext';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

interface Context {
  readonly dockerfile: string;
  readonly names: readonly string[];
  readonly headers: ReadonlyMap<string, Header>;
  readonly contents: ReadonlyMap<string, string>;
}

describe('buildContext', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, 'c', name)), { recursive: true });
      writeFileSync(join(folder.path, 'c', name), content);
    }
  };
  const read = async (dockerfile = join(folder.path, 'c', 'Dockerfile')): Promise<Context> => {
    const context = await buildContext({ contextDirectory: join(folder.path, 'c'), dockerfile, tag: 'x' });
    const tar = extract();
    context.archive.on('error', (error) => {
      tar.destroy(error);
    });
    context.archive.pipe(tar);
    const headers = new Map<string, Header>();
    const contents = new Map<string, string>();
    for await (const entry of tar) {
      headers.set(entry.header.name, entry.header);
      contents.set(entry.header.name, await text(Readable.from(entry)));
    }
    return { dockerfile: context.dockerfile, names: [...headers.keys()], headers, contents };
  };

  it('holds everything, owned by root, with modes and links', async () => {
    write({ Dockerfile: 'FROM scratch', 'a/b': 'b', empty: '', 'run.sh': '#!' });
    chmodSync(join(folder.path, 'c', 'run.sh'), 0o755);
    symlinkSync('../outside', join(folder.path, 'c', 'a', 'link'));
    mkdirSync(join(folder.path, 'c', 'hollow'));
    const { dockerfile, names, headers, contents } = await read();
    assert.equal(dockerfile, 'Dockerfile');
    assert.deepEqual(names, ['Dockerfile', 'a', 'a/b', 'a/link', 'empty', 'hollow', 'run.sh']);
    assert.equal(contents.get('a/b'), 'b');
    assert.equal(headers.get('run.sh')?.mode, 0o755);
    assert.deepEqual([headers.get('a/link')?.type, headers.get('a/link')?.linkname], ['symlink', '../outside']);
    for (const { uid, gid } of headers.values()) assert.deepEqual([uid, gid], [0, 0]);
  });

  const rules: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a wildcard with exceptions',
      '*\n!src\n!README.md',
      ['README.md', 'src', 'src/deep', 'src/deep/x.md', 'src/x.ts'],
    ],
    ['an exception inside of a folder', 'src\n!src/deep/x.md', ['README.md', 'src/deep/x.md']],
    ['a later rule that takes it back', 'src\n!src/x.ts\nsrc/*.ts', ['README.md']],
    ['a double star', '**/*.md', ['src', 'src/deep', 'src/x.ts']],
    ['a leading and a trailing slash', '/src', ['README.md']],
    ['comments, empty lines and blanks', '# src\n\n  README.md  \n', ['src', 'src/deep', 'src/deep/x.md', 'src/x.ts']],
  ];
  for (const [what, ignore, names] of rules) {
    it(`follows .dockerignore with ${what}`, async () => {
      write({ Dockerfile: '', 'README.md': '', 'src/x.ts': '', 'src/deep/x.md': '', '.dockerignore': ignore });
      assert.deepEqual((await read()).names, ['.dockerignore', 'Dockerfile', ...names].toSorted());
    });
  }

  it('holds the Dockerfile wherever it is', async () => {
    write({ 'build/Dockerfile.prod': 'FROM scratch', 'build/x': '', '.dockerignore': 'build' });
    const inside = await read(join(folder.path, 'c', 'build', 'Dockerfile.prod'));
    assert.equal(inside.dockerfile, 'build/Dockerfile.prod');
    assert.deepEqual(inside.names, ['.dockerignore', 'build/Dockerfile.prod']);

    writeFileSync(join(folder.path, 'Dockerfile'), 'FROM outside');
    const outside = await read(join(folder.path, 'Dockerfile'));
    assert.equal(outside.contents.get(outside.dockerfile), 'FROM outside');
    assert.ok(!outside.names.includes('build'));
  });

  it('fails with the error of the file system', async () => {
    write({ a: '' });
    await assert.rejects(read(join(folder.path, 'none')), { code: 'ENOENT' });
    write({ '.dockerignore/x': '' });
    await assert.rejects(read(), { fault: 'notAFile' });
  });

  it('cuts nothing off and adds nothing', async () => {
    const content = 'x'.repeat(3_000_000);
    write({ Dockerfile: '', large: content });
    assert.equal((await read()).contents.get('large'), content);
  });
});
