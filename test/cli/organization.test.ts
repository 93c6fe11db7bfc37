import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { expecting, passwordFile, run as runAnywhere, runOnTerminal, type Ended } from './daochain';

const organizationSchema = v.object({
  id: v.string(),
  name: v.string(),
  admin: v.string(),
  pendingAdmin: v.optional(v.string()),
  signers: v.array(
    v.object({
      signer: v.string(),
      window: v.string(),
      scope: v.nullable(v.string()),
      slot: v.object({ notAfter: v.number(), voidFrom: v.number() }),
    }),
  ),
});
const contract = `0x${'c0'.repeat(20)}`;

describe('organizations in a terminal', () => {
  const folder = temporaryFolder().path;
  const right = passwordFile(folder, 'correct horse');
  const sending = ['--yes', '--mine', '--password-file', right];
  const admin = ['--data', join(folder, 'admin')];
  /** Another person, with a wallet of their own, who asks the admin's node. */
  let colleague: readonly string[];
  let address: Readonly<Record<'admin' | 'colleague', string>>;
  let id: string;

  const run = (...args: readonly string[]): Promise<Ended> => runAnywhere(args);
  const { printed, failed } = expecting(run);
  const show = async () =>
    v.parse(organizationSchema, JSON.parse(await printed('org', 'show', id, '--json', ...admin)));
  const windowOf = async (wallet: string): Promise<string | undefined> =>
    (await show()).signers.find(({ signer }) => signer === wallet.toLowerCase())?.window;

  before(async () => {
    useShallowNetwork(join(folder, 'admin', 'node'));
    await printed('node', 'start', '--background', ...admin);
    const { ipcPath } = v.parse(
      v.object({ ipcPath: v.string() }),
      JSON.parse(readFileSync(join(folder, 'admin/node/owner.json'), 'utf8')),
    );
    colleague = ['--data', join(folder, 'colleague'), '--endpoint', ipcPath];
    address = {
      admin: await printed('wallet', 'create', '--password-file', right, ...admin),
      colleague: await printed('wallet', 'create', '--password-file', right, ...colleague),
    };
  });
  after(() => run('node', 'stop', ...admin));

  it('are created when their creator has seen what it costs', async () => {
    assert.equal(await printed('org', 'list', ...admin), '');
    await failed(
      1,
      /Others would see this name as: Shop\\u\{202e\}/,
      'org',
      'create',
      'Shop\u202e',
      ...sending,
      ...admin,
    );
    await failed(1, /65 bytes/, 'org', 'create', 'x'.repeat(65), ...sending, ...admin);
    await failed(2, /--yes/, 'org', 'create', 'Shop', ...admin);
    await printed('node', 'mine', '--blocks', '2', ...admin);
    const { code, screen } = await runOnTerminal(['org', 'create', 'Shop', ...admin], [[/Sign this\?/, 'n\r']]);
    assert.equal(code, 130);
    assert.match(screen, /Create the organization "Shop"[^]*Costs [\d.]+ ETH .*at most/);
    assert.equal(await printed('org', 'list', ...admin), '');
    id = await printed('org', 'create', 'Shop', ...sending, ...admin);
    assert.match(id, /^0x[0-9a-f]{64}$/);
    assert.equal(await printed('org', 'list', ...admin), `Organization "Shop", ${id}: admin, no signer`);
    const { name, admin: told, signers } = await show();
    assert.deepEqual([name, told, signers], ['Shop', address.admin.toLowerCase(), []]);
  });

  it('are not found under another id, nor under no id at all', async () => {
    await failed(1, /no organization with the ID/, 'org', 'show', `0x${'ab'.repeat(32)}`, ...admin);
    for (const wrong of ['shop', address.admin, `${id}00`]) {
      await failed(2, /is not the ID of an organization/, 'org', 'show', wrong, ...admin);
    }
  });

  it('invite a wallet, which sees whether the invitation holds', async () => {
    const mistyped = '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    const ends = ['--ends', '2099-12-31'];
    await failed(1, /This address contains a typing error/, 'org', 'invite', id, mistyped, ...sending, ...admin);
    await failed(1, /0x and 40/, 'org', 'invite', id, '0x12', ...sending, ...admin);
    await failed(
      1,
      /end before it begins/,
      'org',
      'invite',
      id,
      address.colleague,
      '--ends',
      '2020-01-01',
      ...sending,
      ...admin,
    );
    await failed(
      2,
      /such as 2027-01-31/,
      'org',
      'invite',
      id,
      address.colleague,
      '--ends',
      '2027-02-30',
      ...sending,
      ...admin,
    );
    const link = await printed('org', 'invite', id, address.colleague, ...ends, ...sending, ...admin);
    assert.match(
      link,
      new RegExp(`^vscode://daochain\\.daochain/join\\?ledger=[0-9]+:0x[0-9a-f:x]+&organization=${id}$`),
    );
    const [signer] = (await show()).signers;
    assert.deepEqual([signer?.window, signer?.slot.notAfter], ['current', Date.parse('2099-12-31T23:59:59Z') / 1000]);
    const { code, stdout, stderr } = await run('org', 'accept', link, ...colleague);
    assert.deepEqual([code, stdout.trim()], [0, id]);
    assert.match(stderr, /Compare the ID[^]*--publisher 0x/);
    await failed(1, /not a signer of that publisher|may not sign/, 'org', 'accept', link, ...admin);
    const elsewhere = link.replace(/ledger=\d+/, 'ledger=1');
    await failed(2, /a ledger other than this machine/, 'org', 'accept', elsewhere, ...colleague);
    await failed(2, /not an invitation/, 'org', 'accept', 'https://example.com/join', ...colleague);
    assert.match(await printed('org', 'list', ...colleague), /may sign until 2099-12-31 23:59:59 UTC$/);
  });

  it('limit a signer to some repositories, and keep that until they say otherwise', async () => {
    const ends = ['--ends', '2099-12-31'];
    const invite = (...more: readonly string[]) =>
      printed('org', 'invite', id, address.colleague, ...ends, ...more, ...sending, ...admin);
    for (const wrong of ['', 'acme', 'ghcr.io/acme/**'])
      await failed(
        1,
        /A scope is a repository with its registry/,
        ...['org', 'invite', id, address.colleague, '--scope', wrong, ...sending, ...admin],
      );
    const link = await invite('--scope', 'ghcr.io/acme/web');
    assert.ok(link.endsWith('&scope=ghcr.io/acme/web'), link);
    assert.match(await printed('org', 'show', id, ...admin), /only for ghcr\.io\/acme\/web and what is below it$/m);
    assert.equal(await invite(), link);
    assert.equal((await show()).signers[0]?.scope, 'ghcr.io/acme/web');
    const { code, stderr } = await run('org', 'accept', link.replace('/web', '/'), ...colleague);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /only for ghcr\.io\/acme\/web and what is below it[^]*says otherwise/);
    // Whoever changes the scope alone is told that the end is gone.
    const unended = await run('org', 'invite', id, address.colleague, '--scope', 'ghcr.io/acme/', ...sending, ...admin);
    assert.equal(unended.code, 0, unended.stderr);
    assert.match(unended.stderr, /sign for it with no expiry only for what begins with ghcr\.io\/acme\//);
    assert.doesNotMatch(await invite('--scope', '*'), /scope/);
    assert.equal((await show()).signers[0]?.scope, '');
  });

  it('are changed by nobody but their admin', async () => {
    const yes = ['--yes', '--password-file', right];
    await failed(1, /not the admin/, 'org', 'invite', id, address.admin, ...yes, ...colleague);
    await failed(1, /not the admin/, 'org', 'retire', id, address.colleague, ...yes, ...colleague);
    await failed(
      1,
      /not the admin/,
      'org',
      'revoke-signer',
      id,
      address.colleague,
      '--since-block',
      '1',
      ...yes,
      ...colleague,
    );
    await failed(1, /not the admin/, 'org', 'transfer', id, address.colleague, ...yes, ...colleague);
    await failed(1, /not offered/, 'org', 'accept', id, ...yes, ...colleague);
  });

  it('retire a signer, and revoke it for ever', async () => {
    assert.equal(await printed('org', 'retire', id, address.colleague, ...sending, ...admin), address.colleague);
    assert.equal(await windowOf(address.colleague), 'retired');
    await failed(
      1,
      /not a signer of the organization now/,
      'org',
      'retire',
      id,
      address.colleague,
      ...sending,
      ...admin,
    );
    const revoke = ['org', 'revoke-signer', id, address.colleague];
    await failed(2, /either --since-block or --since-time/, ...revoke, ...sending, ...admin);
    await failed(2, /takes a number/, ...revoke, '--since-block', 'all', ...sending, ...admin);
    await failed(1, /between 1 and \d+/, ...revoke, '--since-block', '999999', ...sending, ...admin);
    const { code, stderr } = await run(...revoke, '--since-time', '2026-01-01T00:00Z', ...sending, ...admin);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /can never sign for the organization again[^]*Nothing that it has signed becomes void, since block \d+/,
    );
    assert.equal(await windowOf(address.colleague), 'revoked');
    await failed(1, /was revoked permanently/, 'org', 'invite', id, address.colleague, ...sending, ...admin);
    const [revoked] = (await show()).signers;
    const since = ['--since-block', String(revoked?.slot.voidFrom)];
    await failed(
      1,
      /already been revoked since block .*only an earlier block/,
      ...revoke,
      ...since,
      ...sending,
      ...admin,
    );
  });

  it('are offered to somebody else, which can be taken back', async () => {
    await failed(2, /either the new admin or --take-back/, 'org', 'transfer', id, ...sending, ...admin);
    await failed(1, /offered to nobody/, 'org', 'transfer', id, '--take-back', ...sending, ...admin);
    await printed('org', 'transfer', id, contract, ...sending, ...admin);
    assert.equal((await show()).pendingAdmin, contract);
    await printed('org', 'transfer', id, '--take-back', ...sending, ...admin);
    assert.equal((await show()).pendingAdmin, undefined);
  });

  it('are changed for a contract wallet by a file, without any wallet', async () => {
    await printed('org', 'transfer', id, contract, ...sending, ...admin);
    const file = join(folder, 'accept.json');
    const accept = ['org', 'accept', id, '--export', file];
    await failed(2, /go together/, ...accept, ...admin);
    await failed(1, /not offered/, ...accept, '--from', address.colleague, ...admin);
    const nobody = ['--data', join(folder, 'nobody'), ...colleague.slice(2)];
    const { code, stderr } = await run(...accept, '--from', contract, ...nobody);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Take over the admin role from 0x[^]*Nothing was sent/);
    const { chainId, transactions, meta } = v.parse(
      v.object({
        chainId: v.string(),
        meta: v.object({ description: v.string(), createdFromSafeAddress: v.string(), checksum: v.string() }),
        transactions: v.tuple([v.object({ to: v.string(), value: v.string(), data: v.string() })]),
      }),
      JSON.parse(readFileSync(file, 'utf8')),
    );
    const { ledger } = v.parse(
      v.object({ ledger: v.string() }),
      JSON.parse(await printed('network', 'show', '--json', ...admin)),
    );
    const [chain, , to] = ledger.split(':');
    assert.deepEqual(
      [chainId, transactions[0].to.toLowerCase(), transactions[0].value, transactions[0].data],
      [chain, to, '0', `0xa50b8994${id.slice(2)}`],
    );
    assert.equal(meta.createdFromSafeAddress.toLowerCase(), contract);
    assert.match(meta.description, /Shop/);
    await failed(2, /already exists/, ...accept, '--from', contract, ...admin);
    assert.equal((await show()).admin, address.admin.toLowerCase());
  });

  it('are not concerned where a wallet ends itself as a publisher of its own', async () => {
    assert.equal(await printed('wallet', 'end', ...sending, ...admin), address.admin);
    await failed(1, /may not sign for that publisher/, 'wallet', 'end', ...sending, ...admin);
    assert.match(await printed('org', 'list', ...admin), /: admin/);
  });

  it('speak Chinese', async () => {
    const { stderr } = await run('org', 'transfer', id, '--take-back', '--lang', 'zh-cn', ...sending, ...admin);
    assert.match(stderr, /收回向/);
  });
});
