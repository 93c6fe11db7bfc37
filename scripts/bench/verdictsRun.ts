/**
 * One measurement in a process of its own, so that nothing is warm that is not in a window that has just opened. The
 * process before it gives `Task`; it is told `mine` where a block is wanted, and at last what was measured.
 */
import Docker from 'dockerode';
import pLimit from 'p-limit';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import type { Address } from '../../src/core/hex';
import type { JudgedImages } from '../../src/core/judging/imageAnswer';
import { createProduct, trust, type Product } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import { waitFor } from '../../test/testbed/waitFor';
import type { Engine } from '../../src/product';

export type Task =
  /** The product judges all images, and again after one more block. */
  | {
      readonly judge: {
        readonly host: string;
        readonly folder: string;
        readonly owner: Address;
        readonly trust: string;
      };
    }
  /** The plain client lists all images and inspects `ids`. */
  | { readonly probe: { readonly host: string; readonly ids: readonly string[] } };

export interface Judged {
  readonly images: number;
  readonly verified: number;
  readonly coldMs: number;
  readonly ledgerCalls: number;
  /** What was inspected. */
  readonly ids: readonly string[];
  readonly warmMs: number;
  readonly warmListMs: number;
  readonly warmLists: number;
  readonly warmInspects: number;
  readonly warmLedgerCalls: number;
}

export interface Probed {
  readonly listMs: number;
  readonly inspectMs: number;
}

/** As many as the product keeps open. */
const connections = 8;
const warmTries = 10;
const never = new AbortController().signal;

/** What was asked of the engine and of the node. */
class Asked {
  lists = 0;
  listMs = 0;
  inspected: string[] = [];
  ledgerCalls = 0;

  reset(): void {
    this.lists = this.listMs = this.ledgerCalls = 0;
    this.inspected = [];
  }

  readonly wrap = (engine: Engine): Engine => ({
    endpoint: () => engine.endpoint(),
    platform: (signal) => engine.platform(signal),
    list: async (signal) => {
      this.lists += 1;
      const started = performance.now();
      const listed = await engine.list(signal);
      this.listMs += performance.now() - started;
      return listed;
    },
    inspect: (image, signal) => {
      this.inspected.push(image);
      return engine.inspect(image, signal);
    },
    readIdentity: (image, signal, onProgress) => engine.readIdentity(image, signal, onProgress),
    build: (request, signal, onOutput) => engine.build(request, signal, onOutput),
    onEvent: engine.onEvent,
    pull: (reference, platform, signal, onProgress) => engine.pull(reference, platform, signal, onProgress),
    tag: (image, reference, signal) => engine.tag(image, reference, signal),
    push: (reference, signal, onProgress) => engine.push(reference, signal, onProgress),
    reconnect: () => {
      engine.reconnect();
    },
  });
}

class CountingTransport extends IpcTransport {
  constructor(
    path: () => string | undefined,
    private readonly asked: Asked,
  ) {
    super(path);
  }

  override async batch(...[calls, signal]: Parameters<IpcTransport['batch']>): Promise<readonly unknown[]> {
    this.asked.ledgerCalls += calls.length;
    return super.batch(calls, signal);
  }

  override subscribe(...given: Parameters<IpcTransport['subscribe']>): ReturnType<IpcTransport['subscribe']> {
    this.asked.ledgerCalls += 1;
    return super.subscribe(...given);
  }
}

async function judge({
  host,
  folder,
  owner,
  trust: pattern,
}: Extract<Task, { judge: unknown }>['judge']): Promise<Judged> {
  const asked = new Asked();
  const files = temporaryFolder();
  const product = createProduct({
    ...{ engineHost: host, folder, files: files.path, wrapEngine: asked.wrap },
    createTransport: (path) => new CountingTransport(path, asked),
  });
  product.owner = owner;
  await trust(product, owner, pattern);
  await product.node.start();
  try {
    asked.reset();
    const started = performance.now();
    // As the view does that comes up.
    const following = product.verification.onDidChange(() => undefined);
    const { rows } = await product.verification.judgeAll(never);
    const coldMs = performance.now() - started;
    const { ledgerCalls, inspected: ids } = asked;
    const warm = await judgeAgain(product, asked);
    following.dispose();
    const verified = rows.filter(({ verdict }) => verdict.kind === 'verified').length;
    return { images: rows.length, verified, coldMs, ledgerCalls, ids, ...warm };
  } finally {
    await product.dispose();
    files.remove();
  }
}

type Warm = Pick<Judged, 'warmMs' | 'warmListMs' | 'warmLists' | 'warmInspects' | 'warmLedgerCalls'>;

/** After exactly one block; now and then two come at once, and then it is tried again. */
async function judgeAgain({ ledgers, verification }: Product, asked: Asked): Promise<Warm> {
  const { index } = await ledgers.open();
  for (let i = 0; i < warmTries; i += 1) {
    const before = index.view().head?.number ?? 0;
    asked.reset();
    let judged: JudgedImages | undefined;
    let pushed: number | undefined;
    const heads = index.onDidChange((change) => {
      if (change === 'head') pushed ??= performance.now();
    });
    const ended = new Promise<number>((resolve, reject) => {
      // As the view does: whatever changes, everything is judged again.
      const news = verification.onDidChange(() => {
        news.dispose();
        verification.judgeAll(never).then((all) => {
          judged = all;
          resolve(performance.now());
        }, reject);
      });
    });
    process.send?.('mine');
    const warmMs = (await ended) - (pushed ?? Number.NaN);
    heads.dispose();
    const asOf = new Set(judged?.rows.map(({ verdict }) => verdict.asOf?.block));
    const { lists: warmLists, listMs: warmListMs, ledgerCalls: warmLedgerCalls, inspected } = asked;
    if (asOf.size === 1 && asOf.has(before + 1)) {
      return { warmMs, warmListMs, warmLists, warmInspects: inspected.length, warmLedgerCalls };
    }
    const mined = index.view().head?.number;
    await waitFor(
      'the chain to rest',
      async () => (await ledgers.open().then(({ reader }) => reader.head(never))).number === mined,
    );
  }
  throw new Error('No block came alone');
}

async function probe({ host, ids }: Extract<Task, { probe: unknown }>['probe']): Promise<Probed> {
  const docker = new Docker({ socketPath: host.slice('unix://'.length) });
  const atOnce = pLimit(connections);
  const started = performance.now();
  await docker.listImages();
  const listed = performance.now();
  await Promise.all(ids.map((id) => atOnce(() => docker.getImage(id).inspect())));
  return { listMs: listed - started, inspectMs: performance.now() - listed };
}

process.once('message', (task: Task) => {
  ('judge' in task ? judge(task.judge) : probe(task.probe)).then(
    (measured) => {
      process.send?.(measured, () => process.exit(0));
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
