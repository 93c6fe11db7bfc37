import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../../../src/core/image/digest';
import { parseReference } from '../../../../src/core/image/reference';
import { verdictKinds, type Verdict } from '../../../../src/core/judging/verdict';
import type { JudgedImage } from '../../../../src/core/judging/imageAnswer';
import { compareImages, imageRow } from '../../../../src/ui/trees/imageRow';
import { imageUri, verdictOfUri } from '../../../../src/ui/trees/imageUri';
import { verdictAppearance } from '../../../../src/ui/verdictAppearance';
import { citation, outcomes, verdict } from '../../server/sampleVerdicts';
import { chinese, english } from '../../words/localizers';

const id: Digest = `sha256:${'12'.repeat(32)}`;

function judged(name: string | undefined, given: Verdict): JudgedImage {
  return {
    image: { id, tags: name === undefined ? [] : [name], repoDigests: [], created: 1_790_000_000, size: 4_260_000 },
    reference: name === undefined ? undefined : parseReference(name),
    verdict: given,
  };
}

function row(name: string | undefined, given: Verdict): ReturnType<typeof imageRow> {
  return imageRow(judged(name, given), english);
}

describe('a row of the image list', () => {
  const expected = {
    tampered: 'Tampered · 2 paths differ',
    revoked: 'Revoked · by 0xababab…ababab',
    superseded: 'Superseded · an older release of this tag',
    mismatch: 'Mismatch · 1/12 confirmations',
    pending: 'Pending · 3/12 confirmations',
    stale: 'Stale · 0xababab…ababab',
    verified: 'Verified · 0xababab…ababab',
    untrusted: 'Untrusted publisher · 0xababab…ababab',
    unsigned: 'Unsigned · vouched content differs',
    unknown: 'Cannot be checked · The ledger does not answer. Details: no node',
  } as const;

  for (const kind of verdictKinds) {
    it(`tells ${kind} in words, by icon and to a screen reader`, () => {
      const { label, description, icon, contextValue, accessibleLabel } = row('team/app:1', verdict(kind));
      assert.equal(label, 'team/app:1');
      assert.equal(description, expected[kind]);
      assert.equal(icon, verdictAppearance[kind].icon);
      assert.equal(contextValue, `image;signable;${kind}${kind === 'unsigned' ? ';vouched' : ''}`);
      assert.ok(accessibleLabel.startsWith(`team/app:1: ${expected[kind].split(' · ')[0] ?? ''}`), accessibleLabel);
      assert.ok(accessibleLabel.length > label.length + description.length, 'the reason is there');
    });

    it(`tells ${kind} in Chinese`, () => {
      const { description, accessibleLabel } = imageRow(judged('team/app:1', verdict(kind)), chinese);
      assert.match(description, /\p{Script=Han}/u);
      // What is left in Latin letters are names and ids.
      const words = accessibleLabel.replaceAll(
        /0x\w+…\w+|team\/app|example\.com|linux\/arm64|no node|key lost|Env|layers|\/bin\/sh/g,
        '',
      );
      assert.doesNotMatch(words, /[a-z]{3,}/);
    });
  }

  it('leaves it to the title of the view to name a development ledger', () => {
    const { description } = row('app:1', { ...verdict('verified'), ledgerKind: 'development' });
    assert.equal(description, 'Verified · 0xababab…ababab');
  });

  it('says how deep the content was compared where that is deeper than usual', () => {
    const { description } = row('app:1', { ...verdict('verified'), depth: 'rootfs' });
    assert.equal(description, 'Verified · 0xababab…ababab · root filesystem compared');
  });

  it('says of your own rebuilt image what to do', () => {
    const { citation, platform } = outcomes.mismatch;
    const outcome = { kind: 'mismatch', cause: 'rebuilt', citation, platform, differences: [] } as const;
    assert.equal(
      row('app:1', { ...verdict('unsigned'), ...outcome }).description,
      'Rebuilt since signed · sign it again if you built it',
    );
  });

  it('has the registry and the tag in its label, which is what the editor finds', () => {
    for (const name of ['registry.example.com/shop/web:1.0', 'acme.example:5000/nginx:1.0', 'nginx:1.0']) {
      const { label, accessibleLabel } = row(name, verdict('unsigned'));
      assert.equal(label, name);
      assert.ok(accessibleLabel.startsWith(`${name}: `), accessibleLabel);
    }
  });

  it('is told whole to a screen reader, however it is written', () => {
    const name = `registry.example.com/shop/${'web-'.repeat(20)}web:${'2026.'.repeat(20)}1`;
    const { label, accessibleLabel } = imageRow(judged(name, verdict('unsigned')), english, 'short');
    assert.equal(label, 'short');
    assert.ok(accessibleLabel.startsWith(`${name}: `), accessibleLabel);
    assert.ok(row(undefined, verdict('unsigned')).accessibleLabel.startsWith(`${id}: `));
  });

  it('cannot be signed without a name, and is called by its short ID', () => {
    const { id: rowId, label, contextValue } = row(undefined, verdict('unsigned'));
    assert.deepEqual([rowId, label, contextValue], [id, '121212121212', 'image;unsigned;vouched']);
  });

  it('keeps its id when the image behind the name changes', () => {
    const other = judged('app:1', verdict('mismatch'));
    const rebuilt = { ...other, image: { ...other.image, id: `sha256:${'34'.repeat(32)}` as const } };
    assert.equal(imageRow(rebuilt, english).id, row('app:1', verdict('verified')).id);
  });

  it('shows hostile text of the chain escaped', () => {
    const knownAs = [{ ...citation, repository: 'example.com/\u202eexe' }];
    const { description } = row('app:1', { ...verdict('unsigned'), ...outcomes.unsigned, vouchedDiffers: [], knownAs });
    assert.equal(description, 'Unsigned · also signed as example.com/\\u{202e}exe:1');
  });
});

