import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import type { TransactionProgress } from '../../../../src/core/plans/transactionPlan';
import { imageOf } from '../fakeEngine';
import { alice, image, isCode, mallory, never, repository, tag, until, Window } from '../serviceWorld';

/** Windows and commands of one machine that send with one wallet. */
describe('several that send with one wallet', () => {
  let world: Window;
  const others: Window[] = [];
  beforeEach(() => {
    world = new Window();
    world.engine.add(image, imageOf('one'));
  });
  afterEach(() => {
    for (const each of [world, ...others.splice(0)]) each.transactions.dispose();
  });

  const another = (): Window => {
    const window = new Window(world);
    others.push(window);
    return window;
  };
  const planned = (window: Window, name = image) => window.signing.plan([name], { signer: alice.address }, never);
  const settled = async (outcomes: readonly Promise<unknown>[]): Promise<readonly string[]> =>
    (await Promise.allSettled(outcomes)).map((each) =>
      each.status === 'fulfilled' ? 'sent' : each.reason instanceof DaoChainError ? each.reason.code : 'failed',
    );

  it('send one after the other, so that each transaction has its own nonce', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${repository}:${index}`);
    for (const name of names) world.engine.add(name, imageOf(name));
    const windows = names.map(another);
    const plans = await Promise.all(windows.map((window, index) => planned(window, names[index])));
    let sent = 0;
    let queued = 0;
    const outcomes = settled(
      windows.map((window, index) =>
        window.signing.execute(plans[index] ?? assert.fail(), alice, new AbortController().signal, ({ stage }) => {
          if (stage === 'broadcast') sent += 1;
          if (stage === 'queued') queued += 1;
        }),
      ),
    );
    await until('all are sent', () => sent === names.length);
    world.writer.mine(3);
    assert.deepEqual(
      await outcomes,
      names.map(() => 'sent'),
    );
    assert.equal(world.chain.events().length, names.length);
    assert.equal(world.writer.received.length, names.length);
    assert.equal(queued, names.length - 1, 'all but the first are told that they wait');
  });

  it('sign one tag once, and who comes second is told that it is on its way and pays nothing', async () => {
    const windows = Array.from({ length: 10 }, another);
    const plans = await Promise.all(windows.map((window) => planned(window)));
    let sent = 0;
    const outcomes = settled(
      windows.map((window, index) =>
        window.signing.execute(plans[index] ?? assert.fail(), alice, new AbortController().signal, ({ stage }) => {
          if (stage === 'broadcast') sent += 1;
        }),
      ),
    );
    await until('one is sent', () => sent === 1);
    await until('the others have had their turn', () => world.turns.taken.length === windows.length);
    world.writer.mine(3);
    const all = await outcomes;
    assert.deepEqual([...all].sort(), ['sent', ...Array.from({ length: 9 }, () => 'signatureOnItsWay')].sort());
    assert.equal(world.writer.received.length, 1, 'nothing is sent that would be mined for nothing');
  });

  it('are told that it was this wallet, where its other command was faster than the plan', async () => {
    const slow = another();
    const plan = await planned(slow);
    world.engine.add(image, imageOf('two'));
    await world.sign();
    world.engine.add(image, imageOf('one'));
    const late = slow.transactions.execute(plan, alice, never, () => undefined);
    await assert.rejects(
      late,
      (error) => isCode('staleLink')(error) && (error as DaoChainError).details['by'] === 'self',
    );
    assert.equal(world.writer.received.length, 1);
    const again = await planned(slow);
    const outcome = slow.signing.execute(again, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
    assert.equal((await outcome).state, 'final');
  });

  it('are told that it was somebody else, where it was', async () => {
    const plan = await planned(world);
    world.chain.attest({ publisher: plan.publisher, signer: mallory.address, repository, tag }).mine();
    await assert.rejects(
      world.transactions.execute(plan, alice, never, () => undefined),
      (error) => isCode('staleLink')(error) && (error as DaoChainError).details['by'] === undefined,
    );
  });

  it('first send what an ended command wrote down and did not send, and both are written', async () => {
    world.writer.beforeBroadcast = () => {
      world.writer.beforeBroadcast = () => undefined;
      world.transactions.dispose();
      throw new DaoChainError('nodeUnavailable', 'it was killed here');
    };
    const plan = await planned(world);
    const told: string[] = [];
    const first = world.signing.execute(plan, alice, never, ({ stage }) => told.push(stage));
    await first;
    assert.deepEqual(told, ['broadcast'], 'it counts as sent');
    assert.equal(world.writer.received.length, 0);

    const second = another();
    const name = `${repository}:other`;
    world.engine.add(name, imageOf('other'));
    const outcome = second.signing.execute(await planned(second, name), alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
    assert.equal((await outcome).state, 'final');
    assert.equal(world.chain.events().length, 2);
  });

  it('tell that what was left cannot be written any more, and send their own', async () => {
    world.writer.beforeBroadcast = () => {
      world.writer.beforeBroadcast = () => undefined;
      world.transactions.dispose();
      throw new DaoChainError('nodeUnavailable', 'it was killed here');
    };
    const told: string[] = [];
    const first = world.signing.execute(await planned(world), alice, never, ({ stage }) => told.push(stage));
    await first;
    assert.deepEqual(told, ['broadcast'], 'it counts as sent');
    // From another data folder: this wallet's next transaction has the same nonce.
    const elsewhere = new Window(Object.assign(Object.create(world) as Window, { store: new Window().store }));
    others.push(elsewhere);
    world.engine.add(`${repository}:elsewhere`, imageOf('elsewhere'));
    await elsewhere.sign(`${repository}:elsewhere`);

    const second = another();
    const name = `${repository}:other`;
    world.engine.add(name, imageOf('other'));
    await second.sign(name);
    assert.deepEqual(
      second.lost.map(({ code }) => code),
      ['transactionDropped'],
    );
  });

  it('wait no longer for a node that says nothing than they are left to', async () => {
    const cancel = new AbortController();
    const plan = await planned(world);
    world.writer.hangs = true;
    const outcome = world.signing.execute(plan, alice, cancel.signal, () => undefined);
    await until('it is written down', () => world.files('pending').length === 1);
    cancel.abort();
    assert.equal((await outcome).state, 'waiting', 'it may be on its way');
  });

  it('send nothing when they are cancelled while they wait for their turn', async () => {
    const cancel = new AbortController();
    const plan = await planned(world);
    let isWaiting = false;
    world.turns.take = (name, signal) =>
      new Promise((_, reject) => {
        isWaiting = true;
        signal.addEventListener('abort', () => {
          reject(new DaoChainError('cancelled', name));
        });
      });
    const outcome = world.signing.execute(plan, alice, cancel.signal, () => undefined);
    outcome.catch(() => undefined);
    await until('it waits', () => isWaiting);
    cancel.abort();
    await assert.rejects(outcome, isCode('cancelled'));
    assert.deepEqual(world.files('pending'), []);
  });

  it('leave their turn to the next when they are refused', async () => {
    world.writer.funds = 0n;
    const plan = await planned(world);
    await assert.rejects(
      world.signing.execute(plan, alice, never, () => undefined),
      isCode('insufficientFunds'),
    );
    world.writer.funds = 1_000_000_000n;
    await world.sign();
  });

  it('ask the node when no block comes for long, and say so', async () => {
    let isPatient = false;
    let later = (): void => undefined;
    world.wait = () =>
      new Promise((resolve) => {
        isPatient = true;
        later = resolve;
      });
    const told: TransactionProgress['stage'][] = [];
    const plan = await planned(world);
    const outcome = world.signing.execute(plan, alice, never, ({ stage }) => told.push(stage));
    await until('it is sent', () => told.includes('broadcast'));
    await until('it waits for a block', () => isPatient);
    world.chain.isSilent = true;
    world.writer.mine(3);
    assert.ok(!told.includes('final'));
    later();
    assert.equal((await outcome).state, 'final');
    assert.ok(told.includes('quiet'));
  });
});
