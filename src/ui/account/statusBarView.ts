import { checksumAddress } from '../../core/checksumAddress';
import { displayText } from '../../core/displayText';
import type { Localizer } from '../../words/localizer';
import { isDiskFull } from '../../services/node/nodeService';
import type { AccountState } from './accountState';
import type { CommandId } from '../commandIds';
import type { StatusBarVisibility } from '../settings';
import { exactEther, formatHashrate, neededEther, shortEther } from '../../words/amountText';
import { list } from '../../words/listText';
import { dagText, workLines } from '../../words/miningText';
import { protectionLines } from '../../words/protectionText';

/** A status bar item, as data. `tooltip` is Markdown whose command links are `tooltipCommands` only. */
export interface StatusBarView {
  readonly text: string;
  readonly tooltip: string;
  readonly tooltipCommands: readonly CommandId[];
  readonly accessibleLabel: string;
  readonly command: 'daochain.showAccountMenu';
  readonly background: 'statusBarItem.warningBackground' | undefined;
}

/** The item for a state, or undefined when none is to be shown. */
export function renderStatusBar(
  state: AccountState,
  visibility: StatusBarVisibility,
  l10n: Localizer,
): StatusBarView | undefined {
  const active =
    state.wallet.status !== 'none' || state.wallet.elsewhere !== undefined || state.node.status !== 'stopped';
  if (visibility === 'never' || (visibility === 'whenActive' && !active)) return undefined;
  const lines = accountLines(state, l10n);
  const links = tooltipLinks(state, l10n);
  return {
    text: [text(state), ...marks(state)].join(' '),
    tooltip: [
      ...lines,
      ...workOf(state, l10n),
      ...protectionOf(state, l10n),
      links.map(({ title, command }) => `[${title}](command:${command})`).join(' · '),
    ].join('\n\n'),
    tooltipCommands: links.map(({ command }) => command),
    accessibleLabel: list(['DaoChain', ...lines], l10n),
    command: 'daochain.showAccountMenu',
    background: state.missing > 0n ? 'statusBarItem.warningBackground' : undefined,
  };
}

function text({ node, wallet, balance }: AccountState): string {
  switch (node.status) {
    case 'stopped':
      return '$(debug-disconnect) DaoChain';
    case 'failed':
      return '$(warning) DaoChain';
    case 'starting':
    case 'stopping':
      return '$(sync~spin) DaoChain';
    case 'buildingDag':
      return `$(sync~spin) DAG ${node.dag.percent}%`;
    case 'running':
      if (wallet.status === 'none') return '$(credit-card) DaoChain';
      return balance === undefined ? '$(sync~spin) ETH' : `$(credit-card) ${shortEther(balance)}`;
  }
}

/** What goes on, and what is left to do, until it ends: neither is only in a tooltip. */
function marks({ node, wallet }: AccountState): readonly string[] {
  return [
    ...(node.status === 'running' && node.mining ? [miningMark(node.hashrate)] : []),
    ...(wallet.status !== 'none' && !wallet.backedUp ? ['$(warning)'] : []),
  ];
}

/** Before the first minute is over the node knows no rate. */
function miningMark(hashrate: number): string {
  return hashrate > 0 ? `$(server-process) ${formatHashrate(hashrate)}` : '$(server-process)';
}

/** The facts of an account, one line each; also the head of the account menu. */
export function accountLines(state: AccountState, l10n: Localizer): readonly string[] {
  return [
    walletLine(state, l10n),
    state.wallet.status === 'none' || state.balance === undefined
      ? undefined
      : l10n.t('Balance: {0}', exactEther(state.balance)),
    state.missing > 0n ? l10n.t('{0} more needed for the next signature', neededEther(state.missing)) : undefined,
    state.wallet.status !== 'none' && !state.wallet.backedUp ? l10n.t('The wallet is not backed up yet') : undefined,
    state.onItsWay > 0 ? l10n.t('Signatures on the way, not final yet: {0}', state.onItsWay) : undefined,
    nodeLine(state, l10n),
    state.network === undefined ? undefined : l10n.t('Home network: {0}', displayText(state.network)),
    ledgerLine(state, l10n),
    miningLine(state, l10n),
    nextDagLine(state, l10n),
  ].filter((line) => line !== undefined);
}

