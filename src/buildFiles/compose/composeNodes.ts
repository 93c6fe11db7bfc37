import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Budget } from '../budget';

/** What a mapping holds, with what is merged into it. */
export interface Entries {
  readonly values: ReadonlyMap<string, Node>;
  /** What it has in the place of whatever it is laid over: marked `!reset` or `!override`. */
  readonly resets: ReadonlySet<string>;
}

/** The nodes of a YAML document as Compose takes them: aliases followed, `<<` merged, what is marked `!reset` left out. */
export class ComposeNodes {
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #keys = new Map<YAMLMap, ReadonlyMap<string, unknown>>();
  /** A key that stands twice in one mapping, which Compose refuses. */
  duplicate: string | undefined;

  constructor(
    document: Document,
    private readonly budget: Budget,
  ) {
    this.#targets = targetsOf(document);
  }

  /** `isOverride`: below what is marked `!override` no other mark counts (`ResetProcessor.resolveReset` of compose-go). */
  entries(node: unknown, isOverride = false): Entries {
    const values = new Map<string, Node>();
    const resets = new Set<string>();
    for (const { map, isListed } of this.#merged(node)) {
      for (const [key, value] of this.#keysOf(map)) {
        this.budget.spend(1);
        const target = this.follow(value);
        if (key === '<<' || target === undefined) continue;
        const isMarked = !isOverride && (target.tag === '!reset' || target.tag === '!override');
        // Of several mappings that are merged, compose-go looks for it where nothing is.
        if (isMarked && !isListed) resets.add(key);
        if ((isOverride || target.tag !== '!reset') && !values.has(key)) values.set(key, target);
      }
    }
    return { values, resets };
  }

  /** Where a key of a mapping, or of what is merged into it, stands. */
  placeOf(node: unknown, key: string): number {
    for (const { map } of this.#merged(node)) {
      const found = map.items
        .map((item) => this.follow(item.key))
        .find((each) => isScalar(each) && keyText(each) === key);
      if (found?.range) return found.range[0];
    }
    return 0;
  }

  items(node: unknown, isOverride = false): readonly Node[] {
    const list = this.follow(node);
    if (!isSeq(list)) return [];
    this.budget.spend(list.items.length);
    return list.items
      .map((item) => this.follow(item))
      .filter((item) => item !== undefined)
      .filter(({ tag }) => isOverride || tag !== '!reset');
  }

  follow(node: unknown): Node | undefined {
    // An anchor is set on no alias: one step is all there is.
    const target = isAlias(node) ? this.#targets.get(node) : node;
    return isMap(target) || isSeq(target) || isScalar(target) ? target : undefined;
  }

  /** A mapping and what is merged into it, each once, in the order in which it counts. */
  *#merged(node: unknown): Generator<{ readonly map: YAMLMap; readonly isListed: boolean }> {
    const seen = new Set<YAMLMap>();
    const ahead: { readonly node: unknown; readonly isListed: boolean }[] = [{ node, isListed: false }];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const { isListed } = next;
      const map = this.follow(next.node);
      if (!isMap(map) || seen.has(map)) continue;
      seen.add(map);
      this.budget.spend(1);
      yield { map, isListed };
      const merge = this.follow(this.#keysOf(map).get('<<'));
      if (isSeq(merge)) for (const item of this.items(merge).toReversed()) ahead.push({ node: item, isListed: true });
      else ahead.push({ node: merge, isListed });
    }
  }

  /** Of two values with one key the later one. */
  #keysOf(map: YAMLMap): ReadonlyMap<string, unknown> {
    const known = this.#keys.get(map);
    if (known !== undefined) return known;
    const keys = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      const name = this.follow(key);
      if (!isScalar(name)) continue;
      const text = keyText(name);
      if (keys.has(text)) this.duplicate ??= text;
      keys.set(text, value);
    }
    this.#keys.set(map, keys);
    return keys;
  }
}

function keyText(key: Scalar): string {
  return key.type === 'PLAIN' ? (key.source ?? '') : String(key.value);
}

/** What each alias stands for: the last node before it with that anchor. Without recursion, for files nest as they like. */
function targetsOf({ contents }: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const ahead: unknown[] = [contents];
  while (ahead.length > 0) {
    const node = ahead.pop();
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    } else if (isPair(node)) {
      ahead.push(node.value, node.key);
    } else if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isScalar(node)) for (const item of node.items.toReversed()) ahead.push(item);
    }
  }
  return targets;
}
