import type { GoProgram } from './goProgram';

/** What the bench measures beside. */
export const cosign: GoProgram = {
  name: 'cosign',
  version: '3.1.2',
  module: 'github.com/sigstore/cosign/v3/cmd/cosign',
  minutes: 3,
};
