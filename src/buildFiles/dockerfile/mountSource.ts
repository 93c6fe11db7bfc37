import { sliceExcerpt, type Excerpt } from '../excerpt';

/**
 * What a `--mount=` takes its files from: the value of its last `from=`, whatever type it has. BuildKit looks the name up
 * before it knows the type (`dockerfile2llb.detectRunMount`). Absent also where the list is one that BuildKit refuses.
 */
export function mountSource(mount: Excerpt | undefined): Excerpt | undefined {
  return fieldsOf(mount)
    .map((field) => ({ field, equals: field.text.indexOf('=') }))
    .filter(({ field, equals }) => field.text.slice(0, Math.max(equals, 0)).toLowerCase() === 'from')
    .map(({ field, equals }) => sliceExcerpt(field, equals + 1))
    .at(-1);
}

/** The fields of one line of comma-separated values, as `go-csvvalue` reads them; none where it is malformed. */
export function fieldsOf(line: Excerpt | undefined): readonly Excerpt[] {
  const { text, at } = line ?? { text: '', at: [] };
  const fields: Excerpt[] = [];
  for (let i = 0; i <= text.length; i += 1) {
    if (text.charAt(i) !== '"') {
      const comma = text.indexOf(',', i);
      const end = comma === -1 ? text.length : comma;
      const field = sliceExcerpt({ text, at }, i, end);
      if (field.text.includes('"')) return [];
      fields.push(field);
      i = end;
      continue;
    }
    const field: { text: string; at: number[] } = { text: '', at: [] };
    for (i += 1; text.charAt(i) !== '"' || text.charAt(i + 1) === '"'; i += 1) {
      if (i >= text.length) return [];
      if (text.charAt(i) === '"') i += 1;
      field.text += text.charAt(i);
      field.at.push(at[i] ?? 0);
    }
    fields.push(field);
    i += 1;
    if (i < text.length && text.charAt(i) !== ',') return [];
  }
  return fields;
}
