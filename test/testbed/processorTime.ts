/** Milliseconds of processor time that this process takes for `action`: what else the machine does is not in it. */
export async function processorMs(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
