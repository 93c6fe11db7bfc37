import assert from 'node:assert/strict';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { BaseImage } from '../../../src/buildFiles/dockerfile/baseImages';
import { readComposeFile, readDockerfile, type BuildFileContext } from '../../../src/buildFiles/buildFile';
import type { BuildFileReading } from '../../../src/buildFiles/compose/compose';
import type { FileAnswer } from '../../../src/buildFiles/compose/projectFiles';
import type { FileRefusal } from '../../../src/buildFiles/refusal';
import { unreadText } from '../../../src/buildFiles/unreadText';

type Files = Readonly<Record<string, string | FileAnswer>>;

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: Readonly<Record<string, string>>;
  readonly workspace?: Readonly<Record<string, string>>;
}

function contextOf(files: Files, { environment = {}, user = {}, workspace = {} }: Options): BuildFileContext {
  return {
    files: {
      read: (path) => {
        const answer = files[path] ?? { fault: 'absent' };
        return Promise.resolve(typeof answer === 'string' ? { text: answer } : answer);
      },
    },
    environment: { variables: (name) => environment[name], folderName: 'folder' },
    buildArguments: { user, workspace },
  };
}

async function dockerfile(text: string, files: Files = {}, options: Options = {}): Promise<BuildFileReading> {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return readDockerfile(document, 'Dockerfile', contextOf({ Dockerfile: text, ...files }, options));
}

function textIn(files: Files, path: string): string {
  const text = files[path];
  return typeof text === 'string' ? text : '';
}

async function compose(
  files: Files,
  how: 'asCompose' | 'forEditor' = 'asCompose',
  path = 'compose.yaml',
  options: Options = {},
): Promise<BuildFileReading> {
  const document = TextDocument.create('file:///compose.yaml', 'dockercompose', 1, textIn(files, path));
  return readComposeFile(document, path, contextOf(files, options), how);
}

/** `[file:]reference`, `?variable` or `!cause path`, and behind `@` the line. */
function told({ images }: BuildFileReading): readonly string[] {
  const what = (image: BaseImage): string =>
    image.type === 'image'
      ? `${image.reference}${image.platform === undefined ? '' : ` (${image.platform})`}`
      : image.type === 'unread'
        ? `!${image.cause} ${image.path}`
        : image.variables.map(({ name }) => `?${name}`).join('');
  return images.map((image) => {
    const via = image.via === undefined ? '' : `, led to in line ${image.via.start.line}`;
    return `${image.file === undefined ? '' : `${image.file}: `}${what(image)} @${image.range.start.line}${via}`;
  });
}

