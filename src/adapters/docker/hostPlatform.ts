import type { Platform } from '../../core/image/identity';

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };

/** What an engine on this machine would run: containers of Linux, wherever it runs itself. */
export function hostPlatform(architecture: NodeJS.Architecture = process.arch): Platform {
  return { os: 'linux', architecture: architectures[architecture] ?? architecture };
}
