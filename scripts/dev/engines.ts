import { newestRegistry } from './components/distribution';
import { installGoProgram } from './components/goProgram';
import { installNewestEngine } from './components/newestEngine';
import { installPackages } from './components/packages';
import { packageExtension } from './extension';
import { installForTests } from './setup';
import { steps } from './steps';
import { runSuites } from './suites';

/** `npm run test:engines`: what needs the newest engine and registry, which are built once. */
export async function run(): Promise<number> {
  const prepare = async (): Promise<void> => {
    const step = steps();
    await installForTests(step);
    await step('packages', (say) => installPackages(['build-essential', 'libseccomp-dev', 'pkg-config'], say));
    await step('newest engine', installNewestEngine);
    await step('newest registry', (say) => installGoProgram(newestRegistry, say));
    await step('extension', packageExtension);
  };
  return runSuites(prepare, [
    { script: 'test:adapter:engines', limit: 300 },
    { script: 'test:window', env: { DAOCHAIN_TEST_ENGINE: 'containerd' }, limit: 600 },
  ]);
}
