import { diskFullError, tellsFullDisk } from './diskSpace';
import { DagLog, writeNodeLine } from './gethLog';
import { Emitter, type Event } from '../../core/emitter';
import type { Log } from '../../core/ports/log';
import type { DagProgress, HubCall, NodeExit } from '../../core/ports/node';

/** What a window knows of its node from the lines that the node prints, and from its end. */
export class NodeEvents {
  readonly #log: Log;
  readonly #dagLog = new DagLog();
  readonly #dag = new Emitter<DagProgress | undefined>();
  readonly #exits = new Emitter<NodeExit>();
  readonly #calls = new Map<string, HubCall>();
  readonly #lastLines: string[] = [];
  #exit: NodeExit | undefined;

  constructor(
    log: Log,
    private readonly folder: string,
  ) {
    this.#log = log;
  }

  readonly onDag: Event<DagProgress | undefined> = (listener) => {
    if (this.#dagLog.progress !== undefined) listener(this.#dagLog.progress);
    return this.#dag.event(listener);
  };

  /** The epoch of the dataset that is generated now. */
  get generates(): number | undefined {
    return this.#dagLog.progress?.epoch;
  }

  /** Whether the next block waits for that. */
  get needsDag(): boolean {
    return this.#dagLog.isNeeded;
  }

  readonly onExit: Event<NodeExit> = (listener) => {
    if (this.#exit !== undefined) listener(this.#exit);
    return this.#exits.event(listener);
  };

  get calls(): ReadonlyMap<string, HubCall> {
    return this.#calls;
  }

  get lastLines(): readonly string[] {
    return [...this.#lastLines];
  }

  line(line: string): void {
    writeNodeLine(this.#log, line);
    if (this.#lastLines.push(line) > 50) this.#lastLines.shift();
    if (this.#dagLog.read(line)) this.#dag.fire(this.#dagLog.progress);
  }

  called(address: string, outcome: HubCall['outcome']): HubCall {
    const wasConnected = outcome === 'connected' || this.#calls.get(address)?.wasConnected === true;
    const call = { outcome, wasConnected };
    this.#calls.set(address, call);
    return call;
  }

  /** Heard of from the owner, who knows all calls. */
  heardOfCall(address: string, { outcome, wasConnected }: HubCall): void {
    this.#calls.set(address, { outcome, wasConnected });
  }

  /** Only the first end counts. */
  end(reason: NodeExit['reason'], code: number | null = null): void {
    if (this.#exit !== undefined) return;
    const { lastLines } = this;
    const isFull = reason === 'crashed' && tellsFullDisk(lastLines);
    this.#exit = {
      reason,
      code,
      lastLines,
      ...(isFull && { fault: diskFullError(this.folder, { lines: lastLines }) }),
    };
    this.#exits.fire(this.#exit);
  }
}
