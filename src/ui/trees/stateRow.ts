import { displayText } from '../../core/displayText';
import { settingId } from '../settingTable';
import type { Localizer } from '../../words/localizer';
import { memoryProblemText } from '../../words/contradictionText';
import type { Contradiction, MemoryProblem } from '../../core/ledger/indexView';
import type { NodeState } from '../../services/node/nodeService';
import type { CommandId } from '../commandIds';

/** What keeps the list from saying all it could. */
export interface ViewCondition {
  readonly trusted: boolean;
  readonly node: NodeState['status'];
  /** Why the node has failed: there is no room for its chain. */
  readonly diskFull: boolean;
  /** Trust rules in the settings that are not understood. */
  readonly brokenRules: number;
  /** What the memories of followed ledgers say. */
  readonly memories: readonly MemoryCondition[];
}

interface MemoryCondition {
  /** What the reader calls the network; undefined where no other is followed. */
  readonly network: string | undefined;
  /** The chain was rewritten below what was final here; it stays until a person has read it. */
  readonly contradiction: Contradiction | undefined;
  /** Files of it that could not be read. */
  readonly problems: readonly MemoryProblem[];
}

/** A row above the images that names a state and the command that changes it. */
export interface StateRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly command?: { readonly id: string; readonly title: string; readonly arguments?: readonly unknown[] };
}

export function stateRows(condition: ViewCondition, l10n: Localizer): readonly StateRow[] {
  const { memories } = condition;
  return [
    ...memories.map(({ network, contradiction }) => contradiction && contradictionRow(contradiction, network, l10n)),
    ...memories.flatMap(({ network, problems }) => problems.map((problem) => memoryRow(problem, network, l10n))),
    restrictedRow(condition, l10n),
    nodeRow(condition, l10n),
    rulesRow(condition, l10n),
  ].filter((row) => row !== undefined);
}

function ofNetwork(network: string | undefined, text: string, l10n: Localizer): string {
  return network === undefined ? text : l10n.t('{0}: {1}', displayText(network), text);
}

function contradictionRow({ remembered }: Contradiction, network: string | undefined, l10n: Localizer): StateRow {
  return {
    id: `contradiction:${network ?? ''}`,
    label: ofNetwork(network, l10n.t('The chain was rewritten'), l10n),
    description:
      network === undefined
        ? l10n.t('below block {0}, which was final; nothing is judged until you have read the alarm', remembered.number)
        : l10n.t(
            'below block {0}, which was final; nothing is judged by this ledger until you have read the alarm',
            remembered.number,
          ),
    icon: 'flame',
    command: { id: 'daochain.readAlarm' satisfies CommandId, title: l10n.t('Show Security Alarm') },
  };
}

function memoryRow(problem: MemoryProblem, network: string | undefined, l10n: Localizer): StateRow {
  return {
    id: `memory:${problem}:${network ?? ''}`,
    label: ofNetwork(network, l10n.t('The memory of the ledger is damaged'), l10n),
    description: memoryProblemText(problem, l10n),
    icon: 'warning',
  };
}

function restrictedRow({ trusted }: ViewCondition, l10n: Localizer): StateRow | undefined {
  if (trusted) return undefined;
  return {
    id: 'restricted',
    label: l10n.t('Restricted Mode'),
    description: l10n.t('signing, the wallet and the node are off'),
    icon: 'workspace-untrusted',
    command: { id: 'workbench.trust.manage', title: l10n.t('Manage Workspace Trust') },
  };
}

function nodeRow({ node, diskFull, trusted }: ViewCondition, l10n: Localizer): StateRow | undefined {
  const start = trusted ? { command: { id: 'daochain.startNode', title: l10n.t('Start Node') } } : {};
  switch (node) {
    case 'running':
      return undefined;
    case 'starting':
      return { id: 'node', label: l10n.t('The node is starting'), description: '', icon: 'sync~spin' };
    case 'buildingDag':
      return {
        id: 'node',
        label: l10n.t('The node is preparing to mine'),
        description: '',
        icon: 'sync~spin',
        command: { id: 'daochain.showNodeLog', title: l10n.t('Show Node Log') },
      };
    case 'stopping':
      return { id: 'node', label: l10n.t('The node is stopping'), description: '', icon: 'sync~spin' };
    case 'stopped':
      return {
        id: 'node',
        label: l10n.t('The node is stopped'),
        description: trusted ? l10n.t('start it to ask the chain') : l10n.t('the chain cannot be asked'),
        icon: 'debug-disconnect',
        ...start,
      };
    case 'failed':
      if (diskFull)
        return {
          id: 'node',
          label: l10n.t('The disk is full'),
          description: l10n.t('the node has ended; make room, then start it again'),
          icon: 'warning',
          ...start,
        };
      return {
        id: 'node',
        label: l10n.t('The node has failed'),
        description: l10n.t('the log says why'),
        icon: 'warning',
        command: { id: 'daochain.showNodeLog', title: l10n.t('Show Node Log') },
      };
  }
}

function rulesRow({ brokenRules }: ViewCondition, l10n: Localizer): StateRow | undefined {
  if (brokenRules === 0) return undefined;
  return {
    id: 'rules',
    label:
      brokenRules === 1
        ? l10n.t('A trust rule is not understood')
        : l10n.t('{0} trust rules are not understood', brokenRules),
    description: l10n.t('it has no effect until it is corrected'),
    icon: 'warning',
    command: {
      id: 'workbench.action.openSettings',
      title: l10n.t('Open Settings'),
      arguments: [settingId('trust.rules')],
    },
  };
}