describe('a Dockerfile beside a Compose file', () => {
  const file = 'ARG BASE\nFROM ${BASE}\n';
  const built = (...args: readonly string[]): string =>
    `services:\n${args.map((arg, i) => `  s${i}: {build: {context: ., args: ${arg}}}\n`).join('')}`;

  it('has the arguments of each build there', async () => {
    assert.deepEqual(told(await dockerfile(file)), ['?BASE @1']);
    assert.deepEqual(told(await dockerfile(file, { 'compose.yaml': built('{BASE: a:1}') })), ['a:1 @1']);
    assert.deepEqual(told(await dockerfile(file, { 'docker-compose.yml': built('[BASE=a:1]', '{BASE: b:1}') })), [
      'a:1 @1',
      'b:1 @1',
    ]);
  });

  it('is judged with its own default as well, and with what is not known there', async () => {
    const own = file.replace('BASE\n', 'BASE=own:1\n');
    assert.deepEqual(told(await dockerfile(own, { 'compose.yaml': built('{BASE: a:1}') })), ['own:1 @1', 'a:1 @1']);
    assert.deepEqual(told(await dockerfile(own, { 'compose.yaml': built('{BASE: "${X}"}') })), ['own:1 @1', '?X @1']);
    assert.deepEqual(told(await dockerfile(file, { 'compose.yaml': built('{BASE: a:1}', '{}') })), [
      '?BASE @1',
      'a:1 @1',
    ]);
  });

  it('has the arguments of the override', async () => {
    const files = { 'compose.yaml': built('{}'), 'compose.override.yaml': built('{BASE: o:1}') };
    assert.deepEqual(told(await dockerfile(file, files)), ['o:1 @1']);
  });

  it('is built for the platforms there', async () => {
    const files = { 'compose.yaml': 'services: {a: {platform: linux/arm64, build: .}}' };
    assert.deepEqual(told(await dockerfile('FROM a:1', files)), ['a:1 @0', 'a:1 (linux/arm64) @0']);
  });

  it('says so where that cannot be read, for its arguments are not known then', async () => {
    for (const fault of ['unreadable', 'tooLarge', 'outside'] as const)
      for (const name of ['compose.yaml', 'docker-compose.yml'])
        assert.deepEqual(told(await dockerfile('FROM a:1\n', { [name]: { fault } })), [
          'a:1 @0',
          `!${fault} ${name} @0`,
        ]);
    const files = {
      'compose.yaml': 'services: {a: {build: .}}',
      'compose.override.yml': { fault: 'unreadable' } as const,
    };
    assert.deepEqual(told(await dockerfile('FROM a:1\n', files)), ['a:1 @0', '!unreadable compose.override.yml @0']);
    assert.deepEqual(told(await dockerfile('FROM a:1\n')), ['a:1 @0']);
  });

  it('is no other Dockerfile', async () => {
    const files = { 'compose.yaml': 'services: {a: {build: {context: sub, args: {BASE: a:1}}}}' };
    assert.deepEqual(told(await dockerfile(file, files)), ['?BASE @1']);
  });
});

describe('what reads a Dockerfile', () => {
  it('is what a build argument names, in the place of what the file names', async () => {
    const user = { BUILDKIT_SYNTAX: 'other:1 with words' };
    assert.deepEqual(told(await dockerfile('# syntax=own:1\nFROM a:1', {}, { user })), [
      'other:1 (${BUILDPLATFORM}) @0',
      'a:1 @1',
    ]);
    assert.deepEqual(told(await dockerfile('\nFROM a:1', {}, { user })), ['other:1 (${BUILDPLATFORM}) @1', 'a:1 @1']);
  });

  it('is judged as well where a workspace names it, and takes nothing away', async () => {
    const workspace = { BUILDKIT_SYNTAX: 'other:1' };
    assert.deepEqual(told(await dockerfile('# syntax=own:1\nFROM a:1', {}, { workspace })), [
      'own:1 (${BUILDPLATFORM}) @0',
      'other:1 (${BUILDPLATFORM}) @0',
      'a:1 @1',
    ]);
  });

  it('is what the Compose file beside it names', async () => {
    const files = { 'compose.yaml': 'services: {a: {build: {context: ., args: [BUILDKIT_SYNTAX=c:1]}}}' };
    assert.deepEqual(told(await dockerfile('FROM a:1', files)), ['a:1 @0', 'c:1 (${BUILDPLATFORM}) @0']);
  });
});

