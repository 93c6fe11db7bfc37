import assert from 'node:assert/strict';
import * as v from 'valibot';
import { commands } from 'vscode';
import { api, daochain } from './extension';

const manifestSchema = v.object({
  contributes: v.object({ commands: v.array(v.object({ command: v.string() })) }),
});

describe('the manifest', () => {
  it('promises what is registered', async () => {
    await api();
    const { contributes } = v.parse(manifestSchema, daochain().packageJSON);
    const promised = contributes.commands.map(({ command }) => command).sort();
    const registered = (await commands.getCommands(true)).filter((id) => /^daochain\.[a-zA-Z]+$/.test(id)).sort();
    assert.deepEqual(registered, promised);
  });
});
