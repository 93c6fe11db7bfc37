import assert from 'node:assert/strict';
import * as v from 'valibot';
import { documentSettingsSchema } from '../../../src/protocol/dockerfileSettings';

describe('settings for a document', () => {
  it('keep what is understood', () => {
    const user = { enabled: false, severity: { DC009: 'off', DC004: 'loud', DC001: 7, DC008: 'error' } };
    assert.deepEqual(v.parse(documentSettingsSchema, { uri: 'a', user, workspace: {} }), {
      uri: 'a',
      user: { enabled: false, severity: { DC009: 'off', DC008: 'error' } },
      workspace: {},
    });
  });

  it('take nothing off because of a value that is not understood', () => {
    for (const layer of [null, 'off', [], { enabled: 'no' }, { severity: 'off' }, { enabled: 0, severity: 1 }]) {
      const { user, workspace } = v.parse(documentSettingsSchema, { uri: 'a', user: layer, workspace: layer });
      for (const parsed of [user, workspace]) {
        assert.notEqual(parsed.enabled, false);
        assert.deepEqual(parsed.severity ?? {}, {});
      }
    }
  });

  it('take build arguments that are texts, in bounds', () => {
    const buildArguments = {
      TAG: '1',
      EMPTY: '',
      NUMBER: 7,
      LIST: ['a'],
      LONG: 'x'.repeat(1025),
      ['N'.repeat(129)]: 'x',
    };
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`A${i}`, 'x']));
    const settings = { uri: 'a', user: { buildArguments }, workspace: { buildArguments: many } };
    const { user, workspace } = v.parse(documentSettingsSchema, settings);
    assert.deepEqual(user.buildArguments, { TAG: '1', EMPTY: '' });
    assert.equal(Object.keys(workspace.buildArguments ?? {}).length, 256);
    for (const nothing of [null, 'TAG=1', 1]) {
      const parsed = v.parse(documentSettingsSchema, {
        ...settings,
        user: { enabled: false, buildArguments: nothing },
      });
      assert.deepEqual(parsed.user, { enabled: false, buildArguments: {} });
    }
  });
});
