import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

/** Process ID of the one program of this name that this process has started. */
export function childNamed(name: string): number {
  const children = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const [, command, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return command === name && Number(parent) === process.pid;
      } catch {
        return false; // it has ended meanwhile
      }
    });
  assert.equal(children.length, 1, `one ${name} is running`);
  return Number(children[0]);
}
