import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../dev/components/command';
import type { CommandResult } from '../dev/components/command';
import { repositoryRoot } from './compile';
import { foundryProgram } from './foundry';

/** Runs forge on the repository with `contracts/foundry.toml`. */
export function runForge(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return runCommand(foundryProgram('forge'), [...args, '--root', repositoryRoot], {
    cwd: repositoryRoot,
    env: { ...process.env, FOUNDRY_CONFIG: 'contracts/foundry.toml', ...env },
  });
}

export interface Coverage {
  readonly branches: number;
  readonly covered: number;
}

/**
 * Branches of the ledger that the unit and fuzz tests take. Without the invariants, which are slow under coverage, and
 * without the test that compares code: what is measured here is compiled by forge and not optimized.
 */
export async function measureBranchCoverage(): Promise<Coverage> {
  const report = 'contracts/out/lcov.info';
  mkdirSync(join(repositoryRoot, 'contracts/out'), { recursive: true });
  const { code, output } = await runForge(
    [
      ...['coverage', '--ir-minimum', '--report', 'lcov', '--report-file', report],
      ...['--no-match-contract', 'Invariants', '--no-match-test', 'test_deployedCodeIsTheGenesisCode'],
    ],
    // Unoptimized test contracts are larger than a chain allows, which forge warns of.
    { LEDGER_FROM_SOURCE: 'true', FOUNDRY_DENY: 'never' },
  );
  if (code !== 0) throw new Error(`forge coverage failed\n${output}`);
  const record = readFileSync(join(repositoryRoot, report), 'utf8')
    .split('end_of_record')
    .find((text) => text.includes('SF:contracts/DaoChainLedger.sol'));
  const branches = Number(/^BRF:(\d+)$/m.exec(record ?? '')?.[1] ?? 0);
  if (branches === 0) throw new Error('forge reported no branches of the ledger');
  return { branches, covered: Number(/^BRH:(\d+)$/m.exec(record ?? '')?.[1] ?? 0) };
}
