import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { readLogs } from '../../../../src/services/ledger/logRanges';
import { FakeLedger } from '../fakeLedger';
import type { LedgerLogs, LedgerReader, LogRange } from '../../../../src/core/ports/ledger';

const never = new AbortController().signal;
const refused = new DaoChainError('nodeFailed', 'query returned more than 10000 results');
const late = new DaoChainError('nodeUnavailable', 'no answer in time', { details: { reason: 'timeout' } });

/** An endpoint that answers nothing to what `fault` finds fault with. */
class Endpoint {
  readonly asked: LogRange[] = [];
  readonly reader: LedgerReader;

  constructor(fault: (range: LogRange & { readonly blocks: number }) => Error | undefined) {
    const chain = new FakeLedger();
    this.reader = Object.assign(Object.create(chain) as LedgerReader, {
      logs: (range: LogRange): Promise<LedgerLogs> => {
        this.asked.push(range);
        const error = fault({ ...range, blocks: range.toBlock - range.fromBlock + 1 });
        return error ? Promise.reject(error) : Promise.resolve({ attested: [], signers: [] });
      },
    });
  }

  /** Blocks of which it was told, and what ended the reading before its end. */
  async read(blocks: LogRange): Promise<{ readonly blocks: number; readonly error?: unknown }> {
    let read = 0;
    try {
      for await (const part of readLogs(this.reader, blocks, never)) read += part.blocks;
    } catch (error) {
      return { blocks: read, error };
    }
    return { blocks: read };
  }
}

const code = (error: unknown): unknown => error instanceof DaoChainError && [error.code, error.details['reason']];

describe('reading logs', () => {
  it('takes one call where the endpoint answers it', async () => {
    const endpoint = new Endpoint(() => undefined);
    assert.deepEqual(await endpoint.read({ fromBlock: 5, toBlock: 1_000_004 }), { blocks: 1_000_000 });
    assert.equal(endpoint.asked.length, 1);
  });

  it('asks for the names that it is given, and for nothing less', async () => {
    const names = [`0x${'a'.repeat(64)}`] as const;
    const endpoint = new Endpoint(({ blocks }) => (blocks > 4 ? refused : undefined));
    await endpoint.read({ fromBlock: 0, toBlock: 9, names });
    assert.ok(endpoint.asked.every((range) => range.names === names));
  });

  it('finds out how many blocks an endpoint answers for, and asks for too many only now and then', async () => {
    const endpoint = new Endpoint(({ blocks }) => (blocks > 10_000 ? refused : undefined));
    const blocks = 2_000_000;
    assert.deepEqual(await endpoint.read({ fromBlock: 0, toBlock: blocks - 1 }), { blocks });
    const refusals = endpoint.asked.filter((range) => range.toBlock - range.fromBlock >= 10_000).length;
    assert.ok(refusals <= 2 * Math.log2(blocks), `${refusals} refusals`);
    // Twice as many as an endpoint that answers for 10,000 needs at least, since halves are asked for.
    assert.ok(endpoint.asked.length <= 2 * (blocks / 10_000) + 2 * Math.log2(blocks), `${endpoint.asked.length} calls`);
  });

  it('fails at a block that is refused by itself, after as many calls as the blocks have bits', async () => {
    const full = 654_321;
    const endpoint = new Endpoint(({ fromBlock, toBlock }) =>
      fromBlock <= full && full <= toBlock ? refused : undefined,
    );
    assert.deepEqual(await endpoint.read({ fromBlock: 0, toBlock: 999_999 }), { blocks: full, error: refused });
    assert.ok(endpoint.asked.length <= 4 * 20, `${endpoint.asked.length} calls`);
  });

  it('asks for far fewer blocks where a call was not answered in time', async () => {
    const endpoint = new Endpoint(({ blocks }) => (blocks > 20_000 ? late : undefined));
    assert.deepEqual(await endpoint.read({ fromBlock: 0, toBlock: 999_999 }), { blocks: 1_000_000 });
  });

  it('gives up after a few calls that nobody answered in time', async () => {
    const endpoint = new Endpoint(() => late);
    const { error } = await endpoint.read({ fromBlock: 0, toBlock: 2 ** 40 });
    assert.deepEqual(code(error), ['nodeUnavailable', 'timeout']);
    assert.equal(endpoint.asked.length, 3);
  });

  it('gives up where everything is refused, however many blocks there are said to be', async () => {
    const endpoint = new Endpoint(() => refused);
    const { error } = await endpoint.read({ fromBlock: 0, toBlock: Number.MAX_SAFE_INTEGER - 1 });
    assert.equal(error, refused);
    assert.ok(endpoint.asked.length <= 55, `${endpoint.asked.length} calls`);
  });

  it('gives up an endpoint that answers for one block at a time, and says so', async () => {
    const endpoint = new Endpoint(({ blocks }) => (blocks > 1 ? refused : undefined));
    const { error } = await endpoint.read({ fromBlock: 0, toBlock: 2 ** 50 });
    assert.deepEqual(code(error), ['nodeFailed', 'tooManyCalls']);
    assert.ok(endpoint.asked.length <= 2_000);
  });

  it('asks no further where the node is away', async () => {
    const away = new DaoChainError('nodeUnavailable', 'connection refused');
    const endpoint = new Endpoint(() => away);
    assert.equal((await endpoint.read({ fromBlock: 0, toBlock: 99 })).error, away);
    assert.equal(endpoint.asked.length, 1);
  });
});
