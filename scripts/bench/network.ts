import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { RpcPeerControl } from '../../src/adapters/chain/peerControl';
import { ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { formatHub } from '../../src/core/ledger/hub';
import { createTeamNetwork, type TeamProfile } from '../../src/core/ledger/network';
import type { PeerSettings } from '../../src/core/ports/node';
import type { TransactionSigner } from '../../src/core/ports/ledger';
import { buildImage, startEngine } from '../../test/testbed/engine';
import { testNodeKey } from '../../test/testbed/nodeKey';
import { createProduct, testSigner, trust, type Product } from '../../test/testbed/product';
import { temporaryFolder } from '../../test/testbed/program';
import { waitFor } from '../../test/testbed/waitFor';
import { findGeth } from '../dev/components/geth';
import { installOnce } from '../dev/components/cache';

export interface NetworkFigures {
  /** Of a machine that has nothing: from the call to the hub until it has the hub's newest block. */
  readonly joinMs: number;
  readonly syncBlocksPerSecond: number;
  /** From the news of a branch that lacks a signature until the verdict on its image says so. */
  readonly withdrawMs: number;
}

const blocksThere = 2_000;
const never = new AbortController().signal;
const image = 'registry.example.com/bench/image:1.0';

/** Two nodes on this machine, one of them a hub. */
export async function measureNetwork(say: (line: string) => void, blocks = blocksThere): Promise<NetworkFigures> {
  const ledgerCode = ledgerReleases.at(-1)?.runtimeCode ?? '0x';
  const seed = createHash('sha256').update(ledgerCode).update('bench of a network').digest();
  const terms = { kind: 'team', dataset: 'small', confirmations: 6, witnesses: [], threshold: 0, hubs: [] } as const;
  const network = createTeamNetwork({ name: 'bench', ...terms }, seed, ledgerCode);
  const grown = await installOnce(`team-chain-${blocks}-${seed.toString('hex').slice(0, 16)}`, say, (folder) =>
    grow(network, folder, blocks, say),
  );

  const engine = await startEngine({ kind: 'debian' });
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  cpSync(grown, first.path, { recursive: true });
  const listen = { host: '127.0.0.1', port: await freePort() };
  const hubAddress = formatHub({ nodeKey: testNodeKey(1), ...listen });
  const options = { network, engineHost: engine.host };
  const hub = await open(first.path, 1, { ...options, peers: { listen, admitted: [testNodeKey(2)], hubs: [] } });
  // It calls the hub when it is told to, so that the time of the call is known.
  const member = await open(second.path, 2, { ...options, peers: { listen: undefined, admitted: [], hubs: [] } });
  try {
    await hub.product.node.start();
    await member.product.node.start();
    const synced = await sync(hub, member, hubAddress);
    say(`joined ${blocks} blocks in ${synced.joinMs.toFixed(0)} ms`);
    await buildImage(engine.docker, image, { files: { bench: 'yes' }, labels: { bench: 'yes' } });
    return { ...synced, withdrawMs: await withdraw(hub, member, hubAddress) };
  } finally {
    for (const { product } of [hub, member]) await product.dispose();
    await engine.dispose();
    for (const folder of [first, second]) folder.remove();
  }
}

interface Machine {
  readonly product: Product;
  readonly signer: TransactionSigner;
}

async function open(
  folder: string,
  key: number,
  { peers, ...team }: { network: TeamProfile; engineHost: string; peers: PeerSettings; threads?: number },
): Promise<Machine> {
  const geth = await findGeth();
  if (geth === undefined) throw new Error('geth is not installed: npm run setup installs it');
  const { engineHost, network } = team;
  const data = join(folder, 'node', `chain-${network.chainId.toString()}`, 'node', 'geth');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'nodekey'), key.toString(16).padStart(64, '0'), { mode: 0o600 });
  const product = createProduct({ engineHost, folder, team: { ...team, geth, peers: () => Promise.resolve(peers) } });
  const signer = await testSigner();
  product.owner = signer.address;
  return { product, signer };
}

/** Real work, which takes about as many seconds as there are blocks; kept in the cache. */
async function grow(network: TeamProfile, folder: string, blocks: number, say: (line: string) => void): Promise<void> {
  const peers = { listen: undefined, admitted: [], hubs: [] };
  const { product } = await open(folder, 1, { network, engineHost: 'unix:///dev/null', peers, threads: cpus().length });
  try {
    let told = 0;
    await product.node.mineUntil(({ number }) => {
      if (number >= told + 100) say(`mined ${(told = number).toString()} of ${blocks.toString()} blocks`);
      return number >= blocks;
    }, never);
  } finally {
    await product.dispose();
  }
}

async function sync(hub: Machine, member: Machine, hubAddress: string): Promise<Omit<NetworkFigures, 'withdrawMs'>> {
  const wanted = await headOf(hub);
  let started: { readonly at: number; readonly block: number } | undefined;
  const begin = performance.now();
  await new RpcPeerControl(member.product.transport).addStatic(hubAddress, never);
  await waitFor('the member to have the chain', async () => {
    const head = await headOf(member);
    if (head.number > 0) started ??= { at: performance.now(), block: head.number };
    return head.hash === wanted.hash;
  });
  const end = performance.now();
  const { at, block } = started ?? { at: begin, block: 0 };
  // Where all came in one look, from the call.
  const seconds = (block === wanted.number ? end - begin : end - at) / 1_000;
  return {
    joinMs: end - begin,
    syncBlocksPerSecond: (block === wanted.number ? wanted.number : wanted.number - block) / seconds,
  };
}

/** A signature of a member that is alone, and the heavier branch of the others that lacks it. */
async function withdraw(hub: Machine, member: Machine, hubAddress: string): Promise<number> {
  const { product, signer } = member;
  const { index, writer } = await product.ledgers.open();
  await product.node.mineUntil(async () => (await writer.balance(signer.address, never)) > 0n, never);
  await waitFor('one chain', async () => (await headOf(hub)).hash === (await headOf(member)).hash);
  await trust(product, signer.address, image.slice(0, image.lastIndexOf(':')));
  await product.transport.request('admin_removePeer', [hubAddress], never);
  const plan = await product.signing.plan([image], { signer: signer.address }, never);
  const over = new AbortController();
  const signed = product.signing.execute(plan, signer, over.signal, () => undefined).catch(() => undefined);
  const kindOf = async (): Promise<string | undefined> =>
    (await product.verification.judgeReferences([{ text: image }], never))[0]?.local?.verdict.kind;
  await mine(member, 2);
  await waitFor('the signature to be seen', async () => (await kindOf()) === 'pending');
  await mine(hub, 6);
  let withdrawMs: number | undefined;
  const judging = index.onDidChange(() => {
    const begin = performance.now();
    void kindOf().then((kind) => {
      if (kind === 'unsigned') withdrawMs ??= performance.now() - begin;
    });
  });
  await product.transport.request('admin_addPeer', [hubAddress], never);
  const measured = await waitFor('the signature to be withdrawn', () => withdrawMs);
  judging.dispose();
  over.abort();
  await signed;
  return measured;
}

async function headOf({ product }: Machine): Promise<{ readonly number: number; readonly hash: string }> {
  return (await product.ledgers.open()).reader.head(never);
}

async function mine(machine: Machine, blocks: number): Promise<void> {
  const wanted = (await headOf(machine)).number + blocks;
  await machine.product.node.mineUntil(({ number }) => number >= wanted, never);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
