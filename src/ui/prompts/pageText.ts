/** Lines of a dialog that fits on a small screen: what is below the edge of the screen cannot be seen. */
const linesOnPage = 30;

/** Blocks of lines in pages, all of them; at least one page. A block that is longer than a page goes on on the next. */
export function pagesOf(blocks: readonly (readonly string[])[]): readonly string[] {
  const pages: string[][] = [[]];
  for (const block of blocks) {
    let rest = block;
    let page = pages.at(-1) ?? [];
    if (page.length > 0) {
      if (page.length + 1 + block.length > linesOnPage) pages.push((page = []));
      else page.push('');
    }
    for (; rest.length > linesOnPage; rest = rest.slice(linesOnPage)) {
      page.push(...rest.slice(0, linesOnPage));
      pages.push((page = []));
    }
    page.push(...rest);
  }
  return pages.map((page) => page.join('\n'));
}
