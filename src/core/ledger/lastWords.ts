import type { Hex32 } from '../hex';
import type { ContentHashes } from './contentName';
import { contentKey } from './contentName';
import type { IsVoid } from './signerStanding';
import type { Attestation, Statement } from './types';

/** Places in a history; -1 for none. */
interface Word {
  /** Of the newest entry that states the content itself, by a signer in good standing. */
  statedAt: number;
  revokedAt: number;
}

const none = -1;

/**
 * The last word of a history on each content and statement, as `core/trust/testimony.ts` hears it once all is final. A
 * revocation takes back what was said before it, whoever made it; what only repeats a content revives nothing.
 */
export class LastWords {
  readonly #words = new Map<string, Word>();
  readonly #named = new Set<Attestation>();

  constructor(attestations: readonly Attestation[], isVoid: IsVoid) {
    /** What the statements so far say, and those of them that no revocation has named yet. */
    const said = new Map<Hex32, { words: readonly Word[]; readonly entries: Attestation[] }>();
    for (const entry of attestations) {
      const { kind, position, body, statementHash } = entry;
      if (body.type === 'revocation') {
        const target = said.get(body.revocation.statementHash);
        for (const word of target?.words ?? []) word.revokedAt = position;
        for (const each of target?.entries.splice(0) ?? []) this.#named.add(each);
      } else if (kind !== 'revoke') {
        const target = said.get(statementHash) ?? { words: [], entries: [] };
        target.entries.push(entry);
        if (body.type === 'statement') target.words = this.#read(body.statement, position, !isVoid(entry));
        said.set(statementHash, target);
      }
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
  isNamed(entry: Attestation): boolean {
    return this.#named.has(entry);
  }

  #read({ leaves }: Statement, position: number, counts: boolean): readonly Word[] {
    return leaves.map((leaf) => {
      const key = contentKey(leaf);
      const word = this.#words.get(key) ?? { statedAt: none, revokedAt: none };
      if (counts && leaf.carried?.content !== true) word.statedAt = position;
      this.#words.set(key, word);
      return word;
    });
  }
}
