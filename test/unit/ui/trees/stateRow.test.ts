import assert from 'node:assert/strict';
import type { Contradiction } from '../../../../src/core/ledger/indexView';
import type { ViewCondition } from '../../../../src/ui/trees/stateRow';
import { stateRows } from '../../../../src/ui/trees/stateRow';
import { chinese, english } from '../../words/localizers';

const fine: ViewCondition = {
  trusted: true,
  node: 'running',
  diskFull: false,
  brokenRules: 0,
  memories: [],
};

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

  const hash = (digits: string) => `0x${digits.repeat(32)}` as const;
  const contradiction: Contradiction = { remembered: { number: 7, hash: hash('aa') }, found: hash('bb'), noticed: 0 };

  it('tell first of a chain that was rewritten, until that was read', () => {
    const [row, ...more] = stateRows(
      {
        ...fine,
        memories: [{ network: undefined, contradiction, problems: [] }],
        node: 'stopped',
      },
      english,
    );
    assert.equal(more.length, 1);
    assert.deepEqual([row?.label, row?.command?.id], ['The chain was rewritten', 'daochain.readAlarm']);
    assert.match(row?.description ?? '', /below block 7/);
  });

  it('name the network whose chain was rewritten where more than one is followed, each in a row', () => {
    const memories = ['Home', 'Team\u202e'].map((network) => ({
      ...{ network, contradiction, problems: ['final'] as const },
    }));
    const rows = stateRows({ ...fine, memories }, english);
    assert.deepEqual(
      rows.map(({ label }) => label),
      [
        ...['Home: The chain was rewritten', 'Team\\u{202e}: The chain was rewritten'],
        ...['Home: The memory of the ledger is damaged', 'Team\\u{202e}: The memory of the ledger is damaged'],
      ],
    );
    assert.match(rows[0]?.description ?? '', /judged by this ledger until/);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 4);
  });

  it('tell of each file of the memory that is damaged', () => {
    const rows = stateRows(
      {
        ...fine,
        memories: [{ network: undefined, contradiction: undefined, problems: ['final', 'contradiction', 'histories'] }],
      },
      english,
    );
    assert.equal(new Set(rows.map(({ description }) => description)).size, 3);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 3);
  });

  it('say of a node without room for its chain what is to be done', () => {
    const [row] = stateRows({ ...fine, node: 'failed', diskFull: true }, english);
    assert.equal(row?.label, 'The disk is full');
    assert.match(row.description, /make room/);
    assert.equal(row.command?.id, 'daochain.startNode');
    assert.deepEqual(labels({ node: 'failed' }), ['The node has failed', 'daochain.showNodeLog']);
  });

  it('are there in Chinese', () => {
    for (const node of ['stopped', 'starting', 'buildingDag', 'stopping', 'failed'] as const) {
      for (const row of stateRows(
        {
          trusted: false,
          node,
          diskFull: true,
          brokenRules: 3,
          memories: [{ network: undefined, contradiction, problems: ['final'] }],
        },
        chinese,
      )) {
        assert.match(`${row.label}${row.command?.title ?? '中'}`, /\p{Script=Han}/u);
      }
    }
  });
});
