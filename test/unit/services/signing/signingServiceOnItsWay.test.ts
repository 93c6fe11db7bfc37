import assert from 'node:assert/strict';
import { withdrawnText } from '../../../../src/words/progressText';
import { english } from '../../words/localizers';
import { finalBlockAt } from '../../../../src/core/ledger/finality';
import type { TransactionOutcome, TransactionProgress } from '../../../../src/core/plans/transactionPlan';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, isCode, never, repository, tag, until, Window } from '../serviceWorld';

const one = imageOf('one');

/** A signature that was asked for, and what has been told of it so far. */
class Signature {
  readonly told: string[] = [];
  readonly outcome: Promise<TransactionOutcome>;
  readonly #aborter = new AbortController();
  ended: 'not yet' | 'resolved' | 'rejected' = 'not yet';

  private constructor(world: Window, plan: Awaited<ReturnType<Window['signing']['plan']>>) {
    this.outcome = world.signing.execute(plan, alice, this.#aborter.signal, (progress) =>
      this.told.push(textOf(progress)),
    );
    this.outcome.then(
      () => (this.ended = 'resolved'),
      () => (this.ended = 'rejected'),
    );
  }

  static async begin(world: Window): Promise<Signature> {
    return new Signature(world, await world.signing.plan([image], { signer: alice.address, again: true }, never));
  }

  /** Until it was said that it was sent. */
  static async sent(world: Window): Promise<Signature> {
    const signature = await Signature.begin(world);
    await until('sent', () => signature.told.includes('broadcast'));
    return signature;
  }

  cancel(): void {
    this.#aborter.abort();
  }

  async hears(what: string): Promise<void> {
    await until(`told ${what}`, () => this.told.at(-1) === what);
  }
}

function textOf(progress: TransactionProgress): string {
  switch (progress.stage) {
    case 'broadcast':
    case 'queued':
    case 'quiet':
      return progress.stage;
    case 'mined':
    case 'final':
      return `${progress.stage} in ${progress.block}`;
    case 'confirming':
      return `${progress.confirmations} of ${progress.needed}`;
  }
}

