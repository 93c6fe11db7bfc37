import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderFileStore } from '../../../src/adapters/files/folderFileStore';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('FolderFileStore', () => {
  let folder: TemporaryFolder;
  let root: string;
  let store: FolderFileStore;
  beforeEach(() => {
    folder = temporaryFolder();
    root = join(folder.path, 'store');
    store = new FolderFileStore(root);
  });
  afterEach(() => {
    folder.remove();
  });

  it('gives back what was written, and nothing for what was not', async () => {
    assert.equal(await store.read('a/b.json'), undefined);
    await store.write('a/b.json', bytes('one'));
    await store.write('a/b.json', bytes('two'));
    assert.deepEqual(Buffer.from((await store.read('a/b.json')) ?? []).toString(), 'two');
    await store.remove('a/b.json');
    await store.remove('a/b.json');
    assert.equal(await store.read('a/b.json'), undefined);
  });

  it('lists what is in a folder, also what is no file, but no drafts that were left by a crash', async () => {
    assert.deepEqual(await store.list('a'), []);
    await store.write('a/one.json', bytes('1'));
    await store.write('a/two.json', bytes('2'));
    await store.write('a/b/three.json', bytes('3'));
    writeFileSync(join(root, 'a', 'one.json.0123456789abcdef.draft'), 'half');
    assert.deepEqual([...(await store.list('a'))].sort(), ['b', 'one.json', 'two.json']);
  });

  it('takes away what killed programs have left long ago, and nothing else', async () => {
    await store.write('a/one.json', bytes('1'));
    const draft = (name: string): string => join(root, `${name}.0123456789abcdef.draft`);
    const old = new Date(Date.now() - 25 * 60 * 60 * 1_000);
    const write = (path: string, isOld: boolean): void => {
      writeFileSync(path, 'half');
      if (isOld) utimesSync(path, old, old);
    };
    write(draft('a/one.json'), true);
    write(draft('a/gone.json'), true);
    write(draft('a/two.json'), false);
    write(join(root, 'a', 'three.json.draft'), true);
    write(join(root, 'a', 'four.json'), true);
    await store.write('a/five.json', bytes('5'));
    const left = ['five.json', 'four.json', 'one.json', 'three.json.draft', 'two.json.0123456789abcdef.draft'];
    assert.deepEqual(readdirSync(join(root, 'a')).sort(), left);

    // The folder itself can be a person's, where only the file's own drafts are ours.
    write(draft('rules.json'), true);
    write(draft('theirs.json'), true);
    await store.write('rules.json', bytes('[]'));
    assert.deepEqual(readdirSync(root).sort(), ['a', 'rules.json', 'theirs.json.0123456789abcdef.draft']);
  });

  it('removes what is old and wanted by nobody, as its caller says', async () => {
    for (const name of ['kept', 'old', 'young', 'newest']) await store.write(`a/${name}.bin`, bytes(name));
    const old = new Date(Date.now() - 25 * 60 * 60 * 1_000);
    for (const name of ['kept', 'old']) utimesSync(join(root, 'a', `${name}.bin`), old, old);
    await store.removeOld('a', (name) => name === 'kept.bin');
    assert.deepEqual(readdirSync(join(root, 'a')).sort(), ['kept.bin', 'newest.bin', 'young.bin']);
    await store.removeOld('nowhere', () => false);
  });

  it('never shows half a file, whoever writes at the same time', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
    const state = { done: false };
    const writing = Promise.all(contents.map((text) => store.write('x.json', bytes(text)))).then(() => {
      state.done = true;
    });
    while (!state.done) {
      const found = await store.read('x.json');
      if (found !== undefined) assert.ok(contents.includes(Buffer.from(found).toString()));
    }
    await writing;
    assert.deepEqual(readdirSync(root), ['x.json']);
  });

  it('keeps its files to this user', async () => {
    await store.write('a/b.json', bytes('one'));
    assert.equal(statSync(join(root, 'a', 'b.json')).mode & 0o777, 0o600);
    assert.equal(statSync(join(root, 'a')).mode & 0o777, 0o700);
  });

  it('leaves what was there and no draft when it cannot write', async () => {
    mkdirSync(join(root, 'taken.json'), { recursive: true });
    await assert.rejects(store.write('taken.json', bytes('x')));
    assert.deepEqual(readdirSync(root), ['taken.json']);
  });

  it('takes no name that leads elsewhere', async () => {
    for (const name of ['', '/etc/passwd', '../x', 'a/../../x', 'a//b', 'a/.', 'a\\b', 'a:b', 'a b']) {
      await assert.rejects(store.write(name, bytes('x')), RangeError, name);
      await assert.rejects(store.read(name), RangeError, name);
    }
  });
});
