import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { findNodes } from '../../src/adapters/geth/nodeProcesses';
import { largestLog } from '../../src/cli/logFile';
import { onProcessExit, signalProcess, temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { passwordFile, run as runAnywhere, start as startAnywhere, type Ended } from './daochain';

const entrySchema = v.object({ pid: v.number(), ipcPath: v.string() });

/** Whatever state node and folder are in, a person can end the one, save the wallet, and learn what to do. */
describe('daochain and a node in disorder', function () {
  this.timeout(180_000);
  const temporary = temporaryFolder();
  const data = join(temporary.path, 'data');
  const folder = join(data, 'node');
  const password = passwordFile(temporary.path, 'a password of some length');

  const run = (...args: readonly string[]): Promise<Ended> => runAnywhere([...args, '--data', data]);
  const start = (...args: readonly string[]) => startAnywhere([...args, '--data', data]);
  const ends = async (code: number, said: RegExp, ...args: readonly string[]): Promise<void> => {
    const ended = await run(...args);
    assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    assert.match(ended.stdout + ended.stderr, said);
  };
  const owner = (): v.InferOutput<typeof entrySchema> =>
    v.parse(entrySchema, JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')));
  const mines = async (): Promise<boolean> => (await run('node', 'status')).stdout.includes('and mining.');

  before(async () => {
    await ends(0, /0x/, 'wallet', 'create', '--password-file', password);
    await ends(0, /background/, 'node', 'start', '--background');
  });
  after(async () => {
    await run('node', 'stop');
    temporary.remove();
  });

  describe('with trust rules that are damaged', () => {
    const rules = join(data, 'trust.json');
    before(() => {
      writeFileSync(rules, '[{"level":');
    });
    after(() => {
      rmSync(rules);
    });

    it('does all that judges nothing, and refuses to judge', async () => {
      await ends(0, /is running/, 'node', 'status');
      await ends(0, /Chain ID/, 'network', 'show');
      await ends(0, / ETH/, 'wallet', 'balance');
      await ends(0, /exported/, 'wallet', 'export', join(temporary.path, 'saved'), '--password-file', password);
      await ends(2, /trust\.json/, 'verify', 'anything');
      await ends(0, /Mined/, 'node', 'mine', '--blocks', '1');
      await ends(0, /ended/, 'node', 'stop');
      await ends(0, /background/, 'node', 'start', '--background');
    });
  });

  describe('of which several commands want blocks', () => {
    it('mines for each as long as it wants, whatever another does', async () => {
      const [first, second] = [
        start('node', 'mine', '--blocks', '999999'),
        start('node', 'mine', '--blocks', '999999'),
      ];
      await waitFor('it mines', mines, { timeoutMs: 60_000 });
      await ends(0, /Mined/, 'node', 'mine', '--blocks', '1');
      first.process.kill('SIGINT');
      assert.equal((await first.ended).code, 130);
      assert.equal(await mines(), true);
      second.process.kill('SIGKILL');
      await assert.rejects(second.ended);
      await waitFor('it mines for nobody', async () => !(await mines()), { timeoutMs: 60_000 });
    });

    it('tells each of them when a person ends all mining', async () => {
      const commands = [start('node', 'mine', '--blocks', '999999'), start('node', 'mine', '--blocks', '999999')];
      await waitFor('it mines', mines, { timeoutMs: 60_000 });
      await ends(0, /no longer mines for anybody/, 'node', 'mine', '--stop');
      for (const command of commands) {
        const { code, stderr } = await command.ended;
        assert.equal(code, 1);
        assert.match(stderr, /stopped mining.*\n.*daochain node mine/);
      }
      assert.equal(await mines(), false);
    });

    it('tells each of them when it is stopped', async () => {
      const command = start('node', 'mine', '--blocks', '999999');
      await waitFor('it mines', mines, { timeoutMs: 60_000 });
      await ends(0, /ended/, 'node', 'stop');
      const { code, stderr } = await command.ended;
      assert.equal(code, 1);
      assert.match(stderr, /No node is running.*\n.*daochain node start/);
      await ends(0, /background/, 'node', 'start', '--background');
    });
  });

  it('keeps its log small, and the part before', async () => {
    const log = join(folder, 'daochain.log');
    writeFileSync(log, 'x'.repeat(largestLog + 1), { flag: 'a' });
    await waitFor('the log was cut', () => statSync(log).size < largestLog, { timeoutMs: 60_000 });
    assert.ok(statSync(`${log}.1`).size > largestLog);
    await ends(0, /Mined/, 'node', 'mine', '--blocks', '1');
    await waitFor('it is written on', () => readFileSync(log, 'utf8').includes('mined potential block'));
  });

  it('starts its node with new sockets when somebody has removed them', async () => {
    const { ipcPath, pid } = owner();
    rmSync(dirname(ipcPath), { recursive: true });
    await waitFor('it has new ones', () => owner().ipcPath !== ipcPath, { timeoutMs: 90_000 });
    assert.equal(owner().pid, pid);
    await waitFor('it answers', async () => (await run('node', 'status')).code === 0, { timeoutMs: 60_000 });
  });

  it('ends a node that hangs, and its process', async () => {
    const { pid } = owner();
    const [node] = await findNodes(folder);
    signalProcess(node?.pid ?? 0, 'SIGSTOP');
    await ends(0, /ended/, 'node', 'stop');
    assert.deepEqual(await findNodes(folder), []);
    await waitFor('the process has ended', () => !signalProcess(pid, 0));
    await ends(0, /No node is running/, 'node', 'stop');
  });

  it('ends a node that hangs together with its process, though both are unknown to its folder', async () => {
    await ends(0, /background/, 'node', 'start', '--background');
    const { pid, ipcPath } = owner();
    const [node] = await findNodes(folder);
    signalProcess(pid, 'SIGSTOP');
    signalProcess(node?.pid ?? 0, 'SIGSTOP');
    rmSync(join(folder, 'owner.json'));
    rmSync(dirname(ipcPath), { recursive: true });
    await ends(0, /ended/, 'node', 'stop');
    assert.deepEqual(await findNodes(folder), []);
    signalProcess(pid, 'SIGCONT');
    await waitFor('the process has ended', () => !signalProcess(pid, 0), { timeoutMs: 60_000 });
    assert.deepEqual(await findNodes(folder), []);
  });

  it('leaves no process that waits for a node which another one has started again', async () => {
    await ends(0, /background/, 'node', 'start', '--background');
    const first = owner().pid;
    const [node] = await findNodes(folder);
    signalProcess(node?.pid ?? 0, 'SIGKILL');
    // Its owner waits a second before it starts it again.
    await ends(0, /background/, 'node', 'start', '--background');
    const second = owner().pid;
    for (const pid of new Set([first, second].filter((each) => each !== owner().pid)))
      await waitFor('the other process has ended', () => !signalProcess(pid, 0), { timeoutMs: 60_000 });
    assert.equal((await findNodes(folder)).length, 1);
    await ends(0, /is running/, 'node', 'status');
    await ends(0, /ended/, 'node', 'stop');
    for (const pid of [first, second])
      await waitFor('none is left', () => !signalProcess(pid, 0), { timeoutMs: 60_000 });
  });

  it('advises what helps', async () => {
    await ends(1, /No node is running[^]*Next: daochain node start/, 'wallet', 'balance');
    const endpoint = ['--endpoint', join(temporary.path, 'none')];
    const elsewhere = await run('wallet', 'balance', ...endpoint);
    assert.equal(elsewhere.code, 1);
    assert.doesNotMatch(elsewhere.stderr, /Next/);
    const chosen = await run('node', 'start', '--geth', '/none/geth');
    assert.doesNotMatch(chosen.stderr, /Next/);
    const damaged = join(folder, 'daochain.log');
    rmSync(damaged);
    mkdirSync(damaged);
    await ends(1, /cannot use .*daochain\.log: something else is in its place/, 'node', 'start', '--background');
    rmSync(damaged, { recursive: true });
  });

  it('loses no chain whose network file is gone', async () => {
    const files = readdirSync(folder);
    const name = files.find((file) => file.startsWith('network-')) ?? '';
    const chain = files.find((file) => file.startsWith('chain-')) ?? '';
    const before = readFileSync(join(folder, name), 'utf8');
    rmSync(join(folder, name));
    await ends(0, /background/, 'node', 'start', '--background');
    assert.equal(readFileSync(join(folder, name), 'utf8'), before);
    const { stdout } = await run('wallet', 'balance');
    assert.doesNotMatch(stdout, /: 0 ETH/);
    await ends(0, /ended/, 'node', 'stop');
    rmSync(join(folder, name));
    rmSync(join(folder, chain, 'node', 'genesis.json'));
    await ends(1, /Which network the chain in .*Nothing was deleted/, 'node', 'start');
    writeFileSync(join(folder, name), before);
    await ends(0, /background/, 'node', 'start', '--background');
    assert.doesNotMatch((await run('wallet', 'balance')).stdout, /: 0 ETH/);
  });
});

/** A disk of its own, which only root can make. */
describe('daochain and a full disk', () => {
  const temporary = temporaryFolder();
  let forget: () => void;
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', temporary.path]);
  };
  before(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', temporary.path]);
    forget = onProcessExit(unmount);
  });
  after(() => {
    forget();
    unmount();
    temporary.remove();
  });

  it('is said by each command that starts a node or asks for it, with what to do', async () => {
    const data = join(temporary.path, 'data');
    for (const command of [['start'], ['start', '--background'], ['status']]) {
      const { code, stdout, stderr } = await runAnywhere(['node', ...command, '--data', data]);
      assert.equal(code, 1, command.join(' '));
      assert.match(
        stdout + stderr,
        /The disk is full: the node needs 64 MB free in \S+\/data\/node .* Free up space there/,
      );
    }
    const dockerfile = join(temporary.path, 'Dockerfile');
    writeFileSync(dockerfile, 'FROM alpine:3.20\n');
    for (const command of [
      ['verify', 'alpine:3.20'],
      ['check', dockerfile],
      ['why', 'alpine:3.20'],
    ]) {
      const { stdout, stderr } = await runAnywhere([...command, '--data', data]);
      assert.match(stdout + stderr, /The disk is full: the node needs 64 MB free/, command.join(' '));
      assert.doesNotMatch(
        stdout + stderr,
        /Start the node\.|No node is running|daochain node start/,
        command.join(' '),
      );
    }
    const { stdout } = await runAnywhere(['node', 'status', '--json', '--data', data]);
    assert.deepEqual(JSON.parse(stdout), { state: 'stopped', fault: 'diskFull' });
  });
});
