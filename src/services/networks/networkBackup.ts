import * as v from 'valibot';
import { DaoChainError, throwIfCancelled } from '../../core/errors';
import type { Hex, Hex32 } from '../../core/hex';
import { formatReference } from '../../core/image/reference';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import { isNodeKey } from '../../core/ledger/hub';
import type { BlockId } from '../../core/ledger/indexView';
import { networkLedger, parseNetworkProfile, type NetworkProfile } from '../../core/ledger/network';
import { largestBlock, readRawBlock, type RawBlock } from '../../core/ledger/rawBlock';
import { ledgerKey } from '../../core/ledger/types';
import type { BackupContents, Restored } from '../../core/plans/backupPlan';
import type { BackupFile, BackupTarget, BlockStore } from '../../core/ports/backup';
import type { Clock } from '../../core/ports/clock';
import type { FileStore } from '../../core/ports/files';
import type { NetworkPlace } from '../../core/ports/networks';
import { hex32, LedgerFiles, whole } from '../ledger/ledgerFiles';
import { parsePending, pendingText, PendingTransactions } from '../transactions/pendingTransactions';
import type { PendingTransaction } from '../transactions/pendingTransactions';

export type BackupFault =
  /** It does not end as it was written, or was changed. */
  | 'damaged'
  /** No backup, or one with something in it that none has. */
  | 'shape'
  /** Of a later version of the product. */
  | 'newer'
  | 'unreadable'
  /** The chain in it, and what was final here or is on the chain here, are of different histories. */
  | 'otherHistory'
  /** The development network of this folder is another one. */
  | 'otherNetwork'
  /** The node refuses a block. */
  | 'blocks'
  /** The chain changed its course while it was saved. */
  | 'moved';

const title = 'daochain backup ';
const version = 1;
/** What is before the blocks: a profile, the machines that were let in, and transactions that wait. */
const limits: JsonLimits = { bytes: 32 * 2 ** 20, depth: 8 };
/** Blocks that are asked for in one message, and bytes of blocks that the node is given at once. */
const blocksPerCall = 256;
const bytesPerCall = 2 * 2 ** 20;

const blockSchema = v.strictObject({ number: whole, hash: hex32 });
const manifestSchema = v.strictObject({
  profile: v.unknown(),
  time: whole,
  head: blockSchema,
  final: v.nullable(blockSchema),
  admitted: v.pipe(
    v.array(v.strictObject({ nodeKey: v.pipe(v.string(), v.check(isNodeKey)), machine: v.string() })),
    v.maxLength(1_000),
  ),
  checkpoint: v.nullable(blockSchema),
  transactions: v.array(v.string()),
});

interface Manifest extends Omit<BackupContents, 'ledger' | 'transactions'> {
  readonly transactions: readonly PendingTransaction[];
}

export interface NetworkBackupPorts {
  readonly blocks: BlockStore;
  /** What is kept of the network: its memory, and what is on its way. */
  readonly files: FileStore;
  readonly clock: Clock;
  readonly releasedCodes: readonly Hex[];
}

/**
 * One network in one file: profile, machines that were let in, transactions on their way, which block was final, and every
 * block, with all statements in them. No key is in it. A file is believed as far as its blocks follow each other from the
 * genesis; the node checks their work when it takes them.
 */
export class NetworkBackup {
  readonly #ports: NetworkBackupPorts;

  constructor(ports: NetworkBackupPorts) {
    this.#ports = ports;
  }

