import { commands, l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { NodeService } from '../../services/node/nodeService';
import type { OrganizationCommands } from '../organizations/organizationCommands';
import type { Settings } from '../settings';
import type { Account } from './account';
import { accountMenu, type MenuItem } from './accountMenu';

export interface AccountMenuParts {
  readonly account: Account;
  readonly node: NodeService;
  readonly settings: Settings;
  readonly organizationCommands: OrganizationCommands;
}

/** What the status bar opens. `cancelled`. */
export async function showAccountMenu({
  account,
  node,
  settings,
  organizationCommands,
}: AccountMenuParts): Promise<void> {
  const items = async (): Promise<MenuItem[]> => {
    // Where no block comes, a window does not notice that another one has ended mining.
    await node.refresh().catch(() => undefined);
    const memberships = await organizationCommands.known(account.state);
    return [...accountMenu(account.state, { memberships, publisher: settings.defaultPublisher }, l10n)];
  };
  const picked = await window.showQuickPick(items(), { title: 'DaoChain', placeHolder: l10n.t('Account and node') });
  if (picked === undefined) throw new DaoChainError('cancelled', 'Nothing was picked');
  await commands.executeCommand(picked.command, ...(picked.arguments ?? []));
}
