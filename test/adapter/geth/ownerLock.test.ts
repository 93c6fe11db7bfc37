import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OwnerLock, type Owner } from '../../../src/adapters/geth/ownerLock';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

const owner = (name: string): Owner => ({ pid: 1, ownerPath: `/run/${name}`, ipcPath: `/run/${name}.ipc` });

describe('OwnerLock', () => {
  let folder: TemporaryFolder;
  let lock: OwnerLock;
  beforeEach(() => {
    folder = temporaryFolder();
    lock = new OwnerLock(join(folder.path, 'owner.json'));
  });
  afterEach(() => {
    // Whatever happened, nothing but the lock itself may be left.
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name !== 'owner.json'),
      [],
    );
    folder.remove();
  });

  it('belongs to the first of many who take it at once', async () => {
    const owners = Array.from({ length: 20 }, (_, index) => owner(String(index)));
    const taken = await Promise.all(owners.map((each) => lock.acquire(each)));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.deepEqual(await lock.read(), owners[taken.indexOf(true)]);
  });

  it('is nobody’s before it was taken and after it was given back', async () => {
    assert.equal(await lock.read(), undefined);
    await lock.acquire(owner('a'));
    await lock.remove(owner('a'));
    await lock.remove(owner('a'));
    assert.equal(await lock.read(), undefined);
  });

  it('stays with its owner when others clear away one who is gone', async () => {
    await lock.acquire(owner('gone'));
    const clearing = Array.from({ length: 20 }, async (_, index) => {
      await lock.remove(owner('gone'));
      return lock.acquire(owner(String(index)));
    });
    await Promise.all(clearing);
    const found = await lock.read();
    assert.ok(found !== undefined && found.ownerPath !== '/run/gone');
    await lock.remove(owner('gone'));
    assert.deepEqual(await lock.read(), found);
  });

  it('is changed by its owner, and by another only where that one has the folder', async () => {
    lock.update(owner('a'));
    assert.equal(await lock.read(), undefined);
    await lock.acquire(owner('a'));
    lock.update({ ...owner('a'), nodePid: 5 });
    assert.deepEqual(await lock.read(), { ...owner('a'), nodePid: 5 });
    lock.update({ ...owner('b'), nodePid: 6 });
    assert.equal((await lock.read())?.nodePid, 5);
    lock.write({ ...owner('b'), nodePid: 6 });
    assert.deepEqual(await lock.read(), { ...owner('b'), nodePid: 6 });
  });

  it('names somebody who cannot be reached when it is damaged, and can be cleared away', async () => {
    for (const text of ['', '{', '[]', '{"pid":"x"}']) {
      writeFileSync(join(folder.path, 'owner.json'), text);
      const found = await lock.read();
      assert.ok(found !== undefined);
      assert.equal(found.nodePid, undefined);
      await lock.remove(found);
      assert.equal(await lock.read(), undefined);
    }
  });
});
