import { readFileSync } from 'node:fs';
import { searchProgram } from '../../../src/adapters/geth/runProgram';

/** A static busybox of this machine, or undefined. */
export function staticBusybox(): Buffer | undefined {
  const file = searchProgram('busybox', ['/bin', '/usr/bin']);
  if (file === undefined) return undefined;
  const bytes = readFileSync(file);
  // A dynamic program names its loader, and an image from scratch has none.
  return bytes.includes('/ld-linux') || bytes.includes('/ld-musl') ? undefined : bytes;
}
