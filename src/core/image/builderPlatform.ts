import type { Platform } from './identity';
import { briefPlatform, parsePlatformText } from './platform';

type Side = 'BUILD' | 'TARGET';

const parts = ['PLATFORM', 'OS', 'ARCH', 'VARIANT', 'OSVERSION'] as const;

/**
 * What BuildKit says of the platform that it builds on, and of the one that it builds for (Dockerfile reference,
 * "Automatic platform ARGs in the global scope").
 */
export const platformVariables: readonly string[] = (['BUILD', 'TARGET'] as const).flatMap((side) =>
  parts.map((part) => side + part),
);

/** How one of them is written in a `--platform` that is asked about: whoever asks the engine knows its value. */
export function inPlatformText(name: string): string {
  return `\${${name}}`;
}

export const builtOn = inPlatformText('BUILDPLATFORM');
export const builtFor = inPlatformText('TARGETPLATFORM');

const used = /\$\{(BUILD|TARGET)(PLATFORM|OSVERSION|OS|ARCH|VARIANT)\}/g;

/**
 * Whether the text can come out empty because the platform has no variant and no version; the other parts are always
 * there.
 */
export function mayBeEmpty(text: string): boolean {
  return text !== '' && text.replaceAll(/\$\{(?:BUILD|TARGET)(?:VARIANT|OSVERSION)\}/g, '') === '';
}

/** Whether anything in the text depends on the platform of that side. */
export function dependsOn(side: Side, text: string): boolean {
  return [...text.matchAll(used)].some(([, each]) => each === side);
}

/** With the parts of that side's platform filled in, as BuildKit prints them. */
export function fillInPlatform(side: Side, platform: Platform, text: string): string {
  const { os, architecture, variant = '', osVersion = '' } = briefPlatform(platform);
  const values = {
    PLATFORM: [os, architecture, variant].filter((part) => part !== '').join('/'),
    OS: os,
    ARCH: architecture,
    VARIANT: variant,
    OSVERSION: osVersion,
  };
  return text.replaceAll(used, (written, each: Side, part: (typeof parts)[number]) =>
    each === side ? values[part] : written,
  );
}

/**
 * What is asked for where a build is for `target`, in the words of `--platform`: nothing asks for that one, and what depends
 * on its parts needs one whose parts are written.
 */
export function builtForTarget(platform: string | undefined, target: string): string {
  if (platform === undefined) return target;
  if (target === builtFor || !dependsOn('TARGET', platform)) return platform;
  const parts = parsePlatformText(target);
  return parts === undefined ? `${platform} (${target})` : fillInPlatform('TARGET', parts, platform);
}

/** A text in which variables are none of a build's, though they can have their names. */
export function withoutBuilder(platform: string): string {
  return dependsOn('BUILD', platform) || dependsOn('TARGET', platform) ? platform.replaceAll(/[{}]/g, '') : platform;
}
