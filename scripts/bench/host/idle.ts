import { writeFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { commands } from 'vscode';
import { api, enginePath } from '../../../test/host/extension';
import { countTraffic } from '../../../test/host/traffic';
import { waitFor } from '../../../test/testbed/waitFor';
import { benchOutput } from './benchOutput';

const seconds = 30;

/** Processor seconds that this process takes while the time passes. */
async function processorSeconds(): Promise<number> {
  const before = process.cpuUsage();
  await pass(seconds * 1_000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

describe('bench', function () {
  this.timeout(150_000);

  it('idle', async () => {
    // A window that has just opened is busy with itself.
    await pass(5_000);
    const baseline = await processorSeconds();

    await api();
    const traffic = countTraffic();
    const engineCalls = (): number => traffic.to(enginePath());
    const rpcCalls = (): number =>
      traffic.paths().reduce((sum, path) => sum + (path === enginePath() ? 0 : traffic.to(path)), 0);
    await commands.executeCommand('daochain.startNode');
    await commands.executeCommand('daochain.views.localImages.focus');
    await waitFor('the view is filled', () => engineCalls() > 0 && rpcCalls() > 0);
    await commands.executeCommand('workbench.view.explorer');
    await pass(3_000);

    const before = { engineCalls: engineCalls(), rpcCalls: rpcCalls() };
    const taken = await processorSeconds();
    writeFileSync(
      benchOutput(),
      JSON.stringify({
        seconds,
        engineCalls: engineCalls() - before.engineCalls,
        rpcCalls: rpcCalls() - before.rpcCalls,
        cpuPercent: Math.max(0, ((taken - baseline) / seconds) * 100),
        baselineCpuPercent: (baseline / seconds) * 100,
      }),
    );
    traffic.stop();
    await commands.executeCommand('daochain.stopNode');
  });
});
