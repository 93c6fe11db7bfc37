import assert from 'node:assert/strict';
import type { Alarm } from '../../../src/core/ledger/indexView';
import type { ViewCondition } from '../../../src/ui/trees/stateRow';
import { stateRows } from '../../../src/ui/trees/stateRow';
import { chinese, english } from './localizers';

const fine: ViewCondition = { trusted: true, node: 'running', brokenRules: 0, alarms: [] };

function labels(condition: Partial<ViewCondition>): readonly (string | undefined)[] {
  return stateRows({ ...fine, ...condition }, english).flatMap(({ label, command }) => [label, command?.id]);
}

describe('rows above the images', () => {
  it('are absent when nothing stands in the way', () => {
    assert.deepEqual(labels({}), []);
  });

  it('offer to start a node that is stopped', () => {
    assert.deepEqual(labels({ node: 'stopped' }), ['The node is stopped', 'daochain.startNode']);
  });

  it('do not offer it in Restricted Mode', () => {
    assert.deepEqual(labels({ trusted: false, node: 'stopped' }), [
      'Restricted Mode',
      'workbench.trust.manage',
      'The node is stopped',
      undefined,
    ]);
  });

  it('lead to the log of a node that has failed', () => {
    assert.deepEqual(labels({ node: 'failed' }), ['The node has failed', 'daochain.showNodeLog']);
  });

  it('count the rules that are not understood', () => {
    assert.deepEqual(labels({ brokenRules: 1 }), ['A trust rule is not understood', 'workbench.action.openSettings']);
    assert.equal(labels({ brokenRules: 2 })[0], '2 trust rules are not understood');
  });

  it('tell of each rewritten history until it was read', () => {
    const alarm: Alarm = {
      key: '0x01',
      publisher: '0x02',
      repository: 'docker.io/acme/app',
      tag: '1.0',
      change: 'vanished',
      block: 7,
      noticed: 0,
    };
    const [row, ...more] = stateRows({ ...fine, alarms: [alarm] }, english);
    assert.equal(more.length, 0);
    assert.deepEqual([row?.description, row?.command?.id], ['docker.io/acme/app:1.0', 'daochain.readAlarm']);
    assert.deepEqual(row?.command?.arguments, ['0x01']);
  });

  it('are there in Chinese', () => {
    for (const node of ['stopped', 'starting', 'buildingDag', 'stopping', 'failed'] as const) {
      for (const row of stateRows({ trusted: false, node, brokenRules: 3, alarms: [] }, chinese)) {
        assert.match(`${row.label}${row.command?.title ?? '中'}`, /\p{Script=Han}/u);
      }
    }
  });
});
