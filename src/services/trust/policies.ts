import * as v from 'valibot';
import { Emitter, type Event } from '../../core/emitter';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { sha256Digest } from '../../core/image/digest';
import { parseStrictJson, type JsonLimits } from '../../core/json/strictJson';
import { mostPolicyBytes } from '../../core/trust/policyFile';
import type { RuleSource, TrustRule } from '../../core/trust/rules';
import { parsePolicy, type Policy } from './parsePolicy';
import type { Clock } from '../../core/ports/clock';
import type { FileStore, PolicyFiles } from '../../core/ports/files';

/** Content that the user has accepted for a folder: in force there until they withdraw it, whatever the file says now. */
export interface AcceptedPolicy extends Policy {
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

/**
 * What a folder's policy is. `offered`: nobody has accepted it, and nothing of it counts. `changed`, `refused` and
 * `missing`: the file is other content than was accepted, is not a policy or is gone; what was accepted, if anything, is
 * in force. `damaged`: what was accepted cannot be read any more, so that nothing in this folder can be judged.
 */
export type PolicyState = 'none' | 'offered' | 'accepted' | 'changed' | 'refused' | 'missing' | 'damaged';

export interface PolicyStatus {
  /** Its real path. */
  readonly folder: string;
  readonly state: PolicyState;
  readonly accepted?: AcceptedPolicy;
  /** What the file says now; absent where there is none, it is refused, or it is not to be read. */
  readonly file?: Policy;
  /** Why it is `refused` or `damaged`. */
  readonly problem?: DaoChainError;
}

interface PolicyPorts {
  readonly store: FileStore;
  readonly files: PolicyFiles;
  readonly clock: Clock;
  /** Whether policy files may be read; not in Restricted Mode. What was accepted counts all the same. */
  readonly isReadable: () => boolean;
}

/** `rules`: other content is in force. `files`: a policy file may have changed, which changes no verdict. */
export type PolicyChange = 'rules' | 'files';

const storeFolder = 'policies';

const recordSchema = v.strictObject({
  version: v.literal(1),
  folder: v.string(),
  digest: v.string(),
  acceptedAt: v.number(),
  text: v.string(),
});

/** A policy with every character escaped, and what stands beside it. */
const recordLimits: JsonLimits = { bytes: 6 * mostPolicyBytes + 64 * 1024, depth: 2 };

/** By the name of the record; an error where one cannot be read. */
type Records = ReadonlyMap<string, AcceptedPolicy | DaoChainError>;

/**
 * The policy files of folders, and which content of them the user has accepted. Accepted content counts in its folder and
 * below; a file that is changed, removed or put elsewhere changes nothing of that.
 */
export class Policies {
  readonly #ports: PolicyPorts;
  readonly #changed = new Emitter<PolicyChange>();
  #folders: readonly string[] = [];
  #records: Promise<Records> | undefined;
  #followed: readonly TrustRule[] = [];

  constructor(ports: PolicyPorts) {
    this.#ports = ports;
  }

  readonly onDidChange: Event<PolicyChange> = (listener) => this.#changed.event(listener);

  /** The folders that a window has open, or that a command runs in. */
  open(folders: readonly string[]): void {
    const wereOpen = this.#folders;
    this.#folders = folders;
    if (wereOpen.join('\n') !== folders.join('\n')) this.#changed.fire('rules');
  }

  /** What is in force in a folder; in all open folders together unless one is given. `policyInvalid` where one is damaged. */
  async sources(folder?: string): Promise<readonly RuleSource[]> {
    const records = await this.#read();
    if (records.size === 0) return [];
    const folders = await Promise.all(
      (folder === undefined ? this.#folders : [folder]).map((each) => this.#ports.files.foldersAbove(each)),
    );
    return [...new Set(folders.flat())].flatMap((each): readonly RuleSource[] => {
      const record = records.get(recordOf(each));
      if (record === undefined) return [];
      if (record instanceof DaoChainError) throw record;
      return [{ origin: 'policy', folder: each, rules: record.rules }];
    });
  }

  /** The rules of all accepted policies, wherever they count, as far as they have been read. */
  get rules(): readonly TrustRule[] {
    return this.#followed;
  }

  /** The policies of the open folders, and those that are in force there because they were accepted for a folder above. */
  async list(): Promise<readonly PolicyStatus[]> {
    const lists = await Promise.all(
      this.#folders.map(async (folder) => {
        const [own, ...above] = await this.#ports.files.foldersAbove(folder);
        const records = await this.#read();
        const accepted = above.filter((each) => records.has(recordOf(each)));
        return own === undefined ? accepted : [own, ...accepted];
      }),
    );
    return this.#statuses([...new Set(lists.flat())]);
  }

  /** The policies of a folder and of every one above it, the nearest first. */
  async above(folder: string): Promise<readonly PolicyStatus[]> {
    return this.#statuses(await this.#ports.files.foldersAbove(folder));
  }

