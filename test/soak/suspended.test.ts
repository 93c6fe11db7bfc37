/** A machine that sleeps: everything stops for longer than anybody waits for an answer, and then goes on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { findNodes } from '../../src/adapters/geth/nodeProcesses';
import { defaultLimits } from '../../src/adapters/chain/rpcTransport';
import { expecting, kindsIn, passwordFile, run as runAnywhere, start, type Ended } from '../cli/daochain';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { signalProcess, temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';

const entrySchema = v.object({ pid: v.number() });

describe('a machine that was suspended while it signed', function () {
  this.timeout(400_000);
  const temporary = temporaryFolder();
  const data = join(temporary.path, 'data');
  const sending = ['--yes', '--mine', '--password-file', passwordFile(temporary.path, 'correct horse')];
  let engine: Engine;
  const run = (...args: readonly string[]): Promise<Ended> =>
    runAnywhere([...args, '--data', data], { env: { DOCKER_HOST: engine.host } });
  const { printed } = expecting(run);

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    useShallowNetwork(join(data, 'node'));
    const address = await printed('wallet', 'create', ...sending.slice(2));
    await printed('node', 'start', '--background');
    await printed('node', 'mine', '--blocks', '2');
    await printed('trust', 'add', '--publisher', address, '--yes', '--for', 'registry.example.com/shop/*');
  });
  after(async () => {
    await run('node', 'stop');
    await engine.dispose();
    temporary.remove();
  });

  for (const whom of ['all of it', 'only the node', 'only the command'] as const) {
    it(`goes on, and the signature is there once: ${whom} slept`, async () => {
      const name = `registry.example.com/shop/web:${whom.replaceAll(' ', '-')}`;
      await buildImage(engine.docker, name, { files: { name } });
      const { pid } = v.parse(entrySchema, JSON.parse(readFileSync(join(data, 'node/owner.json'), 'utf8')));
      const [node] = await findNodes(join(data, 'node'));
      const { process: command, ended } = start(['sign', name, ...sending, '--data', data], {
        env: { DOCKER_HOST: engine.host },
      });
      let said = '';
      command.stderr.on('data', (text: string) => (said += text));
      await waitFor('it is sent', () => /Mining|Waiting|block/i.test(said) || command.exitCode !== null, {
        timeoutMs: 60_000,
      });
      const sleepers = [
        ...(whom === 'only the command' ? [] : [node?.pid ?? 0]),
        ...(whom === 'all of it' ? [pid] : []),
        ...(whom === 'only the node' ? [] : [command.pid ?? 0]),
      ];
      for (const each of sleepers) signalProcess(each, 'SIGSTOP');
      await delay(defaultLimits.timeoutMs + 5_000);
      for (const each of sleepers.toReversed()) signalProcess(each, 'SIGCONT');
      const { code, stderr } = await ended;
      // It may have given up the waiting, and says so; what is signed is on its way.
      if (code !== 0) assert.match(stderr, /on its way|not answered|does not answer|again/i);
      await waitFor('the node answers', async () => (await run('node', 'status')).code === 0, { timeoutMs: 120_000 });
      if (code !== 0) await printed('node', 'mine');
      assert.deepEqual(kindsIn(await printed('history', name, '--json')), ['publish']);
      assert.equal((await run('verify', name)).code, 0);
      assert.equal((await findNodes(join(data, 'node'))).length, 1);
    });
  }
});