describe('what a Compose file leads to', () => {
  const files = {
    'compose.yaml': 'include:\n  - sub/more.yaml\nservices:\n  a:\n    build: sub\n',
    'sub/more.yaml': 'services:\n  b:\n    image: b:1\n',
    'sub/Dockerfile': 'FROM scratch\nFROM d:1\n',
  };

  it('is given with its file, and with the place that leads there', async () => {
    assert.deepEqual(told(await compose(files)), [
      'sub/more.yaml: b:1 @2, led to in line 1',
      'sub/Dockerfile: d:1 @1, led to in line 4',
    ]);
  });

  it('is a part that is not judged where it is not read', async () => {
    const causes = { 'a.yaml': { fault: 'outside' }, 'b.yaml': { fault: 'tooLarge' } } as const;
    const text = [
      'include: [a.yaml, b.yaml, "oci://example.com/c", "https://example.com/d.git"]',
      'services:',
      '  a: {image: a:1}',
      '  b: {extends: {file: none.yaml, service: x}, image: b:1}',
      '  c: {build: git@example.com:c}',
    ].join('\n');
    assert.deepEqual(told(await compose({ 'compose.yaml': text, ...causes })), [
      'a:1 @2',
      'b:1 @3',
      '!outside a.yaml @0',
      '!tooLarge b.yaml @0',
      '!remote oci://example.com/c @0',
      '!remote https://example.com/d.git @0',
      '!absent none.yaml @3',
      '!remote git@example.com:c @4',
    ]);
  });

  it('is the override in a terminal, and only itself in an editor', async () => {
    const both = {
      'compose.yaml': 'services:\n  a: {image: a:1}\n  b: {image: b:1}\n',
      'compose.override.yaml': 'services:\n  a: {image: o:1}\n',
    };
    assert.deepEqual(told(await compose(both)), ['compose.override.yaml: o:1 @1', 'b:1 @2']);
    assert.deepEqual(told(await compose(both, 'forEditor')), ['a:1 @1', 'b:1 @2']);
    assert.deepEqual(told(await compose(both, 'forEditor', 'compose.override.yaml')), ['o:1 @1']);
    assert.deepEqual(
      told(await compose({ ...both, 'other.yaml': 'services: {c: {image: c:1}}' }, 'asCompose', 'other.yaml')),
      ['c:1 @0'],
    );
  });

  it('is an override that cannot be read', async () => {
    const both = {
      'compose.yaml': 'services: {a: {image: a:1}}',
      'compose.override.yml': { fault: 'outside' },
    } as const;
    assert.deepEqual(told(await compose(both)), ['a:1 @0', '!outside compose.override.yml @0']);
  });

  it('has variables from .env, and a .env that is not understood is told', async () => {
    const text = 'services: {a: {image: "a:${T:-1}"}}';
    assert.deepEqual(told(await compose({ 'compose.yaml': text, '.env': 'T=2' })), ['a:2 @0']);
    assert.deepEqual(told(await compose({ 'compose.yaml': text, '.env': '"' })), ['a:1 @0', '!notUnderstood .env @0']);
    assert.deepEqual(told(await compose({ 'compose.yaml': text, '.env': { fault: 'outside' } })), [
      'a:1 @0',
      '!outside .env @0',
    ]);
    const environment = { T: '3' };
    assert.deepEqual(
      told(await compose({ 'compose.yaml': text, '.env': 'T=2' }, 'asCompose', 'compose.yaml', { environment })),
      ['a:3 @0'],
    );
  });

  it('is told of a Dockerfile that is none', async () => {
    const none = { 'compose.yaml': 'services: {a: {build: .}}', Dockerfile: 'FORM a:1' };
    assert.deepEqual(told(await compose(none)), ['!notUnderstood Dockerfile @0']);
  });
});

