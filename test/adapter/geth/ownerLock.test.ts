import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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
    assert.ok(found !== undefined && found !== 'damaged' && found.ownerPath !== '/run/gone');
    await lock.remove(owner('gone'));
    assert.deepEqual(await lock.read(), found);
  });

  it('is overwritten by whoever has the folder, and then nobody else’s to remove', async () => {
    await lock.write(owner('a'));
    assert.deepEqual(await lock.read(), owner('a'));
    await lock.write({ ...owner('b'), nodePid: 6 });
    await lock.remove(owner('a'));
    assert.deepEqual(await lock.read(), { ...owner('b'), nodePid: 6 });
  });

  const file = (): string => join(folder.path, 'owner.json');
  const beside = (): readonly string[] => readdirSync(folder.path).filter((name) => name !== 'owner.json');
  const damages: Readonly<Record<string, () => void>> = {
    'is empty': () => {
      writeFileSync(file(), '');
    },
    'is half written': () => {
      writeFileSync(file(), '{"pid":1,"ownerPath":"/run/a');
    },
    'is of another type': () => {
      writeFileSync(file(), '[]');
    },
    'has members of another type': () => {
      writeFileSync(file(), '{"pid":"x","ownerPath":1,"ipcPath":[]}');
    },
    'is binary': () => {
      writeFileSync(file(), Buffer.from([0, 255, 254, 0, 1]));
    },
    'is huge': () => {
      writeFileSync(file(), JSON.stringify(owner('a')).padEnd(100_000));
    },
    'is a folder': () => {
      mkdirSync(join(file(), 'with', 'something'), { recursive: true });
    },
    'is a link to another file': () => {
      writeFileSync(join(folder.path, 'other'), JSON.stringify(owner('a')));
      symlinkSync(join(folder.path, 'other'), file());
    },
    'is a link that leads nowhere': () => {
      symlinkSync(join(folder.path, 'none'), file());
    },
  };
  for (const [how, damage] of Object.entries(damages)) {
    it(`names nobody when it ${how}, and is set aside, not deleted`, async () => {
      damage();
      const before = beside();
      assert.equal(await lock.read(), 'damaged');
      await lock.remove(owner('a'));
      assert.equal(await lock.read(), 'damaged', 'it is no entry of whoever is gone');
      assert.equal(await lock.acquire(owner('b')), false);
      const aside = await lock.setAside();
      assert.deepEqual(beside(), [...before, basename(aside ?? '')].sort());
      assert.equal(await lock.acquire(owner('b')), true);
      assert.equal(await lock.setAside(), undefined);
      assert.deepEqual(await lock.read(), owner('b'));
    });

    it(`is put right by whoever has the folder when it ${how}`, async () => {
      damage();
      await lock.write(owner('b'));
      assert.deepEqual(await lock.read(), owner('b'));
    });
  }
});
