import assert from 'node:assert/strict';
import { SignedContents } from '../../../../src/services/judging/signedContents';
import { imageOf } from '../fakeEngine';
import { MemoryStore } from '../memoryStore';

const checked = imageOf('one', { env: ['A=1'], healthcheck: ['CMD', 'true'] });
const plain = imageOf('one', { env: ['A=1'] });

describe('the contents that were signed here', () => {
  const store = new MemoryStore();
  const contents = new SignedContents(store);
  beforeEach(async () => {
    store.files.clear();
    await contents.remember(checked);
  });

  it('are found by their hashes', async () => {
    assert.deepEqual(await contents.recall(checked), checked.content);
    assert.equal(await contents.recall(plain), undefined);
  });

  it('are kept apart where only docker-only fields differ', async () => {
    await contents.remember(plain);
    assert.equal(plain.fingerprint, checked.fingerprint);
    assert.deepEqual(await contents.recall(checked), checked.content);
    assert.deepEqual(await contents.recall(plain), plain.content);
  });

  const damages: Readonly<Record<string, (text: string) => string>> = {
    'another content': (text) => text.replace('A=1', 'A=2'),
    'another docker-only field': (text) => text.replace('true', 'false'),
    'half of a surrogate pair': (text) => text.replace('A=1', 'A=\\ud800'),
    'a layer that is no digest': (text) => text.replace('sha256:', 'sha512:'),
    'half of it': (text) => text.slice(0, text.length / 2),
    nothing: () => '',
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`were never there when the file has ${what}`, async () => {
      const [[name, bytes] = assert.fail('a file')] = store.files;
      const before = new TextDecoder().decode(bytes);
      assert.notEqual(damage(before), before);
      store.files.set(name, new TextEncoder().encode(damage(before)));
      assert.equal(await contents.recall(checked), undefined);
    });
  }

  it('were never there when they cannot be read', async () => {
    for (const name of store.files.keys()) store.unreadable.add(name);
    assert.equal(await contents.recall(checked), undefined);
  });
});
