import assert from 'node:assert/strict';
import { walletPublisher } from '../../../../src/core/hex';
import type { Digest } from '../../../../src/core/image/digest';
import { isCode } from '../serviceWorld';
import { PolicyWindow } from '../policyWorld';

const ledger = `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const publishers = ['aa', 'bb'].map((byte) => walletPublisher(`0x${byte.repeat(20)}`));
const [alice = '0x', bob = '0x'] = publishers;

function policy(repositories: string, publisher: string, level?: string): string {
  return JSON.stringify({ version: 1, rules: [{ ledger, repositories, publishers: [publisher], level }] });
}
const shop = policy('docker.io/shop/*', alice);
const hostile = policy('docker.io/**', bob);

describe('policies of folders', () => {
  let window: PolicyWindow;
  beforeEach(() => {
    window = new PolicyWindow();
    window.files.texts.set('/projects/shop', shop);
    window.policies.open(['/projects/shop']);
  });

  /** The patterns that are in force, of each source. */
  async function inForce(folder?: string, at = window): Promise<readonly (readonly string[])[]> {
    const sources = await at.policies.sources(folder);
    assert.ok(sources.every(({ origin }) => origin === 'policy'));
    return sources.map(({ rules }) => rules.map(({ repositories }) => repositories));
  }
  async function states(): Promise<readonly string[]> {
    return (await window.policies.list()).map(({ folder, state }) => `${folder} ${state}`);
  }

  it('are nothing before that very content was accepted for that very folder', async () => {
    assert.deepEqual(await inForce(), []);
    assert.deepEqual(await states(), ['/projects/shop offered']);
    await window.acceptFile('/projects/shop');
    assert.deepEqual(await inForce(), [['docker.io/shop/*']]);
    assert.deepEqual(await states(), ['/projects/shop accepted']);
    const { accepted } = await window.policies.status('/projects/shop');
    assert.equal(accepted?.text, shop);
    assert.equal(accepted.acceptedAt, 1_800_000_000_000);
  });

  it('stay as they were accepted, whatever becomes of the file', async () => {
    await window.acceptFile('/projects/shop');
    const before = await inForce();
    for (const [text, state] of [
      [hostile, 'changed'],
      ['{"version": 1, "rules": []}', 'changed'],
      [`${shop}\n`, 'changed'],
      ['{', 'refused'],
      ['PIPE', 'refused'],
      [undefined, 'missing'],
      [shop, 'accepted'],
    ] as const) {
      if (text === undefined) window.files.texts.delete('/projects/shop');
      else window.files.texts.set('/projects/shop', text);
      assert.deepEqual(await states(), [`/projects/shop ${state}`]);
      assert.deepEqual(await inForce(), before, state);
    }
  });

  it('are accepted as they were shown, not as the file is by then', async () => {
    const { file } = await window.policies.status('/projects/shop');
    assert.ok(file);
    window.files.texts.set('/projects/shop', hostile);
    await window.policies.accept('/projects/shop', file);
    assert.deepEqual(await inForce(), [['docker.io/shop/*']]);
    assert.deepEqual(await states(), ['/projects/shop changed']);
  });

  it('count in the folder and below it, and nowhere else', async () => {
    await window.acceptFile('/projects/shop');
    for (const folder of ['/projects/shop', '/projects/shop/service', '/projects/shop/not/there'])
      assert.deepEqual(await inForce(folder), [['docker.io/shop/*']], folder);
    for (const folder of ['/projects', '/projects/shop2', '/projects/sho', '/', '/elsewhere/shop'])
      assert.deepEqual(await inForce(folder), [], folder);
  });

  it('lend their acceptance to no other folder with the same content', async () => {
    await window.acceptFile('/projects/shop');
    window.files.texts.set('/projects/clone', shop);
    window.policies.open(['/projects/shop', '/projects/clone']);
    assert.deepEqual(await states(), ['/projects/shop accepted', '/projects/clone offered']);
    assert.deepEqual(await inForce('/projects/clone'), []);
    assert.deepEqual(await inForce(), [['docker.io/shop/*']]);
  });

  it('are left by no link: neither by one that leads out of the folder nor by one that leads into another', async () => {
    await window.acceptFile('/projects/shop');
    window.files.links.set('/projects/shop/service', '/tmp/out');
    assert.deepEqual(await inForce('/projects/shop/service'), [['docker.io/shop/*']]);
    assert.deepEqual(await inForce('/projects/shop/service/api'), [['docker.io/shop/*']]);
    window.files.links.set('/home/link', '/projects/shop');
    assert.deepEqual(await inForce('/home/link'), [['docker.io/shop/*']]);
    assert.equal((await window.policies.status('/home/link')).folder, '/projects/shop');
  });

  it('are sources apart where a folder above has one too, and of all open folders together without a folder', async () => {
    window.files.texts.set('/projects', policy('docker.io/**', alice, 'enforce'));
    window.files.texts.set('/other', hostile);
    for (const folder of ['/projects/shop', '/projects', '/other']) await window.acceptFile(folder);
    assert.deepEqual(await inForce('/projects/shop'), [['docker.io/shop/*'], ['docker.io/**']]);
    assert.deepEqual(await inForce(), [['docker.io/shop/*'], ['docker.io/**']]);
    window.policies.open(['/projects/shop', '/other', '/projects']);
    assert.equal((await inForce()).length, 3);
    assert.deepEqual(await states(), ['/projects/shop accepted', '/projects accepted', '/other accepted']);
  });

  it('are offered for open folders alone, and told of above a folder for a command', async () => {
    window.files.texts.set('/projects', hostile);
    assert.deepEqual(await states(), ['/projects/shop offered']);
    const above = await window.policies.above('/projects/shop/service');
    assert.deepEqual(
      above.map(({ folder, state }) => `${folder} ${state}`),
      ['/projects/shop offered', '/projects offered'],
    );
  });

  it('are not read in Restricted Mode, where what was accepted stays in force', async () => {
    await window.acceptFile('/projects/shop');
    window.files.texts.set('/projects/new', hostile);
    window.policies.open(['/projects/shop', '/projects/new']);
    window.isTrusted = false;
    const { reads } = window.files;
    assert.deepEqual(await states(), ['/projects/shop accepted']);
    assert.deepEqual(await inForce('/projects/shop'), [['docker.io/shop/*']]);
    assert.deepEqual(await inForce('/projects/new'), []);
    assert.equal(window.files.reads, reads);
  });

  it('can be withdrawn', async () => {
    await window.acceptFile('/projects/shop');
    await window.policies.withdraw('/projects/shop');
    assert.deepEqual(await inForce(), []);
    assert.deepEqual(await states(), ['/projects/shop offered']);
    assert.deepEqual([...window.store.files], []);
  });

  it('tell when other rules are in force, and only then', async () => {
    await inForce();
    window.changes.length = 0;
    await window.acceptFile('/projects/shop');
    await window.acceptFile('/projects/shop');
    await window.policies.reload();
    window.policies.open(['/projects/shop']);
    assert.deepEqual(window.changes, ['rules']);
    window.policies.lookAgain();
    await window.policies.withdraw('/projects/shop');
    window.policies.open([]);
    assert.deepEqual(window.changes, ['rules', 'files', 'rules', 'rules']);
  });

  it('are shared by the windows of one user, each folder in a file of its own', async () => {
    const other = new PolicyWindow(window.store);
    other.policies.open(['/projects/shop', '/other']);
    other.files.texts.set('/other', hostile);
    assert.deepEqual(await inForce(undefined, other), []);
    await window.acceptFile('/projects/shop');
    await other.acceptFile('/other');
    assert.deepEqual(await inForce(undefined, other), [['docker.io/shop/*'], ['docker.io/**']]);
    assert.equal(window.store.files.size, 2);
    assert.deepEqual(await inForce('/other'), []);
    await window.policies.reload();
    assert.deepEqual(await inForce('/other'), [['docker.io/**']]);
  });

  it('have their rules followed wherever they were accepted', async () => {
    window.files.texts.set('/closed', hostile);
    await window.acceptFile('/projects/shop');
    await window.acceptFile('/closed');
    window.policies.open([]);
    await inForce();
    assert.deepEqual(window.policies.rules.flatMap((rule) => rule.publishers).sort(), publishers);
  });

  it('are looked for again where the list of them could not be read once', async () => {
    await window.acceptFile('/projects/shop');
    const other = new PolicyWindow(window.store);
    const list = window.store.list.bind(window.store);
    window.store.list = () => Promise.reject(new Error('EMFILE'));
    await assert.rejects(other.policies.sources('/projects/shop'), /EMFILE/);
    window.store.list = list;
    assert.deepEqual(await inForce('/projects/shop', other), [['docker.io/shop/*']]);
    window.store.list = () => Promise.reject(new Error('EMFILE'));
    await assert.rejects(window.policies.reload(), /EMFILE/);
    window.store.list = list;
    await window.policies.reload();
    assert.deepEqual(await inForce('/projects/shop'), [['docker.io/shop/*']]);
  });

  describe('whose record is damaged', () => {
    const damages: Readonly<Record<string, (record: Record<string, unknown>) => unknown>> = {
      'is no JSON': () => undefined,
      'has other content than was accepted': (record) => ({ ...record, text: hostile }),
      'is of another folder': (record) => ({ ...record, folder: '/elsewhere' }),
      'has another digest': (record) => ({ ...record, digest: `sha256:${'0'.repeat(64)}` satisfies Digest }),
      'is of a later version': (record) => ({ ...record, version: 2 }),
    };
    for (const [damage, change] of Object.entries(damages)) {
      it(`let nothing be judged in their folder, and elsewhere everything, where it ${damage}`, async () => {
        await window.acceptFile('/projects/shop');
        const [name = '', bytes] = [...window.store.files][0] ?? [];
        const record = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
        const text = JSON.stringify(change(record)) as string | undefined;
        window.store.files.set(name, new TextEncoder().encode(text ?? '{'));
        await window.policies.reload();
        await assert.rejects(inForce('/projects/shop/service'), isCode('policyInvalid'));
        assert.deepEqual(await inForce('/elsewhere'), []);
        assert.deepEqual(await states(), ['/projects/shop damaged']);
        await window.acceptFile('/projects/shop');
        assert.deepEqual(await inForce(), [['docker.io/shop/*']]);
      });
    }

    it('let nothing be judged where it cannot be read', async () => {
      await window.acceptFile('/projects/shop');
      window.store.unreadable.add([...window.store.files.keys()][0] ?? '');
      await window.policies.reload();
      await assert.rejects(inForce(), isCode('policyInvalid'));
      await window.policies.withdraw('/projects/shop');
      assert.deepEqual(await inForce(), []);
    });
  });
});
