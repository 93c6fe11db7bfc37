import type { Digest } from '../../core/image/digest';
import type { RepositoryName } from './authorization';

/** Bytes that were compared with their digest. */
export interface Content {
  readonly bytes: Uint8Array;
  /** As the registry said, without parameters. */
  readonly mediaType: string;
}

const limits = { entries: 2_000, bytes: 32 * 1024 * 1024 };

/**
 * The last used documents of registries. What one repository has says nothing about another, not even in the same registry:
 * who may read it can differ.
 */
export class ContentCache {
  readonly #entries = new Map<string, Content>();
  #bytes = 0;

  get({ registry, path }: RepositoryName, digest: Digest): Content | undefined {
    const key = `${registry}/${path}@${digest}`;
    const content = this.#entries.get(key);
    if (content === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, content);
    return content;
  }

  keep({ registry, path }: RepositoryName, digest: Digest, content: Content): void {
    const key = `${registry}/${path}@${digest}`;
    if (this.#entries.has(key)) return;
    this.#entries.set(key, content);
    this.#bytes += content.bytes.length;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#entries.size <= limits.entries && this.#bytes <= limits.bytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
