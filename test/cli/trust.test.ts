import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { walletPublisher } from '../../src/core/hex';
import { networkLedger } from '../../src/core/ledger/network';
import { ledgerKey } from '../../src/core/ledger/types';
import { trustLink } from '../../src/core/trust/trustLink';
import { createProduct } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { run, runOnTerminal, type Ended } from './daochain';

const wallet = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const organization = `0x${'ac'.repeat(32)}` as const;
const pattern = 'registry.example.com/acme/*';
const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

const listed = v.looseObject({
  rules: v.array(v.looseObject({ number: v.optional(v.number()), source: v.string(), repositories: v.string() })),
});

describe('trust rules in a terminal', () => {
  let data: string;
  let ledger: string;

  const trust = (...args: readonly string[]): Promise<Ended> =>
    run(['trust', ...args, '--data', data], { env: noEngine });
  const own = (): readonly unknown[] => {
    const file = join(data, 'trust.local.json');
    return existsSync(file) ? v.parse(v.array(v.unknown()), JSON.parse(readFileSync(file, 'utf8'))) : [];
  };
  const list = async (...args: readonly string[]): Promise<v.InferOutput<typeof listed>['rules']> => {
    const { code, stdout, stderr } = await trust('list', '--json', ...args);
    assert.equal(code, 0, stderr);
    return v.parse(listed, JSON.parse(stdout)).rules;
  };
  const linkTo = (repositories: string, at = ledger): string =>
    trustLink({ ledger: at, repositories, publishers: [walletPublisher(wallet)], threshold: 1, accept: 'publish' });

  beforeEach(async () => {
    data = join(temporaryFolder().path, 'data');
    mkdirSync(data);
    const product = createProduct({ engineHost: noEngine.DOCKER_HOST, folder: data });
    ledger = ledgerKey(networkLedger(await product.launcher.network()));
    await product.dispose();
  });

  it('are none at first', async () => {
    const { code, stdout, stderr } = await trust('list');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /You trust nobody yet/);
  });

  it('are added by id, listed and removed', async () => {
    const added = await trust(
      'add',
      '--publisher',
      wallet,
      '--publisher',
      organization,
      '--for',
      pattern,
      '--threshold',
      '2',
    );
    assert.equal(added.code, 0, added.stderr);
    const rule = {
      ...{ ledger, repositories: pattern, publishers: [walletPublisher(wallet), organization] },
      ...{ threshold: 2, accept: 'publish', level: 'warn' },
    };
    assert.deepEqual(own(), [rule]);
    assert.equal((await trust('add', '--publisher', wallet, '--for', 'b.example/*', '--accept', 'vouch')).code, 0);
    const shown = await trust('list');
    for (const text of [pattern, wallet, organization, '2 of them must agree', 'b.example/*', 'vouched'])
      assert.ok(shown.stdout.includes(text), shown.stdout);
    assert.deepEqual(
      (await list()).map(({ number, source, repositories }) => [number, source, repositories]),
      [
        [1, 'command', pattern],
        [2, 'command', 'b.example/*'],
      ],
    );
    assert.equal((await trust('remove', '1')).code, 0);
    assert.deepEqual(
      (await list()).map(({ repositories }) => repositories),
      ['b.example/*'],
    );
    for (const number of ['2', '0', '-1', 'x', '1e0'])
      assert.equal((await trust('remove', '--', number)).code, 2, number);
  });

  it('count beside those of the editor, which stay as they are', async () => {
    const editors = `${JSON.stringify([{ ledger, repositories: 'editor.example/*', publishers: [organization] }])}\n`;
    writeFileSync(join(data, 'trust.json'), editors);
    assert.equal((await trust('add', '--publisher', wallet, '--for', pattern)).code, 0);
    assert.equal(readFileSync(join(data, 'trust.json'), 'utf8'), editors);
    assert.deepEqual(
      (await list()).map(({ number, source, repositories }) => [number, source, repositories]),
      [
        [1, 'command', pattern],
        [undefined, 'editor', 'editor.example/*'],
      ],
    );
    assert.equal((await trust('remove', '2')).code, 2);
    // What is broken in either could be the rule that enforces.
    writeFileSync(join(data, 'trust.local.json'), '[{}]');
    assert.equal((await run(['verify', 'a:1', '--data', data], { env: noEngine })).code, 2);
    assert.equal((await trust('add', '--publisher', wallet, '--for', pattern)).code, 2);
    assert.equal(readFileSync(join(data, 'trust.local.json'), 'utf8'), '[{}]');
  });

  it('are kept in a file that is named, and nowhere else', async () => {
    const file = join(data, 'ci.json');
    assert.equal((await trust('add', '--publisher', wallet, '--for', pattern, '--rules', file)).code, 2);
    writeFileSync(file, '[]');
    assert.equal((await trust('add', '--publisher', wallet, '--for', pattern, '--rules', file)).code, 0);
    assert.deepEqual(own(), []);
    assert.equal((await list('--rules', file)).length, 1);
    assert.equal((await list()).length, 0);
  });

  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['nobody', ['--for', pattern], /--publisher/],
    ['about nothing', ['--publisher', wallet], /--for/],
    ['about every registry', ['--publisher', wallet, '--for', '**'], /covers every registry/],
    [
      'a misspelt address',
      ['--publisher', wallet.replace('aA', 'AA'), '--for', pattern],
      /This address contains a typing error/,
    ],
    ['what is no publisher', ['--publisher', '0x12', '--for', pattern], /"0x12" is not a publisher/],
    ['more than there are', ['--publisher', wallet, '--for', pattern, '--threshold', '2'], /threshold 2/],
    ['in another way', ['--publisher', wallet, '--for', pattern, '--accept', 'both'], /--accept takes publish\|vouch/],
    ['more strictly than can be', ['--publisher', wallet, '--for', pattern, '--level', 'enforce'], /can only warn/],
  ];
  for (const [what, args, reason] of refused) {
    it(`do not believe ${what}`, async () => {
      const { code, stderr } = await trust('add', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
      assert.deepEqual(own(), []);
    });
  }

  it('are made by a link, once a person has seen what it says', async () => {
    const unseen = await trust('add', linkTo(pattern));
    assert.equal(unseen.code, 2);
    assert.match(unseen.stderr, /Use --yes/);
    for (const answer of ['n', 'y']) {
      assert.deepEqual(own(), []);
      const { code, screen } = await runOnTerminal(
        ['trust', 'add', linkTo(pattern), '--data', data],
        [[/Trust them\?/, `${answer}\r`]],
      );
      for (const shown of [wallet, pattern, ...ledger.split(':')])
        assert.ok(screen.replace(/\s+/g, '').includes(shown.replace(/\s+/g, '')), screen);
      assert.equal(code, answer === 'y' ? 0 : 130, screen);
    }
    assert.equal(own().length, 1);
  });

  it('are not made by a link of another ledger, nor by one that is not as it should be', async () => {
    const elsewhere = ledger.replace(/^\d+/, '5');
    for (const [link, reason] of [
      [linkTo(pattern, elsewhere), /a ledger that is not followed here.* Join the network of that ledger/],
      [`${linkTo(pattern)}&level=warn`, /does not know, level/],
      [`${linkTo(pattern)}&accept=vouch`, /accept more than once/],
      [linkTo(pattern).replace('acme', 'ac%E2%80%AEme'), /characters/],
      [linkTo('**'), /covers every registry/],
      ['javascript:alert(1)', /not a trust link/],
      [linkTo(pattern) + 'a'.repeat(10_000), /longer/],
    ] as const) {
      const { code, stderr } = await trust('add', '--yes', link);
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
    }
    const both = await trust('add', '--yes', linkTo(pattern), '--for', 'b.example/*');
    assert.equal(both.code, 2);
    assert.deepEqual(own(), []);
    assert.equal((await trust('add', '--yes', linkTo(pattern))).code, 0);
    assert.equal(own().length, 1);
    // The same again is no second rule.
    assert.equal((await trust('add', '--yes', linkTo(pattern))).code, 0);
    assert.equal(own().length, 1);
  });

  describe('where the network of a team is followed too', () => {
    let there: string;
    beforeEach(async () => {
      const args = ['network', 'create', 'Acme', '--dataset', 'small', '--confirmations', '12', '--json'];
      const { code, stdout, stderr } = await run([...args, '--data', data]);
      assert.equal(code, 0, stderr);
      ({ ledger: there } = v.parse(v.looseObject({ ledger: v.string() }), JSON.parse(stdout)));
    });

    it('are made by a link of either ledger, and name the one that they are on', async () => {
      const [, chain = ''] = /^(\d+):/.exec(there) ?? [];
      for (const [at, named] of [
        [there, `The ledger of a team “Acme” (chain ${chain}, genesis`],
        [ledger, 'The development ledger of this machine (chain'],
      ] as const) {
        const { code, stdout, stderr } = await trust('add', '--yes', linkTo(pattern, at));
        assert.equal(code, 0, stderr);
        assert.ok(stdout.includes(named), stdout);
      }
      assert.deepEqual(
        own().map((rule) => (rule as { ledger: string }).ledger),
        [there, ledger],
      );
      const shown = (await trust('list')).stdout;
      for (const text of ['The ledger of a team “Acme”', 'The development ledger'])
        assert.ok(shown.includes(text), shown);
      assert.doesNotMatch(shown, /not followed/);
      // On a screen, before it is asked.
      const { screen } = await runOnTerminal(
        ['trust', 'add', linkTo('b.example/*', there), '--data', data],
        [[/Trust them\?/, 'n\r']],
      );
      assert.ok(screen.replace(/\s+/g, '').includes('Theledgerofateam“Acme”'), screen);
      assert.equal(own().length, 2);
      const left = await run(['network', 'leave', 'Acme', '--yes', '--data', data]);
      assert.equal(left.code, 0, left.stderr);
      const later = (await trust('list')).stdout;
      assert.ok(later.includes(`Ledger: ${there}\n  That ledger is not followed here`), later);
      assert.equal((await trust('add', '--yes', linkTo('c.example/*', there))).code, 2);
    });

    it('are typed and tried for the network that is named', async () => {
      const args = ['--publisher', wallet, '--for', pattern, '--network', 'Acme'];
      assert.equal((await trust('add', ...args)).code, 0);
      assert.equal((own()[0] as { ledger: string }).ledger, there);
      const tried = await trust('try', 'registry.example.com/acme/app:1', '--without', '1');
      assert.ok(tried.stdout.includes('The ledger of a team “Acme”'), tried.stdout + tried.stderr);
    });

    it('stand beside a history that names each ledger and tells which of them was not read', async () => {
      const { code, stdout } = await run(['history', 'a:1', '--data', data, '--json'], { env: noEngine });
      assert.equal(code, 13);
      const { ledgers } = v.parse(v.looseObject({ ledgers: v.array(v.looseObject({})) }), JSON.parse(stdout));
      assert.deepEqual(ledgers, [
        { network: 'development', ledger, unread: true },
        { network: 'Acme', ledger: there, unread: true },
      ]);
      const text = (await run(['history', 'a:1', '--data', data], { env: noEngine })).stdout;
      assert.match(text, /Ledger: The development ledger.*\n\nIt does not answer[^]*“Acme” .*\n\nIt does not answer/);
    });
  });

  it('are shared as a link that comes back as the same rule', async () => {
    const none = await trust('link', '--for', pattern);
    assert.equal(none.code, 1);
    const made = await trust('link', '--for', pattern, '--publisher', organization, '--accept', 'vouch');
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await trust('add', '--yes', made.stdout.trim())).code, 0);
    assert.deepEqual(own(), [
      { ledger, repositories: pattern, publishers: [organization], threshold: 1, accept: 'vouch', level: 'warn' },
    ]);
    const drawn = await trust('link', '--for', pattern, '--publisher', organization, '--qr');
    assert.match(drawn.stdout, /^vscode:\/\/[^\n]+\n(?:\x1b\[30;107m[█▀▄ ]+\x1b\[0m\n)+$/);
  });

  it('are tried without being stored, and say that an engine was not asked in vain', async () => {
    const tried = await trust('try', `registry.example.com/acme/app:1`, '--publisher', wallet, '--for', pattern);
    assert.equal(tried.code, 13, tried.stderr);
    for (const shown of ['With your rules as they are:', 'With this rule:', wallet, 'nothing was stored'])
      assert.ok(tried.stdout.includes(shown), tried.stdout);
    assert.deepEqual(own(), []);
    assert.equal((await trust('try', 'a:1', '--without', '1')).code, 2);
  });
});
