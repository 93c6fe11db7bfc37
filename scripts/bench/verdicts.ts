import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import type { ContainerEngine, TransactionSigner } from '../../src/core/ports';
import { loadImage, startEngine, type Engine } from '../../test/testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';

export interface VerdictFigures {
  readonly store: 'classic' | 'containerd';
  readonly coldMs: number;
  /** The engine's own list, and the inspects that the cold run made, by the plain client with as many connections. */
  readonly engineListMs: number;
  readonly engineInspectMs: number;
  readonly inspects: number;
  readonly ledgerCalls: number;
  readonly warmMs: number;
  readonly warmListMs: number;
  readonly warmLedgerCalls: number;
}

const count = 1_000;
const signedInOneTransaction = 50;
const never = new AbortController().signal;
const nameOf = (i: number): string => `registry.example.com/bench/app${i}:1.0`;

/**
 * How long it takes to judge 1,000 images, all of them signed: cold, from the engine's list to the last verdict, by a
 * product that has never seen engine or ledger; and again by the same one after one more block.
 */
export async function measureVerdicts(kind: 'debian' | 'containerd'): Promise<VerdictFigures> {
  const folder = temporaryFolder();
  const engine = await startEngine({ kind });
  const owner = await testSigner();
  const product = createProduct({ engineHost: engine.host, folder: folder.path });
  product.owner = owner.address;
  try {
    await loadImage(engine.docker, await imagesArchive());
    await sign(product, owner);

    const inspected: string[] = [];
    let ledgerCalls = 0;
    const reader = createProduct({
      engineHost: engine.host,
      folder: folder.path,
      files: temporaryFolder().path,
      wrapEngine: (real) => countingEngine(real, inspected),
      createTransport: (path) =>
        new CountingTransport(path, (calls) => {
          ledgerCalls += calls;
        }),
    });
    const judge = async (): Promise<{ readonly ms: number; readonly ledgerCalls: number }> => {
      ledgerCalls = 0;
      const started = performance.now();
      const { rows } = await reader.verification.judgeAll(never);
      const ms = performance.now() - started;
      const verified = rows.filter(({ verdict }) => verdict.kind === 'verified').length;
      if (verified !== count) throw new Error(`${verified} of ${count} images are verified`);
      return { ms, ledgerCalls };
    };
    reader.owner = owner.address;
    await trust(reader, owner.address, 'registry.example.com/bench/*');
    await reader.node.start();
    try {
      // Following, as a visible view does, so that the newest block is pushed.
      const following = reader.verification.onDidChange(() => undefined);
      const cold = await judge();
      const inspects = [...inspected];
      await product.node.mineUntil(() => true, never);
      const warm = await judge();
      following.dispose();
      const probe = await probeEngine(engine, inspects);
      return {
        store: kind === 'debian' ? 'classic' : 'containerd',
        coldMs: cold.ms,
        engineListMs: probe.listMs,
        engineInspectMs: probe.inspectMs,
        inspects: inspects.length,
        ledgerCalls: cold.ledgerCalls,
        warmMs: warm.ms,
        warmListMs: (await probeEngine(engine, [])).listMs,
        warmLedgerCalls: warm.ledgerCalls,
      };
    } finally {
      await reader.dispose();
    }
  } finally {
    await product.dispose();
    await engine.dispose();
    folder.remove();
  }
}

class CountingTransport extends IpcTransport {
  constructor(
    path: () => string | undefined,
    private readonly count: (calls: number) => void,
  ) {
    super(path);
  }

  override async batch(calls: Parameters<IpcTransport['batch']>[0], signal: AbortSignal): Promise<readonly unknown[]> {
    this.count(calls.length);
    return super.batch(calls, signal);
  }
}

/** The engine as it is, with each inspect noted. */
function countingEngine(real: ContainerEngine, inspected: string[]): ContainerEngine {
  return {
    endpoint: () => real.endpoint(),
    list: (signal) => real.list(signal),
    inspect: (image, signal) => {
      inspected.push(image);
      return real.inspect(image, signal);
    },
    readIdentity: (image, signal, onProgress) => real.readIdentity(image, signal, onProgress),
    build: (request, signal, onOutput) => real.build(request, signal, onOutput),
    onEvent: real.onEvent,
  };
}

/** What the engine itself takes, asked by the plain client over as many connections as the product uses. */
async function probeEngine(engine: Engine, ids: readonly string[]): Promise<{ listMs: number; inspectMs: number }> {
  const atOnce = pLimit(8);
  const start = performance.now();
  await engine.docker.listImages();
  const listed = performance.now();
  await Promise.all(ids.map((id) => atOnce(() => engine.docker.getImage(id).inspect())));
  return { listMs: listed - start, inspectMs: performance.now() - listed };
}

async function sign(product: Product, owner: TransactionSigner): Promise<void> {
  const { writer } = await product.ledgers.open();
  await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
  const names = Array.from({ length: count }, (_, i) => nameOf(i));
  await product.node.mineWhile(async () => {
    for (let from = 0; from < count; from += signedInOneTransaction) {
      const plan = await product.signing.plan(
        names.slice(from, from + signedInOneTransaction),
        { signer: owner.address },
        never,
      );
      await product.signing.execute(plan, owner, never, () => undefined);
    }
  });
}

/** A `docker save` archive of all the images: one small layer that they share, and a config of its own for each. */
async function imagesArchive(): Promise<Buffer> {
  const layer = pack();
  layer.entry({ name: 'motd' }, 'bench');
  layer.finalize();
  const layerBytes = await buffer(layer);
  const diffId = `sha256:${sha256(layerBytes)}`;
  const archive = pack();
  archive.entry({ name: 'layer.tar' }, layerBytes);
  const manifest = Array.from({ length: count }, (_, i) => {
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/true'], Labels: { number: `${i}` } },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'bench' }],
      rootfs: { type: 'layers', diff_ids: [diffId] },
    });
    const name = `${sha256(config)}.json`;
    archive.entry({ name }, config);
    return { Config: name, RepoTags: [nameOf(i)], Layers: ['layer.tar'] };
  });
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  archive.finalize();
  return buffer(archive);
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
