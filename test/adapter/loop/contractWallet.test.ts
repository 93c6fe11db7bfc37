import assert from 'node:assert/strict';
import { Wallet } from 'ethers/wallet';
import * as v from 'valibot';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { walletPublisher, type Address, type Hex } from '../../../src/core/hex';
import { contractWalletFile } from '../../../src/core/ledger/contractWalletFile';
import type { SigningRequest } from '../../../src/core/ledger/signingRequest';
import { entryHash } from '../../../src/core/ledger/typedData';
import { ledgerKey, type PublisherId } from '../../../src/core/ledger/types';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { TransactionPlan } from '../../../src/core/plans/transactionPlan';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import { SafeWallet, Sender } from './safeWallet';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const repository = 'registry.example.com/shop/web';
const fileSchema = v.object({
  version: v.literal('1.0'),
  chainId: v.string(),
  transactions: v.tuple([v.object({ to: v.string(), value: v.literal('0'), data: v.string() })]),
});

describe('a contract wallet of three owners, of whom two have to agree', () => {
  let engine: Engine;
  let product: Product;
  let founder: TransactionSigner;
  let colleague: TransactionSigner;
  let safe: SafeWallet;
  let id: PublisherId;
  const newOwner = (): Wallet => new Wallet(Wallet.createRandom().privateKey);
  const [first, second, third, fourth] = [newOwner(), newOwner(), newOwner(), newOwner()];

  before(async () => {
    [engine, colleague] = await Promise.all([startEngine({ kind: 'debian' }), testSigner()]);
    product = createProduct({ engineHost: engine.host });
    const sender = new Sender(product);
    founder = await new EthersWalletKeys().fromPrivateKey(sender.wallet.privateKey);
    product.owner = colleague.address;
    await product.node.start();
    await earn(colleague.address);
    await earn(founder.address);
    safe = await SafeWallet.deploy(product, sender, [first, second, third], 2);
    const { transaction } = await make(await product.organizations.planCreate('Shop', founder.address, never));
    id = (await product.organizations.created(transaction, never)) ?? '0x';
    product.rules = [
      {
        ...{ ledger: ledgerKey((await product.ledgers.open()).writer.ledger), repositories: repository },
        ...{ publishers: [id], threshold: 1, accept: 'publish', level: 'warn' },
      },
    ];
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
  });

  async function earn(address: Address): Promise<void> {
    const { writer } = await product.ledgers.open();
    product.owner = address;
    await product.node.mineUntil(async () => (await writer.balance(address, never)) > 10n ** 18n, never);
  }
  const make = (plan: TransactionPlan, wallet = founder) =>
    product.node.mineWhile(() => product.transactions.execute(plan, wallet, never, () => undefined));
  /** As its owners do: by the file that is written for them. */
  async function makeBySafe(plan: TransactionPlan, owners: readonly Wallet[]): Promise<void> {
    assert.equal(plan.signer, safe.address);
    assert.ok(plan.call && plan.call.type !== 'transfer');
    const { writer } = await product.ledgers.open();
    const calls = [await writer.encode(plan.call)];
    const batch = {
      ledger: writer.ledger,
      wallet: safe.address,
      calls,
      description: 'a change',
      createdAt: Date.now(),
    };
    const file = v.parse(fileSchema, JSON.parse(contractWalletFile(batch)));
    assert.equal(file.chainId, writer.ledger.chainId.toString());
    const [{ to, data }] = file.transactions;
    await safe.execute(to as Address, data as Hex, owners);
  }
  /** Everything that is mined by now. */
  async function final(): Promise<void> {
    const { index, reader } = await product.ledgers.open();
    const { number } = await reader.head(never);
    await product.node.mineUntil(async () => {
      await index.sync(never);
      return index.view().finalBlock >= number;
    }, never);
  }
  const build = async (tag: string): Promise<string> => {
    await buildImage(engine.docker, `${repository}:${tag}`, { files: { motd: tag } });
    return `${repository}:${tag}`;
  };
  const verdict = async (tag: string): Promise<Verdict> =>
    (await product.verification.verify(`${repository}:${tag}`, never)).verdict;
  const isGreen = async (tag: string): Promise<void> => {
    const { kind, assurance } = await verdict(tag);
    assert.deepEqual([kind, assurance], ['verified', 'ownNode']);
  };
  const refused =
    (code: ErrorCode) =>
    (error: unknown): boolean =>
      isDaoChainError(error, code);

  describe('as the admin of an organization', () => {
    it('takes the place over by two signatures, and not by one', async () => {
      const { organizations } = product;
      await assert.rejects(organizations.planAcceptAdmin(id, safe.address, never), refused('notAdmin'));
      await make(await organizations.planTransferAdmin(id, safe.address, founder.address, never));
      const plan = await organizations.planAcceptAdmin(id, safe.address, never);
      // GS020: not enough signatures; GS026: not an owner's, or one twice.
      await assert.rejects(makeBySafe(plan, [first]), /GS020/);
      await assert.rejects(makeBySafe(plan, [first, first]), /GS026/);
      await assert.rejects(makeBySafe(plan, [first, fourth]), /GS026/);
      await makeBySafe(plan, [first, third]);
      assert.equal((await organizations.read(id, never)).organization.admin, safe.address);
      const [membership] = await organizations.mine(safe.address, never);
      assert.equal(membership?.isAdmin, true);
    });

    it('lets a wallet sign, whose images are green', async () => {
      const change = { organization: id, signer: colleague.address };
      await assert.rejects(product.organizations.planSetSigner(change, founder.address, never), refused('notAdmin'));
      await makeBySafe(await product.organizations.planSetSigner(change, safe.address, never), [second, third]);
      const image = await build('1.0');
      const plan = await product.signing.plan([image], { signer: colleague.address, publisher: id }, never);
      await product.node.mineWhile(() => product.signing.execute(plan, colleague, never, () => undefined));
      await isGreen('1.0');
    });
  });

  describe('as a publisher', () => {
    it('signs for the organization that it is a signer of', async () => {
      const change = { organization: id, signer: safe.address };
      const image = await build('2.0');
      const speaker = { signer: safe.address, publisher: id };
      await assert.rejects(product.signing.plan([image], speaker, never), refused('signerNotAllowed'));
      await makeBySafe(await product.organizations.planSetSigner(change, safe.address, never), [first, second]);
      const plan = await product.signing.plan([image], speaker, never);
      await assert.rejects(makeBySafe(plan, [second]), /GS020/);
      await makeBySafe(plan, [first, second]);
      await final();
      await isGreen('2.0');
    });

    it('signs for itself', async () => {
      const image = await build('3.0');
      await makeBySafe(await product.signing.plan([image], { signer: safe.address }, never), [first, second]);
      await final();
      assert.equal((await verdict('3.0')).kind, 'untrusted');
      const [rule] = product.rules;
      assert.ok(rule);
      product.rules = [{ ...rule, publishers: [id, walletPublisher(safe.address)] }];
      product.verification.reconsider();
      await isGreen('3.0');
    });
  });

  describe('that signs for others to send', () => {
    const requestFor = async (image: string): Promise<SigningRequest> => {
      const speaker = { signer: safe.address, publisher: id };
      const plan = await product.signing.plan([image], { ...speaker, asRequest: true }, never);
      return product.requests.create(plan, { signer: safe.address }, never);
    };
    const signed = ({ ledger, deadline, entries }: SigningRequest, owners: readonly Wallet[]): Promise<Hex[]> =>
      Promise.all(
        entries.map((entry) => safe.sign(entryHash(ledger, { entry, signer: safe.address, deadline }), owners)),
      );
    const attach = async (request: SigningRequest, owners: readonly Wallet[]): Promise<SigningRequest> =>
      product.requests.attach(request, safe.address, await signed(request, owners), never);
    const send = async (request: SigningRequest): Promise<void> => {
      const plan = await product.requests.plan(request, founder.address, never);
      await product.node.mineWhile(() => product.requests.execute(plan, founder, never, () => undefined));
    };
    it('is taken by two signatures (EIP-1271), and not by one', async () => {
      const request = await requestFor(await build('4.0'));
      const isRefused = async (owners: readonly Wallet[]): Promise<void> => {
        await assert.rejects(async () => send(await attach(request, owners)), refused('signatureInvalid'));
      };
      await isRefused([first]);
      await isRefused([first, fourth]);
      await send(await attach(request, [second, third]));
      await isGreen('4.0');
    });

    it('is refused what an owner signed who has been replaced, and what was accepted before stays green', async () => {
      const request = await requestFor(await build('5.0'));
      const early = await attach(request, [first, second]);
      await safe.swapFirstOwner(first, fourth, [second, third]);
      await assert.rejects(send(early), refused('signatureInvalid'));
      await isGreen('4.0');
      await send(await attach(request, [second, fourth]));
      await isGreen('5.0');
    });
  });
});
