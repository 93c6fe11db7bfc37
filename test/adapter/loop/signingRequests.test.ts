import assert from 'node:assert/strict';
import { getCreateAddress } from 'ethers/address';
import { Wallet } from 'ethers/wallet';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { developmentLedgerCode } from '../../../src/adapters/chain/developmentLedger';
import { EthersSignatureRecovery } from '../../../src/adapters/secrets/signatureRecovery';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { fromHex, toHex, walletPublisher, type Hex } from '../../../src/core/hex';
import { linkContent, linkKey, nameHash } from '../../../src/core/ledger/link';
import { encodeRevocation } from '../../../src/core/ledger/revocation';
import type { SigningRequest } from '../../../src/core/ledger/signingRequest';
import { encodeStatement, statementHash } from '../../../src/core/ledger/statement';
import { entryHash } from '../../../src/core/ledger/typedData';
import type { Entry, LedgerId, PublisherId } from '../../../src/core/ledger/types';
import { composeProduct } from '../../../src/product';
import { LedgerSource } from '../../../src/services/ledger/ledger';
import { formatRequestFile, parseRequestFile } from '../../../src/services/signing/signingRequestFile';
import { SigningRequests } from '../../../src/services/signing/signingRequests';
import { statementOf } from '../../unit/services/fakeLedger';
import { startNode, testGenesis, type TestNode } from '../../testbed/geth';
import { createProduct, silentLog, testSigner, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';
import type { LedgerCall, TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const unused: Hex = `0x${'0'.repeat(40)}`;
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A wallet whose owners approve a hash by handing it in as the signature: `signature[:32] == hash ? 0x1626ba7e : 0`. */
const contractWallet: Hex = '0x60188060093d393df360043560643514631626ba7e0260e01b60005260206000f3';

function refused(code: ErrorCode, reason?: string, image?: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error), String(error));
    assert.deepEqual([error.code, error.details['reason']], [code, reason], error.message);
    if (image !== undefined) assert.equal(error.details['image'], image);
    return true;
  };
}

