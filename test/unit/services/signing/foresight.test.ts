import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { PublisherId } from '../../../../src/core/ledger/types';
import type { Verdict } from '../../../../src/core/judging/verdict';
import { isDaoChainError } from '../../../../src/core/errors';
import { foreseenText } from '../../../../src/words/planText';
import type { Foreseen, RevocationPlan, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { OrganizationNames } from '../../../../src/services/organizations/organizationNames';
import { Foresight } from '../../../../src/services/signing/foresight';
import { foreseenTexts } from '../../../../src/words/requestText';
import { SigningRequests } from '../../../../src/services/signing/signingRequests';
import { VouchService } from '../../../../src/services/signing/vouchService';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, mallory, never, repository, ruleOf, stranger, Window } from '../serviceWorld';
import type { RequestPlan } from '../../../../src/core/plans/requestPlan';

const ignore = (): void => undefined;
const organization: PublisherId = `0x${'0a'.repeat(32)}`;
const other = `${repository}:other`;
const contents = {
  one: imageOf('one'),
  two: imageOf('two'),
  checked: imageOf('one', { healthcheck: ['CMD', 'true'] }),
};
type Plan = SigningPlan | RevocationPlan;

class Publisher extends Window {
  readonly names = new OrganizationNames(this.followed, { debug: ignore, info: ignore, warn: ignore, error: ignore });
  readonly foresight = new Foresight(this);
  readonly vouches = new VouchService(this);

  constructor() {
    super();
    this.organizations.put({ id: organization, name: 'Acme', admin: alice.address });
    this.chain.setSlot(organization, alice.address, { notBefore: 1 }).mine();
    this.engine.add(image, contents.one);
    this.engine.add(other, contents.two);
  }

  async send(plan: Plan): Promise<void> {
    if (plan.call === undefined) return;
    const signer = plan.signer === alice.address ? alice : mallory;
    await this.signing.execute(plan, signer, never, ({ stage }) => {
      if (stage === 'broadcast') this.writer.mine(3);
    });
  }

  foretell<P extends Plan>(plan: P): Promise<P> {
    return this.foresight.foretell(plan, never);
  }
}

async function only(plan: Promise<Plan>): Promise<Foreseen> {
  const [first, ...more] = (await plan).foreseen ?? [];
  assert.ok(first !== undefined && more.length === 0);
  return first;
}

/** What a verdict says, without the blocks and transactions that nobody can foresee. */
function said(verdict: Verdict): unknown {
  const unforeseen = ['asOf', 'transaction', 'block', 'time', 'position'];
  return JSON.parse(JSON.stringify(verdict, (key, value: unknown) => (unforeseen.includes(key) ? undefined : value)));
}

