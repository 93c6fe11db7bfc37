import assert from 'node:assert/strict';
import { DaoChainError, describeForLog } from '../../../src/core/errors';

describe('an error in a log', () => {
  it('is the whole chain of its causes, with the codes of the system', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = new DaoChainError('engineUnavailable', 'no engine', { details: { host: 'a' }, cause: refused });
    assert.equal(
      describeForLog(error),
      'DaoChainError [engineUnavailable]: no engine {"host":"a"}\n  caused by Error [ECONNREFUSED]: connect',
    );
  });

  it('ends where an error is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    assert.equal(describeForLog(error).split('\n').length, 10);
  });

  it('cites nothing that is no error', () => {
    assert.equal(describeForLog('a secret'), 'Something was thrown that is no error');
  });
});
