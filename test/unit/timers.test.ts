import assert from 'node:assert/strict';
import { delay, startTimer } from '../../src/timers';

describe('waiting', () => {
  it('ends by itself, and at once when it is ended', async () => {
    await delay(1, new AbortController().signal);
    const ended = new AbortController();
    const waiting = delay(2 ** 30, ended.signal);
    ended.abort();
    await waiting;
    await delay(2 ** 30, ended.signal);
  });

  it('calls back once, and not after it was disposed', async () => {
    const calls: string[] = [];
    startTimer(1, () => calls.push('disposed')).dispose();
    await new Promise<void>((resolve) => {
      // A timer keeps no process alive, so something else has to.
      const alive = setInterval(() => undefined, 1_000);
      startTimer(2, () => {
        calls.push('called');
        clearInterval(alive);
        resolve();
      });
    });
    assert.deepEqual(calls, ['called']);
  });
});