describe('foretelling what a plan does to the reader’s verdict', () => {
  let world: Publisher;
  beforeEach(() => {
    world = new Publisher();
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  const plan = (publisher: PublisherId = acme, names: readonly string[] = [image]): Promise<SigningPlan> =>
    world.signing.plan(names, { signer: alice.address, publisher }, never).then((made) => world.foretell(made));

  it('says that an image will be verified', async () => {
    const { now, then } = await only(plan());
    assert.deepEqual([now.kind, then.kind], ['unsigned', 'verified']);
    assert.equal((await world.verdict()).kind, 'unsigned');
    assert.equal(world.writer.received.length, 0);
  });

  it('says that a rebuilt image stays red when an organization signs that the rule does not name', async () => {
    await world.sign();
    world.engine.add(image, contents.two);
    const planned = await plan(organization);
    const foreseen = await only(Promise.resolve(planned));
    assert.deepEqual([foreseen.now.kind, foreseen.then.kind, foreseen.named], ['mismatch', 'mismatch', [acme]]);
    const text = foreseenText(foreseen, planned, english);
    assert.match(text ?? '', /^For you it stays: Rebuilt since signed\./);
    assert.match(text ?? '', /Your rule trusts your wallet here, not Acme \(0x0a0a/);
    await world.send(planned);
    assert.equal((await world.verdict()).kind, 'mismatch');
  });

  it('calls the organization that the rule names by its name, and by its whole id', async () => {
    world.rules = [ruleOf(world.chain, [organization])];
    const planned = await plan();
    const text = foreseenText(await only(Promise.resolve(planned)), planned, english);
    assert.match(text ?? '', new RegExp(`Your rule trusts Acme \\(${organization}\\) here, not your wallet`));
  });

  it('tells of a request that is sent what it does to the images that are here, and nothing of others', async () => {
    const requests = new SigningRequests({
      ...{ ledgers: world.ledgers, transactions: world.transactions, clock: () => world.now },
      recovery: { recover: () => Promise.resolve(alice.address) },
    });
    const sending = async (publisher: PublisherId): Promise<RequestPlan> => {
      const made = await world.signing.plan(
        [image, other],
        { signer: alice.address, publisher, asRequest: true },
        never,
      );
      const request = await requests.create(made, { signer: alice.address }, never);
      const signatures = request.entries.map(() => `0x${'11'.repeat(65)}` as const);
      const plan = await requests.plan({ ...request, signatures }, mallory.address, never);
      return world.foresight.foretellRequest(plan, never);
    };
    const told = await sending(acme);
    assert.deepEqual(
      told.foreseen?.map(({ now, then }) => [now.kind, then.kind]),
      [
        ['unsigned', 'verified'],
        ['unsigned', 'verified'],
      ],
    );
    for (const text of foreseenTexts(told, english)) assert.match(text, /^\S+: For you it will be: Verified\. ?/);

    const others = await sending(organization);
    assert.match(foreseenTexts(others, english)[0] ?? '', /Your rule trusts .* here, not Acme/);

    for (const { id } of (await world.engine.list()).images) world.engine.remove(id);
    assert.deepEqual((await world.foresight.foretellRequest(told, never)).foreseen, []);
  });

  it('says so of what is signed already, too', async () => {
    await world.send(await plan(organization));
    const again = await plan(organization);
    assert.equal(again.call, undefined);
    assert.deepEqual((await only(Promise.resolve(again))).named, [acme]);
  });

  it('names nobody where no rule takes this kind of word', async () => {
    world.rules = [ruleOf(world.chain, [stranger], { accept: 'vouch' })];
    assert.deepEqual((await only(plan())).named, []);
  });

  it('tells of an image that is taken back what is left of it', async () => {
    world.rules = [ruleOf(world.chain, [acme]), ruleOf(world.chain, [organization])];
    await world.send(await plan());
    const revocation = await world.foretell(
      await world.signing.planRevocation(
        image,
        { signer: alice.address, publisher: acme, reason: 'mistake', note: '' },
        never,
      ),
    );
    assert.equal((await only(Promise.resolve(revocation))).then.kind, 'revoked');
    world.engine.remove(contents.one.configDigest ?? assert.fail('has a config'));
    const absent = await only(world.foretell(revocation));
    assert.equal(foreseenText(absent, revocation, english), undefined);
  });

  it('tells of several images each, and of what they do to each other', async () => {
    world.engine.add(other, contents.one);
    const { foreseen = [] } = await plan(acme, [image, other]);
    assert.deepEqual(
      foreseen.map(({ reference, then }) => [reference.text, then.kind]),
      [
        [image, 'verified'],
        [other, 'verified'],
      ],
    );
  });

  it('judges what a registry has by the digest that is signed', async () => {
    const { digest } = world.registry.push(image, contents.one);
    const made = await world.signing.planFromRegistry(image, { signer: alice.address }, never);
    const { then } = await only(world.foretell(made));
    assert.deepEqual([then.kind, made.images[0]?.registry?.digest], ['verified', digest]);
  });

  it('is right in every small world', async function () {
    this.timeout(120_000);
    const publishers = fc.constantFrom(acme, organization, stranger);
    const action = fc.record({
      what: fc.constantFrom('sign', 'sign', 'signBoth', 'vouch', 'mistake', 'compromised'),
      publisher: publishers,
      name: fc.constantFrom(image, image, other),
      content: fc.constantFrom('one', 'two', 'checked'),
    } as const);
    const rule = fc.record({
      accepted: fc.uniqueArray(publishers, { minLength: 1 }),
      threshold: fc.constantFrom(1, 1, 2),
      accept: fc.constantFrom('publish', 'publish', 'vouch'),
    } as const);
    const isNothingToSay = (error: unknown): undefined => {
      if (isDaoChainError(error, 'statementNotFound')) return undefined;
      throw error;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 5 }),
        fc.array(rule, { maxLength: 2 }),
        async (actions, rules) => {
          const window = new Publisher();
          window.rules = rules.map(({ accepted, threshold, accept }) =>
            ruleOf(window.chain, accepted, { threshold: Math.min(threshold, accepted.length), accept }),
          );
          for (const { what, publisher, name, content } of actions) {
            const { address: signer } = publisher === stranger ? mallory : alice;
            const speaker = { signer, publisher };
            if (what !== 'mistake' && what !== 'compromised') window.engine.add(name, contents[content]);
            const makePlan = (): Promise<Plan> => {
              if (what === 'sign') return window.signing.plan([name], speaker, never);
              if (what === 'signBoth') return window.signing.plan([image, other], speaker, never);
              if (what === 'vouch') return window.vouches.plan(name, speaker, never);
              return window.signing.planRevocation(name, { ...speaker, reason: what, note: '' }, never);
            };
            const made = await makePlan().catch(isNothingToSay);
            if (made === undefined) continue;
            const told = await window.foretell(made);
            await window.send(told);
            for (const { reference, then } of told.foreseen ?? []) {
              const { verdict } = await window.judged(reference.text, undefined, { sources: 'engine' });
              assert.deepEqual(said(then), said(verdict));
            }
            assert.equal(told.foreseen?.length, told.images.length);
          }
          window.transactions.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });
});
