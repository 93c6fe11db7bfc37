import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { startEngine } from '../../test/testbed/engine';
import { temporaryFolder } from '../../test/testbed/program';
import { runInHost } from '../../test/testbed/runInHost';
import { median } from './median';

const activationSchema = v.object({ activationMs: v.number(), loadMs: v.number(), probeMs: v.number() });
const idleSchema = v.object({
  seconds: v.number(),
  engineCalls: v.number(),
  rpcCalls: v.number(),
  cpuPercent: v.number(),
  /** Of the same host before the extension was activated; not in `cpuPercent`. */
  baselineCpuPercent: v.number(),
});

export type IdleFigures = v.InferOutput<typeof idleSchema>;

const hostStarts = 5;

/**
 * From the request to activate to the API, in a real extension host that has come to rest: loading the code and the call
 * of `activate`. `loadMs` is the first part. `probeMs` is what the same host needs to load code that never changes.
 */
export async function measureActivation(): Promise<v.InferOutput<typeof activationSchema>> {
  const runs: v.InferOutput<typeof activationSchema>[] = [];
  for (let i = 0; i < hostStarts; i += 1) runs.push(await measure('activation', activationSchema));
  return {
    activationMs: median(runs.map(({ activationMs }) => activationMs)),
    loadMs: median(runs.map(({ loadMs }) => loadMs)),
    probeMs: median(runs.map(({ probeMs }) => probeMs)),
  };
}

/** What the extension does while its view is hidden after it was shown, with a node that runs and does not mine. */
export function measureIdle(): Promise<IdleFigures> {
  return measure('idle', idleSchema);
}

async function measure<T extends v.GenericSchema>(name: string, schema: T): Promise<v.InferOutput<T>> {
  const folder = temporaryFolder();
  const engine = await startEngine();
  const output = join(folder.path, 'figures.json');
  try {
    const { passes, failures } = await runInHost({
      extension: process.cwd(),
      files: [resolve(`scripts/bench/host/${name}.ts`)],
      env: { DOCKER_HOST: engine.host, DAOCHAIN_BENCH_OUTPUT: output },
      logFile: resolve('out', `bench-${name}.log`),
    });
    if (passes !== 1 || failures > 0) throw new Error(`${name} could not be measured`);
    return v.parse(v.pipe(v.string(), v.parseJson(), schema), readFileSync(output, 'utf8'));
  } finally {
    await engine.dispose();
    folder.remove();
  }
}