describe('a file that is not what it was taken for', () => {
  const refusals = async (reading: Promise<BuildFileReading>): Promise<string | undefined> => {
    const { refusal, images } = await reading;
    assert.ok(refusal === undefined || unreadText({ path: 'x', cause: 'notUnderstood', refusal }) !== '');
    return refusal === undefined ? (images.length === 0 ? 'nothing' : undefined) : refusal.kind;
  };

  for (const [what, text, kind] of [
    ['nothing', '', 'empty'],
    ['comments', '# syntax=docker/dockerfile:1\n# FROM a:1\n', 'empty'],
    ['a misspelt FROM', 'FORM a:1\n', 'unknownInstruction'],
    ['a misspelt FROM beside a good one', 'FROM a:1\nFORM b:1\n', 'unknownInstruction'],
    ['a misspelt instruction in ONBUILD', 'FROM a:1\nONBUILD RUNN x\n', 'unknownInstruction'],
    ['arguments alone', 'ARG A=1\n', 'noFrom'],
    ['JSON', '{"name": "x"}', 'unknownInstruction'],
    ['another language', '# syntax=example.com/other:1\nimage: a:1\n', 'otherFrontend'],
    ['scratch', 'FROM scratch\nCOPY a /\n', 'nothing'],
    ['an image', 'FROM a:1\nADD a b\nCMD x\n', undefined],
    ['an image and another reader', '# syntax=example.com/other:1\nFROM a:1\n', undefined],
  ] as const) {
    it(`as a Dockerfile: ${what}`, async () => {
      assert.equal(await refusals(dockerfile(text)), kind);
    });
  }

  for (const [what, text, kind] of [
    ['nothing', '', 'empty'],
    ['comments', '# nothing', 'empty'],
    ['no YAML', 'services: {a: [', 'yaml'],
    ['tabs', 'services:\n\ta: {image: a:1}\n', 'yaml'],
    ['a text', 'hello', 'otherYaml'],
    ['a list', '- a', 'otherYaml'],
    ['Kubernetes', 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: a:1}]}\n', 'kubernetes'],
    ['Kubernetes, a second document', 'services: {a: {image: a:1}}\n---\napiVersion: v1\nkind: Pod\n', 'kubernetes'],
    ['an old file', 'web:\n  image: a:1\n  ports: ["80"]\ndb:\n  build: .\n', 'composeV1'],
    ['a workflow', 'name: CI\non: push\njobs: {a: {runs-on: x}}\n', 'otherYaml'],
    ['a misspelt key', 'service: {a: {image: a:1}}\n', 'otherYaml'],
    ['a key that is not known', 'services: {a: {image: a:1}}\nservice: {}\n', 'unknownKey'],
    ['a misspelt key of a service', 'services: {a: {build: ., imgae: a:1}}\n', 'unknownKey'],
    ['a misspelt key that is merged', 'x-a: &a {imgae: a:1}\nservices: {a: {<<: *a, image: b:1}}\n', 'unknownKey'],
    ['a misspelt key of a build', 'services: {a: {build: {context: ., dockerfil: x}}}\n', 'unknownKey'],
    [
      'a misspelt key of a mount',
      'services: {a: {image: a, volumes: [{type: image, sorce: b, target: /}]}}',
      'unknownKey',
    ],
    ['a misspelt key of a hook', 'services: {a: {image: a:1, pre_start: [{imag: b:1}]}}\n', 'unknownKey'],
    ['a name that no service can have', 'services: {a/b: {image: a:1}}\n', 'unknownKey'],
    ['keys of an extension', 'services: {a: {image: a:1, x-imgae: a:1, build: {x-a: b, context: .}}}\n', undefined],
    ['services that are a list', 'services: [a]\n', 'unknownKey'],
    ['a key twice', 'services:\n  a: {image: a:1}\n  a: {image: b:1}\n', 'duplicateKey'],
    ['a number for an image', 'services: {a: {image: 1.5}}\n', 'noText'],
    ['a service of nothing', 'services: {a: }\n', 'noImage'],
    ['a service without an image', 'services: {a: {ports: []}}\n', 'noImage'],
    ['a name alone', 'name: x\n', 'otherYaml'],
    ['only volumes', 'volumes: {a: }\n', 'nothing'],
    ['a provider', 'services: {a: {provider: {type: x}}}\n', 'nothing'],
    ['a service', 'services: {a: {image: a:1}}\n', undefined],
  ] as const) {
    it(`as a Compose file: ${what}`, async () => {
      assert.equal(await refusals(compose({ 'compose.yaml': text })), kind);
    });
  }
});

