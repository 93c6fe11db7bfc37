import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { api } from '../../../test/host/extension';
import { measureLoading } from '../probes';
import { benchOutput } from './benchOutput';

/** Node's own loader, for which there are no types. */
interface Loader {
  _load: (...given: readonly [string, ...unknown[]]) => unknown;
}

/** A host that has just started is busy with itself for a while, which is not ours to measure. */
async function calm(): Promise<void> {
  for (let calmTurns = 0; calmTurns < 25;) {
    const started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    calmTurns = performance.now() - started < 25 ? calmTurns + 1 : 0;
  }
}

describe('bench', () => {
  it('activation', async () => {
    const loader = createRequire(__filename)('node:module') as Loader;
    const { _load: load } = loader;
    const program = resolve('dist/extension.js');
    let loadMs = 0;
    loader._load = (...given) => {
      if (!given[0].startsWith(program.slice(0, -'.js'.length))) return load.apply(loader, [...given]);
      const started = performance.now();
      try {
        return load.apply(loader, [...given]);
      } finally {
        loadMs = performance.now() - started;
      }
    };
    await calm();
    const started = performance.now();
    await api();
    const activationMs = performance.now() - started;
    loader._load = load;
    writeFileSync(benchOutput(), JSON.stringify({ activationMs, loadMs, probeMs: measureLoading() }));
  });
});
