import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { buildImage, pushImage, startEngine, type Engine } from '../../testbed/engine';
import { startNode, testGenesis } from '../../testbed/geth';
import { startRegistry } from '../../testbed/registry';
import { waitFor } from '../../testbed/waitFor';

describe('the testbed', () => {
  describe('engine', () => {
    let engine: Engine;
    before(async () => {
      engine = await startEngine();
    });
    after(() => engine.dispose());

    it('builds a distinct image each time, and one that runs', async () => {
      const first = await buildImage(engine.docker, 'localhost/thing:1');
      assert.notEqual(await buildImage(engine.docker, 'localhost/thing:1'), first);
      await buildImage(engine.docker, 'localhost/runs:1', {
        runnable: true,
        instructions: ['CMD ["/bin/busybox","true"]'],
      });
      const [{ StatusCode }] = (await engine.docker.run('localhost/runs:1', [], process.stdout)) as [
        { StatusCode: number },
      ];
      assert.equal(StatusCode, 0);
    });

    it('rejects a build that fails', async () => {
      await assert.rejects(buildImage(engine.docker, 'localhost/bad:1', { instructions: ['NONSENSE'] }), /NONSENSE/i);
      const failing = { runnable: true, instructions: ['RUN ["/bin/busybox","false"]'] };
      await assert.rejects(buildImage(engine.docker, 'localhost/runs:1', failing), /non-zero code/);
    });

    it('keeps its images over a crash and a restart', async () => {
      await buildImage(engine.docker, 'localhost/kept:1');
      await engine.kill();
      await assert.rejects(engine.docker.ping());
      await engine.start();
      await engine.restart();
      assert.ok((await engine.docker.getImage('localhost/kept:1').inspect()).Id);
    });

    it('pushes to a registry that wants a password and has a certificate of its own', async () => {
      const auth = { user: 'somebody', password: 'something' };
      const registry = await startRegistry({ tls: true, auth });
      try {
        const reference = `${registry.name}/pushed:1`;
        await buildImage(engine.docker, reference);
        await assert.rejects(pushImage(engine.docker, reference), /unauthorized|no basic auth/i);
        await pushImage(engine.docker, reference, auth);
        const image = engine.docker.getImage(reference);
        assert.match((await image.inspect()).RepoDigests[0] ?? '', /pushed@sha256:/);
        assert.equal(await status(`${registry.url}/v2/`, registry.certificateFile ?? ''), 401);
      } finally {
        await registry.dispose();
      }
    });

    function status(url: string, certificate: string): Promise<number | undefined> {
      return new Promise((resolve, reject) => {
        request(url, { ca: readFileSync(certificate) }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .once('error', reject)
          .end();
      });
    }
  });

  it('runs a network of two nodes that loses no block when one is killed', async () => {
    const rich = '0x00000000000000000000000000000000000000aa';
    const genesis = testGenesis({ [rich]: { balance: '0x64' } });
    const [first, second] = [await startNode({ genesis }), await startNode({ genesis })];
    try {
      assert.equal(await first.request('eth_getBalance', [rich, 'latest']), '0x64');
      await second.connect(first);
      const height = await first.mine(2);
      await waitFor(
        'the other node has the blocks',
        async () => Number(await second.request('eth_blockNumber')) >= height,
      );
      await first.kill();
      await first.start();
      assert.ok(Number(await first.request('eth_blockNumber')) >= height);
      await assert.rejects(first.request('no_such'), /no_such/);
    } finally {
      await first.dispose();
      await second.dispose();
    }
    assert.ok(!existsSync(first.folder));
  });
});
