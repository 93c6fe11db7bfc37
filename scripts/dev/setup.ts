import { InstallError } from './components/cache';
import { installCodeServer } from './components/codeServer';
import { installGeth } from './components/geth';
import { installPackages } from './components/packages';
import { steps } from './steps';

/** Installs everything that the tests need; what is there already costs milliseconds. */
export async function installForTests(step: ReturnType<typeof steps>): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new InstallError('The tests start Docker engines of their own: run this as root on Debian or Ubuntu.');
  }
  await step('packages', (say) =>
    installPackages(
      [
        ...(['apache2-utils', 'busybox-static', 'chromium', 'docker-registry', 'docker.io'] as const),
        ...(['fonts-noto-cjk', 'openssl', 'python3', 'python3-pip'] as const),
      ],
      say,
    ),
  );
  await step('geth', installGeth);
  await step('code-server', installCodeServer);
}

/** `npm run setup`. */
export async function run(): Promise<number> {
  await installForTests(steps());
  return 0;
}
