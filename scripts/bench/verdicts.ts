import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { runCommand } from '../dev/components/command';
import { median } from './median';
import { repositories, signedImages, type SignedImages } from './signedImages';
import type { Judged, Probed, Task } from './verdictsRun';

export interface VerdictFigures {
  readonly store: 'classic' | 'containerd';
  /** From the engine's list to the last verdict, by a product that has never seen engine or ledger. */
  readonly coldMs: number;
  /** The engine's own list, and the inspects that the cold run made, by the plain client with as many connections. */
  readonly engineListMs: number;
  readonly engineInspectMs: number;
  readonly inspects: number;
  /** All that was asked of the node since the view came up, its subscription included. */
  readonly ledgerCalls: number;
  /** From the news of one more block to the last verdict as of that block. */
  readonly warmMs: number;
  /** The part of `warmMs` that was spent waiting for the engine's list. */
  readonly warmListMs: number;
  readonly warmLists: number;
  readonly warmInspects: number;
  /** All that was asked of the node from before that block was mined to the last verdict. */
  readonly warmLedgerCalls: number;
}

const count = 1_000;
const runs = 3;

/** How long it takes to judge 1,000 images, all of them signed: medians of processes that have just started. */
export async function measureVerdicts(kind: 'debian' | 'containerd'): Promise<VerdictFigures> {
  const program = await bundle();
  const images = await signedImages(kind, count);
  try {
    const all: (Judged & Probed)[] = [];
    for (let i = 0; i < runs; i += 1) all.push(await measureOnce(program, images));
    const beside = ({ warmMs, warmListMs }: Judged): number => warmMs - warmListMs;
    const warm = all.find((run) => beside(run) === median(all.map(beside)));
    if (warm === undefined) throw new RangeError('there are runs');
    const worst = (figure: (run: Judged) => number): number => Math.max(...all.map(figure));
    return {
      store: kind === 'debian' ? 'classic' : 'containerd',
      coldMs: median(all.map(({ coldMs }) => coldMs)),
      engineListMs: median(all.map(({ listMs }) => listMs)),
      engineInspectMs: median(all.map(({ inspectMs }) => inspectMs)),
      inspects: worst(({ ids }) => ids.length),
      ledgerCalls: worst(({ ledgerCalls }) => ledgerCalls),
      warmMs: warm.warmMs,
      warmListMs: warm.warmListMs,
      warmLists: worst(({ warmLists }) => warmLists),
      warmInspects: worst(({ warmInspects }) => warmInspects),
      warmLedgerCalls: worst(({ warmLedgerCalls }) => warmLedgerCalls),
    };
  } finally {
    await images.dispose();
  }
}

async function measureOnce(program: string, { engine, folder, owner, mine }: SignedImages): Promise<Judged & Probed> {
  const { host } = engine;
  const judged = await run<Judged>(program, { judge: { host, folder, owner, trust: `${repositories}/*` } }, mine);
  if (judged.verified !== count) throw new Error(`${judged.verified} of ${judged.images} images are verified`);
  return { ...judged, ...(await run<Probed>(program, { probe: { host, ids: judged.ids } }, mine)) };
}

/** Builds the measuring program as the extension is built, so that what is measured is what is shipped. */
async function bundle(): Promise<string> {
  const entry = ['--entry-reset', '--entry', './scripts/bench/verdictsRun.ts'];
  const output = ['--output-path', 'out/bench', '--output-filename', 'verdicts.js'];
  const { code, output: text } = await runCommand('npx', ['webpack', '--mode', 'production', ...entry, ...output]);
  if (code !== 0) throw new Error(`The measuring program could not be built:\n${text}`);
  return resolve('out/bench/verdicts.js');
}

/** What a process of its own answers; the messages are its own, from the same build. */
function run<T>(program: string, task: Task, mine: () => Promise<void>): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { execArgv: [] });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The measuring program ended with code ${code}`));
    });
    child.on('message', (message) => {
      if (message === 'mine') mine().catch(reject);
      else resolve(message as T);
    });
    child.send(task);
  });
}
