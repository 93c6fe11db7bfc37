import type { Log } from '../../core/ports/log';
import type { DagProgress, HubCall } from '../../core/ports/node';

/** The line that says where the node listens; it answers from then on. */
export function isListening(line: string): boolean {
  return line.includes('IPC endpoint opened');
}

/** The address that the node was told to listen on cannot be had: another program has it, or this machine has it no more. */
export function listenFault(
  lines: readonly string[],
): { readonly reason: 'addressTaken' | 'addressGone'; readonly address: string } | undefined {
  for (const line of lines) {
    const [, address, what = ''] =
      /protocol stack: listen tcp \S*?((?:\[[0-9a-f:.]+\]|[0-9.]+):\d+): bind: (.*)$/.exec(line) ?? [];
    if (address === undefined) continue;
    if (/address already in use|Only one usage/.test(what)) return { reason: 'addressTaken', address };
    if (/assign requested address|not valid in its context/.test(what)) return { reason: 'addressGone', address };
  }
  return undefined;
}

/** Another process, ours or not, has the data folder. */
export function isFolderTaken(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes('datadir already used by another process'));
}

/** Of a level that is switched on for `readCall` alone; nobody reads it. */
export function isChatter(line: string): boolean {
  return line.startsWith('TRACE') || line.startsWith('DEBUG');
}

/** What came of a call to a hub. A peer's own words stand only at the end of such a line, behind everything that is read. */
export function readCall(line: string): { readonly address: string; readonly outcome: HubCall['outcome'] } | undefined {
  const found = /^(?:TRACE|DEBUG)\s?\[[^\]]*\] (\w+ (?:\w+ )?\w+) +(\w+=.*)$/.exec(line);
  const [, what = '', fields = ''] = found ?? [];
  const first = (name: string): string | undefined => new RegExp(` ${name}=(\\S+)`).exec(` ${fields}`)?.[1];
  const address = first('addr');
  if (address === undefined || !/^(?:trusted-)?staticdial$/.test(first('conn') ?? '')) return undefined;
  switch (what) {
    case 'Adding p2p peer':
      return { address, outcome: 'connected' };
    case 'Dial error':
      return { address, outcome: 'unreachable' };
    case 'Failed RLPx handshake':
      return { address, outcome: 'otherAnswer' };
    case 'Failed p2p handshake':
      return { address, outcome: fields.includes(' err="too many peers"') ? 'notAdmitted' : 'refused' };
    default:
      return undefined;
  }
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
