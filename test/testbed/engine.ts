import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough, Readable } from 'node:stream';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { staticBusybox } from '../../scripts/dev/components/busybox';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { newestEngineFolder } from '../../scripts/dev/components/newestEngine';
import { onProcessExit, signalProcess, startProgram, temporaryFolder, type Program } from './program';
import { waitFor } from './waitFor';

const engineKinds = ['debian', 'containerd', 'newClassic'] as const;
/**
 * `debian`: the distribution's engine (20.10 on Debian 12), classic store, API 1.41.
 * `containerd`: the newest engine with the containerd image store. `newClassic`: the newest engine with overlay2.
 */
export type EngineKind = (typeof engineKinds)[number];

/** The kind that DAOCHAIN_TEST_ENGINE names for tests that run on any engine; `debian` unless set. */
export function defaultEngineKind(): EngineKind {
  const wanted = process.env['DAOCHAIN_TEST_ENGINE'] ?? 'debian';
  const kind = engineKinds.find((name) => name === wanted);
  if (kind === undefined) throw new Error(`DAOCHAIN_TEST_ENGINE is none of ${engineKinds.join(', ')}: ${wanted}`);
  return kind;
}

/** A Docker Engine of our own, with its own data, on a private socket. It touches no network of the machine. */
export interface Engine {
  readonly kind: EngineKind;
  /** `unix:///…`, what DOCKER_HOST takes. */
  readonly host: string;
  readonly docker: Docker;
  /** Starts it again after `stop` or `kill`, with the same data on the same socket. */
  start(): Promise<void>;
  /** Ends it and keeps its data. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  dispose(): Promise<void>;
  /** Resolves when the process of the first start has ended. */
  readonly ended: Promise<unknown>;
  /** What it printed last. */
  log(): string;
}

export interface EngineOptions {
  /** What DAOCHAIN_TEST_ENGINE names, or else `debian`, unless given. */
  readonly kind?: EngineKind;
  /** Keep the data in this folder instead of a temporary one. */
  readonly dataRoot?: string;
  /** Of its own, after the others. */
  readonly flags?: readonly string[];
}

/** Program, search path and flags of an engine. */
function command(kind: EngineKind): { program: string; path: string; flags: readonly string[] } {
  const path = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter);
  if (kind === 'debian') {
    const program = searchProgram('dockerd', ['/usr/sbin']);
    if (program === undefined) throw new Error('dockerd is not installed: apt-get install docker.io');
    return { program, path, flags: [] };
  }
  const folder = newestEngineFolder();
  const program = join(folder, 'dockerd');
  if (!existsSync(program)) throw new Error('The newest engine is not built yet: npm run test:engines builds it');
  return {
    program,
    path: folder + delimiter + path,
    flags: kind === 'containerd' ? [] : ['--feature', 'containerd-snapshotter=false', '--storage-driver', 'overlay2'],
  };
}

/** Takes away the mounts that an engine which was killed has left, without which its folder cannot be removed. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path === folder || path.startsWith(`${folder}/`));
  if (mounts.length > 0) execFileSync('umount', ['--lazy', ...mounts.reverse()]);
}

/** Starts an engine and waits until it answers. Needs root. */
export async function startEngine({
  kind = defaultEngineKind(),
  dataRoot,
  flags: own = [],
}: EngineOptions = {}): Promise<Engine> {
  const { program, path, flags } = command(kind);
  const folder = temporaryFolder();
  const socket = join(folder.path, 'd.sock');
  const docker = new Docker({ socketPath: socket });
  const unmount = (): void => {
    for (const path of [folder.path, dataRoot]) if (path !== undefined) unmountBelow(path);
  };
  const forget = onProcessExit(unmount);
  let running: Program | undefined;
  // Without a file of its own it would read the machine's.
  writeFileSync(join(folder.path, 'daemon.json'), '{}');

  const start = async (): Promise<void> => {
    if (running?.running() === true) return;
    const started = await startProgram(
      program,
      [
        ...['--host', `unix://${socket}`],
        ...['--data-root', dataRoot ?? join(folder.path, 'data')],
        ...['--exec-root', join(folder.path, 'exec')],
        ...['--pidfile', join(folder.path, 'pid')],
        ...['--config-file', join(folder.path, 'daemon.json')],
        ...['--bridge', 'none', '--iptables=false'],
        ...flags,
        ...own,
      ],
      { env: { ...process.env, PATH: path } },
    );
    running = started;
    const answers = async (): Promise<boolean> => {
      await docker.ping();
      return true;
    };
    await waitFor('the engine answers', () => !started.running() || answers());
    if (!started.running()) throw new Error(`The engine ended at once:\n${started.output().slice(-3_000)}`);
  };
  const stop = async (): Promise<void> => {
    await running?.stop(30_000);
  };
  /** After a sudden end of the engine. */
  const containerdEnds = async (): Promise<void> => {
    // containerd has a session of its own; the kernel ends it with dockerd, but not before this returns.
    await waitFor('the containerd of the engine has ended', () => {
      const file = join(folder.path, 'exec', 'containerd', 'containerd.pid');
      return !existsSync(file) || !signalProcess(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    });
  };
  const kill = async (): Promise<void> => {
    await running?.kill();
    await containerdEnds();
  };

  const dispose = async (): Promise<void> => {
    // Its data goes with it, so a clean end, which takes seconds, is only for containers that run.
    const isWorking = async (): Promise<boolean> => (await docker.listContainers()).length > 0;
    if (running?.running() === true && !(await isWorking().catch(() => true))) {
      await running.stop(0);
      await containerdEnds();
    } else {
      await stop();
    }
    unmount();
    forget();
    folder.remove();
  };

  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    ended: running?.ended ?? Promise.resolve(),
    kind,
    host: `unix://${socket}`,
    docker,
    start,
    stop,
    kill,
    restart: async () => {
      await stop();
      await start();
    },
    dispose,
    log: () => running?.output() ?? '',
  };
}

