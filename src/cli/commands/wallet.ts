import { readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { hasCode } from '../../adapters/systemError';
import { largestKeystore } from '../../core/walletLimits';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError } from '../../core/errors';
import { ledgerKey } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import { exactEther } from '../../words/amountText';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { changeOptions, changeOrganization } from '../organizationChange';
import { passwordOption, readNewPassword, readPassword } from '../password';
import { withNodeSession } from '../session';
import { createNamedFile, readNamedFile } from '../namedFile';
import { UsageError } from '../usageError';

export const walletCreate = defineCommand({
  usage: '',
  words: [0, 0],
  options: passwordOption,
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet }) => {
      const { values, terminal, signal } = invocation;
      // Before a person thinks of a password.
      if ((await wallet.refresh()).status !== 'none')
        throw new DaoChainError('walletExists', 'There is a wallet already');
      const password = await readNewPassword(values['password-file'], terminal, signal);
      terminal.progress(l10n.t('Encrypting the wallet…'));
      const address = checksumAddress(await wallet.create(password));
      if (values.json === true) terminal.printJson({ address });
      else {
        terminal.print(address);
        terminal.say(l10n.t('The wallet {0} is ready. Export it now: nobody can restore it once it is lost.', address));
        terminal.say(l10n.t('Next: {0}', 'daochain wallet export FILE'));
      }
      return exitCodes.done;
    }),
});

export const walletImport = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: passwordOption,
  notes: () => l10n.t('FILE is what the editor or "daochain wallet export" wrote: an encrypted keystore.'),
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet }) => {
      const { values, positionals, terminal, signal } = invocation;
      if ((await wallet.refresh()).status !== 'none')
        throw new DaoChainError('walletExists', 'There is a wallet already');
      const keystore = await readKeystore(positionals[0] ?? '', signal);
      const prompt = l10n.t('Password of the keystore; it remains the password of the wallet:');
      const password = await readPassword(values['password-file'], prompt, terminal, signal);
      const address = checksumAddress(await wallet.importKeystore(keystore, password));
      if (values.json === true) terminal.printJson({ address });
      else terminal.print(address);
      return exitCodes.done;
    }),
});

export const walletExport = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: passwordOption,
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet }) => {
      const { values, positionals, terminal, signal } = invocation;
      const file = positionals[0] ?? '';
      const state = await wallet.refresh();
      if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
      const prompt = l10n.t(
        'Password of the wallet {0}, to check that the copy can be opened:',
        checksumAddress(state.address),
      );
      const keystore = await wallet.exportKeystore(
        await readPassword(values['password-file'], prompt, terminal, signal),
      );
      await writeNew(file, keystore);
      await wallet.markBackedUp();
      if (values.json === true) terminal.printJson({ address: checksumAddress(state.address), file });
      else {
        const shown = displayText(file);
        terminal.print(l10n.t('The wallet was exported to {0}. Keep the file, and remember the password.', shown));
      }
      return exitCodes.done;
    }),
});

export const walletBalance = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async ({ wallet, ledgers }) => {
      const { values, terminal, signal } = invocation;
      const state = await wallet.refresh();
      if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
      const { writer } = await ledgers.open();
      const balance = await writer.balance(state.address, signal);
      const address = checksumAddress(state.address);
      if (values.json === true)
        terminal.printJson({ address, wei: balance.toString(), ledger: ledgerKey(writer.ledger) });
      else {
        terminal.print(`${address}: ${exactEther(balance)}`);
      }
      return exitCodes.done;
    }),
});

export const walletEnd = defineCommand({
  usage: '',
  words: [0, 0],
  options: changeOptions,
  notes: () =>
    l10n.t(
      'What it has signed stays valid until the wallet revokes it. Organizations that the wallet signs for are not affected.',
    ),
  run: (invocation) =>
    changeOrganization(
      invocation,
      async (organizations, from) => ({
        plan: await organizations.planEndWallet(from, invocation.signal),
        about: [l10n.t('{0} can never sign in its own name again. It can only revoke.', checksumAddress(from))],
      }),
      ({ plan: { signer } }) => {
        const address = checksumAddress(signer);
        return Promise.resolve({ line: address, json: { address } });
      },
    ),
});

async function readKeystore(file: string, signal: AbortSignal): Promise<string> {
  return Buffer.from((await readNamedFile(file, largestKeystore, signal)).bytes).toString('utf8');
}

/** Whole, for its owner alone, and over nothing. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await createNamedFile(file, text, 0o600);
  } catch (error) {
    const isThere = hasCode(error, 'EEXIST');
    throw new UsageError(
      isThere
        ? l10n.t('{0} already exists and is not overwritten.', displayText(file))
        : l10n.t('{0} cannot be written.', displayText(file)),
    );
  }
  if ((await readFile(file, 'utf8')) !== text)
    throw new DaoChainError('invalidInput', 'The file does not hold what was written to it');
}
