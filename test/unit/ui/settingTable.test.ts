import assert from 'node:assert/strict';
import { settingId, settingTable, settingValue, type SettingName } from '../../../src/ui/settingTable';

const names = Object.keys(settingTable) as readonly SettingName[];

describe('a setting', () => {
  for (const name of names) {
    it(`${name} is what was written where that is of its kind, and its fallback otherwise`, () => {
      const { fallback } = settingTable[name];
      assert.deepEqual(settingValue(name, fallback), fallback);
      for (const other of [undefined, null, Symbol('other'), () => true])
        assert.deepEqual(settingValue(name, other), fallback);
    });
  }

  it('keeps within its bounds and its words', () => {
    assert.equal(settingValue('node.miningThreads', 64), 64);
    for (const wrong of [0, 65, 1.5, '2', NaN]) assert.equal(settingValue('node.miningThreads', wrong), 1);
    assert.equal(settingValue('wallet.lockAfterMinutes', 480), 480);
    for (const wrong of [0, 481, Infinity]) assert.equal(settingValue('wallet.lockAfterMinutes', wrong), 15);
    assert.equal(settingValue('statusBar.show', 'never'), 'never');
    assert.equal(settingValue('statusBar.show', 'sometimes'), 'whenActive');
  });

  it('has the id that settings files use, as its area has', () => {
    assert.equal(settingId('node.path'), 'daochain.node.path');
    assert.equal(settingId('registry'), 'daochain.registry');
  });
});
