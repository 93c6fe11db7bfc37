import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releasedLedgerCodes } from '../../../src/adapters/chain/developmentLedger';
import { NetworksFolder } from '../../../src/adapters/geth/networksFolder';
import { isDaoChainError } from '../../../src/core/errors';
import { createTeamNetwork, type TeamProfile } from '../../../src/core/ledger/network';
import type { NetworkPlace } from '../../../src/core/ports/networks';

const place: NetworkPlace = { admitted: [] };

function team(name: string, witnesses: TeamProfile['witnesses'] = []): TeamProfile {
  const terms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses, threshold: witnesses.length } as const;
  return createTeamNetwork({ name, ...terms, hubs: [] }, randomBytes(32), releasedLedgerCodes.at(-1) ?? '0x');
}

describe('the folder of followed networks', () => {
  let folder: string;
  let store: NetworksFolder;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dc-'));
    store = new NetworksFolder(folder, releasedLedgerCodes);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const fileOf = ({ chainId }: TeamProfile, name: string): string => join(folder, 'networks', chainId.toString(), name);

  it('is empty, with the development network as home, where nothing was joined', () => {
    assert.deepEqual(store.read(), { home: 'development', networks: [], damaged: [] });
  });

  it('keeps what is joined, changed and chosen', async () => {
    const acme = team('Acme');
    await store.add(acme, place);
    const admitted = [{ nodeKey: await store.nodeKey(acme.chainId), machine: 'it‮s' }];
    const now = { listen: { host: '10.0.0.5', port: 30303 }, admitted };
    await store.changePlace(acme.chainId, now);
    await store.changeProfile({ ...acme, name: 'Acme 2' });
    await store.setHome(acme.chainId);
    const { home, networks } = new NetworksFolder(folder, releasedLedgerCodes).read();
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
    const other = team('Other');
    for (const change of [store.changePlace(1, place), store.changeProfile(other), store.setHome(2), store.leave(3)])
      await assert.rejects(change, (error) => reasonOf(error) === 'notFollowed');
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
          damaged.map(({ details }) => details['file']),
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
      store.read().damaged.map(({ details }) => details['file']),
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
      damaged.map(({ details }) => details['file']),
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
