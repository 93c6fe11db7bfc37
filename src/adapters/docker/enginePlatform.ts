import type { Platform } from '../../core/image/identity';
import { normalizePlatform } from '../../core/image/platform';
import type { VersionAnswer } from './inspectAnswer';

/** What `GET /info` says of the kernel: its system, and the machine as `uname -m` prints it. */
export interface KernelNames {
  readonly os: string;
  readonly machine: string;
}

/**
 * For which platform an engine fetches where none is asked for: that of its own program (`runtime.GOARCH`), which on the
 * same kernel can be one of 32 bits. Of ARM the kernel tells the variant.
 */
export function enginePlatform(version: VersionAnswer | undefined, kernel: KernelNames): Platform {
  const machine = machinePlatform(kernel);
  const { Os: os = '', Arch: architecture = '' } = version ?? {};
  if (architecture === '') return machine;
  const own = machinePlatform({ os: os === '' ? kernel.os : os, machine: architecture });
  return own.architecture === 'arm' ? { ...own, ...armVariant(machine) } : own;
}

/** Kernels have names of their own for what images call `386`, `arm` and `loong64`. */
function machinePlatform({ os, machine }: KernelNames): Platform {
  const name = machine.toLowerCase();
  const arm = /^armv([5-8])/.exec(name)?.[1];
  if (arm !== undefined) return normalizePlatform({ os, architecture: 'arm', variant: `v${arm}` });
  const architecture = /^i[3-6]86$/.test(name) ? '386' : name === 'loongarch64' ? 'loong64' : name;
  return normalizePlatform({ os, architecture });
}

/** A 64-bit kernel runs on a processor that is `v8` to programs of 32 bits. */
function armVariant({ architecture, variant = '' }: Platform): Pick<Platform, 'variant'> {
  if (architecture === 'arm64') return { variant: 'v8' };
  return architecture === 'arm' ? { variant } : {};
}