function walletLine({ wallet }: AccountState, l10n: Localizer): string {
  switch (wallet.status) {
    case 'none':
      return wallet.elsewhere === undefined
        ? l10n.t('No wallet yet')
        : l10n.t('Wallet {0} (not in this editor: import it)', checksumAddress(wallet.elsewhere));
    case 'locked':
      return l10n.t('Wallet {0} (locked)', checksumAddress(wallet.address));
    case 'unlocked':
      return l10n.t('Wallet {0} (unlocked)', checksumAddress(wallet.address));
  }
}

/** What the node does, in a sentence. */
export function nodeLine({ node }: Pick<AccountState, 'node'>, l10n: Localizer): string {
  switch (node.status) {
    case 'stopped':
      return l10n.t('The node is stopped');
    case 'starting':
      return l10n.t('The node is starting');
    case 'buildingDag':
      return l10n.t('The node is building the DAG: {0}', dagText(node.dag, l10n));
    case 'running':
      return node.block === undefined
        ? l10n.t('The node is running')
        : l10n.t('The node is running, at block {0}', node.block);
    case 'stopping':
      return l10n.t('The node is stopping');
    case 'failed':
      return isDiskFull(node) ? l10n.t('The node has ended: the disk is full') : l10n.t('The node has failed');
  }
}

function ledgerLine({ ledger }: AccountState, l10n: Localizer): string | undefined {
  if (ledger === undefined) return undefined;
  const chain = ledger.chainId.toString();
  switch (ledger.kind) {
    case 'development':
      return l10n.t('Development network of this machine, chain {0}', chain);
    case 'team':
      return l10n.t('Team network, chain {0}', chain);
    case 'external':
      return l10n.t('External network, chain {0}', chain);
  }
}

function miningLine({ node }: AccountState, l10n: Localizer): string | undefined {
  if (node.status !== 'running') return undefined;
  if (!node.mining) return l10n.t('Not mining');
  return node.threads === undefined
    ? l10n.t('Mining at {0}', formatHashrate(node.hashrate))
    : l10n.t('Mining at {0}, threads: {1}', formatHashrate(node.hashrate), node.threads);
}

function nextDagLine({ node }: AccountState, l10n: Localizer): string | undefined {
  if (node.status !== 'running' || node.nextDag === undefined) return undefined;
  return l10n.t('The node builds the DAG of the next epoch in advance: {0}', dagText(node.nextDag, l10n));
}

/** More than a glance or a screen reader wants: only in the tooltip. */
function workOf({ work }: AccountState, l10n: Localizer): readonly string[] {
  return work === undefined ? [] : [workLines(work, l10n).join(' · ')];
}

function protectionOf({ protection }: AccountState, l10n: Localizer): readonly string[] {
  return protection === undefined ? [] : [l10n.t('What protects this ledger:'), ...protectionLines(protection, l10n)];
}

function tooltipLinks(
  { node, wallet }: AccountState,
  l10n: Localizer,
): readonly { readonly title: string; readonly command: CommandId }[] {
  const mining = node.status === 'running' && node.mining;
  const start = { title: l10n.t('Start Node'), command: 'daochain.startNode' } as const;
  const mine = {
    title: mining ? l10n.t('Stop Mining') : l10n.t('Start Mining'),
    command: 'daochain.toggleMining',
  } as const;
  const make =
    wallet.status === 'none' && wallet.elsewhere !== undefined
      ? ({ title: l10n.t('Import Wallet'), command: 'daochain.importWallet' } as const)
      : ({ title: l10n.t('Create Wallet'), command: 'daochain.createWallet' } as const);
  const save = { title: l10n.t('Export Wallet'), command: 'daochain.exportWallet' } as const;
  const log = { title: l10n.t('Show Log'), command: 'daochain.showLog' } as const;
  return [
    ...(node.status === 'stopped' || node.status === 'failed' ? [start] : []),
    ...(wallet.status === 'none' ? [make] : node.status === 'running' ? [mine] : []),
    ...(wallet.status !== 'none' && !wallet.backedUp ? [save] : []),
    log,
  ];
}
