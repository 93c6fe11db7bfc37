import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { verdictSchema } from '../../src/protocol/verdictSchema';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { signalProcess, temporaryFolder } from '../testbed/program';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { passwordFile, run as runAnywhere, runOnTerminal, start as startAnywhere, type Ended } from './daochain';

const never = new AbortController().signal;
const toHex = (number: number): string => `0x${number.toString(16)}`;
const password = 'correct horse';

const statusSchema = v.object({
  state: v.literal('running'),
  block: v.number(),
  peers: v.number(),
  mining: v.boolean(),
  hashrate: v.number(),
  owner: v.number(),
});
const judgedSchema = v.object({
  text: v.string(),
  name: v.string(),
  verdict: v.intersect([v.object({ label: v.string(), reason: v.string(), nextStep: v.string() }), verdictSchema]),
});
const reportSchema = v.object({ images: v.array(judgedSchema) });

describe('the command on a real chain, engine and registry', () => {
  const folder = temporaryFolder().path;
  const data = join(folder, 'data');
  const right = passwordFile(folder, password);
  const sending = ['--yes', '--password-file', right];
  let engine: Engine;
  let registry: Registry;
  let env: Readonly<Record<string, string>>;
  /** A name that will be signed, one that nobody signs, and one that will be signed and then be something else. */
  let signed: string;
  let unsigned: string;
  let replaced: string;

  const run = (...args: readonly string[]): Promise<Ended> => runAnywhere([...args, '--data', data], { env });
  const start = (...args: readonly string[]) => startAnywhere([...args, '--data', data], { env });
  /** Succeeds, and gives what `--json` prints. */
  async function json(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await run(...args, '--json');
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }
  const status = async () => v.parse(statusSchema, await json('node', 'status'));
  const ownerFile = (): { ipcPath: string } =>
    v.parse(v.object({ ipcPath: v.string() }), JSON.parse(readFileSync(join(data, 'node/owner.json'), 'utf8')));
  async function kindOf(name: string, ...args: readonly string[]): Promise<readonly [number, string]> {
    const { code, stdout, stderr } = await run('verify', name, '--json', ...args);
    const [judged] = v.parse(reportSchema, JSON.parse(stdout), { message: stderr }).images;
    return [code, judged?.verdict.kind ?? 'none'];
  }
  async function writeRules(file: string, level = 'warn'): Promise<void> {
    const { ledger } = v.parse(v.object({ ledger: v.string() }), await json('network', 'show'));
    const { address } = v.parse(v.object({ address: v.string() }), await json('wallet', 'balance'));
    const rule = { ledger, repositories: `${registry.name}/shop/*`, publishers: [address], level };
    writeFileSync(file, JSON.stringify([rule]));
  }

  before(async () => {
    [engine, registry] = await Promise.all([startEngine({ kind: 'debian' }), startRegistry()]);
    env = { DOCKER_HOST: engine.host };
    signed = `${registry.name}/shop/web:1.0`;
    unsigned = `${registry.name}/shop/other:1.0`;
    replaced = `${registry.name}/shop/moved:1.0`;
    await buildImage(engine.docker, signed, { files: { motd: 'hello' } });
    await buildImage(engine.docker, unsigned, { files: { motd: 'nobody' } });
    await buildImage(engine.docker, replaced, { files: { motd: 'before' } });
    assert.equal((await run('wallet', 'create', '--password-file', right)).code, 0);
  });
  after(async () => {
    await run('node', 'stop');
    await Promise.all([engine.dispose(), registry.dispose()]);
  });

  describe('the node', () => {
    it('starts in the background and stays', async () => {
      const { owner } = v.parse(
        v.object({ state: v.literal('running'), owner: v.number(), log: v.string() }),
        await json('node', 'start', '--background'),
      );
      assert.ok(signalProcess(owner, 0));
      const { block, mining, peers, owner: told } = await status();
      assert.deepEqual({ block, mining, peers, told }, { block: 0, mining: false, peers: 0, told: owner });
    });

    it('is started once', async () => {
      for (const args of [[], ['--background']]) {
        const { code, stdout } = await run('node', 'start', ...args);
        assert.equal(code, 0);
        assert.match(stdout, /is (?:already )?running/);
      }
      assert.match((await run('node', 'start')).stdout, new RegExp(`process ${(await status()).owner}`));
    });

    it('mines for the wallet, and stops when it has', async () => {
      const { block } = v.parse(v.object({ block: v.number() }), await json('node', 'mine', '--blocks', '2'));
      assert.ok(block >= 2);
      const { wei, ...wallet } = v.parse(
        v.object({ address: v.string(), wei: v.string(), ledger: v.string() }),
        await json('wallet', 'balance'),
      );
      assert.ok(BigInt(wei) >= 4n * 10n ** 18n);
      assert.equal((await run('wallet', 'balance')).stdout, `${wallet.address}: ${Number(wei) / 1e18} ETH\n`);
      assert.equal((await status()).mining, false);
    });

    it('does not go on mining for a command that was cancelled', async () => {
      const command = start('node', 'mine', '--blocks', '999999');
      await waitFor('it mines', async () => (await status()).mining);
      command.process.kill('SIGINT');
      assert.equal((await command.ended).code, 130);
      assert.equal((await status()).mining, false);
    });
  });

  describe('verdicts', () => {
    it('are unsigned before anybody has signed', async () => {
      const { code, stdout } = await run('verify', signed);
      assert.equal(code, 10);
      assert.match(stdout, new RegExp(`^${signed}: Unsigned`));
      assert.match(stdout, /own node at block \d+/);
    });

    it('need a person or --yes to sign, and the right password', async () => {
      assert.equal((await run('sign', signed)).code, 2);
      const wrong = passwordFile(folder, 'battery staple');
      const { code, stderr } = await run('sign', signed, '--yes', '--password-file', wrong);
      assert.equal(code, 1);
      assert.match(stderr, /The password is wrong/);
      const left = await runOnTerminal(['sign', signed, '--data', data], [[/Sign this\?/, 'n\r']], env);
      assert.equal(left.code, 130);
      assert.equal((await kindOf(signed))[0], 10);
    });

    it('show what will be signed before it is', async () => {
      const { screen } = await runOnTerminal(['sign', signed, '--data', data], [[/Sign this\?/, '\r']], env);
      assert.match(screen, /The first signature of this tag/);
      assert.match(screen, /development ledger of this machine: chain \d+, genesis 0x/);
      assert.match(screen, /Signed by 0x/);
      assert.match(screen, /Costs [\d.]+ ETH .*at most/);
    });

    it('follow a signature from its sending to its being final', async () => {
      const sent = v.parse(
        v.object({
          transaction: v.string(),
          state: v.string(),
          images: v.tuple([v.looseObject({ change: v.string() })]),
        }),
        await json('sign', signed, '--no-wait', ...sending),
      );
      assert.equal(sent.state, 'waiting');
      assert.equal(sent.images[0].change, 'first');
      const again = await run('sign', signed, ...sending);
      assert.equal(again.code, 1);
      assert.match(again.stderr, /already on its way.*\n.*daochain node mine/);
      await writeRules(join(data, 'trust.json'));
      assert.deepEqual(await kindOf(signed), [10, 'unsigned']);
      await json('node', 'mine', '--blocks', '1');
      assert.deepEqual(await kindOf(signed), [12, 'pending']);
      await json('node', 'mine');
      assert.deepEqual(await kindOf(signed), [0, 'verified']);
    });

    it('are green by a rule only', async () => {
      const none = join(folder, 'none.json');
      writeFileSync(none, '[]');
      assert.deepEqual(await kindOf(signed, '--rules', none), [12, 'untrusted']);
      const enforced = join(folder, 'enforced.json');
      await writeRules(enforced, 'enforce');
      assert.deepEqual(await kindOf(signed, '--rules', enforced), [12, 'untrusted'], 'a development ledger');
    });

    it('have nothing to do for what is signed already', async () => {
      assert.deepEqual(
        v.parse(v.looseObject({ state: v.string() }), await json('sign', signed, ...sending)).state,
        'nothingToSign',
      );
    });

    it('sign on a terminal, where the password is typed, and mine', async () => {
      const { code, screen } = await runOnTerminal(
        ['sign', replaced, '--mine', '--data', data],
        [
          [/Sign this\?/, 'y\r'],
          [/Password of the wallet/, `${password}\r`],
        ],
        env,
      );
      assert.equal(code, 0, screen);
      assert.match(screen, /confirmations/);
      assert.doesNotMatch(screen, new RegExp(password));
      assert.equal((await kindOf(replaced))[0], 0);
    });

    it('are red for other content, and the worst of several wins', async () => {
      await buildImage(engine.docker, replaced, { files: { motd: 'after' } });
      assert.deepEqual(await kindOf(replaced), [11, 'mismatch']);
      const absent = `${registry.name}/shop/absent:1`;
      const codeOf = async (...names: readonly string[]): Promise<number> => (await run('verify', ...names)).code;
      assert.equal(await codeOf(signed, signed), 0);
      assert.equal(await codeOf(signed, absent), 13);
      assert.equal(await codeOf(absent, signed, unsigned), 10);
      assert.equal(await codeOf(unsigned, replaced, absent), 11);
    });

    it('come with what the name can be mistaken for, as long as no rule covers it', async () => {
      const alike = `${registry.name}/sh0p/web:1.0`;
      const { code, stdout } = await run('verify', alike, signed, '--local');
      assert.equal(code, 10);
      const [, warning] = /^ {2}(Did you mean \S+ Letters in this name .*)$/m.exec(stdout) ?? [];
      assert.ok(warning?.startsWith(`Did you mean ${registry.name}/shop/web? `), stdout);
      assert.equal(stdout.match(/Did you mean/g)?.length, 1);
      const { images } = v.parse(
        v.object({ images: v.array(v.looseObject({ lookAlike: v.optional(v.unknown()) })) }),
        JSON.parse((await run('verify', alike, signed, '--local', '--json')).stdout),
      );
      const of = `${registry.name}/shop/web`;
      assert.deepEqual(
        images.map(({ lookAlike }) => lookAlike),
        [{ how: 'shapes', of, text: warning }, undefined],
      );
    });

    it('are unknown when the engine does not answer', async () => {
      const { code, stdout } = await runAnywhere(['verify', signed, '--local', '--json', '--data', data], {
        env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
      });
      assert.equal(code, 13);
      const [judged] = v.parse(reportSchema, JSON.parse(stdout)).images;
      assert.equal(judged?.verdict.kind === 'unknown' && judged.verdict.missing, 'engine');
    });

    it('come with their history', async () => {
      const { code, stdout } = await run('history', signed);
      assert.equal(code, 0);
      assert.match(stdout, /#0 Published/);
      const { ledgers } = v.parse(
        v.object({
          repository: v.literal(`${registry.name}/shop/web`),
          tag: v.literal('1.0'),
          verdict: v.looseObject({ kind: v.literal('verified') }),
          ledgers: v.tuple([
            v.object({
              network: v.literal('development'),
              ledger: v.string(),
              histories: v.array(v.looseObject({ attestations: v.array(v.looseObject({ kind: v.string() })) })),
            }),
          ]),
        }),
        await json('history', signed),
      );
      assert.deepEqual(
        ledgers[0].histories.map(({ attestations }) => attestations.map(({ kind }) => kind)),
        [['publish']],
      );
      assert.equal((await run('history', unsigned)).code, 0);
    });

    it('are explained, with what would change them', async () => {
      const { address } = v.parse(v.object({ address: v.string() }), await json('wallet', 'balance'));
      const { code, stdout } = await run('why', signed);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^${signed}: Verified`));
      for (const said of [
        new RegExp(`For ${registry.name}/shop/\\*, published by at least 1 of those below\\.`),
        new RegExp(`${address}, whom a rule names\n +#0 Published\n +States exactly this image\\.`),
        /These are all the entries, in this order: their hash is the one in the contract\./,
        /Checked by your own node at block \d+/,
        /revoked its statement #0: Revoked/,
      ])
        assert.match(stdout, said);

      const facts = v.parse(
        v.object({
          text: v.literal(signed),
          verdict: v.looseObject({ kind: v.literal('verified') }),
          asked: v.looseObject({
            engine: v.literal('found'),
            registry: v.object({ unasked: v.literal('engineOnly') }),
          }),
          changes: v.array(
            v.object({
              supposed: v.looseObject({ what: v.string() }),
              text: v.string(),
              then: v.looseObject({ kind: v.string() }),
            }),
          ),
        }),
        await json('why', signed, '--local'),
      );
      assert.ok(
        facts.changes.some(({ supposed, then }) => supposed.what === 'ruleRemoved' && then.kind === 'untrusted'),
      );

      const other = await run('why', unsigned, '--lang', 'zh-cn');
      assert.equal(other.code, 10);
      assert.match(other.stdout, /未签名[^]*账本中没有此名称的记录/);
      assert.equal((await run('why', 'A:B')).code, (await run('verify', 'A:B')).code);
    });

    it('are about the platform of the environment, and say so', async () => {
      const own = await run('verify', signed);
      assert.match(own.stdout, /Judged for linux\/amd64\./);
      const elsewhere = { ...env, DOCKER_DEFAULT_PLATFORM: 'linux/arm64' };
      const other = await runAnywhere(['verify', signed, '--data', data], { env: elsewhere });
      assert.deepEqual([own.code, other.code], [0, 13]);
      const [judged] = v.parse(
        v.object({ images: v.array(v.object({ judgedFor: v.string() })) }),
        JSON.parse((await runAnywhere(['verify', signed, '--json', '--data', data], { env: elsewhere })).stdout),
      ).images;
      assert.equal(judged?.judgedFor, 'linux/arm64');
      // What the engine has under the name is that.
      assert.equal((await runAnywhere(['verify', signed, '--local', '--data', data], { env: elsewhere })).code, 0);
    });

    it('speak Chinese', async () => {
      const { stdout } = await run('verify', signed, unsigned, '--lang', 'zh-cn');
      assert.match(stdout, /已验证/);
      assert.match(stdout, /未签名/);
      for (const line of stdout.trimEnd().split('\n')) assert.match(line, /\p{Script=Han}/u);
    });
  });

  describe('build files', () => {
    const files = join(folder, 'files');
    const write = (name: string, ...lines: readonly string[]): string => {
      mkdirSync(files, { recursive: true });
      const file = join(files, name);
      writeFileSync(file, `${lines.join('\n')}\n`);
      return file;
    };
    const check = (...args: readonly string[]) => runAnywhere(['check', ...args, '--data', data], { env, cwd: files });

    it('are told like a compiler does, and end with the worst verdict', async () => {
      write('Dockerfile', `FROM ${signed} AS base`, 'FROM base', `FROM ${unsigned}`);
      const { code, stdout } = await check('Dockerfile');
      assert.equal(code, 10);
      assert.match(stdout, /^Dockerfile:3:6: warning DC009: Unsigned/);
      assert.match(stdout, /1 of 2 base images verified; ignored: 0\n$/);
      write('Good', `FROM ${signed}`, 'FROM scratch');
      assert.equal((await check('Good')).code, 0);
      write('Bad', `FROM ${replaced}`, `FROM ${unsigned}`);
      assert.equal((await check('Bad')).code, 11);
      assert.equal((await check('Good', 'Dockerfile')).code, 10);
      assert.equal((await check('Good', 'none')).code, 2);
    });

    it('are checked for the platforms that they are built for', async () => {
      write(
        'Cross',
        `FROM --platform=$BUILDPLATFORM ${signed} AS build`,
        `FROM --platform=linux/$TARGETARCH ${signed}`,
      );
      const own = await check('Cross');
      assert.equal(own.code, 0);
      assert.match(own.stdout, /^Judged for linux\/amd64\.\n2 of 2 /);
      const other = await runAnywhere(['check', 'Cross', '--data', data], {
        env: { ...env, DOCKER_DEFAULT_PLATFORM: 'linux/arm64' },
        cwd: files,
      });
      assert.equal(other.code, 13);
      assert.match(other.stdout, /^Cross:2:[^]*\n1 of 2 /);
      write('Unknown', `FROM --platform=linux/$NOBODY ${signed}`);
      assert.equal((await check('Unknown')).code, 13);
    });

    it('can leave out what their writer knows, but not what the reader must see', async () => {
      write('Ignored', '# daochain: ignore DC009 because', `FROM ${unsigned}`, `FROM ${signed}`);
      const { code, stdout } = await check('Ignored');
      assert.equal(code, 0);
      assert.match(stdout, /ignored: 1\n$/);
      assert.doesNotMatch(stdout, /DC009/);
      write('Hidden', '# daochain: ignore DC004', `FROM ${replaced}`);
      const hidden = await check('Hidden');
      assert.equal(hidden.code, 11);
      assert.match(hidden.stdout, /DC004: .*cannot silence this/);
    });

    it('tell what cannot be known, also where the editor is silent', async () => {
      write('Variable', 'ARG IMAGE', 'FROM ${IMAGE}', 'FROM registry.example.com/nobody/absent:1');
      const { code, stdout } = await check('Variable');
      assert.equal(code, 10);
      assert.match(stdout, /^Variable:2:6: note DC011/);
      assert.equal((await check('Variable', '--build-arg', `IMAGE=${replaced}`)).code, 11);
    });

    it('come from the standard input and as Compose files', async () => {
      const options = { env, cwd: files, input: `FROM ${unsigned}\n` };
      const { code, stdout } = await runAnywhere(['check', '-', '--data', data], options);
      assert.equal(code, 10);
      assert.match(stdout, /^-:1:6: warning DC009/);
      write('compose.yaml', 'services:', '  web:', `    image: ${signed}`, '  other:', `    image: ${replaced}`);
      const compose = await check('compose.yaml');
      assert.equal(compose.code, 11);
      assert.match(compose.stdout, /^compose\.yaml:5:12: warning DC004/);
    });

    it('are reported as JSON', async () => {
      const { code, stdout } = await check('Ignored', 'Dockerfile', '--json');
      assert.equal(code, 10);
      const { images, ignored } = v.parse(
        v.object({
          images: v.array(
            v.looseObject({
              file: v.string(),
              line: v.number(),
              column: v.number(),
              verdict: v.looseObject({ kind: v.string() }),
              findings: v.array(
                v.object({
                  code: v.string(),
                  level: v.string(),
                  message: v.string(),
                  line: v.number(),
                  column: v.number(),
                  endLine: v.number(),
                  endColumn: v.number(),
                }),
              ),
              ignored: v.array(v.looseObject({ code: v.string() })),
            }),
          ),
          ignored: v.number(),
        }),
        JSON.parse(stdout),
      );
      assert.equal(ignored, 1);
      assert.deepEqual(
        images.map(({ file, line, verdict, findings }) => [file, line, verdict.kind, findings.length]),
        [
          ['Ignored', 2, 'unsigned', 0],
          ['Ignored', 3, 'verified', 0],
          ['Dockerfile', 1, 'verified', 0],
          ['Dockerfile', 3, 'unsigned', 1],
        ],
      );
    });

    it('are reported as SARIF', async () => {
      const { code } = await check('Ignored', 'Bad', '--sarif', 'report.sarif');
      assert.equal(code, 11);
      const result = v.object({
        ruleId: v.pipe(v.string(), v.regex(/^DC0(?:0[1-9]|1[0-3])$/)),
        ruleIndex: v.number(),
        level: v.picklist(['error', 'warning', 'note']),
        message: v.strictObject({ text: v.pipe(v.string(), v.minLength(10)) }),
        locations: v.tuple([
          v.strictObject({
            physicalLocation: v.strictObject({
              artifactLocation: v.strictObject({ uri: v.string(), uriBaseId: v.literal('%SRCROOT%') }),
              region: v.strictObject({
                startLine: v.number(),
                startColumn: v.number(),
                endLine: v.number(),
                endColumn: v.number(),
              }),
            }),
          }),
        ]),
        suppressions: v.optional(v.tuple([v.strictObject({ kind: v.literal('inSource') })])),
      });
      const log = v.parse(
        v.strictObject({
          $schema: v.pipe(v.string(), v.url()),
          version: v.literal('2.1.0'),
          runs: v.tuple([
            v.strictObject({
              tool: v.strictObject({
                driver: v.strictObject({
                  name: v.literal('DaoChain'),
                  version: v.string(),
                  language: v.literal('en'),
                  rules: v.pipe(
                    v.array(
                      v.strictObject({
                        id: v.string(),
                        name: v.string(),
                        shortDescription: v.strictObject({ text: v.string() }),
                        helpUri: v.pipe(v.string(), v.url()),
                        defaultConfiguration: v.strictObject({ level: v.picklist(['error', 'warning', 'note']) }),
                      }),
                    ),
                    v.length(13),
                  ),
                }),
              }),
              columnKind: v.literal('utf16CodeUnits'),
              results: v.array(result),
            }),
          ]),
        }),
        JSON.parse(readFileSync(join(files, 'report.sarif'), 'utf8')),
      );
      const [{ tool, results }] = log.runs;
      for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
      assert.deepEqual(
        results.map(({ ruleId, level, suppressions, locations: [{ physicalLocation }] }) => [
          ...[ruleId, level, suppressions !== undefined, physicalLocation.artifactLocation.uri],
          physicalLocation.region.startLine,
        ]),
        [
          ['DC009', 'warning', true, 'Ignored', 2],
          ['DC004', 'warning', false, 'Bad', 1],
          ['DC009', 'warning', false, 'Bad', 2],
        ],
      );
      const printed = await check('Bad', '--sarif', '-', '--lang', 'zh-cn');
      assert.match(printed.stdout, /^\{\n {2}"\$schema"/);
      assert.match(printed.stdout, /"zh-CN"[\s\S]*\p{Script=Han}/u);
    });

    it('show hostile names escaped', async () => {
      write('Hostile\u001b[2J', 'FROM a\u202eb:1');
      const { code, stdout, stderr } = await check('Hostile\u001b[2J');
      assert.notEqual(code, 0);
      assert.match(stdout, /^Hostile\\u\{1b\}\[2J:1:6/);
      assert.doesNotMatch(stdout + stderr, /[\u001b\u202e]/);
      assert.doesNotMatch((await check('Hostile\u001b[2J', '--json')).stdout, /[\u001b\u202e]/);
    });
  });

  describe('an endpoint', () => {
    const other = join(folder, 'other');
    const rules = join(folder, 'rules.json');
    const verify = (endpoint: string) =>
      runAnywhere(['verify', signed, '--endpoint', endpoint, '--rules', rules, '--json', '--data', other], { env });
    let proxy: Server;
    let url: string;
    type Tell = (method: string, result: unknown, params: readonly unknown[]) => unknown;
    const truth: Tell = (_, result) => result;
    let lie = truth;

    before(async () => {
      await writeRules(rules);
      const transport = new IpcTransport(() => ownerFile().ipcPath);
      const callSchema = v.object({ id: v.number(), method: v.string(), params: v.array(v.unknown()) });
      proxy = createServer((request, response) => {
        const answer = async (): Promise<string> => {
          const asked = v.parse(v.union([callSchema, v.array(callSchema)]), JSON.parse(await text(request)));
          const calls = [asked].flat();
          const results = await transport.batch(
            calls.map(({ method, params }) => ({ method, params })),
            never,
          );
          const answers = calls.map(({ id, method, params }, index) => ({
            jsonrpc: '2.0',
            id,
            result: lie(method, results[index], params),
          }));
          return JSON.stringify(Array.isArray(asked) ? answers.reverse() : answers[0]);
        };
        answer().then(
          (body) => response.setHeader('content-type', 'application/json').end(body),
          () => response.writeHead(500).end('no'),
        );
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    after(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    it('that is a socket of this machine is as good as the own node', async () => {
      const { code, stdout } = await verify(ownerFile().ipcPath);
      const [judged] = v.parse(reportSchema, JSON.parse(stdout)).images;
      assert.equal(judged?.verdict.kind, 'verified');
      assert.equal(judged.verdict.assurance, 'ownNode');
      assert.equal(code, 0);
    });

    it('that is a web address is only reported, and never green', async () => {
      const { code, stdout } = await verify(url);
      const [judged] = v.parse(reportSchema, JSON.parse(stdout)).images;
      assert.equal(judged?.verdict.assurance, 'reported');
      assert.equal(judged.verdict.kind === 'untrusted' && judged.verdict.refused, 'reported');
      assert.equal(code, 12);
      const red = await runAnywhere(['verify', replaced, '--endpoint', url, '--rules', rules, '--data', other], {
        env,
      });
      assert.equal(red.code, 11);
    });

    it('says how its node is, and is not run from here', async () => {
      const shown = await runAnywhere(['node', 'status', '--endpoint', url, '--json', '--data', other], { env });
      assert.equal(shown.code, 0, shown.stderr);
      assert.ok((JSON.parse(shown.stdout) as { block: number }).block > 0);
      for (const command of ['start', 'stop', 'mine']) {
        assert.equal(
          (await runAnywhere(['node', command, '--endpoint', url, '--data', other], { env })).code,
          2,
          command,
        );
      }
    });

    const lies: readonly (readonly [string, string, (result: unknown) => unknown])[] = [
      ['another chain id', 'eth_chainId', () => '0x1'],
      ['another code', 'eth_getCode', () => '0x60'],
      [
        'another beginning',
        'eth_getBlockByNumber',
        (block) => ({ ...(block as object), extraData: `0x${'11'.repeat(32)}` }),
      ],
    ];
    for (const [what, method, tell] of lies) {
      it(`of ${what} is no ledger of ours`, async () => {
        lie = (asked, result) => (asked === method ? tell(result) : result);
        const { code, stderr } = await verify(url);
        lie = truth;
        assert.equal(code, 13);
        assert.match(stderr, /no ledger of a known release/);
      });
    }

    /** Every file that is remembered of ledgers, as it is and as it was written. */
    function remembered(): ReadonlyMap<string, string> {
      const ledgers = join(data, 'ledgers');
      const files = readdirSync(ledgers, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
      return new Map(paths.map((path) => [path, `${statSync(path).mtimeMs} ${readFileSync(path, 'latin1')}`]));
    }
    const block = v.looseObject({ number: v.string(), hash: v.string() });
    const ofHead =
      (change: (head: v.InferOutput<typeof block>) => object): Tell =>
      (method, result, [which]) =>
        method === 'eth_getBlockByNumber' && which === 'latest'
          ? { ...(result as object), ...change(v.parse(block, result)) }
          : result;
    const spoilers: Readonly<Record<string, Tell>> = {
      'tells the truth': truth,
      'has a head a million blocks ahead': ofHead(({ number }) => ({ number: toHex(Number(number) + 1_000_000) })),
      'has the highest head that there can be': ofHead(() => ({ number: toHex(Number.MAX_SAFE_INTEGER) })),
      'has a head of a far future': ofHead(() => ({ timestamp: toHex(Date.UTC(2300, 0) / 1_000) })),
      'was rolled back': ofHead(() => ({ number: '0x1' })),
      'has other blocks in the place of all': (method, result, [which]) =>
        method === 'eth_getBlockByNumber' && which !== '0x0'
          ? { ...(result as object), hash: `0x${'5'.repeat(64)}` }
          : result,
      'has other blocks in the place of final ones': (method, result, [which]) =>
        method === 'eth_getBlockByNumber' && which !== '0x0' && which !== 'latest'
          ? { ...(result as object), hash: `0x${'5'.repeat(64)}` }
          : result,
      'has no entries': (method, result) => (method === 'eth_getLogs' ? [] : result),
      'has an empty ledger': (method, result) =>
        method === 'eth_call' && typeof result === 'string' ? `0x${result.slice(2).replace(/./g, '0')}` : result,
    };
    for (const [what, spoil] of Object.entries(spoilers)) {
      it(`that ${what} changes nothing that the own node said`, async () => {
        assert.deepEqual(await kindOf(signed), [0, 'verified']);
        const before = remembered();
        assert.ok(before.size > 0);
        lie = spoil;
        const names = [signed, replaced, `${registry.name}/nobody/web:1.0`];
        const { code } = await run('verify', ...names, '--endpoint', url, '--rules', rules);
        const asked = [await run('history', signed, '--endpoint', url), await run('alarm', '--endpoint', url)];
        lie = truth;
        assert.notEqual(code, 0);
        for (const { stderr } of asked) assert.doesNotMatch(stderr, /daochain alarm/);
        assert.deepEqual(remembered(), before);
        assert.deepEqual(await kindOf(signed), [0, 'verified']);
        assert.equal((await run('alarm')).code, 0);
      });
    }
  });

  describe('a registry', () => {
    it('gets an image, and the statement is completed with what it has', async () => {
      const { code, stdout, stderr } = await run('push', signed, '--complete', '--mine', ...sending);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`^${registry.name}/shop/web@sha256:[0-9a-f]{64}\n`));
      await engine.docker.getImage(signed).remove();
      assert.deepEqual(await kindOf(signed, '--remote', '--private-host', registry.name), [0, 'verified']);
    });

    it('is left alone where nothing is to be completed', async () => {
      const { code, stdout } = await run('push', unsigned, '--json');
      assert.equal(code, 0);
      assert.equal((JSON.parse(stdout) as { completed: unknown }).completed, null);
      assert.equal((await run('push', unsigned, '--complete', ...sending)).code, 1);
      assert.equal((await run('push', `${registry.name}/shop/absent:1`)).code, 1);
    });

    it('has what can be signed by its digest, and nothing else', async () => {
      const { stdout } = await run('push', unsigned);
      const digest = stdout.trim().replace(/^.*@/, '');
      const sign = (name: string) => run('sign', name, '--from-registry', '--mine', ...sending);
      const other = await sign(`${unsigned}@sha256:${'0'.repeat(64)}`);
      assert.equal(other.code, 1);
      assert.equal((await sign(`${unsigned}@${digest}`)).code, 0);
      assert.deepEqual(await kindOf(unsigned), [0, 'verified']);
    });
  });

  describe('a revocation', () => {
    it('is for everybody to see', async () => {
      const args = ['--reason', 'vulnerable', '--note', 'CVE in\u202e it', '--no-wait', ...sending];
      const { code, stdout, stderr } = await run('revoke', unsigned, ...args);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, `${unsigned}\n`);
      assert.doesNotMatch(stderr, /\u202e/);
      await json('node', 'mine', '--blocks', '1');
      const verified = await run('verify', unsigned);
      assert.equal(verified.code, 11);
      assert.match(verified.stdout, /Revoked[\s\S]*vulnerable.*"CVE in\\u\{202e\} it"/);
      assert.equal((await run('revoke', `${registry.name}/shop/never:1`, '--reason', 'mistake', ...sending)).code, 1);
    });
  });

  describe('the end of a node', () => {
    it('leaves nothing green behind', async () => {
      assert.equal((await run('node', 'stop')).code, 0);
      assert.equal((await run('node', 'status')).code, 1);
      assert.deepEqual(await kindOf(signed), [13, 'unknown']);
      assert.deepEqual(await kindOf(replaced), [13, 'unknown']);
    });

    it('is brought about from elsewhere', async () => {
      const owner = start('node', 'start');
      await waitFor('it runs', () => owner.output().includes('Ctrl-C'));
      assert.equal((await status()).owner, owner.process.pid);
      assert.deepEqual((await kindOf(signed, '--private-host', registry.name))[1], 'verified');
      assert.equal((await run('node', 'stop')).code, 0);
      assert.equal((await owner.ended).code, 0);
    });

    it('comes with Ctrl-C', async () => {
      const owner = start('node', 'start');
      await waitFor('it runs', () => owner.output().includes('Ctrl-C'));
      owner.process.kill('SIGINT');
      const { code, stderr } = await owner.ended;
      assert.equal(code, 0, stderr);
      assert.equal((await run('node', 'status')).code, 1);
    });

    it('says why it could not start', async () => {
      const { code, stderr } = await run('node', 'start', '--background', '--geth', '/none/geth');
      assert.equal(code, 1);
      assert.match(stderr, /\/none\/geth is not geth/);
    });
  });
});
