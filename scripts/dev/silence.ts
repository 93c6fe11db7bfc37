/**
 * What neither prints nor begins or ends a test for this long hangs. Longer than any test may take (.mocharc.json), so that
 * mocha gives up a test that hangs before the suite is ended; and than the linter, which says nothing until its end, on a
 * busy machine.
 */
const silenceMs = 600_000;

/** Resolves, with what to say of it, when it has given no sign for long enough. */
export async function silent(lastSign: () => number, forMs = silenceMs): Promise<string> {
  while (Date.now() - lastSign() < forMs) {
    await new Promise((resolve) => setTimeout(resolve, forMs / 300).unref());
  }
  return `it was silent for ${forMs / 60_000} minutes and was ended`;
}
