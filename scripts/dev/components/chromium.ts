import { searchProgram } from '../../../src/adapters/geth/runProgram';

/** A Chromium or Chrome: CHROMIUM_PATH, or what is on PATH. */
export function findChromium(): string | undefined {
  return (
    process.env['CHROMIUM_PATH'] ??
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
      .map((name) => searchProgram(name))
      .find((path) => path !== undefined)
  );
}
