import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerKey } from '../../src/core/ledger/types';
import { startMergedChain, type MergedChain } from '../testbed/mergedChain';
import { testSigner } from '../testbed/product';
import { testNodeKey } from '../testbed/nodeKey';
import { temporaryFolder } from '../testbed/program';
import { run, type Ended } from './daochain';

interface Shown {
  readonly ledger: string;
  readonly hubs: readonly string[];
}

describe('networks of several machines in a terminal', () => {
  const folder = temporaryFolder().path;
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const hub = `enode://${testNodeKey(7)}@10.1.0.1:30303`;
  let link = '';
  let ledger = '';

  async function done(args: readonly string[], data: string): Promise<Ended> {
    const ended = await run([...args, '--data', data]);
    assert.equal(ended.code, 0, `${args.join(' ')}\n${ended.stderr}`);
    return ended;
  }

  it('are created with what decides verdicts told, and start nothing', async () => {
    const { stdout } = await done(['network', 'create', 'Acme', '--dataset', 'small', '--confirmations', '12'], first);
    assert.match(stdout, /No witnesses: what is 12 blocks deep counts as final, by depth only/);
    assert.match(stdout, /Listens to nobody/);
    assert.match((await done(['network', 'list'], first)).stdout, /^development \(home\)\nAcme\n/);
    assert.equal((await run(['node', 'status', '--network', 'Acme', '--data', first])).code, 1);
  });

  it('are shared once somebody could join by the link', async () => {
    const refused = await run(['network', 'share', 'Acme', '--data', first]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Nobody could join: the network has no hub/);
    await done(['network', 'add-hub', hub, 'Acme'], first);
    link = (await done(['network', 'share', 'Acme'], first)).stdout.trim();
    assert.match(link, /^vscode:\/\/daochain\.daochain\/network\?v=1&d=[\w-]+$/);
  });

  it('are joined by who has seen all of them, and changes nothing before', async () => {
    const unasked = await run(['network', 'join', link, '--data', second]);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /Use --yes/);
    assert.ok(!existsSync(join(second, 'networks')));
    const { stdout, stderr } = await done(['network', 'join', link, '--yes', '--json'], second);
    const joined = JSON.parse(stdout) as { readonly ledger: string; readonly admission: string };
    ledger = joined.ledger;
    for (const shown of ['Network: Acme', `Ledger: ${ledger}`, hub, 'Nobody is trusted because of it'])
      assert.ok(stderr.includes(shown), `${shown}\n${stderr}`);
    assert.match(joined.admission, /^vscode:\/\/daochain\.daochain\/admit\?/);
    const { stdout: shown } = await done(['network', 'show', '--network', 'Acme', '--json'], second);
    assert.equal((JSON.parse(shown) as Shown).ledger, ledger);
    // Home is what it was.
    assert.match((await done(['network', 'list'], second)).stdout, /^development \(home\)/);
  });

  it('are joined by a file as by the link, and only once', async () => {
    const file = join(folder, 'acme.json');
    await done(['network', 'share', 'Acme', '--file', file], first);
    const again = await run(['network', 'join', file, '--yes', '--data', second]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /You follow this network already/);
    const profile = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...profile, confirmations: 1 }));
    const third = join(folder, 'third');
    const lying = await run(['network', 'join', file, '--yes', '--data', third]);
    assert.equal(lying.code, 1);
    assert.match(lying.stderr, /refused/);
    assert.ok(!existsSync(join(third, 'networks')));
  });

  it('are refused by a link in which a letter is wrong, with the reason', async () => {
    const wrong = `${link.slice(0, -10)}${link.at(-10) === 'A' ? 'B' : 'A'}${link.slice(-9)}`;
    const { code, stderr } = await run(['network', 'join', wrong, '--yes', '--data', join(folder, 'third')]);
    assert.equal(code, 2);
    assert.match(stderr, /some of it is missing or mistyped/);
  });

  it('admit nobody where this machine is no hub', async () => {
    const { stdout } = await done(['network', 'join', link, '--yes', '--json'], join(folder, 'fourth'));
    const { admission } = JSON.parse(stdout) as { readonly admission: string };
    const { code, stderr } = await run(['network', 'admit', admission, '--yes', '--data', first]);
    assert.equal(code, 1);
    assert.match(stderr, /This machine is no hub of Acme/);
  });

  it('are home, renamed and left, and nothing of them is deleted', async () => {
    await done(['network', 'home', 'Acme'], second);
    assert.match((await done(['network', 'show'], second)).stdout, /The ledger of a team/);
    await done(['network', 'rename', 'Acme', 'Acme 2'], second);
    assert.match((await done(['network', 'list'], second)).stdout, /Acme 2 \(home\)/);
    const { stdout } = await done(['network', 'leave', 'Acme 2', '--yes', '--json'], second);
    const { folder: left } = JSON.parse(stdout) as { readonly folder: string };
    const kept = JSON.parse(readFileSync(join(left, 'network.json'), 'utf8')) as Shown;
    assert.deepEqual(kept.hubs, [hub]);
    assert.match((await done(['network', 'list'], second)).stdout, /^development \(home\)\n$/);
    const unknown = await run(['network', 'show', '--network', 'Acme 2', '--data', second]);
    assert.equal(unknown.code, 1);
  });

  it('are left by their chain ID where their files are damaged, which a list tells as it exits', async () => {
    const data = join(folder, 'sixth');
    await done(['network', 'join', link, '--yes'], data);
    const [chainId = ''] = ledger.split(':');
    const file = join(data, 'networks', chainId, 'network.json');
    writeFileSync(file, 'damaged');
    const listed = await run(['network', 'list', '--json', '--data', data]);
    assert.equal(listed.code, 1);
    assert.deepEqual((JSON.parse(listed.stdout) as { readonly damaged: unknown }).damaged, [{ chainId, file }]);
    const text = await run(['network', 'list', '--data', data]);
    assert.equal(text.code, 1);
    assert.ok(text.stderr.includes(chainId), text.stderr);
    const { stdout } = await done(['network', 'leave', chainId, '--yes', '--json'], data);
    const { folder: left } = JSON.parse(stdout) as { readonly folder: string };
    assert.equal(readFileSync(join(left, 'network.json'), 'utf8'), 'damaged');
    await done(['network', 'list'], data);
  });

  it('name a hub no longer that was removed', async () => {
    const more = `enode://${testNodeKey(8)}@10.1.0.2:30303`;
    await done(['network', 'add-hub', more, 'Acme'], first);
    await done(['network', 'remove-hub', testNodeKey(8), 'Acme'], first);
    const { stdout } = await done(['network', 'list', '--json'], first);
    assert.deepEqual((JSON.parse(stdout) as { readonly networks: readonly Shown[] }).networks[0]?.hubs, [hub]);
  });

  it('are not named twice, by --network and by --endpoint', async () => {
    const { code, stderr } = await run(['network', 'show', '--network', 'Acme', '--endpoint', '/x', '--data', first]);
    assert.equal(code, 2);
    assert.match(stderr, /name one network each/);
  });

  it('make every command say so where nobody can know which one is home', async () => {
    const file = join(first, 'networks.json');
    writeFileSync(file, '{"version":1,"home":12}');
    for (const args of [
      ['network', 'show'],
      ['node', 'start'],
      ['node', 'stop'],
    ]) {
      const { code, stderr } = await run([...args, '--data', first]);
      assert.equal(code, 1, args.join(' '));
      assert.ok(stderr.includes(file), stderr);
    }
    await done(['network', 'home', 'development'], first);
    await done(['node', 'stop'], first);
  });

  it('speak Chinese', async () => {
    const { stderr } = await run([
      'network',
      'join',
      link,
      '--yes',
      '--lang',
      'zh-cn',
      '--data',
      join(folder, 'fifth'),
    ]);
    assert.match(stderr, /网络：Acme/);
  });
});

