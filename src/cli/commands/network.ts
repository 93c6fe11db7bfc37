import * as l10n from '@vscode/l10n';
import { ledgerKey } from '../../core/ledger/types';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { knownLedger } from '../knownLedger';
import { withNodeSession } from '../session';
import { ledgerKindText } from '../../words/ledgerText';
import { protectionLines } from '../../words/protectionText';
import { ledgerProtection, protectionJson } from '../ledgerProtection';

export const networkShow = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  notes: () => l10n.t('The line "Ledger" is the value of the field "ledger" of a trust rule.'),
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { terminal, values, signal } = invocation;
      const shown = await knownLedger(session);
      if (shown === undefined) {
        if (values.json === true) terminal.printJson(null);
        else terminal.print(l10n.t('There is no network yet. "daochain node start" makes one.'));
        return exitCodes.failed;
      }
      const { kind, ledger, confirmations } = shown;
      const protection = await ledgerProtection(session, signal);
      const { genesisHash, address } = ledger;
      const chainId = ledger.chainId.toString();
      if (values.json === true) {
        const ledgerText = ledgerKey(ledger);
        terminal.printJson({
          kind,
          chainId,
          genesisHash,
          address,
          ledger: ledgerText,
          confirmations,
          ...(protection && { protection: protectionJson(protection) }),
        });
        return exitCodes.done;
      }
      terminal.print(ledgerKindText(kind, l10n));
      terminal.print(`  ${l10n.t('Chain ID: {0}', chainId)}`);
      terminal.print(`  ${l10n.t('Genesis: {0}', genesisHash)}`);
      terminal.print(`  ${l10n.t('Contract: {0}', address)}`);
      terminal.print(`  ${l10n.t('Confirmations: {0}', confirmations)}`);
      terminal.print(`  ${l10n.t('Ledger: {0}', ledgerKey(ledger))}`);
      if (protection !== undefined) {
        terminal.print(l10n.t('What protects this ledger:'));
        for (const line of protectionLines(protection, l10n)) terminal.print(`  ${line}`);
      }
      return exitCodes.done;
    }),
});
