import assert from 'node:assert/strict';
import { toHex } from '../../../../src/core/hex';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import { leafOf } from '../../../../src/core/ledger/release';
import type { SignerScope } from '../../../../src/core/ledger/signerScope';
import { createRequest } from '../../../../src/core/ledger/signingRequest';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import type { Statement } from '../../../../src/core/ledger/types';
import { checkedLines } from '../../../../src/words/requestText';
import { SigningRequests } from '../../../../src/services/signing/signingRequests';
import type { SigningPlan } from '../../../../src/core/plans/signingPlan';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { MemoryStore } from '../memoryStore';
import { acme, alice, image, isCode, never, repository, Window } from '../serviceWorld';
import type { CheckedRequest } from '../../../../src/core/plans/requestPlan';

const one = imageOf('one');
const arm = imageOf('one', { platform: 'linux/arm64' });

function requestsOf(window: Window): SigningRequests {
  const { ledgers, transactions } = window;
  return new SigningRequests({
    ...{ ledgers, transactions, clock: () => window.now },
    recovery: { recover: () => Promise.resolve(alice.address) },
  });
}

describe('a signing request beside the ledger', () => {
  let world: Window;
  let requests: SigningRequests;
  beforeEach(() => {
    world = new Window();
    world.engine.add(image, one);
    requests = requestsOf(world);
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  /** Whoever checks has a machine of their own, which has read nothing yet. */
  const elsewhere = (): void => {
    const { chain, organizations, writer, engine, registry, turns } = world;
    world = new Window({ chain, organizations, writer, engine, registry, turns, store: new MemoryStore() });
    requests = requestsOf(world);
  };
  const planned = (name = image): Promise<SigningPlan> =>
    world.signing.plan([name], { signer: alice.address, asRequest: true }, never);
  const check = ({ entries }: Pick<SigningPlan, 'entries'>): Promise<CheckedRequest> => {
    const deadline = world.now / 1000 + 3600;
    return requests.check(createRequest(world.chain.ledger, acme, entries, { deadline }), never);
  };
  const stating = async (statement: Statement): Promise<Pick<SigningPlan, 'entries'>> => {
    const [signed = assert.fail('a plan has an image')] = (await planned()).images;
    return { entries: [{ ...signed.entry, body: toHex(encodeStatement(statement)) }] };
  };

  it('is refused where it carries what no entry there states, because nobody would read it', async () => {
    await world.sign();
    const carried = { ...leafOf(arm), carried: { content: true } } as const;
    const { refusal } = await check(await stating({ leaves: [leafOf(imageOf('two')), carried] }));
    assert.ok(isCode('requestInvalid')(refusal));
    assert.equal(refusal?.details['reason'], 'carried');
    world.engine.add(image, arm);
    const honest = await planned();
    assert.deepEqual(honest.images[0]?.statement.leaves[0]?.carried, { content: true });
    assert.equal((await check(honest)).refusal, undefined);
  });

  it('is refused for a signer whose scope leaves it out, before anybody signs it', async () => {
    const organization = `0x${'0a'.repeat(32)}` as const;
    const speaker = { signer: alice.address, publisher: organization, asRequest: true };
    world.organizations.put({ id: organization, name: 'Acme', admin: alice.address });
    world.chain.setSlot(organization, alice.address, { notBefore: 1, isScoped: true }).mine();
    const { entries } = await world.signing.plan([image], speaker, never);
    const deadline = world.now / 1000 + 3600;
    const request = createRequest(world.chain.ledger, organization, entries, { deadline, signer: alice.address });
    const refusalFor = async (scope: SignerScope) => {
      world.organizations.scopes.clear();
      world.organizations.putSigner(organization, alice.address, {}, scope);
      return (await requests.check(request, never)).refusal;
    };
    assert.equal(await refusalFor(repository), undefined);
    const refusal = await refusalFor('registry.example.com/elsewhere/');
    assert.ok(isCode('signerNotAllowed')(refusal));
    assert.deepEqual([refusal?.details['reason'], refusal?.details['repository']], ['outsideScope', repository]);
    // Where nobody here knows the scope, the ledger decides.
    assert.equal(await refusalFor(null), undefined);
  });

  it('is the same release, whoever states it', async () => {
    await world.sign();
    const [entry] = (await check(await stating({ leaves: [leafOf(one)] }))).entries;
    assert.equal(entry?.change, 'same');
  });

  it('is checked by a node that has read nothing of what it replaces, or takes back', async () => {
    await world.sign();
    world.engine.add(image, imageOf('two'));
    const replacing = await planned();
    const { signing } = world;
    const options = { signer: alice.address, reason: 'vulnerable', note: '', asRequest: true } as const;
    for (const asked of [replacing, await signing.planRevocation(image, options, never)]) {
      elsewhere();
      const { refusal, entries } = await check(asked);
      assert.equal(refusal, undefined);
      assert.equal(entries[0]?.change, asked === replacing ? 'changed' : undefined);
    }
  });

  it('says that it makes valid again what was taken back under every name', async () => {
    await world.sign();
    const options = { signer: alice.address, reason: 'vulnerable', note: '' } as const;
    const revocation = await world.signing.planRevocation(image, { ...options, asRequest: true }, never);
    const asked = await check(revocation);
    assert.equal(asked.refusal, undefined);
    const text = checkedLines(asked, english).join('\n');
    assert.match(text, /statement #0/);
    assert.match(text, new RegExp(`Revoke under every name: content ${contentTag(one)}`));
    assert.doesNotMatch(text, /has no such statement/);

    const plan = await world.signing.planRevocation(image, options, never);
    await world.signing.execute(plan, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
    const other = `${repository}:other`;
    world.engine.add(other, one);
    const [release, lifting, ...more] = (await check(await planned(other))).entries;
    assert.deepEqual(more, []);
    assert.deepEqual([release?.change, lifting?.change], ['restored', undefined]);
    const [restored] = checkedLines(await check(await planned(other)), english).filter((line) =>
      line.startsWith('Make'),
    );
    assert.equal(restored, `Make valid again under every name: content ${contentTag(one)}`);

    // A node that keeps back what was taken back is not believed that nothing was.
    const again = await planned(other);
    world.chain.lie = ({ attested, signers }) => ({
      attested: attested.filter((each) => each.repository !== contentRepository),
      signers,
    });
    elsewhere();
    await assert.rejects(check({ entries: again.entries.slice(0, 1) }), isCode('ledgerInconsistent'));
  });
});
