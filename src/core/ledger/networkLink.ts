import { keccak_256 } from '@noble/hashes/sha3';
import { concatBytes } from '@noble/hashes/utils';
import { fromBase64url, toBase64url } from '../base64url';
import { DaoChainError } from '../errors';
import { fromHex, toHex } from '../hex';

/** `details.reason` of a `linkInvalid` error about a link of a network, with the part to blame as `value`. Closed and stable. */
export type NetworkLinkFault =
  | 'notNetwork'
  | 'notAdmission'
  | 'tooLong'
  | 'character'
  | 'encoding'
  | 'unknown'
  | 'repeated'
  | 'missing'
  | 'newer'
  /** A letter is wrong, or some are missing, or it says in another form what has one only. */
  | 'damaged'
  | 'ledger'
  | 'node'
  | 'machine';

export function refuseLink(reason: NetworkLinkFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Link of a network refused: ${reason}`, { details: { reason, value } });
}

/** Joins a network; lets a machine in. */
type LinkPath = 'network' | 'admit';

/** Of VS Code and the editors made from it; what comes after is ours. */
const start = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/([a-z]+)\?/;

/**
 * `vscode://daochain.daochain/PATH?v=1&d=…`. `d` is base64url of the body and its check, so that no editor, chat or shell has
 * anything to escape: an editor hands a link over with its escapes gone, and then a name could be taken for a part.
 */
export function networkLink(path: LinkPath, body: Uint8Array): string {
  return `vscode://daochain.daochain/${path}?v=1&d=${toBase64url(concatBytes(body, checkOf(path, body)))}`;
}

/** The body of a link that anybody can have written: `linkInvalid` unless it is of this path, this version, and whole. */
export function readNetworkLink(text: string, path: LinkPath, longest: number): LinkReader {
  if (text.length > longest) refuseLink('tooLong');
  const link = text.trim();
  if (/[^\x21-\x7e]/.test(link)) refuseLink('character');
  if (start.exec(link)?.[1] !== path) refuseLink(path === 'network' ? 'notNetwork' : 'notAdmission');
  const given = new Map<string, string>();
  for (const part of link.slice(link.indexOf('?') + 1).split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(part) ?? [];
    if (given.has(name)) refuseLink('repeated', name);
    given.set(name, value);
  }
  const version = given.get('v') ?? refuseLink('missing', 'v');
  // What a newer version may say beside, nobody knows here.
  if (version !== '1') refuseLink(/^[1-9]\d{0,5}$/.test(version) ? 'newer' : 'encoding', version);
  const unknown = [...given.keys()].find((name) => name !== 'v' && name !== 'd');
  if (unknown !== undefined) refuseLink('unknown', unknown);
  const letters = given.get('d') ?? refuseLink('missing', 'd');
  if (/[^\w-]/.test(letters)) refuseLink('encoding', letters.slice(0, 64));
  const bytes = fromBase64url(letters) ?? refuseLink('damaged');
  const body = bytes.subarray(0, -checkLength);
  if (bytes.length < checkLength || toHex(checkOf(path, body)) !== toHex(bytes.subarray(-checkLength)))
    refuseLink('damaged');
  return new LinkReader(body);
}

const checkLength = 4;

/** For typing errors, and for what was sent as a link of the other kind; it keeps no liar away. */
function checkOf(path: LinkPath, body: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(new TextEncoder().encode(path), body)).slice(0, checkLength);
}

/** A number in as many bytes, the highest first. */
export function numberBytes(value: number, length: number): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(2 * length, '0')}`);
}

/** A text after its length in two bytes. */
export function textBytes(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concatBytes(numberBytes(bytes.length, 2), bytes);
}

/** Takes the parts of a body from its front; `linkInvalid` where there are too few or too many bytes. */
export class LinkReader {
  readonly #body: Uint8Array;
  #at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  bytes(length: number): Uint8Array {
    const found = this.#body.slice(this.#at, this.#at + length);
    if (found.length < length) refuseLink('damaged');
    this.#at += length;
    return found;
  }

  number(length: number): number {
    return Number(toHex(this.bytes(length)));
  }

  list<T>(read: () => T): readonly T[] {
    return Array.from({ length: this.number(1) }, read);
  }

  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes(this.number(2)));
    } catch {
      return refuseLink('damaged');
    }
  }

  end(): void {
    if (this.#at !== this.#body.length) refuseLink('damaged');
  }
}
