const engineCommand = /(?:^|[\s;&|(/\\"'])(?:docker(?:-compose)?|podman)(?:\.exe)?["']?\s+([^;&|\n]*)/g;

/**
 * Whether a command line has a container engine build an image: `build`, `buildx bake`, `compose up --build` and the like.
 * Only an offer hangs on it, so that a script which hides the command is not looked into.
 */
export function buildsImage(commandLine: string): boolean {
  return [...commandLine.matchAll(engineCommand)].some(([, words = '']) =>
    words.split(/\s+/).some((word) => word === 'build' || word === 'bake' || word === '--build'),
  );
}