describe('a key that Compose does not know', () => {
  const refusalOf = async (files: Files): Promise<FileRefusal | undefined> => (await compose(files)).refusal;

  it('is told with its line and what is likely meant', async () => {
    const text = 'services:\n  a:\n    image: a:1\n    plaform:\n      linux/arm64\n';
    const refusal = await refusalOf({ 'compose.yaml': text });
    assert.deepEqual(refusal, {
      kind: 'unknownKey',
      detail: 'plaform',
      suggestion: 'platform',
      line: 3,
      path: 'compose.yaml',
    });
  });

  it('is told in the file that it is in', async () => {
    const files = {
      'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: b}}}\n',
      'b.yaml': '\nservices: {b: {image: b:1, Volumes: []}, c: {no: thing}}\n',
    };
    const refusal = await refusalOf(files);
    assert.deepEqual(refusal, {
      kind: 'unknownKey',
      detail: 'Volumes',
      suggestion: 'volumes',
      line: 1,
      path: 'b.yaml',
    });
  });

  for (const [key, suggestion] of [
    ['imgae', 'image'],
    ['Image', 'image'],
    ['pull-policy', 'pull_policy'],
    ['environments', 'environment'],
    ['enviroment', 'environment'],
    ['depend_on', 'depends_on'],
    ['port', 'ports'],
    ['io', undefined],
    ['kubernetes', undefined],
    ['x'.repeat(100_000), undefined],
  ] as const) {
    it(`resembles ${suggestion ?? 'none'}: ${key.slice(0, 20)}`, async () => {
      const refusal = await refusalOf({ 'compose.yaml': `services: {a: {image: a:1, ? ${key} : }}` });
      assert.equal(refusal?.kind, 'unknownKey');
      assert.equal(refusal.suggestion, suggestion);
    });
  }
});

