import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { onProcessExit, temporaryFolder } from '../testbed/program';
import { expecting, kindsIn, passwordFile, run as runAnywhere, type Ended } from './daochain';

const year = 365 * 24 * 60 * 60;
const repository = 'registry.example.com/shop/web';

describe('daochain on a machine whose clock is wrong by a year', function () {
  this.timeout(240_000);
  const temporary = temporaryFolder();
  const data = join(temporary.path, 'data');
  const sending = ['--yes', '--mine', '--password-file', passwordFile(temporary.path, 'correct horse')];
  let engine: Engine;

  const at =
    (seconds: number) =>
    (...args: readonly string[]): Promise<Ended> =>
      runAnywhere([...args, '--data', data], {
        env: {
          DOCKER_HOST: engine.host,
          DAOCHAIN_CLOCK: seconds.toString(),
          NODE_OPTIONS: `--require ${join(import.meta.dirname, '../testbed/otherClock.cjs')}`,
        },
      });
  const run = at(0);
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

  for (const [which, seconds] of [
    ['ahead', year],
    ['behind', -year],
  ] as const) {
    it(`${which}: an image is signed once, and that is seen by who has the right time`, async () => {
      const name = `${repository}:${which}`;
      await buildImage(engine.docker, name, { files: { name } });
      const wrong = expecting(at(seconds));
      await wrong.printed('sign', name, ...sending);
      assert.deepEqual(kindsIn(await wrong.printed('history', name, '--json')), ['publish']);
      assert.equal((await run('verify', name)).code, 0);
    });
  }

  it('behind: says that the chain is ahead of the clock', async () => {
    const { stdout } = await at(-year)('history', `${repository}:behind`);
    assert.match(stdout, /days ahead of the clock here/);
  });
});

/** A disk of its own, which only root can make. */
describe('daochain and a data folder that may not be written', () => {
  const temporary = temporaryFolder();
  const data = join(temporary.path, 'data');
  let forget: () => void;
  const unmount = (): void => {
    execFileSync('umount', ['--lazy', temporary.path]);
  };
  before(async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', temporary.path]);
    forget = onProcessExit(unmount);
    const password = passwordFile(temporaryFolder().path, 'correct horse');
    assert.equal((await runAnywhere(['wallet', 'create', '--password-file', password, '--data', data])).code, 0);
    execFileSync('mount', ['-o', 'remount,ro', temporary.path]);
  });
  after(() => {
    forget();
    unmount();
    temporary.remove();
  });

  for (const args of [
    ['node', 'start'],
    ['node', 'start', '--background'],
    ['network', 'create', 'Acme', '--dataset', 'small'],
    ['network', 'home', 'development'],
  ]) {
    it(`says which file is in the way, and what to do: ${args.slice(0, 2).join(' ')} (${args.length.toString()})`, async () => {
      const { code, stdout, stderr } = await runAnywhere([...args, '--data', data]);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, new RegExp(`${data}\\S* ?.*(?:may not be written|cannot be made)`));
      assert.doesNotMatch(stdout + stderr, /unexpected|\.draft/);
    });
  }

  it('tells what can be told without writing', async () => {
    const { code, stdout, stderr } = await runAnywhere(['verify', 'docker.io/acme/app', '--data', data]);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /Cannot be checked[^]*Start the node[^]*Next: daochain node start/);
  });
});
