import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FolderFileStore } from '../../src/adapters/files/folderFileStore';
import { FolderPolicyFiles } from '../../src/adapters/files/folderPolicyFiles';
import { policyFileName } from '../../src/core/trust/policyFile';
import { Policies } from '../../src/services/trust/policies';
import { verdictSchema } from '../../src/protocol/verdictSchema';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { passwordFile, run as runAnywhere, type Ended } from './daochain';

const image = 'registry.example.com/shop/web:1.0';
const unsigned = 'registry.example.com/shop/other:1.0';

const reportSchema = v.object({
  policies: v.array(
    v.looseObject({ state: v.string(), folder: v.optional(v.string()), sha256: v.optional(v.string()) }),
  ),
  policiesIgnored: v.number(),
  images: v.array(v.object({ verdict: v.optional(verdictSchema) })),
  ignored: v.optional(v.number()),
  overruled: v.optional(v.number()),
});

describe('policy files in a terminal', () => {
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const shop = join(folder, 'shop');
  const file = join(shop, policyFileName);
  let engine: Engine;
  let rule: Readonly<Record<string, unknown>>;

  const run = (args: readonly string[], cwd = shop): Promise<Ended> =>
    runAnywhere([...args, '--data', data], { env: { DOCKER_HOST: engine.host }, cwd });
  const ask = async (
    args: readonly string[],
    cwd?: string,
  ): Promise<v.InferOutput<typeof reportSchema> & { readonly kinds: readonly unknown[]; readonly code: number }> => {
    const { code, stdout, stderr } = await run([...args, '--json'], cwd);
    const report = v.parse(reportSchema, JSON.parse(stdout), { message: stderr });
    return { ...report, code, kinds: report.images.map(({ verdict }) => verdict?.kind) };
  };
  const contentOf = (rules: readonly unknown[]): string => JSON.stringify({ version: 1, rules });
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  /** As the editor does, over the same data. */
  const policies = (): Policies =>
    new Policies({
      store: new FolderFileStore(data),
      files: new FolderPolicyFiles(),
      ...{ clock: Date.now, isReadable: () => true },
    });
  const accept = async (): Promise<void> => {
    const status = await policies().status(shop);
    await policies().accept(shop, status.file ?? assert.fail('no policy'));
  };

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    mkdirSync(join(shop, 'service'), { recursive: true });
    const password = passwordFile(folder, 'correct horse');
    await buildImage(engine.docker, image, { files: { motd: 'hello' } });
    await buildImage(engine.docker, unsigned, { files: { motd: 'nobody' } });
    assert.equal((await run(['wallet', 'create', '--password-file', password])).code, 0);
    useShallowNetwork(join(data, 'node'));
    assert.equal((await run(['node', 'start', '--background'])).code, 0);
    assert.equal((await run(['node', 'mine', '--blocks', '2'])).code, 0);
    const signed = await run(['sign', image, '--yes', '--password-file', password, '--mine']);
    assert.equal(signed.code, 0, signed.stderr);
    const json = async (...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await run([...args, '--json'])).stdout);
    const { ledger } = v.parse(v.object({ ledger: v.string() }), await json('network', 'show'));
    const { address } = v.parse(v.object({ address: v.string() }), await json('wallet', 'balance'));
    rule = { ledger, repositories: 'registry.example.com/shop/*', publishers: [address] };
    writeFileSync(join(shop, 'Dockerfile'), `FROM ${image}\n`);
    writeFileSync(
      join(shop, 'service', 'Dockerfile'),
      `FROM ${image}\n# daochain: ignore DC009\nFROM ${unsigned}\n# daochain: ignore DC009\nFROM ${unsigned} AS again\n`,
    );
  });
  after(async () => {
    await run(['node', 'stop']);
    await engine.dispose();
  });
  beforeEach(() => {
    writeFileSync(file, contentOf([rule]));
  });
  afterEach(() => policies().withdraw(shop));

  it('count for nothing before they were accepted, and that is said', async () => {
    const { kinds, code, policies: told, policiesIgnored } = await ask(['verify', image]);
    assert.deepEqual([kinds, code, policiesIgnored], [['untrusted'], 12, 1]);
    assert.deepEqual(told, [{ folder: shop, state: 'offered', fileSha256: sha256(contentOf([rule])) }]);
    for (const args of [
      ['verify', image],
      ['check', 'Dockerfile'],
    ])
      assert.match((await run(args)).stdout, /policy not accepted: ignored/);
  });

  it('count in their folder and below once they were accepted', async () => {
    await accept();
    const { kinds, code, policies: told, policiesIgnored } = await ask(['verify', image]);
    assert.deepEqual([kinds, code, policiesIgnored], [['verified'], 0, 0]);
    assert.deepEqual(
      told.map(({ state }) => state),
      ['accepted'],
    );
    assert.deepEqual((await ask(['verify', image], join(shop, 'service'))).kinds, ['verified']);
    assert.deepEqual((await ask(['verify', image], folder)).kinds, ['untrusted']);
    // Where the file is counts, not where the command runs.
    assert.deepEqual((await ask(['check', 'shop/Dockerfile'], folder)).kinds, ['verified']);
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\n`);
    const both = await ask(['check', 'Dockerfile', 'shop/Dockerfile'], folder);
    assert.deepEqual(both.kinds, ['untrusted', 'verified']);
  });

  it('stay in force as accepted when the file is swapped or gone, and another below does not hide them', async () => {
    writeFileSync(file, contentOf([{ ...rule, level: 'enforce' }]));
    await accept();
    writeFileSync(file, contentOf([rule]));
    const { images, policies: told, policiesIgnored } = await ask(['verify', image]);
    assert.equal(images[0]?.verdict?.coverage, 'enforce');
    assert.deepEqual([told[0]?.state, policiesIgnored], ['changed', 1]);
    assert.match((await run(['verify', image])).stdout, /not accepted since it changed: ignored/);
    rmSync(file);
    assert.equal((await ask(['verify', image])).images[0]?.verdict?.coverage, 'enforce');
    const below = join(shop, 'service', policyFileName);
    writeFileSync(below, contentOf([rule]));
    const { images: found, policiesIgnored: ignored } = await ask(['check', 'service/Dockerfile']);
    assert.deepEqual([found[0]?.verdict?.coverage, ignored], ['enforce', 1]);
    rmSync(below);
  });

  it('say which comments could not silence what they enforce', async () => {
    const free = await ask(['check', 'service/Dockerfile']);
    assert.deepEqual([free.ignored, free.overruled], [2, 0]);
    writeFileSync(file, contentOf([{ ...rule, level: 'enforce' }]));
    await accept();
    const enforced = await ask(['check', 'service/Dockerfile']);
    assert.deepEqual([enforced.ignored, enforced.overruled], [0, 2]);
    assert.match((await run(['check', 'service/Dockerfile'])).stdout, /Comments that cannot silence what they name: 2/);
  });

  it('are accepted by whoever names one, for one call, and by its content if they say so', async () => {
    const elsewhere = join(folder, 'ci.json');
    const text = contentOf([{ ...rule, level: 'warn' }]);
    writeFileSync(elsewhere, text);
    const named = ['verify', image, '--policy', elsewhere];
    const { kinds, policies: told, policiesIgnored } = await ask(named);
    assert.deepEqual([kinds, policiesIgnored], [['verified'], 0]);
    assert.deepEqual(told, [{ state: 'named', sha256: sha256(text) }]);
    assert.deepEqual((await ask([...named, '--policy-sha256', sha256(text).toUpperCase()])).kinds, ['verified']);
    assert.deepEqual((await ask(['check', 'Dockerfile', '--policy', elsewhere])).kinds, ['verified']);
    const { code, stdout, stderr } = await run([...named, '--policy-sha256', '0'.repeat(64)]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.ok(stderr.includes(sha256(text)), stderr);
    assert.deepEqual((await ask(['verify', image])).kinds, ['untrusted']);
  });

  it('are refused as a whole where one rule is not valid', async () => {
    const text = contentOf([rule, { ...rule, repositories: '**' }]);
    writeFileSync(file, text);
    const named = await run(['verify', image, '--policy', file]);
    assert.equal(named.code, 2);
    assert.match(named.stderr, /refused for its rule 2.*covers every registry/);
    const found = await ask(['verify', image]);
    assert.deepEqual([found.kinds, found.policies[0]?.state, found.policiesIgnored], [['untrusted'], 'refused', 1]);
    assert.match((await run(['verify', image])).stdout, /policy ignored\. The policy file is refused for its rule 2/);
    for (const args of [
      ['--policy', join(folder, 'none.json')],
      ['--policy-sha256', sha256(text)],
      ['--policy', file, '--policy-sha256', 'abc'],
    ])
      assert.equal((await run(['verify', image, ...args])).code, 2, args.join(' '));
  });

  it('let nothing be judged where what was accepted is damaged', async () => {
    await accept();
    const [name = ''] = await new FolderFileStore(data).list('policies');
    writeFileSync(join(data, 'policies', name), '{');
    const { code, stderr } = await run(['verify', image]);
    assert.equal(code, 2);
    assert.match(stderr, /cannot be read any more/);
  });
});
