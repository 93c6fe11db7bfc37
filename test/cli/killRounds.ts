import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { findNodes } from '../../src/adapters/geth/nodeProcesses';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { signalProcess, temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { expecting, kindsIn, passwordFile, run as runAnywhere, start, type Ended } from './daochain';

/** Where a command is while it signs: as killAt.cjs takes it. */
const steps: readonly Readonly<Record<string, string | number>>[] = [
  { call: 'send', at: 'eth_call' },
  { call: 'link', at: String.raw`turns/[\w-]+\.json` },
  { call: 'link', at: String.raw`turns/[\w-]+\.json`, when: 'after' },
  { call: 'open', at: String.raw`pending/0x\w+\.json` },
  { call: 'open', at: String.raw`pending/0x\w+\.json`, when: 'half' },
  { call: 'rename', at: String.raw`pending/0x\w+\.json` },
  { call: 'rename', at: String.raw`pending/0x\w+\.json`, when: 'after' },
  { call: 'send', at: 'eth_sendRawTransaction' },
  { call: 'send', at: 'eth_sendRawTransaction', when: 'after' },
  { call: 'rename', at: String.raw`turns/[\w-]+\.json` },
  { call: 'send', at: 'eth_getTransactionReceipt', nth: 2, when: 'after' },
  { call: 'rm', at: String.raw`pending/0x\w+\.json ` },
];

/** `owner`: the process that runs the node, as the extension host does. */
const victims = ['command', 'node', 'owner', 'node and command', 'all'] as const;

const entrySchema = v.object({ pid: v.number() });
const tally = { written: 0, notYet: 0 };

/**
 * Signs again and again, and each time kills somebody at a step of it that a seed chooses. After each round the signature is
 * there once or not at all; after the same command once more it is there once. Nothing is double, no process is left, no
 * turn is taken, and nothing is on its way.
 */
export function killRounds(rounds: number, usualSeed: number): void {
  describe(`${rounds.toString()} signatures during which somebody is killed`, function () {
    this.timeout(rounds * 60_000);
    const seed = Number(process.env['DAOCHAIN_SEED'] ?? usualSeed);
    const next = random(seed);
    const folder = temporaryFolder().path;
    const data = join(folder, 'data');
    const nodeFolder = join(data, 'node');
    const sending = ['--yes', '--mine', '--password-file', passwordFile(folder, 'correct horse')];
    const repository = 'registry.example.com/shop/web';
    let engine: Engine;
    let image: string;

    const run = (...args: readonly string[]): Promise<Ended> =>
      runAnywhere([...args, '--data', data], { env: { DOCKER_HOST: engine.host } });
    const { printed } = expecting(run);
    const entriesOf = async (name: string): Promise<readonly string[]> => {
      return kindsIn(await printed('history', name, '--json'));
    };
    const below = (name: string): readonly string[] => {
      const path = join(data, name);
      return existsSync(path) ? readdirSync(path).filter((each) => each.endsWith('.json')) : [];
    };
    /** Whoever runs the node, and whatever runs for this folder beside it. */
    const owner = (): number =>
      v.parse(entrySchema, JSON.parse(readFileSync(join(nodeFolder, 'owner.json'), 'utf8'))).pid;
    const programs = (): readonly number[] =>
      readdirSync('/proc')
        .filter((pid) => /^\d+$/.test(pid))
        .map(Number)
        .filter((pid) => {
          try {
            const line = readFileSync(`/proc/${pid.toString()}/cmdline`, 'utf8');
            return pid !== process.pid && line.split('\0').includes(data);
          } catch {
            return false;
          }
        });
    const holderOf = (file: string): number =>
      v.parse(entrySchema, JSON.parse(readFileSync(join(data, 'turns', file), 'utf8'))).pid;
    const started = (): Promise<string> => printed('node', 'start', '--background');

    before(async () => {
      engine = await startEngine({ kind: 'debian' });
      image = await buildImage(engine.docker, `${repository}:base`, { files: { motd: 'hello' } });
      useShallowNetwork(nodeFolder);
      const address = await printed('wallet', 'create', ...sending.slice(2));
      await started();
      await printed('node', 'mine', '--blocks', '2');
      await printed('trust', 'add', '--publisher', address, '--yes', '--for', 'registry.example.com/shop/*');
    });
    after(async () => {
      await run('node', 'stop');
      await waitFor('no process is left', () => programs().length === 0, { timeoutMs: 60_000 });
      assert.deepEqual(await findNodes(nodeFolder), []);
      await engine.dispose();
      console.log(
        `      ${rounds.toString()} rounds, seed ${seed.toString()}: ${tally.written.toString()} written before the kill, ` +
          `${tally.notYet.toString()} by the command after it`,
      );
    });

    for (let round = 1; round <= rounds; round += 1) {
      const whom = victims[Math.floor(next() * victims.length)] ?? 'all';
      const step = steps[Math.floor(next() * steps.length)] ?? assert.fail();
      const where = `${String(step['when'] ?? 'before')} ${String(step['call'])} ${String(step['at'])}`;
      it(`round ${round.toString()} of seed ${seed.toString()}: ${whom}, ${where}`, async () => {
        const name = `${repository}:r${round.toString()}`;
        await engine.docker.getImage(image).tag({ repo: repository, tag: `r${round.toString()}` });
        const [node] = await waitFor(
          'the node runs',
          async () => {
            const found = await findNodes(nodeFolder);
            return found.length > 0 && found;
          },
          { timeoutMs: 60_000 },
        );
        const others = [
          ...(whom === 'node' || whom === 'node and command' || whom === 'all' ? [node?.pid ?? 0] : []),
          ...(whom === 'owner' || whom === 'all' ? [owner()] : []),
        ];
        const isSpared = whom === 'node' || whom === 'owner';
        const { process: command, ended } = start(['sign', name, '--data', data, ...sending], {
          env: {
            DOCKER_HOST: engine.host,
            NODE_OPTIONS: `--require ${join(import.meta.dirname, '../soak/killAt.cjs')}`,
            DAOCHAIN_KILL: JSON.stringify({ ...step, others, isSpared }),
          },
        });
        // Who is killed rejects long before anybody asks.
        ended.catch(() => undefined);
        let said = '';
        command.stderr.on('data', (text: string) => (said += text));
        await waitFor('somebody is killed', () => said.includes('KILLED HERE'), { timeoutMs: 120_000 });
        // One that lives on is left alone by its person a while, and then ended like any other.
        if (isSpared) {
          const stop = setTimeout(() => command.kill('SIGINT'), 20_000);
          await ended.catch(() => undefined);
          clearTimeout(stop);
        } else await assert.rejects(ended);
        for (const pid of others) await waitFor(`${pid.toString()} is gone`, () => !signalProcess(pid, 0));

        await started();
        await waitFor('the node answers', async () => (await run('history', name, '--json')).code === 0, {
          timeoutMs: 60_000,
        });
        const before = await entriesOf(name);
        assert.ok(before.length <= 1, `${name} was signed ${before.length.toString()} times`);
        if (before.length === 1) tally.written += 1;
        else tally.notYet += 1;

        const { code, stderr } = await run('sign', name, ...sending);
        if (code !== 0) assert.match(stderr, /already on its way/);
        await printed('node', 'mine');
        assert.deepEqual(await entriesOf(name), ['publish']);
        assert.deepEqual(below('pending'), []);
        // Who is killed leaves its turn, which is nobody's then.
        for (const file of below('turns')) assert.ok(!signalProcess(holderOf(file), 0), `${file} is still taken`);
        assert.equal((await findNodes(nodeFolder)).length, 1);
        // The owner, the node itself, and whoever was just asked and is about to end.
        await waitFor('no orphan is left', () => programs().length <= 1, { timeoutMs: 60_000 });
      });
    }
  });
}

/** The same numbers from 0 to 1 for the same seed. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
