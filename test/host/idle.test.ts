import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { waitFor } from '../testbed/waitFor';
import { api, enginePath } from './extension';
import { countTraffic, type Traffic } from './traffic';

/** Whether nothing is sent to anybody for so many milliseconds. */
async function isQuiet(traffic: Traffic, milliseconds: number): Promise<boolean> {
  const counts = (): string => JSON.stringify(traffic.paths().map((path) => [path, traffic.to(path)]));
  const before = counts();
  const end = Date.now() + milliseconds;
  await waitFor('the time to pass', () => Date.now() >= end || counts() !== before);
  return counts() === before;
}

describe('with a node that runs and no new block', () => {
  let traffic: Traffic;

  before(async () => {
    await api();
    await commands.executeCommand('daochain.stopNode');
    // Before the node starts: a connection that is there already is not counted.
    traffic = countTraffic();
    await commands.executeCommand('daochain.startNode');
  });
  after(async () => {
    traffic.stop();
    await commands.executeCommand('workbench.view.explorer');
  });

  it('nothing is asked while the view is hidden', async () => {
    await commands.executeCommand('daochain.views.localImages.focus');
    await waitFor('calls to engine and node', () => traffic.to(enginePath()) > 0 && traffic.paths().length > 1);
    await commands.executeCommand('workbench.view.explorer');
    await waitFor('the last call', () => isQuiet(traffic, 500));
    assert.ok(await isQuiet(traffic, 5_000), traffic.paths().join(', '));
  });

  it('nothing is asked again and again while it is shown', async () => {
    await commands.executeCommand('daochain.views.localImages.focus');
    await waitFor('the last call', () => isQuiet(traffic, 500));
    assert.ok(await isQuiet(traffic, 3_000), traffic.paths().join(', '));
  });
});
