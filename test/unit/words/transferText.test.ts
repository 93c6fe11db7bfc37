import assert from 'node:assert/strict';
import { transferText } from '../../../src/words/transferText';
import { chinese, english } from './localizers';

describe('the progress of a transfer', () => {
  it('is told in bytes', () => {
    const moved = { done: 12_300_000, total: 40_000_000 };
    assert.equal(transferText({ phase: 'downloading', ...moved }, english), '12.3 MB of 40 MB');
    assert.equal(transferText({ phase: 'pushing', ...moved }, english), '12.3 MB of 40 MB');
    assert.equal(transferText({ phase: 'extracting', ...moved }, english), 'extracting 12.3 MB of 40 MB');
    assert.equal(transferText({ phase: 'extracting', ...moved }, chinese), '正在解压 12.3 MB，共 40 MB');
  });

  it('is none before anything is known', () => {
    assert.equal(transferText({ phase: 'downloading', done: 0, total: 0 }, english), 'waiting for the registry');
  });
});
