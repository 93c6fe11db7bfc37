import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../../testbed/program';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Self-signed; also an authority for itself. */
export function makeCertificate(...names: readonly string[]): Certificate {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const subjects = [...names.map((name) => `DNS:${name}`), 'IP:127.0.0.1'].join(',');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
      ...['-subj', '/CN=test', '-addext', `subjectAltName=${subjects}`, '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  const certificate = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  folder.remove();
  return certificate;
}

/** What was asked; `line` is `METHOD path?query`. */
export interface Asked {
  readonly line: string;
  readonly host: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  readonly body: string;
}

export type Handler = (request: Asked, response: ServerResponse, incoming: IncomingMessage) => void;

export interface TestServer {
  readonly port: number;
  readonly asked: readonly Asked[];
  /** The lines of what was asked since the last call. */
  lines(): readonly string[];
  /** Connections that were made, whether or not something was asked on them. */
  connections(): number;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly tls?: Certificate;
  /** Only clients with this certificate are served. */
  readonly client?: Certificate;
}

/** A server on a port of 127.0.0.1 that keeps what it is asked. */
export async function startServer(handle: Handler, { tls, client }: TestServerOptions = {}): Promise<TestServer> {
  const asked: Asked[] = [];
  let told = 0;
  let connections = 0;
  const listener: RequestListener = (incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url = '', headers } = incoming;
      const { host = '', authorization, accept } = headers;
      const request = { line: `${method} ${url}`, host, authorization, accept, body };
      asked.push(request);
      handle(request, response, incoming);
    });
  };
  const server =
    tls === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ ...tls, ...(client && { ca: client.cert, requestCert: true }) }, listener);
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    port: address.port,
    asked,
    lines: () => asked.slice(told, (told = asked.length)).map(({ line }) => line),
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
