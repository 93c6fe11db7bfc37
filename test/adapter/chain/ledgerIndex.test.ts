import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { RpcLedgerWriter } from '../../../src/adapters/chain/ledgerWriter';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { DaoChainError } from '../../../src/core/errors';
import { toHex, walletPublisher, type Hex20 } from '../../../src/core/hex';
import { contentHash, linkContent, linkKey, nameHash } from '../../../src/core/ledger/link';
import { createDevelopmentNetwork, networkLedger } from '../../../src/core/ledger/network';
import { digestMark } from '../../../src/core/ledger/ledgerRow';
import { encodeRevocation } from '../../../src/core/ledger/revocation';
import { encodeStatement, statementHash } from '../../../src/core/ledger/statement';
import type { Entry } from '../../../src/core/ledger/types';
import { LedgerIndex } from '../../../src/services/ledger/ledgerIndex';
import { startNode, type TestNode } from '../../testbed/geth';
import { waitFor } from '../../testbed/waitFor';
import { statementOf } from '../../unit/services/fakeLedger';
import { MemoryStore } from '../../unit/services/memoryStore';
import type { WalletKey } from '../../../src/core/ports/wallet';

const never = new AbortController().signal;
const unused: Hex20 = `0x${'0'.repeat(40)}`;
const name = { repository: 'docker.io/acme/app', tag: 'latest' };
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the index over a real node', () => {
  const network = createDevelopmentNetwork(randomBytes(32), ledgerReleases.at(-1)?.runtimeCode ?? '0x');
  const store = new MemoryStore();
  let node: TestNode;
  let key: WalletKey;
  let transport: IpcTransport;
  let reader: RpcLedgerReader;
  let writer: RpcLedgerWriter;

  before(async () => {
    key = await new EthersWalletKeys().create();
    node = await startNode({ genesis: network.genesis, etherbase: key.address });
    transport = new IpcTransport(() => node.ipcPath);
    reader = new RpcLedgerReader(transport, networkLedger(network));
    writer = new RpcLedgerWriter(transport, networkLedger(network));
    await node.mine(1);
  });
  after(async () => {
    transport.dispose();
    await node.dispose();
  });

  function newIndex(): LedgerIndex {
    const ownPublishers = () => [walletPublisher(key.address)];
    const common = { reader, store, clock: Date.now, log: quiet };
    const index = new LedgerIndex({ ...common, confirmations: 3, ownPublishers, rules: () => [] });
    index.use([name, { ...name, tag: 'never-signed' }]);
    return index;
  }

  /** A statement and its revocation, signed in a row before either is mined. */
  function entries(): readonly Entry[] {
    const publisher = walletPublisher(key.address);
    const statement = encodeStatement(statementOf('one'));
    const hash = statementHash(statement);
    const common = { publisher, validUntil: 0, ...name };
    const content = contentHash({
      previous: unused,
      key: linkKey(publisher, nameHash(name.repository, name.tag)),
      kind: 1,
      signer: key.address,
      validUntil: 0,
      bodyHash: hash,
    });
    const revocation = encodeRevocation({ statementHash: hash, reason: 'mistake', note: '错了' });
    return [
      { ...common, kind: 'publish', previous: unused, body: toHex(statement) },
      { ...common, kind: 'revoke', previous: linkContent(content), body: toHex(revocation) },
    ];
  }

  it('folds what the contract emits to what the contract holds', async () => {
    const signed = entries();
    const fee = await writer.estimate({ type: 'attest', entries: signed }, key.address, never);
    const transaction = await writer.prepare({ type: 'attest', entries: signed }, fee, key, never);
    await writer.broadcast(transaction, never);
    await node.request('miner_start', [1]);
    await waitFor(
      'the entries are mined',
      async () => (await writer.status(transaction.hash, never)).state === 'mined',
    );
    await node.request('miner_stop');

    const index = newIndex();
    await index.sync(never);
    const view = index.view();
    const publisher = walletPublisher(key.address);
    assert.equal(view.state, 'complete');
    assert.equal(view.keyState(publisher, name.repository, name.tag), 'complete');
    assert.equal(view.keyState(publisher, name.repository, 'never-signed'), 'complete');
    assert.deepEqual(view.slotOf(publisher, key.address), { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false });
    const [history, ...more] = view.historiesOf(name.repository, name.tag);
    assert.equal(more.length, 0);
    assert.deepEqual(
      history?.attestations.map(({ kind, body, transaction: hash }) => [kind, body.type, hash]),
      [
        ['publish', 'statement', transaction.hash],
        ['revoke', 'revocation', transaction.hash],
      ],
    );

    await node.mine(3);
    await index.sync(never);
    await index.readTable(never);
    const mark = digestMark(statementOf('one').leaves[0]?.configDigest ?? 'sha256:');
    assert.deepEqual((await index.find([mark])).get(mark)?.histories, [
      { publisher, ...name, entries: 1, bytes: encodeStatement(statementOf('one')).length },
    ]);
  });

  it('finds entries that are far below by the links of old blocks, and by a filter alike', async () => {
    await node.mine(18);
    const index = newIndex();
    const pastLinks = reader.pastLinks.bind(reader);
    let asked = 0;
    reader.pastLinks = (places, signal) => {
      asked += places.length;
      return pastLinks(places, signal);
    };
    store.files.clear();
    try {
      await index.sync(never);
      assert.ok(asked > 0);
      reader.pastLinks = () => Promise.reject(new DaoChainError('nodeFailed', 'missing trie node'));
      store.files.clear();
      const filtered = newIndex();
      await filtered.sync(never);
      const histories = [index, filtered].map((each) => each.view().historiesOf(name.repository, name.tag));
      assert.equal(histories[0]?.[0]?.attestations.length, 2);
      assert.deepEqual(histories[1], histories[0]);
    } finally {
      reader.pastLinks = pastLinks;
    }
  });

  it('goes on from the file, and with each block that the node pushes', async () => {
    await node.mine(5);
    const before = newIndex();
    await before.sync(never);
    await before.flush();
    assert.ok([...store.files.keys()].some((file) => file.endsWith('/final.json')));
    const index = newIndex();
    await index.sync(never);
    const changes: string[] = [];
    const listening = index.onDidChange((change) => changes.push(change));
    await node.mine(1);
    await waitFor('a block is pushed', () => changes.includes('head'));
    await waitFor('the view is at the head', async () => {
      await index.sync(never);
      return index.view().head?.hash === (await reader.head(never)).hash;
    });
    listening.dispose();
    assert.equal(index.view().finalBlock, (index.view().head?.number ?? 0) - 2);
    assert.equal(index.view().historiesOf(name.repository, name.tag)[0]?.attestations.length, 2);
    assert.equal(index.view().contradiction, undefined);
  });
});
