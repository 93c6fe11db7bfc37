import assert from 'node:assert/strict';
import { checksumAddress, hasWrongChecksum } from '../../../src/core/checksumAddress';

/** Test cases of EIP-55. */
const examples = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
];

describe('addresses that check themselves', () => {
  it('are written as EIP-55 has it', () => {
    for (const example of examples) assert.equal(checksumAddress(example.toLowerCase()), example);
  });

  it('show a digit that is wrong', () => {
    for (const example of examples) assert.equal(hasWrongChecksum(example), false);
    assert.equal(hasWrongChecksum('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee'), true);
  });

  it('say nothing in one case, or about what is no address', () => {
    const [, , example = ''] = examples;
    for (const text of [example.toLowerCase(), `0x${example.slice(2).toUpperCase()}`, '0xAb', 'Abc']) {
      assert.equal(hasWrongChecksum(text), false);
    }
  });
});
