import assert from 'node:assert/strict';
import * as v from 'valibot';
import { commands } from 'vscode';
import { processorMs } from '../testbed/processorTime';
import { waitFor } from '../testbed/waitFor';
import { daochain, enginePath } from './extension';
import { countSpawns } from './spawns';
import { countTraffic } from './traffic';

const manifestSchema = v.object({
  contributes: v.object({ commands: v.array(v.object({ command: v.string() })) }),
});

// The first file of the suite: later ones find the extension awake.
describe('activation', () => {
  it('does not come with the window', () => {
    assert.equal(daochain().isActive, false);
  });

  it('starts no process and asks nobody', async () => {
    const [spawns, traffic] = [countSpawns(), countTraffic()];
    try {
      const milliseconds = await processorMs(async () => {
        assert.equal((await daochain().activate()).version, 1);
      });
      assert.deepEqual(spawns.programs, []);
      assert.equal(traffic.to(enginePath()), 0);
      assert.ok(milliseconds < 1_000, `${milliseconds} ms`);
    } finally {
      spawns.stop();
      traffic.stop();
    }
  });

  it('starts the node when it is told to', async () => {
    const spawns = countSpawns();
    try {
      await commands.executeCommand('daochain.startNode');
      assert.ok(
        spawns.programs.some((program) => program.endsWith('geth')),
        spawns.programs.join(', '),
      );
    } finally {
      spawns.stop();
      await commands.executeCommand('daochain.stopNode');
    }
  });

  it('registers what the manifest promises', async () => {
    const { contributes } = v.parse(manifestSchema, daochain().packageJSON);
    const promised = contributes.commands.map(({ command }) => command).sort();
    const registered = (await commands.getCommands(true)).filter((id) => /^daochain\.[a-zA-Z]+$/.test(id)).sort();
    assert.deepEqual(registered, promised);
  });

  it('asks the engine when its view is shown, and not before', async () => {
    const traffic = countTraffic();
    try {
      assert.equal(traffic.to(enginePath()), 0);
      await commands.executeCommand('daochain.views.localImages.focus');
      await waitFor('a call to the engine', () => traffic.to(enginePath()) > 0);
    } finally {
      traffic.stop();
      await commands.executeCommand('workbench.view.explorer');
    }
  });
});
