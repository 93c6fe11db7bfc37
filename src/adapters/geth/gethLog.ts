import { epochOf } from '../../core/ledger/ethash';
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

/** Seconds of a Go duration as geth prints it: `31m21.224s`, `4.5s`, `730µs`. */
function secondsOf(duration: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };
  return [...duration.matchAll(/([\d.]+)(h|ms|m|µs|ns|s)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}

/** What is left is measured by so many steps of the generation, each one percent of it. */
const measuredSteps = 10;

/** The node tells the end of nothing that took so many seconds or less, as the dataset of a small network does. */
const untold = 4;

/**
 * Follows the generation of ethash's dataset, of which the log is the only source. It ends with a line that speaks of a
 * verification cache; a real verification cache is another epoch's, or began later than the dataset.
 */
export class DagLog {
  #progress: DagProgress | undefined;
  /** Percent and seconds since the generation began, of the last steps. */
  #steps: readonly { readonly percent: number; readonly seconds: number }[] = [];
  /** The block that the node was last about to mine. */
  #next: number | undefined;

  get progress(): DagProgress | undefined {
    return this.#progress;
  }

  /** Whether the block to be mined waits for what is generated: the dataset of the next epoch is made in advance. */
  get isNeeded(): boolean {
    return this.#progress !== undefined && (this.#next === undefined || this.#progress.epoch <= epochOf(this.#next));
  }

  /** True when `line` changed the progress. */
  read(line: string): boolean {
    const work = /Commit new sealing work\s.*?\bnumber=([\d,]+)/.exec(line)?.[1];
    if (work !== undefined) this.#next = Number(work.replaceAll(',', ''));
    const step = /Generating DAG in progress\s.*?\bepoch=(\d+)\s.*?\bpercentage=(\d+)\s.*?\belapsed=(\S+)/.exec(line);
    if (step !== null) return this.#step(Number(step[1]), Number(step[2]), secondsOf(step[3] ?? ''));
    const end = /Generated ethash verification cache\s.*?\bepoch=(\d+)\s.*?\belapsed=(\S+)/.exec(line);
    if (end === null || Number(end[1]) !== this.#progress?.epoch) return false;
    if (secondsOf(end[2] ?? '') < (this.#steps.at(-1)?.seconds ?? 0)) return false;
    this.#progress = undefined;
    this.#steps = [];
    return true;
  }

  #step(epoch: number, percent: number, seconds: number): boolean {
    if (seconds < untold) return false;
    const last = this.#steps.at(-1);
    const goesOn = epoch === this.#progress?.epoch && last !== undefined && last.seconds <= seconds;
    this.#steps = [...(goesOn ? this.#steps.slice(-measuredSteps) : []), { percent, seconds }];
    const first = this.#steps[0];
    const done = first === undefined ? 0 : percent - first.percent;
    // The first line, at the end of the first step, says 0.
    const left = 99 - percent;
    this.#progress = {
      epoch,
      percent,
      ...(first !== undefined && done > 0 && { secondsLeft: Math.ceil((left * (seconds - first.seconds)) / done) }),
    };
    return true;
  }
}
