import assert from 'node:assert/strict';
import { EngineEvents, type ImageEvent } from '../../../src/adapters/docker/engineEvents';
import { waitFor } from '../../testbed/waitFor';
import { silent } from './silent';
import type { EngineEvent } from '../../../src/core/ports/engine';

/** One subscription that the test holds in its hands. */
interface Attempt {
  readonly connect: () => void;
  readonly image: (event: ImageEvent) => void;
  readonly end: (error?: Error) => void;
  readonly signal: AbortSignal;
}

class Harness {
  readonly attempts: Attempt[] = [];
  readonly delays: number[] = [];
  readonly received: EngineEvent[] = [];
  now = 0;
  #resume: (() => void) | undefined;
  readonly events = new EngineEvents({
    clock: () => this.now,
    log: silent,
    subscribe: (connected, image, signal) =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error): void => {
          if (error === undefined) resolve();
          else reject(error);
        };
        signal.addEventListener('abort', () => {
          end(new Error('aborted'));
        });
        this.attempts.push({ connect: connected, image, end, signal });
      }),
    delay: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        this.delays.push(milliseconds);
        this.#resume = resolve;
        signal.addEventListener('abort', () => {
          reject(new Error('woken'));
        });
      }),
  });

  listen(): { dispose(): void } {
    return this.events.on((event) => this.received.push(event));
  }

  async attempt(number: number): Promise<Attempt> {
    return waitFor('an attempt', () => this.attempts[number - 1], { everyMs: 1 });
  }

  async pass(number: number): Promise<void> {
    await waitFor('a delay', () => this.delays.length >= number, { everyMs: 1 });
    this.#resume?.();
  }
}

describe('EngineEvents', () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => {
    harness.events.dispose();
  });
  const types = (): readonly string[] => harness.received.map(({ type }) => type);

  it('does nothing without a listener, and has one subscription for all of them', async () => {
    assert.equal(harness.attempts.length, 0);
    const one = harness.listen();
    const two = harness.listen();
    const { connect, image, signal } = await harness.attempt(1);
    connect();
    image({ type: 'image', id: 'a' });
    image({ type: 'image' });
    assert.deepEqual(harness.received, [
      { type: 'image', id: 'a' },
      { type: 'image', id: 'a' },
      { type: 'image' },
      { type: 'image' },
    ]);
    one.dispose();
    one.dispose();
    assert.equal(signal.aborted, false);
    two.dispose();
    assert.equal(signal.aborted, true);
    harness.listen();
    await harness.attempt(2);
    assert.equal(harness.attempts.length, 2);
  });

  it('waits longer and longer, up to half a minute, and tells the absence once', async () => {
    harness.listen();
    for (let number = 1; number <= 8; number += 1) {
      (await harness.attempt(number)).end(new Error('refused'));
      await harness.pass(number);
    }
    assert.deepEqual(harness.delays, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.deepEqual(types(), ['unavailable']);
    (await harness.attempt(9)).connect();
    assert.deepEqual(types(), ['unavailable', 'available']);
  });

  it('starts over with short waits after a subscription that lasted, not after one that ended at once', async () => {
    harness.listen();
    for (let number = 1; number <= 3; number += 1) {
      const { connect, end } = await harness.attempt(number);
      connect();
      end();
      await harness.pass(number);
    }
    assert.deepEqual(harness.delays, [1_000, 2_000, 4_000]);
    const { connect, end } = await harness.attempt(4);
    connect();
    harness.now += 60_000;
    end();
    await harness.pass(4);
    assert.equal(harness.delays.at(-1), 1_000);
    assert.deepEqual(types().slice(-3), ['unavailable', 'available', 'unavailable']);
  });

  it('says nothing new when the first subscription succeeds, unless a call had failed before', async () => {
    harness.listen();
    (await harness.attempt(1)).connect();
    assert.deepEqual(types(), []);

    const other = new Harness();
    other.listen();
    other.events.observe(false);
    (await other.attempt(1)).connect();
    assert.deepEqual(
      other.received.map(({ type }) => type),
      ['unavailable', 'available'],
    );
    other.events.dispose();
  });

  it('believes its subscription more than a call', async () => {
    harness.listen();
    (await harness.attempt(1)).connect();
    harness.events.observe(false);
    assert.deepEqual(types(), []);
  });

  it('subscribes at once when a call finds the engine back', async () => {
    harness.listen();
    (await harness.attempt(1)).end(new Error('refused'));
    await waitFor('the delay', () => harness.delays.length === 1, { everyMs: 1 });
    harness.events.observe(true);
    (await harness.attempt(2)).connect();
    assert.deepEqual(types(), ['unavailable', 'available']);
  });

  it('subscribes anew, and says that events may be missing, when the endpoint may have changed', async () => {
    harness.events.restart();
    assert.equal(harness.attempts.length, 0);
    harness.listen();
    const first = await harness.attempt(1);
    first.connect();
    harness.events.restart();
    assert.equal(first.signal.aborted, true);
    (await harness.attempt(2)).connect();
    first.image({ type: 'image', id: 'late' });
    assert.deepEqual(types(), ['available']);
  });

  it('goes on when a listener fails', async () => {
    harness.events.on(() => {
      throw new Error('broken listener');
    });
    harness.listen();
    const { connect, image } = await harness.attempt(1);
    connect();
    image({ type: 'image', id: 'a' });
    assert.deepEqual(types(), ['image']);
  });
});
