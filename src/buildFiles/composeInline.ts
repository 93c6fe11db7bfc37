import { TextDocument, type Range } from 'vscode-languageserver-textdocument';
import { findBaseImages, type BaseImage, type BuildArguments } from './baseImages';
import { interpolate, type Part, type Span } from './composeInterpolation';
import type { PlacedText } from './composeScalar';

/** A variable of Compose without a value, and where in the file it stands. */
interface Unknown extends Span {
  readonly name: string;
}

/** The private characters that stand for unknown values; no reference has any. */
const firstMark = 0xf0000;
const lastMark = 0xffffd;
const marks = /[\u{f0000}-\u{ffffd}]/gu;

/**
 * The base images of a Dockerfile that is written into a Compose file. Compose fills in its variables first, and Docker
 * its own then: a value that Compose does not have here is handed on as a mark, and an image that holds one is unresolved.
 */
export function findInlineImages(
  document: TextDocument,
  dockerfile: PlacedText,
  args: ReadonlyMap<string, PlacedText>,
  buildArguments: BuildArguments,
): readonly BaseImage[] {
  const unknowns: Unknown[] = [];
  const own = [...args].map(([name, value]) => [name, fill(value, unknowns).text] as const);
  const text = fill(dockerfile, unknowns);
  const inline = TextDocument.create(document.uri, 'dockerfile', document.version, text.text);
  return findBaseImages(inline, {
    ...buildArguments,
    user: { ...buildArguments.user, ...Object.fromEntries(own) },
  }).map((image) => outward(image));

  function outward(image: BaseImage): BaseImage {
    const range = rangeIn(image.range);
    const { instruction, ...rest } = image;
    const place = {
      range,
      written: document.getText(range),
      ...(instruction !== undefined && text.exact && { instruction: text.spanOf(instruction, instruction).start }),
    };
    if (rest.type === 'unresolved') {
      const variables = rest.variables.flatMap(({ name, range }) => {
        const marked = unknownIn(name);
        return marked.length > 0 ? marked : [{ name, range: rangeIn(range) }];
      });
      return { ...rest, ...place, variables };
    }
    const { reference, platform, ...common } = rest;
    const variables = unknownIn(reference + (platform ?? ''));
    return variables.length > 0 ? { ...common, ...place, type: 'unresolved', variables } : { ...rest, ...place };
  }

  function rangeIn({ start, end }: Range): Range {
    return toRange(document, text.spanOf(inline.offsetAt(start), inline.offsetAt(end)));
  }

  function unknownIn(value: string): readonly { readonly name: string; readonly range: Range }[] {
    const found = (value.match(marks) ?? []).map((mark) => unknowns[(mark.codePointAt(0) ?? 0) - firstMark]);
    return found
      .filter((one) => one !== undefined)
      .map(({ name, ...span }) => ({ name, range: toRange(document, span) }));
  }
}

/** A value with its variables filled in; what stands for an unknown one is added to `unknowns`. */
function fill(placed: PlacedText, unknowns: Unknown[]): PlacedText {
  const { text } = placed;
  // What Compose refuses is handed on as it is.
  const whole: Part = { text, start: 0, end: text.length, literal: true, unresolved: [] };
  let length = 0;
  const parts = (interpolate(text) ?? [whole]).map((part) => {
    const filled = part.unresolved.length === 0 ? part.text : part.unresolved.map(mark).join('');
    const at = length;
    length += filled.length;
    return { ...part, text: filled, at };
  });
  const partAt = (index: number): (typeof parts)[number] =>
    parts.findLast(({ at }) => at <= index) ?? { ...whole, at: 0 };
  return {
    text: parts.map((part) => part.text).join(''),
    spanOf: (start, end) => {
      const [first, last] = [partAt(start), partAt(Math.max(start, end - 1))];
      return placed.spanOf(
        first.literal ? first.start + start - first.at : first.start,
        last.literal ? last.start + end - last.at : last.end,
      );
    },
    exact: placed.exact,
  };

  function mark({ name, start, end }: Unknown): string {
    unknowns.push({ name, ...placed.spanOf(start, end) });
    return String.fromCodePoint(firstMark + Math.min(unknowns.length - 1, lastMark - firstMark));
  }
}

export function toRange(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}
