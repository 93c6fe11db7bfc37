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
import type { FollowedLedgers } from '../../services/ledger/ledger';
import type { KnownLedgers } from '../../core/ledger/knownLedgers';
import type { TrustRule } from '../../core/trust/rules';
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
    const { names, policies } = this.parts;
    const [known, found] = await Promise.all([names.ledgers(), policies.list()]);
    this.#readNames(written, known);
    return [...ruleRows(written, known, l10n), ...policyRows(found, known, l10n)];
  }

  /** Of home once its node runs, of others where there is a node; drawn when they have come. */
  #readNames(written: readonly WrittenRule[], known: KnownLedgers): void {
    const { names, node, followed } = this.parts;
    const isSilent = ({ ledger }: TrustRule): boolean =>
      node.state.status !== 'running' && ledger === followed.home.ledger;
    const rules = written.flatMap(({ rule }) => (rule === undefined || isSilent(rule) ? [] : rule));
    const count = (): number => new Set(rules.flatMap(({ ledger }) => [...known.names(ledger).values()])).size;
    const before = count();
    void names.ledgersOf(rules, this.#ended.signal).then(() => {
      if (count() > before) this.#changed.fire();
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
