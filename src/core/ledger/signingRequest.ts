import { DaoChainError, isDaoChainError } from '../errors';
import type { Address, Hex, Hex20 } from '../hex';
import { fromHex, publisherWallet } from '../hex';
import { formatReference } from '../image/reference';
import { contentTag, isContentName, isLedgerName } from './contentName';
import { contentHash, linkContent, nextWord, zeroWord } from './link';
import { decodeRevocation } from './revocation';
import { decodeStatement, statementHash } from './statement';
import type { Attestation, Entry, History, LedgerId, PublisherId } from './types';
import { entryKindNumber } from './types';

/**
 * Entries of one publisher that somebody is asked to sign, for anybody to send (docs/signing-requests.md). It holds nothing
 * that is not signed but the genesis hash, which is compared with the node's.
 */
export interface SigningRequest {
  readonly ledger: LedgerId;
  readonly publisher: PublisherId;
  /** Who is asked, or has signed; anyone whom the publisher allows while it is open. */
  readonly signer?: Address;
  /** Unix seconds; nothing is accepted after it. */
  readonly deadline: number;
  /** 1 to 50, each of another name. */
  readonly entries: readonly Entry[];
  /** One for each entry, of one signer. */
  readonly signatures?: readonly Hex[];
}

/** Why a request cannot be used: `details.reason` of `requestInvalid`. Closed and stable. */
export type RequestFault =
  /** Not the JSON of a request. */
  | 'damaged'
  | 'newer'
  | 'tooMany'
  /** There is nothing that is not signed already. */
  | 'empty'
  /** A repository or tag that readers would ignore. */
  | 'name'
  /** Two entries of one name, of which the second cannot be signed before the first. */
  | 'twice'
  /** A body that is not the one encoding of what it says. */
  | 'body'
  /** Under the reserved name of a content, something else than that content. */
  | 'content'
  /** It carries forward what no earlier entry states, so that nobody would read it. */
  | 'carried'
  /** A deadline more than 30 days away. */
  | 'tooLong'
  | 'otherLedger'
  | 'otherGenesis'
  | 'wrongSigner'
  | 'signed'
  | 'unsigned'
  /** What it says is in the ledger already. */
  | 'written'
  /** Something else was signed in its place. */
  | 'overtaken'
  /** It follows an entry that this node does not have. */
  | 'unknownLink';

/** Entries of a request; a relayer pays a transaction for each. */
export const maximumEntries = 50;
/** Seconds. Until it ends, whoever has the signatures decides when they are used. */
export const usualLifetime = 60 * 60;
export const maximumLifetime = 30 * 24 * 60 * 60;
/** Seconds by which the clocks of two machines may differ. */
const clockTolerance = 60 * 60;

export function requestInvalid(
  reason: RequestFault,
  message: string,
  details: Readonly<Record<string, string>> = {},
  cause?: unknown,
): DaoChainError {
  return new DaoChainError('requestInvalid', message, { details: { reason, ...details }, cause });
}

/** A request for entries that were planned. `requestInvalid`. */
export function createRequest(
  ledger: LedgerId,
  publisher: PublisherId,
  entries: readonly Entry[],
  {
    deadline,
    signer = publisherWallet(publisher),
  }: { readonly deadline: number; readonly signer?: Address | undefined },
): SigningRequest {
  if (entries.length === 0) throw requestInvalid('empty', 'Nothing is left to sign');
  return checkedForm({ ledger, publisher, ...(signer && { signer }), deadline, entries });
}

/** The same request, if it is one that readers of the ledger would understand. `requestInvalid`. */
export function checkedForm(request: SigningRequest): SigningRequest {
  const { publisher, signer, entries, signatures } = request;
  if (entries.length > maximumEntries) throw requestInvalid('tooMany', `More than ${maximumEntries} entries`);
  if (signatures !== undefined && (signer === undefined || signatures.length !== entries.length)) {
    throw requestInvalid('damaged', 'Not one signature of one signer for each entry');
  }
  const names = new Set<string>();
  for (const entry of entries) {
    if (entry.publisher !== publisher) throw requestInvalid('damaged', 'Entries of two publishers');
    if (!isLedgerName(entry)) throw requestInvalid('name', 'A name that is not canonical');
    const image = formatReference(entry);
    if (names.has(image)) throw requestInvalid('twice', 'Two entries of one name', { image });
    names.add(image);
    const content = entryContent(entry);
    if (isContentName(entry) && !isAboutItsName(entry, content)) {
      throw requestInvalid('content', 'Not of the content that its name is of', { image });
    }
  }
  return request;
}

/** Under the reserved name of a content nothing is stated but that very content, by whoever signs it. */
function isAboutItsName({ tag }: Entry, content: EntryBody): boolean {
  if (content.type === 'revocation') return true;
  const [leaf, ...more] = content.statement.leaves;
  return leaf !== undefined && more.length === 0 && leaf.carried === undefined && contentTag(leaf) === tag;
}

export type EntryBody = Exclude<Attestation['body'], { readonly type: 'malformed' }>;

/** What an entry says, in clear. `requestInvalid` for every body that this version would not have written. */
export function entryContent(entry: Pick<Entry, 'kind' | 'body' | 'repository' | 'tag'>): EntryBody {
  try {
    const body = fromHex(entry.body);
    return entry.kind === 'revoke'
      ? { type: 'revocation', revocation: decodeRevocation(body) }
      : { type: 'statement', statement: decodeStatement(body) };
  } catch (cause) {
    if (!isDaoChainError(cause, 'statementInvalid')) throw cause;
    throw requestInvalid('body', 'A body that cannot be read', { image: formatReference(entry) }, cause);
  }
}

/** `requestExpired`; `requestInvalid` for a deadline that is too far away. `now`: Unix seconds. */
export function checkDeadline({ deadline }: SigningRequest, now: number): void {
  if (now > deadline) {
    throw new DaoChainError('requestExpired', 'The deadline has passed', { details: { deadline: String(deadline) } });
  }
  if (deadline > now + maximumLifetime + clockTolerance) throw requestInvalid('tooLong', 'A deadline too far away');
}

/** The chain id and the contract are signed, the genesis hash is not: two networks can share the former. `requestInvalid`. */
export function checkLedger({ ledger }: SigningRequest, own: LedgerId): void {
  if (ledger.chainId !== own.chainId || ledger.address !== own.address) {
    throw requestInvalid('otherLedger', 'The request is for another chain or contract');
  }
  if (ledger.genesisHash !== own.genesisHash) throw requestInvalid('otherGenesis', 'The chain began otherwise');
}

/** What came in the place that an entry asks for; undefined where the history has no such place, or nothing in it yet. */
export function successorOf(history: History, previous: Hex20): Attestation | undefined {
  let word = zeroWord;
  for (const attestation of history.attestations) {
    const before = linkContent(word);
    if (before === previous) return attestation;
    const { key, kind, signer, validUntil, statementHash: bodyHash, block, time } = attestation;
    const content = contentHash({
      previous: before,
      key,
      kind: entryKindNumber[kind],
      signer,
      validUntil,
      bodyHash,
    });
    word = nextWord(word, content, block, time);
  }
  return undefined;
}

/** Whether an entry of the ledger is what a request asks for, whoever signed it. */
export function saysTheSame({ kind, statementHash: hash, validUntil }: Attestation, entry: Entry): boolean {
  return kind === entry.kind && validUntil === entry.validUntil && hash === statementHash(fromHex(entry.body));
}
