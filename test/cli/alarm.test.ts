import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { temporaryFolder } from '../testbed/program';
import { passwordFile, run as runAnywhere, type Ended } from './daochain';

const name = 'registry.example.com/shop/web:1.0';
const hash = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/));
const alarmSchema = v.object({
  contradiction: v.object({ remembered: v.object({ number: v.number(), hash }), found: hash, noticed: v.number() }),
  gone: v.array(v.object({ what: v.string() })),
});

describe('the command over a chain that was rewritten', function () {
  this.timeout(600_000);
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const sending = ['--yes', '--mine', '--password-file', passwordFile(folder, 'correct horse')];
  let engine: Engine;
  const run = (...args: readonly string[]): Promise<Ended> =>
    runAnywhere([...args, '--data', data], { env: { DOCKER_HOST: engine.host } });
  async function succeed(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }
  const chainFolder = (): string => {
    const found = readdirSync(join(data, 'node')).find((each) => each.startsWith('chain-'));
    assert.ok(found);
    return join(data, 'node', found);
  };
  const finalFile = (): string => {
    const ledgers = join(data, 'ledgers');
    const [ledger = ''] = readdirSync(ledgers);
    return readFileSync(join(ledgers, ledger, 'final.json'), 'utf8');
  };
  const putBack = async (copy: string): Promise<void> => {
    await succeed('node', 'stop');
    rmSync(chainFolder(), { recursive: true });
    cpSync(copy, join(data, 'node', copy.split('/').at(-1) ?? ''), { recursive: true });
    await succeed('node', 'start', '--background');
  };
  const save = async (label: string): Promise<string> => {
    await succeed('node', 'stop');
    const copy = join(folder, label, chainFolder().split('/').at(-1) ?? '');
    cpSync(chainFolder(), copy, { recursive: true });
    await succeed('node', 'start', '--background');
    return copy;
  };

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    await buildImage(engine.docker, name, { files: { motd: 'hello' } });
    await succeed('wallet', 'create', '--password-file', sending[3] ?? '');
    await succeed('node', 'start', '--background');
    await succeed('node', 'mine', '--blocks', '2');
    const { address } = v.parse(
      v.object({ address: v.string() }),
      JSON.parse(await succeed('wallet', 'balance', '--json')),
    );
    const pattern = 'registry.example.com/shop/*';
    await succeed('trust', 'add', '--publisher', address, '--for', pattern, '--yes');
    await succeed('sign', name, ...sending);
  });
  after(async () => {
    await run('node', 'stop');
    await engine.dispose();
  });

  it('judges nothing, says so, and lists what is gone until a person has settled it', async () => {
    await succeed('verify', name);
    const signed = await save('signed');
    // Nothing but the command that revokes has seen that this is final.
    await succeed('revoke', name, '--reason', 'compromised', ...sending);
    const revoked = await save('revoked');
    const word = finalFile();

    await putBack(signed);
    const early = await run('verify', name);
    assert.equal(early.code, 13, early.stdout);
    assert.equal((await run('alarm')).code, 0);
    await succeed('node', 'mine', '--blocks', '30');

    const { code, stdout, stderr } = await run('verify', name);
    assert.equal(code, 13, stdout);
    assert.match(stderr, /The chain was rewritten.*daochain alarm/);
    assert.doesNotMatch(stdout, /Verified/);
    assert.equal(finalFile(), word);
    const shown = await run('alarm');
    assert.equal(shown.code, 13);
    assert.match(shown.stdout, /a revocation of registry\.example\.com\/shop\/web:1\.0 by 0x/);
    const { contradiction, gone } = v.parse(alarmSchema, JSON.parse((await run('alarm', '--json')).stdout));
    assert.ok(gone.some(({ what }) => what === 'entry'));
    assert.equal((await run('alarm', '--settle', contradiction.remembered.hash)).code, 2);
    assert.equal((await run('verify', name)).code, 13);

    // The right chain is put back.
    await putBack(revoked);
    const back = await run('alarm', '--json');
    assert.equal(back.code, 13);
    const again = v.parse(alarmSchema, JSON.parse(back.stdout));
    assert.equal(again.contradiction.found, contradiction.remembered.hash);
    assert.deepEqual(again.gone, []);
    await succeed('alarm', '--settle', again.contradiction.found);
    const right = await run('verify', name);
    assert.equal(right.code, 11, right.stdout);

    // And then the other one is taken by a person.
    await putBack(signed);
    await succeed('node', 'mine', '--blocks', '30');
    assert.equal((await run('verify', name)).code, 13);
    const other = v.parse(alarmSchema, JSON.parse((await run('alarm', '--json')).stdout));
    await succeed('alarm', '--settle', other.contradiction.found);
    const taken = await run('verify', name);
    assert.equal(taken.code, 0, taken.stdout + taken.stderr);
    assert.doesNotMatch(taken.stderr, /rewritten/);
    assert.match((await run('alarm')).stdout, /There is no alarm/);
  });
});
