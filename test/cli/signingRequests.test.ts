import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildImage, startEngine, type Engine } from '../testbed/engine';
import { useShallowNetwork } from '../testbed/network';
import { temporaryFolder } from '../testbed/program';
import { expecting, passwordFile, run as runAnywhere, runOnTerminal, type Ended } from './daochain';

const shownSchema = v.object({
  publisher: v.string(),
  publisherName: v.nullable(v.string()),
  signer: v.nullable(v.string()),
  signed: v.boolean(),
  usable: v.boolean(),
  entries: v.array(
    v.object({ name: v.string(), kind: v.string(), state: v.optional(v.string()), hash: v.nullish(v.string()) }),
  ),
  refusal: v.optional(v.object({ code: v.string(), reason: v.nullable(v.string()), message: v.string() })),
});

describe('a signing request from CI to a colleague and back', () => {
  const folder = temporaryFolder().path;
  const right = passwordFile(folder, 'correct horse');
  const file = (name: string): string => join(folder, `${name}.daochain-request.json`);
  /** Three people: one has an engine and no wallet, one a wallet and no ether, one a node, ether and no images. */
  let ci: readonly string[];
  let colleague: readonly string[];
  const relay = ['--data', join(folder, 'relay')];
  const images = ['registry.example.com/shop/web:1.0', 'registry.example.com/shop/api:1.0'];
  let engine: Engine;
  let organization: string;
  let signer: string;

  const run = (...args: readonly string[]): Promise<Ended> => runAnywhere(args, { env: { DOCKER_HOST: engine.host } });
  const { printed, failed } = expecting(run);
  async function show(name: string, who = ci): Promise<readonly [number, v.InferOutput<typeof shownSchema>]> {
    const { code, stdout, stderr } = await run('request', 'show', file(name), '--json', ...who);
    return [code, v.parse(shownSchema, JSON.parse(stdout), { message: stderr })];
  }
  const create = (...args: readonly string[]): Promise<string> =>
    printed('request', 'create', ...args, '--publisher', organization, ...ci);
  const sign = (from: string, to: string): Promise<string> =>
    printed('request', 'sign', file(from), '-o', file(to), '--yes', '--password-file', right, ...colleague);
  const sending = ['--yes', '--mine', '--password-file', right, ...relay];

  before(async () => {
    engine = await startEngine();
    for (const image of images) await buildImage(engine.docker, image, { files: { motd: image } });
    useShallowNetwork(join(folder, 'relay', 'node'));
    await printed('node', 'start', '--background', ...relay);
    const { ipcPath } = v.parse(
      v.object({ ipcPath: v.string() }),
      JSON.parse(readFileSync(join(folder, 'relay/node/owner.json'), 'utf8')),
    );
    ci = ['--data', join(folder, 'ci'), '--endpoint', ipcPath];
    colleague = ['--data', join(folder, 'colleague'), '--endpoint', ipcPath];
    await printed('wallet', 'create', '--password-file', right, ...relay);
    signer = await printed('wallet', 'create', '--password-file', right, ...colleague);
    await printed('node', 'mine', '--blocks', '2', ...relay);
    organization = await printed('org', 'create', 'Shop', ...sending);
    await printed('org', 'invite', organization, signer, ...sending);
  });
  after(async () => {
    await run('node', 'stop', ...relay);
    await engine.dispose();
  });

  it('is made without a wallet', async () => {
    assert.equal(await create(...images, '-o', file('asked')), file('asked'));
    assert.ok(!existsSync(join(folder, 'ci/wallet.json')));
    const [code, { publisherName, usable, signed, entries }] = await show('asked');
    assert.deepEqual([code, publisherName, usable, signed], [0, 'Shop', true, false]);
    assert.deepEqual(
      entries.map(({ name, kind, state }) => [name, kind, state]),
      images.map((name) => [name, 'publish', 'fresh']),
    );
    await failed(
      2,
      /already exists/,
      'request',
      'create',
      ...images,
      '--publisher',
      organization,
      '-o',
      file('asked'),
      ...ci,
    );
    await failed(2, /--output/, 'request', 'create', ...images, '--publisher', organization, ...ci);
    await failed(2, /--publisher or --signer/, 'request', 'create', ...images, '-o', file('none'), ...ci);
    await failed(
      1,
      /more than 30 days/,
      'request',
      'create',
      ...images,
      '--publisher',
      organization,
      '--expires',
      '31d',
      '-o',
      file('none'),
      ...ci,
    );
    assert.ok(!existsSync(file('none')));
  });

  it('is shown in clear and signed by a wallet without ether', async () => {
    const { code, screen } = await runOnTerminal(
      ['request', 'sign', file('asked'), '-o', file('signed'), ...colleague],
      [[/Sign this\?/, 'n\r']],
    );
    assert.equal(code, 130);
    assert.match(screen, /Publish registry\.example\.com\/shop\/web:1\.0[^]*linux\/[^]*config sha256:[0-9a-f]{64}/);
    assert.match(
      screen,
      new RegExp(`Publisher ${organization} \\(Shop\\)[^]*To be signed by ${signer}[^]*Not valid after`),
    );
    assert.ok(!existsSync(file('signed')));
    await sign('asked', 'signed');
    assert.match(await printed('wallet', 'balance', ...colleague), /: 0 ETH$/);
    await failed(
      1,
      /signed already/,
      'request',
      'sign',
      file('signed'),
      '-o',
      file('signed'),
      '--yes',
      '--password-file',
      right,
      ...colleague,
    );
    await failed(
      1,
      /signer .*of that publisher/,
      'request',
      'sign',
      file('asked'),
      '-o',
      file('none'),
      '--yes',
      '--password-file',
      right,
      ...relay,
    );
  });

  it('is refused when anything of it was altered', async () => {
    const text = readFileSync(file('signed'), 'utf8');
    const alterations: readonly (readonly [string, RegExp, (text: string) => string])[] = [
      ['another tag', /does not match what the request says/, (all) => all.replace('"tag": "1.0"', '"tag": "2.0"')],
      [
        'another deadline',
        /does not match what the request says/,
        (all) => all.replace(/"deadline": (\d+)/, (_, at: string) => `"deadline": ${Number(at) + 60}`),
      ],
      ['another chain', /another ledger/, (all) => all.replace(/"chainId": "\d+"/, '"chainId": "1"')],
      ['another beginning', /same chain ID/, (all) => all.replace(/"genesisHash": "0x..../, '"genesisHash": "0xdead')],
      ['a key twice', /not a signing request/, (all) => all.replace('"version": 1,', '"version": 1, "version": 1,')],
      ['a later version', /newer version/, (all) => all.replace('"version": 1,', '"version": 2,')],
      [
        'another member',
        /not a signing request/,
        (all) => all.replace('"version": 1,', '"version": 1, "comment": "trust me",'),
      ],
      [
        'a statement cut off',
        /cannot be read/,
        (all) => all.replace(/"body": "0x([0-9a-f]+)..",?/, (_, body: string) => `"body": "0x${body}"`),
      ],
    ];
    for (const [name, message, alter] of alterations) {
      writeFileSync(file('altered'), alter(text));
      assert.notEqual(readFileSync(file('altered'), 'utf8'), text, name);
      await failed(1, message, 'request', 'send', file('altered'), ...sending);
      assert.equal((await run('request', 'show', file('altered'), ...ci)).code, 1, name);
    }
  });

  it('is sent by anybody, once', async () => {
    const sent = await printed('request', 'send', file('signed'), ...sending);
    assert.deepEqual(sent.split('\n'), images);
    const history = await printed('history', images[0] ?? '', '--json', ...ci);
    assert.ok(history.includes(organization) && history.includes(signer.toLowerCase()));
    await failed(1, /in the ledger already/, 'request', 'send', file('signed'), ...sending);
    const [code, { refusal, entries }] = await show('signed');
    assert.equal(code, 1);
    assert.deepEqual([refusal?.code, refusal?.reason], ['requestInvalid', 'written']);
    assert.ok(entries.every(({ state }) => state === 'written'));
  });

  it('is worth nothing once the tag was signed by somebody else', async () => {
    const [image = ''] = images;
    await buildImage(engine.docker, image, { files: { motd: 'late' } });
    await create(image, '-o', file('late'));
    await sign('late', 'late-signed');
    await buildImage(engine.docker, image, { files: { motd: 'faster' } });
    await create(image, '--signer', signer, '-o', file('faster'));
    await sign('faster', 'faster');
    await printed('request', 'send', file('faster'), ...sending);
    await failed(
      1,
      /Something else has been signed for .*shop\/web:1\.0/,
      'request',
      'send',
      file('late-signed'),
      ...sending,
    );
    await failed(
      1,
      /Something else has been signed/,
      'request',
      'sign',
      file('late'),
      '-o',
      file('none'),
      '--yes',
      '--password-file',
      right,
      ...colleague,
    );
  });

  it('vouches and revokes as well', async () => {
    const [web = '', api = ''] = images;
    await create(api, '--kind', 'vouch', '-o', file('vouch'));
    assert.match(
      await printed('request', 'show', file('vouch'), ...ci),
      /Vouch for registry\.example\.com\/shop\/api:1\.0/,
    );
    await create(web, '--kind', 'revoke', '--reason', 'vulnerable', '--note', 'CVE in\u202e it', '-o', file('revoke'));
    await sign('revoke', 'revoke');
    const shown = await printed('request', 'show', file('revoke'), ...ci);
    assert.match(
      shown,
      /Revoke registry\.example\.com\/shop\/web:1\.0[^]*statement #1[^]*vulnerable[^]*CVE in\\u\{202e\} it/,
    );
    await printed('request', 'send', file('revoke'), ...sending);
    await failed(
      2,
      /--reason/,
      'request',
      'create',
      web,
      '--kind',
      'revoke',
      '--publisher',
      organization,
      '-o',
      file('none'),
      ...ci,
    );
    await failed(
      2,
      /--kind/,
      'request',
      'create',
      web,
      '--kind',
      'trust',
      '--publisher',
      organization,
      '-o',
      file('none'),
      ...ci,
    );
  });

  it('tells a contract wallet what its owners sign', async () => {
    const contract = `0x${'c0'.repeat(20)}`;
    await printed('org', 'invite', organization, contract, ...sending);
    await create(images[1] ?? '', '--again', '--signer', contract, '-o', file('contract'));
    const [, { entries }] = await show('contract');
    assert.match(entries[0]?.hash ?? '', /^0x[0-9a-f]{64}$/);
    assert.match(
      await printed('request', 'show', file('contract'), ...ci),
      new RegExp(`EIP-712 hash ${entries[0]?.hash ?? '-'}`),
    );
    const attach = ['request', 'attach', file('contract'), '-o', file('none'), '--signer', contract];
    await failed(1, /does not match what the request says/, ...attach, '--signature', `0x${'11'.repeat(65)}`, ...ci);
    await failed(2, /needs 1 signatures/, ...attach, ...ci);
  });

  it('is shown, and nothing claimed of it, where no node answers', async () => {
    const nobody = ['--data', join(folder, 'nobody')];
    const { code, stdout, stderr } = await run('request', 'show', file('contract'), ...nobody);
    assert.equal(code, 13);
    assert.match(stdout, /Publish registry\.example\.com\/shop\/api:1\.0/);
    assert.match(stderr, /node/);
    await failed(
      1,
      /node/,
      'request',
      'attach',
      file('contract'),
      '-o',
      file('none'),
      '--signature',
      '0x11',
      ...nobody,
    );
    assert.ok(!existsSync(file('none')));
  });
});
