/**
 * Kills at every step of a command: before, in the middle of and after what it writes to files and says to the node. Whatever
 * was killed: the same command works afterwards without help, nothing is signed twice or lost, what is remembered never goes
 * back, the verdict is the chain's, and no process is left.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FolderFileStore } from '../../src/adapters/files/folderFileStore';
import { findNodes } from '../../src/adapters/geth/nodeProcesses';
import type { LedgerId } from '../../src/core/ledger/types';
import { LedgerFiles } from '../../src/services/ledger/ledgerFiles';
import { expecting, passwordFile, run as runAnywhere, start, type Ended } from '../cli/daochain';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';

/** Where a command is killed, as killAt.cjs takes it. */
interface Step {
  /** `open`: of a new file. */
  readonly call: 'open' | 'writeFile' | 'rename' | 'link' | 'rm' | 'send';
  /** A pattern for its arguments, with a blank between them. */
  readonly at: string;
  readonly when?: 'before' | 'half' | 'after';
  readonly nth?: number;
  readonly signal?: NodeJS.Signals;
}

const turn = String.raw`turns/[\w-]+\.json`;
const record = String.raw`pending/0x\w+\.json`;
const steps: Readonly<Record<string, Step>> = {
  'before it has its turn': { call: 'link', at: turn },
  'as soon as it has its turn': { call: 'link', at: turn, when: 'after' },
  'before it writes down what it will send': { call: 'open', at: record },
  'in the middle of writing that down': { call: 'open', at: record, when: 'half' },
  'when that is written and has no name yet': { call: 'rename', at: record },
  'when that has its name': { call: 'rename', at: record, when: 'after' },
  'before it sends it': { call: 'send', at: 'eth_sendRawTransaction' },
  'as soon as it has sent it': { call: 'send', at: 'eth_sendRawTransaction', when: 'after' },
  'before its turn ends': { call: 'rename', at: turn },
  'in the middle of ending its turn': { call: 'rename', at: turn, when: 'after' },
};
const few = ['as soon as it has its turn', 'when that has its name', 'as soon as it has sent it'];
/** Of a command that waits until it is final. */
const waiting: Readonly<Record<string, Step>> = {
  'when it is mined': { call: 'send', at: 'eth_getTransactionReceipt', nth: 3, when: 'after' },
  'when it is final, before that is noted': { call: 'rm', at: `${record} ` },
  'when that is noted': { call: 'rm', at: `${record} `, when: 'after' },
};
const bucket = String.raw`histories/..\.json`;
/** Of whatever reads a covered name for the first time. */
const remembering: Readonly<Record<string, Step>> = {
  'before it asks for the links': { call: 'send', at: 'eth_call' },
  'before it writes a history': { call: 'open', at: bucket },
  'in the middle of a history': { call: 'open', at: bucket, when: 'half' },
  'before a history has its name': { call: 'rename', at: bucket },
  'between a history and the final block': { call: 'rename', at: bucket, when: 'after' },
  'in the middle of the final block': { call: 'open', at: 'final.json', when: 'half' },
  'before the final block has its name': { call: 'rename', at: 'final.json' },
  'when the final block has its name': { call: 'rename', at: 'final.json', when: 'after' },
};
const tabling: Readonly<Record<string, Step>> = {
  'before it asks for entries': { call: 'send', at: 'eth_getLogs' },
  'when it has asked for entries': { call: 'send', at: 'eth_getLogs', when: 'after' },
  'in the middle of a part': { call: 'open', at: String.raw`table/\d+`, when: 'half' },
  'before a part has its name': { call: 'rename', at: String.raw`table/\d+` },
  'between a part and what names it': { call: 'rename', at: String.raw`table/\d+`, when: 'after' },
  'in the middle of what names the parts': { call: 'open', at: 'table/state', when: 'half' },
  'when the parts are named': { call: 'rename', at: 'table/state', when: 'after' },
};

const draftPattern = /\.[0-9a-f]{16}(?:\.draft)?$/;
const finalSchema = v.object({ final: v.object({ number: v.number() }) });
const historySchema = v.object({
  ledgers: v.tuple([
    v.object({
      histories: v.array(
        v.object({ attestations: v.array(v.object({ kind: v.string(), state: v.optional(v.string()) })) }),
      ),
    }),
  ]),
});

