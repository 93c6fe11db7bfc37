/** As many characters as a side bar of 300 pixels shows beside an icon and a badge. */
const sideBarWidth = 30;
/** As many as the editor's pickers show. */
export const pickerWidth = 72;

/** So much of a name is shown around the place where it differs from others. */
const markLength = 5;

/**
 * Names of images or patterns of repositories as rows that are cut from the right show them: whole where that fits. Else a
 * short form comes first, with the registry and the tag, that no other name of the list has; the whole name follows, so that
 * the editor's find reaches all of it and a wider row shows it.
 */
export function rowNames(names: readonly string[], width = sideBarWidth): ReadonlyMap<string, string> {
  const short = shortNames([...new Set(names)], width);
  return new Map([...short].map(([name, shown]) => [name, shown === name ? name : `${shown} · ${name}`]));
}

function shortNames(names: readonly string[], width: number): ReadonlyMap<string, string> {
  const alike = grouped(names, (name) => shorten(name, width));
  return new Map(
    [...alike].flatMap(([shown, group]) =>
      group.length === 1 ? group.map((name) => [name, shown] as const) : tellApart(group, [], width),
    ),
  );
}

/** What is in the middle of the path goes first, then the path from its start, then the middle of the registry and of the tag. */
function shorten(name: string, width: number): string {
  return name.length <= width ? name : withMarks(name, [], width);
}

/** What a name has at a place where it differs from others that begin alike. */
interface Mark {
  readonly text: string;
  readonly start: number;
}

/** Shows where each of these differs from the others, as often as that takes. */
function tellApart(
  names: readonly string[],
  marks: readonly Mark[],
  width: number,
): readonly (readonly [name: string, shown: string])[] {
  if (names.length === 1) return names.map((name) => [name, withMarks(name, marks, width)]);
  const start = Math.max(commonStart(names) - 1, 0);
  const groups = grouped(names, (name) => name.slice(start, start + markLength));
  return [...groups].flatMap(([text, group]) => tellApart(group, [...marks, { text, start }], width));
}

/** A mark that is in the tag stands for the tag, so that there is room for the registry. */
function withMarks(name: string, marks: readonly Mark[], width: number): string {
  const { registry, path, tag: whole } = partsOf(name);
  const tag = marks.some(({ start }) => start >= registry.length + path.length) ? '' : whole;
  const middle = `…${marks.map(({ text }) => `${text}…`).join('')}`;
  const room = Math.max(width - middle.length, 0);
  const ofTag = Math.min(tag.length, Math.max(room - registry.length, Math.floor(room / 2)));
  const ofRegistry = Math.min(registry.length, room - ofTag);
  const ofPath = marks.length > 0 ? 0 : room - ofTag - ofRegistry;
  return shortened(registry, ofRegistry) + middle + path.slice(path.length - ofPath) + shortened(tag, ofTag);
}

/** The first segment with its slash, where there are several; what is between it and the tag; and the tag with its colon. */
function partsOf(name: string): { readonly registry: string; readonly path: string; readonly tag: string } {
  const registry = name.slice(0, name.indexOf('/') + 1);
  const rest = name.slice(registry.length);
  const [path = ''] = rest.split(/[:@]/);
  return { registry, path, tag: rest.slice(path.length) };
}

/** Both ends are kept: a registry belongs to whoever has the end of its name. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = Math.max(length - 1, 2);
  const front = Math.floor(kept / 2);
  return `${text.slice(0, front)}…${text.slice(front - kept)}`;
}

function grouped(names: readonly string[], keyOf: (name: string) => string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keyOf(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return groups;
}

/** How many characters they all begin with. */
function commonStart(names: readonly string[]): number {
  const [first = ''] = names;
  const differing = Array.from(first).findIndex((letter, at) => names.some((name) => name[at] !== letter));
  return differing === -1 ? first.length : differing;
}
