import { Socket } from 'node:net';

/** What this process sends over local sockets, counted by their paths. */
export interface Traffic {
  /** How many writes went to the socket at `path` so far. */
  to(path: string): number;
  /** All paths that something was sent to. */
  paths(): readonly string[];
  stop(): void;
}

/** The path in what `connect` was called with, which is a path, options, or the two in a list. */
function pathOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  if (Array.isArray(given)) return pathOf(given[0]);
  const path: unknown = typeof given === 'object' && given !== null && 'path' in given ? given.path : undefined;
  return typeof path === 'string' ? path : undefined;
}

/** Counts from now on. Every client library ends up in these two methods. */
export function countTraffic(): Traffic {
  const counts = new Map<string, number>();
  const paths = new WeakMap<Socket, string>();
  const own = {
    connect: Reflect.get(Socket.prototype, 'connect') as (...given: unknown[]) => Socket,
    _write: Reflect.get(Socket.prototype, '_write') as (...given: unknown[]) => void,
  };
  Object.assign(Socket.prototype, {
    connect(this: Socket, ...given: unknown[]): Socket {
      const path = pathOf(given[0]);
      if (path !== undefined) paths.set(this, path);
      return own.connect.apply(this, given);
    },
    _write(this: Socket, ...given: unknown[]): void {
      const path = paths.get(this);
      if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
      own._write.apply(this, given);
    },
  });
  return {
    to: (path) => counts.get(path) ?? 0,
    paths: () => [...counts.keys()],
    stop: () => {
      Object.assign(Socket.prototype, own);
    },
  };
}
