/** Resolves when somebody wants all of this to end: a signal, or the death of the npm that called. */
export function asked(): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.env['npm_lifecycle_event'] !== undefined && process.ppid !== parent) done();
    }, 500);
    const done = (): void => {
      clearInterval(timer);
      resolve();
    };
    // A terminal and npm may both deliver the same Ctrl-C; the second must not cut the clean end short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, done);
  });
}
