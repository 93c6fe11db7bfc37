import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { temporaryFolder } from '../testbed/program';
import { passwordFile, run as runAnywhere, type Ended } from './daochain';

/** Many commands of one wallet at once, as a build that pushes many images starts them. */
describe('commands that sign at once with one wallet', function () {
  this.timeout(240_000);
  const folder = temporaryFolder().path;
  const password = passwordFile(folder, 'correct horse');
  const sending = ['--yes', '--no-wait', '--password-file', password];
  const names = Array.from({ length: 10 }, (_, index) => `registry.example.com/shop/web:${index}`);
  let engine: Engine;
  let env: Readonly<Record<string, string>>;

  const run = (...args: readonly string[]): Promise<Ended> =>
    runAnywhere([...args, '--data', join(folder, 'data')], { env });
  async function succeed(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    env = { DOCKER_HOST: engine.host };
    for (const name of names) await buildImage(engine.docker, name, { files: { name } });
    await succeed('wallet', 'create', '--password-file', password);
    await succeed('node', 'start', '--background');
    await succeed('node', 'mine', '--blocks', '2');
  });
  after(async () => {
    await run('node', 'stop');
    await engine.dispose();
  });

  it('write everything that they were told to', async () => {
    const ended = await Promise.all(names.map((name) => run('sign', name, '--json', ...sending)));
    for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
    const schema = v.object({ transaction: v.string() });
    const sent = ended.map(({ stdout }) => v.parse(schema, JSON.parse(stdout)).transaction);
    assert.equal(new Set(sent).size, names.length);
    await succeed('node', 'mine');
    const historySchema = v.object({
      ledgers: v.tuple([v.object({ histories: v.tuple([v.object({ attestations: v.tuple([v.unknown()]) })]) })]),
    });
    for (const name of names) v.parse(historySchema, JSON.parse(await succeed('history', name, '--json')));
  });

  it('write one tag once, and pay for nothing that is not written', async () => {
    const [name = ''] = names;
    const balance = async (): Promise<bigint> =>
      BigInt(v.parse(v.object({ wei: v.string() }), JSON.parse(await succeed('wallet', 'balance', '--json'))).wei);
    const before = await balance();
    const ended = await Promise.all(Array.from({ length: 6 }, () => run('sign', name, '--again', ...sending)));
    assert.deepEqual(ended.map(({ code }) => code).sort(), [0, 1, 1, 1, 1, 1]);
    for (const { code, stderr } of ended) {
      if (code !== 0) assert.match(stderr, /already on its way/);
      assert.doesNotMatch(stderr, /Somebody else/);
    }
    assert.equal(await balance(), before, 'nothing was mined, so nothing was paid');
    await succeed('node', 'mine');
  });
});
