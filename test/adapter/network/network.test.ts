import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Wallet } from 'ethers/wallet';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { formatHub } from '../../../src/core/ledger/hub';
import type { TeamProfile } from '../../../src/core/ledger/network';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { PeerSettings } from '../../../src/core/ports/node';
import type { TransactionSigner } from '../../../src/core/ports/ledger';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { canHaveMachines, startMachines, type Machine } from '../../testbed/machines';
import { testNodeKey } from '../../testbed/nodeKey';
import { createProduct, trust, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { gethOn, hubPort, newTeamNetwork } from './teamNode';

const never = new AbortController().signal;
const confirmations = 4;
const pattern = 'registry.example.com/shop/*';
const one = 10n ** 18n;

/** A person with a machine of their own. */
interface Member {
  readonly machine: Machine;
  readonly folder: string;
  readonly product: Product;
  readonly signer: TransactionSigner;
  readonly wallet: Wallet;
}

describe('a ledger that three machines share', () => {
  let engine: Engine;
  let hubAddress = '';
  let network: TeamProfile;
  let members: Member[] = [];
  const cleanups: (() => unknown)[] = [];
  let hub: Member;
  let second: Member;
  let third: Member;

  before(async function () {
    if (!canHaveMachines()) this.skip();
    const machines = startMachines(3);
    cleanups.push(() => {
      machines.dispose();
    });
    engine = await startEngine({ kind: 'debian' });
    cleanups.push(() => engine.dispose());
    network = newTeamNetwork(confirmations);
    const [first, ...others] = machines.all as [Machine, ...Machine[]];
    hubAddress = formatHub({ nodeKey: testNodeKey(1), host: first.address, port: hubPort });
    const admitted = others.map((_, i) => testNodeKey(i + 2));
    const listen = { host: first.address, port: hubPort };
    [hub, second, third] = members = (await Promise.all([
      enter(first, 1, { listen, admitted, hubs: [hubAddress] }),
      ...others.map((machine, i) => enter(machine, i + 2, { listen: undefined, admitted: [], hubs: [hubAddress] })),
    ])) as [Member, Member, Member];
    for (const { product } of members) await product.node.start();
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  /** One data folder, one wallet and one node for each; the node's key is the given one, so that it is known before. */
  const enter = async (machine: Machine, key: number, peers: PeerSettings): Promise<Member> => {
    const folder = temporaryFolder();
    cleanups.push(() => {
      folder.remove();
    });
    const privateKey = `0x${randomBytes(32).toString('hex')}`;
    const geth = await gethOn(machine);
    writeNodeKey(folder.path, key);
    const product = createProduct({
      engineHost: engine.host,
      folder: folder.path,
      team: { network, geth, peers: () => Promise.resolve(peers) },
    });
    const signer = await new EthersWalletKeys({ scryptN: 2 }).fromPrivateKey(privateKey);
    product.owner = signer.address;
    cleanups.push(() => product.dispose());
    return { machine, folder: folder.path, product, signer, wallet: new Wallet(privateKey) };
  };
  const writeNodeKey = (folder: string, key: number): void => {
    const geth = join(folder, 'node', `chain-${network.chainId.toString()}`, 'node', 'geth');
    mkdirSync(geth, { recursive: true, mode: 0o700 });
    writeFileSync(join(geth, 'nodekey'), key.toString(16).padStart(64, '0'), { mode: 0o600 });
  };

  const heightOf = async ({ product }: Member): Promise<number> =>
    Number(await product.transport.request('eth_blockNumber', [], never));
  const headOf = async ({ product }: Member): Promise<string> =>
    (await (await product.ledgers.open()).reader.head(never)).hash;
  const mine = async ({ product }: Member, blocks: number): Promise<void> => {
    const { reader } = await product.ledgers.open();
    const wanted = (await reader.head(never)).number + blocks;
    await product.node.mineUntil(({ number }) => number >= wanted, never);
  };
  const level = (all: readonly Member[] = members): Promise<unknown> =>
    waitFor('the machines to have one chain', async () => new Set(await Promise.all(all.map(headOf))).size === 1);
  /** Plugs it in, and has it greet the hub anew: only then, and at the next block, do nodes tell what their newest block is. */
  const rejoin = async ({ machine, product }: Member): Promise<void> => {
    machine.plug(true);
    for (const method of ['admin_removePeer', 'admin_addPeer'])
      await product.transport.request(method, [hubAddress], never);
  };
  const balanceOf = async (member: Member, at = member): Promise<bigint> =>
    (await at.product.ledgers.open()).writer.balance(member.signer.address, never);
  const verdictOf = async ({ product }: Member, image: string): Promise<Verdict> => {
    const { rows } = await product.verification.judgeAll(never);
    const row = rows.find(({ image: { tags } }) => tags.includes(image));
    return row?.verdict ?? assert.fail(`no row for ${image}`);
  };
  const newImage = async (name: string): Promise<string> => {
    const image = `registry.example.com/shop/${name}:1.0`;
    await buildImage(engine.docker, image, { files: { name }, labels: { name } });
    return image;
  };
  const connected = ({ product }: Member): Promise<number> =>
    product.peers.read(never).then((view) => view?.peers.filter(({ isGreeted }) => isGreeted).length ?? 0);

  it('connects the members with the hub as soon as they are started', async () => {
    await waitFor('the hub to have two members', async () => (await connected(hub)) === 2);
    await Promise.all(
      [second, third].map(async (each) => {
        assert.equal((await each.product.peers.read(never))?.hubs[0]?.standing, 'connected');
      }),
    );
    assert.equal((await hub.product.peers.read(never))?.hubs[0]?.standing, 'self');
  });

  it('is mined by each, and pays each', async () => {
    for (const member of members) {
      await mine(member, 2);
      await level();
      assert.ok((await balanceOf(member)) >= 2n * one);
    }
    assert.equal(await balanceOf(third, hub), await balanceOf(third));
  });

  it('carries ether from one to another', async () => {
    const before = await balanceOf(third);
    const raw = await second.wallet.signTransaction({
      ...{ type: 2, chainId: network.chainId, nonce: 0, to: third.signer.address, value: one, gasLimit: 21_000 },
      ...{ maxFeePerGas: 3n * 10n ** 9n, maxPriorityFeePerGas: 1n },
    });
    await second.product.transport.request('eth_sendRawTransaction', [raw], never);
    // The hub hears of it, and mines it.
    await waitFor('the hub to hear of it', async () =>
      JSON.stringify(await hub.product.transport.request('txpool_status', [], never)).includes('"pending":"0x1"'),
    );
    await mine(hub, 1);
    await level();
    assert.equal(await balanceOf(third), before + one);
  });

  it('lets one sign and the others verify', async () => {
    const image = await newImage('signed');
    for (const { product } of members) await trust(product, second.signer.address, pattern);
    const { product, signer } = second;
    const plan = await product.signing.plan([image], { signer: signer.address }, never);
    await product.node.mineWhile(() => product.signing.execute(plan, signer, never, () => undefined));
    await level();
    for (const member of members) assert.equal((await verdictOf(member, image)).kind, 'verified');
  });

  it('withdraws a signature that another branch has not, and has it again without a second one', async () => {
    const image = await newImage('withdrawn');
    third.machine.plug(false);
    const { product, signer } = third;
    const plan = await product.signing.plan([image], { signer: signer.address }, never);
    const progress: string[] = [];
    const signed = product.signing.execute(plan, signer, never, ({ stage }) => progress.push(stage));
    await waitFor('the signature to be sent', () => progress.includes('broadcast'));
    await trust(third.product, signer.address, pattern);
    await trust(hub.product, signer.address, pattern);
    await mine(third, 2);
    await waitFor('the signature to be seen', async () => (await verdictOf(third, image)).kind === 'pending');
    assert.equal((await verdictOf(hub, image)).kind, 'unsigned');
    await mine(hub, 6);

    const { index, reader } = await product.ledgers.open();
    let withdrawMs: number | undefined;
    const judging = index.onDidChange(() => {
      const begin = performance.now();
      void verdictOf(third, image).then(({ kind }) => {
        if (kind === 'unsigned') withdrawMs ??= performance.now() - begin;
      });
    });
    const heavier = await headOf(hub);
    await rejoin(third);
    await waitFor('the signature to be withdrawn', () => withdrawMs !== undefined);
    judging.dispose();
    assert.ok((withdrawMs ?? Infinity) < 5_000, `withdrawn after ${String(withdrawMs)} ms`);
    assert.equal(await headOf(third), heavier);
    assert.equal(index.memory.contradiction, undefined);

    // The node has put it back; whoever mines it, it is there once.
    await mine(hub, confirmations + 1);
    await waitFor('the signature to be final again', async () => (await verdictOf(hub, image)).kind === 'verified');
    assert.equal((await signed).state, 'final');
    await level();
    const { number } = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: number }, never);
    assert.equal(attested.filter(({ repository }) => image.startsWith(repository)).length, 1);
  });

  it('is behind, which contradicts nothing, while a machine that lost its chain fetches it', async () => {
    const image = 'registry.example.com/shop/signed:1.0';
    await third.product.ledgers.current?.index.flush();
    await third.product.node.stop();
    hub.machine.plug(false);
    rmSync(join(third.folder, 'node'), { recursive: true });
    writeNodeKey(third.folder, 3);
    await third.product.node.start();
    const behind = await verdictOf(third, image);
    assert.equal(behind.kind, 'unknown');
    assert.equal(behind.missing, 'ledgerIncomplete');
    const { index } = await third.product.ledgers.open();
    assert.equal(index.view().missing, 'behind');
    assert.equal(index.memory.contradiction, undefined);
    hub.machine.plug(true);
    await level([hub, third]);
    assert.equal((await verdictOf(third, image)).kind, 'verified');
  });

  it('contradicts what was final on the machine that saw it, and only there', async () => {
    const image = await newImage('contradicted');
    third.machine.plug(false);
    const { product, signer } = third;
    const plan = await product.signing.plan([image], { signer: signer.address }, never);
    await product.node.mineWhile(() => product.signing.execute(plan, signer, never, () => undefined));
    await waitFor('the signature to be final', async () => (await verdictOf(third, image)).kind === 'verified');
    const alone = await heightOf(third);
    await mine(hub, alone - (await heightOf(hub)) + 3);
    const heavier = await headOf(hub);
    await rejoin(third);
    await waitFor('the heavier branch to arrive', async () => (await headOf(third)) === heavier);
    const verdict = await verdictOf(third, image);
    assert.equal(verdict.kind, 'unknown');
    assert.equal(verdict.missing, 'historyContradicted');
    assert.equal((await verdictOf(hub, 'registry.example.com/shop/signed:1.0')).kind, 'verified');
    assert.equal((await verdictOf(second, 'registry.example.com/shop/signed:1.0')).kind, 'verified');
  });
});
