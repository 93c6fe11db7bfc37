import assert from 'node:assert/strict';
import { errorReport } from '../../../src/cli/errorReport';
import { DaoChainError, type ErrorCode, type ErrorDetails } from '../../../src/core/errors';

/** What a person is told to type. */
function advice(code: ErrorCode, details: ErrorDetails = {}, isElsewhere = false): string | undefined {
  return /\nNext: (.*)$/.exec(errorReport(new DaoChainError(code, '', { details }), isElsewhere))?.[1];
}

describe('what a terminal advises about a node', () => {
  const cases: readonly (readonly [what: string, code: ErrorCode, details: ErrorDetails, next: string | undefined])[] =
    [
      ['no node runs', 'nodeUnavailable', { reason: 'notRunning' }, 'daochain node start'],
      ['a node hangs, which to start it would not end', 'nodeUnavailable', {}, 'daochain node stop'],
      ['its owner hangs', 'nodeOwnedElsewhere', { pid: '12' }, 'daochain node stop'],
      ['an older version runs it', 'nodeOwnedElsewhere', { pid: '12', reason: 'otherLedger' }, 'daochain node stop'],
      ['a process that is none of ours has the chain', 'nodeOwnedElsewhere', { folder: '/a' }, undefined],
      ['there is no geth', 'nodeNotInstalled', {}, 'daochain node install'],
      ['the chosen program is no geth', 'nodeNotInstalled', { path: '/a' }, undefined],
      ['the geth on PATH cannot mine', 'nodeCannotMine', { path: '/a', origin: 'path' }, 'daochain node install'],
      ['the chosen geth cannot mine', 'nodeCannotMine', { path: '/a', origin: 'setting' }, undefined],
      ['a file is in the way', 'nodeFailed', { file: '/a', problem: 'EISDIR' }, undefined],
      ['a network file is damaged', 'networkInvalid', { file: '/a', reason: 'shape' }, undefined],
      ['somebody has ended mining', 'miningEnded', {}, 'daochain node mine'],
      ['the balance is too little', 'insufficientFunds', { missing: '1' }, 'daochain node mine --blocks 10'],
      ['a signature is on its way', 'signatureOnItsWay', { image: 'a' }, 'daochain node mine'],
    ];
  for (const [what, code, details, next] of cases) {
    it(`is ${next ?? 'nothing'} when ${what}`, () => {
      assert.equal(advice(code, details), next);
    });
  }

  it('is nothing that only the node of an endpoint could do', () => {
    for (const code of ['nodeUnavailable', 'insufficientFunds', 'signatureOnItsWay', 'miningEnded'] as const)
      assert.equal(advice(code, {}, true), undefined, code);
    assert.equal(advice('walletMissing', {}, true), 'daochain wallet create');
  });

  it('is what to put right where the system refuses a file, which is named as a person knows it', () => {
    const path = '/data/trust.local.json';
    const refused = (code: string): string =>
      errorReport(Object.assign(new Error(code), { code, path: `${path}.c034a6c4b54ed312.draft` }), false);
    assert.equal(refused('EROFS'), `${path} cannot be used: it may not be written. Put that right, and try again.`);
    assert.match(refused('ENOSPC'), /the disk is full/);
    assert.match(errorReport(new Error('some mistake'), false), /unexpected/);
  });

  it('names the file whole, however long its path is', () => {
    const file = `/${'long/'.repeat(40)}network-01234567.json`;
    for (const error of [
      new DaoChainError('networkInvalid', '', { details: { reason: 'shape', file } }),
      new DaoChainError('networkInvalid', '', { details: { reason: 'chainWithoutFile', folder: '/a', file } }),
      new DaoChainError('nodeFailed', '', { details: { problem: 'ENOSPC', file } }),
    ])
      assert.ok(errorReport(error, false).includes(file));
  });
});
