import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex, walletPublisher, type Hex } from '../../../../src/core/hex';
import { sha256Digest } from '../../../../src/core/image/digest';
import type { ReleaseChange } from '../../../../src/core/ledger/release';
import { encodeRevocation } from '../../../../src/core/ledger/revocation';
import { decodeStatement, encodeStatement, statementHash } from '../../../../src/core/ledger/statement';
import type { PlanOptions } from '../../../../src/services/signing/signingService';
import type { PlannedImage, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { wallet } from '../fakeLedger';
import { imageOf } from '../fakeEngine';
import { fakeSigner } from '../fakeWriter';
import { acme, alice, image, isCode, mallory, never, repository, tag, until, Window } from '../serviceWorld';
import type { TransactionSigner } from '../../../../src/core/ports/ledger';

const one = imageOf('one');
const two = imageOf('two');
const arm = imageOf('one', { platform: 'linux/arm64' });

function planIn(
  world: Window,
  names: readonly string[] = [image],
  options: Partial<PlanOptions> = {},
): Promise<SigningPlan> {
  return world.signing.plan(names, { signer: alice.address, ...options }, never);
}

async function plannedIn(world: Window, options: Partial<PlanOptions> = {}): Promise<PlannedImage> {
  const { images } = await planIn(world, [image], options);
  return images[0] ?? assert.fail('a plan has an image');
}

async function assertChange(world: Window, change: ReleaseChange, platforms: readonly string[]): Promise<void> {
  const planned = await plannedIn(world);
  assert.equal(planned.change.type, change);
  const { leaves } = planned.statement;
  assert.deepEqual(
    leaves.map(({ platform: { architecture } }) => architecture),
    platforms,
  );
  assert.deepEqual(decodeStatement(fromHex(planned.entry.body)), planned.statement);
}

function execute(world: Window, plan: SigningPlan, signer: TransactionSigner = alice): Promise<unknown> {
  return world.signing.execute(plan, signer, never, ({ stage }) => {
    if (stage === 'broadcast') world.writer.mine(3);
  });
}

describe('planning a signature', () => {
  let world: Window;
  beforeEach(() => {
    world = new Window();
    world.engine.add(image, one);
  });

  it('reads the bytes, and says the image, its place in the ledger and the price', async () => {
    const plan = await planIn(world);
    const planned = plan.images[0] ?? assert.fail('a plan has an image');
    assert.equal(planned.configDigest, one.configDigest);
    assert.equal(planned.platform, 'linux/amd64');
    assert.deepEqual(planned.entry, {
      ...{ publisher: acme, previous: `0x${'0'.repeat(40)}`, kind: 'publish', validUntil: 0, repository, tag },
      body: toHex(encodeStatement(planned.statement)),
    });
    assert.deepEqual(plan.entries, [planned.entry]);
    assert.deepEqual(plan.fee, { gas: 100n, gasPrice: 10n, cost: 1000n, balance: world.writer.funds });
    assert.equal(plan.missing, 0n);
    assert.equal(plan.ledgerKind, 'team');
    assert.deepEqual(world.writer.received, []);
    assert.deepEqual(world.files('pending'), []);
  });

  it('says how much is missing', async () => {
    world.writer.funds = 400n;
    assert.equal((await planIn(world)).missing, 600n);
  });

  it('takes the image that the tag named at first, even if it moves while it is read', async () => {
    world.engine.beforeAnswer = (call) => {
      if (call.startsWith('read')) world.engine.add(image, two);
    };
    const plan = await planIn(world);
    assert.equal(plan.images[0]?.configDigest, one.configDigest);
    await assert.rejects(execute(world, plan), isCode('imageChanged'));
  });

  it('is the first signature, then the same, then a change whose fields it names', async () => {
    await assertChange(world, 'first', ['amd64']);
    await world.sign();
    await assertChange(world, 'same', ['amd64']);
    world.engine.add(image, imageOf('one', { env: ['A=1'] }));
    const { change } = await plannedIn(world);
    assert.deepEqual(change, { type: 'changed', differences: ['Env'] });
  });

  it('names what changed even where only a docker-only field did', async () => {
    await world.sign();
    world.engine.add(image, imageOf('one', { healthcheck: ['CMD', 'true'] }));
    for (let looks = 0; looks < 2; looks++) {
      assert.deepEqual((await plannedIn(world)).change, { type: 'changed', differences: ['Healthcheck'] });
    }
  });

  it('has nothing to send for what is signed already, at no price, unless asked for', async () => {
    await world.sign();
    world.writer.funds = 0n;
    const plan = await planIn(world);
    assert.deepEqual([plan.entries, plan.fee.cost, plan.missing], [[], 0n, 0n]);
    await assert.rejects(execute(world, plan), isCode('invalidInput'));
    const again = await planIn(world, [image], { again: true });
    assert.equal(again.entries.length, 1);
    assert.equal(again.images[0]?.change.type, 'same');
  });

  it('carries other platforms forward, or drops them', async () => {
    world.engine.add(image, arm);
    await world.sign();
    world.engine.add(image, one);
    await assertChange(world, 'added', ['amd64', 'arm64']);
    const { statement } = await plannedIn(world, { alone: true });
    assert.equal(statement.leaves.length, 1);
  });

  it('says that all was revoked, and that the same content would be valid again', async () => {
    await world.sign();
    const { body } = (await plannedIn(world)).entry;
    world.chain.attest({ signer: alice.address, repository, tag, kind: 'revoke', body: revocationOf(body) }).mine(3);
    await assertChange(world, 'restored', ['amd64']);
    world.engine.add(image, two);
    await assertChange(world, 'renewed', ['amd64']);
    await world.sign();
    assert.equal((await world.verdict()).kind, 'verified');
    world.engine.add(image, one);
    assert.equal((await world.verdict()).kind, 'revoked');
  });

  it('follows what was signed in between, final or not', async () => {
    world.chain.attest({ signer: alice.address, repository, tag, content: 'another machine' }).mine();
    const { entry } = await plannedIn(world);
    assert.equal(entry.previous, world.chain.link(acme, repository, tag).slice(0, 42));
  });

  it('puts several images into one transaction, each name once', async () => {
    const other = 'registry.example.com/acme/tool:2';
    world.engine.add(other, two);
    const plan = await planIn(world, [image, other, image, other]);
    assert.deepEqual(
      plan.images.map(({ reference }) => reference.text),
      [image, other],
    );
    assert.equal(plan.fee.gas, 200n);
    await execute(world, plan);
    assert.equal(world.writer.received.length, 1);
    for (const name of [image, other]) assert.equal((await world.verdict(name)).kind, 'verified');
  });

  it('takes two texts of one name for one', async () => {
    world.engine.add('acme/app', one);
    const plan = await planIn(world, ['acme/app', 'docker.io/acme/app:latest', 'index.docker.io/acme/app']);
    assert.equal(plan.images.length, 1);
    assert.equal(plan.entries[0]?.repository, 'docker.io/acme/app');
  });

  it('sends and remembers only what is not signed yet', async () => {
    await world.sign();
    const other = 'registry.example.com/acme/tool:2';
    world.engine.add(other, two);
    const plan = await planIn(world, [image, other]);
    assert.deepEqual(
      plan.entries.map(({ repository: each }) => each),
      ['registry.example.com/acme/tool'],
    );
    const outcome = world.signing.execute(plan, alice, never, () => undefined);
    await until('the second transaction', () => world.writer.received.length === 2);
    assert.equal((await plannedIn(world)).change.type, 'same');
    world.writer.mine(3);
    await outcome;
  });

  it('counts the images', async () => {
    const counted: string[] = [];
    await world.signing.plan([image], { signer: alice.address }, never, (done, of) => counted.push(`${done}/${of}`));
    assert.deepEqual(counted, ['0/1', '1/1']);
  });

  it('refuses what has no tag', async () => {
    const digest = sha256Digest(new Uint8Array());
    for (const name of [one.configDigest ?? '', `${repository}@${digest}`, `${image}@${digest}`]) {
      await assert.rejects(planIn(world, [name]), isCode('imageWithoutName'));
    }
    await assert.rejects(planIn(world, ['Not A Name']), isCode('referenceInvalid'));
    await assert.rejects(planIn(world, [`${repository}:gone`]), isCode('imageNotFound'));
  });

  it('refuses a malformed image', async () => {
    world.engine.failure = (call) =>
      call.startsWith('read') ? new DaoChainError('imageMalformed', 'twice') : undefined;
    await assert.rejects(planIn(world), isCode('imageMalformed'));
  });

  it('does not sign over a history that does not fit the ledger', async () => {
    await world.sign();
    world.chain.lie = ({ attested, signers }) => ({ signers, attested: attested.slice(0, -1) });
    world.chain.attest({ signer: alice.address, repository, tag, content: 'withheld' }).mine();
    await assert.rejects(planIn(world), isCode('ledgerInconsistent'));
  });

  it('heals where the index on disk has lost an entry', async () => {
    await world.sign();
    world.chain.lie = ({ signers }) => ({ signers, attested: [] });
    const forgetful = new Window(world);
    await forgetful.index.sync(never);
    world.chain.lie = (logs) => logs;
    assert.equal((await plannedIn(forgetful)).change.type, 'same');
  });

  it('does not sign on a chain that is behind what was final here', async () => {
    await world.sign();
    await world.index.sync(never);
    world.writer.rewind(3, 'gone');
    await assert.rejects(planIn(world), isCode('ledgerInconsistent'));
  });

  it('says that another machine was faster', async () => {
    let links = 0;
    world.chain.beforeAnswer = (call) => {
      // The last time that the ledger is read.
      if (call === 'links' && ++links === 2) world.chain.attest({ signer: alice.address, repository, tag }).mine();
    };
    await assert.rejects(planIn(world), isCode('staleLink'));
    assert.equal(links, 2);
  });

  it('takes in what another machine signs while it reads the image', async () => {
    world.engine.beforeAnswer = (call) => {
      if (call.startsWith('read')) world.chain.attest({ signer: alice.address, repository, tag }).mine();
    };
    const { images, entries } = await planIn(world);
    assert.deepEqual([images[0]?.change.type, entries.length], ['changed', 1]);
  });

  it('needs node and engine', async () => {
    world.engine.isDown = true;
    await assert.rejects(planIn(world), isCode('engineUnavailable'));
    world.writer.kill();
    await assert.rejects(planIn(world), isCode('nodeUnavailable'));
  });

  it('keeps what strangers have signed under the name out of it', async () => {
    await world.sign(image, mallory);
    await assertChange(world, 'first', ['amd64']);
  });
});

describe('executing a plan', () => {
  let world: Window;
  let plan: SigningPlan;
  beforeEach(async () => {
    world = new Window();
    world.engine.add(image, one);
    plan = await planIn(world);
  });

  const assertNothingSent = (): void => {
    assert.deepEqual(world.writer.received, []);
    assert.deepEqual(world.files('pending'), []);
  };

  it('refuses a plan of another ledger or another wallet', async () => {
    const elsewhere = { ...plan, ledger: { ...plan.ledger, chainId: 1n } };
    await assert.rejects(execute(world, elsewhere), isCode('invalidInput'));
    await assert.rejects(execute(world, plan, mallory), isCode('invalidInput'));
    assertNothingSent();
  });

  it('never pays more than the plan said', async () => {
    world.writer.gasPrice = 11n;
    await execute(world, plan);
    assert.ok(world.writer.calls.includes('prepare for 1000'));
  });

  it('pays less where less is asked', async () => {
    world.writer.gasPrice = 7n;
    await execute(world, plan);
    assert.ok(world.writer.calls.includes('prepare for 700'));
  });

  it('says what is missing when the balance has become too little', async () => {
    world.writer.funds = 999n;
    await assert.rejects(execute(world, plan), (error) => {
      assert.ok(error instanceof DaoChainError);
      assert.deepEqual(
        [error.code, error.details],
        ['insufficientFunds', { missing: '1', balance: '999', cost: '1000' }],
      );
      return true;
    });
    assertNothingSent();
  });

  it('sends nothing when the tag has moved or the image is gone', async () => {
    const id = world.engine.add(image, two);
    await assert.rejects(execute(world, plan), isCode('imageChanged'));
    world.engine.remove(id);
    await assert.rejects(execute(world, plan), isCode('imageNotFound'));
    assertNothingSent();
  });

  it('sends nothing when another machine was faster', async () => {
    world.chain.attest({ signer: alice.address, repository, tag }).mine();
    await assert.rejects(execute(world, plan), isCode('staleLink'));
    assertNothingSent();
  });

  it('sends nothing when it is cancelled at any step before', async () => {
    for (const step of ['estimate', 'prepare for 1000'] as const) {
      const aborter = new AbortController();
      const slow = fakeSigner(alice.address);
      const signer: TransactionSigner = {
        ...slow,
        signTransaction: (transaction) => {
          if (step !== 'estimate') aborter.abort();
          return slow.signTransaction(transaction);
        },
      };
      world.engine.beforeAnswer = () => {
        if (step === 'estimate') aborter.abort();
      };
      await assert.rejects(
        world.signing.execute(plan, signer, aborter.signal, () => undefined),
        isCode('cancelled'),
      );
    }
    assertNothingSent();
  });

  it('sends nothing when the wallet does not sign', async () => {
    const locked: TransactionSigner = {
      ...alice,
      signTransaction: () => Promise.reject(new DaoChainError('walletLocked', 'locked')),
    };
    await assert.rejects(execute(world, plan, locked), isCode('walletLocked'));
    assertNothingSent();
  });

  it('forgets what the node refuses', async () => {
    const signer: TransactionSigner = {
      ...alice,
      // As a window does that asked for the nonce at the same moment.
      signTransaction: (transaction) => alice.signTransaction({ ...transaction, nonce: 0 }),
    };
    await execute(world, plan);
    world.engine.add(image, two);
    const next = await planIn(world);
    await assert.rejects(execute(world, next, signer), isCode('transactionRejected'));
    assert.deepEqual(world.files('pending'), []);
  });

  it('does not send what another window has sent since the plan', async () => {
    const other = new Window(world);
    const outcome = other.signing.execute(await planIn(other), alice, never, () => undefined);
    await until('the transaction', () => world.writer.received.length === 1);
    await assert.rejects(execute(world, plan), isCode('signatureOnItsWay'));
    world.writer.mine(3);
    await outcome;
    assert.equal(world.writer.received.length, 1);
  });

  it('writes for the wallet that signs', async () => {
    await execute(world, plan);
    const [event] = world.chain.events();
    assert.equal(event?.publisher, walletPublisher(wallet(0xa11ce)));
    assert.equal(event.signer, alice.address);
  });
});

function revocationOf(body: Hex): Hex {
  return toHex(encodeRevocation({ statementHash: statementHash(fromHex(body)), reason: 'mistake', note: '' }));
}
