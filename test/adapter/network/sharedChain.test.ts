import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../scripts/dev/components/cache';
import { findGeth } from '../../../scripts/dev/components/geth';
import { locateAt } from '../../../src/cli/endpoint';
import { composeProduct, knownNetworks, type Product } from '../../../src/product';
import { isDaoChainError } from '../../../src/core/errors';
import { silentLog, testSigner } from '../../testbed/product';
import { testNodeKey } from '../../testbed/nodeKey';
import { temporaryFolder } from '../../testbed/program';

const never = new AbortController().signal;
const hub = `enode://${testNodeKey(7)}@10.255.255.1:30303`;

describe('a network that is joined by its link', () => {
  const products: Product[] = [];
  const folders = ['sharer', 'elsewhere', 'invited'].map(() => temporaryFolder());
  const [sharer = '', elsewhere = '', invited = ''] = folders.map(({ path }) => path);
  let chainId = 0;

  afterEach(async () => {
    for (const product of products.splice(0)) {
      await product.node.stop();
      await product.dispose();
    }
  });
  after(() => {
    for (const folder of folders) folder.remove();
  });

  /** As a window that starts anew. */
  const open = async (folder: string): Promise<Product> => {
    const [geth, signer] = [await findGeth(), await testSigner()];
    const product = composeProduct({
      folder,
      cacheFolder: cacheFolder(),
      gethPath: () => geth,
      registry: {
        ...{ isEnabled: () => false, privateHosts: () => [], plainHttpHosts: () => [] },
        ...{ environment: {}, homeDirectory: folder, certificateFolders: [] },
      },
      rules: () => [],
      owner: () => signer.address,
      log: silentLog,
    });
    products.push(product);
    return product;
  };
  const follow = async (folder: string, link: string): Promise<void> => {
    const { networks } = await open(folder);
    await networks.join(await networks.planJoin(link));
    await networks.switchHome(chainId);
  };
  const mineTo = async ({ node }: Product, block: number): Promise<void> => {
    await node.mineUntil(({ number }) => number >= block, never);
  };
  const stateOf = async ({ ledgers }: Product): Promise<string> => {
    const { index } = await ledgers.open();
    await index.sync(never);
    const { missing, state } = index.view();
    return missing ?? state;
  };
  let link = '';
  /** `--endpoint` at the socket of a followed network's node. */
  const assertFoundAtEndpoint = async ({ launcher, transport }: Product): Promise<void> => {
    const endpoint = { type: 'path', path: launcher.ipcPath ?? '' } as const;
    const { home, place } = await locateAt(endpoint, await knownNetworks(sharer, silentLog), transport, never);
    assert.deepEqual([home, place.kind, place.confirmations], [chainId.toString(), 'team', 2]);
    assert.equal(place.terms?.confirmations, 2);
    // What counts as final there the genesis does not tell.
    await assert.rejects(
      locateAt(endpoint, await knownNetworks(elsewhere, silentLog), transport, never),
      (error) => isDaoChainError(error, 'ledgerUnknown') && error.details['reason'] === 'terms',
    );
  };

  it('carries the highest final block of who shares it, whether the node runs or not', async () => {
    const first = await open(sharer);
    const { profile } = await first.networks.create({
      ...{ name: 'Acme', dataset: 'small', confirmations: 2, witnesses: [], threshold: 0 },
    });
    ({ chainId } = profile);
    await first.networks.addHub(chainId, hub, never);
    await first.networks.switchHome(chainId);
    const second = await open(sharer);
    await mineTo(second, 4);
    const { networks, ledgers } = second;
    ({ link } = await networks.share(chainId, never));
    const { checkpoint } = await (await open(elsewhere)).networks.planJoin(link);
    const { reader, index } = await ledgers.open();
    assert.ok(checkpoint !== undefined && checkpoint.number >= 3);
    assert.equal((await reader.blocksAt([checkpoint.number], never))[0]?.hash, checkpoint.hash);
    await assertFoundAtEndpoint(second);
    await index.flush();
    await second.node.stop();
    const { link: later } = await (await open(sharer)).networks.share(chainId, never);
    assert.deepEqual((await (await open(elsewhere)).networks.planJoin(later)).checkpoint, checkpoint);
  });

  it('has nothing judged on another chain, and waits as long as that is too short to be one', async () => {
    await follow(elsewhere, link);
    const product = await open(elsewhere);
    await product.node.start();
    assert.equal(await stateOf(product), 'behind');
    await mineTo(product, 6);
    assert.equal(await stateOf(product), 'otherChain');
    assert.equal((await product.ledgers.open()).index.view().contradiction, undefined);
  });

  it('is judged on the chain that was shared', async () => {
    await follow(invited, link);
    const node = join('networks', chainId.toString(), 'node');
    await cp(join(sharer, node), join(invited, node), { recursive: true });
    const product = await open(invited);
    await product.node.start();
    await mineTo(product, 5);
    assert.equal(await stateOf(product), 'complete');
  });

  it('is left with its node ended, also where another window runs that and its files are damaged', async () => {
    const owner = await open(invited);
    await owner.node.start();
    await writeFile(join(invited, 'networks', chainId.toString(), 'network.json'), 'damaged');
    const other = await open(invited);
    const ended = new Promise<void>((resolve) => {
      owner.node.onDidChange(({ status }) => {
        if (status === 'stopped') resolve();
      });
    });
    const left = await other.networks.leave(chainId, never);
    await ended;
    assert.equal(await readFile(join(left, 'network.json'), 'utf8'), 'damaged');
    // Nobody starts it again where it was.
    await assert.rejects(owner.node.start(), (error) => isDaoChainError(error, 'networkInvalid'));
    assert.deepEqual(other.networks.stored, { home: 'development', networks: [], damaged: [] });
  });
});
