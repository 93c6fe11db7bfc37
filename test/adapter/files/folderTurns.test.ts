import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderTurns } from '../../../src/adapters/files/folderTurns';
import { temporaryFolder } from '../../testbed/program';

const never = new AbortController().signal;
const ignore = (): void => undefined;

describe('turns by files', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = join(temporaryFolder().path, 'turns');
    file = join(folder, 'wallet.json');
  });

  const newTurns = (options: { longestTurnMs?: number; longestWaitMs?: number } = {}): FolderTurns =>
    new FolderTurns({ folder, ...options });
  /** What a process that has the turn has written. */
  async function holderOf(changes: object = {}): Promise<void> {
    const turn = await newTurns().take('wallet', never, ignore);
    const holder = JSON.parse(readFileSync(file, 'utf8')) as object;
    await turn.end();
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify({ ...holder, ...changes }));
  }
  const isFreeAtOnce = async (): Promise<boolean> => {
    let waited = false;
    const turn = await newTurns({ longestWaitMs: 0 })
      .take('wallet', never, () => (waited = true))
      .catch(() => undefined);
    await turn?.end();
    return turn !== undefined && !waited;
  };

  it('are never held by two, and leave nothing', async () => {
    let held = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const turn = await newTurns().take('wallet', new AbortController().signal, ignore);
        held += 1;
        most.push(held);
        await new Promise(setImmediate);
        held -= 1;
        await turn.end();
      }),
    );
    assert.equal(Math.max(...most), 1);
    assert.equal(most.length, 30);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of different names do not wait for each other', async () => {
    const one = await newTurns().take('wallet', never, ignore);
    const other = await newTurns().take('other', never, () => assert.fail('nobody has it'));
    await Promise.all([one.end(), other.end()]);
  });

  it('say that somebody has it, once, and come when it is over', async () => {
    const first = await newTurns().take('wallet', never, ignore);
    let told = 0;
    const second = newTurns().take('wallet', never, () => {
      told += 1;
      setImmediate(() => void first.end());
    });
    await (await second).end();
    assert.equal(told, 1);
  });

  it('are waited for no longer than they may, and not when they are cancelled', async () => {
    const turn = await newTurns().take('wallet', never, ignore);
    await assert.rejects(newTurns({ longestWaitMs: 10 }).take('wallet', never, ignore), { code: 'walletBusy' });
    const cancel = new AbortController();
    const waiting = newTurns().take('wallet', cancel.signal, () => {
      cancel.abort();
    });
    await assert.rejects(waiting, { code: 'cancelled' });
    assert.equal(await isFreeAtOnce(), false);
    await turn.end();
    assert.equal(await isFreeAtOnce(), true);
  });

  it('of a process that is gone are over', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await holderOf({ pid });
    assert.equal(await isFreeAtOnce(), true);
  });

  it('of a process that runs are not', async () => {
    await holderOf({ pid: process.ppid });
    assert.equal(await isFreeAtOnce(), false);
  });

  it('of another machine that shares the folder are not, whatever runs here', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await holderOf({ pid, place: 'another machine' });
    assert.equal(await isFreeAtOnce(), false);
  });

  for (const [what, seconds] of [
    ['ago', -1_000],
    ['ahead, since the clock was set', 1_000],
  ] as const) {
    it(`that began long ${what} are over, whoever has them`, async () => {
      await holderOf({ pid: process.ppid });
      const time = Date.now() / 1_000 + seconds;
      utimesSync(file, time, time);
      assert.equal(await isFreeAtOnce(), true);
    });
  }

  for (const text of ['', '{', 'null', '[]', '{"pid":"me"}', '{"pid":0,"place":"","token":""}', '\u0000'.repeat(99)]) {
    it(`of a file that says ${JSON.stringify(text.slice(0, 9))} are nobody's`, async () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
      assert.equal(await isFreeAtOnce(), true);
    });
  }

  it('are ended by nobody but who has them', async () => {
    const slow = await newTurns().take('wallet', never, ignore);
    const next = await newTurns({ longestTurnMs: -1 }).take('wallet', never, ignore);
    await slow.end();
    assert.equal(await isFreeAtOnce(), false);
    await next.end();
  });
});
