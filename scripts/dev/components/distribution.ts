import type { GoProgram } from './goProgram';

/** The newest registry, beside Debian's of the line before. */
export const newestRegistry: GoProgram = {
  name: 'distribution',
  version: '3.1.2',
  module: 'github.com/distribution/distribution/v3/cmd/registry',
  minutes: 3,
};
