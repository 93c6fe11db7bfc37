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
});
