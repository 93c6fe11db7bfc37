import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import { contentRepository } from '../../../../src/core/ledger/contentName';
import type { SignerScope } from '../../../../src/core/ledger/signerScope';
import type { PublisherId, SignerSlot } from '../../../../src/core/ledger/types';
import type { PlanOptions } from '../../../../src/services/signing/signingService';
import type { RevocationPlan, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { wallet } from '../fakeLedger';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { fakeSigner } from '../fakeWriter';
import { acme, alice, image, isCode, mallory, never, repository, ruleOf, until, Window } from '../serviceWorld';
import type { TransactionSigner } from '../../../../src/core/ports/ledger';

const organization: PublisherId = `0x${'0a'.repeat(32)}`;
const bob = fakeSigner(wallet(0xb0b));
const one = imageOf('one');
const two = imageOf('two');

describe('signing as an organization', () => {
  let world: Window;

  const set = (signer: TransactionSigner, slot: Partial<SignerSlot> = {}): void => {
    world.chain.setSlot(organization, signer.address, { notBefore: 1, ...slot }).mine();
  };
  const plan = (signer = alice, options: Partial<PlanOptions> = {}): Promise<SigningPlan> =>
    world.signing.plan([image], { signer: signer.address, publisher: organization, ...options }, never);
  const execute = (planned: SigningPlan | RevocationPlan, signer = alice): Promise<unknown> =>
    world.signing.execute(planned, signer, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
  const revoke = async (signer = alice): Promise<unknown> =>
    execute(
      await world.signing.planRevocation(
        image,
        { signer: signer.address, publisher: organization, reason: 'compromised', note: '' },
        never,
      ),
      signer,
    );

  beforeEach(() => {
    world = new Window();
    world.rules = [ruleOf(world.chain, [organization])];
    world.organizations.put({ id: organization, name: 'Acme', admin: mallory.address });
    set(alice);
    set(bob);
    world.engine.add(image, one);
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  it('says it in the name of the organization, which has a history of its own', async () => {
    await world.sign();
    const planned = await plan();
    assert.deepEqual([planned.publisher, planned.publisherName, planned.signer], [organization, 'Acme', alice.address]);
    assert.equal(planned.images[0]?.change.type, 'first');
    assert.equal(planned.entries[0]?.publisher, organization);
    await execute(planned);
    const verdict = await world.verdict();
    assert.equal(verdict.kind, 'verified');
    assert.deepEqual(
      verdict.by.map(({ publisher, signer }) => [publisher, signer]),
      [[organization, alice.address]],
    );
    assert.equal((await world.signing.plan([image], { signer: alice.address }, never)).publisher, acme);
  });

  it('goes on from what a colleague has signed', async () => {
    await execute(await plan(bob), bob);
    assert.deepEqual((await plan()).entries, []);
    world.engine.add(image, two);
    assert.equal((await plan()).images[0]?.change.type, 'changed');
  });

  for (const [reason, slot, sentence] of [
    ['notSigner', { notBefore: 0 }, /not a signer of that publisher/],
    ['notYet', { notBefore: 4_000_000_000 }, /has not begun/],
    ['retired', { notAfter: 2 }, /is over/],
    ['revoked', { voidFrom: 1 }, /revoked/],
  ] as const) {
    it(`is refused before anything is read, with the reason: ${reason}`, async () => {
      set(alice, slot);
      world.engine.calls = [];
      await assert.rejects(plan(), (error) => {
        assert.ok(isDaoChainError(error, 'signerNotAllowed'));
        assert.equal(error.details['reason'], reason);
        assert.match(errorText(error, english), sentence);
        return true;
      });
      assert.deepEqual(world.engine.calls, []);
    });
  }

  it('is refused once the window is over by the clock, though no block has come since', async () => {
    const { time } = await world.chain.head(never);
    set(alice, { notAfter: time + 1000 });
    world.now = (time + 900) * 1000;
    await plan();
    world.now = (time + 1001) * 1000;
    await assert.rejects(plan(), isCode('signerNotAllowed'));
  });

  it('is refused for an organization that does not exist, and for somebody else’s wallet', async () => {
    const other: PublisherId = `0x${'0b'.repeat(32)}`;
    await assert.rejects(plan(alice, { publisher: other }), isCode('organizationNotFound'));
    await assert.rejects(plan(mallory, { publisher: acme }), isCode('signerNotAllowed'));
  });

  it('leaves revoking to a wallet that has ended', async () => {
    await world.sign();
    world.chain.setSlot(acme, alice.address, { notAfter: 1 }).mine();
    world.engine.add(image, two);
    await assert.rejects(world.signing.plan([image], { signer: alice.address }, never), isCode('signerNotAllowed'));
    const options = { signer: alice.address, reason: 'mistake', note: '' } as const;
    assert.equal((await world.signing.planRevocation(image, options, never)).entries.length, 1);
  });

  describe('after a key was stolen', () => {
    const steal = async (): Promise<void> => {
      await execute(await plan());
      world.engine.add(image, two);
      await execute(await plan(bob), bob);
      set(bob, { voidFrom: world.chain.height - 2 });
    };

    it('goes on from what the others have signed, and turns the thief’s content red', async () => {
      await steal();
      assert.equal((await world.verdict()).kind, 'revoked');
      world.engine.add(image, one);
      assert.equal((await world.verdict()).kind, 'verified');
      assert.deepEqual((await plan()).entries, []);
    });

    it('states again what only the revoked key had stated, and says so', async () => {
      await execute(await plan(bob), bob);
      set(bob, { voidFrom: 1 });
      assert.equal((await world.verdict()).kind, 'revoked');
      const planned = await plan();
      assert.equal(planned.images[0]?.change.type, 'restored');
      await execute(planned);
      assert.equal((await world.verdict()).kind, 'verified');
    });

    it('is no rebuild of one’s own, though the thief speaks for the reader’s organization', async () => {
      world.own = [alice.address];
      await execute(await plan(bob), bob);
      world.engine.add(image, two);
      const theirs = await world.verdict();
      assert.equal(theirs.kind === 'mismatch' && theirs.cause, 'content');
    });

    it('is one where the reader’s own wallet has signed', async () => {
      await execute(await plan());
      world.engine.add(image, two);
      const own = await world.verdict();
      assert.equal(own.kind === 'mismatch' && own.cause, 'rebuilt');
    });
  });

  it('lets any signer take back what another has signed', async () => {
    await execute(await plan(bob), bob);
    await revoke();
    const verdict = await world.verdict();
    assert.equal(verdict.kind, 'revoked');
    assert.equal(verdict.by === 'revocation' && verdict.citation.signer, alice.address);
    await assert.rejects(revoke(mallory), isCode('signerNotAllowed'));
  });

  it('says what a revocation takes back', async () => {
    const arm = imageOf('one', { platform: 'linux/arm64' });
    world.engine.add(image, arm);
    await execute(await plan());
    world.engine.add(image, one);
    await execute(await plan(bob), bob);
    const { images } = await world.signing.planRevocation(
      image,
      { signer: alice.address, publisher: organization, reason: 'mistake', note: '', statement: 0 },
      never,
    );
    assert.deepEqual(
      images[0]?.voided.map(({ configDigest }) => configDigest),
      [arm.configDigest],
    );
    assert.deepEqual(
      images[0].affected.map(({ position }) => position),
      [0, 1],
    );
  });
});

describe('signing within a scope', () => {
  const [inside, outside] = ['registry.example.com/acme/web', 'registry.example.com/acme/webshop'];
  const scope = inside;
  let world: Window;

  const setScope = (known: SignerScope = scope): void => {
    const slot = { notBefore: 1, isScoped: true };
    world.chain.setSlot(organization, alice.address, slot).mine();
    world.organizations.putSigner(organization, alice.address, slot, known);
  };
  const speaker = { signer: alice.address, publisher: organization };
  const plan = (names: readonly string[], options: Partial<PlanOptions> = {}): Promise<SigningPlan> =>
    world.signing.plan(names, { ...speaker, ...options }, never);
  const isOutside =
    (repositoryOutside: string, sentence: RegExp) =>
    (error: unknown): boolean => {
      assert.ok(isDaoChainError(error, 'signerNotAllowed'), String(error));
      assert.equal(error.details['reason'], 'outsideScope');
      assert.deepEqual([error.details['scope'], error.details['repository']], [scope, repositoryOutside]);
      assert.match(errorText(error, english), sentence);
      return true;
    };

  beforeEach(() => {
    world = new Window();
    world.organizations.put({ id: organization, name: 'Acme', admin: mallory.address });
    setScope();
    for (const name of [inside, `${inside}/api`, outside]) world.engine.add(`${name}:1.0`, imageOf(name));
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  it('takes what is inside', async () => {
    assert.equal((await plan([`${inside}:1.0`, `${inside}/api:1.0`])).entries.length, 2);
  });

  it('is refused outside before anything is read or priced, in a sentence that tells the scope', async () => {
    const told = isOutside(
      outside,
      /only for registry\.example\.com\/acme\/web and what is below it.*webshop is outside/,
    );
    world.engine.calls = [];
    await assert.rejects(plan([`${outside}:1.0`]), told);
    const options = { ...speaker, reason: 'mistake', note: '' } as const;
    await assert.rejects(world.signing.planRevocation(`${outside}:1.0`, options, never), told);
    await assert.rejects(world.signing.planCompletion(`${outside}:1.0`, speaker, never), told);
    await assert.rejects(world.signing.planFromRegistry(`${outside}:1.0`, speaker, never), told);
    assert.deepEqual([world.engine.calls, world.writer.calls], [[], []]);
  });

  it('leaves out of several images those that are outside, and says so', async () => {
    const { entries, skipped } = await plan([`${outside}:1.0`, `${inside}:1.0`]);
    assert.deepEqual(
      entries.map(({ repository: each }) => each),
      [inside],
    );
    assert.deepEqual(
      skipped.map(({ name, error: { code, details } }) => [name, code, details['reason']]),
      [[`${outside}:1.0`, 'signerNotAllowed', 'outsideScope']],
    );
  });

  it('takes nothing back under every name, which reaches beyond any scope', async () => {
    const planned = await plan([`${inside}:1.0`]);
    await world.signing.execute(planned, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
    const revoke = (reason: 'compromised' | 'mistake'): Promise<RevocationPlan> =>
      world.signing.planRevocation(`${inside}:1.0`, { ...speaker, reason, note: '' }, never);
    await assert.rejects(revoke('compromised'), isOutside(contentRepository, /choose another reason/));
    assert.equal((await revoke('mistake')).entries.length, 1);
  });

  it('is told of where the admin set it while an entry waited, also to a window that nobody waits in', async () => {
    for (const [slot, told] of [
      [{ isScoped: true }, isOutside(outside, /outside of that. Its admin can change it/)],
      [
        { voidFrom: 1 },
        (error: unknown) => isDaoChainError(error, 'signerNotAllowed') && error.details['reason'] === 'revoked',
      ],
      [{}, isCode('staleLink')],
    ] as const) {
      world = new Window();
      world.organizations.put({ id: organization, name: 'Acme', admin: mallory.address });
      world.organizations.putSigner(organization, alice.address, { isScoped: true }, scope);
      world.chain.setSlot(organization, alice.address, { notBefore: 1 }).mine();
      world.engine.add(`${outside}:1.0`, imageOf(outside));
      const waiting = new AbortController();
      const outcome = world.signing.execute(await plan([`${outside}:1.0`]), alice, waiting.signal, ({ stage }) => {
        if (stage === 'broadcast') waiting.abort();
      });
      assert.equal((await outcome).state, 'waiting');
      world.chain.setSlot(organization, alice.address, { notBefore: 1, ...slot });
      world.writer.refuses = true;
      world.writer.mine();
      await until('told', () => world.lost.length > 0);
      assert.ok(told(world.lost[0]), String(world.lost[0]));
      world.transactions.dispose();
    }
  });

  it('is decided by the ledger where the text of the scope is not known, or who will sign', async () => {
    setScope(null);
    world.organizations.scopes.clear();
    assert.equal((await plan([`${outside}:1.0`])).entries.length, 1);
    setScope();
    assert.equal((await plan([`${outside}:1.0`], { asRequest: true })).entries.length, 1);
  });
});

describe('signing many images', () => {
  const names = ['a', 'b', 'c'].map((tag) => `${repository}:${tag}`);
  let world: Window;
  beforeEach(() => {
    world = new Window();
    for (const name of names) world.engine.add(name, imageOf(name));
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  const plan = (more: readonly string[] = []): Promise<SigningPlan> =>
    world.signing.plan([...names, ...more], { signer: alice.address }, never);
  const send = (planned: SigningPlan): Promise<unknown> =>
    world.signing.execute(planned, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });

  it('is one transaction', async () => {
    await send(await plan());
    assert.equal(world.writer.received.length, 1);
    for (const name of names) assert.equal((await world.verdict(name)).kind, 'verified');
  });

  it('leaves out what cannot be signed, and names it with the reason', async () => {
    const nameless = one.configDigest ?? assert.fail('an image has a config');
    const { skipped, entries } = await plan([nameless, `${repository}:gone`, 'No Name']);
    assert.equal(entries.length, 3);
    assert.deepEqual(
      skipped.map(({ name, error: { code } }) => [name, code]),
      [
        [nameless, 'imageWithoutName'],
        ['No Name', 'referenceInvalid'],
        [`${repository}:gone`, 'imageNotFound'],
      ],
    );
  });

  it('is refused where nothing is left to sign', async () => {
    await assert.rejects(
      world.signing.plan([`${repository}:gone`], { signer: alice.address }, never),
      isCode('imageNotFound'),
    );
  });

  it('writes none where this wallet signed one elsewhere meanwhile, and names that one', async () => {
    const planned = await plan();
    await world.sign(names[1]);
    await assert.rejects(send(planned), (error) => {
      assert.ok(isDaoChainError(error, 'staleLink'));
      assert.equal(error.details['image'], names[1]);
      assert.equal(
        errorText(error, english),
        `This wallet has signed ${repository}:b in the meantime, from another command or machine. Nothing more was written.`,
      );
      return true;
    });
    assert.equal(world.writer.received.length, 1);
  });

  it('names it too where that showed only after it was sent', async () => {
    const planned = await plan();
    const [, stale] = planned.entries;
    assert.ok(stale);
    const outcome = world.signing.execute(planned, alice, never, ({ stage }) => {
      if (stage !== 'broadcast') return;
      world.chain.attest({ ...stale, signer: alice.address }).mine();
      world.writer.mine(3);
    });
    await assert.rejects(outcome, (error) => {
      assert.ok(isDaoChainError(error, 'staleLink'));
      return error.details['image'] === names[1];
    });
  });
});
