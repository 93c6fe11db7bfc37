import { samePlatform } from '../image/platform';
import { byPlatform, platformText } from './statement';
import type { EntryKind, History, Leaf, Statement } from './types';

/**
 * The parts of a statement that a later entry can carry forward, as keys: two parts are equal, byte for byte, where their
 * keys are. A carried part needs an equal part of its kind that an earlier entry of the history states itself.
 */

/** Of what {@link contentLeaf} keeps. */
export function contentSource(leaf: Leaf): string {
  const { platform, configDigest, configSize, fingerprint, dockerFields, dockerFieldNames = [] } = leaf;
  // None of these has a space.
  return [platformText(platform), configDigest, configSize, fingerprint, dockerFields, ...dockerFieldNames].join(' ');
}

/** The manifest digest together with its content: it is no source for other content. Undefined where there is none. */
export function digestSource(leaf: Leaf): string | undefined {
  return leaf.manifestDigest && `${contentSource(leaf)} ${leaf.manifestDigest}`;
}

export function indexSource({ indexDigest }: Statement): string | undefined {
  return indexDigest;
}

interface Parts {
  readonly stated: readonly string[];
  readonly carried: readonly string[];
}

/** Keys of what a statement states itself, and of what it carries. */
export function partsOf(statement: Statement): Parts {
  const [stated, carried]: [string[], string[]] = [[], []];
  const add = (part: string | undefined, isCarried = false): void => {
    if (part !== undefined) (isCarried ? carried : stated).push(part);
  };
  for (const leaf of statement.leaves) {
    add(contentSource(leaf), leaf.carried?.content);
    add(digestSource(leaf), leaf.carried?.digests);
  }
  add(indexSource(statement), statement.isIndexCarried);
  return { stated, carried };
}

function carriesAnything({ leaves, isIndexCarried }: Statement): boolean {
  return isIndexCarried === true || leaves.some(({ carried }) => carried !== undefined);
}

/**
 * What the entries of one history have stated themselves so far. It goes on from an earlier one without changing it; of the
 * layers each is more than twice as large as the next, so that a thousand steps copy hardly more than one.
 */
export class StatedParts {
  readonly #own = new Set<string>();
  readonly #before: readonly ReadonlySet<string>[];
  /** Not looked at until somebody carries something: of most histories nobody ever does. */
  #unread: (readonly [EntryKind, Statement])[];

  constructor(before?: StatedParts) {
    if (before === undefined) {
      [this.#before, this.#unread] = [[], []];
      return;
    }
    const layers = [...before.#before];
    let last: ReadonlySet<string> = before.#own;
    while (layers.length > 0 && (layers.at(-1)?.size ?? 0) <= 2 * last.size) {
      last = new Set([...(layers.pop() ?? []), ...last]);
    }
    this.#before = [...layers, last];
    this.#unread = [...before.#unread];
  }

  /** Takes in the next statement; false, and nothing is taken in, where it carries what nobody has stated. */
  add(kind: EntryKind, statement: Statement): boolean {
    if (carriesAnything(statement)) {
      for (const [stating, said] of this.#unread) {
        for (const part of partsOf(said).stated) this.#own.add(`${stating} ${part}`);
      }
      this.#unread = [];
      if (!partsOf(statement).carried.every((part) => this.#has(`${kind} ${part}`))) return false;
    }
    this.#unread.push([kind, statement]);
    return true;
  }

  #has(part: string): boolean {
    return this.#own.has(part) || this.#before.some((layer) => layer.has(part));
  }
}

/** Whether a statement, as the next entry of a history, would carry nothing but what the entries there state themselves. */
export function hasSources(history: History | undefined, kind: EntryKind, statement: Statement): boolean {
  const before = new StatedParts();
  for (const { kind: of, body } of history?.attestations ?? []) {
    if (body.type === 'statement') before.add(of, body.statement);
  }
  return before.add(kind, statement);
}

/** A leaf as a later entry repeats it. */
function carry(leaf: Leaf): Leaf {
  return { ...leaf, carried: { content: true, ...(leaf.manifestDigest && { digests: true }) } };
}

/** All that a leaf says but the manifest digest, without marks. */
export function contentLeaf(leaf: Leaf): Leaf {
  const { platform, configDigest, configSize, fingerprint, dockerFields, dockerFieldNames } = leaf;
  const content = { platform, configDigest, configSize, fingerprint, dockerFields };
  return { ...content, ...(dockerFieldNames && { dockerFieldNames }) };
}

/**
 * The statement of a publisher who signs `mine` again after `previous`: leaves of other platforms are carried forward,
 * and so is the manifest digest of content that has not changed. Another name of a platform (`arm64` of `arm64/v8`) is no
 * other platform: what it said would stay valid beside what replaces it. The index digest stays only if no leaf changed.
 */
export function mergeLeaves(previous: Statement | undefined, mine: readonly Leaf[]): Statement {
  const before = previous?.leaves ?? [];
  const replaced = before.filter(({ platform }) => mine.some((leaf) => samePlatform(leaf.platform, platform)));
  const stated = mine.map((leaf) => {
    const found = replaced.find((each) => contentSource(each) === contentSource(leaf));
    if (leaf.manifestDigest !== undefined || found?.manifestDigest === undefined) return leaf;
    return { ...leaf, manifestDigest: found.manifestDigest, carried: { ...leaf.carried, digests: true } } as const;
  });
  const isUnchanged =
    replaced.length === mine.length && stated.every((leaf) => replaced.some((each) => saysTheSame(each, leaf)));
  const others = before.filter((leaf) => !replaced.includes(leaf)).map(carry);
  return {
    leaves: [...byPlatform([...others, ...stated]).values()],
    ...(isUnchanged && previous?.indexDigest && { indexDigest: previous.indexDigest, isIndexCarried: true }),
  };
}

/** Whoever says it. */
function saysTheSame(a: Leaf, b: Leaf): boolean {
  return contentSource(a) === contentSource(b) && a.manifestDigest === b.manifestDigest;
}
