import assert from 'node:assert/strict';
import { DaoChainError, type ErrorCode, type ErrorDetails } from '../../../src/core/errors';
import { commandIds } from '../../../src/ui/commandIds';
import { noticeOf, type Notice } from '../../../src/ui/errorNotice';
import { chinese, english } from '../words/localizers';

/** Details as whoever throws the code gives them; a code that is missing here does not compile. */
const samples: Readonly<Record<Exclude<ErrorCode, 'cancelled'>, ErrorDetails>> = {
  invalidInput: {},
  workspaceUntrusted: {},
  referenceInvalid: { reason: 'tag', text: 'a:\u202e' },
  imageMalformed: { reason: 'duplicateKey' },
  imageNotFound: { image: 'a:1' },
  imageWithoutName: {},
  engineUnavailable: { reason: 'connection', host: 'unix:///run/docker.sock' },
  engineFailed: { reason: '500', message: 'no space' },
  registryUnavailable: {},
  registryCertificate: {},
  registryRefused: {},
  registryWebPage: {},
  registryPlainHttp: {},
  registryLogin: {},
  registryDenied: {},
  registryBusy: {},
  registryOff: {},
  pullRefused: { image: 'a:1' },
  pullFailed: { message: 'manifest unknown' },
  pushFailed: { message: 'denied' },
  registryDiffers: { image: 'a:1', platform: 'linux/amd64' },
  buildFailed: { message: 'returned a non-zero code: 1' },
  nodeNotInstalled: {},
  nodeCannotMine: { path: '/usr/bin/geth', version: '1.16.0' },
  nodeInstallFailed: { reason: 'goMissing', command: 'go install geth' },
  nodeUnavailable: {},
  miningRefused: { reason: 'disk', needed: '2222979088', free: '2000000000', folder: '/a' },
  miningEnded: {},
  nodeFailed: {},
  nodeOwnedElsewhere: { pid: '12' },
  networkInvalid: { reason: 'genesis' },
  backupInvalid: { reason: 'damaged' },
  ledgerUnknown: {},
  ledgerInconsistent: {},
  statementInvalid: {},
  statementNotFound: { image: 'a:1' },
  ruleInvalid: { problem: 'patternUnscoped', value: '*' },
  walletMissing: {},
  walletLocked: {},
  walletExists: {},
  walletInvalid: {},
  wrongPassword: {},
  secretsUnavailable: {},
  insufficientFunds: { missing: '12345678901234567', balance: '10000000000000000', cost: '22345678901234567' },
  staleLink: {},
  imageChanged: { image: 'a:1' },
  signatureOnItsWay: { image: 'a:1' },
  walletBusy: {},
  signerNotAllowed: {},
  transactionRejected: { reason: 'gas' },
  transactionDropped: {},
  organizationNotFound: { id: '0x12' },
  notAdmin: {},
  requestInvalid: {},
  requestExpired: {},
  signatureInvalid: {},
  policyInvalid: {},
  linkInvalid: {},
};
const codes = Object.keys(samples) as (keyof typeof samples)[];

function notice(code: ErrorCode, details: ErrorDetails, language = english): Notice {
  const told = noticeOf(new DaoChainError(code, 'internal words', { details }), language);
  assert.ok(told);
  return told;
}

describe('what people are told about errors', () => {
  for (const code of codes) {
    it(`has a sentence and ways on for ${code}, in both languages`, () => {
      for (const details of [samples[code], {}]) {
        const { message, actions } = notice(code, details);
        assert.doesNotMatch(message, /\{\d\}|undefined|internal words|\n/);
        assert.match(message, /^["?\p{L}0-9/].*[.?:)]|geth$/u);
        for (const { command } of actions) {
          const ours = command.startsWith('daochain.');
          assert.ok(ours ? commandIds.some((id) => id === command) : command.startsWith('workbench.'), command);
        }
        const translated = notice(code, details, chinese);
        assert.match(translated.message, /\p{Script=Han}/u);
        for (const { title } of translated.actions) assert.match(title, /\p{Script=Han}/u);
      }
    });
  }

  it('says nothing when the user cancelled', () => {
    assert.equal(noticeOf(new DaoChainError('cancelled', ''), english), undefined);
  });

  it('does not show what an unexpected error says', () => {
    const told = noticeOf(new Error('secret: 0x1234'), english);
    assert.equal(told?.message, 'Something unexpected happened. The log says what.');
    assert.deepEqual(
      told.actions.map(({ command }) => command),
      ['daochain.showLog'],
    );
  });

  it('names the amount that is missing and how to earn it', () => {
    const { message, actions } = notice('insufficientFunds', samples.insufficientFunds);
    assert.equal(
      message,
      'The balance of 0.01 ETH is too low: 0.0124 ETH more is needed. Nothing was sent. Mining earns ether.',
    );
    assert.deepEqual(actions, [{ title: 'Mine', command: 'daochain.toggleMining', arguments: ['on'] }]);
  });

  it('says what to type where there is no Go', () => {
    assert.match(notice('nodeInstallFailed', samples.nodeInstallFailed).message, /Install Go.*go install geth/);
  });

  it('sends who wants a registry in Restricted Mode to workspace trust, not to a setting', () => {
    const { message, actions } = notice('workspaceUntrusted', { part: 'registries' });
    assert.equal(message, 'Registries are not asked in Restricted Mode.');
    assert.deepEqual(
      actions.map(({ command }) => command),
      ['workbench.trust.manage'],
    );
    assert.match(notice('workspaceUntrusted', { part: 'registries' }, chinese).message, /\p{Script=Han}/u);
  });

  it('names the registry, which a name need not say', () => {
    for (const code of ['registryUnavailable', 'registryLogin', 'registryBusy', 'pullFailed', 'pushFailed'] as const) {
      for (const details of [{ registry: 'docker.io' }, { host: 'docker.io' }])
        assert.match(notice(code, details).message, /^docker\.io: /, code);
    }
    const denied = { image: 'dangle:1', registry: 'docker.io', direction: 'push' };
    assert.match(notice('registryDenied', denied).message, /^docker\.io does not accept this push from you\./);
    assert.match(
      notice('registryDenied', { ...denied, direction: 'pull' }).message,
      /^docker\.io: The registry has no such/,
    );
    const differs = { image: 'dangle:1', registry: 'docker.io', reason: 'registryDiffers' };
    assert.match(notice('pushFailed', differs).message, /^docker\.io: The push failed/);
  });

  it('offers only to import where the wallet is elsewhere', () => {
    const { message, actions } = notice('walletMissing', { address: `0x${'ab'.repeat(20)}` });
    assert.match(message, /^The wallet 0x(ab){20} is not in the secret storage of this editor/);
    assert.deepEqual(
      actions.map(({ command }) => command),
      ['daochain.importWallet'],
    );
  });

  it('shows text of others escaped', () => {
    assert.match(notice('referenceInvalid', samples.referenceInvalid).message, /a:\\u\{202e\}/);
  });
});
