import { keccak_256 } from '@noble/hashes/sha3';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { toHex } from '../../core/hex';
import type { AttestedEvent, SignerSlot } from '../../core/ledger/types';
import type { SignerEvent, SignerQuery } from '../../core/ports';
import { decodeList, dynamicBytes, encodeLists, numberAt, wordAt } from './abiWords';
import { ledgerAbi } from './ledgerAbi';
import type { RpcLog } from './rpcAnswer';

type Member = Extract<(typeof ledgerAbi)[number], { readonly type: 'event' | 'function' }>;

/** keccak256 of `name(types)`, as the ABI of the release has it. Only for members without a struct among their inputs. */
function signatureHash(name: Member['name']): Hex32 {
  const inputs = ledgerAbi.flatMap((member) => ('name' in member && member.name === name ? [member.inputs] : []));
  const types = inputs.flat().map((input) => input.type);
  return toHex(keccak_256(new TextEncoder().encode(`${name}(${types.join(',')})`)));
}

const attestedTopic = signatureHash('Attested');
/** The second topic is the publisher, the third the signer whose slot changed. */
const signerTopics = new Set([
  signatureHash('SignerSet'),
  signatureHash('SignerRevoked'),
  signatureHash('WalletEnded'),
]);
/** The second topic is the publisher, the third an admin, who need not be a signer. */
const organizationTopics = new Set([signatureHash('OrganizationCreated'), signatureHash('AdminTransferred')]);

/** First topics of the events that readers follow. */
export const ledgerTopics: readonly Hex32[] = [attestedTopic, ...signerTopics, ...organizationTopics];

const linksSelector = selector('links');
const signersSelector = selector('signers');

function selector(name: Member['name']): Hex {
  return `0x${signatureHash(name).slice(2, 10)}`;
}

export function encodeLinks(keys: readonly Hex32[]): Hex {
  return encodeLists(linksSelector, keys);
}

export function decodeLinks(data: Hex, count: number): Hex32[] {
  return decodeList(data, count);
}

export function encodeSigners(queries: readonly SignerQuery[]): Hex {
  return encodeLists(
    signersSelector,
    queries.map(({ publisher }) => publisher),
    queries.map(({ signer }) => signer),
  );
}

export function decodeSigners(data: Hex, count: number): SignerSlot[] {
  const words = decodeList(data, count, 3).map(Number);
  return Array.from({ length: count }, (_, index) => {
    const [notBefore = 0, notAfter = 0, voidFrom = 0] = words.slice(index * 3, index * 3 + 3);
    return { notBefore, notAfter, voidFrom };
  });
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

function toAddress(padded: Hex32): Address {
  return `0x${padded.slice(26)}`;
}

function uint64At(data: Hex, offset: number): number | bigint {
  const value = BigInt(wordAt(data, offset));
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Anybody can write text that is no UTF-8; with the replacement character in it, it is no canonical name. */
function decodeText(bytes: Hex): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(bytes.slice(2), 'hex'));
}
