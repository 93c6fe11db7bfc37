import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DaoChainError } from '../../../../src/core/errors';
import {
  familiarName,
  formatReference,
  isCanonicalRepository,
  isCanonicalTag,
  namesRegistry,
  parseReference,
  withDefaultTag,
  type ReferenceFault,
} from '../../../../src/core/image/reference';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,6}[a-z0-9])?$/);
const segment = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const host = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', '[::1]', '[2001:db8::2]'),
  fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => labels.join('.')),
);
const port = fc.integer({ min: 1, max: 65535 }).map((number) => `:${number}`);
const registry = fc.oneof(
  host,
  fc.tuple(host, port).map((parts) => parts.join('')),
  fc.tuple(label, port).map((parts) => parts.join('')),
);
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const canonicalText = fc.tuple(registry, path, fc.option(tag), fc.boolean()).map(([registry, path, tag, digested]) => {
  const full = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return `${registry}/${full}${tag === null ? '' : `:${tag}`}${digested ? `@${digest}` : ''}`;
});

describe('parseReference', () => {
  const accepted: readonly (readonly [
    text: string,
    registry: string,
    path: string,
    tag?: string | undefined,
    digest?: string,
  ])[] = [
    ['nginx', 'docker.io', 'library/nginx'],
    ['alpine:5', 'docker.io', 'library/alpine', '5'],
    ['localhost', 'docker.io', 'library/localhost'],
    ['localhost:5000', 'docker.io', 'library/localhost', '5000'],
    ['example.com', 'docker.io', 'library/example.com'],
    ['a/b', 'docker.io', 'a/b'],
    ['library/nginx:1.27', 'docker.io', 'library/nginx', '1.27'],
    ['docker.io/nginx', 'docker.io', 'library/nginx'],
    ['index.docker.io/nginx', 'docker.io', 'library/nginx'],
    ['index.docker.io/a/b', 'docker.io', 'a/b'],
    ['Docker.IO/a/b', 'docker.io', 'a/b'],
    ['localhost/shop:1', 'localhost', 'shop', '1'],
    ['localhost:5000/shop', 'localhost:5000', 'shop'],
    ['127.0.0.1:5000/a/b/c:t', '127.0.0.1:5000', 'a/b/c', 't'],
    ['[::1]:5000/a', '[::1]:5000', 'a'],
    ['[2001:DB8::1]/a', '[2001:db8::1]', 'a'],
    ['host:443/a', 'host:443', 'a'],
    ['LOCALHOST/a', 'localhost', 'a'],
    ['Registry:5000/a', 'registry:5000', 'a'],
    ['GHCR.io/owner', 'ghcr.io', 'owner'],
    ['ghcr.io/a/b_c/d__e/f--g.h', 'ghcr.io', 'a/b_c/d__e/f--g.h'],
    ['nginx:Tag_1.x-Y', 'docker.io', 'library/nginx', 'Tag_1.x-Y'],
    [`nginx@${digest}`, 'docker.io', 'library/nginx', undefined, digest],
    [`quay.io/a:1@${digest}`, 'quay.io', 'a', '1', digest],
    [`a/${hex}`, 'docker.io', `a/${hex}`],
    [`nginx:${'t'.repeat(128)}`, 'docker.io', 'library/nginx', 't'.repeat(128)],
    [`a.b/${'p'.repeat(251)}`, 'a.b', 'p'.repeat(251)],
  ];
  for (const [text, registry, path, tag, digest] of accepted) {
    it(`reads ${text.slice(0, 60)}`, () => {
      assert.deepEqual(parseReference(text), {
        text,
        registry,
        path,
        repository: `${registry}/${path}`,
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
      });
    });
  }

  const refused: readonly (readonly [string, ReferenceFault])[] = [
    ['', 'empty'],
    [hex, 'imageId'],
    ['Nginx', 'upperCase'],
    ['library/Nginx', 'upperCase'],
    ['Registry/a', 'upperCase'],
    ['Library/nginx', 'upperCase'],
    ['ghcr.io/Owner/app', 'upperCase'],
    ['nginx:', 'tag'],
    ['nginx:.a', 'tag'],
    ['nginx:a:b', 'tag'],
    [`nginx:${'t'.repeat(129)}`, 'tag'],
    ['nginx:a\n', 'tag'],
    ['nginx@sha256:abc', 'digest'],
    [`nginx@sha512:${'a'.repeat(128)}`, 'digest'],
    [`nginx@sha256:${'A'.repeat(64)}`, 'digest'],
    [`nginx@${digest}@${digest}`, 'digest'],
    ['nginx@', 'digest'],
    ['a//b', 'path'],
    ['a/', 'path'],
    ['/a', 'path'],
    ['a/-b', 'path'],
    ['a/b-', 'path'],
    ['a___b', 'path'],
    ['a..b', 'path'],
    ['a/../b', 'path'],
    ['a b', 'path'],
    ['a/b?x', 'path'],
    ['a/b#c', 'path'],
    ['a/%2e%2e', 'path'],
    ['nginx\n', 'path'],
    ['\u0430lpine', 'path'],
    ['..//a', 'registry'],
    ['-a.b/c', 'registry'],
    ['a_b.c/d', 'registry'],
    ['http://a/b', 'registry'],
    ['a.b:/c', 'registry'],
    ['a.b:0/c', 'registry'],
    ['a.b:080/c', 'registry'],
    ['a.b:65536/c', 'registry'],
    ['[::1/c', 'registry'],
    ['[fe80::1%25eth0]/c', 'registry'],
    [`a.b/${'p'.repeat(252)}`, 'tooLong'],
    [`nginx:${'t'.repeat(600)}`, 'tooLong'],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}: ${reason}`, () => {
      assert.throws(
        () => parseReference(text),
        (error) =>
          error instanceof DaoChainError && error.code === 'referenceInvalid' && error.details['reason'] === reason,
      );
    });
  }

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(canonicalText, (text) => {
        const reference = parseReference(text);
        assert.equal(formatReference(reference), text);
        assert.deepEqual(parseReference(formatReference(reference)), reference);
        assert.ok(isCanonicalRepository(reference.repository));
      }),
    );
  });

  it('prints one text for every way to write a name', () => {
    fc.assert(
      fc.property(canonicalText, (text) => {
        const reference = parseReference(text);
        const ways = [
          familiarName(reference),
          text.replace(/^docker\.io\//, 'index.docker.io/'),
          text.replace(reference.registry, reference.registry.toUpperCase()),
        ];
        for (const way of ways) assert.equal(formatReference(parseReference(way)), text);
      }),
    );
  });
});

describe('familiarName', () => {
  for (const [text, name] of [
    ['docker.io/library/nginx:1', 'nginx:1'],
    ['docker.io/a/b', 'a/b'],
    ['docker.io/library/a/b', 'library/a/b'],
    ['docker.io/a.b/c', 'docker.io/a.b/c'],
    ['docker.io/a__b.c/d', 'docker.io/a__b.c/d'],
    ['docker.io/localhost/c', 'docker.io/localhost/c'],
    [`docker.io/library/${hex}`, `library/${hex}`],
    ['ghcr.io/a/b:2', 'ghcr.io/a/b:2'],
  ] as const) {
    it(`shortens ${text.slice(0, 40)} only as far as it stays the same`, () => {
      assert.equal(familiarName(parseReference(text)), name);
    });
  }
});

describe('canonical names', () => {
  for (const text of ['docker.io/library/nginx', 'localhost:5000/a', 'a.b/c/d', '[::1]/x']) {
    it(`takes ${text}`, () => {
      assert.ok(isCanonicalRepository(text));
    });
  }
  for (const text of [
    ...['', 'nginx', 'docker.io/nginx', 'index.docker.io/library/nginx', 'Docker.io/library/nginx', 'a/b', 'A.b/c'],
    ...['a.b/c:1', `a.b/c@${digest}`, 'a.b/c ', 'a.b/c\n', 'a.b/C', 'a.b:080/c', `a.b/${'p'.repeat(252)}`],
  ]) {
    it(`does not take ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(isCanonicalRepository(text), false);
    });
  }

  it('tells tags by the grammar', () => {
    for (const tag of ['1', 'latest', '_x', 'A.b-C_d', 't'.repeat(128)]) assert.ok(isCanonicalTag(tag), tag);
    for (const tag of ['', '.a', '-a', 'a b', 'é', 'a\n', 'a:b', 't'.repeat(129)]) assert.ok(!isCanonicalTag(tag), tag);
  });
});

describe('namesRegistry', () => {
  const named = ['localhost/a', 'Registry.Example.com/a:1', 'registry:5000/a', 'docker.io/a', 'docker.io/library/a'];
  const left = ['dangle:1', 'team/app', 'library/a', 'registry.example.com', 'localhost'];
  it('tells whether a text says where it is, or leaves it to Docker', () => {
    for (const text of named) assert.equal(namesRegistry(parseReference(text)), true, text);
    for (const text of left) assert.equal(namesRegistry(parseReference(text)), false, text);
  });
});

describe('withDefaultTag', () => {
  it('adds latest only where nothing says which', () => {
    assert.equal(formatReference(withDefaultTag(parseReference('nginx'))), 'docker.io/library/nginx:latest');
    for (const text of ['nginx:1', `nginx@${digest}`, `nginx:1@${digest}`]) {
      assert.deepEqual(withDefaultTag(parseReference(text)), parseReference(text));
    }
  });
});
