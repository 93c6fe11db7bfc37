import { l10n } from 'vscode';
import { displayText } from '../../core/displayText';
import { ledgerKey, parseLedgerKey } from '../../core/ledger/types';
import type { DamagedNetwork, FollowedExternal } from '../../core/ports/networks';
import type { FollowedLedger } from '../../services/ledger/ledger';
import type { ExternalLedgers } from '../../services/networks/externalLedgers';
import { networkFaultText } from '../../words/networkFaultText';
import { externalPlanFacts } from '../../words/networkText';
import { tell } from '../notify';
import { confirmPages } from '../prompts/confirmPages';
import { withCancellableProgress } from '../prompts/progress';
import { askText, back, choose, type Back } from '../prompts/steps';
import { externalActionRows, externalRow, factPages, type ExternalAction, type NetworkRow } from './networkRows';

interface ExternalCommandParts {
  readonly externals: ExternalLedgers;
  /** As the window has them since it started. */
  readonly externalParts: readonly FollowedLedger[];
}

/** What is asked before a ledger is looked at. */
interface Given {
  readonly ledger: string;
  readonly name: string;
  readonly confirmations?: number;
}

/** The commands about ledgers on chains that are none of ours. Nothing is signed there. */
export class ExternalCommands {
  constructor(private readonly parts: ExternalCommandParts) {}

  /** `networkInvalid`, `ledgerUnknown`, `nodeUnavailable`, `nodeFailed`, `cancelled`. */
  async use(): Promise<void> {
    const { externals } = this.parts;
    const title = l10n.t('Use a Ledger at…');
    const ledger = await askText({
      title,
      prompt: l10n.t(
        'The ID of the ledger: chain, first block and address. Compare it with the one that you are told in another way.',
      ),
      placeHolder: '11155111:0x…:0x…',
      problem: (text) =>
        parseLedgerKey(text) === undefined ? networkFaultText({ reason: 'ledgerId' }, l10n) : undefined,
    });
    const { chainId } = await externals.readLedger(ledger);
    const known = externals.find(chainId.toString())?.external;
    const name = await this.#askName(title, known?.name ?? '', chainId);
    await this.#look(title, { ledger, name, ...(known && { confirmations: known.confirmations }) });
  }

  /** Of ledgers whose files cannot be used. */
  get damaged(): readonly DamagedNetwork[] {
    return this.parts.externals.stored.damaged;
  }

  rows(): readonly NetworkRow<FollowedExternal>[] {
    const { externals, externalParts } = this.parts;
    return externals.stored.externals.map((each) => {
      const { external } = each;
      const failure = externalParts.find(({ ledger }) => ledger === ledgerKey(external.ledger))?.source.failure;
      return externalRow(external, externals.readEndpoint(external.endpoint), failure, each, l10n);
    });
  }

  /** `back`: another one is wanted. */
  async manage(followed: FollowedExternal): Promise<Back | undefined> {
    const { externals } = this.parts;
    const { name, ledger, confirmations } = followed.external;
    const title = displayText(name);
    const action = await choose<ExternalAction>({
      ...{ title, placeholder: l10n.t('What would you like to do?'), canGoBack: true },
      choices: externalActionRows(l10n),
    });
    if (action === back) return back;
    if (action === 'endpoint') await this.#look(title, { ledger: ledgerKey(ledger), name, confirmations });
    else if (action === 'rename') await externals.rename(followed, await this.#askName(title, name, ledger.chainId));
    else await this.#leave(followed);
    return undefined;
  }

  #askName(title: string, value: string, chainId: bigint): Promise<string> {
    return askText({
      ...{ title, value, placeHolder: 'Sepolia', prompt: l10n.t('What it is called on this machine') },
      problem: (name) => {
        const reason = this.parts.externals.nameProblem(name, chainId);
        return reason && networkFaultText({ reason, name }, l10n);
      },
    });
  }

  /** Asks the endpoint, shows what was found there, and asks. */
  async #look(title: string, given: Given): Promise<void> {
    const { externals } = this.parts;
    const endpoint = await askText({
      title,
      prompt: l10n.t(
        'Its endpoint: the path of a node’s socket, or a web address. It is kept, and only its host is ever shown.',
      ),
      placeHolder: '/home/me/.ethereum/geth.ipc',
      problem: (text) =>
        externals.readEndpoint(text) === undefined ? networkFaultText({ reason: 'endpoint' }, l10n) : undefined,
    });
    const plan = await withCancellableProgress(l10n.t('Asking the endpoint'), (signal) =>
      externals.plan({ ...given, endpoint }, signal),
    );
    await confirmPages(l10n.t('Use this ledger?'), factPages(externalPlanFacts(plan, l10n)), l10n.t('Use It'));
    await externals.use(plan);
    tell(l10n.t('You follow {0} now.', displayText(given.name)));
  }

  async #leave(followed: FollowedExternal): Promise<void> {
    const { externals, externalParts } = this.parts;
    const { name, ledger } = followed.external;
    await confirmPages(
      l10n.t('Leave this network?'),
      [
        [
          l10n.t('Network: {0}', displayText(name)),
          l10n.t(
            'Rules for its ledger make everything that they cover unknown. What is remembered of it and its endpoint are moved aside; nothing is deleted.',
          ),
        ].join('\n\n'),
      ],
      l10n.t('Leave'),
      l10n.t('Stay'),
    );
    // What was read of it goes with it.
    await externalParts.find((each) => each.ledger === ledgerKey(ledger))?.source.current?.index.flush();
    const folder = await externals.leave(followed);
    tell(l10n.t('You no longer follow it. Everything of it is in {0}', displayText(folder)));
  }
}
