import type { Platform } from '../core/image/identity';
import { normalizePlatform, parsePlatformText } from '../core/image/platform';

const architectures = [
  ...['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips64', 'mips64le', 'ppc64', 'ppc64le', 'riscv64', 's390x', 'wasm'],
];
const systems = ['linux', 'windows', 'darwin', 'freebsd', 'wasip1'];

/**
 * What `--platform` means, as containerd reads it (its `platforms` package): a lone architecture is the engine's system,
 * a lone system the engine's architecture. Undefined where it means nothing.
 */
export async function askedPlatform(text: string, engine: () => Promise<Platform>): Promise<Platform | undefined> {
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(text)) return undefined;
  if (text.includes('/')) return parsePlatformText(text);
  const { architecture } = normalizePlatform({ os: '', architecture: text });
  if (architectures.includes(architecture)) return { os: (await engine()).os, architecture };
  const os = text.toLowerCase();
  return systems.includes(os) ? { os, architecture: (await engine()).architecture } : undefined;
}
