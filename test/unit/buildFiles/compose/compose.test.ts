import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { BaseImage } from '../../../../src/buildFiles/dockerfile/baseImages';
import { findComposeImages, type ComposeFiles } from '../../../../src/buildFiles/compose/compose';
import { isComposeFile } from '../../../../src/buildFiles/compose/composeFile';

function read(file: string): TextDocument {
  return TextDocument.create('file:///compose.yaml', 'dockercompose', 1, file);
}

const alone: Omit<ComposeFiles, 'documents' | 'asked'> = {
  files: {
    read: (path) => Promise.resolve(path === 'Dockerfile' ? { text: 'FROM scratch' } : { fault: 'absent' }),
  },
  environment: { variables: () => undefined, folderName: 'folder' },
};

async function imagesOf(
  document: TextDocument,
  buildArguments?: Parameters<typeof findComposeImages>[1],
): Promise<readonly BaseImage[]> {
  const documents = [{ document, path: 'compose.yaml' }];
  return (await findComposeImages({ ...alone, documents, asked: document }, buildArguments)).images;
}

/** `what it stands for (platform)`, or `?names`, and behind `@` what is underlined, where that is other text. */
async function found(
  file: string,
  buildArguments?: Parameters<typeof findComposeImages>[1],
): Promise<readonly string[]> {
  const document = read(file);
  return (await imagesOf(document, buildArguments)).flatMap((image) => {
    if (image.type === 'unread') return `!${image.cause} ${image.path}`;
    assert.equal(image.written, document.getText(image.range));
    if (image.type === 'unresolved') {
      return image.variables.map(({ name, range }) => `?${name}@${document.getText(range)}`);
    }
    const at = image.written === image.reference ? '' : `@${image.written}`;
    return `${image.source === 'image' ? '' : `${image.source} `}${image.reference}${image.platform === undefined ? '' : ` (${image.platform})`}${at}`;
  });
}

function inline(dockerfile: string, more = ''): string {
  const block = dockerfile.replace(/^(?=.)/gm, '        ');
  return `services:\n  a:\n    build:\n      dockerfile_inline: |\n${block}\n${more}`;
}

type Row = readonly [what: string, file: string, images: readonly string[]];

