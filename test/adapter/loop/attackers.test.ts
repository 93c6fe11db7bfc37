import assert from 'node:assert/strict';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { walletPublisher, type Address } from '../../../src/core/hex';
import { ledgerKey, type PublisherId } from '../../../src/core/ledger/types';
import type { TrustRule } from '../../../src/core/trust/rules';
import type { Verdict } from '../../../src/core/judging/verdict';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { temporaryFolder } from '../../testbed/program';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import { english } from '../../unit/words/localizers';
import { publisherLabel } from '../../../src/words/publisherText';
import type { LedgerCall, TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const shop = 'registry.example.com/shop';
const web = `${shop}/web:1`;

function code(...codes: readonly ErrorCode[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error, ...codes), String(error));
    return true;
  };
}

/** What somebody who means harm has, what they do with it, and how it ends (design: who may speak, who is believed). */
describe('attackers', () => {
  const folder = temporaryFolder().path;
  const workspace = temporaryFolder().path;
  let engine: Engine;
  let product: Product;
  /** Another network, created by another person, with the same ledger at the same address. */
  let elsewhere: Product;
  let admin: TransactionSigner;
  let signer: TransactionSigner;
  let mallory: TransactionSigner;
  let organization: PublisherId;
  let good: string;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    [admin, signer, mallory] = await Promise.all([testSigner(), testSigner(), testSigner()]);
    product = createProduct({ engineHost: engine.host, folder });
    elsewhere = createProduct({ engineHost: engine.host });
    await product.node.start();
    for (const { address } of [admin, signer, mallory]) await fund(product, address);
    organization = await create('Shop', admin);
    for (const { address } of [admin, signer]) await allow(address);
    await elsewhere.node.start();
    await fund(elsewhere, mallory.address);

    product.rules = [await ruleFor([organization])];
    good = await build('good');
    await sign(web, signer, organization);
    assert.equal((await verdict()).kind, 'verified');
  });
  after(async () => {
    await elsewhere.dispose();
    await product.dispose();
    await engine.dispose();
  });

  async function fund(at: Product, address: Address): Promise<void> {
    at.owner = address;
    const { writer } = await at.ledgers.open();
    await at.node.mineUntil(async () => (await writer.balance(address, never)) > 0n, never);
  }
  async function send(call: LedgerCall, by: TransactionSigner): Promise<`0x${string}`> {
    const plan = await product.transactions.plan(await product.ledgers.open(), call, by.address, never);
    const sent = product.node.mineWhile(() => product.transactions.execute(plan, by, never, () => undefined));
    return (await sent).transaction;
  }
  async function create(name: string, by: TransactionSigner): Promise<PublisherId> {
    const created = await send({ type: 'createOrganization', name }, by);
    return (await product.organizations.created(created, never)) ?? assert.fail('not created');
  }
  async function allow(wallet: Address): Promise<void> {
    await send({ type: 'setSigner', organization, signer: wallet, notBefore: 0, notAfter: 0, scope: '' }, admin);
  }
  async function ruleFor(publishers: readonly PublisherId[], repositories = `${shop}/*`): Promise<TrustRule> {
    const { writer } = await product.ledgers.open();
    const ledger = ledgerKey(writer.ledger);
    return { ledger, repositories, publishers, threshold: 1, accept: 'publish', level: 'warn' };
  }
  async function build(content: string, name = web): Promise<string> {
    await buildImage(engine.docker, name, { files: { motd: content } });
    return (await engine.docker.getImage(name).inspect()).Id;
  }
  async function sign(name: string, by: TransactionSigner, publisher?: PublisherId): Promise<void> {
    const options = { signer: by.address, again: true, ...(publisher !== undefined && { publisher }) };
    const plan = await product.signing.plan([name], options, never);
    await product.node.mineWhile(() => product.signing.execute(plan, by, never, () => undefined));
  }
  async function verdict(name = web): Promise<Verdict> {
    return (await product.verification.verify(name, never)).verdict;
  }
  /** The name is the good image's again. */
  async function restore(): Promise<void> {
    await engine.docker.getImage(good).tag({ repo: `${shop}/web`, tag: '1' });
  }

  it('a squatter, who was first under a name: nobody believes them, and nothing turns red', async () => {
    const name = `${shop}/new:1`;
    await build('theirs', name);
    await sign(name, mallory);
    const theirs = await verdict(name);
    assert.ok(theirs.kind === 'untrusted' && theirs.accepted === 0, theirs.kind);
    await build('ours', name);
    assert.equal((await verdict(name)).kind, 'unsigned');
    await sign(name, signer, organization);
    assert.equal((await verdict(name)).kind, 'verified');
  });

  it('an organization named like another: is told by its id, and believed by nobody', async () => {
    const twin = await create('Shop', mallory);
    assert.notEqual(twin, organization);
    await send(
      { type: 'setSigner', organization: twin, signer: mallory.address, notBefore: 0, notAfter: 0, scope: '' },
      mallory,
    );
    await build('theirs');
    await sign(web, mallory, twin);
    // The accepted publisher says that the name is other content: red, whatever the twin says.
    assert.equal((await verdict()).kind, 'mismatch');
    await build('theirs', `${shop}/other:1`);
    await sign(`${shop}/other:1`, mallory, twin);
    const judged = await verdict(`${shop}/other:1`);
    assert.ok(judged.kind === 'untrusted');
    const [cited] = judged.by;
    assert.notEqual(publisherLabel(cited?.publisher ?? assert.fail(), english), publisherLabel(organization, english));
    await restore();
  });

  it('a look-alike of a repository: is never green, and the one that it imitates is named', async () => {
    const name = 'registry.examp1e.com/shop/web:1';
    await build('theirs', name);
    await sign(name, mallory);
    const [judged] = await product.verification.judgeReferences([{ text: name }], never, { sources: 'engine' });
    assert.equal(judged?.verdict.kind, 'untrusted');
    assert.equal(judged.verdict.coverage, 'none');
    assert.equal(judged.lookAlike?.of, `${shop}/web`);
  });

  it('a request that was altered after it was signed: is refused before anything is sent', async () => {
    const request = await requestFor('altered');
    const signed = await product.requests.sign(request, signer, never);
    const theirs = await requestFor('their content');
    for (const altered of [
      { ...signed, entries: theirs.entries },
      { ...signed, deadline: signed.deadline + 60 },
      { ...signed, signer: mallory.address },
    ]) {
      await assert.rejects(product.requests.plan(altered, mallory.address, never), code('signatureInvalid'));
    }
    await product.requests.plan(signed, mallory.address, never);
    await restore();
  });

  it('a replay on another network: neither transaction nor signature nor request is taken there', async () => {
    const [here, there] = await Promise.all([product.ledgers.open(), elsewhere.ledgers.open()]);
    assert.notEqual(here.writer.ledger.chainId, there.writer.ledger.chainId);
    assert.equal(here.writer.ledger.address, there.writer.ledger.address);
    const request = await requestFor('replayed');
    const signed = await product.requests.sign(request, signer, never);
    const [entry = assert.fail()] = signed.entries;
    const [signature = assert.fail()] = signed.signatures ?? [];

    await assert.rejects(elsewhere.requests.plan(signed, mallory.address, never), code('requestInvalid'));
    const replayed = { entry, signer: signer.address, deadline: signed.deadline, signature };
    const call = { type: 'attestBySignature', signed: replayed } as const;
    await assert.rejects(
      there.writer.estimate(call, mallory.address, never),
      // There is no such organization, and the hash that was signed is of another chain.
      code('signatureInvalid', 'signerNotAllowed'),
    );
    const own = { ...entry, publisher: walletPublisher(mallory.address) };
    const mine: LedgerCall = { type: 'attest', entries: [own] };
    const fee = await here.writer.estimate(mine, mallory.address, never);
    const raw = await here.writer.prepare(mine, fee, mallory, never);
    await assert.rejects(there.writer.broadcast(raw, never), code('transactionRejected'));
    await restore();
  });

  it('an ex-admin whose key was stolen: changes nothing any more', async () => {
    const [former, next] = [admin, await testSigner()];
    await fund(product, next.address);
    await send({ type: 'transferAdmin', organization, newAdmin: next.address }, former);
    await send({ type: 'acceptAdmin', organization }, next);
    const { writer } = await product.ledgers.open();
    const attempts: readonly LedgerCall[] = [
      { type: 'setSigner', organization, signer: mallory.address, notBefore: 0, notAfter: 0, scope: '' },
      { type: 'revokeSigner', organization, signer: signer.address, sinceBlock: 1 },
      { type: 'transferAdmin', organization, newAdmin: mallory.address },
      { type: 'acceptAdmin', organization },
    ];
    for (const call of attempts) {
      await assert.rejects(writer.estimate(call, former.address, never), code('notAdmin'), call.type);
    }
    const { organization: now } = await product.organizations.read(organization, never);
    assert.deepEqual([now.admin, now.pendingAdmin], [next.address, undefined]);
    assert.equal((await verdict()).kind, 'verified');
    // Somebody who was a signer too is one until they are revoked or retired: the wizard and the plan say so.
    await send({ type: 'revokeSigner', organization, signer: former.address, sinceBlock: 1 }, next);
    await assert.rejects(sign(web, former, organization), code('signerNotAllowed'));
    admin = next;
  });

  it('a policy that is swapped after it was accepted: the accepted content stays in force', async () => {
    const name = 'registry.example.com/tools/cli:1';
    const file = join(workspace, 'daochain.policy.json');
    const policy = async (publisher: PublisherId): Promise<string> => {
      const { ledger, repositories, publishers } = await ruleFor([publisher], 'registry.example.com/tools/*');
      return JSON.stringify({ version: 1, rules: [{ ledger, repositories, publishers }] });
    };
    await writeFile(file, await policy(organization));
    product.policies.open([workspace]);
    const offered = await product.policies.status(workspace);
    assert.equal(offered.state, 'offered');
    await build('theirs', name);
    await sign(name, mallory);
    assert.equal((await verdict(name)).coverage, 'none');
    await product.policies.accept(workspace, offered.file ?? assert.fail());
    assert.equal((await verdict(name)).kind, 'untrusted');

    await writeFile(file, await policy(walletPublisher(mallory.address)));
    product.policies.lookAgain();
    assert.equal((await product.policies.status(workspace)).state, 'changed');
    assert.equal((await verdict(name)).kind, 'untrusted');
    await unlink(file);
    product.policies.lookAgain();
    assert.equal((await product.policies.status(workspace)).state, 'missing');
    assert.deepEqual([(await verdict(name)).kind, (await verdict(name)).coverage], ['untrusted', 'warn']);
  });

  it('a signer whose key was stolen: is red from the block of the theft on, for ever, and harms nobody else', async () => {
    const thief = signer;
    const { reader } = await product.ledgers.open();
    const before = (await reader.head(never)).number;
    await build('evil');
    await sign(web, thief, organization);
    assert.equal((await verdict()).kind, 'verified', 'until somebody notices, the thief is the signer');
    const plan = await product.organizations.planRevokeSigner(
      organization,
      thief.address,
      before + 1,
      admin.address,
      never,
    );
    await product.node.mineWhile(() => product.transactions.execute(plan, admin, never, () => undefined));
    const evil = await verdict();
    assert.ok(evil.kind === 'revoked' && evil.by === 'signer', evil.kind);
    await restore();
    assert.equal((await verdict()).kind, 'verified', 'what was signed before the theft stands');

    await assert.rejects(sign(web, thief, organization), code('signerNotAllowed'));
    const { writer } = await product.ledgers.open();
    const back: LedgerCall = {
      type: 'setSigner',
      organization,
      signer: thief.address,
      notBefore: 0,
      notAfter: 0,
      scope: '',
    };
    await assert.rejects(writer.estimate(back, admin.address, never), code('transactionRejected'));
  });

  async function requestFor(content: string): ReturnType<Product['requests']['create']> {
    const name = `${shop}/request:${content.replace(/\W/g, '')}`;
    await build(content, name);
    const plan = await product.signing.plan([name], { signer: signer.address, publisher: organization }, never);
    const { ledger } = (await product.ledgers.open()).writer;
    return product.requests.create(
      { ledger, publisher: organization, entries: plan.entries },
      { signer: signer.address },
      never,
    );
  }
});
