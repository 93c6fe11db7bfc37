/** What `geth version` says about a program. */
export interface GethVersion {
  /** As it is printed, for example `1.11.6-stable`. */
  readonly version: string;
  /** True for the last series of go-ethereum that mines ethash, and for core-geth, which kept mining. */
  readonly canMine: boolean;
}

/** Reads the output of `geth version`; undefined when it is some other program's. */
export function parseGethVersion(output: string): GethVersion | undefined {
  const client = /^(Geth|CoreGeth)$/m.exec(output)?.[1];
  const version = /^Version: (\d+\.(\d+)\.\d+\S*)$/m.exec(output);
  if (client === undefined || version?.[1] === undefined) return undefined;
  return { version: version[1], canMine: client === 'CoreGeth' || version[1].startsWith('1.11.') };
}