/** Everything that is under way has gone as far as it can without another block. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
}

describe('a signature on its way', () => {
  let world: Window;
  beforeEach(() => {
    world = new Window();
    world.engine.add(image, one);
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  const isRecorded = (): boolean => world.files('pending').length > 0;
  const assertSignedOnce = (): void => {
    assert.equal(world.chain.events().length, 1);
    assert.equal(new Set(world.writer.received).size, 1);
    assert.equal(isRecorded(), false);
  };

  it('is on disk before it is sent, and until it is final', async () => {
    let wasRecorded = false;
    world.writer.beforeBroadcast = () => {
      wasRecorded = isRecorded();
    };
    const signature = await Signature.sent(world);
    assert.ok(wasRecorded);
    world.writer.mine(2);
    await signature.hears('2 of 3');
    assert.ok(isRecorded());
    world.writer.mine();
    assert.equal((await signature.outcome).state, 'final');
    assertSignedOnce();
  });

  it('has its own block as the first confirmation, and is final exactly when the index says so', async () => {
    const signature = await Signature.sent(world);
    for (const heard of ['1 of 3', '2 of 3', 'final in 1']) {
      world.writer.mine();
      await signature.hears(heard);
      await world.index.sync(never);
      const isFinal = world.index.view().finalBlock >= 1;
      assert.equal(isFinal, finalBlockAt(world.chain.height, 3) >= 1);
      assert.equal(heard.startsWith('final'), isFinal);
      assert.equal((await world.verdict()).kind, isFinal ? 'verified' : 'pending');
    }
    assert.deepEqual(signature.told, ['broadcast', 'mined in 1', '1 of 3', '2 of 3', '3 of 3', 'final in 1']);
  });

  it('is counted anew when a reorganization moves it', async () => {
    const signature = await Signature.sent(world);
    world.writer.mine(2);
    await signature.hears('2 of 3');
    world.writer.rewind(2);
    world.chain.mine();
    world.writer.mine();
    await signature.hears('1 of 3');
    world.writer.mine(2);
    assert.equal((await signature.outcome).state, 'final');
    assert.deepEqual(signature.told, [
      'broadcast',
      'mined in 1',
      '2 of 3',
      'mined in 2',
      '1 of 3',
      '3 of 3',
      'final in 2',
    ]);
    assertSignedOnce();
  });

  it('is sent again when a reorganization has lost it', async () => {
    const signature = await Signature.sent(world);
    world.writer.mine();
    await signature.hears('1 of 3');
    world.writer.rewind(1, 'gone');
    world.chain.mine();
    await until('sent again', () => world.writer.received.length === 2);
    world.writer.mine(3);
    await signature.outcome;
    assertSignedOnce();
  });

  for (const keep of ['waiting', 'gone'] as const)
    it(`is said to be in the chain no more, once, where a reorganization leaves it ${keep}`, async () => {
      const told: string[] = [];
      world.transactions.onDidWithdraw((pending) => told.push(withdrawnText(pending, english)));
      const signature = await Signature.sent(world);
      world.chain.mine();
      world.writer.mine();
      await signature.hears('1 of 3');
      assert.deepEqual(told, []);
      world.writer.rewind(1, keep);
      world.chain.mine();
      await until('told', () => told.length > 0);
      world.chain.mine();
      await settle();
      world.writer.mine(3);
      assert.equal((await signature.outcome).state, 'final');
      assert.deepEqual(told, [
        'Your signature of registry.example.com/acme/app:1.0 is no longer in the chain; it is sent again.',
      ]);
      assertSignedOnce();
    });

  for (const depth of [64, 70, 300])
    it(`is said to be in the chain no more where a branch of ${depth} other blocks replaces it, and is written once`, async () => {
      let told = 0;
      world.transactions.onDidWithdraw(() => told++);
      const signature = await Signature.sent(world);
      world.writer.mine(2);
      await signature.hears('2 of 3');
      world.writer.rewind(2, 'gone');
      // The node tells of the new branch by its head alone.
      world.chain.mine(depth);
      await until('sent again', () => world.writer.received.length === 2);
      assert.equal(told, 1);
      world.writer.mine(3);
      assert.equal((await signature.outcome).state, 'final');
      assertSignedOnce();
    });

  for (const death of ['before', 'after'] as const) {
    it(`survives a node that dies ${death} it has taken it, and is signed once`, async () => {
      world.writer.diesOnBroadcast = death;
      const signature = await Signature.sent(world);
      assert.ok(isRecorded());
      world.writer.kill();
      await settle();
      world.writer.start();
      world.chain.mine();
      await until('sent again', () => world.writer.calls.filter((call) => call === 'broadcast').length === 2);
      world.writer.mine(3);
      assert.equal((await signature.outcome).state, 'final');
      assertSignedOnce();
    });
  }

  it('survives a node that is away at any block', async () => {
    const signature = await Signature.sent(world);
    world.writer.isDown = true;
    world.chain.mine();
    await settle();
    world.writer.isDown = false;
    world.writer.mine();
    await signature.hears('1 of 3');
    world.writer.isDown = true;
    world.chain.mine(2);
    await settle();
    assert.equal(signature.ended, 'not yet');
    world.writer.isDown = false;
    world.chain.mine();
    await signature.outcome;
    assertSignedOnce();
  });

  it('is followed to its end when nobody waits any more', async () => {
    const signature = await Signature.sent(world);
    signature.cancel();
    assert.equal((await signature.outcome).state, 'waiting');
    assert.ok(isRecorded());
    world.writer.mine(3);
    await until('its record is gone', () => !isRecorded());
    assertSignedOnce();
    assert.equal((await world.verdict()).kind, 'verified');
    assert.deepEqual(world.lost, []);
  });

  it('cannot be taken back while it is being sent', async () => {
    const signature = await Signature.begin(world);
    await until('recorded', isRecorded);
    signature.cancel();
    assert.equal((await signature.outcome).state, 'waiting');
    world.writer.mine(3);
    await until('its record is gone', () => !isRecorded());
    assertSignedOnce();
  });

  it('keeps the tag from being signed again until it is mined', async () => {
    const signature = await Signature.sent(world);
    await assert.rejects(Signature.begin(world), isCode('signatureOnItsWay'));
    world.writer.mine();
    await signature.hears('1 of 3');
    const next = await Signature.sent(world);
    world.writer.mine(3);
    await Promise.all([signature.outcome, next.outcome]);
    assert.equal(world.chain.events().length, 2);
  });

  it('ends when another signature of the tag came first', async () => {
    const signature = await Signature.sent(world);
    world.chain.attest({ signer: alice.address, repository, tag }).mine();
    world.writer.mine();
    await assert.rejects(signature.outcome, isCode('staleLink'));
    assert.equal(isRecorded(), false);
    assert.deepEqual(world.lost, [], 'who waits is told');
  });

  it('ends when another transaction has taken its place', async () => {
    const signature = await Signature.sent(world);
    world.writer.replace();
    world.chain.mine();
    await assert.rejects(signature.outcome, isCode('transactionDropped'));
    assert.equal(isRecorded(), false);
    await Signature.begin(world);
  });

  it('is told to be lost when nobody waits', async () => {
    const signature = await Signature.sent(world);
    signature.cancel();
    await signature.outcome;
    world.writer.replace();
    world.chain.mine();
    await until('told', () => world.lost.length > 0);
    assert.deepEqual(
      world.lost.map(({ code }) => code),
      ['transactionDropped'],
    );
  });

  describe('is taken up by the next window', () => {
    /** The window is closed; what it has signed is on disk. */
    async function leave(): Promise<void> {
      const signature = await Signature.sent(world);
      world.transactions.dispose();
      assert.equal((await signature.outcome).state, 'waiting');
      assert.ok(isRecorded());
    }

    it('which says what it is, in whose name, before any node runs', async () => {
      await leave();
      world.writer.kill();
      world = new Window(world);
      const [left, ...more] = await world.transactions.onItsWay();
      assert.deepEqual([left?.signer, more.length], [alice.address, 0]);
      assert.deepEqual(
        left?.entries.map(({ publisher, kind, repository: of, tag: at }) => [publisher, kind, `${of}:${at}`]),
        [[acme, 'publish', image]],
      );
      world.writer.start();
      const resumed = world.transactions.resume(never);
      await until('sent again', () => world.writer.received.length === 2);
      world.writer.mine(3);
      await resumed;
      assert.deepEqual(await world.transactions.onItsWay(), []);
    });

    it('which sends the same bytes where the node has lost them', async () => {
      await leave();
      world.writer.kill();
      world.writer.start();
      world = new Window(world);
      const resumed = world.transactions.resume(never);
      await until('sent again', () => world.writer.received.length === 2);
      world.writer.mine(3);
      await resumed;
      assertSignedOnce();
    });

    it('which sends what was confirmed and written down, even if it was never sent', async () => {
      world.writer.diesOnBroadcast = 'before';
      await leave();
      assert.deepEqual(world.writer.received, []);
      world.writer.start();
      world = new Window(world);
      const resumed = world.transactions.resume(never);
      await until('sent', () => world.writer.received.length === 1);
      world.writer.mine(3);
      await resumed;
      assertSignedOnce();
    });

    it('which finds it mined meanwhile, and sends nothing', async () => {
      await leave();
      world.writer.mine(3);
      world = new Window(world);
      await world.transactions.resume(never);
      assert.equal(world.writer.received.length, 1);
      assertSignedOnce();
    });

    it('or by two at the same time', async () => {
      await leave();
      world.writer.kill();
      world.writer.start();
      const windows = [new Window(world), new Window(world)];
      const resumed = windows.map((each) => each.transactions.resume(never));
      await until('sent', () => world.writer.received.length >= 2);
      world.writer.mine(3);
      await Promise.all(resumed);
      assertSignedOnce();
      assert.deepEqual(
        windows.flatMap(({ lost }) => lost),
        [],
      );
    });

    it('once, however often it is asked', async () => {
      await leave();
      world = new Window(world);
      const resumed = [1, 2, 3].map(() => world.transactions.resume(never));
      await settle();
      world.writer.calls = [];
      world.chain.mine();
      await settle();
      assert.deepEqual(world.writer.calls, ['status']);
      world.writer.mine(3);
      await Promise.all(resumed);
      assertSignedOnce();
    });

    it('which can stop waiting, and waits for a node that is away', async () => {
      await leave();
      world.writer.kill();
      world = new Window(world);
      const aborter = new AbortController();
      const resumed = world.transactions.resume(aborter.signal);
      await settle();
      aborter.abort();
      await resumed;
      world.writer.start();
      world.chain.mine();
      await until('sent again', () => world.writer.received.length === 2);
      world.writer.mine(3);
      await until('its record is gone', () => !isRecorded());
      assertSignedOnce();
    });

    it('which tells that it is lost', async () => {
      await leave();
      world.chain.attest({ signer: alice.address, repository, tag }).mine();
      world.writer.mine();
      world = new Window(world);
      await world.transactions.resume(never);
      assert.deepEqual(
        world.lost.map(({ code }) => code),
        ['staleLink'],
      );
      assert.equal(isRecorded(), false);
      assert.equal(world.chain.link(acme, repository, tag).length, 66);
    });

    it('unless the chain is another one', async () => {
      await leave();
      const elsewhere = new Window();
      for (const [name, bytes] of world.store.files) elsewhere.store.files.set(name, bytes);
      Object.assign(elsewhere.writer.ledger, { chainId: 1n });
      await elsewhere.transactions.resume(never);
      assert.deepEqual(elsewhere.writer.received, []);
      assert.ok(isRecorded());
    });
  });
});
