/**
 * How long a test waits for one thing, in milliseconds: what takes seconds here, with room for a machine that is busy and
 * slow. Below what a whole test may take (.mocharc.json), so that the wait that was in vain is named.
 */
export const patienceMs = 120_000;

export interface WaitOptions {
  /** Milliseconds; `patienceMs` unless given, which is only for what may well not come. */
  readonly timeoutMs?: number;
  /** Pause between two looks in milliseconds; 25 unless given. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until `probe` gives something other than `undefined`, `null`, `false` or `NaN`, and resolves
 * with it. A probe that throws counts as "not yet"; its last error is the cause of the rejection, which names `what`.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = patienceMs, everyMs = 25 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false && !Number.isNaN(value)) {
        return value as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
