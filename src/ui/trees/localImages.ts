import {
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  Uri,
  commands,
  l10n,
  window,
  workspace,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import { describeForLog, isDaoChainError } from '../../core/errors';
import { isAlarm } from '../../core/judging/verdict';
import type { JudgedImage, JudgedImages } from '../../core/judging/imageAnswer';
import type { FollowedLedgers } from '../../services/ledger/ledger';
import { isDiskFull, type NodeService } from '../../services/node/nodeService';
import type { VerificationService } from '../../services/judging/verificationService';
import type { Settings } from '../settings';
import { delay } from '../../timers';
import { compareImages, imageLabel, imageRow } from './imageRow';
import { imageTooltip } from './imageTooltip';
import { rowNames } from './rowNames';
import { stateRows, type StateRow } from './stateRow';
import { titleText } from './titleText';
import type { Disposable } from '../../core/emitter';
import type { Log } from '../../core/ports/log';

/** A node of the tree that stands for one name of an image. Commands get it as their argument. */
export class ImageNode {
  constructor(
    readonly judged: JudgedImage,
    /** How its name is written in the list. */
    readonly label = imageLabel(judged),
  ) {}
}

class StateNode {
  constructor(readonly row: StateRow) {}
}

type Node = ImageNode | StateNode;

/** How long the list waits for a node that starts with it, in milliseconds. */
const nodePatience = 15_000;

export const localImagesViewId = 'daochain.views.localImages';

interface LocalImagesParts {
  readonly verification: VerificationService;
  readonly node: NodeService;
  readonly followed: FollowedLedgers;
  /** Name of the home network; undefined for the development network of this machine. */
  readonly homeNetwork: string | undefined;
  readonly settings: Settings;
  readonly log: Log;
}

/**
 * The *Local images* view. While it is hidden nothing is followed and nothing is asked; when it comes up, the whole list
 * is judged in one batch, and again whenever the service says that verdicts may have changed.
 */
export class LocalImages implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<Node>;
  readonly #subscriptions: readonly Disposable[];
  /** What is followed while the view is visible. */
  #following: readonly Disposable[] = [];
  /** What the view shows; undefined when it has to be judged. */
  #images: Promise<readonly ImageNode[]> | undefined;
  #judging = false;
  /** Something changed while the list was being judged. */
  #outdated = false;
  readonly #ended = new AbortController();
  /** The start of the node with the view. */
  #nodeStart = Promise.resolve();

  constructor(private readonly parts: LocalImagesParts) {
    this.#view = window.createTreeView(localImagesViewId, { treeDataProvider: this, canSelectMany: true });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => {
        this.#follow(visible);
      }),
      workspace.onDidGrantWorkspaceTrust(() => {
        this.#render();
      }),
    ];
    this.#follow(this.#view.visible);
  }

  dispose(): void {
    this.#follow(false);
    this.#ended.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Judges the list again. Changes that come while it is being judged make one more round, however many they are. */
  refresh(): void {
    this.#outdated = this.#judging;
    if (this.#judging) return;
    this.#images = undefined;
    this.#render();
  }

  /** For a person who asks for it: what comes of it is seen in the view, which is judged anew when it comes up. */
  async refreshInSight(): Promise<void> {
    if (this.#view.visible) this.refresh();
    else await commands.executeCommand(`${localImagesViewId}.focus`);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node !== undefined) return [];
    const images = await (this.#images ??= this.#judge());
    // An empty view shows its welcome text, which says the same and more.
    if (images.length === 0) return [];
    const { settings, followed } = this.parts;
    const rows = stateRows(
      {
        trusted: workspace.isTrusted,
        node: this.parts.node.state.status,
        diskFull: isDiskFull(this.parts.node.state),
        brokenRules: settings.trustRules().problems.length,
        memories: followed.all.flatMap(({ name, source: { current } }) => ({
          network: followed.all.length < 2 ? undefined : name,
          contradiction: current?.index.view().contradiction,
          problems: current?.index.memory.problems ?? [],
        })),
      },
      l10n,
    );
    return [...rows.map((row) => new StateNode(row)), ...images];
  }

  getTreeItem(node: Node): TreeItem {
    return node instanceof ImageNode ? imageItem(node) : stateItem(node.row);
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    if (node instanceof ImageNode) item.tooltip = imageTooltip(node.judged);
    return item;
  }

  #follow(visible: boolean): void {
    for (const source of this.#following) source.dispose();
    this.#following = visible
      ? [
          this.parts.verification.onDidChange(() => {
            this.refresh();
          }),
          this.#followNode(),
          this.parts.settings.onDidChange(() => {
            this.#render();
          }, 'trust.rules'),
        ]
      : [];
    // What happened while the view was hidden was not heard.
    if (visible && !this.#judging) this.refresh();
  }

  /** Only its status is shown here, and it changes with every block. */
  #followNode(): Disposable {
    const { node, settings, log } = this.parts;
    if (settings.startNodeWithViews && workspace.isTrusted && node.state.status === 'stopped') {
      this.#nodeStart = node.start().catch((error: unknown) => {
        log.warn(`The node was not started with the view: ${describeForLog(error)}`);
      });
    }
    let shown = node.state.status;
    return node.onDidChange(({ status }) => {
      if (status === shown) return;
      shown = status;
      this.#render();
    });
  }

  #render(): void {
    this.#changed.fire();
  }

  /** Never rejects: what went wrong is a state of the view. */
  async #judge(): Promise<readonly ImageNode[]> {
    this.#judging = true;
    try {
      // Until it is up nothing can be told of any image, and that would be other the next moment.
      await this.#untilNodeIsUp();
      const judged = await this.parts.verification.judgeAll(this.#ended.signal);
      this.#showState('ready', judged);
      const labels = rowNames(judged.rows.map(imageLabel));
      return judged.rows.toSorted(compareImages).map((row) => new ImageNode(row, labels.get(imageLabel(row))));
    } catch (error) {
      if (isDaoChainError(error, 'cancelled')) return [];
      const unavailable = isDaoChainError(error, 'engineUnavailable');
      if (!unavailable) this.parts.log.error(`The local images cannot be listed: ${describeForLog(error)}`);
      this.#showState(unavailable ? 'unavailable' : 'failed');
      return [];
    } finally {
      this.#judging = false;
      if (this.#outdated) this.refresh();
    }
  }

  async #untilNodeIsUp(): Promise<void> {
    const up = new AbortController();
    void this.#nodeStart.then(() => {
      up.abort();
    });
    await delay(nodePatience, AbortSignal.any([up.signal, this.#ended.signal]));
  }

  #showState(state: 'ready' | 'unavailable' | 'failed', judged?: JudgedImages): void {
    void commands.executeCommand('setContext', 'daochain.engineState', state);
    const alarms = judged?.rows.filter(({ verdict }) => isAlarm(verdict)).length ?? 0;
    this.#view.badge =
      alarms === 0
        ? undefined
        : {
            value: alarms,
            tooltip:
              alarms === 1
                ? l10n.t('1 image is not what its publisher published')
                : l10n.t('{0} images are not what their publishers published', alarms),
          };
    this.#view.description =
      judged === undefined
        ? ''
        : titleText(judged.endpoint, this.parts.followed.home.source.current?.kind, this.parts.homeNetwork, l10n);
    const isVerified = judged?.rows.some(({ verdict }) => verdict.kind === 'verified') === true;
    if (isVerified) void commands.executeCommand('setContext', 'daochain.hasVerified', true);
  }
}

function imageItem({ judged, label }: ImageNode): TreeItem {
  const row = imageRow(judged, l10n, label);
  const item = new TreeItem(row.label);
  item.id = row.id;
  item.description = row.description;
  item.iconPath = new ThemeIcon(row.icon, row.color === undefined ? undefined : new ThemeColor(row.color));
  item.resourceUri = Uri.from(row.uri);
  item.contextValue = row.contextValue;
  item.accessibilityInformation = { label: row.accessibleLabel };
  return item;
}

function stateItem({ id, label, description, icon, command }: StateRow): TreeItem {
  const item = new TreeItem(label);
  item.id = `state:${id}`;
  item.description = description;
  item.iconPath = new ThemeIcon(icon);
  item.contextValue = 'state';
  item.accessibilityInformation = { label: description === '' ? label : l10n.t('{0}: {1}', label, description) };
  if (command !== undefined) {
    item.command = { command: command.id, title: command.title, arguments: [...(command.arguments ?? [])] };
  }
  return item;
}
