import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderPolicyFiles } from '../../../src/adapters/files/folderPolicyFiles';
import { isDaoChainError } from '../../../src/core/errors';
import { mostPolicyBytes, policyFileName } from '../../../src/core/trust/policyFile';
import { temporaryFolder } from '../../testbed/program';

const files = new FolderPolicyFiles();

describe('policy files on a disk', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(temporaryFolder().path);
    for (const folder of ['shop/service', 'clone', 'out/deep']) mkdirSync(join(root, folder), { recursive: true });
  });

  const refused = (reason: string) => (error: unknown) =>
    isDaoChainError(error, 'policyInvalid') && error.details['reason'] === reason;

  it('are read as they are, and are none where there is none', async () => {
    const bytes = Buffer.from('{"version": 1, "rules": []}\n');
    writeFileSync(join(root, 'shop', policyFileName), bytes);
    assert.deepEqual(Buffer.from((await files.read(join(root, 'shop'))) ?? []), bytes);
    for (const folder of ['clone', 'nowhere', join('shop', policyFileName)])
      assert.equal(await files.read(join(root, folder)), undefined, folder);
  });

  it('are read up to their longest, and never beyond', async () => {
    const path = join(root, 'shop', policyFileName);
    writeFileSync(path, ' '.repeat(mostPolicyBytes));
    assert.equal((await files.read(join(root, 'shop')))?.length, mostPolicyBytes);
    writeFileSync(path, ' '.repeat(mostPolicyBytes + 1));
    await assert.rejects(files.read(join(root, 'shop')), refused('tooLarge'));
  });

  it('keep nobody waiting where a pipe, a device, a folder or a ring of links is in their place', async () => {
    const path = join(root, 'shop', policyFileName);
    const places: readonly (() => void)[] = [
      () => execFileSync('mkfifo', [path]),
      () => {
        symlinkSync('/dev/zero', path);
      },
      () => {
        symlinkSync(path, path);
      },
      () => {
        mkdirSync(path);
      },
    ];
    for (const put of places) {
      put();
      await assert.rejects(files.read(join(root, 'shop')), refused('unreadable'));
      rmSync(path, { recursive: true });
    }
  });

  it('belong to a folder and to those above it, its own first', async () => {
    const service = join(root, 'shop', 'service');
    assert.deepEqual(await files.foldersAbove(service), [service, ...above(service)]);
    assert.deepEqual(await files.foldersAbove('/'), ['/']);
  });

  it('of a folder that is gone are its own still, and no other folder is taken for it', async () => {
    const gone = join(root, 'shop', 'not', 'there');
    assert.deepEqual(await files.foldersAbove(gone), [gone, ...above(gone)]);
    const link = join(root, 'clone', 'dangling');
    symlinkSync(join(root, 'nowhere'), link);
    assert.deepEqual(await files.foldersAbove(join(link, 'below')), [join(link, 'below'), link, ...above(link)]);
  });

  it('are found by the name of a folder as well as by where its links lead', async () => {
    const link = join(root, 'shop', 'linked');
    symlinkSync(join(root, 'out', 'deep'), link);
    const found = await files.foldersAbove(link);
    assert.equal(found[0], join(root, 'out', 'deep'));
    for (const folder of ['shop', 'out', '.']) assert.ok(found.includes(join(root, folder)), folder);
    assert.ok(!found.includes(link) && !found.includes(join(root, 'clone')));
  });

  function above(path: string): readonly string[] {
    const parent = dirname(path);
    return parent === path ? [] : [parent, ...above(parent)];
  }
});
