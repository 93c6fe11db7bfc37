import { isAlias, isMap, isPair, isScalar, isSeq, type Alias, type Document, type Node, type YAMLMap } from 'yaml';

/** More aliases are not followed in one file; people's have dozens. It bounds what a file can make us do. */
const maximumAliases = 100_000;

/** The nodes of a YAML document as Compose takes them: aliases followed, `<<` merged, null and `!reset` absent. */
export class ComposeNodes {
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #keys = new Map<YAMLMap, ReadonlyMap<string, unknown>>();
  #aliases = 0;

  constructor(document: Document) {
    this.#targets = targetsOf(document);
  }

  /** The value of `key` in a mapping: its own, or else that of the first mapping merged into it that has one. */
  get(node: unknown, key: string): Node | undefined {
    for (const map of this.merged(node)) {
      const keys = this.keysOf(map);
      if (keys.has(key)) return this.follow(keys.get(key));
    }
    return undefined;
  }

  /** The values of a mapping by key, with those that are merged into it. */
  entries(node: unknown): ReadonlyMap<string, Node> {
    const values = new Map<string, Node | undefined>();
    for (const map of this.merged(node)) {
      for (const [key, value] of this.keysOf(map)) if (!values.has(key)) values.set(key, this.follow(value));
    }
    values.delete('<<');
    return new Map([...values].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  }

  items(node: unknown): readonly Node[] {
    const list = this.follow(node);
    return isSeq(list) ? list.items.map((item) => this.follow(item)).filter((item) => item !== undefined) : [];
  }

  /** A mapping and what is merged into it, each once, in the order in which it counts. */
  private *merged(node: unknown): Generator<YAMLMap> {
    const seen = new Set<YAMLMap>();
    const ahead = [node];
    while (ahead.length > 0) {
      const map = this.follow(ahead.pop());
      if (!isMap(map) || seen.has(map)) continue;
      seen.add(map);
      yield map;
      const merge = this.follow(this.keysOf(map).get('<<'));
      ahead.push(...(isSeq(merge) ? this.items(merge).toReversed() : [merge]));
    }
  }

  /** Of two values with one key, which Compose refuses, the later one. */
  private keysOf(map: YAMLMap): ReadonlyMap<string, unknown> {
    const known = this.#keys.get(map);
    if (known !== undefined) return known;
    const keys = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      const name = this.follow(key);
      if (isScalar(name)) keys.set(String(name.value), value);
    }
    this.#keys.set(map, keys);
    return keys;
  }

  private follow(node: unknown): Node | undefined {
    if (isAlias(node)) {
      this.#aliases += 1;
      return this.#aliases > maximumAliases ? undefined : this.follow(this.#targets.get(node));
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return undefined;
    return node.tag === '!reset' || (isScalar(node) && node.value === null) ? undefined : node;
  }
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
