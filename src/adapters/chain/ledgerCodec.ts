import { zeroAddress } from '../../core/hex';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { isUtf8 } from 'node:buffer';
import { keccak_256 } from '@noble/hashes/sha3';
import { toHex } from '../../core/hex';
import type { AttestedEvent, PublisherId, SignerSlot } from '../../core/ledger/types';
import { decodeList, dynamicBytes, encodeLists, numberAt, wordAt } from './abiWords';
import type { RpcLog } from './rpcAnswer';
import type { Organization, SignerEvent, SignerQuery } from '../../core/ports/ledger';

// keccak256 of each signature, written out because hashing them would take a quarter of the time that activation may take.
/** The second topic is the publisher, the third the name, the fourth the signer. */
export const attestedTopic: Hex32 = '0x3195b6252ab4bf42e8d5d8a078ee5562cf3c2c6ee3279f43aa72addac0c1578a';
/** First topics of the events about who speaks for whom. The second topic is the publisher. */
export const publisherTopics = {
  /** The third topic is the signer whose slot changed. */
  signerSet: '0xb6d0c1ae2b3a5fd6024d7942f8986f336b21cd90150cf8b703def2ebabf4c1f4',
  signerRevoked: '0x001a10293f505957047c1cb0c6e6f3c9a78fe012a57fddddba41ccab39bf015b',
  walletEnded: '0x9d110ed2c9f619fbfbbaff144cef48c2a67fb445c1a9a1fbf03a573eb6c0e6e0',
  /** The third topic is the admin, who need not be a signer. */
  organizationCreated: '0x8e34465be9d44c58ff6b432a1b40309afc5e9ec819a7683e691415035262a055',
  /** The third topic is the admin, the fourth who is offered the place. */
  adminTransferStarted: '0xebf7be98a75f5071f2e1f02c84c4a12a236f8cf67b031a3e9bb99855d700e747',
  /** The third topic is the admin before, the fourth the new one. */
  adminTransferred: '0xa0751ba96f4891ec774fc1c75567a02a09fcb509643b1b7b668315b9d53ee4b9',
} as const satisfies Readonly<Record<string, Hex32>>;
const signerTopics: ReadonlySet<Hex32> = new Set<Hex32>([
  publisherTopics.signerSet,
  publisherTopics.signerRevoked,
  publisherTopics.walletEnded,
]);
const organizationTopics: ReadonlySet<Hex32> = new Set<Hex32>([
  publisherTopics.organizationCreated,
  publisherTopics.adminTransferred,
]);

/** First topics of the events that readers follow. */
export const ledgerTopics: readonly Hex32[] = [attestedTopic, ...signerTopics, ...organizationTopics];

/** `links(bytes32[])` */
const linksSelector: Hex = '0x15c29baa';
/** `signers(bytes32[],address[])` */
const signersSelector: Hex = '0x43a83551';
/** `scopes(bytes32[],address[])` */
const scopesSelector: Hex = '0x7dc05d41';
/** `organization(bytes32)` */
const organizationSelector: Hex = '0xa3c02f62';

export function encodeLinks(keys: readonly Hex32[]): Hex {
  return encodeLists(linksSelector, keys);
}

export function decodeLinks(data: Hex, count: number): Hex32[] {
  return decodeList(data, count);
}

export function encodeSigners(queries: readonly SignerQuery[]): Hex {
  return encodePairs(signersSelector, queries);
}

export function encodeScopes(queries: readonly SignerQuery[]): Hex {
  return encodePairs(scopesSelector, queries);
}

function encodePairs(selector: Hex, queries: readonly SignerQuery[]): Hex {
  return encodeLists(
    selector,
    queries.map(({ publisher }) => publisher),
    queries.map(({ signer }) => signer),
  );
}

export function decodeSigners(data: Hex, count: number): SignerSlot[] {
  const words = decodeList(data, count, 4).map(Number);
  return Array.from({ length: count }, (_, index) => {
    const [notBefore = 0, notAfter = 0, voidFrom = 0, scopeLength = 0] = words.slice(index * 4, index * 4 + 4);
    return { notBefore, notAfter, voidFrom, isScoped: scopeLength !== 0 };
  });
}

/** The keccak256 of each scope, zero for none. */
export function decodeScopes(data: Hex, count: number): Hex32[] {
  return decodeList(data, count);
}

/** The scope that `SignerSet` tells, and the hash that the ledger has of it. Undefined for text that is no UTF-8. */
export function decodeSetScope({
  data,
}: Pick<RpcLog, 'data'>): { readonly hash: Hex32; readonly text: string } | undefined {
  const bytes = Buffer.from(dynamicBytes(data, 2).slice(2), 'hex');
  return isUtf8(bytes) ? { hash: toHex(keccak_256(bytes)), text: bytes.toString('utf8') } : undefined;
}

export function encodeOrganization(id: PublisherId): Hex {
  return `${organizationSelector}${id.slice(2)}`;
}

/** Undefined where there is none with this id. */
export function decodeOrganization(id: PublisherId, data: Hex): Organization | undefined {
  const [admin, pendingAdmin] = [addressAt(data, 32), addressAt(data, 64)];
  if (admin === zeroAddress) return undefined;
  const name = decodeText(dynamicBytes(data, 0));
  return { id, name, admin, ...(pendingAdmin !== zeroAddress && { pendingAdmin }) };
}

/** A log of the ledger, in the one of two forms that it has. Undefined for an event that readers do not follow. */
export function decodeLog(
  log: RpcLog,
): { readonly attested: AttestedEvent } | { readonly signer: SignerEvent } | undefined {
  const [topic, publisher, third, signer] = log.topics;
  if (topic === undefined || publisher === undefined || third === undefined) return undefined;
  if (signerTopics.has(topic)) return { signer: { publisher, signer: toAddress(third), block: log.blockNumber } };
  if (organizationTopics.has(topic)) return { signer: { publisher, block: log.blockNumber } };
  if (topic !== attestedTopic || signer === undefined) return undefined;
  return {
    attested: {
      publisher,
      name: third,
      signer: toAddress(signer),
      previous: wordAt(log.data, 0),
      kind: numberAt(log.data, 32),
      validUntil: uint64At(log.data, 64),
      time: numberAt(log.data, 96),
      repository: decodeText(dynamicBytes(log.data, 4)),
      tag: decodeText(dynamicBytes(log.data, 5)),
      body: dynamicBytes(log.data, 6),
      block: log.blockNumber,
      blockHash: log.blockHash,
      logIndex: log.logIndex,
      transaction: log.transactionHash,
    },
  };
}

export function toAddress(padded: Hex32): Address {
  return `0x${padded.slice(26)}`;
}

function addressAt(data: Hex, offset: number): Address {
  return toAddress(wordAt(data, offset));
}

function uint64At(data: Hex, offset: number): number | bigint {
  const value = BigInt(wordAt(data, offset));
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Anybody can write text that is no UTF-8; with the replacement character in it, it is no canonical name. */
function decodeText(bytes: Hex): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(bytes.slice(2), 'hex'));
}
