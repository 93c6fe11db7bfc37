import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { temporaryFolder } from '../testbed/program';
import { passwordFile, run, runOnTerminal } from './daochain';

const password = 'correct horse';
const addressPattern = /^0x[0-9a-fA-F]{40}$/;

describe('the wallet on the command line', () => {
  const folder = temporaryFolder().path;
  const right = passwordFile(folder, password);
  const wrong = passwordFile(folder, 'battery staple');
  const data = (name: string): readonly string[] => ['--data', join(folder, name)];
  const first = data('first');
  const walletFile = join(folder, 'first', 'wallet.json');
  const exported = join(folder, 'exported.json');
  let address = '';

  it('is made, encrypted, in a file that nobody else can read', async () => {
    const { code, stdout, stderr } = await run(['wallet', 'create', '--password-file', right, ...first]);
    assert.equal(code, 0);
    address = stdout.trim();
    assert.match(address, addressPattern);
    assert.match(stderr, /wallet export/);
    assert.equal(statSync(walletFile).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'first')).mode & 0o777, 0o700);
    assert.doesNotMatch(readFileSync(walletFile, 'utf8'), new RegExp(password));
  });

  it('is never made twice', async () => {
    const before = readFileSync(walletFile, 'utf8');
    for (const args of [['create'], ['import', exported]]) {
      const { code, stderr } = await run(['wallet', ...args, '--password-file', right, ...first]);
      assert.equal(code, 1);
      assert.match(stderr, /There is a wallet already/);
    }
    assert.equal(readFileSync(walletFile, 'utf8'), before);
  });

  it('is made by one of two that start at the same moment, and stays the one that was told', async () => {
    const both = await Promise.all(
      [1, 2].map(() => run(['wallet', 'create', '--password-file', right, ...data('raced')])),
    );
    const [winner, ...more] = both.filter(({ code }) => code === 0);
    assert.ok(winner !== undefined && more.length === 0, JSON.stringify(both));
    const { stdout } = await run([
      'wallet',
      'export',
      join(folder, 'raced.json'),
      '--json',
      '--password-file',
      right,
      ...data('raced'),
    ]);
    assert.equal((JSON.parse(stdout) as { address: string }).address, winner.stdout.trim());
  });

  it('is not exported with a wrong password', async () => {
    const { code, stderr } = await run(['wallet', 'export', exported, '--password-file', wrong, ...first]);
    assert.equal(code, 1);
    assert.match(stderr, /The password is wrong/);
    assert.ok(!existsSync(exported));
  });

  it('is exported, but over nothing', async () => {
    assert.equal((await run(['wallet', 'export', exported, '--password-file', right, ...first])).code, 0);
    assert.equal(statSync(exported).mode & 0o777, 0o600);
    const before = readFileSync(exported, 'utf8');
    const again = await run(['wallet', 'export', exported, '--password-file', right, ...first]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /not overwritten/);
    assert.equal(readFileSync(exported, 'utf8'), before);
  });

  it('is imported from what was exported, and is the same', async () => {
    const { code, stdout } = await run([
      'wallet',
      'import',
      exported,
      '--json',
      '--password-file',
      right,
      ...data('second'),
    ]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { address });
  });

  it('is imported from what the editor exports', async () => {
    const key = await new EthersWalletKeys({ scryptN: 1024 }).create();
    const file = join(folder, 'editor.json');
    writeFileSync(file, await key.encrypt(password));
    const { code, stdout } = await run(['wallet', 'import', file, '--password-file', right, ...data('editor')]);
    assert.equal(code, 0);
    assert.equal(stdout.trim().toLowerCase(), key.address);
  });

  it('is not imported with a wrong password or from what is no wallet', async () => {
    const args = ['--password-file', wrong, ...data('none')];
    const mistaken = await run(['wallet', 'import', exported, ...args]);
    assert.equal(mistaken.code, 1);
    assert.match(mistaken.stderr, /The password is wrong/);
    const alien = await run(['wallet', 'import', 'package.json', ...args]);
    assert.equal(alien.code, 1);
    assert.match(alien.stderr, /not an encrypted wallet/);
    assert.equal((await run(['wallet', 'import', '/none', ...args])).code, 2);
    assert.ok(!existsSync(join(folder, 'none', 'wallet.json')));
  });

  it('asks a person for the password, twice for a new one, and shows neither', async () => {
    const { code, screen } = await runOnTerminal(
      ['wallet', 'create', ...data('asked')],
      [
        [/New password/, `${password}\r`],
        [/Type it again/, `${password}\r`],
      ],
    );
    assert.equal(code, 0, screen);
    assert.doesNotMatch(screen, new RegExp(password));
    assert.ok(existsSync(join(folder, 'asked', 'wallet.json')));
  });

  it('makes none of two passwords that differ, and none when the person leaves', async () => {
    const differing = await runOnTerminal(
      ['wallet', 'create', ...data('other')],
      [
        [/New password/, `${password}\r`],
        [/Type it again/, `${password}!\r`],
      ],
    );
    assert.equal(differing.code, 1);
    const left = await runOnTerminal(['wallet', 'create', ...data('other')], [[/New password/, '\u0003']]);
    assert.equal(left.code, 130);
    assert.ok(!existsSync(join(folder, 'other', 'wallet.json')));
  });

  it('takes no password from anywhere else', async () => {
    const env = { DAOCHAIN_PASSWORD: password };
    const piped = await run(['wallet', 'create', ...data('piped')], { input: `${password}\n`, env });
    assert.equal(piped.code, 2);
    assert.match(piped.stderr, /--password-file/);
    const flagged = await run(['wallet', 'create', '--password', password, ...data('piped')]);
    assert.equal(flagged.code, 2);
    const short = await run(['wallet', 'create', '--password-file', passwordFile(folder, 'short'), ...data('piped')]);
    assert.equal(short.code, 2);
    assert.ok(!existsSync(join(folder, 'piped', 'wallet.json')));
  });

  it('warns of a file that others can read', async () => {
    chmodSync(walletFile, 0o644);
    const { stderr } = await run(['wallet', 'balance', ...first]);
    chmodSync(walletFile, 0o600);
    assert.match(stderr, /Others can read .*wallet\.json/);
  });

  it('says where it cannot be kept', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    // For the superuser no folder is closed.
    const nobody = 65534;
    const uid = process.getuid?.() === 0 ? nobody : undefined;
    chmodSync(folder, 0o755);
    const readable = passwordFile(folder, password);
    if (uid !== undefined) chownSync(readable, uid, uid);
    const args = ['wallet', 'create', '--password-file', readable, '--data', closed];
    const { code, stderr } = await run(args, uid === undefined ? {} : { uid });
    assert.equal(code, 1);
    assert.match(stderr, /The wallet cannot be kept in .*closed\/wallet\.json/);
    chmodSync(closed, 0o755);
    rmSync(closed, { recursive: true });
  });

  it('is told to be missing, and how to make one', async () => {
    for (const args of [
      ['wallet', 'balance'],
      ['wallet', 'export', join(folder, 'no.json')],
      ['node', 'mine'],
    ]) {
      const { code, stderr } = await run([...args, ...data('nothing')]);
      assert.equal(code, 1);
      assert.match(stderr, /daochain wallet create/);
    }
  });

  it('stands in the way of nothing when its file is damaged', async () => {
    mkdirSync(join(folder, 'damaged'));
    writeFileSync(join(folder, 'damaged', 'wallet.json'), '{"daochain.wallet": 1}', { mode: 0o600 });
    const verified = await run(['verify', 'a:1', ...data('damaged')], { env: { DOCKER_HOST: 'unix:///nowhere' } });
    assert.equal(verified.code, 13);
    assert.match(verified.stderr, /not an encrypted wallet/);
    assert.equal((await run(['wallet', 'balance', ...data('damaged')])).code, 1);
  });
});
