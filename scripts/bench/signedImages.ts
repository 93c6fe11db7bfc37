import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { Address } from '../../src/core/hex';
import type { LedgerId } from '../../src/core/ledger/types';
import { loadImage, startEngine, type Engine, type EngineKind } from '../../test/testbed/engine';
import { createProduct, testSigner, type Product } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import type { TransactionSigner } from '../../src/core/ports/ledger';

/** An engine with images that one wallet has signed, and the window that signed them, whose node goes on. */
export interface SignedImages {
  readonly engine: Engine;
  /** Of the node; other products that are given it use the same chain. */
  readonly folder: string;
  readonly ledger: LedgerId;
  readonly owner: Address;
  /** Adds a block to the chain, or a few when they come fast. */
  readonly mine: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** What every name begins with unless told; a trust rule takes it with `/*`. */
export const repositories = 'registry.example.com/bench';

const signedInOneTransaction = 50;
const never = new AbortController().signal;
// Every signature that is on its way listens.
setMaxListeners(0, never);

/** Makes `count` small images and signs them, 50 in a transaction, as a person does who selects them in the view. */
export async function signedImages(kind: EngineKind, count: number, namespace = repositories): Promise<SignedImages> {
  const folder = temporaryFolder();
  const engine = await startEngine({ kind });
  const owner = await testSigner();
  const product = createProduct({ engineHost: engine.host, folder: folder.path });
  product.owner = owner.address;
  const dispose = async (): Promise<void> => {
    await product.dispose();
    await engine.dispose();
    folder.remove();
  };
  try {
    const names = Array.from({ length: count }, (_, i) => `${namespace}/app${i}:1.0`);
    await loadImage(engine.docker, await imagesArchive(names));
    await sign(product, owner, names);
    const mine = async (): Promise<void> => {
      const { number } = await product.ledgers.open().then(({ reader }) => reader.head(never));
      await product.node.mineUntil((head) => head.number > number, never);
    };
    const { ledger } = (await product.ledgers.open()).reader;
    return { engine, folder: folder.path, ledger, owner: owner.address, mine, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Each transaction is prepared while those before it are being mined; returns when all are final. */
async function sign(product: Product, owner: TransactionSigner, names: readonly string[]): Promise<void> {
  const { writer } = await product.ledgers.open();
  await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
  await product.node.mineWhile(async () => {
    const final: Promise<unknown>[] = [];
    for (let from = 0; from < names.length; from += signedInOneTransaction) {
      const some = names.slice(from, from + signedInOneTransaction);
      const plan = await product.signing.plan(some, { signer: owner.address }, never);
      await new Promise<void>((resolve, reject) => {
        const signing = product.signing.execute(plan, owner, never, ({ stage }) => {
          if (stage === 'broadcast') resolve();
        });
        signing.catch(reject);
        final.push(signing);
      });
    }
    await Promise.all(final);
  });
}

/** A `docker save` archive of images with these names: one small layer that they share, and a config of its own for each. */
export async function imagesArchive(names: readonly string[]): Promise<Buffer> {
  const layer = pack();
  layer.entry({ name: 'motd', mtime: new Date(0) }, 'bench');
  layer.finalize();
  const layerBytes = await buffer(layer);
  const archive = pack();
  archive.entry({ name: 'layer.tar' }, layerBytes);
  const manifest = names.map((name) => {
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/true'], Labels: { name } },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'bench' }],
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layerBytes)}`] },
    });
    const file = `${sha256(config)}.json`;
    archive.entry({ name: file }, config);
    return { Config: file, RepoTags: [name], Layers: ['layer.tar'] };
  });
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  archive.finalize();
  return buffer(archive);
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
