import assert from 'node:assert/strict';
import type { FileStatus } from '../../../../src/protocol/fileStatus';
import { fileStatusView, stoppedView } from '../../../../src/ui/buildFiles/fileStatusView';
import { chinese, english } from '../../words/localizers';

const status = (changes: Partial<FileStatus> = {}): FileStatus => ({
  ...{ uri: 'file:///shop/Dockerfile', total: 4, verified: 3, alarms: 0, waiting: false, unread: 0 },
  ...changes,
});

describe('the language status of a build file', () => {
  it('counts the base images that are verified', () => {
    assert.equal(fileStatusView(status(), english)?.text, '3 of 4 base images verified');
    assert.equal(fileStatusView(status(), chinese)?.text, '4 个基础镜像中有 3 个已验证');
    assert.equal(fileStatusView(status({ total: 1, verified: 1 }), english)?.text, 'Base image verified');
    assert.equal(fileStatusView(status({ total: 1, verified: 0 }), english)?.text, 'Base image not verified');
  });

  it('is none where there is nothing to count', () => {
    assert.equal(fileStatusView(status({ total: 0, verified: 0 }), english), undefined);
    const part = fileStatusView(status({ total: 0, verified: 0, unread: 1 }), english);
    assert.deepEqual([part?.text, part?.detail], ['Base images not judged', 'Parts that are not judged: 1']);
    const none = fileStatusView(status({ total: 0, verified: 0, refusal: 'The file is empty.' }), english);
    assert.deepEqual([none?.text, none?.detail], ['Not understood by DaoChain', 'The file is empty.']);
  });

  it('is red for alarms alone, and then says how many', () => {
    const calm = fileStatusView(status({ verified: 0 }), english);
    assert.deepEqual([calm?.isAlarm, calm?.detail], [false, '']);
    const one = fileStatusView(status({ alarms: 1 }), english);
    assert.deepEqual([one?.isAlarm, one?.detail], [true, '1 image is not what its publisher published']);
    const two = fileStatusView(status({ alarms: 2 }), english);
    assert.equal(two?.detail, '2 images are not what their publishers published');
  });

  it('is busy while answers are missing', () => {
    assert.equal(fileStatusView(status(), english)?.isBusy, false);
    assert.equal(fileStatusView(status({ waiting: true }), english)?.isBusy, true);
  });

  it('leads to the problems where there can be some, else to the log', () => {
    assert.equal(fileStatusView(status(), english)?.command.command, 'workbench.actions.view.problems');
    assert.equal(fileStatusView(status({ verified: 4 }), english)?.command.command, 'daochain.showLog');
    assert.equal(stoppedView(english).command.command, 'daochain.showLog');
  });

  it('is red where the server has stopped', () => {
    assert.equal(stoppedView(english).isAlarm, true);
    assert.notEqual(stoppedView(chinese).text, stoppedView(english).text);
  });
});
