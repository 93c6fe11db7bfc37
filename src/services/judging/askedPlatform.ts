import { isDaoChainError, throwIfCancelled } from '../../core/errors';
import { builtFor, builtOn, dependsOn, fillInPlatform } from '../../core/image/builderPlatform';
import type { Platform } from '../../core/image/identity';
import { normalizePlatform, parsePlatformText } from '../../core/image/platform';
import type { JudgingOptions } from '../../core/judging/imageAnswer';
import type { ContainerEngine } from '../../core/ports/engine';

const architectures = new Set([
  ...['386', 'amd64', 'amd64p32', 'arm', 'armbe', 'arm64', 'arm64be', 'loong64', 'mips', 'mipsle', 'mips64'],
  ...['mips64le', 'mips64p32', 'mips64p32le', 'ppc', 'ppc64', 'ppc64le', 'riscv', 'riscv64', 's390', 's390x'],
  ...['sparc', 'sparc64', 'wasm'],
]);
const systems = new Set([
  ...['aix', 'android', 'darwin', 'dragonfly', 'freebsd', 'hurd', 'illumos', 'ios', 'js', 'linux', 'nacl', 'netbsd'],
  ...['openbsd', 'plan9', 'solaris', 'windows', 'zos'],
]);

/** One that can be fetched for; `any` where nobody knows which the engine's own is. */
export type FetchedPlatform = Platform | 'any';

export interface PlatformPorts {
  readonly engine: Pick<ContainerEngine, 'endpoint' | 'platform'>;
  /** What an engine on this machine would run. */
  readonly hostPlatform: () => Platform;
  /** What the docker command takes where nothing is written (DOCKER_DEFAULT_PLATFORM), as it stands in the environment. */
  readonly defaultPlatform?: string | undefined;
}

/** Tells for which platform the tools would fetch. The engine is asked once, and only if something depends on it. */
export class AskedPlatforms {
  #own: Promise<Platform | undefined> | undefined;

  constructor(
    private readonly ports: PlatformPorts,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * What stands for `--platform`, by what is written or else by the environment. Undefined where that is whatever the
   * engine's own is; and where the engine alone is asked, for what it has under a name is that, whatever would be fetched.
   */
  textOf(written: string | undefined, sources: JudgingOptions['sources']): string | undefined {
    if (written !== undefined && written !== builtFor) return written;
    return sources === 'engine' ? undefined : this.ports.defaultPlatform;
  }

  /**
   * What `--platform` means, as containerd reads it (its `platforms` package), with the variables of a build in it.
   * Undefined where it means nothing, or not one platform.
   */
  async read(text: string): Promise<FetchedPlatform | undefined> {
    if (text === builtOn) return (await this.own()) ?? 'any';
    if (text === builtFor) return this.target();
    let filled = text;
    for (const side of ['BUILD', 'TARGET'] as const) {
      if (!dependsOn(side, filled)) continue;
      const platform = side === 'BUILD' ? await this.own() : await this.target();
      if (platform === undefined || platform === 'any') return undefined;
      filled = fillInPlatform(side, platform, filled);
    }
    return this.parse(filled);
  }

  /** What a build is for where nothing is written. */
  async target(): Promise<FetchedPlatform | undefined> {
    const { defaultPlatform } = this.ports;
    return defaultPlatform === undefined ? this.read(builtOn) : this.parse(defaultPlatform);
  }

  private async parse(text: string): Promise<Platform | undefined> {
    if (!/^[\w-]+(?:\/[\w.-]+)*$/.test(text)) return undefined;
    if (text.includes('/')) return parsePlatformText(text);
    const { os, architecture } = normalizePlatform({ os: text, architecture: text });
    if (systems.has(os)) return this.ofSystem(os);
    const own = architectures.has(architecture) ? await this.own() : undefined;
    return own && { os: own.os, architecture: text };
  }

  /** Some commands fill in the architecture of the machine they run on, and others the engine's. */
  private async ofSystem(os: string): Promise<Platform | undefined> {
    const own = await this.own();
    const host = normalizePlatform(this.ports.hostPlatform());
    return own?.architecture === host.architecture ? { ...own, os } : undefined;
  }

  private own(): Promise<Platform | undefined> {
    return (this.#own ??= this.askEngine());
  }

  private async askEngine(): Promise<Platform | undefined> {
    const { engine, hostPlatform } = this.ports;
    try {
      return normalizePlatform(await engine.platform(this.signal));
    } catch (error) {
      throwIfCancelled(this.signal);
      if (!isDaoChainError(error)) throw error;
      return isDaoChainError(error, 'engineUnavailable') && (await this.isOfThisMachine()) ? hostPlatform() : undefined;
    }
  }

  /** An engine that does not answer runs what this machine does, if it runs here. */
  private async isOfThisMachine(): Promise<boolean> {
    try {
      const { host } = await this.ports.engine.endpoint();
      return /^(?:unix|npipe):/.test(host) || /^tcp:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\/?$/.test(host);
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      return false;
    }
  }
}