describe('a ledger of another chain in a terminal', () => {
  const data = join(temporaryFolder().path, 'data');
  let chain: MergedChain;
  let ledger = '';

  before(async () => {
    chain = await startMergedChain(await testSigner());
    await chain.deploy();
    await chain.finalize();
    ledger = ledgerKey(chain.ledger);
  });
  after(() => chain.node.dispose());

  const use = (...more: readonly string[]): Promise<Ended> =>
    run(['network', 'use', ledger, '--name', 'Sepolia', '--data', data, ...more]);

  it('is followed by who has seen what was found there, and changes nothing before', async () => {
    const unasked = await use('--endpoint', chain.node.ipcPath);
    assert.equal(unasked.code, 2);
    for (const shown of [
      ledger,
      `Read at: ${chain.node.ipcPath}`,
      'your own node',
      'what the chain itself calls final',
    ])
      assert.ok(unasked.stderr.includes(shown), `${shown}\n${unasked.stderr}`);
    assert.ok(!existsSync(join(data, 'networks')));
    const { code, stdout } = await use('--endpoint', chain.node.ipcPath, '--yes', '--json');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { name: 'Sepolia', ledger, assurance: 'ownNode', finality: 'tag' });
    assert.match(
      (await run(['network', 'list', '--data', data])).stdout,
      /^development \(home\)\nSepolia\n {2}Ledger: /,
    );
  });

  it('is not home, and nothing is done on it', async () => {
    for (const args of [
      ['network', 'home', 'Sepolia'],
      ['network', 'share', 'Sepolia'],
      ['network', 'show', '--network', 'Sepolia'],
    ]) {
      const { code, stderr } = await run([...args, '--data', data]);
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, /Sepolia is a ledger of another chain: it is read here, and nothing is signed on it/);
    }
  });

  it('is refused, and its endpoint never shown, where nothing answers there or it is none', async () => {
    const secret = 'hunter2';
    for (const [endpoint, exit, reason] of [
      [`http://me:${secret}@127.0.0.1:1/v3/${secret}?key=${secret}`, 1, /does not answer/],
      [`ftp://me:${secret}@127.0.0.1`, 2, /An endpoint is the path of a socket or a web address/],
    ] as const) {
      const { code, stdout, stderr } = await use('--endpoint', endpoint, '--yes', '--verbose');
      assert.equal(code, exit, stderr);
      assert.match(stderr, reason);
      assert.ok(!`${stdout}${stderr}`.includes(secret), stderr);
    }
    const elsewhere = `${ledger.slice(0, -4)}0000`;
    const { code, stderr } = await run([
      ...['network', 'use', elsewhere, '--endpoint', chain.node.ipcPath, '--yes', '--data', data],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /no release that this version knows is deployed at its address/);
  });

  it('is renamed and left, and everything of it kept', async () => {
    assert.equal((await run(['network', 'rename', 'Sepolia', 'Test', '--data', data])).code, 0);
    const left = await run(['network', 'leave', 'Test', '--yes', '--json', '--data', data]);
    assert.equal(left.code, 0, left.stderr);
    const { folder } = JSON.parse(left.stdout) as { readonly folder: string };
    assert.match(readFileSync(join(folder, 'ledger.json'), 'utf8'), /Test/);
    assert.equal((await run(['network', 'list', '--data', data])).stdout.trim(), 'development (home)');
  });
});
