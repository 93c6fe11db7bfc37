import type { Platform } from './identity';

// Maps and not objects, because architectures are words of strangers, who may call one `constructor`.
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
/** Other names of an architecture's variants; the empty one is what it means when it names none. */
const variantNames: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['amd64', new Map([['', 'v1']])],
  [
    'arm64',
    new Map([
      ...['', '8', 'v8.0'].map((name) => [name, 'v8'] as const),
      ...['9', '9.0', 'v9.0'].map((name) => [name, 'v9'] as const),
    ]),
  ],
  ['arm', new Map([['', 'v7'], ...['5', '6', '7', '8'].map((name) => [name, `v${name}`] as const)])],
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
  const written = variants.get(lowerCase) ?? variant.toLowerCase();
  const meant = variantNames.get(name)?.get(written) ?? written;
  const system = os.toLowerCase();
  return {
    os: system === 'macos' ? 'darwin' : system,
    architecture: name,
    ...(meant === '' ? {} : { variant: meant }),
    ...(osVersion === undefined ? {} : { osVersion }),
  };
}

/** In the words that tools print: without a variant that the architecture means anyway. Of 32-bit ARM each is named. */
export function briefPlatform(platform: Platform): Platform {
  const { variant, ...rest } = normalizePlatform(platform);
  const isImplied = ['amd64/v1', 'arm64/v8'].includes(`${rest.architecture}/${variant ?? ''}`);
  return variant === undefined || isImplied ? rest : { ...rest, variant };
}

/** Whether both names mean the same platform; an OS version counts only where both have one. */
export function samePlatform(a: Platform, b: Platform): boolean {
  // The two names are nearly always the same words, and histories have many leaves.
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

/** A child of an index, by what is said there of its platform. */
interface Choosable {
  readonly platform?: Platform;
  readonly osFeatures?: readonly string[];
}

/**
 * Which children of an index an engine could choose for a platform. Engines know more of their processor than they say, and
 * choose by different rules among the variants of an architecture, so each of these counts; so does a child without a
 * platform, of which the config tells. A substitute counts unless there is a child that every engine of the platform
 * prefers to it.
 */
export function choosable(children: readonly Choosable[], wanted: Platform): (child: Choosable) => boolean {
  const { os, architecture } = wanted;
  const isPreferred = ({ platform, osFeatures }: Choosable): boolean =>
    platform !== undefined &&
    osFeatures === undefined &&
    [wanted, { os, architecture }].some((each) => samePlatform(platform, each));
  const isServed = children.some(isPreferred);
  return ({ platform }) =>
    platform === undefined || sameArchitecture(platform, wanted) || (!isServed && isSubstitute(platform, wanted));
}

/** Whether `other` is of an architecture that engines take where there is nothing for the platform itself. */
export function isSubstitute(other: Platform, { os, architecture }: Platform): boolean {
  const substitute = substitutes.get(normalizePlatform({ os, architecture }).architecture);
  return substitute !== undefined && sameArchitecture(other, { os, architecture: substitute });
}

/**
 * Whether an engine of the platform `wanted` takes an image of `other` (containerd's `platforms.Only`): one of the same or
 * of an older variant, or of the architecture that the processor runs as well.
 */
export function isTakenFor(wanted: Platform, other: Platform): boolean {
  const [want, have] = [normalizePlatform(wanted), normalizePlatform(other)];
  if (want.os !== have.os) return false;
  const { architecture, variant = '' } = want;
  switch (architecture) {
    case 'amd64':
      return have.architecture === '386' ? have.variant === undefined : isVariant(have, 'amd64', below(variant, 1));
    case 'arm':
      return isVariant(have, 'arm', below(variant, 5));
    case 'arm64': {
      const own = arm64Variants(variant);
      return isVariant(have, 'arm64', own) || (own.length > 0 && isVariant(have, 'arm', below('v8', 5)));
    }
    default:
      return have.architecture === architecture && have.variant === want.variant;
  }
}

function isVariant(have: Platform, architecture: string, oneOf: readonly string[]): boolean {
  return have.architecture === architecture && oneOf.includes(have.variant ?? '');
}

/** `v7`, and each number below it down to `lowest`. */
function below(variant: string, lowest: number): readonly string[] {
  const number = /^v?([1-9])$/.exec(variant)?.[1];
  const count = Math.max(0, Number(number ?? 0) - lowest);
  return [variant, ...Array.from({ length: count }, (_, i) => `v${lowest + i}`)];
}

/**
 * `v8.2` includes what the versions before it have, and `v9` what `v8.5` has. Empty for a version that does not exist.
 */
function arm64Variants(variant: string): readonly string[] {
  const [, major, digits = '0'] = /^v([89])(?:\.([0-9]))?$/.exec(variant) ?? [];
  const minor = Number(digits);
  const upTo = (name: string, last: number): readonly string[] =>
    Array.from({ length: last + 1 }, (_, i) => (i === 0 ? name : `${name}.${i}`));
  if (major === '8') return upTo('v8', minor);
  return major === '9' && minor <= 7 ? [...upTo('v9', minor), ...upTo('v8', Math.min(9, minor + 5))] : [];
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
