import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { releasedLedgerCodes } from '../../../src/adapters/chain/developmentLedger';
import { FolderFileStore } from '../../../src/adapters/files/folderFileStore';
import { FolderTurns } from '../../../src/adapters/files/folderTurns';
import { ExternalsFolder } from '../../../src/adapters/geth/externalsFolder';
import { NetworkFolder } from '../../../src/adapters/geth/networkFolder';
import { nodeKeyFile, NetworksFolder } from '../../../src/adapters/geth/networksFolder';
import { OwnerLock } from '../../../src/adapters/geth/ownerLock';
import { markStopped, takeStopMark } from '../../../src/adapters/geth/stopMark';
import { WalletFile } from '../../../src/adapters/secrets/walletFile';
import { readRules, RuleFile } from '../../../src/cli/ruleFile';
import { isDaoChainError } from '../../../src/core/errors';
import type { Hex } from '../../../src/core/hex';
import { createTeamNetwork } from '../../../src/core/ledger/network';
import { transactionHash } from '../../../src/core/ledger/transactionHash';
import { ledgerKey, type LedgerId } from '../../../src/core/ledger/types';
import { LedgerFiles } from '../../../src/services/ledger/ledgerFiles';
import { PendingTransactions } from '../../../src/services/transactions/pendingTransactions';
import { parsePolicy } from '../../../src/services/trust/parsePolicy';
import { Policies } from '../../../src/services/trust/policies';
import { WalletMemory } from '../../../src/services/wallet/walletMemory';
import { memoryProblemText } from '../../../src/words/contradictionText';
import { errorText } from '../../../src/words/errorText';
import { damagedRecordText } from '../../../src/words/progressText';
import { dataFiles, otherWriters } from '../../testbed/dataFiles';
import { testNodeKey } from '../../testbed/nodeKey';
import { silentLog } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { FakePolicyFiles } from '../../unit/services/policyWorld';
import { english } from '../../unit/words/localizers';

