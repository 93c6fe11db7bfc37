/** Confirmations of an entry in `block` when `head` is the newest block: its own block is the first; 0 when it is not there yet. */
export function confirmationsAt(head: number, block: number): number {
  return Math.max(0, head - block + 1);
}
