/** How often a node that somebody waits for is asked whether it answers, in milliseconds. */
const lookEvery = 10_000;

/**
 * Asks a node now and then, for somebody who waits for its blocks: one that hangs ends nothing and says nothing. Resolves
 * with true when it has failed to answer twice in a row, with false when `done`.
 */
export async function untilSilent(
  look: () => Promise<unknown>,
  wait: (ms: number, signal: AbortSignal) => Promise<void>,
  done: AbortSignal,
): Promise<boolean> {
  for (let failures = 0; failures < 2;) {
    await wait(lookEvery, done);
    if (done.aborted) return false;
    failures = await look().then(
      () => 0,
      () => failures + 1,
    );
  }
  return !done.aborted;
}
