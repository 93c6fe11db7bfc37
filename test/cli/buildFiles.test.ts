import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { temporaryFolder } from '../testbed/program';
import { run, type Ended } from './daochain';

const data = join(temporaryFolder().path, 'none');
const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder().path;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

interface Asked {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function check({ files, args, env = {} }: Asked): Promise<Ended> {
  return run(['check', ...args, '--data', data], { cwd: folderOf(files), env: { ...noEngine, ...env } });
}

const reportSchema = v.object({
  images: v.array(
    v.object({
      file: v.string(),
      line: v.number(),
      text: v.optional(v.string()),
      unread: v.optional(v.object({ path: v.string(), cause: v.string() })),
    }),
  ),
});

/** `file:line what` of each. */
async function found(asked: Asked): Promise<readonly string[]> {
  const { stdout } = await check({ ...asked, args: [...asked.args, '--json'] });
  return v
    .parse(reportSchema, JSON.parse(stdout))
    .images.map(({ file, line, text, unread }) => `${file}:${line} ${text ?? `!${unread?.cause ?? '?'}`}`);
}

describe('build files in a terminal', () => {
  for (const [what, name, text, says] of [
    ['a misspelt FROM', 'Dockerfile', 'FORM a:1\n', /Dockerfile:1:1: note DC013: Not judged: .*FORM in line 1/],
    ['an empty Dockerfile', 'Dockerfile', '', /DC013: Not judged: The file is empty/],
    ['an empty Compose file', 'compose.yaml', '', /DC013: Not judged: The file is empty/],
    ['a Kubernetes manifest', 'pod.yaml', 'apiVersion: v1\nkind: Pod\n', /DC013: Not judged: .*Kubernetes/],
    ['an old Compose file', 'docker-compose.yml', 'web:\n  image: a:1\n', /DC013: Not judged: .*version 1/],
  ] as const) {
    it(`are not green where nothing is understood: ${what}`, async () => {
      const { code, stdout } = await check({ files: { [name]: text }, args: [name] });
      assert.match(stdout, says);
      assert.match(stdout, /Parts that are not judged: 1/);
      assert.equal(code, 14);
    });
  }

  it('are said to fetch nothing where that is so', async () => {
    const { code, stdout } = await check({ files: { Dockerfile: 'FROM scratch\nCOPY a /\n' }, args: ['Dockerfile'] });
    assert.match(stdout, /^Dockerfile: fetches no image\./m);
    assert.equal(code, 0);
  });

  it('are not green where a part is not read', async () => {
    const include = 'include: ["https://example.com/x.git"]\n';
    const { code, stdout } = await check({ files: { 'compose.yaml': include }, args: ['compose.yaml'] });
    assert.match(stdout, /compose\.yaml:1:12: note DC013: Not judged: .*fetched from elsewhere/);
    assert.equal(code, 14);
    const ignored = { 'compose.yaml': `# daochain: ignore DC013 — elsewhere\n${include}` };
    assert.equal((await check({ files: ignored, args: ['compose.yaml'] })).code, 0);
  });

  const project = {
    '.env': 'TAG=dotenv\n',
    'compose.yaml': 'include: [sub/compose.yaml]\nservices:\n  a: {image: "a:${TAG}"}\n',
    'compose.override.yaml': 'services:\n  b:\n    build: {context: ., args: {BASE: "b:1"}}\n',
    'sub/compose.yaml': 'services: {c: {image: c:1}}\n',
    Dockerfile: 'ARG BASE\nFROM $BASE\n',
    'other.yaml': 'services: {o: {image: o:1}}\n',
  };
  const all = ['sub/compose.yaml:1 c:1', 'compose.yaml:3 a:dotenv', 'Dockerfile:2 b:1'];

  it('are what Compose reads there, with the place of each name', async () => {
    assert.deepEqual([...(await found({ files: project, args: ['compose.yaml'] }))].sort(), [...all].sort());
    assert.deepEqual([...(await found({ files: project, args: ['.'] }))].sort(), [...all].sort());
    assert.deepEqual(await found({ files: project, args: ['other.yaml'] }), ['other.yaml:1 o:1']);
    assert.deepEqual(await found({ files: project, args: ['.'], env: { COMPOSE_FILE: 'other.yaml' } }), [
      'other.yaml:1 o:1',
    ]);
    assert.deepEqual(
      await found({ files: project, args: ['Dockerfile', 'compose.yaml'] }).then((list) => list.length),
      3,
    );
  });

  it('have the variables of the shell before those of .env', async () => {
    const images = await found({ files: project, args: ['compose.yaml'], env: { TAG: 'shell' } });
    assert.ok(images.includes('compose.yaml:3 a:shell'), images.join('\n'));
  });

  it('have the arguments of the Compose file beside a Dockerfile', async () => {
    assert.deepEqual(await found({ files: project, args: ['Dockerfile'] }), ['Dockerfile:2 b:1']);
  });

  it('lead to no file outside, be it by a link', async () => {
    const outside = folderOf({ 'x.yaml': 'services: {x: {image: x:1}}\n' });
    const folder = folderOf({ 'compose.yaml': `include: [link.yaml, ${join(outside, 'x.yaml')}]\n` });
    symlinkSync(join(outside, 'x.yaml'), join(folder, 'link.yaml'));
    const { code, stdout } = await run(['check', 'compose.yaml', '--data', data], { cwd: folder, env: noEngine });
    assert.equal(stdout.match(/DC013: Not judged: .* is outside this folder/g)?.length, 2, stdout);
    assert.doesNotMatch(stdout, /x:1/);
    assert.equal(code, 14);
  });

  it('are a misuse where a folder has none', async () => {
    const { code, stderr } = await check({ files: {}, args: ['.'] });
    assert.match(stderr, /is a folder without a Compose file/);
    assert.equal(code, 2);
  });
});
