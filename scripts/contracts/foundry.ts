import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { JsonRpcProvider } from 'ethers';

/** Path of a Foundry program inside its npm package; no install script needs to have run. */
export function foundryProgram(tool: 'anvil' | 'forge'): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const name = `@foundry-rs/${tool}-${process.platform}-${architecture}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/${tool}${suffix}`);
  } catch (cause) {
    throw new Error(`${name} is not installed: run \`npm ci\``, { cause });
  }
}

export interface Anvil {
  /** Accounts 0 to 9 are unlocked and rich. */
  readonly provider: JsonRpcProvider;
  stop(): Promise<void>;
}

/** Starts an empty chain on a free loopback port that mines a block for each transaction. */
export async function startAnvil(hardfork: string): Promise<Anvil> {
  const child = spawn(foundryProgram('anvil'), ['--port', '0', '--hardfork', hardfork, '--order', 'fifo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.once('error', reject);
    child.once('close', (code) => {
      reject(new Error(`anvil ended with code ${String(code)}: ${output}`));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /Listening on (127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
  const provider = new JsonRpcProvider(url, 31_337, {
    staticNetwork: true,
    batchMaxCount: 1,
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  return {
    provider,
    stop: async () => {
      provider.destroy();
      child.kill();
      await exited;
    },
  };
}
