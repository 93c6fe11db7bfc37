import path from 'node:path';
import { IpcTransport } from './ipcTransport';
import type { Assurance } from '../../core/judging/verdict';
import type { RpcTransport } from './rpcTransport';

/** Where a node answers that this product does not run: the socket of one on this machine, or a web address. */
export type Endpoint = { readonly type: 'path'; readonly path: string } | { readonly type: 'web'; readonly url: URL };

/** Undefined for what is neither. */
export function parseEndpoint(text: string, platform = process.platform): Endpoint | undefined {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (!isAddress) {
    const socket = text === '' ? undefined : platform === 'win32' ? ownPipe(text) : path.resolve(text);
    return socket === undefined ? undefined : { type: 'path', path: socket };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? { type: 'web', url } : undefined;
}

/** On Windows a path can lead to a pipe of another machine, and what that says is not what one's own node says. */
function ownPipe(text: string): string | undefined {
  const pipe = path.win32.resolve(text);
  return /^\\\\[.?]\\pipe\\[^\\]/i.test(pipe) ? pipe : undefined;
}

/** HTTP is loaded only where it is spoken. */
export async function openEndpoint(endpoint: Endpoint): Promise<RpcTransport> {
  if (endpoint.type === 'path') return new IpcTransport(() => endpoint.path);
  const { HttpRpcTransport } = await import(
    /* webpackMode: "lazy", webpackChunkName: "webEndpoint" */ './httpRpcTransport'
  );
  return new HttpRpcTransport(endpoint.url);
}

/** A node of this machine has executed the blocks; what a web address says is its word. */
export function assuranceOf({ type }: Endpoint): Assurance {
  return type === 'path' ? 'ownNode' : 'reported';
}

/** What is shown of an endpoint: user name, path and query of a web address can be what it is paid with. */
export function endpointText(endpoint: Endpoint): string {
  return endpoint.type === 'path' ? endpoint.path : endpoint.url.origin;
}
