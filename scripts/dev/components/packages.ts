import { existsSync } from 'node:fs';
import { searchProgram } from '../../../src/adapters/geth/runProgram';
import { InstallError } from './cache';
import { runCommand } from './command';
import { findChromium } from './chromium';
import { staticBusybox } from './busybox';

const program = (name: string) => (): boolean => searchProgram(name, ['/usr/sbin', '/sbin']) !== undefined;
const file = (path: string) => (): boolean => existsSync(path);

/** Debian's packages that something here may need, and how to see that each is there. */
const presence = {
  'apache2-utils': program('htpasswd'),
  'build-essential': () => ['gcc', 'g++', 'make'].every((name) => program(name)()),
  'busybox-static': () => staticBusybox() !== undefined,
  chromium: () => findChromium() !== undefined,
  'docker-registry': program('docker-registry'),
  'docker.io': program('dockerd'),
  'fonts-noto-cjk': file('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'),
  'libkrb5-dev': file('/usr/include/krb5.h'),
  'libseccomp-dev': file('/usr/include/seccomp.h'),
  'libsecret-1-dev': file('/usr/include/libsecret-1/libsecret/secret.h'),
  'libx11-dev': file('/usr/include/X11/Xlib.h'),
  'libxkbfile-dev': file('/usr/include/X11/extensions/XKBfile.h'),
  openssl: program('openssl'),
  'pkg-config': program('pkg-config'),
  python3: program('python3'),
  'python3-pip': program('pip3'),
} satisfies Record<string, () => boolean>;

export type PackageName = keyof typeof presence;

/** Runs apt-get; while another process holds one of its locks it tries again, for at most ten minutes. */
async function aptGet(args: readonly string[], say: (line: string) => void): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (let tries = 0; ; tries++) {
    const { code, output } = await runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=600', ...args], { env });
    if (code === 0) return undefined;
    if (tries === 120 || !/could not get lock|unable to lock/i.test(output)) return output;
    if (tries === 0) say('another process is using apt, waiting for it');
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}

/** Installs those of the packages that are missing, where that is possible; otherwise says which command does it. */
export async function installPackages(names: readonly PackageName[], say: (line: string) => void): Promise<void> {
  const missing = names.filter((name) => !presence[name]());
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (searchProgram('apt-get') === undefined) {
    throw new InstallError(`Missing, and not Debian or Ubuntu: install what these packages hold: ${missing.join(' ')}`);
  }
  if (process.getuid?.() !== 0) throw new InstallError(`Packages are missing. Run: sudo sh -c '${command}'`);
  say(`installing ${missing.join(' ')} with apt-get`);
  const failure =
    (await aptGet(['update'], say)) ?? (await aptGet(['install', '-y', '--no-install-recommends', ...missing], say));
  if (failure !== undefined) {
    throw new InstallError(`apt-get failed. Run: ${command}\n${failure.split('\n').slice(-15).join('\n')}`);
  }
  const still = missing.filter((name) => !presence[name]());
  if (still.length > 0) throw new InstallError(`Installed, but not found afterwards: ${still.join(' ')}`);
}
