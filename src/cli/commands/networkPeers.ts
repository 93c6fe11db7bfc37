import * as l10n from '@vscode/l10n';
import { formatAddress } from '../../core/ledger/hub';
import { hubText, peerText, syncText } from '../../words/peerText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { withNodeSession } from '../session';
import { UsageError } from '../usageError';

export const networkPeers = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async ({ endpoint, node, peers }) => {
      const { terminal, values, signal } = invocation;
      if (endpoint !== undefined)
        throw new UsageError(
          l10n.t('Whom the node of an endpoint is connected to is not asked. Leave out --endpoint.'),
        );
      await node.join();
      const view = await peers.read(signal);
      if (view === undefined) {
        if (values.json === true) terminal.printJson(null);
        else terminal.print(l10n.t('No node is running.'));
        return exitCodes.failed;
      }
      if (values.json === true) {
        terminal.printJson({
          ...view.state,
          nodeKey: view.self,
          block: view.block,
          peers: view.peers.map(({ address, ...peer }) => ({ ...peer, address: formatAddress(address) })),
          hubs: view.hubs.map(({ host, port, ...hub }) => ({ ...hub, address: formatAddress({ host, port }) })),
        });
        return exitCodes.done;
      }
      terminal.print(syncText(view.state, l10n));
      terminal.print(`  ${l10n.t('Block: {0}', view.block)}`);
      terminal.print(`  ${l10n.t('Node key: {0}', view.self)}`);
      if (view.hubs.length > 0) terminal.print(l10n.t('Hubs:'));
      for (const hub of view.hubs) terminal.print(`  ${hubText(hub, l10n)}`);
      if (view.peers.length > 0) terminal.print(l10n.t('Connected:'));
      for (const peer of view.peers) terminal.print(`  ${peerText(peer, l10n)}`);
      return exitCodes.done;
    }),
});
