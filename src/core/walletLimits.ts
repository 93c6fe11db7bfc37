/** Characters of a new password, wherever one is chosen. */
export const shortestPassword = 8;

/** Bytes of a keystore that is read; it has less than a thousand. */
export const largestKeystore = 100_000;