  /**
   * Writes all of a network whose node runs. Gives what is in the file, and the names of files of transactions that cannot
   * be read and so are not in it. `backupInvalid`, reason `otherHistory` or `moved`.
   */
  async write(
    target: BackupTarget,
    profile: NetworkProfile,
    place: NetworkPlace,
    signal: AbortSignal,
    onBlock: (block: number, of: number) => void = () => undefined,
  ): Promise<{ readonly contents: BackupContents; readonly unread: readonly string[] }> {
    const { blocks, files, clock } = this.#ports;
    const ledger = networkLedger(profile);
    const { number, hash } = await blocks.head(signal);
    const pending = new PendingTransactions(files);
    const unread: string[] = [];
    pending.onDamaged((file) => unread.push(file));
    const transactions = await pending.of(ledgerKey(ledger));
    const final = (await new LedgerFiles(files, ledger).loadFinal()).value;
    if (final !== undefined) await this.#requireOnChain(final, number, signal);
    const { admitted, checkpoint } = place;
    const manifest: Manifest = {
      profile,
      time: clock(),
      head: { number, hash },
      final,
      admitted,
      checkpoint,
      transactions,
    };
    await target.write(this.#parts(manifest, signal, onBlock));
    return { contents: contentsOf(manifest), unread };
  }

  /** What a file holds, after all of it was read and compared with itself. `backupInvalid`, `networkInvalid`. */
  async read(file: BackupFile, signal: AbortSignal): Promise<BackupContents> {
    const reading = new BackupReading(file, this.#ports.releasedCodes);
    for await (const block of reading.blocks(signal)) void block;
    return contentsOf(reading.manifest);
  }

  /**
   * Adds what is missing here to a network whose node runs, and takes nothing away: blocks that the node lacks, transactions
   * that are not on their way, and the final block where it is a later one. `backupInvalid`.
   */
  async restore(
    file: BackupFile,
    signal: AbortSignal,
    onBlock: (block: number, of: number) => void = () => undefined,
  ): Promise<Restored> {
    const { blocks: node, files } = this.#ports;
    const reading = new BackupReading(file, this.#ports.releasedCodes);
    const remembered = await this.#compare(reading, signal);
    const { head, final, profile, transactions } = reading.manifest;

    const before = (await node.head(signal)).number;
    const [known] = await node.blocksAt([head.number], signal);
    if (known?.hash !== head.hash) await this.#addBlocks(file, signal, onBlock);
    const added = known?.hash === head.hash ? 0 : Math.max(0, (await node.head(signal)).number - before);

    // What was final comes after the blocks: a reader who stops here is behind, and knows it.
    const isFinalNewer = final !== undefined && final.number > (remembered?.number ?? -1);
    if (isFinalNewer) await new LedgerFiles(files, networkLedger(profile)).saveFinal(final);
    const pending = new PendingTransactions(files);
    const there = new Set((await pending.of(ledgerKey(networkLedger(profile)))).map(({ hash }) => hash));
    const missing = transactions.filter(({ hash }) => !there.has(hash));
    for (const each of missing) await pending.add(each);
    return { blocks: added, transactions: missing.length, isFinalNewer };
  }

  /** What was final here and there is on one chain, and the node has no other block in a place that was final there. */
  async #compare(reading: BackupReading, signal: AbortSignal): Promise<BlockId | undefined> {
    const { blocks: node, files } = this.#ports;
    const first = await reading.start();
    const own = (await new LedgerFiles(files, networkLedger(first.profile)).loadFinal()).value;
    let hasOwn = own === undefined || own.number > first.head.number || own.number === 0;
    for await (const { block } of reading.blocks(signal)) {
      if (own?.number !== block.number) continue;
      if (own.hash !== block.hash) throw otherHistory();
      hasOwn = true;
    }
    if (!hasOwn) throw otherHistory();
    // Where more than all of the file was final here, its last block was as well.
    const isAllOld = own !== undefined && own.number >= first.head.number;
    for (const block of [first.final, isAllOld ? first.head : undefined]) {
      if (block === undefined) continue;
      const [there] = await node.blocksAt([block.number], signal);
      if (there !== undefined && there.hash !== block.hash) throw otherHistory();
    }
    return own;
  }

  async #addBlocks(file: BackupFile, signal: AbortSignal, onBlock: (block: number, of: number) => void): Promise<void> {
    const reading = new BackupReading(file, this.#ports.releasedCodes);
    let waiting: Uint8Array[] = [];
    let length = 0;
    let last = 0;
    const give = async (): Promise<void> => {
      if (waiting.length === 0) return;
      await this.#ports.blocks.addBlocks(joined(waiting, length), signal);
      onBlock(last, reading.manifest.head.number);
      [waiting, length] = [[], 0];
    };
    for await (const { block, bytes } of reading.blocks(signal)) {
      waiting.push(bytes);
      length += bytes.length;
      last = block.number;
      if (length >= bytesPerCall || waiting.length >= blocksPerCall) await give();
    }
    await give();
  }

  async #requireOnChain(final: BlockId, head: number, signal: AbortSignal): Promise<void> {
    const [there] = final.number > head ? [] : await this.#ports.blocks.blocksAt([final.number], signal);
    if (there?.hash !== final.hash) throw otherHistory();
  }

  async *#parts(
    manifest: Manifest,
    signal: AbortSignal,
    onBlock: (block: number, of: number) => void,
  ): AsyncGenerator<Uint8Array> {
    const { head, profile } = manifest;
    yield new TextEncoder().encode(`${title}${version.toString()}\n${manifestText(manifest)}\n`);
    let previous = networkLedger(profile).genesisHash;
    for (let from = 1; from <= head.number; from += blocksPerCall) {
      throwIfCancelled(signal);
      const to = Math.min(head.number, from + blocksPerCall - 1);
      for (const bytes of await this.#ports.blocks.rawBlocks(from, to, signal)) {
        const block = readRawBlock(bytes);
        if (block?.parentHash !== previous || block.length !== bytes.length)
          throw fault('moved', 'The blocks do not follow each other');
        previous = block.hash;
        yield bytes;
      }
      onBlock(to, head.number);
    }
    if (previous !== head.hash) throw fault('moved', 'The chain has another head by now');
  }
}