  async status(folder: string): Promise<PolicyStatus> {
    const real = await this.#realPath(folder);
    const record = (await this.#read()).get(recordOf(real));
    const read = await this.#readFile(real);
    if (record instanceof DaoChainError)
      return { folder: real, state: 'damaged', problem: record, ...(read.file && { file: read.file }) };
    const { file, problem } = read;
    return {
      folder: real,
      state: stateOf(record, read),
      ...(record !== undefined && { accepted: record }),
      ...(file !== undefined && { file }),
      ...(problem !== undefined && { problem }),
    };
  }

  /** Puts content that the user was shown in force for a folder, in the place of what was accepted for it before. */
  async accept(folder: string, { text, digest }: Policy): Promise<void> {
    const real = await this.#realPath(folder);
    const record = { version: 1, folder: real, digest, acceptedAt: this.#ports.clock(), text };
    await this.#ports.store.write(
      `${storeFolder}/${recordOf(real)}`,
      new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`),
    );
    await this.reload();
  }

  /** Nothing is in force for the folder any more. */
  async withdraw(folder: string): Promise<void> {
    await this.#ports.store.remove(`${storeFolder}/${recordOf(await this.#realPath(folder))}`);
    await this.reload();
  }

  /** Another window of the same user may have accepted or withdrawn something. */
  async reload(): Promise<void> {
    const before = await this.#records?.then(summaryOf, () => undefined);
    this.#records = undefined;
    if (summaryOf(await this.#read()) !== before) this.#changed.fire('rules');
  }

  /** A policy file may have changed, or may be read now. */
  lookAgain(): void {
    this.#changed.fire('files');
  }

  async #statuses(folders: readonly string[]): Promise<readonly PolicyStatus[]> {
    const statuses = await Promise.all(folders.map((each) => this.status(each)));
    return statuses.filter(({ state }) => state !== 'none');
  }

  async #realPath(folder: string): Promise<string> {
    const [real] = await this.#ports.files.foldersAbove(folder);
    return real ?? folder;
  }

  async #readFile(folder: string): Promise<ReadFile> {
    if (!this.#ports.isReadable()) return { isThere: undefined };
    try {
      const bytes = await this.#ports.files.read(folder);
      return bytes === undefined ? { isThere: false } : { isThere: true, file: parsePolicy(bytes) };
    } catch (error) {
      if (!isDaoChainError(error, 'policyInvalid')) throw error;
      return { isThere: true, problem: error };
    }
  }

  /** What failed is tried again. */
  #read(): Promise<Records> {
    const loading = (this.#records ??= this.#load());
    loading.catch(() => {
      if (this.#records === loading) this.#records = undefined;
    });
    return loading;
  }

  async #load(): Promise<Records> {
    const { store } = this.#ports;
    const names = await store.list(storeFolder);
    const records = new Map<string, AcceptedPolicy | DaoChainError>();
    for (const name of names) {
      try {
        const bytes = await store.read(`${storeFolder}/${name}`);
        if (bytes !== undefined) records.set(name, parseRecord(name, bytes));
      } catch (cause) {
        records.set(name, new DaoChainError('policyInvalid', name, { details: { reason: 'damaged' }, cause }));
      }
    }
    this.#followed = [...records.values()].flatMap((record) => (record instanceof DaoChainError ? [] : record.rules));
    return records;
  }
}

/** `isThere` is undefined where nobody looked. */
interface ReadFile {
  readonly isThere: boolean | undefined;
  readonly file?: Policy;
  readonly problem?: DaoChainError;
}

function stateOf(accepted: AcceptedPolicy | undefined, { isThere, file, problem }: ReadFile): PolicyState {
  if (problem !== undefined) return 'refused';
  if (accepted === undefined) return file === undefined ? 'none' : 'offered';
  if (isThere === false) return 'missing';
  return file === undefined || file.digest === accepted.digest ? 'accepted' : 'changed';
}

/** One file for each folder, so that windows on different folders write different files. */
function recordOf(folder: string): string {
  return `${sha256Digest(new TextEncoder().encode(folder)).slice('sha256:'.length)}.json`;
}

function parseRecord(name: string, bytes: Uint8Array): AcceptedPolicy {
  const { folder, digest, acceptedAt, text } = v.parse(recordSchema, parseStrictJson(bytes, recordLimits));
  const policy = parsePolicy(new TextEncoder().encode(text));
  if (policy.digest !== digest || recordOf(folder) !== name) throw new RangeError('not the content that was accepted');
  return { ...policy, acceptedAt };
}

function summaryOf(records: Records): string {
  return [...records]
    .map(([name, record]) => `${name} ${record instanceof DaoChainError ? 'damaged' : record.digest}`)
    .sort()
    .join();
}