describe('Compose files of somebody who means harm', () => {
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const size = 20_000;
  const rows: Readonly<Record<string, () => Files>> = {
    'includes of includes, twice each': () => {
      const files: Record<string, string> = { 'a.env': 'A=1', 'b.env': 'A=2' };
      for (let i = 0; i < 100; i += 1) {
        const next = `${i + 1}.yaml`;
        const include = `include: [{path: ${next}, env_file: a.env}, {path: ${next}, env_file: b.env}]\nservices: {}`;
        files[i === 0 ? 'compose.yaml' : `${i}.yaml`] = include;
      }
      return files;
    },
    'many includes': () => ({ 'compose.yaml': `include:\n${lines(size, (i) => `  - ${i}.yaml`)}` }),
    'many services with many mounts': () => ({
      'compose.yaml': `x: &x\n${lines(size, (i) => `  - {type: image, source: a:${i}, target: /${i}}`)}\nservices:\n${lines(size, (i) => `  s${i}: {image: a, volumes: *x}`)}`,
    }),
    'many services of one Dockerfile': () => ({
      'compose.yaml': `services:\n${lines(size, (i) => `  s${i}: {build: {context: ., args: {A: ${i}}}}`)}`,
      Dockerfile: `FROM a:1\n${'RUN x\n'.repeat(size)}`,
    }),
    'many platforms of a large Dockerfile': () => ({
      'compose.yaml': `services:\n  a:\n    build:\n      context: .\n      platforms:\n${lines(size, (i) => `        - linux/${i}`)}`,
      Dockerfile: 'FROM a:1\n'.repeat(size),
    }),
    'a chain of extensions': () => ({
      'compose.yaml': `services:\n${lines(size, (i) => `  s${i}: {extends: s${i + 1}}`)}\n  s${size}: {image: a:1}`,
    }),
    'defaults in defaults': () => ({
      'compose.yaml': `services:\n  a: {image: "${'${A:-'.repeat(size)}x${'}'.repeat(size)}"}`,
    }),
    'many variables in one Dockerfile': () => ({
      'compose.yaml': `services:\n  a:\n    build:\n      dockerfile_inline: |\n${lines(size, () => '        FROM ${A}')}`,
    }),
    'comments above many images': () => ({
      'compose.yaml': `services:\n${'# x\n'.repeat(size)}${'  ? a\n  : {image: a:1}\n'.repeat(size / 10)}`,
    }),
    'laughs in two documents': () => {
      const laughs = `x0: &x0 {image: a:1}\n${lines(60, (i) => `x${i + 1}: &x${i + 1} {a: *x${i}, b: *x${i}}`)}\nservices: *x60\n`;
      return { 'compose.yaml': `${laughs}---\n${laughs}` };
    },
    'variables of one text, in many services': () => ({
      'compose.yaml': `x: &x "${'$A'.repeat(10 * size)}"\nservices:\n${lines(size, (i) => `  s${i}: {image: *x}`)}`,
      '.env': 'A=',
    }),
    'one long mount, in many services': () => ({
      'compose.yaml': `services:\n  b: {image: b, volumes: ["${':'.repeat(20 * size)}"]}\n${lines(size, (i) => `  s${i}: {extends: b, volumes: [/a]}`)}`,
    }),
    'many mounts that many services extend': () => ({
      'compose.yaml': `services:\n  b: {image: b, volumes: [${'/a,'.repeat(size)}]}\n${lines(size, (i) => `  s${i}: {extends: b}`)}`,
    }),
    'one long name, in many services': () => ({
      'compose.yaml': `services:\n  b: {image: b${'a'.repeat(20 * size)}}\n${lines(size, (i) => `  s${i}: {extends: b}`)}`,
    }),
    'many arguments that many services extend': () => ({
      'compose.yaml': `services:\n  b:\n    build:\n      context: .\n      args:\n${lines(size, (i) => `        A${i}: a`)}\n${lines(size, (i) => `  s${i}: {extends: b}`)}`,
      Dockerfile: 'FROM a:1',
    }),
    'many arguments, for many platforms': () => ({
      'compose.yaml': `services:\n  b:\n    build:\n      context: .\n      args:\n${lines(size, (i) => `        A${i}: a`)}\n      platforms:\n${lines(size, (i) => `        - linux/${i}`)}`,
      Dockerfile: 'FROM a:1',
    }),
    'one long context, for many platforms': () => ({
      'compose.yaml': `services:\n  b:\n    build:\n      context: .\n      additional_contexts: {c: "docker-image://${'a'.repeat(20 * size)}"}\n      platforms:\n${lines(size, (i) => `        - linux/${i}`)}`,
      Dockerfile: 'FROM a:1',
    }),
    'long names in one Dockerfile': () => ({
      'compose.yaml': 'services: {a: {build: .}}',
      Dockerfile: `ARG A=${'a'.repeat(4000)}\n${'FROM $A\n'.repeat(2 * size)}`,
    }),
    'items in one line': () => ({ 'compose.yaml': `x: [${'a,'.repeat(25 * size)}]\nservices: {a: {image: a:1}}` }),
    'quotes behind quotes': () => ({ 'compose.yaml': `x: ${'"'.repeat(50 * size)}` }),
    'brackets that close nothing': () => ({ 'compose.yaml': `services: ${']'.repeat(50 * size)}` }),
    'a .env of one long value': () => ({
      'compose.yaml': 'services: {a: {image: "a:${A}"}}',
      '.env': `A=${'a'.repeat(5 * size)}\n${'B=$A x\n'.repeat(5 * size)}`,
    }),
    'a .env of quotes': () => ({ 'compose.yaml': 'services: {a: {image: a:1}}', '.env': 'A="'.repeat(size) }),
    'a .env that doubles': () => ({
      'compose.yaml': 'services: {a: {image: "a:${A}"}}',
      '.env': `A=aaaa\n${'A=$A$A\n'.repeat(60)}`,
    }),
  };
  for (const [what, files] of Object.entries(rows)) {
    it(`cost what they are long: ${what}`, async () => {
      const start = process.cpuUsage();
      const reading = await compose(files());
      const { user } = process.cpuUsage(start);
      assert.ok(reading.images.length > 0 || reading.refusal !== undefined, 'nothing is told');
      assert.ok(user < 15_000_000, `${user / 1e6} s of processor time`);
    });
  }
});
