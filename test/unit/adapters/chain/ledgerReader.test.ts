import assert from 'node:assert/strict';
import { RpcLedgerReader } from '../../../../src/adapters/chain/ledgerReader';
import { attestedTopic, ledgerTopics } from '../../../../src/adapters/chain/ledgerCodec';
import { RpcLedgerWriter } from '../../../../src/adapters/chain/ledgerWriter';
import type { RpcCall, RpcTransport } from '../../../../src/adapters/chain/rpcTransport';
import type { Hex32 } from '../../../../src/core/hex';
import type { LogRange } from '../../../../src/core/ports/ledger';

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
  await reader.logs({ fromBlock: 1, toBlock: 2, ...range }, never);
  return (asked[0]?.params[0] as { readonly topics: unknown }).topics;
}

/** What a reader or a writer makes of a node that answers so. */
function answering(...answers: readonly unknown[]): RpcTransport {
  return {
    request: () => Promise.resolve(answers[0]),
    batch: () => Promise.resolve(answers),
    subscribe: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
}
const never = new AbortController().signal;
const head = {
  ...{ number: '0x10', hash: word('a'), parentHash: word('9') },
  ...{ timestamp: '0x68000000', baseFeePerGas: '0x7' },
};
const log = {
  address: ledger.address,
  topics: [attestedTopic, word('b'), word('c'), word('d')],
  data: '0x',
  blockNumber: '0x1',
  blockHash: word('e'),
  transactionHash: word('f'),
  logIndex: '0x0',
};
const words = (...values: readonly number[]): string =>
  `0x${values.map((value) => value.toString(16).padStart(64, '0')).join('')}`;
const blocks = { fromBlock: 0, toBlock: 9 };
const isMalformed = { code: 'nodeFailed' };

describe('what a ledger reader makes of lies', () => {
  const heads: Readonly<Record<string, unknown>> = {
    'no block': null,
    'a text': 'latest',
    'a list': [head],
    'no number': { ...head, number: undefined },
    'no hash': { ...head, hash: undefined },
    'a short hash': { ...head, hash: '0x12' },
    'a hash of other letters': { ...head, hash: `0x${'g'.repeat(64)}` },
    'a number that is no text': { ...head, number: 16 },
    'a number without its prefix': { ...head, number: '10' },
    'a number below zero': { ...head, number: '-0x10' },
    'a number beyond every number': { ...head, number: '0x20000000000000' },
    'a number of a hundred digits': { ...head, number: `0x${'f'.repeat(100)}` },
    'a number that leaps beyond its time': { ...head, number: '0x68000001' },
    'a number and a time that leap together': { ...head, number: '0x1fffffffffffff', timestamp: '0x1fffffffffffff' },
    'no time': { ...head, timestamp: undefined },
    'a time beyond every date': { ...head, timestamp: `0x${(8.64e12 + 1).toString(16)}` },
    'a base fee below zero': { ...head, baseFeePerGas: '-0x7' },
  };
  for (const [what, answer] of Object.entries(heads)) {
    it(`a head with ${what} is none`, async () => {
      await assert.rejects(new RpcLedgerReader(answering(answer), ledger).head(never), isMalformed);
    });
  }

  it('a head as it should be is one, also of a chain without a base fee and at its first block', async () => {
    const first = { ...head, number: '0x0', timestamp: '0x0', baseFeePerGas: undefined };
    assert.deepEqual(await new RpcLedgerReader(answering(first), ledger).head(never), {
      number: 0,
      hash: head.hash,
      parentHash: head.parentHash,
      time: 0,
    });
  });

  const logs: Readonly<Record<string, unknown>> = {
    'no list': null,
    'an object': {},
    'a list of nothing': [null],
    'no topics': [{ ...log, topics: undefined }],
    'short topics': [{ ...log, topics: ['0x12'] }],
    'half a byte': [{ ...log, data: '0x0' }],
    'data that is no hex': [{ ...log, data: 'zz' }],
    'data that ends early': [{ ...log, data: `0x${'00'.repeat(40)}` }],
    'a body that lies beyond the data': [{ ...log, data: `0x${'00'.repeat(192)}${'f'.repeat(64)}` }],
    'a body of more bytes than there are': [{ ...log, data: words(0, 0, 0x1000, 0, 0x40, 0x40, 0x40) }],
    'a block that is not mined': [{ ...log, blockNumber: null, blockHash: null }],
    'a block beyond every number': [{ ...log, blockNumber: '0xffffffffffffffff' }],
    'an index below zero': [{ ...log, logIndex: '-0x1' }],
  };
  for (const [what, answer] of Object.entries(logs)) {
    it(`logs with ${what} are none`, async () => {
      await assert.rejects(new RpcLedgerReader(answering(answer), ledger).logs(blocks, never), isMalformed);
    });
  }

  it('logs that readers do not follow are passed over', async () => {
    const others = [
      { ...log, topics: [] },
      { ...log, topics: [word('9'), word('b'), word('c')] },
    ];
    const { attested, signers } = await new RpcLedgerReader(answering(others), ledger).logs(blocks, never);
    assert.deepEqual([attested, signers], [[], []]);
  });

  const states: Readonly<Record<string, unknown>> = {
    nothing: '0x',
    'no text': null,
    'fewer words than were asked for': `${words(0x20, 1)}${'1'.repeat(64)}`,
    'half a word': `0x${'00'.repeat(65)}`,
    'no bytes': '0x0',
  };
  for (const [what, answer] of Object.entries(states)) {
    it(`links of which it says ${what} are none`, async () => {
      const reader = new RpcLedgerReader(answering(answer), ledger);
      await assert.rejects(reader.state({ keys: [word('1'), word('2')], signers: [] }, head.hash, never), isMalformed);
    });
  }
});

describe('what a ledger writer makes of lies', () => {
  const from = `0x${'3'.repeat(40)}` as const;
  const call = { type: 'createOrganization', name: 'acme' } as const;
  const estimates: Readonly<Record<string, readonly unknown[]>> = {
    'gas below zero': ['-0x1', '0x0', head, '0x1'],
    'gas that is no number': ['much', '0x0', head, '0x1'],
    'gas of a hundred digits': [`0x${'f'.repeat(100)}`, '0x0', head, '0x1'],
    'no balance': ['0x1', null, head, '0x1'],
    'no head': ['0x1', '0x0', null, '0x1'],
    'no tip': ['0x1', '0x0', head, undefined],
  };
  for (const [what, answers] of Object.entries(estimates)) {
    it(`a price with ${what} is none`, async () => {
      const writer = new RpcLedgerWriter(answering(...answers), ledger);
      await assert.rejects(writer.estimate(call, from, never), isMalformed);
    });
  }

  it('never signs for more than a person has agreed to, whatever is asked for now', async () => {
    const asked: unknown[] = [];
    const dear = { ...head, baseFeePerGas: `0x${'f'.repeat(30)}` };
    const writer = new RpcLedgerWriter(answering('0x5', '0xffffffff', dear, `0x${'f'.repeat(30)}`), ledger);
    const fee = { gas: 100n, gasPrice: 10n, cost: 1_000n, balance: 2_000n };
    const signer = {
      address: from,
      signTransaction: (transaction: unknown) => {
        asked.push(transaction);
        return Promise.resolve('0x01' as const);
      },
      signEntry: () => Promise.reject(new Error('not used')),
    };
    await writer.prepare(call, fee, signer, never);
    const [{ maxFeePerGas, maxPriorityFeePerGas, gasLimit }] = asked as [
      { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint; readonly gasLimit: bigint },
    ];
    assert.deepEqual([maxFeePerGas, maxPriorityFeePerGas, gasLimit], [10n, 10n, 100n]);
  });

  const receipts: Readonly<Record<string, readonly unknown[]>> = {
    'no block': [{ status: '0x1', blockNumber: null }, null],
    'no status': [{ blockNumber: '0x1' }, null],
    'a text': ['mined', null],
  };
  for (const [what, answers] of Object.entries(receipts)) {
    it(`a receipt with ${what} is none`, async () => {
      await assert.rejects(new RpcLedgerWriter(answering(...answers), ledger).status(word('1'), never), isMalformed);
    });
  }

  it('takes a transaction for absent only where both answers say so', async () => {
    const writer = (...answers: readonly unknown[]) => new RpcLedgerWriter(answering(...answers), ledger);
    assert.equal((await writer(null, null).status(word('1'), never)).state, 'absent');
    assert.equal((await writer(null, { hash: word('1') }).status(word('1'), never)).state, 'pending');
    await assert.rejects(writer(null, undefined).status(word('1'), never), isMalformed);
    await assert.rejects(writer(undefined, null).status(word('1'), never), isMalformed);
  });
});

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
