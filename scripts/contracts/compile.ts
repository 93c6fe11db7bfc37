import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Hex } from '../../src/core/hex';

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The settings of a release; `contracts/foundry.toml` repeats them. The sources name the one compiler version. */
export const compilerSettings = {
  // The EVM of networks that geth 1.11 mines: no PUSH0, no MCOPY, no transient storage.
  evmVersion: 'london',
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  // Without metadata the code depends on nothing but the code.
  metadata: { bytecodeHash: 'none', appendCBOR: false },
} as const;

/** EIP-170. */
const maximumCodeBytes = 24_576;

const codeEntries = {
  object: v.pipe(
    v.string(),
    v.regex(/^(?:[0-9a-f]{2})*$/),
    v.transform((digits): Hex => `0x${digits}`),
  ),
};

const outputSchema = v.object({
  errors: v.optional(
    v.array(v.object({ formattedMessage: v.string(), sourceLocation: v.optional(v.object({ file: v.string() })) })),
    [],
  ),
  contracts: v.optional(
    v.record(
      v.string(),
      v.record(
        v.string(),
        v.object({
          abi: v.array(v.looseObject({ type: v.string() })),
          storageLayout: v.object({
            storage: v.array(v.object({ label: v.string(), slot: v.string(), offset: v.number(), type: v.string() })),
          }),
          evm: v.object({ bytecode: v.object(codeEntries), deployedBytecode: v.object(codeEntries) }),
        }),
      ),
    ),
    {},
  ),
  sources: v.optional(
    v.record(
      v.string(),
      v.object({
        ast: v.object({
          nodes: v.array(
            v.object({
              id: v.number(),
              name: v.optional(v.string()),
              linearizedBaseContracts: v.optional(v.array(v.number()), []),
              nodes: v.optional(
                v.array(
                  v.object({
                    nodeType: v.string(),
                    name: v.optional(v.string(), ''),
                    kind: v.optional(v.string()),
                    mutability: v.optional(v.string()),
                    value: v.nullish(v.unknown()),
                  }),
                ),
                [],
              ),
            }),
          ),
        }),
      }),
    ),
    {},
  ),
});

type Output = v.InferOutput<typeof outputSchema>;

/** A state variable and where it lives. */
export interface StorageVariable {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

export interface CompiledContract {
  readonly abi: readonly Readonly<Record<string, unknown>>[];
  readonly storage: readonly StorageVariable[];
  readonly creationCode: Hex;
  readonly runtimeCode: Hex;
}

/** The text of a file by its path from the root, as `sources` of the compile functions. */
export function readSources(...paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(repositoryRoot, path), 'utf8')]));
}

/** Compiles one contract with the settings of a release. Throws an Error on compiler errors, and on warnings in `sources`. */
export function compileContract(path: string, name: string, sources = readSources(path)): CompiledContract {
  return pick(compile(name, sources), path, name);
}

/**
 * Compiles the ledger. Throws an Error that says why if its code could not be put into a genesis block: a constructor,
 * an immutable, a state variable with a value, or too much code.
 */
export function compileLedger(
  sources = readSources('contracts/DaoChainLedger.sol', 'contracts/IDaoChainLedger.sol'),
): CompiledContract {
  const name = 'DaoChainLedger';
  const path = `contracts/${name}.sol`;
  const output = compile(name, sources);
  const ledger = pick(output, path, name);
  const faults = findInitialState(output, path, name);
  if (!ledger.creationCode.endsWith(ledger.runtimeCode.slice(2))) {
    faults.push('the creation code does more than return the runtime code');
  }
  const bytes = ledger.runtimeCode.length / 2 - 1;
  if (bytes > maximumCodeBytes)
    faults.push(`${bytes.toString()} bytes of code, where ${maximumCodeBytes.toString()} are allowed`);
  if (faults.length > 0) throw new Error(`${name} cannot be part of a genesis block: ${faults.join('; ')}`);
  return ledger;
}

function compile(contract: string, sources: Readonly<Record<string, string>>): Output {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: {
      ...compilerSettings,
      outputSelection: {
        '*': {
          '': ['ast'],
          [contract]: ['abi', 'storageLayout', 'evm.bytecode.object', 'evm.deployedBytecode.object'],
        },
      },
    },
  };
  const compiler = join(repositoryRoot, 'scripts/contracts/solc.mjs');
  const answer = execFileSync(process.execPath, [compiler, '--standard-json'], {
    cwd: repositoryRoot,
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const output = v.parse(outputSchema, JSON.parse(answer));
  // A library's warnings are its own matter; its errors leave us without code, which `pick` reports.
  const faults = output.errors.filter(
    (error) => error.sourceLocation === undefined || error.sourceLocation.file in sources,
  );
  if (faults.length > 0) throw new Error(faults.map((fault) => fault.formattedMessage).join('\n'));
  return output;
}

function pick(output: Output, path: string, name: string): CompiledContract {
  const contract = output.contracts[path]?.[name];
  if (contract === undefined) throw new Error(`the compiler gave no code for ${name} of ${path}`);
  return {
    abi: contract.abi,
    // The numbers of nodes in the syntax tree change with every edit and mean nothing here.
    storage: contract.storageLayout.storage.map((variable) => ({
      ...variable,
      type: variable.type.replace(/\)\d+_/g, ')_'),
    })),
    creationCode: contract.evm.bytecode.object,
    runtimeCode: contract.evm.deployedBytecode.object,
  };
}

function findInitialState(output: Output, path: string, name: string): string[] {
  const definitions = Object.values(output.sources).flatMap((source) => source.ast.nodes);
  const ledger = output.sources[path]?.ast.nodes.find((node) => node.name === name);
  if (ledger === undefined) throw new Error(`the compiler gave no syntax tree for ${name} of ${path}`);
  return definitions
    .filter((definition) => ledger.linearizedBaseContracts.includes(definition.id))
    .flatMap((definition) => definition.nodes)
    .flatMap((member) => {
      if (member.kind === 'constructor') return ['a constructor'];
      if (member.nodeType !== 'VariableDeclaration' || member.mutability === 'constant') return [];
      if (member.mutability === 'immutable') return [`the immutable ${member.name}`];
      return member.value === undefined || member.value === null ? [] : [`the initial value of ${member.name}`];
    });
}
