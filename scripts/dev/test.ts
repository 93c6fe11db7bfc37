import { packageExtension } from './extension';
import { installForTests } from './setup';
import { steps } from './steps';
import { runSuites } from './suites';

/** `npm test`: installs and builds what is missing, then runs every suite. Limits are in seconds. */
export async function run(): Promise<number> {
  const prepare = async (): Promise<void> => {
    const step = steps();
    await installForTests(step);
    await step('extension', packageExtension);
  };
  return runSuites(prepare, [
    { script: 'check', limit: 300 },
    { script: 'test:unit', limit: 300 },
    { script: 'test:contract', limit: 400 },
    { script: 'test:protocol', limit: 120 },
    { script: 'test:cli', limit: 400 },
    { script: 'test:host', limit: 500 },
    { script: 'test:adapter', limit: 1200, beside: true },
    { script: 'test:window', limit: 900, beside: true },
  ]);
}
