/** A command line that cannot be understood, in the words of the person's language. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
