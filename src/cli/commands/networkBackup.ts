import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { NewBackupFile, StoredBackupFile } from '../../adapters/files/backupFile';
import { hasCode } from '../../adapters/systemError';
import { DaoChainError } from '../../core/errors';
import { displayText } from '../../core/displayText';
import { backupFacts, restoredText, restoreNotice } from '../../words/backupText';
import { damagedRecordText } from '../../words/progressText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { withNodeSession, type Session } from '../session';
import type { Terminal } from '../terminal';
import { UsageError } from '../usageError';
import { factLines } from './networkAsking';

export const networkBackup = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: {},
  notes: () => l10n.t('It holds no key. The node is started for it where it does not run.'),
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { values, positionals, terminal, signal } = invocation;
      const [file = ''] = positionals;
      ownNode(session);
      const { node, launcher, homeParts } = session;
      await node.start(signal);
      const profile = await launcher.network();
      const place = homeParts.network === 'development' ? { admitted: [] } : homeParts.network.place;
      try {
        const target = new NewBackupFile(file);
        const { contents, unread } = await homeParts.backup.write(target, profile, place, signal, progressOf(terminal));
        for (const each of unread) terminal.say(damagedRecordText(join(homeParts.folder, each), l10n));
        if (values.json === true) terminal.printJson({ file, ledger: contents.ledger, head: contents.head });
        else {
          for (const line of factLines(backupFacts(contents, l10n))) terminal.print(line);
          terminal.print(l10n.t('Written to {0}', displayText(file)));
        }
        return unread.length > 0 ? exitCodes.failed : exitCodes.done;
      } catch (error) {
        if (hasCode(error, 'EEXIST')) throw new UsageError(l10n.t('{0} exists already.', displayText(file)));
        throw error;
      }
    }),
});

export const networkRestore = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: { yes: { type: 'boolean', short: 'y', help: () => l10n.t('do not ask') } },
  notes: restoreNotes,
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const file = new StoredBackupFile(positionals[0] ?? '');
    const name = await withNodeSession(invocation, async (session) => {
      ownNode(session);
      const contents = await session.homeParts.backup.read(file, signal);
      for (const line of factLines(backupFacts(contents, l10n))) terminal.say(line);
      terminal.say(restoreNotice(l10n));
      if (values.yes !== true) {
        if (!terminal.isInteractive) throw new UsageError(l10n.t('There is no terminal to ask. Use --yes.'));
        if (!(await terminal.confirm(l10n.t('Restore this network?'), signal)))
          throw new DaoChainError('cancelled', 'It was not confirmed');
      }
      const { profile, admitted, checkpoint } = contents;
      if (profile.kind === 'team')
        await session.networks.restore(profile, { admitted, ...(checkpoint !== undefined && { checkpoint }) });
      else await session.ledgerParts.find(({ network }) => network === 'development')?.launcher.putNetwork(profile);
      return profile.kind === 'team' ? profile.chainId.toString() : 'development';
    });
    // The product anew, with the network in it.
    const there = { ...invocation, values: { ...values, network: name } };
    return withNodeSession(there, async ({ node, homeParts }) => {
      await node.start(signal);
      const restored = await homeParts.backup.restore(file, signal, progressOf(terminal));
      if (values.json === true) terminal.printJson(restored);
      else terminal.print(restoredText(restored, l10n));
      return exitCodes.done;
    });
  },
});

function restoreNotes(): string {
  return restoreNotice(l10n);
}

function ownNode({ endpoint }: Session): void {
  if (endpoint !== undefined)
    throw new UsageError(l10n.t('A network is saved from the node of this machine. Leave out --endpoint.'));
}

function progressOf(terminal: Terminal): (block: number, of: number) => void {
  return (block, of) => {
    terminal.progress(l10n.t('Block {0} of {1}', block, of));
  };
}
