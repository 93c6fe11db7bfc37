import { join } from 'node:path';
import { startProgram, type Program } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';

export interface Window extends Program {
  /** Resolves when the window has said this line. */
  says(line: string): Promise<void>;
}

/** A window in a process of its own, which starts or joins the node of `folder`; `what` can be `mine`. */
export async function startWindow(folder: string, ...what: readonly string[]): Promise<Window> {
  const script = join(__dirname, 'ownerProcess.ts');
  const window = await startProgram(process.execPath, ['--import', 'tsx', script, folder, ...what]);
  return {
    ...window,
    says: async (line) => {
      await waitFor(`a window says "${line}"`, () => window.output().split('\n').includes(line), { timeoutMs: 90_000 });
    },
  };
}
