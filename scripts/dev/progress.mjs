// What a suite tells of the tests that begin and end, for the one who runs it. Plain JavaScript with its types beside it,
// because the checks and the reporter of mocha use it as well.
import { appendFileSync } from 'node:fs';

/** Names the file of a suite. Who runs a suite alone has none. */
export const progressVariable = 'DAOCHAIN_TEST_PROGRESS';

function tell(line) {
  const file = process.env[progressVariable];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** Called before something begins that can hang, and with the same name when it has ended. */
export function begins(name) {
  tell({ begins: name });
}

/** `result` is `passed`, `failed` or `skipped` for what counts as a test. */
export function ends(name, result) {
  tell({ ends: name, ...(result !== undefined && { result }) });
}

/** Of the text of such a file: what has begun and not ended, and how many tests ended as what. */
export function readProgress(text) {
  const running = [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of text.split('\n')) {
    let told;
    try {
      told = JSON.parse(line);
    } catch {
      continue; // the last line can be half written
    }
    if (told.begins !== undefined) running.push(told.begins);
    if (running.includes(told.ends)) running.splice(running.indexOf(told.ends), 1);
    if (told.result !== undefined) counts[told.result] += 1;
  }
  return { running, counts };
}
