import { describeForLog } from '../../core/errors';
import { editorsRuleFile } from '../../core/trust/ruleFiles';
import type { Settings } from '../settings';
import type { Disposable } from '../../core/emitter';
import type { Log } from '../../core/ports/log';
import type { FileStore } from '../../core/ports/files';

interface MirrorParts {
  readonly settings: Pick<Settings, 'userRules' | 'onDidChange'>;
  readonly files: Pick<FileStore, 'read' | 'write'>;
  readonly log: Log;
}

/**
 * Keeps the user's trust rules where the `daochain` command reads them, so that it judges as the editor does. Written only
 * where the file says something else, and not before the extension has come up. Windows of one user write the same.
 */
export function mirrorTrustRules({ settings, files, log }: MirrorParts): Disposable {
  const write = async (): Promise<void> => {
    const wanted = Buffer.from(`${JSON.stringify(settings.userRules, null, 2)}\n`);
    const there = await files.read(editorsRuleFile);
    if (there === undefined || !wanted.equals(there)) await files.write(editorsRuleFile, wanted);
  };
  let last = Promise.resolve();
  const update = (): void => {
    last = last.then(write).catch((error: unknown) => {
      log.warn(`The trust rules are not where the daochain command finds them: ${describeForLog(error)}`);
    });
  };
  const start = setTimeout(update);
  const listening = settings.onDidChange(update, 'trust.rules');
  return {
    dispose: () => {
      clearTimeout(start);
      listening.dispose();
    },
  };
}
