import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { processorMs } from '../testbed/processorTime';
import { waitFor } from '../testbed/waitFor';
import { daochain, enginePath } from './extension';
import { countSpawns } from './spawns';
import { countTraffic } from './traffic';

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
