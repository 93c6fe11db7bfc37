import type { Platform } from '../../core/image/identity';

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };

/** What an engine on this machine would run: containers of Linux, wherever it runs itself. */
export function hostPlatform(architecture: NodeJS.Architecture = process.arch): Platform {
  return { os: 'linux', architecture: architectures[architecture] ?? architecture };
}

/** What the docker command and Compose take where no platform is written; an empty variable is none. */
export function defaultPlatform(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = environment['DOCKER_DEFAULT_PLATFORM'];
  return text === '' ? undefined : text;
}
