/** Confirmations of an entry in `block` when `head` is the newest block: its own block is the first; 0 when it is not there yet. */
export function confirmationsAt(head: number, block: number): number {
  return Math.max(0, head - block + 1);
}

/** Confirmations that make an entry final where `asked` are asked for: one that is in no block is never final. */
export function confirmationsNeeded(asked: number): number {
  return Math.max(1, asked);
}

export function isFinalAt(head: number, block: number, asked: number): boolean {
  return confirmationsAt(head, block) >= confirmationsNeeded(asked);
}

/** The newest block whose entries are final; -1 where there is none. */
export function finalBlockAt(head: number, asked: number): number {
  return Math.max(-1, head - confirmationsNeeded(asked) + 1);
}