/** One reading of a file from its beginning to its end. */
class BackupReading {
  readonly #file: BackupFile;
  readonly #releasedCodes: readonly Hex[];
  #manifest: Manifest | undefined;

  constructor(file: BackupFile, releasedCodes: readonly Hex[]) {
    this.#file = file;
    this.#releasedCodes = releasedCodes;
  }

  get manifest(): Manifest {
    if (this.#manifest === undefined) throw fault('shape', 'Nothing was read yet');
    return this.#manifest;
  }

  async start(): Promise<Manifest> {
    const bytes = new Reader(this.#file);
    try {
      return await this.#readManifest(bytes);
    } finally {
      await bytes.close();
    }
  }

  /** Each block follows the one before, the first the genesis, and the last is the one that is named. */
  async *blocks(
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly block: RawBlock; readonly bytes: Uint8Array }, void, undefined> {
    const reader = new Reader(this.#file);
    try {
      const { head, final, profile } = await this.#readManifest(reader);
      let previous: BlockId = { number: 0, hash: networkLedger(profile).genesisHash };
      let finalHash: Hex32 | undefined = final?.number === 0 ? previous.hash : final?.hash;
      while (previous.number < head.number) {
        throwIfCancelled(signal);
        const next = await reader.block();
        if (next.block.parentHash !== previous.hash || next.block.number !== previous.number + 1)
          throw fault('shape', 'A block that does not follow the one before');
        if (next.block.number === final?.number) finalHash = next.block.hash;
        previous = next.block;
        yield next;
      }
      if (previous.hash !== head.hash || finalHash !== final?.hash || (final?.number ?? 0) > head.number)
        throw fault('shape', 'A block that is named is not there');
      if (!(await reader.isAtEnd())) throw fault('shape', 'Something is behind the last block');
    } finally {
      await reader.close();
    }
  }

  async #readManifest(reader: Reader): Promise<Manifest> {
    const line = new TextDecoder().decode(await reader.line(64));
    if (!/^daochain backup \d{1,9}$/.test(line)) throw fault('shape', 'No backup');
    if (Number(line.slice(title.length)) > version) throw fault('newer', 'A backup of a later version');
    if (line !== `${title}${version.toString()}`) throw fault('shape', 'No backup of any version');
    const bytes = await reader.line(limits.bytes);
    this.#manifest = this.#parse(bytes);
    return this.#manifest;
  }

  #parse(bytes: Uint8Array): Manifest {
    let given: v.InferOutput<typeof manifestSchema>;
    let transactions: readonly PendingTransaction[];
    try {
      given = v.parse(manifestSchema, parseStrictJson(bytes, limits));
      transactions = given.transactions.map((text) => parsePending(new TextEncoder().encode(text)));
    } catch (cause) {
      throw fault('shape', 'What is before the blocks is not what a backup has there', cause);
    }
    const known = { releasedCodes: this.#releasedCodes, ledgers: [] };
    const profile = parseNetworkProfile(new TextEncoder().encode(JSON.stringify(given.profile)), known);
    const ledger = ledgerKey(networkLedger(profile));
    if (!transactions.every((each) => each.ledger === ledger)) throw fault('shape', 'A transaction of another ledger');
    const { time, head, final, admitted, checkpoint } = given;
    return {
      ...{ profile, time, head, admitted, transactions },
      final: final ?? undefined,
      checkpoint: checkpoint ?? undefined,
    };
  }
}

/** Takes lines and blocks from the front of a file. */
class Reader {
  readonly #parts: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array();

  constructor(file: BackupFile) {
    this.#parts = file.parts()[Symbol.asyncIterator]();
  }

  async line(most: number): Promise<Uint8Array> {
    for (let from = 0; ;) {
      const end = this.#left.indexOf(0x0a, from);
      if (end !== -1 && end <= most) {
        const line = this.#left.subarray(0, end);
        this.#left = this.#left.subarray(end + 1);
        return line;
      }
      if (end !== -1 || this.#left.length > most) throw fault('shape', 'Longer than it can be');
      from = this.#left.length;
      if (!(await this.#more())) throw fault('shape', 'It ends early');
    }
  }

  async block(): Promise<{ readonly block: RawBlock; readonly bytes: Uint8Array }> {
    for (;;) {
      const block = readBlock(this.#left);
      if (block !== undefined) {
        const bytes = this.#left.subarray(0, block.length);
        this.#left = this.#left.subarray(block.length);
        return { block, bytes };
      }
      if (this.#left.length > largestBlock || !(await this.#more())) throw fault('shape', 'It ends early');
    }
  }

  /** Only here it is known that the file is as it was written. */
  async isAtEnd(): Promise<boolean> {
    return this.#left.length === 0 && !(await this.#more());
  }

  async close(): Promise<void> {
    await this.#parts.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#parts.next();
    if (next.done === true) return false;
    this.#left = joined([this.#left, next.value], this.#left.length + next.value.length);
    return true;
  }
}

function readBlock(bytes: Uint8Array): RawBlock | undefined {
  try {
    return readRawBlock(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw fault('shape', cause.message, cause);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function manifestText({ profile, time, head, final, admitted, checkpoint, transactions }: Manifest): string {
  return JSON.stringify({
    ...{ profile, time, head, admitted },
    final: final ?? null,
    checkpoint: checkpoint ?? null,
    transactions: transactions.map(pendingText),
  });
}

function contentsOf({ transactions, ...manifest }: Manifest): BackupContents {
  return {
    ...manifest,
    ledger: ledgerKey(networkLedger(manifest.profile)),
    transactions: transactions.map(({ hash, signer, entries }) => ({
      ...{ hash, signer },
      names: entries.map(formatReference),
    })),
  };
}

function otherHistory(): DaoChainError {
  return fault('otherHistory', 'Another block is in the place of one that was final');
}

function fault(reason: BackupFault, message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('backupInvalid', message, { details: { reason }, cause });
}
