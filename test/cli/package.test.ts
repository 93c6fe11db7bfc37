import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { parse } from 'yaml';
import { runCommand } from '../../scripts/dev/components/command';
import { packageCli } from '../../scripts/dev/packageCli';
import { temporaryFolder } from '../testbed/program';
import { environment } from './daochain';

const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder().path;
const env = environment({ DOCKER_HOST: 'unix:///nowhere/docker.sock', DAOCHAIN_DATA: join(folder, 'data') });
const program = join(folder, 'bin', 'daochain');

describe('the package of the command', () => {
  before(async () => {
    const tarball = await packageCli(folder);
    const args = ['install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', folder, tarball];
    const { code, output } = await runCommand('npm', args, {
      cwd: folder,
      env: { ...env, npm_config_cache: join(folder, 'cache') },
    });
    assert.equal(code, 0, output);
  });

  it('runs where it was installed, without a network', async () => {
    const { version } = v.parse(
      v.object({ version: v.string() }),
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
    );
    assert.deepEqual(await runCommand(program, ['--version'], { env }), { code: 0, output: `${version}\n` });
    const verified = await runCommand(program, ['verify', 'a:1', '--lang', 'zh-cn'], { env });
    assert.equal(verified.code, 13);
    assert.match(verified.output, /无法确认/);
  });

  it('has all that its commands load later, and the pages that its reports link to', async () => {
    writeFileSync(join(folder, 'compose.yaml'), 'services:\n  web:\n    image: localhost:1/a:1\n');
    const args = ['check', 'compose.yaml', '--sarif', 'report.sarif', '--private-host', 'localhost'];
    const checked = await runCommand(program, args, { env, cwd: folder });
    assert.equal(checked.code, 13, checked.output);
    const report = readFileSync(join(folder, 'report.sarif'), 'utf8');
    const pages = [...report.matchAll(/"helpUri": "([^"]+)"/g)].map(([, page = '']) => fileURLToPath(page));
    assert.equal(pages.length, 13);
    for (const page of pages) assert.ok(existsSync(page), page);
    const wallet = join(folder, 'password');
    writeFileSync(wallet, 'correct horse\n', { mode: 0o600 });
    assert.equal((await runCommand(program, ['wallet', 'create', '--password-file', wallet], { env })).code, 0);
  });

  it('depends on nothing and installs nothing', () => {
    const installed = join(folder, 'lib', 'node_modules', 'daochain');
    const manifest = v.parse(
      v.record(v.string(), v.unknown()),
      JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')),
    );
    for (const key of ['dependencies', 'scripts', 'private', 'devDependencies']) assert.ok(!(key in manifest), key);
    for (const file of ['extension.js', 'server.js']) assert.ok(!existsSync(join(installed, 'dist', file)), file);
    const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)/g)];
    assert.ok(links.length > 3);
    for (const [, link = ''] of links) assert.ok(existsSync(join(installed, link)), link);
  });
});

/** What a CI system is told to run: scripts and the variables that they see. */
const stepSchema = v.object({ run: v.string(), shell: v.literal('bash'), env: v.record(v.string(), v.string()) });
const actionSchema = v.object({
  inputs: v.record(
    v.string(),
    v.object({ description: v.string(), default: v.optional(v.string()), required: v.optional(v.boolean()) }),
  ),
  runs: v.object({ using: v.literal('composite'), steps: v.tuple([stepSchema, stepSchema]) }),
});

