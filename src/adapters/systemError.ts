/** Whether an error has a code, one of `codes` where some are given: so the system's and Node's own are told apart. */
export function hasCode(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && (codes.length === 0 || codes.includes(String(error.code)));
}
