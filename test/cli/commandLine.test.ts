import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { commands } from '../../src/cli/commands';
import { temporaryFolder } from '../testbed/program';
import { run, runOnTerminal, start } from './daochain';

const names = commands.map(({ name }) => name);
/** Ends at once: nothing listens there, and nothing else is looked for. */
const nowhere = ['--data', join(temporaryFolder().path, 'none')];
const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

describe('the command line', () => {
  it('says what there is, and says it on the error output when nothing was asked', async () => {
    const asked = await run(['--help']);
    assert.equal(asked.code, 0);
    for (const name of names) assert.ok(asked.stdout.includes(`  ${name} `), name);
    const silent = await run([]);
    assert.equal(silent.code, 2);
    assert.equal(silent.stdout, '');
    assert.equal(silent.stderr, asked.stdout);
    const group = await run(['node']);
    assert.equal(group.code, 2);
    assert.match(group.stderr, /node mine/);
    assert.doesNotMatch(group.stderr, /verify/);
  });

  it('has its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const { code, stdout } = await run(['--version']);
    assert.equal(code, 0);
    assert.equal(stdout, `${version}\n`);
  });

  for (const name of names) {
    it(`explains ${name} in both languages`, async () => {
      const [english, chinese] = await Promise.all([
        run([...name.split(' '), '--help']),
        run([...name.split(' '), '--help', '--lang', 'zh-cn']),
      ]);
      assert.equal(english.code, 0);
      assert.match(english.stdout, new RegExp(`^Usage: daochain ${name}`));
      assert.match(english.stdout, /--data DIR/);
      assert.equal(chinese.code, 0);
      for (const line of chinese.stdout.split('\n').filter(Boolean)) assert.match(line, /\p{Script=Han}/u);
    });
  }

  const misuses: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown command', ['prove'], /no command "prove"/],
    ['an unknown part of a group', ['node', 'halt'], /no command "node halt"/],
    ['an unknown option', ['verify', 'a:1', '--depth', 'x'], /no option --depth/],
    ['an option that every object has', ['verify', 'a:1', '--constructor'], /no option --constructor/],
    ['a missing value', ['verify', 'a:1', '--platform'], /--platform needs a value/],
    ['an option in place of a value', ['verify', 'a:1', '--rules', '--json'], /--rules needs a value/],
    ['a value where none belongs', ['verify', 'a:1', '--json=yes'], /--json takes no value/],
    ['no image', ['verify'], /missing: REF…/],
    ['one image too many', ['history', 'a:1', 'b:1'], /Unexpected argument: b:1/],
    ['what is no image', ['verify', 'a:1', 'B c'], /"B c" is not an image name/],
    ['letters that no image name has', ['verify', 'ngin\u0445'], /U\+0445\. Did you mean docker\.io\/library\/nginx\?/],
    ['an endpoint of another kind', ['verify', 'a:1', '--endpoint', 'ftp://x'], /path of a socket or a web address/],
    ['a reason that there is not', ['revoke', 'a:1', '--reason', 'why'], /--reason takes one of: compromised/],
    ['a number of blocks that is none', ['node', 'mine', '--blocks', '-1'], /--blocks/],
    ['a build argument without a value', ['check', '-', '--build-arg', 'NONE'], /--build-arg takes NAME=VALUE/],
    ['a file that is not there', ['check', '/none/Dockerfile'], /\/none\/Dockerfile cannot be read/],
    [
      'pushing to where the name does not say, with nobody to ask',
      ['push', 'dangle:1'],
      /goes to docker\.io, as docker\.io\/library\/dangle:1\.[^]*There is no terminal to confirm where to push/,
    ],
    ['signing with nobody to ask', ['sign', 'a:1'], /wallet/],
  ];
  for (const [what, args, message] of misuses) {
    it(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await run([...args, ...(args[0] === 'prove' ? [] : nowhere)]);
      assert.match(stderr, message);
      assert.equal(code, what === 'signing with nobody to ask' ? 1 : 2);
      assert.equal(stdout, '');
    });
  }

  it('shows what a stranger wrote without letting it act on the terminal', async () => {
    const { code, stderr } = await run(['verify', 'a\u001b[31m:\u202e1', ...nowhere]);
    assert.equal(code, 2);
    assert.match(stderr, /a\\u\{1b\}\[31m:\\u\{202e\}1/);
    assert.doesNotMatch(stderr, /[\u001b\u202e]/);
  });

  describe('without a node', () => {
    it('answers that it does not know, and how to start one', async () => {
      const { code, stdout, stderr } = await run(['verify', 'a:1', 'b:1', ...nowhere], { env: noEngine });
      assert.equal(code, 13);
      assert.match(stdout, /^a:1: Cannot be checked\n/);
      assert.match(stdout, /^b:1: Cannot be checked$/m);
      assert.match(stderr, /daochain node start/);
      assert.ok(!existsSync(nowhere[1] ?? ''), 'a question leaves no trace');
    });

    it('says so to a script', async () => {
      const { code, stdout } = await run(['verify', 'a:1', '--json', ...nowhere], { env: noEngine });
      assert.equal(code, 13);
      const { images } = v.parse(
        v.object({
          images: v.array(v.looseObject({ text: v.string(), name: v.string(), verdict: v.looseObject({}) })),
        }),
        JSON.parse(stdout),
      );
      assert.equal(images.length, 1);
      assert.equal(images[0]?.text, 'a:1');
      assert.equal(images[0].name, 'docker.io/library/a:1');
      assert.equal(images[0].verdict['kind'], 'unknown');
      assert.equal(images[0].verdict['missing'], 'ledger');
    });

    it('says that no node runs', async () => {
      assert.equal((await run(['node', 'status', ...nowhere])).code, 1);
      const { code, stdout } = await run(['node', 'status', '--json', ...nowhere]);
      assert.equal(code, 1);
      assert.deepEqual(JSON.parse(stdout), { state: 'stopped' });
      assert.equal((await run(['node', 'stop', ...nowhere])).code, 0);
      assert.equal((await run(['network', 'show', ...nowhere])).code, 1);
    });

    it('knows nothing of an endpoint that does not answer', async () => {
      for (const endpoint of ['/none/geth.ipc', 'http://127.0.0.1:1']) {
        const { code } = await run(['verify', 'a:1', '--endpoint', endpoint, ...nowhere], { env: noEngine });
        assert.equal(code, 13, endpoint);
      }
    });

    it('has no history to tell', async () => {
      assert.equal((await run(['history', 'a:1', ...nowhere], { env: noEngine })).code, 13);
    });
  });

  describe('the language', () => {
    const label = async (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> =>
      (await run(['verify', 'a:1', ...args, ...nowhere], { env: { ...noEngine, ...env } })).stdout;

    it('is that of the locale unless asked for', async () => {
      assert.match(await label({ LANG: 'zh_CN.UTF-8' }), /无法确认/);
      assert.match(await label({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C.UTF-8' }), /Cannot be checked/);
      assert.match(await label({ LANG: 'en_US.UTF-8' }, '--lang', 'zh-cn'), /无法确认/);
      assert.match(await label({ LANG: 'zh_CN.UTF-8' }, '--lang=en'), /Cannot be checked/);
    });

    it('is that of errors as well', async () => {
      const { stderr } = await run(['verify', '--bad', '--lang', 'zh-cn']);
      assert.match(stderr, /\p{Script=Han}.*--bad/u);
    });
  });

  describe('trust rules', () => {
    const folder = temporaryFolder().path;
    const file = join(folder, 'rules.json');
    const verify = (args: readonly string[] = ['--rules', file]) =>
      run(['verify', 'a:1', '--data', folder, ...args], { env: noEngine });
    const rule = {
      ledger: `1:0x${'1'.repeat(64)}:0x${'2'.repeat(40)}`,
      repositories: 'docker.io/library/*',
      publishers: [`0x${'3'.repeat(40)}`],
    };
    const broken: readonly (readonly [string, string, RegExp])[] = [
      ['no JSON', '[', /not a JSON list/],
      ['no list', '{}', /not a JSON list/],
      [
        'a pattern for every registry',
        JSON.stringify([rule, { ...rule, repositories: '**' }]),
        /covers every registry/,
      ],
      [
        'a field that there is not',
        JSON.stringify([{ ...rule, mode: 'strict' }]),
        /missing, unknown or of the wrong type: mode/,
      ],
      ['no publisher', JSON.stringify([{ ...rule, publishers: [] }]), /names no publisher/],
    ];
    for (const [what, text, message] of broken) {
      it(`are refused with ${what}`, async () => {
        writeFileSync(file, text);
        const { code, stdout, stderr } = await verify();
        assert.equal(code, 2);
        assert.equal(stdout, '');
        assert.match(stderr, message);
      });
    }

    it('are those of the data folder unless named, where broken ones are refused too', async () => {
      writeFileSync(join(folder, 'trust.json'), '[{}]');
      assert.equal((await verify([])).code, 2);
      writeFileSync(file, JSON.stringify([rule]));
      assert.equal((await verify()).code, 13);
    });

    it('must be there where they were named', async () => {
      assert.equal((await verify(['--rules', join(folder, 'none.json')])).code, 2);
    });

    it('are never those of the folder that is worked in', async () => {
      const workspace = temporaryFolder().path;
      mkdirSync(join(workspace, 'data'));
      writeFileSync(join(workspace, 'trust.json'), '[{}]');
      const { code } = await run(['verify', 'a:1', '--data', 'data'], { env: noEngine, cwd: workspace });
      assert.equal(code, 13);
    });
  });

  it('keeps its exit code when nobody reads what it prints', async () => {
    const command = start(['verify', ...Array.from({ length: 200 }, (_, index) => `a:${index}`), ...nowhere], {
      env: noEngine,
    });
    command.process.stdout.destroy();
    const { code, stderr } = await command.ended;
    assert.equal(code, 13);
    assert.doesNotMatch(stderr, /EPIPE|Error/);
  });

  it('is coloured for a person only', async () => {
    const env = { ...noEngine };
    const colors = /\u001b\[\d+m/;
    assert.match((await runOnTerminal(['verify', 'a:1', ...nowhere], [], env)).screen, colors);
    assert.doesNotMatch(
      (await runOnTerminal(['verify', 'a:1', ...nowhere], [], { ...env, NO_COLOR: '1' })).screen,
      colors,
    );
    assert.doesNotMatch((await run(['verify', 'a:1', ...nowhere], { env })).stdout, colors);
  });
});
