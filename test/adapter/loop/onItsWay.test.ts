import assert from 'node:assert/strict';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import type { RpcCall } from '../../../src/adapters/chain/rpcTransport';
import type { Hex } from '../../../src/core/hex';
import type { TransactionOutcome, TransactionProgress } from '../../../src/core/plans/transactionPlan';
import { childNamed } from '../../testbed/childProcess';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const image = 'registry.example.com/shop/web:1.0';

/** Hands on what is asked, and lets a test do something right before a transaction is sent. */
class WatchedTransport extends IpcTransport {
  beforeSending: (() => void) | undefined;
  readonly sent: unknown[] = [];

  override batch(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]> {
    const raw = calls.filter(({ method }) => method === 'eth_sendRawTransaction').flatMap(({ params }) => params);
    if (raw.length > 0) {
      const act = this.beforeSending;
      this.beforeSending = undefined;
      act?.();
      this.sent.push(...raw);
    }
    return super.batch(calls, signal);
  }
}

interface OpenWindow {
  readonly product: Product;
  readonly transport: WatchedTransport;
}

describe('a signature on its way over a real node', () => {
  const folder = temporaryFolder();
  let engine: Engine;
  let owner: TransactionSigner;
  let first: OpenWindow;
  const opened: Product[] = [];

  const openWindow = async (): Promise<OpenWindow> => {
    const transports: WatchedTransport[] = [];
    const product = createProduct({
      engineHost: engine.host,
      folder: folder.path,
      usualDepth: true,
      createTransport: (path) => {
        const transport = new WatchedTransport(path);
        transports.push(transport);
        return transport;
      },
    });
    opened.push(product);
    product.owner = owner.address;
    await trust(product, owner.address, 'registry.example.com/shop/*');
    await product.node.start();
    return { product, transport: transports[0] ?? assert.fail('a product has a transport') };
  };

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    owner = await testSigner();
    first = await openWindow();
    const { writer } = await first.product.ledgers.open();
    const { node } = first.product;
    await node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
  });
  beforeEach(() => buildImage(engine.docker, image, { files: { built: `${performance.now()}` } }));
  after(async () => {
    for (const product of opened) await product.dispose();
    await engine.dispose();
  });

  /** Signs, and waits until that was said to be sent. */
  const sign = async (
    { product }: OpenWindow,
    signal = never,
  ): Promise<{ outcome: Promise<TransactionOutcome>; told: TransactionProgress[] }> => {
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    const told: TransactionProgress[] = [];
    const outcome = product.signing.execute(plan, owner, signal, (progress) => told.push(progress));
    outcome.catch(() => undefined);
    await waitFor('it was sent', () => told.length > 0);
    return { outcome, told };
  };

  const assertSignedOnce = async ({ product }: OpenWindow, transaction: Hex): Promise<void> => {
    const { reader } = await product.ledgers.open();
    const { number } = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: number }, never);
    assert.equal(attested.filter((event) => event.transaction === transaction).length, 1);
    const [judged] = await product.verification.judgeReferences([{ text: image }], never);
    assert.equal(judged?.verdict.kind, 'verified');
  };

  it('is written once when the node is killed in the very moment in which it is sent', async () => {
    const { product, transport } = first;
    const killed = waitFor('the node is away', () => product.node.state.status === 'starting');
    transport.beforeSending = () => {
      process.kill(childNamed('geth'), 'SIGKILL');
    };
    const { outcome } = await sign(first);
    await killed;
    await waitFor('the node is back', () => product.node.state.status === 'running');
    const { transaction, state } = await product.node.mineWhile(() => outcome);
    assert.equal(state, 'final');
    assert.equal(new Set(transport.sent).size, 1);
    await assertSignedOnce(first, transaction);
  });

  it('is written once when blocks with it are taken back', async () => {
    const { product, transport } = first;
    const { outcome, told } = await sign(first);
    const mined = (): number[] => told.flatMap((progress) => (progress.stage === 'mined' ? [progress.block] : []));
    await product.node.mineWhile(() => waitFor('it is mined', () => mined().length > 0));
    const [block = 0] = mined();
    await transport.request('debug_setHead', [`0x${(block - 1).toString(16)}`], never);
    const { transaction } = await product.node.mineWhile(() => outcome);
    assert.ok(transport.sent.length >= 2, 'it was sent again');
    await assertSignedOnce(first, transaction);
  });

  it('is followed to its end after the waiting was given up', async () => {
    const { product } = first;
    const aborter = new AbortController();
    const { outcome } = await sign(first, aborter.signal);
    aborter.abort();
    const { transaction, state } = await outcome;
    assert.equal(state, 'waiting');
    await assert.rejects(sign(first), { code: 'signatureOnItsWay' });
    await product.node.mineWhile(() => product.transactions.resume(never));
    await assertSignedOnce(first, transaction);
  });

  it('is written once by two windows that find it after the first was closed', async () => {
    const { outcome } = await sign(first);
    await first.product.dispose();
    const { transaction, state } = await outcome;
    assert.equal(state, 'waiting');
    const windows = [await openWindow(), await openWindow()] as const;
    await windows[0].product.node.mineWhile(() =>
      Promise.all(windows.map(({ product }) => product.transactions.resume(never))),
    );
    // The node may have kept it, and then there is nothing to send.
    const raw = first.transport.sent.at(-1);
    assert.ok(windows.every(({ transport }) => transport.sent.every((each) => each === raw)));
    for (const each of windows) await assertSignedOnce(each, transaction);
  });
});
