import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { leafOf } from '../../src/core/ledger/release';
import { ledgerKey } from '../../src/core/ledger/types';
import { loadImage, startEngine } from '../../test/testbed/engine';
import { silentLog } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import { grownLedger, grownRepositories, judgedName, publishersThere, type GrownLedger } from './grownLedger';
import { median } from './median';
import { imagesArchive } from './signedImages';

/** `daochain verify` of one image, by a ledger with so many entries and a rule that names so many publishers. */
export interface LedgerGrowthFigures {
  readonly entries: number;
  readonly publishers: number;
  /** With an empty data folder. */
  readonly coldMs: number;
  /** Once more. */
  readonly warmMs: number;
  /** The most that any of these processes had in memory. */
  readonly peakRssMiB: number;
  /** What the data folder holds afterwards. */
  readonly diskMiB: number;
}

const sizes = [1_000, 100_000] as const;
const named = [1, publishersThere] as const;
const rounds = 9;
const never = new AbortController().signal;
const execute = promisify(execFile);

interface Row {
  readonly entries: number;
  readonly publishers: number;
  readonly grown: GrownLedger;
  readonly rules: string;
  readonly cold: number[];
  readonly warm: number[];
  readonly peak: number[];
  disk: number;
}

/**
 * What a verdict costs on a ledger that has grown: the built command as a person runs it, against a real node whose blocks are
 * packed full. Rounds take every row in turn, so that whatever else the machine does bears on all of them.
 */
export async function measureLedgerGrowth(say: (line: string) => void): Promise<readonly LedgerGrowthFigures[]> {
  const folder = temporaryFolder();
  const engine = await startEngine({ kind: 'debian' });
  const nodes: GrownLedger['node'][] = [];
  try {
    await loadImage(engine.docker, await imagesArchive([judgedName]));
    const reader = new DockerEngine({ setting: () => engine.host, log: silentLog });
    const statement = { leaves: [leafOf(await reader.readIdentity(judgedName, never))] };
    reader.dispose();
    const rows: Row[] = [];
    for (const entries of sizes) {
      const grown = await grownLedger(entries, statement, say);
      nodes.push(grown.node);
      for (const publishers of named) {
        const rules = join(folder.path, `rules-${entries}-${publishers}.json`);
        const rule = {
          ledger: ledgerKey(grown.ledger),
          repositories: `${grownRepositories}/*`,
          publishers: grown.publishers.slice(0, publishers),
        };
        writeFileSync(rules, JSON.stringify([rule]));
        rows.push({ entries, publishers, grown, rules, cold: [], warm: [], peak: [], disk: 0 });
      }
    }

    const [peakFile, noting] = [join(folder.path, 'peak'), join(folder.path, 'notePeak.cjs')];
    writeFileSync(noting, notePeak(peakFile));
    const data = join(folder.path, 'data');
    const verify = async ({ grown, rules, peak }: Row): Promise<number> => {
      const options = ['--endpoint', grown.node.ipcPath, '--data', data, '--rules', rules, '--json'];
      const started = performance.now();
      // The exit code is 0 only when the image is verified, and else this rejects.
      await execute(process.execPath, ['--require', noting, resolve('dist/cli.js'), 'verify', ...options, judgedName], {
        env: { ...process.env, DOCKER_HOST: engine.host },
      });
      const ms = performance.now() - started;
      peak.push(Number(readFileSync(peakFile, 'utf8')) / 1024);
      return ms;
    };
    // The first round warms the disk and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const row of rows) {
        rmSync(data, { recursive: true, force: true });
        mkdirSync(data);
        const [cold, warm] = [await verify(row), await verify(row)];
        if (round === 0) continue;
        row.cold.push(cold);
        row.warm.push(warm);
        row.disk = (await sizeOf(data)) / 2 ** 20;
      }
    }
    return rows.map(({ entries, publishers, cold, warm, peak, disk }) => ({
      ...{ entries, publishers, coldMs: median(cold), warmMs: median(warm) },
      ...{ peakRssMiB: Math.max(...peak), diskMiB: disk },
    }));
  } finally {
    for (const node of nodes) await node.dispose();
    await engine.dispose();
    folder.remove();
  }
}

/** Writes how much memory a process has had at most, in KiB, when it ends. `getrusage` would count its parent's as well. */
function notePeak(file: string): string {
  return `process.on('exit', () => {
  const { readFileSync, writeFileSync } = require('node:fs');
  writeFileSync(${JSON.stringify(file)}, /^VmHWM:\\s*(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
});\n`;
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map(({ parentPath, name }) => stat(join(parentPath, name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
