import { escapeMarkdown } from './markdownText';

/** A line, and what belongs to it below. Texts are for people, with everything of strangers escaped by `displayText`. */
export interface Item {
  readonly text: string;
  readonly items?: readonly Item[];
}

export interface Section {
  readonly title: string;
  readonly items: readonly Item[];
}

/** Sections under a title, to be shown by an editor or a terminal. */
export interface SectionedText {
  readonly title: string;
  readonly sections: readonly Section[];
}

/** As Markdown without a link, an image or anything else that could act. */
export function markdownOf({ title, sections }: SectionedText): string {
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...sections.flatMap((section) => [
      `## ${escapeMarkdown(section.title)}`,
      lines(section.items, (depth, text) => `${'  '.repeat(depth)}- ${escapeMarkdown(text)}`).join('\n'),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** For a terminal. */
export function plainTextOf({ title, sections }: SectionedText): string {
  const parts = sections.map(({ title: heading, items }) =>
    [heading, ...lines(items, (depth, text) => `${'  '.repeat(depth + 1)}${text}`)].join('\n'),
  );
  return [title, ...parts].join('\n\n');
}

function lines(items: readonly Item[], line: (depth: number, text: string) => string, depth = 0): readonly string[] {
  return items.flatMap((item) => [line(depth, item.text), ...lines(item.items ?? [], line, depth + 1)]);
}
