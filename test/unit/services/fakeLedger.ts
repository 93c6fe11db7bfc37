import { createHash } from 'node:crypto';
import { DaoChainError } from '../../../src/core/errors';
import type { Address, Hex, Hex32 } from '../../../src/core/hex';
import { fromHex, toHex, walletPublisher } from '../../../src/core/hex';
import { sha256Digest } from '../../../src/core/image/digest';
import { slotId } from '../../../src/core/ledger/indexView';
import { contentHash, linkContent, linkKey, nameHash, nextWord, zeroWord } from '../../../src/core/ledger/link';
import { encodeRevocation } from '../../../src/core/ledger/revocation';
import { encodeStatement, statementHash } from '../../../src/core/ledger/statement';
import type { AttestedEvent, EntryKind, PublisherId, SignerSlot, Statement } from '../../../src/core/ledger/types';
import { entryKindNumber } from '../../../src/core/ledger/types';
import { Emitter, type Event } from '../../../src/core/emitter';
import type {
  BlockHeader,
  LedgerLogs,
  LedgerReader,
  LogRange,
  PastLink,
  SignerEvent,
} from '../../../src/core/ports/ledger';

export function wallet(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

function hashOf(...parts: readonly unknown[]): Hex32 {
  return toHex(createHash('sha256').update(JSON.stringify(parts)).digest());
}

/** A release of one platform whose content is `content`. */
export function statementOf(content: string): Statement {
  const digest = (what: string): `sha256:${string}` => sha256Digest(new TextEncoder().encode(`${what} ${content}`));
  return {
    leaves: [
      {
        platform: { os: 'linux', architecture: 'amd64' },
        configDigest: digest('config'),
        configSize: content.length,
        fingerprint: digest('fingerprint'),
        dockerFields: digest('docker fields'),
        manifestDigest: digest('manifest'),
      },
    ],
    indexDigest: digest('index'),
  };
}

export interface FakeEntry {
  readonly signer: Address;
  /** The signer itself when absent. */
  readonly publisher?: PublisherId;
  readonly repository?: string;
  readonly tag?: string;
  readonly kind?: EntryKind;
  /** Stated, or in a revocation taken back. */
  readonly content?: string;
  readonly body?: Hex;
  readonly validUntil?: number | bigint;
}

interface Block {
  readonly header: BlockHeader;
  readonly attested: readonly AttestedEvent[];
  readonly signers: readonly SignerEvent[];
  /** As the contract has them after this block. */
  readonly links: ReadonlyMap<Hex32, Hex32>;
  readonly slots: ReadonlyMap<string, SignerSlot>;
}

const noSlot: SignerSlot = { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false };

/** A ledger in memory, with a chain that can be rewritten and an endpoint that can lie, refuse and be down. */
export class FakeLedger implements LedgerReader {
  readonly ledger = { chainId: 20_260n, genesisHash: hashOf('genesis'), address: wallet(0xda0) };
  readonly #heads = new Emitter<BlockHeader>();
  readonly #blocks: Block[] = [];
  /** Taken back; a node that has all states still answers for them. */
  readonly #uncles: Block[] = [];
  #waiting: FakeEntry[] = [];
  #waitingSlots: { readonly publisher: PublisherId; readonly signer: Address; readonly slot: SignerSlot }[] = [];
  #forks = 0;

  /** `head`, `logs`, `links`, `signers`, `pastLink`, `block head` and `block below`, in the order of the calls. */
  calls: string[] = [];
  ranges: LogRange[] = [];
  /** Of the bodies in answers. */
  bytesRead = 0;
  /** What the endpoint makes of true logs. */
  lie: (logs: LedgerLogs) => LedgerLogs = (logs) => logs;
  /** What it makes of the words that links had. */
  lieOfPast: (word: Hex32, place: PastLink) => Hex32 = (word) => word;
  /** What it makes of the blocks that it is asked for by number. */
  lieOfBlock: (header: BlockHeader | undefined) => BlockHeader | undefined = (header) => header;
  /** What it makes of its newest block. */
  lieOfHead: (header: BlockHeader) => BlockHeader = (header) => header;
  /** The endpoint refuses an answer with more events than this. */
  mostEvents = Infinity;
  isDown = false;
  /** Whether the node answers for old blocks. */
  keepsStates = true;
  /** The endpoint answers for no slot, whatever it is asked. */
  losesSlots = false;
  /** The endpoint answers for no link. */
  losesLinks = false;
  /** Runs before each answer. */
  beforeAnswer: (call: string) => Promise<void> | void = () => undefined;

  constructor() {
    this.mine();
  }

  /** Tells nobody of new blocks, as after a lost connection. */
  isSilent = false;

  readonly onHead: Event<BlockHeader> = (listener) => this.#heads.event(listener);

  get hasSubscribers(): boolean {
    return this.#heads.hasListeners;
  }

  /** In the next block. */
  attest(...entries: readonly FakeEntry[]): this {
    this.#waiting.push(...entries);
    return this;
  }

  setSlot(publisher: PublisherId, signer: Address, slot: Partial<SignerSlot>): this {
    this.#waitingSlots.push({ publisher, signer, slot: { ...noSlot, ...slot } });
    return this;
  }

  mine(blocks = 1): this {
    for (let i = 0; i < blocks; i++) this.#mineOne();
    const header = this.#blocks.at(-1)?.header;
    if (header !== undefined && !this.isSilent) this.#heads.fire(header);
    return this;
  }

  /** Takes the newest blocks back, with all that is in them. */
  rewind(blocks: number): this {
    this.#uncles.push(...this.#blocks.splice(-blocks));
    this.#forks++;
    return this;
  }

  /** As the contract has it after the block with this hash. */
  slotAt(blockHash: Hex32, publisher: PublisherId, signer: Address): SignerSlot | undefined {
    const block = [...this.#blocks, ...this.#uncles].find(({ header }) => header.hash === blockHash);
    return block && (block.slots.get(slotId(publisher, signer)) ?? noSlot);
  }

  linkAt(blockHash: Hex32, publisher: PublisherId, repository: string, tag: string): Hex32 | undefined {
    const block = [...this.#blocks, ...this.#uncles].find(({ header }) => header.hash === blockHash);
    return block && (block.links.get(linkKey(publisher, nameHash(repository, tag))) ?? zeroWord);
  }

  /** As they are, for {@link putBack}. */
  blocks(): readonly Block[] {
    return [...this.#blocks];
  }

  /** A copy of the node's data is put in its place. */
  putBack(blocks: readonly Block[]): this {
    this.#uncles.push(...this.#blocks);
    this.#blocks.splice(0, Infinity, ...blocks);
    this.#forks++;
    return this;
  }

  get height(): number {
    return this.#blocks.length - 1;
  }

  events(): readonly AttestedEvent[] {
    return this.#blocks.flatMap(({ attested }) => attested);
  }

  link(publisher: PublisherId, repository: string, tag: string): Hex32 {
    return this.#blocks.at(-1)?.links.get(linkKey(publisher, nameHash(repository, tag))) ?? zeroWord;
  }

  async head(signal: AbortSignal): Promise<BlockHeader> {
    await this.#answer('head', signal);
    const header = this.#blocks.at(-1)?.header;
    if (header === undefined) throw new Error('no block');
    return this.lieOfHead(header);
  }

  /** The block that the chain calls final; none where undefined. */
  finalBlock: number | undefined;
  /** What it makes of that block. */
  lieOfFinal: (header: BlockHeader) => BlockHeader = (header) => header;

  async finalized(signal: AbortSignal): Promise<BlockHeader> {
    await this.#answer('finalized', signal);
    const header = this.finalBlock === undefined ? undefined : this.#blocks[this.finalBlock]?.header;
    if (header === undefined) throw new DaoChainError('nodeFailed', 'finalized block not found');
    return this.lieOfFinal(header);
  }

  async blocksAt(numbers: readonly number[], signal: AbortSignal): Promise<readonly (BlockHeader | undefined)[]> {
    for (const number of numbers) await this.#answer(`block ${number === this.height ? 'head' : 'below'}`, signal);
    return numbers.map((number) => this.lieOfBlock(this.#blocks[number]?.header));
  }

  async logs(range: LogRange, signal: AbortSignal): Promise<LedgerLogs> {
    return this.logsOf([range], signal);
  }

  async logsOf(ranges: readonly LogRange[], signal: AbortSignal): Promise<LedgerLogs> {
    const answers: LedgerLogs[] = [];
    for (const range of ranges) {
      this.ranges.push(range);
      await this.#answer('logs', signal);
      const blocks = this.#blocks.slice(range.fromBlock, range.toBlock + 1);
      const isWanted = ({ publisher }: { readonly publisher: PublisherId }): boolean =>
        range.publishers?.includes(publisher) ?? true;
      const { attested, signers } = this.lie({
        attested: blocks.flatMap((block) => block.attested),
        signers: blocks.flatMap((block) => block.signers),
      });
      const named = attested.filter(({ name }) => range.names?.includes(name) ?? true);
      const answer = {
        attested: named.filter(isWanted),
        signers: range.names === undefined ? signers.filter(isWanted) : [],
      };
      if (answer.attested.length > this.mostEvents) throw new DaoChainError('nodeFailed', 'query returned too much');
      this.bytesRead += answer.attested.reduce((sum, { body }) => sum + body.length / 2, 0);
      answers.push(answer);
    }
    return {
      attested: answers.flatMap(({ attested }) => attested),
      signers: answers.flatMap(({ signers }) => signers),
    };
  }

  async pastLinks(places: readonly PastLink[], signal: AbortSignal): Promise<readonly Hex32[]> {
    await Promise.all(places.map(() => this.#answer('pastLink', signal)));
    if (!this.keepsStates) throw new DaoChainError('nodeFailed', 'missing trie node');
    return places.map((place) => this.lieOfPast(this.#blocks[place.block]?.links.get(place.key) ?? zeroWord, place));
  }

  async state(
    query: Parameters<LedgerReader['state']>[0],
    blockHash: Hex32,
    signal: AbortSignal,
  ): ReturnType<LedgerReader['state']> {
    if (query.keys.length > 10_000 || query.signers.length > 10_000) throw new Error('too many elements in one call');
    if (query.keys.length > 0) await this.#answer('links', signal);
    if (query.signers.length > 0) await this.#answer('signers', signal);
    const block = [...this.#blocks, ...this.#uncles].find(({ header }) => header.hash === blockHash);
    if (block === undefined) throw new DaoChainError('nodeFailed', 'header not found');
    return {
      links: (this.losesLinks ? [] : query.keys).map((key) => block.links.get(key) ?? zeroWord),
      slots: (this.losesSlots ? [] : query.signers).map(
        ({ publisher, signer }) => block.slots.get(slotId(publisher, signer)) ?? noSlot,
      ),
    };
  }

  async #answer(call: string, signal: AbortSignal): Promise<void> {
    this.calls.push(call);
    await this.beforeAnswer(call);
    if (signal.aborted) throw new DaoChainError('cancelled', 'Cancelled');
    if (this.isDown) throw new DaoChainError('nodeUnavailable', 'connection refused');
  }

  #mineOne(): void {
    const before = this.#blocks.at(-1);
    const number = this.#blocks.length;
    const header = {
      number,
      hash: hashOf('block', number, this.#forks),
      parentHash: before?.header.hash ?? hashOf('nothing'),
      time: 1_764_000_000 + 13 * number,
    };
    const links = new Map(before?.links);
    const attested = this.#waiting.map((entry, logIndex) => include(entry, header, logIndex, links));
    const slots = new Map(before?.slots);
    for (const { publisher, signer, slot } of this.#waitingSlots) slots.set(slotId(publisher, signer), slot);
    const signers = this.#waitingSlots.map(({ publisher, signer }) => ({ publisher, signer, block: number }));
    this.#blocks.push({ header, attested, signers, links, slots });
    this.#waiting = [];
    this.#waitingSlots = [];
  }
}

/** What the contract does with an entry. */
function include(entry: FakeEntry, header: BlockHeader, logIndex: number, links: Map<Hex32, Hex32>): AttestedEvent {
  const { signer, publisher = walletPublisher(signer), repository = 'docker.io/acme/app', tag = 'latest' } = entry;
  const { kind = 'publish', content = 'content', validUntil = 0 } = entry;
  const body = entry.body ?? bodyOf(kind, content);
  const name = nameHash(repository, tag);
  const key = linkKey(publisher, name);
  const previous = links.get(key) ?? zeroWord;
  const bodyHash = statementHash(fromHex(body));
  const number = entryKindNumber[kind];
  const hashed = contentHash({ previous: linkContent(previous), key, kind: number, signer, validUntil, bodyHash });
  links.set(key, nextWord(previous, hashed, header.number, header.time));
  return {
    ...{ publisher, name, signer, previous, kind: number, validUntil, time: header.time, repository, tag, body },
    ...{ block: header.number, blockHash: header.hash, logIndex, transaction: hashOf('transaction', header, logIndex) },
  };
}

function bodyOf(kind: EntryKind, content: string): Hex {
  const statement = encodeStatement(statementOf(content));
  if (kind !== 'revoke') return toHex(statement);
  return toHex(encodeRevocation({ statementHash: statementHash(statement), reason: 'compromised', note: '' }));
}
