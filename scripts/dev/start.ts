import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { startEngine } from '../../test/testbed/engine';
import { staticBusybox } from './components/busybox';
import { cacheFolder, InstallError } from './components/cache';
import { installGeth } from './components/geth';
import { installPackages } from './components/packages';
import { digestOf } from './digest';
import { packageExtension } from './extension';
import { asked } from './asked';
import { tryLock } from './lock.mjs';
import { Interrupted, steps, type Say } from './steps';
import { findDesktopCode, openBrowser, openCodeServer, openDesktop, type Started } from './window';

const SAMPLE_IMAGES = { base: 'registry.example.com/shop/base:1.0', web: 'registry.example.com/shop/web:1.0' };

interface StartedEngine extends Started {
  readonly engine: DockerEngine;
  /** What a program needs beside our environment to find it. */
  readonly env: Readonly<Record<string, string>>;
}

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The engine that the docker command would use, if it answers. */
async function findEngine(): Promise<StartedEngine | undefined> {
  const engine = new DockerEngine({ setting: () => undefined, log });
  try {
    await engine.list(AbortSignal.timeout(10_000));
  } catch {
    return undefined;
  }
  return { engine, env: {}, stop: () => Promise.resolve(), ended: new Promise(() => undefined) };
}

async function findOrStartEngine(say: Say): Promise<StartedEngine> {
  const found = await findEngine();
  if (found !== undefined) return found;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new InstallError('Docker Engine does not answer. Start Docker, or run this as root on Debian or Ubuntu.');
  }
  await installPackages(['docker.io', 'busybox-static'], say);
  // Where the system runs services, the package has just started one.
  const installed = await findEngine();
  if (installed !== undefined) return installed;
  say('none answers, starting a private one');
  const started = await startEngine({ dataRoot: join(cacheFolder(), 'engine-data') });
  return {
    engine: new DockerEngine({ setting: () => started.host, log }),
    env: { DOCKER_HOST: started.host },
    stop: () => started.dispose(),
    ended: started.ended,
  };
}

/** The working copy of this version's sample workspace; files that are there already are the user's. */
function copySample(): string {
  const sample = join('samples', 'shop');
  const folder = join(cacheFolder(), `samples-${digestOf([sample]).slice(0, 8)}`, 'shop');
  cpSync(sample, folder, { recursive: true, force: false });
  const program = join(folder, 'base', 'rootfs', 'bin', 'busybox');
  const busybox = staticBusybox();
  // Without it the images can be signed and judged just as well, but not run.
  if (busybox !== undefined && !existsSync(program)) {
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, busybox, { mode: 0o755 });
  }
  return folder;
}

async function buildImages(engine: DockerEngine, workspace: string): Promise<void> {
  for (const [name, tag] of Object.entries(SAMPLE_IMAGES)) {
    const contextDirectory = join(workspace, name);
    const request = { contextDirectory, dockerfile: join(contextDirectory, 'Dockerfile'), tag };
    await engine
      .build(request, AbortSignal.timeout(300_000), () => undefined)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${tag} could not be built from ${request.dockerfile}: ${reason}`);
      });
  }
}

/** `npm start`. Returns the exit code when all that it started has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { headless: { type: 'boolean', default: false } } });
  const lock = tryLock(join(cacheFolder(), 'start.lock'));
  if (typeof lock === 'number') {
    throw new Error(
      `DaoChain is running already (process ${lock}). Use that one, or end it with Ctrl-C and start again.`,
    );
  }
  const end = asked();
  const step = steps(end);
  const started: Started[] = [];
  try {
    await step('geth', installGeth);
    const vsix = await step('extension', packageExtension);
    const docker = await step('Docker Engine', findOrStartEngine);
    started.push(docker);
    const workspace = copySample();
    await step('sample images', () => buildImages(docker.engine, workspace));
    const desktop = values.headless ? undefined : findDesktopCode();
    const window = await step('VS Code', (say) =>
      desktop === undefined
        ? openCodeServer(vsix, workspace, docker.env, say)
        : openDesktop(desktop, workspace, docker.env),
    );
    started.push(window);
    console.log(`DaoChain is ready: ${window.url ?? `the VS Code window on ${workspace}`}`);
    if (!values.headless && window.url !== undefined) openBrowser(window.url);
    const cause = await Promise.race([
      end.then(() => 'asked'),
      // A desktop window ends when somebody closes it.
      window.ended.then(() => (window.url === undefined ? 'asked' : 'code-server')),
      docker.ended.then(() => 'Docker Engine'),
    ]);
    if (cause !== 'asked') throw new Error(`${cause} has ended, so DaoChain ends.`);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 1;
    throw error;
  } finally {
    for (const { stop } of started.reverse()) await stop();
    lock();
  }
}
