import { join } from 'node:path/posix';
import { DaoChainError } from '../../../src/core/errors';
import { Policies } from '../../../src/services/trust/policies';
import { MemoryStore } from './memoryStore';
import type { PolicyFiles } from '../../../src/core/ports/files';

/** Folders with policy files, in memory; `links` lead from one folder to another. */
export class FakePolicyFiles implements PolicyFiles {
  readonly texts = new Map<string, string>();
  readonly links = new Map<string, string>();
  reads = 0;

  foldersAbove(folder: string): Promise<readonly string[]> {
    const named = withAncestors(folder).map((each) => this.real(each));
    return Promise.resolve([...new Set([...named, ...withAncestors(named[0] ?? folder)])]);
  }

  read(folder: string): Promise<Uint8Array | undefined> {
    this.reads += 1;
    const text = this.texts.get(folder);
    if (text === 'PIPE') throw new DaoChainError('policyInvalid', 'a pipe', { details: { reason: 'unreadable' } });
    return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
  }

  private real(folder: string): string {
    const link = withAncestors(folder).find((each) => this.links.has(each));
    if (link === undefined) return folder;
    return this.real(join(this.links.get(link) ?? '', folder.slice(link.length)));
  }
}

function withAncestors(path: string): readonly string[] {
  const parent = join(path, '..');
  return parent === path ? [path] : [path, ...withAncestors(parent)];
}

/** The policies of one window. Windows of one user share `store`. */
export class PolicyWindow {
  readonly files = new FakePolicyFiles();
  isTrusted = true;
  readonly changes: string[] = [];
  readonly policies: Policies;

  constructor(readonly store = new MemoryStore()) {
    this.policies = new Policies({
      store,
      files: this.files,
      clock: () => 1_800_000_000_000,
      isReadable: () => this.isTrusted,
    });
    this.policies.onDidChange((change) => this.changes.push(change));
  }

  /** Accepts what the file of a folder says now. */
  async acceptFile(folder: string): Promise<void> {
    const { file } = await this.policies.status(folder);
    if (file === undefined) throw new RangeError(`no policy in ${folder}`);
    await this.policies.accept(folder, file);
  }
}
