export type Say = (line: string) => void;

/** Thrown by a step when the whole was to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Makes a function that runs named steps and prints each with the seconds it took. A step that has more to say prints
 * that below its name as it comes. When `end` resolves, the step that runs is abandoned: it ends with the process.
 */
export function steps(
  end = new Promise<void>(() => undefined),
): <T>(name: string, action: (say: Say) => Promise<T>) => Promise<T> {
  const interrupted = end.then(() => {
    throw new Interrupted('Interrupted');
  });
  interrupted.catch(() => undefined);
  return async (name, action) => {
    const started = Date.now();
    const say: Say = (line) => {
      console.log(`  ${name}: ${line}`);
    };
    const result = await Promise.race([interrupted, action(say)]);
    console.log(`✔ ${name} (${((Date.now() - started) / 1_000).toFixed(1)} s)`);
    return result;
  };
}
