import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { releasedLedgerCodes } from '../../../src/adapters/chain/developmentLedger';
import { FolderTurns } from '../../../src/adapters/files/folderTurns';
import { NetworksFolder } from '../../../src/adapters/geth/networksFolder';
import { isDaoChainError } from '../../../src/core/errors';
import { createTeamNetwork, type TeamProfile } from '../../../src/core/ledger/network';
import type { NetworkPlace } from '../../../src/core/ports/networks';
import { testNodeKey } from '../../testbed/nodeKey';

const place: NetworkPlace = { admitted: [] };

function team(name: string, witnesses: TeamProfile['witnesses'] = []): TeamProfile {
  const terms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses, threshold: witnesses.length } as const;
  return createTeamNetwork({ name, ...terms, hubs: [] }, randomBytes(32), releasedLedgerCodes.at(-1) ?? '0x');
}

const node = (n: number): NetworkPlace['admitted'][number] => ({
  nodeKey: testNodeKey(n + 1),
  machine: `m${n.toString()}`,
});
const hubOf = (n: number): string => `enode://${testNodeKey(n + 1)}@10.1.0.1:30303`;

describe('the folder of followed networks', () => {
  let folder: string;
  let store: NetworksFolder;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dc-'));
    store = open();
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** As each window and command does. */
  const open = (): NetworksFolder =>
    new NetworksFolder(folder, releasedLedgerCodes, new FolderTurns({ folder: join(folder, 'turns') }));
  const fileOf = ({ chainId }: TeamProfile, name: string): string => join(folder, 'networks', chainId.toString(), name);

  it('is empty, with the development network as home, where nothing was joined', () => {
    assert.deepEqual(store.read(), { home: 'development', networks: [], damaged: [] });
  });

  it('keeps what is joined, changed and chosen', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    const admitted = [{ nodeKey: await store.nodeKey(acme.chainId), machine: 'it‮s' }];
    const now = { listen: { host: '10.0.0.5', port: 30303 }, admitted };
    await store.change(acme.chainId, () => ({ place: now }));
    await store.change(acme.chainId, () => ({ name: 'Acme 2' }));
    await store.setHome(acme.chainId);
    const { home, networks } = open().read();
    assert.deepEqual(
      networks.map(({ profile, place: at }) => [profile, at]),
      [[{ ...acme, name: 'Acme 2' }, now]],
    );
    assert.equal(home, networks[0]);
    await store.setHome('development');
    assert.equal(store.read().home, 'development');
  });

  it('follows nothing twice, and changes nothing that is not followed', async () => {
    const acme = team('Acme');
    const [first, second] = await Promise.allSettled([store.add(acme, place), store.add(acme, place)]);
    assert.deepEqual([first.status, second.status].sort(), ['fulfilled', 'rejected']);
    await assert.rejects(store.add(acme, place), (error) => reasonOf(error) === 'alreadyFollowed');
    for (const change of [
      () => store.change(1, () => ({ place })),
      () => store.setHome(2),
      () => store.leave(3),
      () => store.nodeKey(4),
    ])
      await assert.rejects(change(), (error) => reasonOf(error) === 'notFollowed');
  });

  it('loses no change of two windows that change at once, and lets nobody in again who was dismissed', async () => {
    const acme = team('Acme');
    await store.add(acme, { admitted: [node(0)] });
    const dismiss = open().change(acme.chainId, ({ place: now }) => ({
      place: { ...now, admitted: now.admitted.filter(({ machine }) => machine !== 'm0') },
    }));
    const changes = [1, 2, 3, 4].flatMap((n) => [
      open().change(acme.chainId, ({ place: now }) => ({ place: { ...now, admitted: [...now.admitted, node(n)] } })),
      open().change(acme.chainId, ({ profile }) => ({ hubs: [...profile.hubs, hubOf(n)] })),
    ]);
    await Promise.all([...changes, dismiss, open().change(acme.chainId, () => ({ name: 'Acme 2' }))]);
    const [now] = store.read().networks;
    assert.deepEqual(now?.place.admitted.map(({ machine }) => machine).sort(), ['m1', 'm2', 'm3', 'm4']);
    assert.deepEqual([...now.profile.hubs].sort(), [1, 2, 3, 4].map(hubOf).sort());
    assert.equal(now.profile.name, 'Acme 2');
  });

  it('gives one name to one network, whoever is first', async () => {
    const [acme, other] = [team('Acme'), team('Other')];
    await store.add(acme, place);
    const both = await Promise.allSettled([
      open().add(other, place),
      open().add({ ...team('x'), name: 'Other' }, place),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await assert.rejects(
      store.change(acme.chainId, () => ({ name: 'OTHER' })),
      (error) => reasonOf(error) === 'nameTaken',
    );
  });

  it('writes nothing that it could not read again, and says what is too many', async () => {
    const acme = team('Acme');
    const most = { admitted: Array.from({ length: 1_000 }, (_, n) => node(n)) };
    await store.add(acme, most);
    const hubs = Array.from({ length: 64 }, (_, n) => hubOf(n));
    await store.change(acme.chainId, () => ({ hubs }));
    for (const [change, expected] of [
      [{ place: { admitted: [...most.admitted, node(1_000)] } }, 'admittedFull'],
      [{ hubs: [...hubs, hubOf(64)] }, 'hubsFull'],
      [{ hubs: [`enode://${testNodeKey(1)}@hub.example.com:30303`] }, 'hubs'],
      [{ name: 'x'.repeat(65) }, 'name'],
    ] as const)
      await assert.rejects(
        store.change(acme.chainId, () => change),
        (error) => reasonOf(error) === expected,
        expected,
      );
    await assert.rejects(store.add(team('y'.repeat(65)), place), (error) => reasonOf(error) === 'name');
    const { networks, damaged } = store.read();
    assert.deepEqual([networks.length, damaged.length], [1, 0]);
    assert.deepEqual([networks[0]?.place, networks[0]?.profile.hubs], [most, hubs]);
  });

  it('is followed whole or not at all by who is killed, and their draft harms nobody', async () => {
    const acme = team('Acme');
    const networks = join(folder, 'networks');
    await store.add(team('Other'), place);
    const [old, fresh] = ['0123456789abcdef', 'fedcba9876543210'].map((end) =>
      join(networks, `${acme.chainId.toString()}.${end}.draft`),
    );
    assert.ok(old !== undefined && fresh !== undefined);
    for (const draft of [old, fresh]) {
      await mkdir(draft);
      await writeFile(join(draft, 'place.json'), 'half of');
    }
    const longAgo = Date.now() / 1_000 - 2 * 24 * 60 * 60;
    await utimes(old, longAgo, longAgo);
    assert.equal(store.read().networks.length, 1);
    await store.add(acme, place);
    assert.equal(store.read().networks.length, 2);
    const left = (await readdir(networks)).filter((name) => name.endsWith('.draft'));
    assert.deepEqual(left, [basename(fresh)]);
  });

  it('keeps what a folder without a profile holds, and follows the network in it', async () => {
    const acme = team('Acme');
    const chain = fileOf(acme, 'node');
    await mkdir(chain, { recursive: true });
    await writeFile(join(chain, 'chain'), 'blocks');
    await store.add(acme, place);
    assert.equal(store.read().networks.length, 1);
    assert.equal(await readFile(join(chain, 'chain'), 'utf8'), 'blocks');
  });

  for (const name of ['network.json', 'place.json'])
    it(`leaves a network whose ${name} is damaged, also at home, with all of it moved away`, async () => {
      const acme = team('Acme');
      await store.add(acme, place);
      await store.setHome(acme.chainId);
      await writeFile(fileOf(acme, name), 'damaged');
      assert.deepEqual(
        store.read().damaged.map(({ chainId, folder: at }) => [chainId, at]),
        [[acme.chainId, join(folder, 'networks', acme.chainId.toString())]],
      );
      const left = await store.leave(acme.chainId);
      assert.equal(await readFile(join(left, name), 'utf8'), 'damaged');
      assert.deepEqual(store.read(), { home: 'development', networks: [], damaged: [] });
    });

  it('listens at no address that was not named as one of this machine', async () => {
    const acme = team('Acme');
    await store.add(acme, { ...place, listen: { host: '10.0.0.5', port: 30303 } });
    const text = await readFile(fileOf(acme, 'place.json'), 'utf8');
    for (const host of ['hub.example.com', '0.0.0.0', '::', '127.0.0.1', '010.0.0.5', '']) {
      await writeFile(fileOf(acme, 'place.json'), text.replace('10.0.0.5', host));
      assert.deepEqual([store.read().networks.length, store.read().damaged.length], [0, 1], host);
    }
  });

  it('makes no key for a network that is not followed', async () => {
    await mkdir(join(folder, 'networks', '77'), { recursive: true });
    await assert.rejects(store.nodeKey(77), (error) => reasonOf(error) === 'notFollowed');
    assert.deepEqual(await readdir(join(folder, 'networks', '77')), []);
  });

  it('uses no secret that is none of the curve', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    for (const secret of ['0'.repeat(64), order, 'f'.repeat(64)]) {
      await writeFile(fileOf(acme, 'nodekey'), secret);
      await assert.rejects(store.nodeKey(acme.chainId), (error) => reasonOf(error) === 'nodeKey', secret);
    }
    await writeFile(fileOf(acme, 'nodekey'), `${'0'.repeat(63)}1`);
    assert.match(await store.nodeKey(acme.chainId), /^79be667ef9dcbbac/);
  });

  it('deletes nothing of a network that is left, and signs on the development network then', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    await store.setHome(acme.chainId);
    await writeFile(fileOf(acme, 'index.json'), 'what was read');
    const left = await store.leave(acme.chainId);
    assert.deepEqual(store.read(), { home: 'development', networks: [], damaged: [] });
    assert.equal(await readFile(join(left, 'index.json'), 'utf8'), 'what was read');
    await store.add(acme, place);
    assert.equal(store.read().networks.length, 1);
  });

  it('makes the key of a node once, for this user only, and never tells it', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    const keys = await Promise.all([1, 2, 3, 4].map(() => store.nodeKey(acme.chainId)));
    assert.equal(new Set(keys).size, 1);
    const file = fileOf(acme, 'nodekey');
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
    const secret = await readFile(file, 'utf8');
    assert.match(secret, /^[0-9a-f]{64}$/);
    await writeFile(file, `${secret.slice(1)}x`);
    await assert.rejects(store.nodeKey(acme.chainId), (error) => {
      assert.equal(reasonOf(error), 'nodeKey');
      assert.ok(isDaoChainError(error) && !JSON.stringify([error.message, error.details]).includes(secret.slice(1, 9)));
      return true;
    });
  });

  for (const [what, damage] of [
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['nothing', () => ''],
    ['a newer version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['a member that nobody knows', (text: string) => text.replace('{', '{"more": 1,')],
    ['a member twice', (text: string) => text.replace('{', '{"version": 1,')],
  ] as const) {
    it(`tells the file that holds ${what}, and follows the others`, async () => {
      const [acme, other] = [team('Acme'), team('Other')];
      for (const each of [acme, other]) await store.add(each, place);
      for (const name of ['network.json', 'place.json']) {
        const file = fileOf(acme, name);
        const whole = await readFile(file, 'utf8');
        await writeFile(file, damage(whole));
        const { networks, damaged } = store.read();
        assert.deepEqual(
          networks.map(({ profile }) => profile.name),
          ['Other'],
        );
        assert.deepEqual(
          damaged.map(({ error }) => error.details['file']),
          [file],
        );
        await writeFile(file, whole);
      }
    });
  }

  it('tells a folder in the place of a file', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    await rm(fileOf(acme, 'place.json'));
    await mkdir(fileOf(acme, 'place.json'));
    assert.deepEqual(
      store.read().damaged.map(({ error }) => error.details['file']),
      [fileOf(acme, 'place.json')],
    );
  });

  it('knows no home where it cannot be known, and never takes another network for it', async () => {
    const [acme, other] = [team('Acme'), team('Other')];
    for (const each of [acme, other]) await store.add(each, place);
    await store.setHome(acme.chainId);
    await writeFile(fileOf(other, 'network.json'), '');
    const { home } = store.read();
    assert.ok(!isDaoChainError(home) && home !== 'development' && home.profile.name === 'Acme');
    await writeFile(fileOf(acme, 'network.json'), '');
    assert.equal(fileIn(store.read().home), fileOf(acme, 'network.json'));
    await rm(join(folder, 'networks', acme.chainId.toString()), { recursive: true });
    assert.equal(reasonOf(store.read().home), 'homeGone');
    const homeFile = join(folder, 'networks.json');
    for (const text of ['', '{}', '{"version":2,"home":0}', '{"version":1,"home":"Acme"}']) {
      await writeFile(homeFile, text);
      assert.equal(fileIn(store.read().home), homeFile, text);
    }
  });

  it('reads no network from a folder with another chain ID, nor one that only begins to be followed', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    const networks = join(folder, 'networks');
    await mkdir(join(networks, '1234'));
    await writeFile(join(networks, '1234', 'network.json'), await readFile(fileOf(acme, 'network.json')));
    await mkdir(join(networks, '77'));
    const { networks: read, damaged } = store.read();
    assert.equal(read.length, 1);
    assert.deepEqual(
      damaged.map(({ error }) => error.details['file']),
      [join(networks, '1234', 'network.json')],
    );
    assert.ok((await readdir(networks)).includes('77'));
  });
});

function reasonOf(error: unknown): string | undefined {
  return isDaoChainError(error, 'networkInvalid') ? error.details['reason'] : undefined;
}

function fileIn(error: unknown): string | undefined {
  return isDaoChainError(error, 'networkInvalid') ? error.details['file'] : undefined;
}