describe('signing requests on a real chain', () => {
  /** Signs, and never has ether. */
  let alice: TransactionSigner;
  /** Sends, and signs for nobody. */
  let bob: TransactionSigner;
  const bobsKey = Wallet.createRandom();
  let mallory: TransactionSigner;
  let product: Product;
  let ledger: LedgerId;
  let organization: PublisherId;
  let names = 0;

  before(async () => {
    const keys = new EthersWalletKeys({ scryptN: 2 });
    bob = await keys.fromPrivateKey(bobsKey.privateKey);
    [alice, mallory] = await Promise.all([testSigner(), testSigner()]);
    product = createProduct({ engineHost: 'unix:///nowhere/docker.sock' });
    product.owner = bob.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    ledger = writer.ledger;
    await product.node.mineUntil(async () => (await writer.balance(bob.address, never)) > 0n, never);
    const created = await write({ type: 'createOrganization', name: 'Shop' });
    const { organizations } = await product.ledgers.open();
    organization = (await organizations.createdBy(created, never)) ?? assert.fail();
    for (const { address } of [alice, mallory]) await setSigner(address);
  });
  after(() => product.dispose());

  /** What bob writes himself. */
  async function write(call: LedgerCall): Promise<Hex> {
    const plan = await product.transactions.plan(await product.ledgers.open(), call, bob.address, never);
    const sent = product.node.mineWhile(() => product.transactions.execute(plan, bob, never, () => undefined));
    return (await sent).transaction;
  }
  const setSigner = (signer: Hex, notAfter = 0): Promise<Hex> =>
    write({ type: 'setSigner', organization, signer, notBefore: 0, notAfter, scope: '' });

  /** Of a name that no other test uses. */
  const newEntry = (changes: Partial<Entry> = {}): Entry => ({
    publisher: walletPublisher(alice.address),
    previous: unused,
    kind: 'publish',
    validUntil: 0,
    repository: 'registry.example.com/shop/web',
    tag: `t${++names}`,
    body: toHex(encodeStatement(statementOf(`content ${names}`))),
    ...changes,
  });
  /** What is in the ledger under the entry's name now. */
  const linkOf = async ({ publisher, repository, tag }: Entry): Promise<Hex> => {
    const { reader } = await product.ledgers.open();
    const { hash } = await reader.head(never);
    const { links } = await reader.state(
      { keys: [linkKey(publisher, nameHash(repository, tag))], signers: [] },
      hash,
      never,
    );
    return linkContent(links[0] ?? assert.fail());
  };
  const create = (entries: readonly Entry[], lifetime?: number): Promise<SigningRequest> =>
    product.requests.create(
      { ledger, publisher: entries[0]?.publisher ?? assert.fail(), entries },
      { lifetime },
      never,
    );
  const sign = (request: SigningRequest, signer = alice): Promise<SigningRequest> =>
    product.requests.sign(throughFile(request), signer, never);
  const signed = async (...entries: readonly Entry[]): Promise<SigningRequest> => sign(await create(entries));
  const send = async (request: SigningRequest): Promise<void> => {
    const plan = await product.requests.plan(throughFile(request), bob.address, never);
    const outcome = await product.node.mineWhile(() => product.requests.execute(plan, bob, never, () => undefined));
    assert.equal(outcome.state, 'final');
  };
  /** As it comes out of a file on another machine. */
  function throughFile(request: SigningRequest): SigningRequest {
    return parseRequestFile(new TextEncoder().encode(formatRequestFile(request)));
  }
  /** Neither signed nor sent, and for this reason. */
  const isRefused = async (request: SigningRequest, ...why: Parameters<typeof refused>): Promise<void> => {
    await assert.rejects(product.requests.plan(request, bob.address, never), refused(...why));
  };
  const contractRefuses = async (request: SigningRequest, code: ErrorCode): Promise<void> => {
    const { writer } = await product.ledgers.open();
    const [entry = assert.fail()] = request.entries;
    const [signature = '0x'] = request.signatures ?? [];
    const call = { entry, signer: request.signer ?? '0x', deadline: request.deadline, signature };
    await assert.rejects(writer.estimate({ type: 'attestBySignature', signed: call }, bob.address, never), (error) =>
      isDaoChainError(error, code),
    );
  };

  it('are signed by a wallet without ether and sent by another', async () => {
    const entries = [newEntry(), newEntry(), newEntry()];
    const request = await signed(...entries);
    const plan = await product.requests.plan(request, bob.address, never);
    assert.equal(plan.parts.length, 3);
    assert.equal(
      plan.fee.cost,
      plan.parts.reduce((sum, { fee }) => sum + fee.cost, 0n),
    );
    await send(request);
    const { writer } = await product.ledgers.open();
    assert.equal(await writer.balance(alice.address, never), 0n);
    const { entries: checked } = await product.requests.check(request, never);
    for (const { state, instead } of checked) {
      assert.equal(state, 'written');
      assert.equal(instead?.signer, alice.address);
    }
  });

  it('speak for an organization, and revoke for it', async () => {
    const entry = newEntry({ publisher: organization });
    await send(await signed(entry));
    const body = toHex(
      encodeRevocation({ statementHash: statementHash(fromHex(entry.body)), reason: 'vulnerable', note: 'CVE' }),
    );
    const request = await create([{ ...entry, previous: await linkOf(entry), kind: 'revoke', body }]);
    const [checked] = (await product.requests.check(request, never)).entries;
    assert.equal(checked?.revoked?.position, 0);
    await send(await sign(request, mallory));
  });

  it('say what a release is to the one that stands', async () => {
    const entry = newEntry();
    await send(await signed(entry));
    const previous = await linkOf(entry);
    const changeOf = async (changes: Partial<Entry>): Promise<unknown> => {
      const request = await create([{ ...entry, previous, ...changes }]);
      return (await product.requests.check(request, never)).entries[0]?.change;
    };
    assert.equal(await changeOf({ body: toHex(encodeStatement(statementOf('other'))) }), 'changed');
    assert.equal(await changeOf({}), 'same');
    assert.equal(await changeOf({ kind: 'vouch' }), 'first');
  });

  it('work once', async () => {
    const [entry, other] = [newEntry(), newEntry()];
    const request = await signed(entry);
    await send(request);
    await isRefused(request, 'requestInvalid', 'written', `${entry.repository}:${entry.tag}`);
    await contractRefuses(request, 'staleLink');
    await assert.rejects(create([entry]), refused('requestInvalid', 'written'));
    await assert.rejects(create([entry, other]), refused('requestInvalid', 'written'));
  });

  it('are sent on where part of them is written', async () => {
    const [entry, other] = [newEntry(), newEntry()];
    const request = await signed(entry, other);
    const { signatures: [signature = '0x'] = [], deadline } = request;
    await write({ type: 'attestBySignature', signed: { entry, signer: alice.address, deadline, signature } });
    const plan = await product.requests.plan(request, bob.address, never);
    assert.equal(plan.parts.length, 1);
    await send(request);
    await isRefused(request, 'requestInvalid', 'written');
  });

  it('are refused when somebody was faster, and the one entry is named', async () => {
    const [first, second, third] = [newEntry(), newEntry(), newEntry()];
    const request = await signed(first, second, third);
    const open = await create([newEntry(), second]);
    await send(await signed({ ...second, body: toHex(encodeStatement(statementOf('faster'))) }));
    const name = `${second.repository}:${second.tag}`;
    await isRefused(request, 'requestInvalid', 'overtaken', name);
    await assert.rejects(sign(open), refused('requestInvalid', 'overtaken', name));
    assert.equal(await linkOf(first), unused);
    const unknown = { ...first, previous: `0x${'12'.repeat(20)}` as const };
    await assert.rejects(create([unknown]), refused('requestInvalid', 'unknownLink'));
  });

  it('are refused when somebody is faster after the plan was shown', async () => {
    const [first, second] = [newEntry(), newEntry()];
    const request = await signed(first, second);
    const plan = await product.requests.plan(request, bob.address, never);
    await send(await signed({ ...second, body: toHex(encodeStatement(statementOf('faster'))) }));
    await assert.rejects(
      product.requests.execute(plan, bob, never, () => undefined),
      refused('requestInvalid', 'overtaken', `${second.repository}:${second.tag}`),
    );
    assert.equal(await linkOf(first), unused);
  });

  describe('that were altered', () => {
    const alterations: Readonly<Record<string, (entry: Entry) => Partial<Entry>>> = {
      'another content': () => ({ body: toHex(encodeStatement(statementOf('evil'))) }),
      'another repository': () => ({ repository: 'registry.example.com/shop/evil' }),
      'another tag': () => ({ tag: 'latest' }),
      'another kind': () => ({ kind: 'vouch' }),
      'another validity': () => ({ validUntil: 1_900_000_000 }),
      'another place in the history': () => ({ previous: `0x${'12'.repeat(20)}` }),
    };
    for (const [what, alter] of Object.entries(alterations)) {
      it(`to ${what} are refused`, async () => {
        const request = await signed(newEntry());
        const altered = { ...request, entries: request.entries.map((entry) => ({ ...entry, ...alter(entry) })) };
        await isRefused(throughFile(altered), 'signatureInvalid');
        await contractRefuses(altered, 'signatureInvalid');
      });
    }

    it('to another deadline, signer or publisher are refused', async () => {
      const request = await signed(newEntry({ publisher: organization }));
      for (const altered of [
        { ...request, deadline: request.deadline + 3600 },
        { ...request, signer: mallory.address },
        {
          ...request,
          publisher: walletPublisher(alice.address),
          entries: request.entries.map((entry) => ({ ...entry, publisher: walletPublisher(alice.address) })),
        },
      ]) {
        await isRefused(throughFile(altered), 'signatureInvalid');
        await contractRefuses(altered, 'signatureInvalid');
      }
    });

    it('to the other signature that fits, with a high s, are refused', async () => {
      const request = await signed(newEntry());
      const [signature = assert.fail()] = request.signatures ?? [];
      const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
      const twin: Hex = `${signature.slice(0, 66) as Hex}${s}${signature.endsWith('1b') ? '1c' : '1b'}`;
      const malleated = { ...request, signatures: [twin] };
      await isRefused(throughFile(malleated), 'signatureInvalid');
      await contractRefuses(malleated, 'signatureInvalid');
    });

    it('in one entry of several are refused, and it is named', async () => {
      const request = await signed(newEntry(), newEntry());
      const [first = '0x'] = request.signatures ?? [];
      const swapped = { ...request, signatures: [first, first] };
      await isRefused(throughFile(swapped), 'signatureInvalid', undefined, `registry.example.com/shop/web:t${names}`);
    });
  });

  it('are for the one who is asked', async () => {
    const entry = newEntry({ publisher: organization });
    const request = { ...(await create([entry])), signer: alice.address };
    await assert.rejects(sign(request, mallory), refused('requestInvalid', 'wrongSigner'));
    await assert.rejects(sign(await create([newEntry()]), mallory), refused('requestInvalid', 'wrongSigner'));
    await assert.rejects(sign(await create([entry]), bob), refused('signerNotAllowed', 'notSigner'));
    await assert.rejects(sign(await sign(request)), refused('requestInvalid', 'signed'));
    await isRefused(request, 'requestInvalid', 'unsigned');
  });

  it('end with their deadline', async () => {
    const { clock, requests } = withClock();
    const entry = newEntry();
    const request = await create([entry], 600);
    const ready = await sign(request);
    clock.ahead = 601_000;
    await assert.rejects(requests.sign(request, alice, never), refused('requestExpired'));
    await assert.rejects(requests.plan(ready, bob.address, never), refused('requestExpired'));
    clock.ahead = 0;
    assert.equal((await requests.plan(ready, bob.address, never)).parts.length, 1);
    const endless = { ...request, deadline: request.deadline + 40 * 86_400 };
    await assert.rejects(requests.sign(endless, alice, never), refused('requestInvalid', 'tooLong'));
    await assert.rejects(create([entry], 40 * 86_400), refused('requestInvalid', 'tooLong'));
  });

  it('end with the signer', async () => {
    const [retiring, leaving] = await Promise.all([testSigner(), testSigner()]);
    await setSigner(retiring.address);
    await setSigner(leaving.address);
    const requests = [
      await sign(await create([newEntry({ publisher: organization })]), retiring),
      await sign(await create([newEntry({ publisher: organization })]), leaving),
    ] as const;
    await setSigner(retiring.address, 1);
    await write({ type: 'revokeSigner', organization, signer: leaving.address, sinceBlock: 1 });
    await isRefused(requests[0], 'signerNotAllowed', 'retired');
    await isRefused(requests[1], 'signerNotAllowed', 'revoked');
    const open = await create([newEntry({ publisher: organization })]);
    await assert.rejects(sign(open, leaving), refused('signerNotAllowed', 'revoked'));
  });

  describe('of another network', () => {
    let node: TestNode;
    let other: ReturnType<typeof composeProduct>;

    before(async () => {
      node = await startNode({
        genesis: testGenesis({ [ledger.address]: { code: developmentLedgerCode } }, Number(ledger.chainId)),
        etherbase: bob.address,
      });
      await node.mine(1);
      const block = (await node.request('eth_getBlockByNumber', ['0x0', false])) as { hash: Hex };
      const { path } = temporaryFolder();
      other = composeProduct({
        ...{ folder: path, cacheFolder: path, log: silentLog, owner: () => bob.address },
        registry: { isEnabled: () => false, privateHosts: () => [], plainHttpHosts: () => [] },
        rules: () => [],
        createTransport: () => new IpcTransport(() => node.ipcPath),
        locate: () =>
          Promise.resolve({
            ledger: { ...ledger, genesisHash: block.hash },
            ...{ kind: 'team', confirmations: 1, assurance: 'ownNode', finality: 'depth' },
          }),
      });
    });
    after(async () => {
      await other.dispose();
      await node.dispose();
    });

    it('are refused by their genesis, although the contract there would take the signature', async () => {
      const request = await signed(newEntry());
      const { writer } = await other.ledgers.open();
      const [entry = assert.fail()] = request.entries;
      const [signature = '0x'] = request.signatures ?? [];
      const call = { entry, signer: alice.address, deadline: request.deadline, signature };
      assert.ok((await writer.estimate({ type: 'attestBySignature', signed: call }, bob.address, never)).gas > 0n);
      await assert.rejects(other.requests.plan(request, bob.address, never), refused('requestInvalid', 'otherGenesis'));
      await assert.rejects(
        other.requests.sign(await create([newEntry()]), alice, never),
        refused('requestInvalid', 'otherGenesis'),
      );
    });

    it('are refused by their chain id, and nothing is gained by forging it', async () => {
      const request = await signed(newEntry());
      const chainId = ledger.chainId + 1n;
      await isRefused({ ...request, ledger: { ...ledger, chainId } }, 'requestInvalid', 'otherLedger');
      const elsewhere = { ledger: { ...ledger, chainId }, deadline: request.deadline };
      const [entry = assert.fail()] = request.entries;
      const signature = await alice.signEntry(elsewhere.ledger, {
        entry,
        signer: alice.address,
        deadline: request.deadline,
      });
      await isRefused({ ...request, signatures: [signature] }, 'signatureInvalid');
    });
  });

  /** The same service over another clock. */
  function withClock(): { readonly clock: { ahead: number }; readonly requests: SigningRequests } {
    const clock = { ahead: 0 };
    const { transactions } = product;
    const ledgers = new LedgerSource(() => product.ledgers.open());
    return {
      clock,
      requests: new SigningRequests({
        ...{ ledgers, transactions, recovery: new EthersSignatureRecovery() },
        clock: () => Date.now() + clock.ahead,
      }),
    };
  }

  it('are signed by a contract wallet as its owners say (EIP-1271)', async () => {
    const contract = await deploy(contractWallet);
    const sound = newEntry({ publisher: organization });
    const asked = { ...(await create([sound])), signer: contract };
    await assert.rejects(product.requests.plan(asked, bob.address, never), refused('requestInvalid', 'unsigned'));
    const attach = (signature: Hex): Promise<SigningRequest> =>
      product.requests.attach(throughFile(asked), contract, [signature], never);
    const hash = entryHash(ledger, { entry: sound, signer: contract, deadline: asked.deadline });
    await assert.rejects(attach(hash), refused('signerNotAllowed', 'notSigner'));
    await setSigner(contract);
    const [checked] = (await product.requests.check(asked, never)).entries;
    assert.equal(checked?.hash, hash);
    const invalid: Hex = `0x${'11'.repeat(65)}`;
    await assert.rejects(attach(invalid), refused('signatureInvalid'));
    const request = await attach(hash);
    await isRefused({ ...request, deadline: request.deadline + 1 }, 'signatureInvalid');
    await send(request);
    const [written] = (await product.requests.check(request, never)).entries;
    assert.deepEqual([written?.state, written?.instead?.signer, written?.signature], ['written', contract, 'valid']);
  });

  async function deploy(data: Hex): Promise<Hex> {
    const { transport } = product;
    const nonce = Number(await transport.request('eth_getTransactionCount', [bob.address, 'latest'], never));
    const fees = { type: 0, gasLimit: 200_000, gasPrice: 3_000_000_000 };
    const raw = await bobsKey.signTransaction({ ...fees, chainId: ledger.chainId, nonce, data });
    const hash = await transport.request('eth_sendRawTransaction', [raw], never);
    await product.node.mineUntil(
      async () => (await transport.request('eth_getTransactionReceipt', [hash], never)) !== null,
      never,
    );
    return getCreateAddress({ from: bob.address, nonce }).toLowerCase() as Hex;
  }
});