describe('the order of rows', () => {
  it('is by name, images without one last', () => {
    const names = [undefined, 'b:1', 'a:2', 'localhost:5000/a:1', 'a:1'];
    const sorted = names.map((name) => judged(name, verdict('unsigned'))).sort(compareImages);
    assert.deepEqual(
      sorted.map(({ reference }) => reference?.text),
      ['a:1', 'a:2', 'b:1', 'localhost:5000/a:1', undefined],
    );
  });
});

describe('decorations', () => {
  it('follow from the URI alone, and only from one of ours', () => {
    for (const kind of verdictKinds) assert.equal(verdictOfUri(imageUri('a/b:1', kind)), kind);
    assert.equal(verdictOfUri({ scheme: 'file', query: 'verified' }), undefined);
    assert.equal(verdictOfUri({ scheme: 'daochain-image', query: 'splendid' }), undefined);
  });

  it('have badges that fit, icons that differ, and colours that the manifest declares', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8')) as {
      contributes: { colors: { id: string }[] };
    };
    const colors = new Set<string>(manifest.contributes.colors.map((color) => color.id));
    const appearances = verdictKinds.map((kind) => verdictAppearance[kind]);
    for (const { badge = '', color } of appearances) {
      assert.ok(badge.length <= 2);
      assert.ok(color === undefined || colors.has(color));
    }
    assert.equal(new Set(appearances.map(({ icon }) => icon)).size, verdictKinds.length);
  });

  it('is green for verified only, and red for nothing milder than mismatch', () => {
    const of = (color: string): readonly string[] =>
      verdictKinds.filter((kind) => verdictAppearance[kind].color === color);
    assert.deepEqual(of('daochain.verifiedForeground'), ['verified']);
    assert.deepEqual(of('daochain.mismatchForeground'), ['tampered', 'revoked', 'mismatch']);
  });
});
