import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import { utf8ToBytes } from '@noble/hashes/utils';
import { Wallet } from 'ethers/wallet';
import { ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { LedgerCalls } from '../../src/adapters/chain/ledgerCalls';
import { toHex, walletPublisher, type Address, type Hex } from '../../src/core/hex';
import { sha256Digest } from '../../src/core/image/digest';
import { createDevelopmentNetwork, networkLedger, type NetworkProfile } from '../../src/core/ledger/network';
import { encodeStatement } from '../../src/core/ledger/statement';
import type { Entry, LedgerId, PublisherId, Statement } from '../../src/core/ledger/types';
import { startNode, type TestNode } from '../../test/testbed/geth';
import { waitFor } from '../../test/testbed/waitFor';
import { installOnce } from '../dev/components/cache';
import { median } from './median';

/** Everybody who has entries on such a ledger; each has as many as the others. */
export const publishersThere = 1_000;
/** What the image that is judged is called, and what one rule covers together with all other names there. */
export const grownRepositories = 'registry.example.com/bench';
export const judgedName = `${grownRepositories}/image:1.0`;

/** A real chain whose blocks are packed full of entries, and the node that has it. */
export interface GrownLedger {
  readonly node: TestNode;
  readonly ledger: LedgerId;
  readonly publishers: readonly PublisherId[];
}

/** In wei: for each wallet, and the most that it pays for gas. Blocks that are mined before, empty, make gas cheap. */
const funds = 50_000_000_000_000_000n;
const maxFeePerGas = 8_000_000_000n;
const blocksOfFunds = 100;
const hourMs = 60 * 60_000;

/**
 * A ledger with `entries` entries of {@link publishersThere} wallets, each under a name of its own, and before them one of the
 * first wallet that states `judged`. It is mined once on this machine, which takes minutes, and kept in the cache.
 */
export async function grownLedger(
  entries: number,
  judged: Statement,
  say: (line: string) => void,
): Promise<GrownLedger> {
  const ledgerCode = ledgerReleases.at(-1)?.runtimeCode ?? '0x';
  const seed = createHash('sha256').update(ledgerCode).update(encodeStatement(judged)).update(`${entries}`).digest();
  const network = createDevelopmentNetwork(seed, ledgerCode);
  const wallets = Array.from({ length: publishersThere }, (_, i) => walletOf(`publisher ${i}`));
  const miner = walletOf('miner');
  const start = (folder: string): Promise<TestNode> => {
    const flags = [
      ...['--txpool.accountslots', '16384', '--txpool.globalslots', '65536', '--txpool.pricelimit', '1'],
      ...['--txpool.accountqueue', '16384', '--txpool.globalqueue', '65536', '--cache', '256'],
    ];
    const { genesis } = network;
    return startNode({ genesis, etherbase: miner.address, chain: join(folder, 'chain'), flags, processors: 2 });
  };
  const folder = await installOnce(`ledger-${entries}-${toHex(seed).slice(2, 18)}`, say, async (temporary) => {
    const node = await start(temporary);
    try {
      await grow({ node, network, miner, wallets, say }, entriesOf(wallets, entries, judged));
    } finally {
      await node.dispose();
    }
  });
  const publishers = wallets.map(({ address }) => publisherOf(address));
  return { node: await start(folder), ledger: networkLedger(network), publishers };
}

function walletOf(name: string): Wallet {
  return new Wallet(toHex(keccak_256(utf8ToBytes(`bench of a ledger, ${name}`))));
}

function publisherOf(address: string): PublisherId {
  return walletPublisher(address.toLowerCase() as Address);
}

/** By wallet. */
function entriesOf(wallets: readonly Wallet[], count: number, judged: Statement): readonly (readonly Entry[])[] {
  const each = count / wallets.length;
  return wallets.map(({ address }, i) => {
    const entry = (name: string, statement: Statement): Entry => ({
      ...{ publisher: publisherOf(address), previous: `0x${'0'.repeat(40)}`, kind: 'publish', validUntil: 0 },
      ...{ repository: `${grownRepositories}/${name}`, tag: '1.0', body: toHex(encodeStatement(statement)) },
    });
    const others = Array.from({ length: each }, (_, j) => entry(`app${i}-${j}`, statementOf(`${i} ${j}`)));
    return i === 0 ? [entry('image', judged), ...others] : others;
  });
}

/** Of one platform, with a digest of each kind. */
function statementOf(content: string): Statement {
  const digest = (what: string): `sha256:${string}` => sha256Digest(utf8ToBytes(`${what} ${content}`));
  const leaf = {
    platform: { os: 'linux', architecture: 'amd64' },
    ...{ configDigest: digest('config'), configSize: 7_000, fingerprint: digest('fingerprint') },
    ...{ dockerFields: digest('docker fields'), manifestDigest: digest('manifest') },
  };
  return { leaves: [leaf], indexDigest: digest('index') };
}

interface Growing {
  readonly node: TestNode;
  readonly network: NetworkProfile;
  readonly miner: Wallet;
  readonly wallets: readonly Wallet[];
  readonly say: (line: string) => void;
}

async function grow(growing: Growing, entries: readonly (readonly Entry[])[]): Promise<void> {
  const { node, network, miner, wallets, say } = growing;
  const send = async (
    from: Wallet,
    nonce: number,
    to: string,
    gasLimit: bigint,
    what: { value?: bigint; data?: Hex },
  ) => {
    const fees = { maxFeePerGas, maxPriorityFeePerGas: 1n, type: 2, chainId: network.chainId };
    await node.request('eth_sendRawTransaction', [
      await from.signTransaction({ ...fees, ...what, nonce, to, gasLimit }),
    ]);
  };
  await node.mine(blocksOfFunds);
  for (const [i, { address }] of wallets.entries()) await send(miner, i, address, 21_000n, { value: funds });
  await mineAll(node);

  const calls = new LedgerCalls();
  const first = entries.at(-1) ?? [];
  const data = await calls.encode({ type: 'attest', entries: first });
  const to = network.ledgerAddress;
  const estimate = await node.request('eth_estimateGas', [{ from: wallets.at(-1)?.address, to, data }]);
  // No more than is used, or blocks would look full that are not.
  const gasOfEach = (BigInt(estimate as Hex) * 102n) / 100n / BigInt(first.length);
  for (const [i, wallet] of wallets.entries()) {
    const some = entries[i] ?? [];
    const gas = gasOfEach * BigInt(some.length) + (some.length > first.length ? 50_000n : 0n);
    await send(wallet, 0, to, gas, { data: await calls.encode({ type: 'attest', entries: some }) });
  }
  say(`${wallets.length} transactions are waiting to be mined`);
  await mineAll(node);
  say(`the ledger has grown: its fullest blocks are ${await fullness(node)} full`);
  await node.mine(network.confirmations);
}

async function mineAll(node: TestNode): Promise<void> {
  await node.request('miner_start', [1]);
  const isEmpty = async (): Promise<boolean> => {
    const { pending, queued } = (await node.request('txpool_status')) as { pending: Hex; queued: Hex };
    return Number(pending) + Number(queued) === 0;
  };
  await waitFor('all transactions are mined', isEmpty, { timeoutMs: hourMs, everyMs: 200 });
  await node.request('miner_stop');
}

/** The median of the blocks that hold anything. */
async function fullness(node: TestNode): Promise<string> {
  const shares: number[] = [];
  for (let number = Number(await node.request('eth_blockNumber')); number > 0; number -= 1) {
    const block = await node.request('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
    const { gasUsed, gasLimit } = block as { gasUsed: Hex; gasLimit: Hex };
    if (Number(gasUsed) > 1_000_000) shares.push(Number(gasUsed) / Number(gasLimit));
  }
  return `${Math.round(100 * median(shares))} %`;
}
