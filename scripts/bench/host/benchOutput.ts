/** The file that a measurement in the extension host writes its figures to, as JSON. */
export function benchOutput(): string {
  const file = process.env['DAOCHAIN_BENCH_OUTPUT'];
  if (file === undefined) throw new Error('DAOCHAIN_BENCH_OUTPUT names no file');
  return file;
}
