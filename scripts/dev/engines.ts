import { newestRegistry } from './components/distribution';
import { installGoProgram } from './components/goProgram';
import { installNewestEngine } from './components/newestEngine';
import { installPackages } from './components/packages';
import { packageExtension } from './extension';
import { installForTests } from './setup';
import { runSuites } from './suites';

/** `npm run test:engines`: what needs the newest engine and registry, which are built once. */
export async function run(): Promise<number> {
  return runSuites(
    async (step) => {
      await installForTests(step);
      await step('packages', (say) => installPackages(['build-essential', 'libseccomp-dev', 'pkg-config'], say));
      await step('newest engine', installNewestEngine);
      await step('newest registry', (say) => installGoProgram(newestRegistry, say));
      await step('extension', packageExtension);
    },
    [
      { name: 'test:adapter:engines', command: ['npm', 'run', '--silent', 'test:adapter:engines'] },
      {
        name: 'test:window containerd',
        command: ['npm', 'run', '--silent', 'test:window'],
        env: { DAOCHAIN_TEST_ENGINE: 'containerd' },
      },
    ],
  );
}
