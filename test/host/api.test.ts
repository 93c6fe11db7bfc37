import assert from 'node:assert/strict';
import { CancellationTokenSource, commands, type CancellationToken } from 'vscode';
import { buildImage } from '../testbed/engine';
import { waitFor } from '../testbed/waitFor';
import { api, docker } from './extension';

const image = 'registry.example.com/host/api:1.0';
const absent = 'registry.example.com/host/absent:1.0';
const never: CancellationToken = new CancellationTokenSource().token;

describe('the API for other extensions', () => {
  before(async () => {
    await buildImage(docker(), image);
    await commands.executeCommand('daochain.stopNode');
  });

  it('reads, and does nothing else', async () => {
    assert.deepEqual(Object.keys(await api()).sort(), ['onDidChangeVerdicts', 'verify', 'version']);
  });

  it('does not take a chain that cannot be asked for one that knows nothing', async () => {
    const verdict = await (await api()).verify(image, never);
    assert.equal(verdict.kind === 'unknown' && verdict.missing, 'ledger');
  });

  it('says that nobody signed the image once the node runs, whether it is here or not', async () => {
    const extension = await api();
    await commands.executeCommand('daochain.startNode');
    assert.equal((await extension.verify(image, never)).kind, 'unsigned');
    assert.equal((await extension.verify(absent, never)).kind, 'unsigned');
  });

  it('gives up when it is told to', async () => {
    const extension = await api();
    const source = new CancellationTokenSource();
    source.cancel();
    await assert.rejects(extension.verify(image, source.token));
  });

  it('tells when verdicts may have changed, as long as somebody listens', async () => {
    const { onDidChangeVerdicts } = await api();
    let changes = 0;
    const listening = onDidChangeVerdicts(() => {
      changes += 1;
    });
    try {
      await waitFor('a change', async () => {
        await docker()
          .getImage(image)
          .tag({ repo: 'registry.example.com/host/api', tag: `${Date.now()}` });
        return changes > 0;
      });
    } finally {
      listening.dispose();
    }
  });
});
