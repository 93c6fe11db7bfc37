import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../src/core/errors';
import { isAlarm, type Verdict } from '../../../src/core/judging/verdict';
import { verdictNextStep, verdictReason } from '../../../src/words/verdictText';
import { ledgerKey, type PublisherId } from '../../../src/core/ledger/types';
import type { RevocationPlan, SigningPlan } from '../../../src/core/plans/signingPlan';
import type { TransactionOutcome } from '../../../src/core/plans/transactionPlan';
import { english } from '../../unit/words/localizers';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { temporaryFolder } from '../../testbed/program';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import { waitFor } from '../../testbed/waitFor';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const repository = 'registry.example.com/shop/web';
const named = (tag: string): string => `${repository}:${tag}`;

describe('signing as an organization on a real chain', () => {
  const folder = temporaryFolder().path;
  let engine: Engine;
  /** Of whoever signs, and of somebody else with an index of their own. */
  let product: Product;
  let reader: Product;
  let admin: TransactionSigner;
  let colleague: TransactionSigner;
  let newcomer: TransactionSigner;
  let organization: PublisherId;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    [admin, colleague, newcomer] = await Promise.all([testSigner(), testSigner(), testSigner()]);
    product = createProduct({ engineHost: engine.host, folder });
    reader = createProduct({ engineHost: engine.host, folder, files: temporaryFolder().path });
    await product.node.start();
    await reader.node.start();
    for (const { address } of [admin, colleague, newcomer]) {
      product.owner = address;
      const { writer } = await product.ledgers.open();
      await product.node.mineUntil(async () => (await writer.balance(address, never)) > 0n, never);
    }
    product.owner = admin.address;
    const created = await product.node.mineWhile(async () =>
      product.transactions.execute(
        await product.organizations.planCreate('Shop', admin.address, never),
        admin,
        never,
        () => undefined,
      ),
    );
    organization = (await product.organizations.created(created.transaction, never)) ?? assert.fail('not created');
    for (const signer of [admin, colleague]) await setSigner(signer);
    const { writer } = await reader.ledgers.open();
    reader.rules = [
      {
        ...{ ledger: ledgerKey(writer.ledger), repositories: 'registry.example.com/shop/*' },
        ...{ publishers: [organization], threshold: 1, accept: 'publish', level: 'warn' },
      },
    ];
  });
  after(async () => {
    await reader.dispose();
    await product.dispose();
    await engine.dispose();
  });

  async function setSigner({ address }: TransactionSigner): Promise<void> {
    const change = { organization, signer: address };
    const plan = await product.organizations.planSetSigner(change, admin.address, never);
    await product.node.mineWhile(() => product.transactions.execute(plan, admin, never, () => undefined));
  }
  const build = (tag: string, content: string): Promise<unknown> =>
    buildImage(engine.docker, named(tag), { files: { motd: content } });
  const plan = (tags: readonly string[], { address }: TransactionSigner): Promise<SigningPlan> =>
    product.signing.plan(tags.map(named), { signer: address, publisher: organization }, never);
  const execute = (planned: SigningPlan | RevocationPlan, signer: TransactionSigner): Promise<TransactionOutcome> =>
    product.node.mineWhile(() => product.signing.execute(planned, signer, never, () => undefined));
  const verdict = async (tag: string): Promise<Verdict> =>
    (await reader.verification.verify(named(tag), never)).verdict;

  it('signs many images in one transaction, under the organization’s name', async () => {
    for (const tag of ['a', 'b', 'c']) await build(tag, tag);
    await execute(await plan(['a', 'b', 'c'], admin), admin);
    const verdicts = await Promise.all(['a', 'b', 'c'].map(verdict));
    for (const each of verdicts) {
      assert.ok(each.kind === 'verified');
      assert.deepEqual(
        each.by.map(({ publisher, signer }) => [publisher, signer]),
        [[organization, admin.address]],
      );
    }
    assert.equal(new Set(verdicts.map((each) => each.kind === 'verified' && each.by[0]?.transaction)).size, 1);
  });

  it('writes none of many where a colleague was faster with one, and names that one', async () => {
    for (const tag of ['a', 'b', 'c']) await build(tag, `new ${tag}`);
    const late = await plan(['a', 'b', 'c'], admin);
    await execute(await plan(['b'], colleague), colleague);
    await assert.rejects(execute(late, admin), (error) => {
      assert.ok(isDaoChainError(error, 'staleLink'), String(error));
      assert.equal(error.details['image'], named('b'));
      return true;
    });
    assert.equal((await verdict('a')).kind, 'mismatch');
    const again = await plan(['a', 'b', 'c'], admin);
    assert.equal(again.entries.length, 2, 'what the colleague signed is the same');
    await execute(again, admin);
    for (const tag of ['a', 'b', 'c']) assert.equal((await verdict(tag)).kind, 'verified');
  });

  it('says before it is priced that a transaction would be larger than any node takes', async () => {
    const [entry = assert.fail('nothing to sign')] = (
      await product.signing.plan([named('a')], { signer: admin.address, publisher: organization, again: true }, never)
    ).entries;
    const { writer } = await product.ledgers.open();
    const entries = Array.from({ length: 300 }, (_, i) => ({ ...entry, tag: `many-${i}` }));
    await assert.rejects(
      writer.estimate({ type: 'attest', entries }, admin.address, never),
      (error) => isDaoChainError(error, 'transactionRejected') && error.details['reason'] === 'tooLarge',
    );
    const half = { type: 'attest', entries: entries.slice(0, 100) } as const;
    await assert.rejects(writer.estimate(half, admin.address, never), (error) => isDaoChainError(error, 'staleLink'));
  });

  it('lets any signer take back what another signed, and readers see it as soon as it is mined', async () => {
    await build('revoked', 'bad');
    await execute(await plan(['revoked'], colleague), colleague);
    assert.equal((await verdict('revoked')).kind, 'verified');
    const options = { signer: admin.address, publisher: organization, reason: 'vulnerable', note: 'CVE-1' } as const;
    const planned = await product.signing.planRevocation(named('revoked'), options, never);
    assert.equal(planned.images[0]?.voided.length, 1);
    const waiting = new AbortController();
    const sent = product.signing.execute(planned, admin, waiting.signal, () => undefined);
    const { writer } = await product.ledgers.open();
    let block = 0;
    await product.node.mineUntil(async () => {
      const pending = (await product.files.list('pending')).map((name) => name.replace('.json', ''));
      const [status] = await Promise.all(pending.map((hash) => writer.status(hash as `0x${string}`, never)));
      if (status?.state === 'mined') ({ block } = status);
      return block > 0;
    }, never);
    const seen = await waitFor('the revocation', async () => {
      const each = await verdict('revoked');
      return each.kind === 'revoked' ? each : undefined;
    });
    assert.ok(isAlarm(seen));
    assert.equal(seen.citation.block, block);
    assert.match(verdictReason(seen, english), /^Revoked by .* vulnerable\. "CVE-1"$/);
    assert.match(verdictNextStep(seen, english), /Stop using this image/);
    waiting.abort();
    await sent;
    await product.node.mineWhile(() => product.transactions.resume(never));
  });

  it('signs again with a new key what only the revoked one had stated, and says that it does', async () => {
    await build('stolen', 'release');
    await execute(await plan(['stolen'], colleague), colleague);
    const revocation = await product.organizations.planRevokeSigner(
      organization,
      colleague.address,
      1,
      admin.address,
      never,
    );
    await product.node.mineWhile(() => product.transactions.execute(revocation, admin, never, () => undefined));
    const revoked = await verdict('stolen');
    assert.ok(revoked.kind === 'revoked' && revoked.by === 'signer');
    await assert.rejects(plan(['stolen'], colleague), (error) => {
      return isDaoChainError(error, 'signerNotAllowed') && error.details['reason'] === 'revoked';
    });
    await assert.rejects(plan(['stolen'], newcomer), (error) => {
      return isDaoChainError(error, 'signerNotAllowed') && error.details['reason'] === 'notSigner';
    });
    await setSigner(newcomer);
    const renewed = await plan(['stolen', 'a', 'b'], newcomer);
    assert.deepEqual(
      renewed.images.map(({ change: { type } }) => type),
      ['restored', 'same', 'restored'],
    );
    await execute(renewed, newcomer);
    for (const tag of ['stolen', 'a', 'b']) assert.equal((await verdict(tag)).kind, 'verified', tag);
  });
});
