export type TestResult = 'passed' | 'failed' | 'skipped';
export const progressVariable: 'DAOCHAIN_TEST_PROGRESS';
export function begins(name: string): void;
export function ends(name: string, result?: TestResult): void;
export function readProgress(text: string): {
  readonly running: readonly string[];
  readonly counts: Readonly<Record<TestResult, number>>;
};
