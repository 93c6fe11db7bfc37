import type { Platform } from './identity';

// Maps, because architectures are words of strangers, who may call one `constructor`.
const architectures: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
]);
/** Names that mean a variant, whatever stands beside them. */
const variants: ReadonlyMap<string, string> = new Map([
  ['i386', ''],
  ['armhf', 'v7'],
  ['armel', 'v6'],
]);
/** Variants that an architecture means when it names none. */
const impliedVariants: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
]);
/** What engines take where an index has nothing of the machine's own architecture (containerd's `platforms.Only`). */
const substitutes: ReadonlyMap<string, string> = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
]);

/**
 * A platform as containerd compares it (its `platforms` package): other names of an architecture, and the variant that
 * an architecture means when it names none. For choosing only; what is signed keeps the image's own words.
 */
export function normalizePlatform({ os, architecture, variant = '', osVersion }: Platform): Platform {
  const lowerCase = architecture.toLowerCase();
  const name = architectures.get(lowerCase) ?? lowerCase;
  const implied = impliedVariants.get(name) ?? '';
  const chosen = variants.get(lowerCase) ?? (variant === '' ? implied : variant.toLowerCase());
  return {
    os: os.toLowerCase(),
    architecture: name,
    ...(chosen === '' ? {} : { variant: /^[0-9]/.test(chosen) ? `v${chosen}` : chosen }),
    ...(osVersion === undefined ? {} : { osVersion }),
  };
}

/** Whether both names mean the same platform; an OS version counts only where both have one. */
export function samePlatform(a: Platform, b: Platform): boolean {
  // Nearly always they are the same words, and histories have many leaves.
  if (a.os === b.os && a.architecture === b.architecture && a.variant === b.variant && a.osVersion === b.osVersion)
    return true;
  const [left, right] = [normalizePlatform(a), normalizePlatform(b)];
  return (
    left.os === right.os &&
    left.architecture === right.architecture &&
    left.variant === right.variant &&
    (left.osVersion === undefined || right.osVersion === undefined || left.osVersion === right.osVersion)
  );
}

/** As {@link samePlatform}, whatever the variants and versions. */
export function sameArchitecture(a: Platform, b: Platform): boolean {
  const [left, right] = [normalizePlatform(a), normalizePlatform(b)];
  return left.os === right.os && left.architecture === right.architecture;
}

/** Whether `other` is of an architecture that engines take where there is nothing for `platform` itself. */
export function isSubstitute(other: Platform, { os, architecture }: Platform): boolean {
  const substitute = substitutes.get(normalizePlatform({ os, architecture }).architecture);
  return substitute !== undefined && sameArchitecture(other, { os, architecture: substitute });
}

/** `os/architecture[/variant]`, as `--platform` has it; undefined where it is not of that form. */
export function parsePlatformText(text: string): Platform | undefined {
  const [os = '', architecture = '', variant, ...more] = text.split('/');
  if (os === '' || architecture === '' || variant === '' || more.length > 0) return undefined;
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** `linux/arm64/v8`, as engines print it. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}
