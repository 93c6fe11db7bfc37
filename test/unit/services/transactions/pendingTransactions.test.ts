import assert from 'node:assert/strict';
import { toHex, type Hex } from '../../../../src/core/hex';
import { transactionHash } from '../../../../src/core/ledger/transactionHash';
import {
  PendingTransactions,
  type PendingTransaction,
} from '../../../../src/services/transactions/pendingTransactions';
import { MemoryStore } from '../memoryStore';

const ledger = `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;

function transaction(raw: Hex, changes: Partial<PendingTransaction> = {}): PendingTransaction {
  const key = toHex(new Uint8Array(32));
  const entries = [{ key, publisher: key, kind: 'publish', repository: 'docker.io/acme/app', tag: '1' }] as const;
  return { ledger, raw, hash: transactionHash(raw), signer: `0x${'33'.repeat(20)}`, entries, most: 7n, ...changes };
}

describe('the records of pending transactions', () => {
  const store = new MemoryStore();
  const damaged: string[] = [];
  let pending = new PendingTransactions(store);
  const mine = transaction('0x0102');
  beforeEach(async () => {
    store.files.clear();
    store.unreadable.clear();
    damaged.length = 0;
    pending = new PendingTransactions(store);
    pending.onDamaged((name) => damaged.push(name));
    await pending.add(mine);
  });

  const edit = (change: (text: string) => string, name = `pending/${mine.hash}.json`): void => {
    const text = new TextDecoder().decode(store.files.get(name));
    store.files.set(name, new TextEncoder().encode(change(text)));
  };

  it('are there until they are removed, each by itself', async () => {
    const other = transaction('0x03');
    await pending.add(other);
    assert.deepEqual(await pending.of(ledger), [mine, other]);
    await pending.remove(mine.hash);
    assert.deepEqual(await pending.of(ledger), [other]);
  });

  it('belong to one ledger', async () => {
    await pending.add(transaction('0x03', { ledger: 'another' }));
    assert.deepEqual(await pending.of(ledger), [mine]);
    assert.deepEqual(damaged, []);
  });

  const damages: Readonly<Record<string, (text: string) => string>> = {
    'other bytes to send': (text) => text.replace('0x0102', '0x0103'),
    'no bytes to send': (text) => text.replace('0x0102', '0x'),
    'half a byte': (text) => text.replace('0x0102', '0x010'),
    'another hash': (text) => text.replace(mine.hash, transactionHash('0x99')),
    'no list of what it writes': (text) => text.replace('"entries"', '"entry"'),
    'half of it': (text) => text.slice(0, text.length / 2),
    nothing: () => '',
    'no object': () => 'null',
    'a key twice': (text) => text.replace('"raw":', '"ledger":"x","raw":'),
    'a key that nobody writes': (text) => text.replace('"raw":', '"Ledger":"x","raw":'),
    'something behind it': (text) => `${text}{}`,
    'a byte order mark': (text) => `\ufeff${text}`,
    'no wallet that sends it': (text) => text.replace(`0x${'33'.repeat(20)}`, 'me'),
    'more than anybody writes': (text) => text + ' '.repeat(1024 * 1024),
    'a prototype': (text) => text.replace('{', '{"__proto__":{},'),
    'no text': () => '\u0000\ufffd',
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`counts for nothing with ${what}, and is left where it is`, async () => {
      edit(damage);
      assert.deepEqual(await pending.of(ledger), []);
      assert.deepEqual(await pending.of(ledger), []);
      assert.deepEqual(damaged, [`pending/${mine.hash}.json`], 'it is told once');
      assert.equal(store.files.size, 1);
    });
  }

  it('counts for nothing under the name of another', async () => {
    const bytes = store.files.get(`pending/${mine.hash}.json`) ?? assert.fail('it is there');
    store.files.set(`pending/${transactionHash('0x99')}.json`, bytes);
    assert.deepEqual(await pending.of(ledger), [mine]);
  });

  it('does not keep the others from being read when one cannot be', async () => {
    const other = transaction('0x03');
    await pending.add(other);
    store.unreadable.add(`pending/${mine.hash}.json`);
    assert.deepEqual(await pending.of(ledger), [other]);
  });
});
