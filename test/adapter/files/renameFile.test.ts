import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { renameFile } from '../../../src/adapters/renameFile';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

describe('a file that takes the place of another', () => {
  let temporary: TemporaryFolder;
  let from: string;
  let to: string;

  beforeEach(() => {
    temporary = temporaryFolder();
    [from, to] = [join(temporary.path, 'draft'), join(temporary.path, 'file')];
    writeFileSync(from, 'new');
    writeFileSync(to, 'old');
  });
  afterEach(() => {
    temporary.remove();
  });

  /** A system that refuses so many times, as Windows does while somebody reads the file. */
  function refusing(times: number, code: string): { move: typeof rename; tries: () => number } {
    let tries = 0;
    return {
      move: async (...paths) => {
        if (++tries <= times) throw Object.assign(new Error('refused'), { code });
        await rename(...paths);
      },
      tries: () => tries,
    };
  }

  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    it(`waits on Windows while somebody has it open (${code})`, async () => {
      const { move, tries } = refusing(3, code);
      await renameFile(from, to, { platform: 'win32', move });
      assert.equal(readFileSync(to, 'utf8'), 'new');
      assert.equal(tries(), 4);
    });
  }

  it('is refused at once elsewhere, where that means something else', async () => {
    const { move, tries } = refusing(1, 'EACCES');
    await assert.rejects(renameFile(from, to, { platform: 'linux', move }), { code: 'EACCES' });
    assert.equal(tries(), 1);
  });

  it('is refused at once where it cannot be, or a folder is in the way', async () => {
    const gone = refusing(1, 'ENOENT');
    await assert.rejects(renameFile(from, to, { platform: 'win32', move: gone.move }), { code: 'ENOENT' });
    mkdirSync(join(temporary.path, 'folder'));
    const barred = refusing(Infinity, 'EPERM');
    const system = { platform: 'win32', move: barred.move } as const;
    await assert.rejects(renameFile(from, join(temporary.path, 'folder'), system), { code: 'EPERM' });
    assert.deepEqual([gone.tries(), barred.tries()], [1, 1]);
  });

  it('is given up in the end', async () => {
    const { move } = refusing(Infinity, 'EPERM');
    await assert.rejects(renameFile(from, to, { platform: 'win32', move, patienceMs: 50 }), { code: 'EPERM' });
    assert.equal(readFileSync(to, 'utf8'), 'old');
  });
});
