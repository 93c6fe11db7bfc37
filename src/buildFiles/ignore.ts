const pattern = /^#\s*daochain:\s*ignore\s+(DC\d{3}(?:[\s,]+DC\d{3})*)(?![\w-])/i;

/**
 * The codes that comments directly above an instruction ask to leave out: `# daochain: ignore DC008, DC009 — reason`.
 * A comment without a code asks for nothing.
 */
export function ignoredCodes(comments: readonly string[]): ReadonlySet<string> {
  const lists = comments.map((comment) => pattern.exec(comment)?.[1] ?? '');
  return new Set(lists.flatMap((list) => list.toUpperCase().match(/DC\d{3}/g) ?? []));
}

export function ignoreComment(code: string): string {
  return `# daochain: ignore ${code}`;
}
