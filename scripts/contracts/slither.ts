import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InstallError, installOnce } from '../dev/components/cache';
import { searchProgram } from '../../src/adapters/geth/runProgram';
import { runCommand } from '../dev/components/command';
import type { CommandResult } from '../dev/components/command';
import { compilerSettings, repositoryRoot } from './compile';

const version = '0.11.6';

/**
 * Runs slither's detectors over the ledger; the exit code is 0 when no finding is left unanswered. Answers stand in the
 * sources, each with its reason, except for these:
 * - `pragma`: the library allows a range of compilers where the ledger names one; that one compiles both.
 */
export async function runSlither(say: (line: string) => void): Promise<CommandResult> {
  const { python, packages } = await installSlither(say);
  const input = join(repositoryRoot, 'contracts/out/slither.json');
  mkdirSync(join(repositoryRoot, 'contracts/out'), { recursive: true });
  const path = 'contracts/DaoChainLedger.sol';
  const { evmVersion, viaIR, optimizer } = compilerSettings;
  writeFileSync(
    input,
    JSON.stringify({
      language: 'Solidity',
      sources: { [path]: { urls: [path] } },
      settings: { evmVersion, viaIR, optimizer },
    }),
  );
  return runCommand(
    python,
    [
      ...['-m', 'slither', input, '--compile-force-framework', 'Solc-json', '--solc', 'scripts/contracts/solc.mjs'],
      ...['--filter-paths', 'node_modules', '--exclude', 'pragma', '--fail-pedantic', '--disable-color'],
    ],
    {
      cwd: repositoryRoot,
      env: { ...process.env, PYTHONPATH: [packages, process.env['PYTHONPATH']].filter(Boolean).join(delimiter) },
    },
  );
}

async function installSlither(
  say: (line: string) => void,
): Promise<{ readonly python: string; readonly packages: string }> {
  const python = searchProgram('python3');
  if (python === undefined) throw new InstallError('Python is missing. Run: apt-get install -y python3 python3-pip');
  // Some of slither's dependencies are compiled for one version of Python.
  const pythonVersion = /\d+\.\d+/.exec((await runCommand(python, ['--version'])).output)?.[0] ?? 'unknown';
  const packages = await installOnce(`slither-${version}-python-${pythonVersion}`, say, async (folder) => {
    say(`installing slither ${version} with pip`);
    const requirement = `slither-analyzer==${version}`;
    const { code, output } = await runCommand(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--target',
      folder,
      requirement,
    ]);
    if (code !== 0) {
      throw new InstallError(`pip failed. If it is missing, run: apt-get install -y python3-pip\n${output}`);
    }
  });
  return { python, packages };
}
