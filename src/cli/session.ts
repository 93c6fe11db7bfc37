import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { startTimer } from '../timers';
import { cacheFolder } from '../adapters/cacheFolder';
import { openEndpoint, type Endpoint } from '../adapters/chain/endpoint';
import { IpcTransport } from '../adapters/chain/ipcTransport';
import { EthersWalletKeys } from '../adapters/secrets/walletKeys';
import { WalletFile } from '../adapters/secrets/walletFile';
import { memoryProblemText, otherChainText } from '../words/contradictionText';
import { isDaoChainError } from '../core/errors';
import type { PublisherId } from '../core/ledger/types';
import { displayText } from '../core/displayText';
import type { TrustRule } from '../core/trust/rules';
import { composeProduct, knownNetworks, type Product } from '../product';
import type { Ledger } from '../services/ledger/ledger';
import type { Policy } from '../services/trust/parsePolicy';
import { damagedRecordText, withdrawnText } from '../words/progressText';
import { WalletService } from '../services/wallet/walletService';
import type { Invocation } from './command';
import { locateAt, locateInFolder, readEndpoint } from './endpoint';
import { errorReport } from './errorReport';
import { dataFolder } from './folders';
import { readPublisher } from './publisher';
import { readRules } from './ruleFile';
import type { Terminal } from './terminal';
import { UsageError } from './usageError';

/** The product, for one command. */
export interface Session extends Product {
  readonly folder: string;
  readonly nodeFolder: string;
  readonly endpoint: Endpoint | undefined;
  readonly wallet: WalletService;
}

/**
 * Runs `use` with the product and leaves it in good order, whatever happens. `namedHosts`: registries that a person sends
 * something to, and so names even where they are in a network of their own. `namedPolicy`: counts in the place of those
 * that were accepted.
 */
export async function withSession<T>(
  invocation: Invocation,
  use: (session: Session) => Promise<T>,
  namedHosts: readonly string[] = [],
  namedPolicy?: Policy,
): Promise<T> {
  const folder = dataFolder(invocation.values.data, process.env);
  const organization = readPublisher(undefined, process.env);
  const rules = await readRules(invocation.values.rules, folder, invocation.signal);
  return withProduct(
    invocation,
    async (session) => {
      session.policies.open([process.cwd()]);
      return use(session);
    },
    { rules, organization, namedHosts, namedPolicy },
  );
}

/**
 * The same for a command that judges nothing: it reads no rules and no policies, so that a node can be stopped and a
 * wallet saved even if those are damaged.
 */
export function withNodeSession<T>(invocation: Invocation, use: (session: Session) => Promise<T>): Promise<T> {
  return withProduct(invocation, use, {});
}

interface Judging {
  readonly rules?: readonly TrustRule[];
  readonly organization?: PublisherId | undefined;
  readonly namedHosts?: readonly string[];
  readonly namedPolicy?: Policy | undefined;
}

