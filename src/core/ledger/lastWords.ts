import type { Hex32 } from '../hex';
import type { ContentHashes } from './contentName';
import { contentKey } from './contentName';
import type { IsVoid } from './signerStanding';
import type { Attestation, Statement } from './types';

/** Places in a history; -1 for none. */
interface Word {
  /** Of the first entry that has the content. */
  readonly firstAt: number;
  /** Of the newest entry that states the content itself, by a signer in good standing. */
  statedAt: number;
  revokedAt: number;
}

const none = -1;

/**
 * The last word of a history on each content and statement, as `core/judging/testimony.ts` hears it once all is final. A
 * revocation takes back the content of the statement that it names, as far as that was said before, whoever made it; what only
 * repeats a content revives nothing.
 */
export class LastWords {
  readonly #words = new Map<string, Word>();
  /** Place of the newest revocation that names a statement. */
  readonly #named = new Map<Hex32, number>();

  constructor(attestations: readonly Attestation[], isVoid: IsVoid) {
    const said = new Map<Hex32, readonly Word[]>();
    for (const entry of attestations) {
      if (entry.body.type === 'statement')
        said.set(entry.statementHash, this.#read(entry.body.statement, entry, isVoid));
    }
    for (const { body, position } of attestations) {
      if (body.type !== 'revocation') continue;
      const { statementHash } = body.revocation;
      this.#named.set(statementHash, position);
      for (const word of said.get(statementHash) ?? []) if (word.firstAt < position) word.revokedAt = position;
    }
  }

  /** Whether the history names the content, and its last word on it is void. */
  isRevoked(content: ContentHashes): boolean {
    const word = this.#words.get(contentKey(content));
    return word !== undefined && word.statedAt <= word.revokedAt;
  }

  /** Place of the newest revocation of a content; -1 for none. */
  revokedAt(content: ContentHashes): number {
    return this.#words.get(contentKey(content))?.revokedAt ?? none;
  }

  /** Whether a later revocation names this very statement. */
  isNamed({ statementHash, position }: Attestation): boolean {
    return (this.#named.get(statementHash) ?? none) > position;
  }

  #read({ leaves }: Statement, entry: Attestation, isVoid: IsVoid): readonly Word[] {
    const [{ position }, isSkipped] = [entry, isVoid(entry)];
    return leaves.map((leaf) => {
      const key = contentKey(leaf);
      const word = this.#words.get(key) ?? { firstAt: position, statedAt: none, revokedAt: none };
      if (!isSkipped && leaf.carried?.content !== true) word.statedAt = position;
      this.#words.set(key, word);
      return word;
    });
  }
}
