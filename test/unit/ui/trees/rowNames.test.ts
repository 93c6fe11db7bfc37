import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rowNames } from '../../../../src/ui/trees/rowNames';

/** What a row of a side bar of 300 pixels shows at least. */
const seen = 30;

function visible(names: readonly string[]): readonly string[] {
  const labels = rowNames(names);
  return names.map((name) => labels.get(name)?.slice(0, seen) ?? assert.fail(name));
}

describe('names in a narrow row', () => {
  it('stay as they are where they fit', () => {
    const names = ['nginx:1.25', 'evil.example/shop/base:1.0', 'acme.example:5000/nginx:1.0', 'localhost/a'];
    assert.deepEqual(visible(names), names);
    assert.deepEqual([...rowNames(names).values()], names);
  });

  it('show the registry and the tag, whatever the path', () => {
    const paths = ['shop/web-storefront', 'a/b/c/d/e/f/g/h', 'x'.repeat(200)];
    for (const registry of ['registry.example.com', 'acme.example:5000'])
      for (const path of paths) {
        const [shown = ''] = visible([`${registry}/${path}:1.0`]);
        assert.ok(shown.startsWith(`${registry}/…`) && shown.endsWith(':1.0'), shown);
      }
  });

  it('show both ends of a registry and of a tag that do not fit together', () => {
    const [shown] = visible(['123456789012.dkr.ecr.us-east-1.amazonaws.com/team/base:2026.11.30-nightly-debug']);
    assert.match(shown ?? '', /^123456\S*…\S*ws\.com\/…:2026\S*…\S*debug$/);
  });

  it('tell six long tags of one name apart', () => {
    for (const tag of ['2026.11.30-nightly-linux-amd64-', 'x'.repeat(100)])
      for (const end of ['', '-with-debug-symbols-and-tests']) {
        const names = Array.from('abcdef').map(
          (letter) => `registry.example.com/platform/service:${tag}${letter}${end}`,
        );
        assert.equal(new Set(visible(names)).size, 6, visible(names).join('\n'));
        if (end !== '') assert.ok(visible(names).every((text) => text.startsWith('registry.example.com/…')));
      }
  });

  it('tell long paths and registries apart that differ in their middle', () => {
    const pairs = [
      ['registry.example.com/shop/base:1.0', 'registry.example.com/shoq/base:1.0'],
      [`${'a'.repeat(40)}.x.${'b'.repeat(40)}.com/app:1`, `${'a'.repeat(40)}.y.${'b'.repeat(40)}.com/app:1`],
      [`${'p'.repeat(60)}/a/${'q'.repeat(60)}`, `${'p'.repeat(60)}/b/${'q'.repeat(60)}`],
    ];
    for (const names of pairs) assert.equal(new Set(visible(names)).size, 2, visible(names).join('\n'));
  });

  it('hold the whole name, and are never alike', () => {
    const part = fc.stringMatching(/^[ab]{1,3}$/).map((text) => text.repeat(12));
    const name = fc.tuple(part, part, part).map(([host, path, tag]) => `${host}.com/${path}:${tag}`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(name, part), { maxLength: 40 }), (names) => {
        const labels = [...rowNames(names)];
        assert.ok(labels.every(([whole, label]) => label === whole || label.endsWith(` · ${whole}`)));
        const short = labels.map(([, label]) => label.split(' · ')[0]);
        assert.equal(new Set(short).size, names.length, short.join('\n'));
      }),
    );
  });

  it('end for a list that would take an hour if time grew faster than the list', () => {
    const names = Array.from(
      { length: 50_000 },
      (_, index) => `registry.example.com/${'a'.repeat(100)}:${'b'.repeat(60)}${index}`,
    );
    assert.equal(rowNames(names).size, names.length);
  });
});
