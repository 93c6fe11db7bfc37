import assert from 'node:assert/strict';
import { DaoChainError, isDaoChainError } from '../../../../src/core/errors';
import type { ExternalLedger } from '../../../../src/core/ledger/externalLedger';
import { ledgerKey, type LedgerId } from '../../../../src/core/ledger/types';
import type { ExternalStore } from '../../../../src/core/ports/networks';
import { ExternalLedgers } from '../../../../src/services/networks/externalLedgers';

const never = new AbortController().signal;
const address = `0x${'1d'.repeat(20)}` as const;
const ledger: LedgerId = { chainId: 5n, genesisHash: `0x${'25'.repeat(32)}`, address };
const key = ledgerKey(ledger);
const wanted = { ledger: key, endpoint: 'https://me:hunter2@node.example.com/v3/key', name: 'Sepolia' };

class FakeStore implements ExternalStore {
  readonly stored = new Map<bigint, ExternalLedger>();

  read(): ReturnType<ExternalStore['read']> {
    return { externals: [...this.stored.values()].map((external) => ({ external, folder: '/f' })), damaged: [] };
  }
  put(external: ExternalLedger): Promise<void> {
    this.stored.set(external.ledger.chainId, external);
    return Promise.resolve();
  }
  leave(chainId: number): Promise<string> {
    this.stored.delete(BigInt(chainId));
    return Promise.resolve('/left');
  }
}

function world() {
  const store = new FakeStore();
  const state: { found: ExternalLedger['finality'] | DaoChainError; examined: string[]; development?: LedgerId } = {
    found: 'tag',
    examined: [],
  };
  const externals = new ExternalLedgers({
    store,
    addresses: [address],
    readEndpoint: (text) =>
      URL.canParse(text) ? { endpoint: text, shown: new URL(text).origin, assurance: 'reported' } : undefined,
    examine: (endpoint) => {
      state.examined.push(endpoint);
      return state.found instanceof DaoChainError ? Promise.reject(state.found) : Promise.resolve(state.found);
    },
    networks: () => [{ name: 'Acme', chainId: 7 }],
    development: () => Promise.resolve(state.development),
  });
  return { externals, store, state };
}

const refused = (reason: string) => (error: unknown) =>
  isDaoChainError(error, 'networkInvalid') && error.details['reason'] === reason;

describe('ledgers on other chains', () => {
  it('are followed once they were looked at, and not before somebody says so', async () => {
    const { externals, store, state } = world();
    let changes = 0;
    externals.onDidChange(() => changes++);
    const plan = await externals.plan(wanted, never);
    assert.deepEqual([store.stored.size, changes, state.examined], [0, 0, [wanted.endpoint]]);
    assert.equal(plan.shownEndpoint, 'https://node.example.com');
    await externals.use(plan);
    assert.equal(changes, 1);
    assert.deepEqual(externals.find('Sepolia')?.external, {
      ...{ name: 'Sepolia', ledger, endpoint: wanted.endpoint },
      ...{ finality: 'tag', confirmations: 6 },
    });
    assert.equal(externals.find('5')?.external.name, 'Sepolia');
  });

  const hostile: Readonly<Record<string, readonly [Partial<typeof wanted> & { confirmations?: number }, string]>> = {
    'that are none': [{ ledger: 'https://example.com' }, 'ledgerId'],
    'with a chain ID that no file holds exactly': [{ ledger: key.replace('5:', '9007199254740993:') }, 'ledgerId'],
    'at an address where no release is deployed': [
      { ledger: ledgerKey({ ...ledger, address: `0x${'1e'.repeat(20)}` }) },
      'ledgerAddress',
    ],
    'with the chain ID of a followed network': [{ ledger: key.replace('5:', '7:') }, 'chainIdTaken'],
    'with the chain ID of this machine’s own network': [{ ledger: key.replace('5:', '9:') }, 'chainIdTaken'],
    'with a name that is none': [{ name: '12' }, 'name'],
    'with a name that turns the text around': [{ name: 'a\u202eb' }, 'name'],
    'with a name that reads like another’s': [{ name: 'Асme' }, 'nameTaken'],
    'at what is no endpoint': [{ endpoint: 'nowhere' }, 'endpoint'],
    'final at no depth': [{ confirmations: 0 }, 'terms'],
    'final at a depth that nobody waits for': [{ confirmations: 1_001 }, 'terms'],
  };
  for (const [what, [given, reason]] of Object.entries(hostile)) {
    it(`are refused, and nobody is asked, where they are ones ${what}`, async () => {
      const { externals, state } = world();
      state.development = { ...ledger, chainId: 9n };
      await assert.rejects(externals.plan({ ...wanted, ...given }, never), refused(reason));
      assert.deepEqual(state.examined, []);
    });
  }

  it('are not followed where the endpoint has another ledger', async () => {
    const { externals, state, store } = world();
    state.found = new DaoChainError('ledgerUnknown', 'other', { details: { reason: 'otherChain' } });
    await assert.rejects(externals.plan(wanted, never), (error) => isDaoChainError(error, 'ledgerUnknown'));
    assert.equal(store.stored.size, 0);
  });

  it('with one chain ID are never two', async () => {
    const { externals } = world();
    await externals.use(await externals.plan(wanted, never));
    const other = ledgerKey({ ...ledger, genesisHash: `0x${'26'.repeat(32)}` });
    await assert.rejects(externals.plan({ ...wanted, ledger: other, name: 'Other' }, never), refused('chainIdTaken'));
  });

  it('get another endpoint, and never less finality by that', async () => {
    const { externals, state } = world();
    await externals.use(await externals.plan(wanted, never));
    state.found = 'depth';
    const plan = await externals.plan({ ...wanted, endpoint: 'http://127.0.0.1:8545', name: 'Here' }, never);
    assert.deepEqual([plan.isFollowed, plan.external.finality], [true, 'tag']);
    await externals.use(plan);
    assert.equal(externals.stored.externals.length, 1);
    assert.equal(externals.find('Here')?.external.endpoint, 'http://127.0.0.1:8545');
  });

  it('are renamed and left', async () => {
    const { externals } = world();
    await externals.use(await externals.plan(wanted, never));
    const followed = externals.find('Sepolia') ?? assert.fail();
    await assert.rejects(externals.rename(followed, 'acme'), refused('nameTaken'));
    await externals.rename(followed, 'Test');
    assert.equal(await externals.leave(externals.find('Test') ?? assert.fail()), '/left');
    assert.deepEqual(externals.stored.externals, []);
  });
});