describe('what CI systems are told to run', () => {
  const calls = join(folder, 'calls');
  const bin = temporaryFolder().path;
  /** Stands for the command, says how it was called and ends as the first word of CODES says. */
  const stub = (name: string): void => {
    const file = join(bin, name);
    writeFileSync(
      file,
      `#!/bin/bash\nprintf '%s\\n' "${name} $*" >> "$CALLS"\ncase $1 in verify) exit $VERIFY;; check) exit $CHECK;; esac\n`,
    );
    chmodSync(file, 0o755);
  };
  before(() => {
    stub('npm');
    stub('daochain');
  });

  async function act(inputs: Readonly<Record<string, string>>, codes = { CHECK: '0', VERIFY: '0' }) {
    writeFileSync(calls, '');
    const action = v.parse(actionSchema, parse(readFileSync(join(root, 'action.yml'), 'utf8')));
    let code = 0;
    for (const { run, env: variables } of action.runs.steps) {
      const values = Object.entries(variables).map(([name, value]) => {
        const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)?.[1] ?? assert.fail(value);
        return [name, inputs[input] ?? action.inputs[input]?.default ?? ''] as const;
      });
      const path = [bin, env['PATH'] ?? ''].join(delimiter);
      // As the runner of GitHub starts it.
      const step = await runCommand('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        env: { ...Object.fromEntries(values), ...codes, PATH: path, CALLS: calls },
      });
      code = step.code;
      if (code !== 0) break;
    }
    return { code, calls: readFileSync(calls, 'utf8').trimEnd().split('\n') };
  }

  it('is, on GitHub, the command with what was given', async () => {
    const all = await act({
      files: 'Dockerfile\ncompose.yaml\n',
      images: 'a:1\n\nb c:1',
      rules: 'r.json',
      endpoint: 'http://x',
      sarif: 's',
    });
    const common = '--rules r.json --endpoint http://x';
    assert.deepEqual(all, {
      code: 0,
      calls: [
        'npm install --global --ignore-scripts daochain@0.1.0',
        `daochain check ${common} --sarif s -- Dockerfile compose.yaml`,
        `daochain verify ${common} -- a:1 b c:1`,
      ],
    });
    const one = await act({ files: 'Dockerfile', rules: 'r.json', data: 'd', policy: 'p.json', 'policy-sha256': '0a' });
    assert.deepEqual(one.calls.slice(1), [
      'daochain check --rules r.json --data d --policy p.json --policy-sha256 0a -- Dockerfile',
    ]);
  });

  it('runs nothing that is written into an input', async () => {
    const evil = '$(touch evil) `touch evil`; touch evil';
    const { calls: made } = await act({ files: evil, rules: 'r.json', endpoint: evil, version: evil });
    assert.deepEqual(made, [
      `npm install --global --ignore-scripts daochain@${evil}`,
      `daochain check --rules r.json --endpoint ${evil} -- ${evil}`,
    ]);
    assert.ok(!existsSync(join(root, 'evil')));
  });

  it('fails with the code of what is red, else of the first that is not fine, and when nothing was given', async () => {
    const both = { files: 'Dockerfile', images: 'a:1', rules: 'r' };
    assert.equal((await act(both, { CHECK: '10', VERIFY: '11' })).code, 11);
    assert.equal((await act(both, { CHECK: '11', VERIFY: '10' })).code, 11);
    assert.equal((await act(both, { CHECK: '13', VERIFY: '12' })).code, 13);
    assert.equal((await act(both, { CHECK: '0', VERIFY: '12' })).code, 12);
    assert.equal((await act({ rules: 'r' })).code, 2);
  });

  it('is, on GitLab, the command alone', async () => {
    const jobs = v.parse(
      v.object({ daochain: v.looseObject({ before_script: v.array(v.string()), script: v.array(v.string()) }) }),
      parse(readFileSync(join(root, 'docs/examples/gitlab-ci.yml'), 'utf8')),
    );
    writeFileSync(calls, '');
    const { before_script: before, script } = jobs.daochain;
    const path = [bin, env['PATH'] ?? ''].join(delimiter);
    const { code } = await runCommand('bash', ['-eo', 'pipefail', '-c', [...before, ...script].join('\n')], {
      env: { PATH: path, CALLS: calls, RULES: 'r.json', ENDPOINT: '/node', CHECK: '12', VERIFY: '0' },
    });
    assert.equal(code, 12);
    assert.deepEqual(readFileSync(calls, 'utf8').trimEnd().split('\n'), [
      'npm install --global --ignore-scripts daochain@0.1.0',
      'daochain check Dockerfile --rules r.json --endpoint /node --sarif daochain.sarif',
    ]);
  });
});
