import assert from 'node:assert/strict';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { attestedTopic, ledgerTopics } from '../../../src/adapters/chain/ledgerCodec';
import type { RpcCall, RpcTransport } from '../../../src/adapters/chain/rpcTransport';
import type { Hex32 } from '../../../src/core/hex';
import type { LogRange } from '../../../src/core/ports';

const word = (digit: string): Hex32 => `0x${digit.repeat(64)}`;
const ledger = { chainId: 1n, genesisHash: word('1'), address: `0x${'2'.repeat(40)}` } as const;

/** The topics that a node is asked for. */
async function topicsOf(range: Omit<LogRange, 'fromBlock' | 'toBlock'>): Promise<unknown> {
  const asked: RpcCall[] = [];
  const transport: RpcTransport = {
    request: () => Promise.reject(new Error('not used')),
    batch: (calls) => {
      asked.push(...calls);
      return Promise.resolve([[]]);
    },
    subscribe: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
  const reader = new RpcLedgerReader(transport, ledger);
  await reader.logs({ fromBlock: 1, toBlock: 2, ...range }, AbortSignal.timeout(30_000));
  return (asked[0]?.params[0] as { readonly topics: unknown }).topics;
}

describe('what a ledger reader asks a node for', () => {
  it('asks for every event that readers follow', async () => {
    assert.deepEqual(await topicsOf({}), [ledgerTopics]);
  });

  it('asks for the events of publishers', async () => {
    assert.deepEqual(await topicsOf({ publishers: [word('a')] }), [ledgerTopics, [word('a')]]);
  });

  it('asks for the entries under names, of anybody, and for no events of signers, which have none', async () => {
    assert.deepEqual(await topicsOf({ names: [word('b')] }), [attestedTopic, null, [word('b')]]);
  });

  it('asks for the entries of publishers under names', async () => {
    const topics = await topicsOf({ publishers: [word('a'), word('c')], names: [word('b')] });
    assert.deepEqual(topics, [attestedTopic, [word('a'), word('c')], [word('b')]]);
  });
});
