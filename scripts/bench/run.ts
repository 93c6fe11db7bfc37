/** `npm run bench`, or with names of figures those alone: measures, writes bench/results.json and compares with the bars. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import * as v from 'valibot';
import { gasBars, measureGas } from '../contracts/gas';
import { packageExtension } from '../dev/extension';
import { installNewestEngine } from '../dev/components/newestEngine';
import { installForTests } from '../dev/setup';
import { steps, type Say } from '../dev/steps';
import { cosign } from '../dev/components/cosign';
import { installGoProgram } from '../dev/components/goProgram';
import { measureCommandLine, type CommandLineFigures } from './commandLine';
import { measureDiagnostics } from './diagnostics';
import { measureHostileName, type HostileNameFigures } from './hostileName';
import { measureActivation, measureIdle, type IdleFigures } from './inHost';
import { measureLedgerGrowth, type LedgerGrowthFigures } from './ledgerGrowth';
import { measureNetwork, type NetworkFigures } from './network';
import { measureNode } from './probes';
import { measureSeveralLedgers, type SeveralLedgersFigures } from './severalLedgers';
import { measureVerdicts, type VerdictFigures } from './verdicts';

const resultsFile = 'bench/results.json';
const fileSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/** Files of `dist`. Those after the first three are loaded when they are first needed. */
const bundles = ['extension', 'server', 'cli', 'ethers', 'dockerode', 'languageClient', 'compose', 'undici'] as const;

/** What the reports name, and what explains it. */
interface Results {
  /** `node -e 0` in the same run: what bars of milliseconds are multiples of. */
  readonly nodeMs: number;
  readonly gas: Readonly<Record<string, number>>;
  readonly activationMs: number;
  /** The part of `activationMs` that loads the code. */
  readonly activationLoadMs: number;
  /** To load code that never changes, in the same hosts. */
  readonly activationProbeMs: number;
  readonly bundleKiB: Readonly<Partial<Record<(typeof bundles)[number], number>>>;
  readonly verdicts1000: readonly VerdictFigures[];
  readonly diagnostics200Lines: { readonly p95Ms: number };
  readonly idle: IdleFigures;
  readonly verify: CommandLineFigures;
  readonly hostileName: HostileNameFigures;
  readonly ledgerGrowth: readonly LedgerGrowthFigures[];
  readonly network: NetworkFigures & SeveralLedgersFigures;
}

const measurements = {
  gas: async () => ({ gas: await measureGas() }),
  activation: async () => {
    const { activationMs, loadMs, probeMs } = await measureActivation();
    return { activationMs, activationLoadMs: loadMs, activationProbeMs: probeMs };
  },
  bundle: () => {
    const sizes = bundles.map((bundle) => [bundle, statSync(`dist/${bundle}.js`).size / 1024] as const);
    return Promise.resolve({ bundleKiB: Object.fromEntries(sizes) });
  },
  verdicts: async () => ({ verdicts1000: [await measureVerdicts('debian'), await measureVerdicts('containerd')] }),
  diagnostics: async () => ({ diagnostics200Lines: await measureDiagnostics() }),
  idle: async () => ({ idle: await measureIdle() }),
  verify: async () => ({ verify: await measureCommandLine(await installGoProgram(cosign, console.log)) }),
  hostileName: async () => ({ hostileName: await measureHostileName() }),
  ledgerGrowth: async (say) => ({ ledgerGrowth: await measureLedgerGrowth(say) }),
  network: async (say) => ({ network: { ...(await measureNetwork(say)), ...(await measureSeveralLedgers()) } }),
} satisfies Record<string, (say: Say) => Promise<Partial<Results>>>;
type Name = keyof typeof measurements;

interface Bar {
  readonly name: string;
  readonly value: number | undefined;
  readonly bar: number;
}

/**
 * The only place of the limits, but for those of gas, which are beside what measures it. Each is a count, a size, or a
 * multiple of something that the same run measured on the same machine.
 */
