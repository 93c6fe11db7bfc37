import { packageExtension } from './extension';
import { installForTests } from './setup';
import { runSuites, type Suite } from './suites';

const npm = (name: string): Suite => ({ name, command: ['npm', 'run', '--silent', name] });

/** `npm test`: installs and builds what is missing, then runs every suite. */
export async function run(): Promise<number> {
  return runSuites(
    async (step) => {
      await installForTests(step);
      await step('extension', packageExtension);
    },
    [
      ...['check', 'test:unit', 'test:contract', 'test:protocol', 'test:cli', 'test:host'].map(npm),
      { ...npm('test:adapter'), beside: true },
      { ...npm('test:window'), beside: true },
    ],
  );
}
