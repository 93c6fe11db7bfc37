import type { Finding } from './findings';

/** What is said about one image, once for all places of a file. */
export interface Problem {
  /** Where it stands first. */
  readonly first: Finding;
  /** Where it is said as well. */
  readonly others: readonly Finding[];
}

/** One problem of all findings that say the same about the same image, in the order of the file. */
export function problemsOf(findings: readonly Finding[]): readonly Problem[] {
  const problems = new Map<string, { readonly first: Finding; readonly others: Finding[] }>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.code, finding.level, finding.subject]);
    const known = problems.get(key);
    if (known === undefined) problems.set(key, { first: finding, others: [] });
    else known.others.push(finding);
  }
  return [...problems.values()];
}
