import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import type { Registry } from '../../testbed/registry';

/** A registry whose layers come and go only in part, between `halt`, which it starts with, and `release`. */
export interface HaltingRegistry {
  /** `localhost:PORT` */
  readonly name: string;
  /** How many layers have stopped on their way. */
  halted(): number;
  halt(): void;
  /** Lets everything through from now on. */
  release(): void;
  /** Dies, with everything that is under way. */
  dispose(): Promise<void>;
}

/** Stands in front of `registry`. After `halfway` bytes of a layer, up or down, nothing moves. */
export async function startHaltingRegistry(registry: Registry, halfway = 1024 * 1024): Promise<HaltingRegistry> {
  const waiting = new Set<() => void>();
  let isHalting = true;
  let halted = 0;

  const inPart = (): Transform => {
    let passed = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        passed += chunk.length;
        const pass = (): void => {
          done(null, chunk);
        };
        if (!isHalting || passed < halfway) {
          pass();
          return;
        }
        halted += 1;
        waiting.add(pass);
      },
    });
  };
  const forward = (from: IncomingMessage, to: ServerResponse): void => {
    const { method, headers, url } = from;
    const upstream = request({ host: '127.0.0.1', port: registry.port, method, headers, path: url }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(inPart()).pipe(to);
    });
    upstream.on('error', () => to.destroy());
    to.on('close', () => upstream.destroy());
    from.pipe(inPart()).pipe(upstream);
  };
  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    name: `localhost:${port}`,
    halted: () => halted,
    halt: () => {
      isHalting = true;
    },
    release: () => {
      isHalting = false;
      for (const pass of waiting) pass();
      waiting.clear();
    },
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
