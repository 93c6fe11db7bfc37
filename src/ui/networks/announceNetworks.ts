import { l10n } from 'vscode';
import type { Disposable, Event } from '../../core/emitter';
import { show } from '../notify';

/** Says that the window has its networks from its start on, and offers to start it anew. One notice at a time. */
export function announceNetworks(...sources: readonly { readonly onDidChange: Event<void> }[]): Disposable {
  let isShown = false;
  const announce = (): void => {
    if (isShown) return;
    isShown = true;
    void show({
      severity: 'information',
      message: l10n.t('Your networks have changed. This window uses them as they are now once it is reloaded.'),
      actions: [{ title: l10n.t('Reload Window'), command: 'workbench.action.reloadWindow' }],
    }).finally(() => {
      isShown = false;
    });
  };
  const listening = sources.map(({ onDidChange }) => onDidChange(announce));
  return {
    dispose: () => {
      for (const each of listening) each.dispose();
    },
  };
}
