import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Interface } from 'ethers/abi';
import { identifyLedger } from '../../../src/adapters/chain/identifyLedger';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerAbi, ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { RpcLedgerWriter } from '../../../src/adapters/chain/ledgerWriter';
import { RpcOrganizationReader } from '../../../src/adapters/chain/organizationReader';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../../../src/core/errors';
import { walletPublisher, type Hex20, type Hex32 } from '../../../src/core/hex';
import { fold } from '../../../src/core/ledger/fold';
import { contentHash, linkContent, linkKey, nameHash } from '../../../src/core/ledger/link';
import { createDevelopmentNetwork, networkLedger } from '../../../src/core/ledger/network';
import type { Entry, LedgerId } from '../../../src/core/ledger/types';
import { statementHash } from '../../../src/core/ledger/statement';
import { startNode, type TestNode } from '../../testbed/geth';
import { waitFor } from '../../testbed/waitFor';
import type { BlockHeader, FeeEstimate, SignerEvent, TransactionSigner } from '../../../src/core/ports/ledger';
import type { WalletKey } from '../../../src/core/ports/wallet';

const never = new AbortController().signal;
const unused: Hex20 = `0x${'0'.repeat(40)}`;

function code(expected: ErrorCode, details: ErrorDetails = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error), String(error));
    assert.equal(error.code, expected);
    assert.deepEqual({ ...error.details, ...details }, error.details);
    return true;
  };
}

