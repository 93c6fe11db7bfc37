import { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { daochain } from './extension';

/** Notes the programs that the extension starts from now on; other extensions of the same host start theirs too. */
export function countSpawns(): { readonly programs: readonly string[]; stop(): void } {
  const bundle = join(daochain().extensionPath, 'dist');
  const programs: string[] = [];
  const own = Reflect.get(ChildProcess.prototype, 'spawn') as (options: { readonly file: string }) => unknown;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  Object.assign(ChildProcess.prototype, {
    spawn(this: ChildProcess, options: { readonly file: string }): unknown {
      if (new Error().stack?.includes(bundle) === true) programs.push(options.file);
      return own.call(this, options);
    },
  });
  return {
    programs,
    stop: () => {
      Error.stackTraceLimit = limit;
      Object.assign(ChildProcess.prototype, { spawn: own });
    },
  };
}
