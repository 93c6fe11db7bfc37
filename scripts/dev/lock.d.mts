/**
 * Takes the lock file unless a living process has it: a function releases it, a number is its holder. Two processes that
 * find the same dead holder can, rarely, both get it: use it where that costs time or a clear failure, not truth.
 */
export function tryLock(file: string): (() => void) | number;

/** Runs `action` while holding the lock, after whoever holds it now. `onWait` is told the holder once. */
export function withLock<T>(file: string, onWait: (pid: number) => void, action: () => Promise<T>): Promise<T>;
