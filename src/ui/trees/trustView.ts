import {
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  l10n,
  window,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import { thisLedger, type FollowedLedgers, type LedgerSource } from '../../services/ledger/ledger';
import type { NodeService } from '../../services/node/nodeService';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import type { Policies } from '../../services/trust/policies';
import type { Settings, WrittenRule } from '../settings';
import { policyRows } from './policyRows';
import { ruleRows, type TrustRow } from './trustRows';
import type { Disposable } from '../../core/emitter';

/** A row as commands get it. */
export class TrustNode {
  constructor(readonly row: TrustRow) {}
}

export const trustViewId = 'daochain.views.trust';

interface TrustViewParts {
  readonly settings: Settings;
  readonly ledgers: LedgerSource;
  readonly followed: FollowedLedgers;
  readonly node: NodeService;
  readonly names: OrganizationNames;
  readonly policies: Pick<Policies, 'list' | 'onDidChange'>;
}

/** The *Trust* view: the reader's rules, and the policy files of the open folders. While it is hidden nothing is asked. */
export class TrustView implements TreeDataProvider<TrustNode>, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<TrustNode>;
  readonly #subscriptions: readonly Disposable[];
  #following: readonly Disposable[] = [];
  readonly #ended = new AbortController();

  constructor(private readonly parts: TrustViewParts) {
    this.#view = window.createTreeView(trustViewId, { treeDataProvider: this });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => {
        this.#follow(visible);
      }),
    ];
    this.#follow(this.#view.visible);
  }

  dispose(): void {
    this.#follow(false);
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async getChildren(node?: TrustNode): Promise<TrustNode[]> {
    const rows = node === undefined ? await this.#rows() : node.row.children;
    return rows.map((row) => new TrustNode(row));
  }

  getTreeItem({ row }: TrustNode): TreeItem {
    const item = new TreeItem(
      row.label,
      row.children.length === 0
        ? TreeItemCollapsibleState.None
        : row.contextValue.startsWith('rule')
          ? TreeItemCollapsibleState.Collapsed
          : TreeItemCollapsibleState.Expanded,
    );
    item.id = row.id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.contextValue = row.contextValue;
    item.iconPath = new ThemeIcon(row.icon, row.isIdle === true ? new ThemeColor('disabledForeground') : undefined);
    item.accessibilityInformation = { label: row.accessibleLabel };
    return item;
  }

  async #rows(): Promise<readonly TrustRow[]> {
    const written = this.parts.settings.writtenRules;
    const [here, policies] = await Promise.all([thisLedger(this.parts.ledgers), this.parts.policies.list()]);
    this.#readNames(written);
    const followed = new Map(
      this.parts.followed.all.flatMap(({ ledger, name }) => (ledger === undefined ? [] : [[ledger, name] as const])),
    );
    const rules = ruleRows(written, here, this.parts.names.known, l10n, followed);
    return [...rules, ...policyRows(policies, here, this.parts.names.known, l10n)];
  }

  /** Once the node runs, and drawn when they have come. */
  #readNames(written: readonly WrittenRule[]): void {
    const { names, node } = this.parts;
    if (node.state.status !== 'running') return;
    const before = names.known.size;
    const publishers = written.flatMap(({ rule }) => rule?.publishers ?? []);
    void names.read(publishers, this.#ended.signal).then(({ size }) => {
      if (size > before) this.#changed.fire();
    });
  }

  #follow(visible: boolean): void {
    for (const source of this.#following) source.dispose();
    const draw = (): void => {
      this.#changed.fire();
    };
    let wasRunning = this.parts.node.state.status === 'running';
    this.#following = visible
      ? [
          this.parts.settings.onDidChange(draw, 'trust.rules'),
          this.parts.policies.onDidChange(draw),
          this.parts.node.onDidChange(({ status }) => {
            const isRunning = status === 'running';
            if (isRunning && !wasRunning) draw();
            wasRunning = isRunning;
          }),
        ]
      : [];
    if (visible) draw();
  }
}
