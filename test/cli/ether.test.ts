import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as v from 'valibot';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { checksumAddress } from '../../src/core/checksumAddress';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { expecting, passwordFile, run as runAnywhere, runOnTerminal } from './daochain';

const password = 'correct horse';
const wei = v.pipe(
  v.string(),
  v.regex(/^-?\d+$/),
  v.transform((digits) => BigInt(digits)),
);
const historySchema = v.object({
  address: v.string(),
  block: v.number(),
  balance: wei,
  isComplete: v.boolean(),
  totals: v.object({
    ...{ start: wei, mined: wei, received: wei, sent: wei, fees: wei, other: wei },
    minedBlocks: v.number(),
  }),
  movements: v.array(
    v.object({
      kind: v.string(),
      value: wei,
      fee: wei,
      peer: v.optional(v.string()),
      transaction: v.optional(v.string()),
    }),
  ),
});
const requestSchema = v.object({ uri: v.string(), link: v.string(), wei: v.optional(v.string()) });
const sentSchema = v.object({ to: v.string(), wei, state: v.string(), transaction: v.string() });

describe('ether on the command line', () => {
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const right = passwordFile(folder, password);
  const sending = ['--yes', '--mine', '--password-file', right];
  const run = (...args: readonly string[]) => runAnywhere([...args, '--data', data]);
  const { printed, failed } = expecting(run);
  let own = '';
  let colleague = '';
  const history = async () => v.parse(historySchema, JSON.parse(await printed('wallet', 'history', '--json')));

  before(async () => {
    useShallowNetwork(join(data, 'node'));
    own = await printed('wallet', 'create', '--password-file', right);
    colleague = checksumAddress((await new EthersWalletKeys({ scryptN: 2 }).create()).address);
    await printed('node', 'start', '--background');
    await printed('node', 'mine', '--blocks', '2');
  });
  after(() => run('node', 'stop'));

  it('is asked for by a request for every wallet, and by a link for an editor', async () => {
    const {
      uri,
      link,
      wei: asked,
    } = v.parse(requestSchema, JSON.parse(await printed('wallet', 'request', '1.25', '--json')));
    assert.match(uri, new RegExp(`^ethereum:${own}@\\d+\\?value=1250000000000000000$`));
    assert.match(
      link,
      new RegExp(`^vscode://daochain\\.daochain/pay\\?to=${own}&chain=\\d+&value=1250000000000000000$`),
    );
    assert.equal(asked, '1250000000000000000');
    assert.match(await printed('wallet', 'request', '--qr'), /^ethereum:0x\w+@\d+\nvscode:[^\n]+\n[^]*[▀▄█]/);
    await failed(1, /not an amount/, 'wallet', 'request', '1,25');
  });

  it('is sent to a wallet, and is in the history to the last wei', async () => {
    const sent = v.parse(
      sentSchema,
      JSON.parse(await printed('wallet', 'send', colleague, '0.5', '--json', ...sending)),
    );
    assert.equal(sent.wei, 5n * 10n ** 17n);
    assert.equal(sent.state, 'final');
    const { address, balance, isComplete, totals, movements } = await history();
    assert.equal(address, own);
    assert.ok(isComplete);
    const { start, mined, received, other, sent: out, fees } = totals;
    assert.equal(start + mined + received + other - out - fees, balance);
    const rewards = 2n * 10n ** 18n * BigInt(totals.minedBlocks);
    // It gets the tips of its own transactions back.
    assert.ok(mined >= rewards && mined <= rewards + fees);
    const [movement] = movements;
    assert.equal(movement?.peer, colleague.toLowerCase());
    assert.equal(movement.transaction, sent.transaction);
    const text = await printed('wallet', 'history');
    assert.match(text, /Earned by mining: \d/);
    assert.match(text, new RegExp(`sent 0\\.5 ETH to ${colleague}, fee 0\\.0\\d+ ETH \\(\\d[\\d.]* g?wei\\)`));
  });

  it('is paid by a request, which is shown whole before the plan', async () => {
    const chain = /@(\d+)/.exec(await printed('wallet', 'request'))?.[1] ?? '';
    const uri = `ethereum:${colleague}@${chain}?value=2.5e17`;
    const { code, screen } = await runOnTerminal(
      ['wallet', 'pay', uri, '--mine', '--password-file', right, '--data', data],
      [[/Sign this\?/, 'y\r']],
    );
    assert.equal(code, 0, screen);
    for (const shown of [
      `To: ${colleague}`,
      'Amount: 0.25 ETH, exactly 250000000000000000 wei',
      `chain ${chain}`,
      `Send 0.25 ETH to ${colleague}`,
      'Balance afterwards:',
      'Costs 0.0',
    ])
      assert.ok(screen.includes(shown), `${shown}\n${screen}`);
    assert.equal((await history()).totals.sent, 75n * 10n ** 16n);
  });

  it('is not paid on another chain, in another amount, by a name or to a misspelt address', async () => {
    const before = (await history()).totals.sent;
    const chain = /@(\d+)/.exec(await printed('wallet', 'request'))?.[1] ?? '';
    const pay = (code: number, why: RegExp, ...args: readonly string[]) =>
      failed(code, why, 'wallet', 'pay', ...args, ...sending);
    await pay(2, /for chain 1, and this machine sends on chain \d+/, `ethereum:${colleague}@1?value=1`);
    await pay(2, /names another amount/, `ethereum:${colleague}@${chain}?value=1`, '1');
    await pay(2, /names no amount/, `ethereum:${colleague}@${chain}`);
    await pay(2, /is a name/, `ethereum:vitalik.eth@${chain}?value=1`);
    await pay(2, /calls a contract/, `ethereum:${colleague}@${chain}/transfer?value=1`);
    const swapped = colleague.replace(/[a-fA-F]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    await pay(2, /wrong digit|letter in the wrong case/, `ethereum:${swapped}@${chain}?value=1`);
    await failed(1, /typing error/, 'wallet', 'send', swapped, '1', ...sending);
    assert.equal((await history()).totals.sent, before);
  });

  it('is not sent to an address that imitates a known one unless a person says so', async () => {
    const fake = `0x${colleague.slice(2, 6)}${'0'.repeat(31)}1${colleague.slice(-4)}`.toLowerCase();
    await failed(2, /begins and ends like/, 'wallet', 'send', fake, '0.1', ...sending);
    const { code, screen } = await runOnTerminal(
      ['wallet', 'send', fake, '0.1', '--password-file', right, '--data', data],
      [[/Sign this\?/, 'n\r']],
    );
    assert.notEqual(code, 0);
    assert.ok(screen.includes(colleague), screen);
  });

  it('is mined where the balance does not pay for it, and refused without', async () => {
    await failed(
      1,
      /more|needed|lacks|balance/i,
      'wallet',
      'send',
      colleague,
      '100000',
      '--yes',
      '--password-file',
      right,
    );
    const { balance } = await history();
    const more = (balance + 10n ** 18n).toString().padStart(19, '0');
    const amount = `${more.slice(0, -18)}.${more.slice(-18)}`;
    const sent = v.parse(
      sentSchema,
      JSON.parse(await printed('wallet', 'send', colleague, amount, '--json', ...sending)),
    );
    assert.equal(sent.wei, BigInt(more));
  });
});
