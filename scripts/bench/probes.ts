import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { median } from './median';

const runs = 11;

/**
 * What this machine needs for work that never changes, so that a bar can be a multiple of it: a number of milliseconds says
 * more of the machine than of the product. `node -e 0`, processes included.
 */
export async function measureNode(): Promise<number> {
  const execute = promisify(execFile);
  const times: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const started = performance.now();
    await execute(process.execPath, ['-e', '0']);
    times.push(performance.now() - started);
  }
  return median(times);
}

/** The same for code that is loaded: some 400 KiB of functions and classes are compiled, and each of them runs once. */
export function measureLoading(): number {
  const times: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    // Another text each time, or what was compiled would be found again.
    const text = loadedText(`${i} ${Math.random()}`);
    const started = performance.now();
    new Script(text).runInThisContext();
    times.push(performance.now() - started);
  }
  return median(times);
}

function loadedText(salt: string): string {
  const parts = Array.from(
    { length: 1_000 },
    (_, i) => `class C${i} {
  #value = ${i};
  constructor(given) { this.given = { ...given, name: 'C${i}', list: [1, 2, 3].map((n) => n + this.#value) }; }
  get text() { return JSON.stringify(this.given) + String(this.#value).padStart(8, '0'); }
  compare(other) { return this.text < other.text ? -1 : this.text > other.text ? 1 : 0; }
}
const f${i} = (sum) => { const one = new C${i}({ sum }); return sum + one.text.length + one.compare(one); };
all.push(f${i});
`,
  );
  return `(() => { /* ${salt} */ const all = [];\n${parts.join('')}return all.reduce((sum, f) => f(sum), 0); })();`;
}