describe('the ledger of a real node', () => {
  const network = createDevelopmentNetwork(randomBytes(32), ledgerReleases.at(-1)?.runtimeCode ?? '0x');
  const ledger = networkLedger(network);
  let node: TestNode;
  let key: WalletKey;
  let transport: IpcTransport;
  let reader: RpcLedgerReader;
  let writer: RpcLedgerWriter;
  let tags = 0;

  before(async () => {
    key = await new EthersWalletKeys().create();
    node = await startNode({ genesis: network.genesis, etherbase: key.address });
    transport = new IpcTransport(() => node.ipcPath);
    reader = new RpcLedgerReader(transport, ledger);
    writer = new RpcLedgerWriter(transport, ledger);
    await node.mine(1);
  });
  after(async () => {
    transport.dispose();
    await node.dispose();
  });

  /** A first entry of a tag that no other test uses. */
  const newEntry = (overrides: Partial<Entry> = {}): Entry => ({
    publisher: walletPublisher(key.address),
    previous: unused,
    kind: 'publish',
    validUntil: 0,
    repository: 'docker.io/library/nginx',
    tag: `t${++tags}`,
    body: '0x0102',
    ...overrides,
  });
  const keyOf = ({ publisher, repository, tag }: Entry): Hex32 => linkKey(publisher, nameHash(repository, tag));
  const following = (entry: Entry): Entry => ({
    ...entry,
    previous: linkContent(
      contentHash({
        previous: entry.previous,
        key: keyOf(entry),
        kind: 1,
        signer: key.address,
        validUntil: entry.validUntil,
        bodyHash: statementHash(Buffer.from(entry.body.slice(2), 'hex')),
      }),
    ),
    body: '0x03',
  });
  const send = async (entries: readonly Entry[], fee?: FeeEstimate): Promise<Hex32> => {
    const transaction = await writer.prepare(
      { type: 'attest', entries },
      fee ?? (await writer.estimate({ type: 'attest', entries }, key.address, never)),
      key,
      never,
    );
    await writer.broadcast(transaction, never);
    return transaction.hash;
  };
  const mined = async (hash: Hex32): Promise<void> => {
    await node.request('miner_start', [1]);
    const status = await waitFor('the transaction is mined', async () => {
      const found = await writer.status(hash, never);
      return (found.state === 'mined' || found.state === 'failed') && found;
    });
    await node.request('miner_stop');
    assert.equal(status.state, 'mined');
  };

  it('is what its profile says', async () => {
    await identifyLedger(transport, ledger, never);
  });

  it('is not taken for a ledger of another chain id, genesis or address', async () => {
    const others: [Partial<LedgerId>, string][] = [
      [{ chainId: ledger.chainId + 1n }, 'otherChain'],
      [{ genesisHash: `0x${'0'.repeat(64)}` }, 'otherChain'],
      [{ address: `0x${'1'.repeat(40)}` }, 'code'],
    ];
    for (const [other, reason] of others) {
      await assert.rejects(
        identifyLedger(transport, { ...ledger, ...other }, never),
        code('ledgerUnknown', { reason }),
      );
    }
  });

  it('takes an entry, gives it back by its log, and holds the link that the fold computes', async () => {
    const entry = newEntry({ validUntil: 1_900_000_000 });
    const hash = await send([entry]);
    assert.deepEqual(await writer.status(hash, never), { state: 'pending' });
    await mined(hash);
    const head = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: head.number }, never);
    const own = attested.filter(({ transaction }) => transaction === hash);
    assert.equal(own.length, 1);
    const { history } = fold(own);
    assert.equal(history?.tag, entry.tag);
    assert.equal(history.attestations[0]?.validUntil, 1_900_000_000);
    const query = { keys: [keyOf(entry), `0x${'5'.repeat(64)}` as const], signers: [] };
    const { links, slots } = await reader.state(query, head.hash, never);
    assert.deepEqual(links, [history.word, `0x${'0'.repeat(64)}`]);
    assert.deepEqual(slots, []);
  });

  it('takes several entries of one key in one transaction, each after the other', async () => {
    const first = newEntry();
    const second = following(first);
    const hash = await send([first, second]);
    await mined(hash);
    const head = await reader.head(never);
    const { attested } = await reader.logs(
      { fromBlock: 0, toBlock: head.number, publishers: [first.publisher] },
      never,
    );
    const own = attested.filter(({ transaction }) => transaction === hash);
    assert.deepEqual(
      own.map(({ body }) => body),
      ['0x0102', '0x03'],
    );
    const { links } = await reader.state({ keys: [keyOf(first)], signers: [] }, head.hash, never);
    assert.deepEqual(links, [fold(own).history?.word]);
  });

  it('reads the slots of signers, alone and beside links', async () => {
    const wallet = await new EthersWalletKeys().create();
    const signers = [
      { publisher: walletPublisher(key.address), signer: key.address },
      { publisher: walletPublisher(wallet.address), signer: wallet.address },
    ];
    const head = await reader.head(never);
    const empty = { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false };
    assert.deepEqual(await reader.state({ keys: [], signers }, head.hash, never), { links: [], slots: [empty, empty] });
    const both = await reader.state({ keys: [`0x${'5'.repeat(64)}`], signers: signers.slice(1) }, head.hash, never);
    assert.deepEqual(both, { links: [`0x${'0'.repeat(64)}`], slots: [empty] });
    assert.deepEqual(await reader.state({ keys: [], signers: [] }, head.hash, never), { links: [], slots: [] });
  });

  it('tells who may sign for an organization, since when not any more, and when a wallet has ended', async () => {
    const wallet = await new EthersWalletKeys().create();
    const calls = new Interface(ledgerAbi);
    const call = async (name: string, ...args: readonly unknown[]): Promise<void> => {
      const transaction = {
        ...{ type: 2 as const, chainId: ledger.chainId, to: ledger.address, gasLimit: 200_000n },
        nonce: Number(await node.request('eth_getTransactionCount', [wallet.address, 'pending'])),
        data: calls.encodeFunctionData(name, args) as Hex32,
        ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n },
      };
      const raw = await wallet.signTransaction(transaction);
      await mined((await node.request('eth_sendRawTransaction', [raw])) as Hex32);
    };
    await node.request('miner_setEtherbase', [wallet.address]);
    const { number: before } = await reader.head(never);
    await node.mine(1);
    await node.request('miner_setEtherbase', [key.address]);
    await call('createOrganization', 'Example');
    const changes = async (): Promise<readonly SignerEvent[]> =>
      (await reader.logs({ fromBlock: before + 1, toBlock: (await reader.head(never)).number }, never)).signers;
    const organization = (await changes())[0]?.publisher ?? '0x';
    await call('setSigner', organization, key.address, 1_700_000_000, 0, 'ghcr.io/acme/web');
    const organizations = new RpcOrganizationReader(transport, ledger);
    const scoped = [{ publisher: organization, signer: key.address }];
    assert.deepEqual(await organizations.scopesOf(scoped, never), ['ghcr.io/acme/web']);
    // Of two texts that were set counts the one of which the ledger has the hash.
    await call('setSigner', organization, key.address, 0, 0, 'ghcr.io/acme/');
    assert.deepEqual(await organizations.scopesOf(scoped, never), ['ghcr.io/acme/']);
    const [told] = await organizations.signersOf(organization, never);
    assert.deepEqual([told?.slot.isScoped, told?.scope], [true, 'ghcr.io/acme/']);
    assert.ok((told?.slot.notBefore ?? 0) > 1_700_000_000, 'what has passed is now');
    await call('revokeSigner', organization, key.address, 1);
    await call('endWallet');
    const own = walletPublisher(wallet.address);
    assert.deepEqual(
      (await changes()).map(({ publisher, signer }) => ({ publisher, signer })),
      [
        { publisher: organization, signer: undefined },
        { publisher: organization, signer: key.address },
        { publisher: organization, signer: key.address },
        { publisher: organization, signer: key.address },
        { publisher: own, signer: wallet.address },
      ],
    );
    const head = await reader.head(never);
    const signers = [
      { publisher: organization, signer: key.address },
      { publisher: own, signer: wallet.address },
    ];
    const { slots } = await reader.state({ keys: [], signers }, head.hash, never);
    assert.deepEqual(slots[0], { ...told?.slot, voidFrom: 1 });
    assert.ok((slots[1]?.notAfter ?? 0) > 1_700_000_000);
  });

  it('asks about 10,000 keys and 10,000 signers in one call each', async () => {
    const head = await reader.head(never);
    const keys = Array.from({ length: 10_000 }, (): Hex32 => `0x${randomBytes(32).toString('hex')}`);
    const signers = keys.map((publisher) => ({ publisher, signer: key.address }));
    const { links, slots } = await reader.state({ keys, signers }, head.hash, never);
    assert.equal(links.length, 10_000);
    assert.equal(slots.length, 10_000);
  });

  it('cannot be asked at a block that the node does not have', async () => {
    const query = { keys: [`0x${'5'.repeat(64)}` as const], signers: [] };
    await assert.rejects(reader.state(query, `0x${'7'.repeat(64)}`, never), code('nodeFailed'));
  });

  it('gives only the logs of the publishers that were asked for', async () => {
    const head = await reader.head(never);
    const range = { fromBlock: 0, toBlock: head.number };
    assert.ok((await reader.logs(range, never)).attested.length > 0);
    assert.deepEqual(await reader.logs({ ...range, publishers: [`0x${'9'.repeat(64)}`] }, never), {
      attested: [],
      signers: [],
    });
  });

  it('gives only the entries under the names that were asked for', async () => {
    const [one, other] = [newEntry(), newEntry()];
    await mined(await send([one, other]));
    const range = { fromBlock: 0, toBlock: (await reader.head(never)).number };
    const names = [nameHash(one.repository, one.tag)];
    const { attested, signers } = await reader.logs({ ...range, names }, never);
    assert.deepEqual(
      attested.map(({ tag }) => tag),
      [one.tag],
    );
    assert.deepEqual(signers, []);
    const ofOther = await reader.logs({ ...range, names, publishers: [`0x${'9'.repeat(64)}`] }, never);
    assert.deepEqual(ofOther.attested, []);
  });

  it('names the link that is stale', async () => {
    const entry = newEntry();
    await mined(await send([entry]));
    const { hash } = await reader.head(never);
    const { links } = await reader.state({ keys: [keyOf(entry)], signers: [] }, hash, never);
    await assert.rejects(
      writer.estimate({ type: 'attest', entries: [entry] }, key.address, never),
      code('staleLink', { key: keyOf(entry), stored: links[0] ?? '' }),
    );
    const other = newEntry();
    await assert.rejects(
      writer.estimate({ type: 'attest', entries: [other, entry] }, key.address, never),
      code('staleLink', { key: keyOf(entry) }),
    );
  });

  it('names the publisher for which the wallet may not sign', async () => {
    const publisher = `0x${'ab'.repeat(32)}` as const;
    const entry = newEntry({ publisher });
    await assert.rejects(
      writer.estimate({ type: 'attest', entries: [entry] }, key.address, never),
      code('signerNotAllowed', { publisher }),
    );
  });

  it('names the rule of the ledger that an entry breaks', async () => {
    await assert.rejects(
      writer.estimate({ type: 'attest', entries: [newEntry({ tag: '' })] }, key.address, never),
      code('transactionRejected', { reason: 'InvalidTag' }),
    );
  });

  it('prices for a wallet without any ether, and says what is missing before anything is signed', async () => {
    const poor = await new EthersWalletKeys().create();
    const entry = newEntry({ publisher: walletPublisher(poor.address) });
    const fee = await writer.estimate({ type: 'attest', entries: [entry] }, poor.address, never);
    assert.equal(fee.balance, 0n);
    assert.equal(fee.cost, fee.gas * fee.gasPrice);
    assert.ok(fee.gas > 50_000n && fee.gas < 75_000n, fee.gas.toString());
    await assert.rejects(
      writer.prepare(
        { type: 'attest', entries: [entry] },
        fee,
        { ...poor, address: poor.address, signTransaction: () => assert.fail('it was signed') },
        never,
      ),
      code('insufficientFunds', { missing: fee.cost.toString(), balance: '0', cost: fee.cost.toString() }),
    );
  });

  it('takes the same transaction again while it waits and after it was mined', async () => {
    const entries = [newEntry()];
    const transaction = await writer.prepare(
      { type: 'attest', entries },
      await writer.estimate({ type: 'attest', entries }, key.address, never),
      key,
      never,
    );
    assert.deepEqual(await writer.status(transaction.hash, never), { state: 'absent' });
    await writer.broadcast(transaction, never);
    await writer.broadcast(transaction, never);
    await mined(transaction.hash);
    await writer.broadcast(transaction, never);
  });

  it('refuses another transaction in the place of one that was mined', async () => {
    const [entries, others] = [[newEntry()], [newEntry()]];
    const transaction = await writer.prepare(
      { type: 'attest', entries },
      await writer.estimate({ type: 'attest', entries }, key.address, never),
      key,
      never,
    );
    const other = await writer.prepare(
      { type: 'attest', entries: others },
      await writer.estimate({ type: 'attest', entries: others }, key.address, never),
      key,
      never,
    );
    await writer.broadcast(transaction, never);
    await mined(transaction.hash);
    await assert.rejects(writer.broadcast(other, never), code('transactionRejected'));
  });

  it('gives transactions that wait their places one after the other', async () => {
    const hashes = [await send([newEntry()]), await send([newEntry()])];
    for (const hash of hashes) await mined(hash);
  });

  it('says of a transaction that came too late that it failed', async () => {
    const entry = newEntry();
    const fee = await writer.estimate({ type: 'attest', entries: [entry] }, key.address, never);
    const [first, second] = [await send([entry], fee), await send([{ ...entry, body: '0x09' }], fee)];
    await mined(first);
    assert.equal((await writer.status(second, never)).state, 'failed');
  });

  it('is told to have less than it is by nobody who writes text that is no text', async () => {
    // An attacker's bytes: no UTF-8 at all as tag. ethers would not encode it, so the bytes of a good tag are replaced.
    const entry = newEntry({ tag: 'XXXX' });
    const sign = key.signTransaction.bind(key);
    const attacker: TransactionSigner = {
      address: key.address,
      signEntry: key.signEntry.bind(key),
      signTransaction: (transaction) => {
        const data = transaction.data.replace('58585858', 'fffe8080') as Hex32;
        assert.notEqual(data, transaction.data);
        return sign({ ...transaction, data });
      },
    };
    const transaction = await writer.prepare(
      { type: 'attest', entries: [entry] },
      await writer.estimate({ type: 'attest', entries: [entry] }, key.address, never),
      attacker,
      never,
    );
    await writer.broadcast(transaction, never);
    await mined(transaction.hash);
    const head = await reader.head(never);
    const { attested } = await reader.logs({ fromBlock: 0, toBlock: head.number }, never);
    const own = attested.find((event) => event.transaction === transaction.hash);
    assert.ok(own !== undefined);
    assert.ok(own.tag.includes('\ufffd'));
    assert.equal(fold([own]).broken, 'name');
  });

  it('tells each new block to whoever listens, with the newest first, and makes no subscription for nobody', async () => {
    const heads: BlockHeader[] = [];
    const listener = reader.onHead((head) => heads.push(head));
    const start = await waitFor('the newest block', () => heads[0]);
    await node.mine(2);
    await waitFor('two more blocks', () => heads.some(({ number }) => number >= start.number + 2));
    listener.dispose();
    const told = heads.length;
    await node.mine(1);
    assert.equal(heads.length, told);
  });

  it('keeps a transaction that waits over a crash of the node, and the chain with it', async () => {
    const before = await reader.head(never);
    const hash = await send([newEntry()]);
    await node.kill();
    await assert.rejects(reader.head(never), code('nodeUnavailable'));
    await node.start();
    const after = await reader.head(never);
    assert.deepEqual(after, before);
    assert.deepEqual(await writer.status(hash, never), { state: 'pending' });
    await mined(hash);
  });
});