const never = new AbortController().signal;
const ledger: LedgerId = { chainId: 7n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` };
const [code = '0x'] = releasedLedgerCodes;
const terms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses: [], threshold: 0, hubs: [] } as const;
const team = createTeamNetwork({ name: 'Acme', ...terms }, new Uint8Array(32).fill(1), code);
const hashOf = (digit: string): Hex => `0x${digit.repeat(64)}`;
const networksOf = (folder: string): NetworksFolder =>
  new NetworksFolder(folder, releasedLedgerCodes, new FolderTurns({ folder: join(folder, 'turns') }));
const externalsOf = (folder: string): ExternalsFolder =>
  new ExternalsFolder(folder, new FolderTurns({ folder: join(folder, 'turns') }));
const developmentOf = (folder: string): NetworkFolder => new NetworkFolder(join(folder, 'node'), code, silentLog);
const policiesOf = (folder: string): { policies: Policies; files: FakePolicyFiles } => {
  const files = new FakePolicyFiles();
  const policies = new Policies({
    store: new FolderFileStore(folder),
    files,
    clock: () => 1,
    isReadable: () => true,
  });
  return { policies, files };
};
const policyOf = (repositories: string): string =>
  JSON.stringify({
    version: 1,
    rules: [{ ledger: ledgerKey(ledger), repositories, publishers: [`0x${'3'.repeat(40)}`], level: 'enforce' }],
  });
const ruleOf = (repositories: string): Parameters<RuleFile['write']>[0] =>
  parsePolicy(new TextEncoder().encode(policyOf(repositories))).rules;

/** How one kind of file is written, twice, and what a person is told of it: what is in it, or what is the matter. */
interface Kind {
  readonly file: (folder: string) => string;
  readonly write: (folder: string, state: 'older' | 'current') => Promise<unknown>;
  /** `older`, `current`, `nothing`, or a sentence. */
  readonly read: (folder: string) => Promise<string>;
  /** What is said of a file that is damaged. */
  readonly said: RegExp;
  /** Nothing that another copy could be asked for: whatever is wrong with it, what is in it now is kept. */
  readonly isPrecious?: boolean;
  /** Of a file that has no version, what a later one writes into it. */
  readonly newer?: (text: string) => string;
}

const files = (folder: string): LedgerFiles => new LedgerFiles(new FolderFileStore(folder), ledger);
const isCurrent = (current: boolean): string => (current ? 'current' : 'older');
const firstFile = (folder: string): string => join(folder, readdirSync(folder)[0] ?? 'none');
/** What a reader says, whatever error it is. */
const toldOf = async (reading: Promise<string>): Promise<string> => {
  try {
    return await reading;
  } catch (error) {
    if (isDaoChainError(error)) return errorText(error, english);
    assert.ok(error instanceof Error && error.name === 'UsageError', `nobody would understand: ${String(error)}`);
    return error.message;
  }
};
const history = (block: number) => ({
  publisher: hashOf('1'),
  repository: 'docker.io/acme/app',
  tag: '1',
  slots: new Map(),
  events: [
    {
      ...{ publisher: hashOf('1'), repository: 'docker.io/acme/app', tag: '1', name: hashOf('5') },
      ...{
        previous: hashOf('0'),
        signer: `0x${'3'.repeat(40)}` as const,
        kind: 1,
        validUntil: 0,
        time: 5,
        body: '0x' as const,
      },
      ...{ block, blockHash: hashOf('6'), logIndex: 0, transaction: hashOf('7') },
    },
  ],
});
const raw: Hex = '0x0102';

const kinds: Readonly<Record<string, Kind>> = {
  'the final block': {
    file: (folder) => join(folder, files(folder).folder, 'final.json'),
    write: (folder, state) =>
      files(folder).saveFinal(state === 'older' ? { number: 3, hash: hashOf('3') } : { number: 9, hash: hashOf('9') }),
    read: async (folder) => {
      const { value, damaged } = await files(folder).loadFinal();
      return damaged ? memoryProblemText('final', english) : isCurrent(value?.number === 9);
    },
    said: /which block was final is damaged/,
  },
  'a contradiction': {
    file: (folder) => join(folder, files(folder).folder, 'contradiction.json'),
    write: (folder, state) =>
      files(folder).saveContradiction({
        remembered: { number: 3, hash: hashOf('3') },
        found: hashOf(state === 'older' ? '4' : '5'),
        noticed: 1,
      }),
    read: async (folder) => {
      const { value, damaged } = await files(folder).loadContradiction();
      return damaged ? memoryProblemText('contradiction', english) : isCurrent(value?.found === hashOf('5'));
    },
    said: /the alarm still has to be read and settled/,
  },
  'histories that were read': {
    file: (folder) => firstFile(join(folder, files(folder).folder, 'histories')),
    write: (folder, state) => files(folder).saveBucket('ab', [history(state === 'older' ? 3 : 9)]),
    read: async (folder) => {
      assert.deepEqual(await files(folder).buckets(), ['ab'], 'it is not forgotten');
      const { value, damaged } = await files(folder).loadBucket('ab');
      if (damaged) return memoryProblemText('histories', english);
      return isCurrent([...(value?.values() ?? [])][0]?.events[0]?.block === 9);
    },
    said: /being read from the chain again/,
  },
  'a transaction on its way': {
    file: (folder) => firstFile(join(folder, 'pending')),
    write: (folder, state) =>
      new PendingTransactions(new FolderFileStore(folder)).add({
        ...{ ledger: ledgerKey(ledger), raw, hash: transactionHash(raw) },
        ...{ signer: `0x${'33'.repeat(20)}`, entries: [], most: state === 'older' ? 1n : 2n },
      }),
    read: async (folder) => {
      const pending = new PendingTransactions(new FolderFileStore(folder));
      const damaged: string[] = [];
      pending.onDamaged((name) => damaged.push(name));
      const [found] = await pending.of(ledgerKey(ledger));
      assert.equal(await pending.isEmpty(), false, 'something is on its way');
      return damaged[0] === undefined ? isCurrent(found?.most === 2n) : damagedRecordText(damaged[0], english);
    },
    said: /check it before you sign or pay again/,
    isPrecious: true,
    newer: (text) => text.replace('{', '{"replaces":1,'),
  },
  'a turn': {
    file: (folder) => join(folder, 'turns/sign.json'),
    write: async (folder) => {
      mkdirSync(join(folder, 'turns'), { recursive: true });
      await Promise.resolve();
      writeFileSync(join(folder, 'turns/sign.json'), JSON.stringify({ pid: 2 ** 22, place: 'here', token: '1' }));
    },
    read: async (folder) => {
      const turn = await new FolderTurns({ folder: join(folder, 'turns'), longestWaitMs: 100, longestTurnMs: 1 }).take(
        'sign',
        never,
        () => undefined,
      );
      await turn.end();
      return 'current';
    },
    // Whatever is in its place is nobody's turn.
    said: /^current$/,
    newer: (text) => text.replace('{', '{"since":1,'),
  },
  'an accepted policy': {
    file: (folder) => firstFile(join(folder, 'policies')),
    write: async (folder, state) => {
      const { policies, files: texts } = policiesOf(folder);
      texts.texts.set('/work', policyOf(state === 'older' ? 'docker.io/acme/a' : 'docker.io/acme/b'));
      const { file } = await policies.status('/work');
      await policies.accept('/work', file ?? assert.fail());
    },
    read: async (folder) => {
      const [source] = await policiesOf(folder).policies.sources('/work');
      assert.ok(source !== undefined, 'a rule that enforces is not forgotten');
      return isCurrent(source.rules[0]?.repositories === 'docker.io/acme/b');
    },
    said: /policy/i,
    isPrecious: true,
  },
  'the address of the wallet': {
    file: (folder) => join(folder, 'wallet.address.json'),
    write: (folder, state) =>
      new WalletMemory(new FolderFileStore(folder), silentLog).write(`0x${(state === 'older' ? '1' : '2').repeat(40)}`),
    read: async (folder) => {
      const address = await new WalletMemory(new FolderFileStore(folder), silentLog).read();
      return address === undefined ? 'nothing' : isCurrent(address === `0x${'2'.repeat(40)}`);
    },
    // It is written again by whoever has the wallet, and nothing is concluded from it.
    said: /^nothing$/,
    newer: (text) => text.replace('{', '{"kind":"hardware",'),
  },
  'the wallet': {
    file: (folder) => join(folder, 'wallet.json'),
    write: async (folder, state) => {
      const wallet = new WalletFile(join(folder, 'wallet.json'));
      await wallet.get('key');
      await wallet.set('key', state);
    },
    read: async (folder) => (await new WalletFile(join(folder, 'wallet.json')).get('key')) ?? 'nothing',
    said: /not an encrypted wallet|cannot be kept in .*wallet\.json/,
    isPrecious: true,
    newer: (text) => text.replace('{', '{"keys":[],'),
  },
  'trust rules': {
    file: (folder) => join(folder, 'trust.local.json'),
    write: (folder, state) =>
      new RuleFile(undefined, folder).write(ruleOf(state === 'older' ? 'docker.io/acme/a' : 'docker.io/acme/b')),
    read: async (folder) => {
      const [rule] = await readRules(undefined, folder, never);
      return rule === undefined ? 'nothing' : isCurrent(rule.repositories === 'docker.io/acme/b');
    },
    said: /trust\.local\.json/,
    isPrecious: true,
    newer: (text) => text.replace('{', '{"until":1,'),
  },
  'which network is home': {
    file: (folder) => join(folder, 'networks.json'),
    write: async (folder, state) => {
      if (state === 'older') await networksOf(folder).add(team, { admitted: [] });
      await networksOf(folder).setHome(state === 'older' ? 'development' : team.chainId);
    },
    read: (folder) => {
      const { home } = networksOf(folder).read();
      return Promise.resolve(isDaoChainError(home) ? errorText(home, english) : isCurrent(home !== 'development'));
    },
    said: /networks\.json.*Put back a copy of it/,
  },
  'the profile of a network': {
    file: (folder) => join(folder, 'networks', team.chainId.toString(), 'network.json'),
    write: async (folder, state) => {
      if (state === 'older') await networksOf(folder).add({ ...team, name: 'Older' }, { admitted: [] });
      else await networksOf(folder).change(team.chainId, () => ({ name: 'Acme' }));
    },
    read: (folder) => {
      const { networks, damaged } = networksOf(folder).read();
      assert.equal(networks.length + damaged.length, 1, 'it is not forgotten');
      const [fault] = damaged;
      return Promise.resolve(fault ? errorText(fault.error, english) : isCurrent(networks[0]?.profile.name === 'Acme'));
    },
    said: /network\.json/,
    isPrecious: true,
  },
  'the place in a network': {
    file: (folder) => join(folder, 'networks', team.chainId.toString(), 'place.json'),
    write: async (folder, state) => {
      if (state === 'older') await networksOf(folder).add(team, { admitted: [] });
      else
        await networksOf(folder).change(team.chainId, () => ({
          place: { admitted: [{ nodeKey: testNodeKey(2), machine: 'b' }] },
        }));
    },
    read: (folder) => {
      const { networks, damaged } = networksOf(folder).read();
      const [fault] = damaged;
      return Promise.resolve(
        fault ? errorText(fault.error, english) : isCurrent(networks[0]?.place.admitted.length === 1),
      );
    },
    said: /place\.json/,
    isPrecious: true,
  },
  'a ledger of another chain': {
    file: (folder) => join(folder, 'networks/7/ledger.json'),
    write: (folder, state) =>
      externalsOf(folder).put({
        ...{ name: state, ledger, endpoint: 'http://127.0.0.1:8545', finality: 'depth', confirmations: 12 },
      }),
    read: (folder) => {
      const { externals, damaged } = externalsOf(folder).read();
      const [fault] = damaged;
      const [found] = externals;
      assert.equal(externals.length + damaged.length, 1, 'it is not forgotten');
      return Promise.resolve(fault ? errorText(fault.error, english) : (found?.external.name ?? 'nothing'));
    },
    said: /ledger\.json/,
    isPrecious: true,
  },
  'the key of a node': {
    file: (folder) => nodeKeyFile(join(folder, 'networks', team.chainId.toString())),
    write: async (folder, state) => {
      if (state === 'older') await networksOf(folder).add(team, { admitted: [] });
      const file = nodeKeyFile(join(folder, 'networks', team.chainId.toString()));
      writeFileSync(file, (state === 'older' ? '12' : '34').repeat(32));
    },
    read: async (folder) => {
      const key = await networksOf(folder).nodeKey(team.chainId);
      const file = nodeKeyFile(join(folder, 'networks', team.chainId.toString()));
      assert.match(key, /^[0-9a-f]{128}$/);
      return isCurrent(readFileSync(file, 'latin1').startsWith('34'));
    },
    said: /nodekey/,
    isPrecious: true,
    newer: (text) => `v2:${text}`,
  },
  'the development network': {
    file: (folder) => {
      const node = join(folder, 'node');
      return join(node, readdirSync(node).find((name) => name.startsWith('network-')) ?? 'none');
    },
    write: (folder) => developmentOf(folder).open(),
    read: async (folder) => ((await developmentOf(folder).open()).kind === 'development' ? 'current' : 'nothing'),
    said: /network-[0-9a-f]{8}\.json/,
    isPrecious: true,
  },
  'the owner of a node': {
    file: (folder) => join(folder, 'owner.json'),
    write: (folder, state) =>
      new OwnerLock(join(folder, 'owner.json')).write({
        ...{ pid: 2 ** 22, ownerPath: state, ipcPath: join(folder, 'ipc') },
      }),
    read: async (folder) => {
      const owner = await new OwnerLock(join(folder, 'owner.json')).read();
      // The node's start sets it aside, and asks the system who runs a node here.
      return owner === 'damaged' ? owner : (owner?.ownerPath ?? 'nothing');
    },
    said: /^damaged$/,
    newer: (text) => text.replace('{', '{"since":1,'),
  },
  'the mark of a stop': {
    file: (folder) => join(folder, 'stopped'),
    write: (folder, state) => markStopped(folder, state),
    read: async (folder) => ((await takeStopMark(folder, 'current')) ? 'current' : 'nothing'),
    said: /^nothing$/,
    newer: (text) => `${text} v2`,
  },
};

/** Shown elsewhere: by what builds them again from the chain, or with a node. */
const shownElsewhere: readonly string[] = [
  ...['what was put aside', 'the table of entries', 'a content that was signed', 'a history of transfers'],
  ...['the log of a node', 'what geth keeps'],
];

const withNewerVersion = (text: string): string => {
  assert.match(text, /"version":\s*\d/);
  return text.replace(/("version":\s*)(\d+)/, (_, name: string, version: string) => `${name}${Number(version) + 7}`);
};
/** Files of networks have no version: what they hold is all that a network is. */
const withMore = (text: string): string => text.replace('{', '{"guard":"0x00",');

describe('the data folder', () => {
  it('is written by nobody who is not in the list of its files', () => {
    const source = join(import.meta.dirname, '../../../src');
    const writes =
      /\b(?:replaceFile|createFile|writeFile|appendFile|withDraft|[fF]iles\.write|[sS]tore\.write|link|symlink|copyFile|mkdtemp|renameFile|createWriteStream)\(/;
    const writers = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && writes.test(readFileSync(join(source, name), 'utf8')))
      .toSorted();
    const listed = [...new Set([...Object.values(dataFiles).flatMap((each) => each.writers), ...otherWriters])];
    assert.deepEqual(writers, listed.toSorted());
  });

  it('has no kind of file that is not damaged below, or shown elsewhere', () => {
    assert.deepEqual([...Object.keys(kinds), ...shownElsewhere].toSorted(), Object.keys(dataFiles).toSorted());
  });

  for (const [what, kind] of Object.entries(kinds)) {
    describe(`with ${what}`, () => {
      let folder: string;
      let older: Buffer;
      let current: Buffer;
      let file: string;
      beforeEach(async () => {
        folder = temporaryFolder().path;
        await kind.write(folder, 'older');
        file = kind.file(folder);
        older = readFileSync(file);
        await kind.write(folder, 'current');
        current = readFileSync(file);
      });

      /** Whatever was said, what was there is there still, at its place or aside. */
      const isStillThere = (bytes: Buffer): boolean => {
        const look = (path: string): boolean =>
          readdirSync(path).some((name) => {
            const each = join(path, name);
            const entry = lstatSync(each);
            if (entry.isDirectory()) return look(each);
            return entry.isFile() && readFileSync(each).equals(bytes);
          });
        return look(folder);
      };
      const put = (bytes: Buffer | string): Buffer => {
        writeFileSync(file, bytes);
        return Buffer.from(bytes);
      };

      it('is in the list by its path', () => {
        const path = relative(folder, file);
        assert.ok(
          dataFiles[what]?.path.test(path) === true || dataFiles[what]?.path.test(`node/${path}`) === true,
          path,
        );
      });
      it('as it was written, tells what is in it', async () => {
        assert.equal(await toldOf(kind.read(folder)), 'current');
      });
      it('as it was at another time, tells that', async () => {
        put(older);
        const told = await toldOf(kind.read(folder));
        assert.ok(told === 'older' || older.equals(current) || kind.said.test(told), told);
      });
      it('that nobody may write, tells what is in it', async () => {
        chmodSync(file, 0o400);
        assert.equal(await toldOf(kind.read(folder)), 'current');
      });

      const damages: Readonly<Record<string, () => Buffer | undefined>> = {
        'that was truncated': () => put(current.subarray(0, current.length >> 1)),
        'that was emptied': () => put(''),
        'that a newer version made': () => {
          const text = current.toString();
          const newer = kind.newer ?? (text.includes('"version"') ? withNewerVersion : withMore);
          return put(newer(text));
        },
        'in whose place a folder is': () => {
          rmSync(file);
          mkdirSync(join(file, 'with', 'something'), { recursive: true });
          return undefined;
        },
        'that cannot be read': () => {
          // A link to itself, since a test can run as somebody who may read everything.
          rmSync(file);
          symlinkSync(file, file);
          return undefined;
        },
      };
      for (const [how, damage] of Object.entries(damages)) {
        it(`${how}, is told, and kept`, async () => {
          const bytes = damage();
          const told = await toldOf(kind.read(folder));
          // What a later version adds to an entry that only says who is there does no harm.
          if (how !== 'that a newer version made' || told !== 'current') assert.match(told, kind.said);
          if (kind.isPrecious !== true) return;
          if (bytes === undefined) assert.ok(existsSync(dirname(file)) && lstatSync(file, { throwIfNoEntry: false }));
          else assert.ok(isStillThere(bytes), 'it was not touched');
        });
      }
    });
  }
});
