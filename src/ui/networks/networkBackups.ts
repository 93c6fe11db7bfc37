import { l10n, Uri, window, workspace } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { displayText } from '../../core/displayText';
import type { NetworkProfile } from '../../core/ledger/network';
import type { BackupFile, BackupTarget } from '../../core/ports/backup';
import type { FollowedNetwork } from '../../core/ports/networks';
import type { NetworkBackup } from '../../services/networks/networkBackup';
import type { NetworkService } from '../../services/networks/networkService';
import type { NodeService } from '../../services/node/nodeService';
import { backupFacts, restoredText, restoreNotice } from '../../words/backupText';
import { damagedRecordText } from '../../words/progressText';
import { tell } from '../notify';
import { confirmPages } from '../prompts/confirmPages';
import { withCancellableProgress } from '../prompts/progress';
import { choose } from '../prompts/steps';
import { factPages, networkName } from './networkRows';

/** A network as the window has it since it started. */
interface SavedNode {
  readonly network: 'development' | FollowedNetwork;
  readonly node: Pick<NodeService, 'start'>;
  readonly launcher: { network(): Promise<NetworkProfile>; putNetwork(network: NetworkProfile): Promise<void> };
  readonly backup: NetworkBackup;
}

interface BackupParts {
  readonly networks: NetworkService;
  readonly ledgerParts: readonly SavedNode[];
  /** A file that is not there yet. */
  readonly newBackup: (path: string) => BackupTarget;
  readonly storedBackup: (path: string) => BackupFile;
}

/** Saves a network in one file, and brings back what a file has and this machine lacks. Both start the network's node. */
export class NetworkBackups {
  constructor(private readonly parts: BackupParts) {}

  /** `backupInvalid`, `cancelled`, and whatever keeps the node from running. */
  async backUp(): Promise<void> {
    const title = l10n.t('Back Up Network');
    const { network, node, launcher, backup } = await this.#pick(title);
    const file = await askBackupTarget(title);
    const { contents, unread } = await withCancellableProgress(title, async (signal, progress) => {
      await node.start(signal);
      const place = network === 'development' ? { admitted: [] } : network.place;
      return backup.write(this.parts.newBackup(file), await launcher.network(), place, signal, (block, of) => {
        progress.report({ message: l10n.t('Block {0} of {1}', block, of) });
      });
    });
    const left = unread.map((each) => damagedRecordText(each, l10n));
    const written = l10n.t('Written to {0}', displayText(file));
    tell([written, l10n.t('Blocks, with all statements in them: {0}', contents.head.number), ...left].join('. '));
  }

  /** Shows all of what is in the file and what will be done, and asks. `backupInvalid`, `networkInvalid`, `cancelled`. */
  async restore(): Promise<void> {
    const { networks, ledgerParts, storedBackup } = this.parts;
    const title = l10n.t('Restore Network');
    const [picked] = (await window.showOpenDialog({ title, canSelectMany: false, filters: backupFiles() })) ?? [];
    if (picked === undefined) throw new DaoChainError('cancelled', 'No file was picked');
    const [reader] = ledgerParts;
    if (reader === undefined) throw new RangeError('home is always there');
    const file = storedBackup(picked.fsPath);
    const contents = await withCancellableProgress(title, (signal) => reader.backup.read(file, signal));
    const pages = factPages([...backupFacts(contents, l10n), { text: restoreNotice(l10n) }]);
    await confirmPages(l10n.t('Restore this network?'), pages, l10n.t('Restore'), l10n.t('Do Nothing'));

    const { profile } = contents;
    const isIt = ({ network }: SavedNode): boolean =>
      network === 'development' ? profile.kind === 'development' : network.profile.chainId === profile.chainId;
    if (profile.kind === 'team') await networks.restore(profile, contents.place);
    const parts = ledgerParts.find(isIt);
    if (parts === undefined) {
      // The window has its networks from its start on.
      tell(
        l10n.t(
          '{0} is followed from the window’s next start on. Reload the window and restore it once more: its blocks come then.',
          displayText(profile.name),
        ),
      );
      return;
    }
    if (profile.kind === 'development') await parts.launcher.putNetwork(profile);
    const restored = await withCancellableProgress(title, async (signal, progress) => {
      await parts.node.start(signal);
      return parts.backup.restore(file, signal, (block, of) => {
        progress.report({ message: l10n.t('Block {0} of {1}', block, of) });
      });
    });
    tell(restoredText(restored, l10n));
  }

  async #pick(title: string): Promise<SavedNode> {
    const [home, ...others] = this.parts.ledgerParts;
    if (home !== undefined && others.length === 0) return home;
    return choose({
      title,
      placeholder: l10n.t('Which network?'),
      choices: this.parts.ledgerParts.map((value) => ({ value, label: networkName(value.network, l10n) })),
    });
  }
}

async function askBackupTarget(title: string): Promise<string> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({
    title,
    ...(folder?.scheme === 'file' && { defaultUri: Uri.joinPath(folder, 'network.daochain') }),
    filters: backupFiles(),
  });
  if (target === undefined) throw new DaoChainError('cancelled', 'No file was picked');
  return target.fsPath;
}

function backupFiles(): Record<string, string[]> {
  return { [l10n.t('Backup of a network')]: ['daochain'] };
}