const rows: readonly Row[] = [
  ['nothing', '', []],
  ['a file of comments', '# nothing\n', []],
  ['another YAML file', 'image: a:1\nfoo: {image: b:1}\n', []],
  ['a service', 'services:\n  web:\n    image: nginx:1.27\n', ['nginx:1.27']],
  ['two services', 'services:\n  a: {image: a:1}\n  b: {image: b:1}\n', ['a:1', 'b:1']],
  ['double quotes', 'services:\n  a:\n    image: "a:1"\n', ['a:1']],
  ['single quotes', "services:\n  a:\n    image: 'a:1'\n", ['a:1']],
  ['an escape in quotes', 'services:\n  a:\n    image: "a\\x3a1"\n', ['a:1@"a\\x3a1"']],
  ['a comment behind it', 'services:\n  a:\n    image: a:1 # old\n', ['a:1']],
  ['a name on a line of its own', 'services:\n  a:\n    image:\n      a:1\n', ['a:1']],
  ['a folded block', 'services:\n  a:\n    image: >-\n      a:1\n', ['a:1@>-\n      a:1\n']],
  ['a literal block', 'services:\n  a:\n    image: |-\n      a:1\n', ['a:1']],
  ['line ends of Windows', 'services:\r\n  a:\r\n    image: a:1\r\n  b:\r\n    image: b:1\r\n', ['a:1', 'b:1']],
  ['JSON', '{"services": {"a": {"image": "a:1"}}}', ['a:1']],
  ['flow style over lines', 'services: {\n  a: {\n    image: a:1,\n    ports: [1]\n  } }\n', ['a:1']],
  ['a complex key', 'services:\n  ? a\n  : image: a:1\n', ['a:1']],
  ['a digest', `services:\n  a:\n    image: a:1@sha256:${'0'.repeat(64)}\n`, [`a:1@sha256:${'0'.repeat(64)}`]],
  ['a tag', 'services:\n  a:\n    image: !!str a:1\n', ['a:1']],
  ['nothing for a name', 'services:\n  a:\n    image:\n  b:\n    image: ""\n', []],
  ['null services', 'services:\n', []],
  ['services that are a list', 'services:\n  - image: a:1\n', []],
  ['several documents', 'services:\n  a:\n    image: a:1\n---\nservices:\n  a:\n    image: b:1\n', ['b:1']],
  ['a byte order mark', '\uFEFFservices:\n  a:\n    image: a:1\n', ['a:1']],

  ['a service that is built', 'services:\n  a:\n    image: a:1\n    build: .\n', ['a:1']],
  [
    'a service that is built from a mapping',
    'services:\n  a:\n    build:\n      context: .\n    image: a:1\n',
    ['a:1'],
  ],
  ['build without a value', 'services:\n  a:\n    build:\n    image: a:1\n', ['a:1']],
  ['build that is reset', 'services:\n  a:\n    build: !reset null\n    image: a:1\n', ['a:1']],
  ['an image that is reset', 'services:\n  a:\n    image: !reset null\n', []],
  ['an overriding image', 'services:\n  a:\n    image: !override a:1\n', ['a:1']],
  [
    'what a cache comes from',
    'services:\n  a:\n    build:\n      context: .\n      cache_from: [a:1, type=registry,ref=b:1]\n',
    [],
  ],

  ['a platform', 'services:\n  a:\n    platform: linux/arm64\n    image: a:1\n', ['a:1 (linux/arm64)']],
  [
    'a platform with a default',
    'services:\n  a:\n    platform: ${P:-linux/amd64}\n    image: a:1\n',
    ['a:1 (linux/amd64)'],
  ],
  ['a platform that is not known', 'services:\n  a:\n    platform: ${P}\n    image: a:1\n', ['?P@${P}']],

  ['an alias for a name', 'x: &i a:1\nservices:\n  a:\n    image: *i\n  b:\n    image: *i\n', ['a:1']],
  ['an alias for a service', 'services:\n  a: &a\n    image: a:1\n  b: *a\n', ['a:1']],
  [
    'one name for two platforms',
    'x: &i a:1\nservices:\n  a:\n    image: *i\n    platform: linux/arm64\n  b:\n    image: *i\n',
    ['a:1 (linux/arm64)', 'a:1'],
  ],
  ['an anchor that is set again', 'x: &i a:1\ny: &i b:1\nservices:\n  a:\n    image: *i\n', ['b:1']],
  ['an alias without an anchor', 'services:\n  a:\n    image: *i\n  b:\n    image: b:1\n', ['b:1']],
  ['a merge', 'x: &x\n  image: a:1\nservices:\n  a:\n    <<: *x\n    ports: []\n', ['a:1']],
  ['a merge that is overridden', 'x: &x\n  image: a:1\nservices:\n  a:\n    <<: *x\n    image: b:1\n', ['b:1']],
  [
    'a merge of several',
    'x: &x {image: a:1}\ny: &y {image: b:1, platform: linux/arm64}\nservices:\n  a:\n    <<: [*x, *y]\n',
    ['a:1 (linux/arm64)'],
  ],
  ['a merge of a merge', 'x: &x {image: a:1}\ny: &y\n  <<: *x\nservices:\n  a:\n    <<: *y\n', ['a:1']],
  ['a build that is merged', 'x: &x\n  build: .\nservices:\n  a:\n    <<: *x\n    image: a:1\n', ['a:1']],
  ['services that are merged', 'x: &x\n  a: {image: a:1}\nservices:\n  <<: *x\n  b: {image: b:1}\n', ['b:1', 'a:1']],
  ['a merge of itself', 'services:\n  a: &a\n    <<: *a\n    image: a:1\n', ['a:1']],

  [
    'an extension',
    'services:\n  a:\n    extends: b\n    platform: linux/arm64\n  b:\n    image: b:1\n',
    ['b:1 (linux/arm64)', 'b:1'],
  ],
  [
    'an extension of what is built',
    'services:\n  a:\n    extends: {service: b}\n    image: a:1\n  b:\n    build: .\n',
    ['a:1'],
  ],
  [
    'an extension of another file',
    'services:\n  a:\n    extends: {file: x.yaml, service: b}\n    image: a:1\n  b:\n    build: .\n',
    ['a:1', '!absent x.yaml'],
  ],
  [
    'extensions in a circle',
    'services:\n  a:\n    extends: b\n  b:\n    extends: a\n    image: b:1\n',
    ['b:1', '!cycle b'],
  ],

  ['a variable', 'services:\n  a:\n    image: a:${TAG}\n', ['?TAG@${TAG}']],
  ['a variable without braces', 'services:\n  a:\n    image: "$NAME:1"\n', ['?NAME@$NAME']],
  ['two variables', 'services:\n  a:\n    image: $A/$B\n', ['?A@$A', '?B@$B']],
  ['a default', 'services:\n  a:\n    image: a:${TAG:-1}\n', ['a:1@a:${TAG:-1}']],
  ['a default if unset', 'services:\n  a:\n    image: ${I-a:1}\n', ['a:1@${I-a:1}']],
  ['a default that has a default', 'services:\n  a:\n    image: ${I:-a:${T:-1}}\n', ['a:1@${I:-a:${T:-1}}']],
  ['a default that has none', 'services:\n  a:\n    image: ${I:-a:$T}\n', ['?T@$T']],
  ['a value that is needed', 'services:\n  a:\n    image: a:${TAG:?set it}\n', ['?TAG@${TAG:?set it}']],
  ['a value instead', 'services:\n  a:\n    image: a${X:+b}:1\n', ['a:1@a${X:+b}:1']],
  ['a dollar', 'services:\n  a:\n    image: a:$$1\n', ['a:$1@a:$$1']],
  ['a variable that is no variable', 'services:\n  a:\n    image: a:${1}\n', ['?a:${1}@a:${1}']],
  ['a variable that does not end', 'services:\n  a:\n    image: a:${T\n', ['?a:${T@a:${T']],

  [
    'a context',
    'services:\n  a:\n    build:\n      context: .\n      additional_contexts:\n        base: docker-image://a:1\n        other: ../b\n',
    ['context a:1'],
  ],
  [
    'a context in a list',
    'services:\n  a:\n    build:\n      context: .\n      additional_contexts:\n        - base=docker-image://a:${T:-1}\n',
    ['context a:1@a:${T:-1}'],
  ],
  [
    'a context of a service',
    'services:\n  a:\n    build:\n      context: .\n      additional_contexts: {b: "service:b"}\n',
    [],
  ],
  [
    'an image as a volume',
    'services:\n  a:\n    image: a:1\n    volumes:\n      - ./x:/x\n      - {type: image, source: b:1, target: /b}\n      - {type: bind, source: c, target: /c}\n',
    ['a:1', 'volume b:1'],
  ],

  ['a Dockerfile in the file', inline('FROM a:1 AS b\nFROM b\nRUN true\nFROM c:1\n'), ['from a:1', 'from c:1']],
  ['arguments', inline('ARG V\nFROM a:$$V\n', '      args: {V: "1"}\n'), ['from a:1@a:$$V']],
  [
    'arguments in a list',
    inline('ARG V=0\nFROM a:$${V}\n', '      args:\n        - V=2\n        - W\n'),
    ['from a:2@a:$${V}'],
  ],
  [
    'an argument that is not known',
    inline('ARG V=0\nFROM a:$${V}\n', '      args:\n        V: ${OUTER}\n'),
    ['?OUTER@${OUTER}'],
  ],
  ['an argument without a value', inline('ARG V=3\nFROM a:$$V\n', '      args:\n        V:\n'), ['from a:3@a:$$V']],
  ['a variable of Compose', inline('FROM a:${T}\nFROM b:${T:-1}\n'), ['?T@${T}', 'from b:1@b:${T:-1}']],
  ['a variable of Compose in a default', inline('ARG V=${T}\nFROM a:$$V\n'), ['?T@${T}']],
  ['a variable of Docker', inline('FROM a:$$X\n'), ['?X@$$X']],
  [
    'a platform of the service',
    inline('FROM a:1\nFROM --platform=linux/386 b:1\n', '    platform: linux/arm64\n'),
    ['from a:1 (linux/arm64)', 'from b:1 (linux/386)'],
  ],
  [
    'the platform that is built on, whatever the service runs on',
    inline('# syntax=x:1\nFROM --platform=$$BUILDPLATFORM a:1\nFROM b:1\n', '    platform: linux/arm64\n'),
    ['syntax x:1 (${BUILDPLATFORM})', 'from a:1 (${BUILDPLATFORM})', 'from b:1 (linux/arm64)'],
  ],
  [
    'parts of the platform of the service',
    inline(
      'FROM --platform=linux/$$TARGETARCH a:1\nFROM --platform=linux/arm/$$TARGETVARIANT b:1\n',
      '    platform: linux/arm/v6\n',
    ),
    ['from a:1 (linux/arm)', 'from b:1 (linux/arm/v6)'],
  ],
  [
    'each of several platforms, and what is built on',
    inline(
      'FROM a:1\nFROM --platform=linux/386 b:1\nFROM --platform=$$TARGETOS/$$TARGETARCH c:1\n',
      '      platforms: [linux/arm64, linux/s390x]\n',
    ),
    [
      ...['from a:1 (linux/arm64)', 'from b:1 (linux/386)', 'from c:1 (linux/arm64)'],
      ...['from a:1 (linux/s390x)', 'from c:1 (linux/s390x)'],
      ...['from a:1', 'from c:1 (${TARGETOS}/${TARGETARCH})'],
    ],
  ],
  [
    'each of several platforms, one of which the service runs on',
    inline('FROM a:1\n', '      platforms: [linux/arm64, linux/s390x]\n    platform: linux/s390x\n'),
    ['from a:1 (linux/arm64)', 'from a:1 (linux/s390x)'],
  ],
  [
    'one platform many times',
    inline('FROM a:1\n', `      platforms: [${'linux/arm64, '.repeat(5_000)}]\n`),
    ['from a:1 (linux/arm64)', 'from a:1'],
  ],
  ['one platform', inline('FROM a:1\n', '      platforms: ["linux/${P:-arm64}"]\n'), ['from a:1 (linux/arm64)']],
  ['a platform that is not known', inline('FROM a:1\n', '      platforms: ["linux/${P}"]\n'), ['?P@${P}']],
  [
    'a context, which a stage can start from on the platform that is built on',
    'services:\n  a:\n    platform: linux/arm64\n    build:\n      additional_contexts: {x: "docker-image://z:1"}\n',
    ['context z:1 (linux/arm64)', 'context z:1 (${BUILDPLATFORM})'],
  ],
  [
    'a mount, for which Compose asks for no platform',
    'services:\n  a:\n    image: a:1\n    platform: linux/arm64\n    volumes:\n      - {type: image, source: "b:1", target: /b}\n',
    ['a:1 (linux/arm64)', 'volume b:1'],
  ],
  [
    'variables of Compose with the names of a build’s',
    'services:\n  a:\n    image: a:1\n    platform: ${TARGETPLATFORM}\n  b:\n    image: b:1\n    platform: $${BUILDPLATFORM}\n',
    ['?TARGETPLATFORM@${TARGETPLATFORM}', 'b:1 ($BUILDPLATFORM)'],
  ],
  [
    'a context for a base image',
    inline(
      'FROM base\nFROM library/x:latest\nFROM y\n',
      '      additional_contexts: {base: ., x: "docker-image://z:1"}\n',
    ),
    ['context z:1', 'from y'],
  ],
  [
    'folded',
    'services:\n  a:\n    build:\n      dockerfile_inline: >\n        FROM a:1\n',
    ['from a:1@>\n        FROM a:1\n'],
  ],
  [
    'quoted',
    'services:\n  a:\n    build:\n      dockerfile_inline: "FROM a:1\\nRUN true"\n',
    ['from a:1@"FROM a:1\\nRUN true"'],
  ],
  ['quoted, on one line', 'services:\n  a:\n    build:\n      dockerfile_inline: "FROM a:1"\n', ['from a:1']],

  ['what is broken below', 'services:\n  a:\n    image: a:1\n  b: [\n', ['a:1']],
  ['what is broken above', 'x: "\n', []],
  ['a key twice', 'services:\n  a:\n    image: a:1\n    image: b:1\n', ['b:1']],
  ['tabs', 'services:\n\ta:\n\t\timage: a:1\n', []],
];

