import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { walletPublisher } from '../../src/core/hex';
import { parseReference } from '../../src/core/image/reference';
import { ledgerKey } from '../../src/core/ledger/types';
import { silentLog } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import { startRegistry } from '../../test/testbed/registry';
import { median } from './median';
import { signedImages } from './signedImages';

export interface CommandLineFigures {
  /** One `daochain verify`, of an image that the engine and the registry have. */
  readonly cliMs: number;
  /** `node -e 0`. */
  readonly nodeMs: number;
  /** One `daochain verify` of 100 images. */
  readonly cli100Ms: number;
  /** 100 times the median of 100 runs of `cosign verify --key` on an image in the same registry. */
  readonly cosign100Ms: number;
}

const count = 100;
const never = new AbortController().signal;
const execute = promisify(execFile);

/**
 * How long the commands take as a person waits for them, processes included: medians on a warm disk. The same registry
 * serves both programs, each checks a signature for each image, and neither needs a network.
 */
export async function measureCommandLine(cosign: string): Promise<CommandLineFigures> {
  const registry = await startRegistry();
  const folder = temporaryFolder();
  const repositories = `${registry.name}/bench`;
  const images = await signedImages('debian', count, repositories);
  try {
    const names = Array.from({ length: count }, (_, i) => `${repositories}/app${i}:1.0`);
    const engine = new DockerEngine({ setting: () => images.engine.host, log: silentLog });
    const digests: string[] = [];
    for (const name of names) {
      const { digest } = await engine.push(parseReference(name), never, () => undefined);
      digests.push(digest);
    }
    engine.dispose();

    const rules = join(folder.path, 'rules.json');
    const rule = {
      ledger: ledgerKey(images.ledger),
      repositories: `${repositories}/*`,
      publishers: [walletPublisher(images.owner)],
    };
    writeFileSync(rules, JSON.stringify([rule]));
    const verify = async (some: readonly string[]): Promise<void> => {
      const options = ['--data', images.folder, '--rules', rules, '--private-host', registry.name, '--json'];
      // The exit code is 0 only when every image is verified, and else this rejects.
      await execute(process.execPath, [resolve('dist/cli.js'), 'verify', ...options, ...some], {
        env: { ...process.env, DOCKER_HOST: images.engine.host },
      });
    };

    const docker = join(folder.path, 'docker');
    mkdirSync(docker);
    const env = { PATH: process.env['PATH'], HOME: homedir(), DOCKER_CONFIG: docker, COSIGN_PASSWORD: '' };
    const run = (args: readonly string[]) => execute(cosign, args, { cwd: folder.path, env });
    await run(['generate-key-pair']);
    const signed = `${repositories}/app0@${digests[0] ?? ''}`;
    await run(['sign', '--key', 'cosign.key', '--tlog-upload=false', '--use-signing-config=false', '--yes', signed]);

    const cosignVerify = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog=true', signed];
    return {
      nodeMs: await medianTime(15, () => execute(process.execPath, ['-e', '0'])),
      cliMs: await medianTime(15, () => verify(names.slice(0, 1))),
      cli100Ms: await medianTime(5, () => verify(names)),
      cosign100Ms: count * (await medianTime(count, () => run(cosignVerify))),
    };
  } finally {
    await images.dispose();
    await registry.dispose();
    folder.remove();
  }
}

/** The first run warms the disk and does not count. */
async function medianTime(runs: number, action: () => Promise<unknown>): Promise<number> {
  await action();
  const times: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const started = performance.now();
    await action();
    times.push(performance.now() - started);
  }
  return median(times);
}
