import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { deployer, externalLedgerAddress } from '../../src/core/ledger/externalLedger';
import type { LedgerId } from '../../src/core/ledger/types';
import type { Hex, Hex32 } from '../../src/core/hex';
import type { TransactionSigner } from '../../src/core/ports/ledger';
import { startNode, testGenesis, type GenesisAccount, type TestNode } from './geth';
import { waitFor } from './waitFor';

/** The runtime code of the deployment proxy, as every chain has it. */
const proxyCode =
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3';

interface Block {
  readonly number: Hex;
  readonly hash: Hex32;
  readonly timestamp: Hex;
  readonly transactions: readonly Hex32[];
}

/** A real geth on a chain of stakers, without any: the test says which blocks there are, and which one is final. */
export interface MergedChain {
  readonly node: TestNode;
  /** The ledger that the deployment proxy makes. */
  readonly ledger: LedgerId;
  /** A block with what is in the pool. */
  seal(): Promise<Block>;
  /** Makes a block final: the newest one unless given. */
  finalize(number?: number): Promise<void>;
  /** Publishes the ledger, as anybody could. */
  deploy(): Promise<void>;
  /** Makes blocks of what comes while something goes on, and makes them final unless told otherwise. */
  sealWhile<T>(work: () => Promise<T>, options?: { readonly finalizes?: boolean }): Promise<T>;
}

/** `owner` has ether from the start; `alloc` is in the first block beside. */
export async function startMergedChain(
  owner: TransactionSigner,
  alloc: Readonly<Record<string, GenesisAccount>> = {},
  chainId = 20_162,
): Promise<MergedChain> {
  const balance = '0xde0b6b3a76400000';
  const genesis = testGenesis({ [deployer]: { code: proxyCode }, [owner.address]: { balance }, ...alloc }, chainId) as {
    readonly config: object;
  };
  const merged = { terminalTotalDifficulty: 0, terminalTotalDifficultyPassed: true };
  const node = await startNode({
    genesis: { ...genesis, config: { ...genesis.config, ...merged }, difficulty: '0x0' },
  });
  const block = async (which: string): Promise<Block> =>
    (await node.request('eth_getBlockByNumber', [which, false])) as Block;
  let final: Hex32 = `0x${'0'.repeat(64)}`;
  const choose = (head: Hex32, wish: object | null): Promise<unknown> =>
    node.request('engine_forkchoiceUpdatedV1', [
      { headBlockHash: head, safeBlockHash: final, finalizedBlockHash: final },
      wish,
    ]);
  const begin = await block('0x0');
  const release = ledgerReleases.at(-1);
  if (release === undefined) throw new Error('no ledger was released');
  const chain: MergedChain = {
    node,
    ledger: {
      chainId: BigInt(chainId),
      genesisHash: begin.hash,
      address: externalLedgerAddress(release.creationCodeHash),
    },
    seal: async () => {
      const head = await block('latest');
      const timestamp = Math.max(Number(head.timestamp) + 1, Math.floor(Date.now() / 1_000) - 3_600);
      const wish = {
        timestamp: `0x${timestamp.toString(16)}`,
        prevRandao: `0x${createHash('sha256').update(head.hash).digest('hex')}`,
        suggestedFeeRecipient: `0x${'0'.repeat(40)}`,
      };
      const { payloadId } = (await choose(head.hash, wish)) as { readonly payloadId: string };
      const pooled = (await node.request('txpool_status')) as { readonly pending: Hex };
      // An empty payload is there at once; one with what is in the pool follows.
      const payload = await waitFor('a payload', async () => {
        const built = (await node.request('engine_getPayloadV1', [payloadId])) as Omit<Block, 'hash'> & {
          readonly blockHash: Hex32;
        };
        return (built.transactions.length > 0 || Number(pooled.pending) === 0) && built;
      });
      await node.request('engine_newPayloadV1', [payload]);
      await choose(payload.blockHash, null);
      return block('latest');
    },
    finalize: async (number) => {
      const head = await block('latest');
      final = (number === undefined ? head : await block(`0x${number.toString(16)}`)).hash;
      await choose(head.hash, null);
    },
    deploy: async () => {
      const data: Hex = `0x${'0'.repeat(64)}${release.creationCode.slice(2)}`;
      const nonce = Number(await node.request('eth_getTransactionCount', [owner.address, 'latest']));
      const free = { chainId: BigInt(chainId), nonce, to: deployer, data, gasLimit: 5_000_000n };
      const raw = await owner.signTransaction({ ...free, type: 0, gasPrice: 10n ** 10n });
      await node.request('eth_sendRawTransaction', [raw]);
      await chain.seal();
      const code = await node.request('eth_getCode', [chain.ledger.address, 'latest']);
      if (code !== release.runtimeCode) throw new Error('the proxy deployed no ledger');
    },
    sealWhile: async (work, { finalizes = true } = {}) => {
      const over = new AbortController();
      const sealing = (async () => {
        while (!over.signal.aborted) {
          await chain.seal();
          if (finalizes) await chain.finalize();
          await delay(50);
        }
      })();
      try {
        return await work();
      } finally {
        over.abort();
        await sealing;
      }
    },
  };
  return chain;
}
