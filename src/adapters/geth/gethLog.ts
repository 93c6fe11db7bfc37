import type { Log } from '../../core/ports/log';
import type { DagProgress } from '../../core/ports/node';

/** The line that says where the node listens; it answers from then on. */
export function isListening(line: string): boolean {
  return line.includes('IPC endpoint opened');
}

/** Another process, ours or not, has the data folder. */
export function isFolderTaken(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes('datadir already used by another process'));
}

/** Writes a line of the node with the level that it has there. */
export function writeNodeLine(log: Log, line: string): void {
  if (/^(?:ERROR|CRIT|Fatal)/.test(line)) log.error(line);
  else if (line.startsWith('WARN')) log.warn(line);
  else log.info(line);
}

/**
 * Follows the generation of ethash's dataset, of which the log is the only source. It ends with a line that speaks of a
 * verification cache; a real verification cache is another epoch's or comes before.
 */
export class DagLog {
  #progress: DagProgress | undefined;

  get progress(): DagProgress | undefined {
    return this.#progress;
  }

  /** True when `line` changed the progress. */
  read(line: string): boolean {
    const step = /Generating DAG in progress\s.*?\bepoch=(\d+)\s.*?\bpercentage=(\d+)/.exec(line);
    // The node tells the end of nothing that took 3 s or less, as the dataset of a development network does.
    if (step !== null && !/\belapsed=(?:[\d.]+[nµm]s|[0-3](?:\.\d+)?s)\b/.test(line)) {
      this.#progress = { epoch: Number(step[1]), percent: Number(step[2]) };
      return true;
    }
    const end = /Generated ethash verification cache\s.*?\bepoch=(\d+)/.exec(line);
    if (end === null || Number(end[1]) !== this.#progress?.epoch) return false;
    this.#progress = undefined;
    return true;
  }
}