async function withProduct<T>(
  { values, terminal, signal }: Invocation,
  use: (session: Session) => Promise<T>,
  { rules = [], organization, namedHosts = [], namedPolicy }: Judging,
): Promise<T> {
  const folder = dataFolder(values.data, process.env);
  const endpoint = values.endpoint === undefined ? undefined : readEndpoint(values.endpoint);
  if (endpoint !== undefined && values.network !== undefined)
    throw new UsageError(l10n.t('--endpoint and --network name one network each. Leave out one of them.'));
  const wallet = await openWallet(folder, terminal);
  const distant = endpoint && (await openEndpoint(endpoint));
  // Whose it is decides where it is remembered, and what is on its way.
  const located = endpoint && distant && locateAt(endpoint, await knownNetworks(folder, terminal.log), distant, signal);
  const product = composeProduct({
    folder,
    reportedBy: endpoint?.type === 'web' ? endpoint.url.host : undefined,
    home:
      located === undefined
        ? values.network
        : await located.then(
            ({ home }) => home,
            () => 'development',
          ),
    cacheFolder: cacheFolder(process.env),
    log: terminal.log,
    registry: {
      isEnabled: () => true,
      privateHosts: () => [...namedHosts, ...(values['private-host'] ?? [])],
      plainHttpHosts: () => values['plain-http-host'] ?? [],
    },
    gethPath: () => values.geth,
    datasetFolder: () => values['dataset-folder'],
    rules: () => rules,
    namedPolicy,
    owner: () => (wallet.state.status === 'none' ? undefined : wallet.state.address),
    organization: () => organization,
    isPatient: true,
    onProgress: ({ done, of }) => {
      terminal.progress(l10n.t('Reading the ledger: {0} of {1} blocks', done, of));
    },
    createTransport: (nodePath) => distant ?? new IpcTransport(nodePath),
    locate: (launcher) =>
      located === undefined ? locateInFolder(launcher, signal) : located.then(({ place }) => place),
    isElsewhere: located !== undefined,
  });
  product.transactions.onDidLose((error) => {
    terminal.say(errorReport(error, endpoint !== undefined));
  });
  product.transactions.onDidWithdraw((pending) => {
    terminal.say(withdrawnText(pending, l10n));
  });
  product.transactions.onDamaged((file) => {
    terminal.say(damagedRecordText(join(product.homeParts.folder, file), l10n));
  });
  try {
    return await use({ ...product, folder, nodeFolder: product.homeParts.nodeFolder, endpoint, wallet });
  } finally {
    for (const line of [...memoryLines(product), ...externalLines(product)]) terminal.say(line);
    wallet.dispose();
    await product.dispose();
  }
}

/** What has to be known of the memories of ledgers that were opened, whatever was asked. */
function memoryLines({ followed: { home, all } }: Product): readonly string[] {
  return all.flatMap((each) => {
    const { name, source } = each;
    const { index, reader, kind } = source.current ?? {};
    if (index === undefined || reader === undefined) return [];
    const { problems, contradiction } = index.memory;
    const named = kind === 'development' ? kind : reader.ledger.chainId.toString();
    const command = each === home ? 'daochain alarm' : `daochain alarm --network ${named}`;
    const lines = [
      ...problems.map((problem) => memoryProblemText(problem, l10n)),
      ...(index.view().missing === 'otherChain' ? [otherChainText(l10n)] : []),
      ...(contradiction === undefined ? [] : [l10n.t('The chain was rewritten. To read what is gone: {0}', command)]),
    ];
    return each === home ? lines : lines.map((line) => l10n.t('{0}: {1}', displayText(name), line));
  });
}

/** Ledgers of other chains that were asked and cannot be used: what they decide is unknown for this reason. */
function externalLines({ externalParts }: Product): readonly string[] {
  return externalParts.flatMap(({ name, source }) =>
    source.failure === undefined ? [] : [`${displayText(name)}: ${errorReport(source.failure, true)}`],
  );
}

/** The ledger, or a sentence about why there is none; images are judged without it then. */
export async function openLedger({ ledgers, endpoint }: Session, terminal: Terminal): Promise<Ledger | undefined> {
  try {
    return await ledgers.open();
  } catch (error) {
    if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
    terminal.say(errorReport(error, endpoint !== undefined));
    return undefined;
  }
}

async function openWallet(folder: string, terminal: Terminal): Promise<WalletService> {
  const file = join(folder, 'wallet.json');
  const secrets = new WalletFile(file);
  const wallet = new WalletService({
    secrets,
    keys: new EthersWalletKeys(),
    clock: Date.now,
    unlockMinutes: () => 60,
    timer: startTimer,
  });
  try {
    const { status } = await wallet.refresh();
    if (status !== 'none' && (await secrets.isExposed()))
      terminal.say(l10n.t('Others can read {0}. Protect it: chmod 600', displayText(file)));
  } catch (error) {
    // Images can be judged without a wallet; a command that needs one gets the error again.
    terminal.say(errorReport(error, false));
  }
  return wallet;
}
