/** Small files of ours, whose turn it is, and the policy files of folders. */
/** Small files of ours: index, memory, profiles. Names are `a/b.json`-like; writes are atomic. */
export interface FileStore {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names of what is in a folder, without the folder; empty when there is none. What is no file cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** Of a folder's files those that are not `isKept` and were written a day before the newest: whoever wanted them is gone. */
  removeOld(folder: string, isKept: (name: string) => boolean): Promise<void>;
}

/** A turn that was taken; nobody else has it until it is ended. */
export interface Turn {
  end(): Promise<void>;
}

/** Turns among everybody who uses the same files: windows, commands, and whatever goes on at once in one of them. */
export interface Turns {
  /**
   * Waits until `name` is free. `onWait` is told once, where somebody has it. A turn of a process that is gone is over, and
   * none lasts longer than a few minutes. `walletBusy` when it does not come in time, `cancelled`.
   */
  take(name: string, signal: AbortSignal, onWait: () => void): Promise<Turn>;
}

/** The policy files of folders (`daochain.policy.json`), and where those folders really are. */
export interface PolicyFiles {
  /**
   * Real paths of a folder and of all above it, by name as well as by where links lead, so that no link leads out of a
   * folder; its own first, also where it is gone.
   */
  foldersAbove(folder: string): Promise<readonly string[]>;
  /** The bytes of the file in a folder, at most {@link mostPolicyBytes}; undefined where there is none. `policyInvalid`. */
  read(folder: string): Promise<Uint8Array | undefined>;
}
