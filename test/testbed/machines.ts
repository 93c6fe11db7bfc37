import { execFileSync } from 'node:child_process';
import { chmodSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { onProcessExit, signalProcess, temporaryFolder } from './program';

/** A machine of a local network: a network namespace with one cable, in which programs of a test run. */
export interface Machine {
  readonly address: string;
  /** Runs as `program` does, but on this machine. */
  runnerOf(program: string): string;
  /** Runs a program there to its end, and gives what it prints. */
  run(program: string, args: readonly string[]): string;
  /** Pulls the cable, or plugs it in. */
  plug(isIn: boolean): void;
  /** Gets another address in the place of its own. */
  move(address: string): void;
}

export interface Machines {
  readonly all: readonly Machine[];
  dispose(): void;
}

/** Only root may make such machines, and only Linux has them. */
export function canHaveMachines(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && searchProgram('ip') !== undefined;
}

/** Each suite can have process IDs of its own, which mean nothing in another one that runs beside it. */
function prefix(): string {
  return `dcm${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}p`;
}

/** Machines at one switch, at `10.77.0.1` and so on. Nothing of this machine's own network is touched. */
export function startMachines(count: number): Machines {
  sweep();
  const folder = temporaryFolder();
  const names: string[] = [];
  const forget = onProcessExit(() => {
    removeAll();
  });
  const removeAll = (): void => {
    for (const name of names.splice(0)) quietly(() => ip('netns', 'del', name));
  };
  const own = (suffix: string): string => {
    const name = `${prefix()}${process.pid}-${Math.random().toString(36).slice(2, 6)}${suffix}`;
    ip('netns', 'add', name);
    names.push(name);
    return name;
  };
  try {
    const hub = own('s');
    ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'switch', 'up');
    const all = Array.from({ length: count }, (_, i): Machine => {
      const name = own(i.toString());
      const [cable, host] = [`port${i.toString()}`, `10.77.0.${(i + 1).toString()}`];
      ip('-n', hub, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('-n', hub, 'link', 'set', cable, 'master', 'switch', 'up');
      ip('-n', name, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      let address = host;
      return {
        get address() {
          return address;
        },
        runnerOf: (program) => {
          const runner = join(folder.path, `runner-${i.toString()}-${basename(program)}`);
          writeFileSync(runner, `#!/bin/sh\nexec ip netns exec ${name} '${program}' "$@"\n`);
          chmodSync(runner, 0o700);
          return runner;
        },
        run: (program, args) => ip('netns', 'exec', name, program, ...args),
        plug: (isIn) => {
          ip('-n', hub, 'link', 'set', cable, isIn ? 'up' : 'down');
        },
        move: (next) => {
          ip('-n', name, 'addr', 'flush', 'dev', 'eth0');
          ip('-n', name, 'addr', 'add', `${next}/24`, 'dev', 'eth0');
          address = next;
        },
      };
    });
    return {
      all,
      dispose: () => {
        removeAll();
        forget();
        folder.remove();
      },
    };
  } catch (error) {
    removeAll();
    throw error;
  }
}

/** What tests of these process IDs left that were killed: their names say whose they were. */
function sweep(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [, name = '', pid] = /^(\w+p(\d+)-\w+)/.exec(line) ?? [];
    if (name.startsWith(prefix()) && !signalProcess(Number(pid), 0)) quietly(() => ip('netns', 'del', name));
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // It is gone already.
  }
}
