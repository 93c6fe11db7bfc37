import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { NetworkFolder } from '../../../src/adapters/geth/networkFolder';
import { isDaoChainError } from '../../../src/core/errors';
import type { Hex } from '../../../src/core/hex';
import type { NetworkProfile } from '../../../src/core/ledger/network';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { LogLines } from './newLauncher';

const code = ledgerReleases.at(-1)?.runtimeCode ?? '0x';
const olderCode: Hex = '0x6001';

describe('the folder of a development network', () => {
  let temporary: TemporaryFolder;
  let folder: string;
  let network: NetworkProfile;
  let networkFile: string;

  const open = (ledgerCode: Hex = code, log = new LogLines()): NetworkFolder =>
    new NetworkFolder(folder, ledgerCode, log);
  const chain = (chainId: number): string => join(folder, `chain-${chainId}`);
  /** What geth leaves of a chain, as far as it matters here. */
  function begin({ chainId, genesis }: NetworkProfile): void {
    mkdirSync(join(chain(chainId), 'node', 'geth', 'chaindata'), { recursive: true });
    writeFileSync(join(chain(chainId), 'node', 'geth', 'chaindata', 'CURRENT'), `signatures of ${chainId}`);
    writeFileSync(join(chain(chainId), 'node', 'genesis.json'), JSON.stringify(genesis));
  }
  /** Every file below the folder, with what it holds: nothing of it may ever get lost. */
  function contents(): ReadonlySet<string> {
    const names = readdirSync(temporary.path, { recursive: true, encoding: 'utf8' });
    return new Set(
      names
        .map((name) => join(temporary.path, name))
        .filter((path) => existsSync(path) && statSync(path).isFile())
        .map((path) => readFileSync(path, 'latin1')),
    );
  }
  const refusal = async (): Promise<Readonly<Record<string, string>>> => {
    try {
      await open().open();
    } catch (error) {
      assert.ok(isDaoChainError(error, 'networkInvalid'), String(error));
      return error.details;
    }
    return assert.fail('it was not refused');
  };

  beforeEach(async () => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'node');
    network = await open().open();
    const [name = ''] = readdirSync(folder);
    networkFile = join(folder, name);
    begin(network);
  });
  afterEach(() => {
    temporary.remove();
  });

  it('keeps its network', async () => {
    assert.deepEqual(await open().open(), network);
    assert.equal(statSync(networkFile).mode & 0o777, 0o600);
  });

  it('gets a network file that is gone back from its chain, and says so', async () => {
    rmSync(networkFile);
    const log = new LogLines();
    assert.deepEqual(await open(code, log).open(), network);
    assert.match(log.lines.join('\n'), /was put back/);
    assert.deepEqual(JSON.parse(readFileSync(networkFile, 'utf8')), network);
  });

  it('gets it back once for all windows that ask at once', async () => {
    rmSync(networkFile);
    const opened = await Promise.all(Array.from({ length: 8 }, () => open().open()));
    assert.equal(new Set(opened.map(({ chainId }) => chainId)).size, 1);
    assert.deepEqual(opened[0], network);
  });

  const genesisFile = (): string => join(chain(network.chainId), 'node', 'genesis.json');
  /** A chain that nothing tells the network of. */
  const lost: Readonly<Record<string, () => void>> = {
    'has no genesis file': () => {
      rmSync(genesisFile());
    },
    'has an empty genesis file': () => {
      writeFileSync(genesisFile(), '');
    },
    'has half a genesis file': () => {
      writeFileSync(genesisFile(), JSON.stringify(network.genesis).slice(0, 900));
    },
    'has the genesis of another chain': () => {
      writeFileSync(genesisFile(), JSON.stringify({ ...network.genesis, extraData: `0x${'7'.repeat(64)}` }));
    },
    'has a folder in the place of its genesis': () => {
      rmSync(genesisFile());
      mkdirSync(genesisFile());
    },
    'was renamed': () => {
      renameSync(chain(network.chainId), chain(4711));
    },
  };
  for (const [how, lose] of Object.entries(lost)) {
    it(`begins no other network beside a chain without a network file that ${how}`, async () => {
      rmSync(networkFile);
      lose();
      const before = contents();
      const { reason, folder: shown, file } = await refusal();
      assert.equal(reason, 'chainWithoutFile');
      assert.ok(existsSync(shown ?? ''), shown);
      assert.equal(file, networkFile);
      assert.deepEqual(contents(), before);
      assert.equal(await open().setOlderAside(), undefined);
      assert.deepEqual(contents(), before);
    });
  }

  it('begins no other chain where a network file of another chain was put in its place', async () => {
    const other = await new NetworkFolder(join(temporary.path, 'other'), code, new LogLines()).open();
    writeFileSync(networkFile, JSON.stringify(other));
    const before = contents();
    const { reason, folder: shown } = await refusal();
    assert.deepEqual([reason, shown], ['chainWithoutFile', chain(network.chainId)]);
    assert.deepEqual(contents(), before);
  });

  it('puts no file back where two chains could be meant', async () => {
    rmSync(networkFile);
    const elsewhere = join(temporary.path, 'other');
    const other = await new NetworkFolder(elsewhere, code, new LogLines()).open();
    begin(other);
    assert.equal((await refusal())['reason'], 'chainWithoutFile');
  });

  it('leaves a chain alone that is beside its own, whatever it is', async () => {
    mkdirSync(join(chain(4711), 'node', 'geth'), { recursive: true });
    assert.deepEqual(await open().open(), network);
    assert.equal(await open().setOlderAside(), undefined);
    assert.ok(existsSync(chain(4711)));
  });

  it('makes a new network where there is only an empty folder of a chain', async () => {
    rmSync(networkFile);
    rmSync(chain(network.chainId), { recursive: true });
    mkdirSync(chain(network.chainId));
    assert.notEqual((await open().open()).chainId, network.chainId);
    assert.ok(existsSync(chain(network.chainId)));
  });

  it('uses its network where the folder of its chain is gone or empty, as there is nothing to lose', async () => {
    rmSync(chain(network.chainId), { recursive: true });
    assert.deepEqual(await open().open(), network);
    mkdirSync(chain(network.chainId));
    assert.deepEqual(await open().open(), network);
  });

  const damages: Readonly<Record<string, (text: string) => void>> = {
    empty: () => {
      writeFileSync(networkFile, '');
    },
    'half written': (text) => {
      writeFileSync(networkFile, text.slice(0, text.length / 2));
    },
    'of a later version': () => {
      writeFileSync(networkFile, JSON.stringify({ ...network, version: 2 }));
    },
    'of another type': () => {
      writeFileSync(networkFile, '[]');
    },
    binary: () => {
      writeFileSync(networkFile, Buffer.from([0, 255, 254, 0, 1]));
    },
    huge: (text) => {
      writeFileSync(networkFile, text.padEnd(3 * 2 ** 20));
    },
    'with another chain id': () => {
      writeFileSync(networkFile, JSON.stringify({ ...network, chainId: network.chainId + 1 }));
    },
    'with a member twice': (text) => {
      writeFileSync(networkFile, text.replace('"version": 1', '"version": 1, "version": 1'));
    },
    'a folder': () => {
      mkdirSync(networkFile);
    },
    'a link to itself': () => {
      symlinkSync(networkFile, networkFile);
    },
  };
  for (const [how, damage] of Object.entries(damages)) {
    it(`says which network file cannot be used when it is ${how}, and loses nothing`, async () => {
      const text = readFileSync(networkFile, 'utf8');
      rmSync(networkFile);
      damage(text);
      const before = contents();
      assert.equal((await refusal())['file'], networkFile);
      assert.equal(await open().setOlderAside(), undefined);
      assert.deepEqual(contents(), before);
      // As it says.
      renameSync(networkFile, `${networkFile}.away`);
      assert.deepEqual(await open().open(), network);
    });
  }

  it('follows a link to a network file that is elsewhere', async () => {
    const elsewhere = join(temporary.path, 'elsewhere.json');
    renameSync(networkFile, elsewhere);
    symlinkSync(elsewhere, networkFile);
    assert.deepEqual(await open().open(), network);
  });

  it('does not write through a link that leads nowhere', async () => {
    rmSync(networkFile);
    symlinkSync(join(temporary.path, 'nowhere'), networkFile);
    assert.equal((await refusal())['file'], networkFile);
    assert.ok(!existsSync(join(temporary.path, 'nowhere')));
  });

  describe('with the chain of an older ledger', () => {
    let older: NetworkProfile;
    let olderFile: string;
    beforeEach(async () => {
      // As the older version has left it.
      rmSync(folder, { recursive: true });
      older = await open(olderCode).open();
      const [name = ''] = readdirSync(folder);
      olderFile = join(folder, name);
      begin(older);
    });

    it('begins its own and moves the older one aside, whole', async () => {
      const before = contents();
      network = await open().open();
      assert.notEqual(network.chainId, older.chainId);
      const aside = await open().setOlderAside();
      assert.match(aside ?? '', /older-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-/);
      assert.ok(existsSync(join(aside ?? '', `chain-${older.chainId}`, 'node', 'geth', 'chaindata', 'CURRENT')));
      for (const content of before) assert.ok(contents().has(content));
      assert.equal(await open().setOlderAside(), undefined);
      assert.deepEqual(await open().open(), network);
    });

    it('is used again by the older version where it is put back', async () => {
      await open().open();
      const aside = (await open().setOlderAside()) ?? '';
      cpSync(aside, folder, { recursive: true });
      assert.deepEqual(await open(olderCode).open(), older);
    });

    const unproved: Readonly<Record<string, () => void>> = {
      'is gone': () => {
        rmSync(olderFile);
      },
      'is half written': () => {
        writeFileSync(olderFile, readFileSync(olderFile, 'utf8').slice(0, 200));
      },
      'has the name of another ledger': () => {
        renameSync(olderFile, join(folder, 'network-00000000.json'));
      },
      'names another chain': () => {
        writeFileSync(olderFile, JSON.stringify({ ...older, chainId: 4711 }));
      },
      'is only planted': () => {
        writeFileSync(olderFile, JSON.stringify({ chainId: older.chainId }));
      },
    };
    for (const [how, damage] of Object.entries(unproved)) {
      it(`moves nothing and begins nothing when its network file ${how}`, async () => {
        damage();
        const before = contents();
        assert.equal((await refusal())['reason'], 'chainWithoutFile');
        assert.equal(await open().setOlderAside(), undefined);
        assert.deepEqual(contents(), before);
      });
    }
  });
});
