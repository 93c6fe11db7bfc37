import assert from 'node:assert/strict';
import { parseForeignJson } from '../../../../src/core/json/foreignJson';

describe('parseForeignJson', () => {
  it('reads text and bytes alike, as leniently as their makers', () => {
    for (const json of ['{"a":1,"a":2}', ' [12345678901234567890] ', '"\\ud800"', 'null']) {
      assert.deepEqual(parseForeignJson(json), JSON.parse(json));
      assert.deepEqual(parseForeignJson(Buffer.from(json)), JSON.parse(json));
    }
  });

  it('is nothing that a schema takes for what is not JSON', () => {
    for (const text of ['', '{', '1 2', '\ufeff{}', '<html>']) {
      assert.equal(parseForeignJson(text), undefined);
      assert.equal(parseForeignJson(Buffer.from(text)), undefined);
    }
    assert.equal(parseForeignJson(Uint8Array.of(0x7b, 0xff)), undefined);
  });
});
