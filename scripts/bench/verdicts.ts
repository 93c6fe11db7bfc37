import pLimit from 'p-limit';
import { IpcTransport, type RpcCall } from '../../src/adapters/chain/ipcTransport';
import type { BlockHeader, ContainerEngine } from '../../src/core/ports';
import type { JudgedImages } from '../../src/services/judgedImage';
import type { Engine } from '../../test/testbed/engine';
import { createProduct, trust, type Product } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import { waitFor } from '../../test/testbed/waitFor';
import { median } from './median';
import { repositories, signedImages, type SignedImages } from './signedImages';

export interface VerdictFigures {
  readonly store: 'classic' | 'containerd';
  /** From the engine's list to the last verdict, by a product that has never seen engine or ledger. */
  readonly coldMs: number;
  /** The engine's own list, and the inspects that the cold run made, by the plain client with as many connections. */
  readonly engineListMs: number;
  readonly engineInspectMs: number;
  readonly inspects: number;
  /** All that was asked of the node since the view appeared, its subscription included. */
  readonly ledgerCalls: number;
  /** From the news of one more block to the last verdict as of that block. */
  readonly warmMs: number;
  readonly warmListMs: number;
  readonly warmLists: number;
  readonly warmInspects: number;
  /** All that was asked of the node from before that block was mined to the last verdict. */
  readonly warmLedgerCalls: number;
}

const count = 1_000;
const coldRuns = 3;
/** As many as the product keeps open. */
const connections = 8;
const never = new AbortController().signal;

/** How long it takes to judge 1,000 images, all of them signed. Medians of several products, each with its own probes. */
export async function measureVerdicts(kind: 'debian' | 'containerd'): Promise<VerdictFigures> {
  const images = await signedImages(kind, count);
  try {
    const runs: VerdictFigures[] = [];
    for (let i = 0; i < coldRuns; i += 1) runs.push(await measureOnce(images));
    return medianRun(runs);
  } finally {
    await images.dispose();
  }
}

/** The run whose cold time is the median, so that its figures are of one moment. */
function medianRun(runs: readonly VerdictFigures[]): VerdictFigures {
  const excess = ({ coldMs, engineListMs, engineInspectMs }: VerdictFigures): number =>
    coldMs / (engineListMs + engineInspectMs);
  const middle = median(runs.map(excess));
  const run = runs.find((each) => excess(each) === middle);
  if (run === undefined) throw new RangeError('there are runs');
  return run;
}