function barsOf(results: Partial<Results>, nodeMs: number): readonly Bar[] {
  const bar = (name: string, value: number | undefined, most: number): Bar => ({ name, value, bar: most });
  const times = (value: number | undefined, probe: number | undefined): number | undefined =>
    value === undefined || probe === undefined ? undefined : value / probe;
  const { gas, bundleKiB, idle, verify, network } = results;
  return [
    ...Object.entries(gasBars).map(([name, most]) => bar(`gas ${name}`, gas?.[name], most)),
    bar('activation, times the loading of a known text', times(results.activationMs, results.activationProbeMs), 0.85),
    bar('bundle of the extension, KiB', bundleKiB?.extension, 700),
    bar('bundle of the server, KiB', bundleKiB?.server, 320),
    ...(results.verdicts1000 ?? []).flatMap((row) => [
      bar(`${row.store}: cold, ms`, row.coldMs, 1.3 * (row.engineListMs + row.engineInspectMs) + 8 * nodeMs),
      // Subscription, head, links, logs and signers; and the final block with the head once more, to be missed if it goes.
      bar(`${row.store}: cold, ledger calls`, row.ledgerCalls, 7),
      bar(`${row.store}: warm beside the list, times node -e 0`, (row.warmMs - row.warmListMs) / nodeMs, 2),
      bar(`${row.store}: warm, engine lists`, row.warmLists, 1),
      bar(`${row.store}: warm, inspects`, row.warmInspects, 0),
      bar(`${row.store}: warm, ledger calls`, row.warmLedgerCalls, 2),
    ]),
    bar('diagnostics of 200 lines, p95, times node -e 0', times(results.diagnostics200Lines?.p95Ms, nodeMs), 0.5),
    bar('idle, engine calls', idle?.engineCalls, 0),
    bar('idle, RPC calls', idle?.rpcCalls, 0),
    bar('idle, times what the host itself takes', times(idle?.cpuPercent, idle?.baselineCpuPercent), 0.2),
    bar('daochain verify, times node -e 0', verify && verify.cliMs / verify.nodeMs, 6),
    bar('100 images, times 100 runs of cosign', verify && verify.cli100Ms / verify.cosign100Ms, 0.2),
    bar('a signature is withdrawn, times node -e 0', times(network?.withdrawMs, nodeMs), 20),
    bar(
      'verdict where three ledgers are followed, times one',
      times(results.network?.verdict3LedgersMs, results.network?.verdict1LedgerMs),
      1.1,
    ),
    ...hostileNameBars(results.hostileName),
    ...ledgerGrowthBars(results.ledgerGrowth ?? []),
  ];
}

function hostileNameBars(hostileName: HostileNameFigures | undefined): readonly Bar[] {
  if (hostileName === undefined) return [];
  const bar = (name: string, times: Pick<HostileNameFigures, 'verdictMs' | 'verdictMsWithout'>): Bar => ({
    name: `verdict where a stranger wrote ${hostileName.entries} times, ${name}, ms more`,
    value: times.verdictMs - times.verdictMsWithout,
    bar: 5,
  });
  return [bar('a rule covers', hostileName), bar('no rule covers', hostileName.uncovered)];
}

/** Rows of one number of publishers are compared with the one of the smallest ledger. */
function ledgerGrowthBars(rows: readonly LedgerGrowthFigures[]): readonly Bar[] {
  return rows.flatMap((row) => {
    const name = `verify by ${row.entries} entries, ${row.publishers} in the rule`;
    const small = rows.find(({ publishers }) => publishers === row.publishers);
    const memory = { name: `${name}, MiB`, value: row.peakRssMiB, bar: 150 };
    if (small === undefined || small === row) return [memory];
    return [
      { name: `${name}, cold, times ${small.entries}`, value: row.coldMs / small.coldMs, bar: 1.2 },
      { name: `${name}, warm, times ${small.entries}`, value: row.warmMs / small.warmMs, bar: 1.2 },
      memory,
    ];
  });
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}

async function main(): Promise<void> {
  const all = Object.keys(measurements) as Name[];
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !all.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`There is no figure ${unknown}; there are: ${all.join(', ')}`);
  const chosen = all.filter((name) => wanted.length === 0 || wanted.includes(name));

  const step = steps();
  await installForTests(step);
  if (chosen.includes('verdicts')) await step('newest engine', installNewestEngine);
  await step('extension', packageExtension);

  const before = existsSync(resultsFile) ? v.parse(fileSchema, readFileSync(resultsFile, 'utf8')) : {};
  const nodeMs = await step('node -e 0', measureNode);
  let measured: Partial<Results> = { nodeMs };
  for (const name of chosen) {
    const measure: (say: Say) => Promise<Partial<Results>> = measurements[name];
    measured = { ...measured, ...(await step(name, measure)) };
  }
  const machine = { cores: cpus().length, node: process.versions.node };
  mkdirSync('bench', { recursive: true });
  const results = { ...before, ...measured, machine };
  writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 2)}\n`);

  const bars = barsOf(measured, nodeMs).flatMap(({ name, value, bar }) =>
    value === undefined ? [] : [{ name, value, bar }],
  );
  const width = Math.max(...bars.map(({ name }) => name.length));
  for (const { name, value, bar } of bars) {
    const numbers = [value, bar].map((number) => Number(number.toPrecision(4)).toLocaleString('en').padStart(9));
    console.log(`${value <= bar ? 'ok  ' : 'OVER'} ${name.padEnd(width)} ${numbers.join(' of ')}`);
  }
  const over = bars.filter(({ value, bar }) => value > bar).length;
  console.log(over === 0 ? 'All bars are met' : `${over} of ${bars.length} bars are missed`);
  process.exit(over === 0 ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error && error.name === 'InstallError' ? error.message : error);
  process.exit(1);
});
