import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { startRegistry, type Registry } from '../testbed/registry';
import { expecting, passwordFile, run as runAnywhere, runOnTerminal, type Ended } from './daochain';

const sentSchema = v.object({
  state: v.string(),
  images: v.array(v.looseObject({ name: v.string(), change: v.string(), origin: v.optional(v.string()) })),
});

describe('speaking for an organization and vouching in a terminal', () => {
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const right = passwordFile(folder, 'correct horse');
  const sending = ['--yes', '--mine', '--password-file', right];
  let engine: Engine;
  let registry: Registry;
  let env: Record<string, string>;
  let base: string;
  let wallet: string;
  let organization: string;

  const run = (...args: readonly string[]): Promise<Ended> => runAnywhere([...args, '--data', data], { env });
  const { printed, failed } = expecting(run);
  const sent = async (...args: readonly string[]) =>
    v.parse(sentSchema, JSON.parse(await printed(...args, '--json', ...sending)));
  async function believe(accept: 'publish' | 'vouch'): Promise<void> {
    const shown = v.parse(v.object({ ledger: v.string() }), JSON.parse(await printed('network', 'show', '--json')));
    const rule = { ...shown, repositories: `${registry.name}/upstream/base`, publishers: [organization], accept };
    writeFileSync(join(data, 'trust.json'), JSON.stringify([rule]));
  }

  before(async () => {
    [engine, registry] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry()]);
    env = { DOCKER_HOST: engine.host };
    base = `${registry.name}/upstream/base:12`;
    await buildImage(engine.docker, base, { files: { motd: 'one' } });
    wallet = await printed('wallet', 'create', '--password-file', right);
    useShallowNetwork(join(data, 'node'));
    await printed('node', 'start', '--background');
    await printed('node', 'mine', '--blocks', '2');
    organization = await printed('org', 'create', 'Shop', ...sending);
  });
  after(async () => {
    await run('node', 'stop');
    await Promise.all([engine.dispose(), registry.dispose()]);
  });

  it('is refused with the reason, before anything is read', async () => {
    await failed(1, /not a signer of that publisher/, 'vouch', base, '--publisher', organization, ...sending);
    await failed(1, /no organization with the ID/, 'sign', base, '--publisher', `0x${'5'.repeat(64)}`, ...sending);
    await failed(2, /64 hexadecimal digits/, 'sign', base, '--publisher', 'Shop', ...sending);
    env = { ...env, DAOCHAIN_PUBLISHER: 'Shop' };
    await failed(2, /\$DAOCHAIN_PUBLISHER takes the ID/, 'verify', base);
    env = { DOCKER_HOST: engine.host };
    await printed('org', 'invite', organization, wallet, ...sending);
    env = { ...env, DAOCHAIN_PUBLISHER: organization };
  });

  it('shows whole digest, origin and in whose name, and asks', async () => {
    const { code, screen } = await runOnTerminal(['vouch', base, '--data', data], [[/Sign this\?/, 'n\r']], env);
    assert.equal(code, 130);
    assert.match(screen, /config sha256:[0-9a-f]{64}/);
    assert.match(screen, /Built or loaded on this engine/);
    assert.match(screen, /Vouched for by Shop \(0x/);
    assert.doesNotMatch(screen, /Published/);
  });

  it('counts as a vouch, and not as published', async () => {
    const { images } = await sent('vouch', base);
    assert.deepEqual(
      images.map(({ change, origin }) => [change, origin]),
      [['first', 'built']],
    );
    await believe('publish');
    assert.equal((await run('verify', base)).code, 12);
    await believe('vouch');
    const verified = await run('verify', base);
    assert.equal(verified.code, 0);
    assert.match(verified.stdout, /Vouched for by/);
    assert.equal((await sent('vouch', base)).state, 'nothingToSign');
  });

  it('says what has changed since', async () => {
    await buildImage(engine.docker, base, { files: { motd: 'two' }, instructions: ['ENV A=1'] });
    const before = await run('verify', base);
    assert.equal(before.code, 10);
    assert.match(before.stdout, /vouched for other content under this tag/);
    const { code, stderr } = await run('vouch', base, ...sending);
    assert.equal(code, 0);
    assert.match(stderr, /Changed since you vouched for it: layers, Env\./);
    assert.equal((await run('verify', base)).code, 0);
  });

  it('is for what a registry has where it is asked to, by its manifest', async () => {
    await printed('push', base, '--no-complete');
    const { images } = await sent('vouch', base, '--from-registry');
    assert.deepEqual(
      images.map(({ change, origin }) => [change, origin]),
      [['completed', 'registry']],
    );
    await engine.docker.getImage(base).remove();
    assert.equal((await run('verify', base, '--private-host', registry.name)).code, 0);
  });

  it('is for nothing red but by a person who was told so', async () => {
    const { stderr } = await run('revoke', base, '--reason', 'compromised', ...sending);
    assert.match(stderr, /Turns red: linux\/amd64, sha256:/);
    assert.match(stderr, /Revoked by Shop \(0x/);
    assert.equal((await run('verify', base, '--private-host', registry.name)).code, 11);
    await failed(2, /Revoked[^]*must be confirmed in a terminal/, 'vouch', base, ...sending);
    const { code, screen } = await runOnTerminal(
      ['vouch', base, '--data', data],
      [
        [/Vouch for it anyway\?/, 'y\r'],
        [/Sign this\?/, 'n\r'],
      ],
      env,
    );
    assert.equal(code, 130);
    assert.match(screen, /makes it valid again/);
  });

  it('signs many, and names what cannot be signed', async () => {
    const names = ['a', 'b'].map((tag) => `${registry.name}/shop/web:${tag}`);
    for (const name of names) await buildImage(engine.docker, name, { files: { motd: name } });
    const gone = `${registry.name}/shop/web:gone`;
    await failed(1, /Not signed: .*:gone\. There is no local image/, 'sign', ...names, gone, ...sending);
    const { code, screen } = await runOnTerminal(
      ['sign', ...names, gone, '--no-wait', '--data', data],
      [
        [/Sign this\?/, 'y\r'],
        [/Password of the wallet/, 'correct horse\r'],
      ],
      env,
    );
    assert.equal(code, 0, screen);
    assert.match(screen, /Published by Shop/);
    await printed('node', 'mine');
    assert.equal((await sent('sign', ...names)).state, 'nothingToSign');
  });
});