export interface ImageRecipe {
  /** Contents by path in the image, without leading slash. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Further instructions, such as `ENV A=b` or `CMD ["/bin/busybox","sh"]`. */
  readonly instructions?: readonly string[];
  /** Adds a static busybox as `/bin/busybox` and `/bin/sh`, so that the image can run. */
  readonly runnable?: boolean;
}

/**
 * Builds an image `FROM scratch` with the classic builder, in about a tenth of a second, and returns its ID. A recipe
 * without anything makes a distinct image each time.
 */
export async function buildImage(docker: Docker, reference: string, recipe: ImageRecipe = {}): Promise<string> {
  const { files = {}, labels = {}, instructions = [], runnable = false } = recipe;
  const busybox = runnable ? staticBusybox() : undefined;
  if (runnable && busybox === undefined) throw new Error('No static busybox: apt-get install busybox-static');
  const content = new Map<string, string | Uint8Array>(Object.entries(files));
  const allLabels = Object.entries(recipe).length === 0 ? { built: `${Date.now()} ${Math.random()}` } : labels;
  const dockerfile = [
    'FROM scratch',
    ...(busybox === undefined ? [] : ['COPY busybox /bin/busybox', 'COPY busybox /bin/sh']),
    ...(content.size === 0 ? [] : ['COPY content/ /']),
    ...Object.entries(allLabels).map(([key, value]) => `LABEL ${JSON.stringify(key)}=${JSON.stringify(value)}`),
    ...instructions,
  ];
  const tar = pack();
  tar.entry({ name: 'Dockerfile' }, dockerfile.join('\n') + '\n');
  if (busybox !== undefined) tar.entry({ name: 'busybox', mode: 0o755 }, busybox);
  for (const [name, bytes] of content) tar.entry({ name: `content/${name}` }, Buffer.from(bytes));
  tar.finalize();
  const context = new PassThrough();
  const [answer] = await Promise.all([
    docker.buildImage(context, { t: reference, version: '1' }),
    pipeline(tar, context),
  ]);
  await followed(docker, answer);
  return (await docker.getImage(reference).inspect()).Id;
}

/** Loads a `docker save` archive. */
export async function loadImage(docker: Docker, tar: Buffer): Promise<void> {
  await followed(docker, await docker.loadImage(Readable.from([tar])));
}

/** Pushes an image; `auth` is what the registry wants, if it wants something. */
export async function pushImage(
  docker: Docker,
  reference: string,
  auth: { readonly user: string; readonly password: string } = { user: '', password: '' },
): Promise<void> {
  const authconfig = { username: auth.user, password: auth.password };
  await followed(docker, await docker.getImage(reference).push({ authconfig }));
}

/** Reads the engine's progress messages to the end; rejects with the error that one of them carries. */
async function followed(docker: Docker, answer: NodeJS.ReadableStream): Promise<void> {
  const messages = await new Promise<readonly { readonly error?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(answer, (error, all: readonly { readonly error?: string }[]) => {
      if (error) reject(error);
      else resolve(all);
    });
  });
  const failure = messages.find(({ error }) => error !== undefined);
  if (failure !== undefined) throw new Error(failure.error);
}