describe('images of a Compose file', () => {
  for (const [what, file, images] of rows) {
    it(what, async () => {
      assert.deepEqual(await found(file), images);
    });
  }

  it('of a Dockerfile in the file take build arguments of the settings where the file gives none', async () => {
    const file = inline('ARG V=1\nARG W=1\nFROM a:$$V-$$W\n', '      args: {V: "2"}\n');
    assert.deepEqual(await found(file, { user: { V: '7', W: '8' }, workspace: {} }), ['from a:2-8@a:$$V-$$W']);
  });

  it('have the comments above them, and a place for one', async () => {
    const file = [
      'services:',
      '  a:',
      '    # not this',
      '',
      '    # daochain: ignore DC009 — reason',
      '    # more',
      '    image: "a:1"',
      '  b: {image: b:1}',
      '  c:',
      '    build:',
      '      additional_contexts:',
      '        - x=docker-image://c:1',
      '      dockerfile_inline: |',
      '        # of the Dockerfile',
      '        FROM d:1',
    ].join('\n');
    const places = (await imagesOf(read(file))).map(({ comments, instruction }) => [
      comments,
      instruction === undefined ? undefined : /^.*/.exec(file.slice(instruction))?.[0],
    ]);
    assert.deepEqual(places, [
      [['# daochain: ignore DC009 — reason', '# more'], 'image: "a:1"'],
      [[], undefined],
      [[], '- x=docker-image://c:1'],
      [['# of the Dockerfile'], 'FROM d:1'],
    ]);
  });

  it('are told of files that try to be too much', async () => {
    const laughs = [
      'x0: &x0 {image: a:1}',
      ...Array.from({ length: 60 }, (_, i) => `x${i + 1}: &x${i + 1}\n  <<: [*x${i}, *x${i}]`),
    ];
    assert.deepEqual(await found(`${laughs.join('\n')}\nservices:\n  a:\n    <<: *x60\n`), ['a:1']);
    const chain = Array.from({ length: 2_000 }, (_, i) => `x${i + 1}: &x${i + 1} {<<: *x${i}}`);
    assert.deepEqual(await found(`x0: &x0 {image: a:1}\n${chain.join('\n')}\nservices:\n  a: *x2000\n`), ['a:1']);
    const tooMuch = ['!tooMuch compose.yaml'];
    for (const file of [
      `services: ${'['.repeat(50_000)}`,
      `services: ${'{a: '.repeat(50_000)}`,
      `services: ${'- '.repeat(50_000)}`,
      `services: ${'? '.repeat(50_000)}`,
      `services:\n  a: {image: a:1}\n${'---\n'.repeat(2_000)}`,
      `services:\n${'# nothing\n'.repeat(200_000)}  a: {image: a:1}`,
    ])
      assert.deepEqual(await found(file), tooMuch, file.slice(0, 40));
  });

  it('are never an exception', async () => {
    const line = fc.constantFrom(
      'services:',
      '  a:',
      '  b: &b',
      '    image: a:1',
      '    image: *b',
      '    <<: *b',
      '    build:',
      '      dockerfile_inline: |',
      '        FROM a:${X}',
      '      args: [A=1]',
      '    image: "${A:-',
      '  - x',
      '---',
      '\t',
      '? ',
      ': ',
      '&b',
      '*b',
      '{',
      '}',
      '[',
      ']',
      '    extends: a',
      '    image: |',
      '%YAML 1.1',
      '!reset',
      "'",
      '"',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(line, fc.string())), async (lines) => {
        await found(lines.join('\n'));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the name of a Compose file', () => {
  it('is one of those that Compose takes, or close to it', () => {
    for (const name of [
      'compose.yaml',
      'compose.yml',
      'docker-compose.yml',
      'docker-compose.prod.yaml',
      'docker-compose-ci.yml',
      'compose.override.yaml',
    ])
      assert.ok(isComposeFile(name), name);
    for (const name of ['compose.json', 'composer.yaml', 'my-compose.yaml', 'docker-compose', 'Dockerfile', 'k8s.yaml'])
      assert.ok(!isComposeFile(name), name);
  });
});
