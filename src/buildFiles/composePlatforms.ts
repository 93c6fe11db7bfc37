import { builtFor, builtForTarget, builtOn, dependsOn } from '../core/image/builderPlatform';
import type { BaseImage } from './baseImages';

/** As many platforms are asked about for each image; of a service with more, nothing is judged. */
const mostPlatforms = 16;

/**
 * The image for each platform that Compose fetches it for. What a service runs is for `run`. What it is built from is for
 * each of `targets`, `build.platforms`: `build` builds for all, and `up` for what the service runs on, or where several are
 * named and nothing else is said, for whatever the builder takes. A mount is for whatever the engine takes, since Compose
 * asks for no platform there. A platform is undefined where none is written.
 */
export function forPlatforms(
  image: BaseImage,
  run: string | undefined,
  targets: readonly string[],
): readonly BaseImage[] {
  if (image.type !== 'image' || image.source === 'volume') return [image];
  if (image.source === 'image') return [run === undefined ? image : { ...image, platform: run }];
  if (targets.length > mostPlatforms) return [{ ...image, platform: `${targets.length} platforms` }];
  const built = targets.length > 1 ? [run ?? builtFor, ...targets] : [targets[0] ?? run ?? builtFor];
  if (built.every((target) => target === builtFor)) return [image];
  const platforms = built.map((target) => builtForTarget(image.platform, target));
  // A stage can also start from a context on the platform that is built on.
  const asked = new Set(image.source === 'context' ? [...platforms, builtOn] : platforms);
  return [...asked].map((platform) => (platform === builtFor ? image : { ...image, platform }));
}

/** What Compose has as a text is no variable of a build, though it can have the name of one. */
export function withoutBuilder(platform: string): string {
  return dependsOn('BUILD', platform) || dependsOn('TARGET', platform) ? platform.replaceAll(/[{}]/g, '') : platform;
}
