import { freemem, totalmem } from 'node:os';

/**
 * Bytes that programs can still take, at most what a container allows in all. macOS counts as free only what holds no
 * file that was read, which says little; there it is all that the machine has.
 */
export function freeMemory(): number {
  const free = process.platform === 'darwin' ? totalmem() : freemem();
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(free, allowed) : free;
}