const hexText = v.custom<`0x${string}`>((value) => typeof value === 'string' && value.startsWith('0x'));
const ledgerSchema = v.object({ chainId: v.bigint(), genesisHash: hexText, address: hexText });

describe('a command after a kill', function () {
  this.timeout(600_000);
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const rules = join(data, 'trust.local.json');
  const right = passwordFile(folder, 'correct horse');
  const password = ['--password-file', right];
  const sending = ['--yes', ...password];
  const repository = 'registry.example.com/shop/web';
  const vouched = 'registry.example.com/vouched/web';
  let engine: Engine;
  let image: string;
  let ledger: LedgerId;
  let names = 0;

  const options = () => ({ env: { DOCKER_HOST: engine.host } });
  const run = (...args: readonly string[]): Promise<Ended> =>
    runAnywhere(args.includes('--data') ? args : [...args, '--data', data], options());
  const { printed } = expecting(run);
  async function killed({ ...step }: Step, ...args: readonly string[]): Promise<void> {
    const env = {
      ...options().env,
      NODE_OPTIONS: `--require ${join(import.meta.dirname, 'killAt.cjs')}`,
      DAOCHAIN_KILL: JSON.stringify(step),
    };
    const { ended } = start(args.includes('--data') ? args : [...args, '--data', data], { env });
    const said = await ended.then(({ stdout, stderr }) => stdout + stderr, String);
    assert.match(said, /KILLED HERE/, `it came there: ${args.join(' ')}`);
  }

  /** Another name of the one image. */
  async function newName(of = repository): Promise<string> {
    names += 1;
    await engine.docker.getImage(image).tag({ repo: of, tag: `k${names}` });
    return `${of}:k${names}`;
  }
  async function entriesOf(name: string): Promise<readonly string[]> {
    const {
      ledgers: [{ histories }],
    } = v.parse(historySchema, JSON.parse(await printed('history', name, '--json')));
    return histories.flatMap(({ attestations }) => attestations.map(({ kind }) => kind));
  }
  const ledgers = join(data, 'ledgers');
  const ledgerFolder = (): string => join(ledgers, readdirSync(ledgers)[0] ?? '');
  function finalBlock(of = data): number {
    const [ledgerName] = existsSync(join(of, 'ledgers')) ? readdirSync(join(of, 'ledgers')) : [];
    const file = join(of, 'ledgers', ledgerName ?? '', 'final.json');
    if (ledgerName === undefined || !existsSync(file)) return -1;
    const [, json = ''] = readFileSync(file, 'utf8').split('\n');
    return v.parse(v.pipe(v.string(), v.parseJson(), finalSchema), json).final.number;
  }
  function below(path: string): readonly string[] {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  }
  const drafts = (): readonly string[] =>
    below(data).filter((path) => draftPattern.test(path) && !path.includes('/node/chain-'));
  const pending = (): readonly string[] =>
    existsSync(join(data, 'pending'))
      ? readdirSync(join(data, 'pending')).filter((name) => !draftPattern.test(name))
      : [];
  /** Programs of ours that have the data folder in their command line, beside the node and its owner. */
  function strays(): readonly string[] {
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return line.includes(folder) && !/node start|geth/.test(line) ? [line] : [];
        } catch {
          return [];
        }
      });
  }
  async function isMining(): Promise<boolean> {
    const status = v.object({ mining: v.boolean() });
    return v.parse(status, JSON.parse(await printed('node', 'status', '--json'))).mining;
  }

  /** The same command once more, and the blocks that it needs; a person needs to know no more. */
  async function settled(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await run(...args);
    if (code !== 0) assert.match(stderr, /already on its way|no valid statement about/i, args.join(' '));
    await printed('node', 'mine');
    assert.deepEqual(pending(), []);
  }
  const signed = async (...of: readonly string[]): Promise<void> => {
    await printed('sign', ...of, '--mine', ...sending);
  };

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    image = await buildImage(engine.docker, `${repository}:base`, { files: { motd: 'hello' } });
    useShallowNetwork(join(data, 'node'));
    await printed('wallet', 'create', ...password);
    // Not in the background, so that it ends with this process whatever ends that.
    const owner = start(['node', 'start', '--data', data], options());
    owner.ended.catch(() => undefined);
    await waitFor('the node runs', () => owner.output().includes('Ctrl-C'), { timeoutMs: 120_000 });
    await printed('node', 'mine', '--blocks', '2');
    const shown = v.parse(
      v.object({ address: v.string(), ledger: v.string() }),
      JSON.parse(await printed('wallet', 'balance', '--json')),
    );
    const [chainId = '', genesisHash, address] = shown.ledger.split(':');
    ledger = v.parse(ledgerSchema, { chainId: BigInt(chainId), genesisHash, address });
    const rule = ['--publisher', shown.address, '--yes'];
    await printed('trust', 'add', ...rule, '--for', 'registry.example.com/shop/*');
    await printed('trust', 'add', ...rule, '--for', 'registry.example.com/vouched/*', '--accept', 'vouch');
    await signed(`${repository}:base`);
  });
  after(async () => {
    await run('node', 'stop');
    await engine.dispose();
  });

  /** Whatever is killed in it, this is so afterwards; `isForgotten`: the memory began anew because a person wanted it. */
  function test(title: string, body: () => Promise<void>, { isForgotten = false } = {}): void {
    it(title, async () => {
      const [final, left] = [finalBlock(), drafts().length];
      await body();
      assert.ok(isForgotten || finalBlock() >= final, 'the memory went back');
      assert.ok(drafts().length <= left + 1, 'one kill left more than one draft');
      await waitFor('nobody mines', async () => !(await isMining()));
      assert.deepEqual(strays(), []);
      assert.equal((await findNodes(join(data, 'node'))).length, 1);
    });
  }

  describe('that signs', () => {
    for (const [when, step] of Object.entries(steps)) {
      test(when, async () => {
        const name = await newName();
        const args = ['sign', name, '--no-wait', ...sending];
        await killed(step, ...args);
        await settled(...args);
        assert.deepEqual(await entriesOf(name), ['publish']);
        assert.equal((await run('verify', name)).code, 0);
      });
    }
    for (const [when, step] of Object.entries(waiting)) {
      test(`and mines, ${when}`, async () => {
        const name = await newName();
        const args = ['sign', name, '--mine', ...sending];
        await killed(step, ...args);
        await settled(...args);
        assert.deepEqual(await entriesOf(name), ['publish']);
        assert.equal((await run('verify', name)).code, 0);
      });
    }
    test('and is asked to end as soon as it has sent it', async () => {
      const name = await newName();
      const args = ['sign', name, '--mine', ...sending];
      await killed({ call: 'send', at: 'eth_sendRawTransaction', when: 'after', signal: 'SIGTERM' }, ...args);
      await settled(...args);
      assert.deepEqual(await entriesOf(name), ['publish']);
    });
    test('and is asked to end before it has written it down', async () => {
      const name = await newName();
      const args = ['sign', name, '--no-wait', ...sending];
      await killed({ call: 'open', at: record, signal: 'SIGTERM' }, ...args);
      await settled(...args);
      assert.deepEqual(await entriesOf(name), ['publish']);
    });
    test('three times over, at another step each time', async () => {
      const name = await newName();
      const args = ['sign', name, '--no-wait', ...sending];
      for (const when of [
        'as soon as it has its turn',
        'before it writes down what it will send',
        'when that has its name',
      ])
        await killed(steps[when] ?? assert.fail(), ...args);
      await settled(...args);
      assert.deepEqual(await entriesOf(name), ['publish']);
      assert.equal((await run('verify', name)).code, 0);
    });
    test('beside another that goes on', async () => {
      const [mine, other] = [await newName(), await newName()];
      const args = ['sign', mine, '--no-wait', ...sending];
      await Promise.all([
        killed(steps['when that has its name'] ?? assert.fail(), ...args),
        printed('sign', other, '--no-wait', ...sending),
      ]);
      await settled(...args);
      for (const name of [mine, other]) assert.deepEqual(await entriesOf(name), ['publish']);
    });
  });

  describe('that revokes', () => {
    for (const [when, step] of [...Object.entries(steps), ...Object.entries(waiting)]) {
      test(when, async () => {
        const name = await newName();
        await signed(name);
        const args = ['revoke', name, '--reason', 'mistake', ...sending];
        const how = when in waiting ? '--mine' : '--no-wait';
        await killed(step, ...args, how);
        await settled(...args, '--no-wait');
        assert.deepEqual(await entriesOf(name), ['publish', 'revoke']);
        assert.equal((await run('verify', name)).code, 11);
      });
    }
  });

  describe('that vouches', () => {
    for (const when of few) {
      test(when, async () => {
        const name = await newName(vouched);
        const args = ['vouch', name, '--no-wait', ...sending];
        await killed(steps[when] ?? assert.fail(), ...args);
        await settled(...args);
        assert.deepEqual(await entriesOf(name), ['vouch']);
        assert.equal((await run('verify', name)).code, 0);
      });
    }
  });

  describe('that verifies', () => {
    let fresh = 0;
    // Who knows nothing of this network waits for more blocks.
    before(() => printed('node', 'mine', '--blocks', '6'));
    for (const [when, step] of Object.entries(remembering)) {
      test(`for the first time, ${when}`, async () => {
        const elsewhere = join(folder, `cold-${(fresh += 1)}`);
        const { ipcPath } = v.parse(
          v.object({ ipcPath: v.string() }),
          JSON.parse(readFileSync(join(data, 'node/owner.json'), 'utf8')),
        );
        await printed('node', 'mine', '--blocks', '1');
        const args = ['verify', `${repository}:base`, '--rules', rules, '--endpoint', ipcPath, '--data', elsewhere];
        await killed(step, ...args);
        const remembered = finalBlock(elsewhere);
        assert.equal((await run(...args)).code, 0);
        assert.ok(finalBlock(elsewhere) >= Math.max(0, remembered));
        rmSync(elsewhere, { recursive: true });
      });
    }
    for (const [when, step] of Object.entries(remembering)) {
      test(`what was signed since, ${when}`, async () => {
        const name = await newName();
        await printed('sign', name, '--no-wait', ...sending);
        await printed('node', 'mine');
        await killed(step, 'verify', name);
        assert.equal((await run('verify', name)).code, 0);
        assert.deepEqual(await entriesOf(name), ['publish']);
      });
    }
    for (const [when, step] of Object.entries(tabling)) {
      test(`a name that no rule covers, ${when}`, async () => {
        const name = await newName('registry.example.com/else/web');
        const before = await run('verify', name);
        rmSync(join(ledgerFolder(), 'table'), { recursive: true, force: true });
        await killed(step, 'verify', name);
        const { code, stdout } = await run('verify', name);
        assert.deepEqual([code, stdout], [before.code, before.stdout]);
        assert.equal((await run('verify', `${repository}:base`)).code, 0);
      });
    }
  });

  describe('that shows the history', () => {
    for (const when of ['in the middle of a history', 'between a history and the final block']) {
      test(when, async () => {
        const name = await newName();
        await printed('sign', name, '--no-wait', ...sending);
        await printed('node', 'mine');
        await killed(remembering[when] ?? assert.fail(), 'history', name);
        assert.deepEqual(await entriesOf(name), ['publish']);
      });
    }
  });

  describe('that settles an alarm', () => {
    const settling: Readonly<Record<string, Step>> = {
      'before anything is put aside': { call: 'open', at: 'aside/' },
      'in the middle of putting aside': { call: 'open', at: 'aside/', when: 'half', nth: 2 },
      'before the final block is forgotten': { call: 'rm', at: 'final.json ' },
      'when the final block is forgotten': { call: 'rm', at: 'final.json ', when: 'after' },
      'when a history is forgotten': { call: 'rm', at: `${bucket} `, when: 'after' },
      'before the contradiction is forgotten': { call: 'rm', at: 'contradiction.json ' },
      'when the contradiction is forgotten': { call: 'rm', at: 'contradiction.json ', when: 'after' },
      'while the table is removed': { call: 'rm', at: String.raw`table/[\w-]+\.\w+ `, when: 'after' },
    };
    for (const [when, step] of Object.entries(settling)) {
      test(
        when,
        async () => {
          await run('verify', `registry.example.com/else/web:k${names}`);
          const number = finalBlock();
          assert.ok(number > 0);
          // As if the chain had been another one.
          const files = new LedgerFiles(new FolderFileStore(data), ledger);
          await files.saveFinal({ number, hash: `0x${'5'.repeat(64)}` });
          assert.equal((await run('verify', `${repository}:base`)).code, 13);
          const alarm = v.object({ contradiction: v.object({ found: v.string() }) });
          const { contradiction } = v.parse(alarm, JSON.parse((await run('alarm', '--json')).stdout));
          await killed(step, 'alarm', '--settle', contradiction.found);

          const isSettled = !existsSync(join(ledgerFolder(), 'contradiction.json'));
          assert.equal((await run('verify', `${repository}:base`)).code, isSettled ? 0 : 13);
          await printed('alarm', ...(isSettled ? [] : ['--settle', contradiction.found]));
          assert.equal((await run('verify', `${repository}:base`)).code, 0);
          await printed('node', 'mine', '--blocks', '1');
          await printed('alarm');
          assert.ok(finalBlock() >= number - 2);
        },
        { isForgotten: true },
      );
    }
  });

  describe('that manages a wallet', () => {
    const wallet = String.raw`wallet\.json`;
    const elsewhere = join(folder, 'wallets');
    let store = 0;
    const fresh = (): readonly string[] => ['--data', join(elsewhere, String((store += 1)))];
    const writing: Readonly<Record<string, Step>> = {
      'before it writes it': { call: 'open', at: wallet },
      'in the middle of writing it': { call: 'open', at: wallet, when: 'half' },
      'before it has its name': { call: 'link', at: wallet },
      'when it has its name': { call: 'link', at: wallet, when: 'after' },
    };
    for (const [when, step] of Object.entries(writing)) {
      test(`which is new, ${when}`, async () => {
        const at = fresh();
        await killed(step, 'wallet', 'create', ...password, ...at);
        const { code, stderr } = await run('wallet', 'create', ...password, ...at);
        assert.equal(code, when === 'when it has its name' ? 1 : 0, stderr);
        // Whichever it is, it opens.
        await printed('wallet', 'export', join(at[1] ?? '', 'copy.json'), ...password, ...at);
      });
    }
    for (const when of ['in the middle of writing it', 'when it has its name']) {
      test(`which is imported, ${when}`, async () => {
        const [from, to] = [fresh(), fresh()];
        const copy = join(elsewhere, `copy-${store}.json`);
        const address = await printed('wallet', 'create', ...password, ...from);
        await printed('wallet', 'export', copy, ...password, ...from);
        await killed(writing[when] ?? assert.fail(), 'wallet', 'import', copy, ...password, ...to);
        const { code } = await run('wallet', 'import', copy, ...password, ...to);
        assert.equal(code, when === 'when it has its name' ? 1 : 0);
        const [, kept = ''] =
          /(0x[0-9a-fA-F]{40})/.exec((await run('wallet', 'import', copy, ...password, ...to)).stderr) ?? [];
        assert.ok(kept === '' || kept === address);
      });
    }
    const exporting: Readonly<Record<string, Step>> = {
      'before it writes the copy': { call: 'open', at: 'saved' },
      'in the middle of the copy': { call: 'open', at: 'saved', when: 'half' },
      'when the copy is written, before that is noted': { call: 'rename', at: wallet },
      'when that is noted': { call: 'rename', at: wallet, when: 'after' },
    };
    for (const [when, step] of Object.entries(exporting)) {
      test(`which is exported, ${when}`, async () => {
        const at = fresh();
        await printed('wallet', 'create', ...password, ...at);
        const copy = join(elsewhere, `saved-${store}.json`);
        await killed(step, 'wallet', 'export', copy, ...password, ...at);
        // There is a whole copy or none.
        if (!existsSync(copy)) await printed('wallet', 'export', copy, ...password, ...at);
        await printed('wallet', 'import', copy, ...password, ...fresh());
        await printed('wallet', 'export', `${copy}.second`, ...password, ...at);
      });
    }
  });

  describe('that adds a rule', () => {
    const file = 'trust.local.json';
    for (const [when, step] of Object.entries({
      'before it writes it': { call: 'open', at: file },
      'in the middle of writing it': { call: 'open', at: file, when: 'half' },
      'before it has its name': { call: 'rename', at: file },
      'when it has its name': { call: 'rename', at: file, when: 'after' },
    } as const)) {
      test(when, async () => {
        const pattern = `registry.example.com/more-${when.replaceAll(' ', '-')}/*`;
        const args = ['trust', 'add', '--publisher', `0x${'7'.repeat(40)}`, '--for', pattern, '--yes'];
        const old = readFileSync(rules, 'utf8');
        await killed(step, ...args);
        const now = readFileSync(rules, 'utf8');
        assert.ok(now === old || now.includes(pattern));
        await run(...args);
        assert.equal(readFileSync(rules, 'utf8').split(`"${pattern}"`).length, 2);
        assert.equal((await run('verify', `${repository}:base`)).code, 0);
      });
    }
  });

  describe('that handles a request', () => {
    const request = (label: string): string => join(folder, `${label}.daochain-request.json`);
    const halves: Readonly<Record<string, Step>> = {
      'before it writes it': { call: 'open', at: 'daochain-request' },
      'in the middle of writing it': { call: 'open', at: 'daochain-request', when: 'half' },
    };
    for (const [when, step] of Object.entries(halves)) {
      test(`which is new, ${when}`, async () => {
        const [name, file] = [await newName(), request(`new-${names}`)];
        await killed(step, 'request', 'create', name, '-o', file);
        await printed('request', 'create', name, '-o', file);
        await printed('request', 'show', file);
      });
      test(`which is signed in its place, ${when}`, async () => {
        const [name, file] = [await newName(), request(`signed-${names}`)];
        await printed('request', 'create', name, '-o', file);
        await killed(step, 'request', 'sign', file, '-o', file, ...sending);
        await printed('request', 'show', file);
        await printed('request', 'sign', file, '-o', file, ...sending);
        await printed('request', 'send', file, '--mine', ...sending);
        assert.deepEqual(await entriesOf(name), ['publish']);
      });
    }
    for (const when of few) {
      test(`which it sends, ${when}`, async () => {
        const [name, file] = [await newName(), request(`sent-${names}`)];
        await printed('request', 'create', name, '-o', file);
        await printed('request', 'sign', file, '-o', file, ...sending);
        await killed(steps[when] ?? assert.fail(), 'request', 'send', file, '--no-wait', ...sending);
        await run('request', 'send', file, '--no-wait', ...sending);
        await printed('node', 'mine');
        assert.deepEqual(pending(), []);
        assert.deepEqual(await entriesOf(name), ['publish']);
        assert.equal((await run('verify', name)).code, 0);
      });
    }
  });

  describe('that mines', () => {
    for (const [when, step] of Object.entries({
      'as soon as the node is to mine for it': { call: 'send', at: '"mine"', when: 'after' },
      'when a block has come': { call: 'send', at: 'Mining: block', when: 'after' },
      'before it gives that back': { call: 'send', at: 'Mined up to' },
    } as const)) {
      test(when, async () => {
        await killed(step, 'node', 'mine', '--blocks', '2', '-v');
        await waitFor('nobody mines', async () => !(await isMining()));
        await printed('node', 'mine', '--blocks', '1');
      });
    }
  });

  describe('that writes', () => {
    it('takes away what kills have left, once it is old', async () => {
      for (const name of ['histories', 'table']) mkdirSync(join(ledgerFolder(), name), { recursive: true });
      // One of each kind, beside what the kills have left.
      const places = ['pending/0xab.json', 'turns/a.json', 'wallet.json', 'trust.local.json', 'signed/a.json'];
      for (const place of places) writeFileSync(join(data, `${place}.0123456789abcdef.draft`), '{');
      for (const place of ['histories/ab.json', 'final.json', 'table/state.json'])
        writeFileSync(join(ledgerFolder(), `${place}.0123456789abcdef.draft`), '{');
      const old = new Date(Date.now() - 2 * 24 * 60 * 60 * 1_000);
      const orphan = join(ledgerFolder(), 'table', '000007-01234567.bin');
      writeFileSync(orphan, 'rows');
      utimesSync(orphan, old, old);
      const young = join(data, 'pending', '0xcd.json.0123456789abcdef.draft');
      for (const path of drafts()) utimesSync(path, old, old);
      writeFileSync(young, '{');
      const address = v.parse(
        v.object({ address: v.string() }),
        JSON.parse(await printed('wallet', 'balance', '--json')),
      );
      await signed(await newName());
      await printed('verify', `${repository}:base`);
      await run('verify', await newName('registry.example.com/else/web'));
      await printed('wallet', 'export', join(folder, 'last.json'), ...password);
      const pattern = 'registry.example.com/last/*';
      await printed('trust', 'add', '--publisher', address.address, '--for', pattern, '--yes');
      // What was put aside stays, and its drafts until something is put aside again.
      const left = drafts().filter((path) => !path.includes('/aside/'));
      assert.deepEqual(left, [young]);
      assert.ok(!existsSync(orphan));
      rmSync(young);
    });
  });
});
