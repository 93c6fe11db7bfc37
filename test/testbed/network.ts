import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3';
import { ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { fromHex, toHex } from '../../src/core/hex';
import { createDevelopmentNetwork } from '../../src/core/ledger/network';

/** Enough to see a statement before and after it is final. */
const confirmations = 2;

/**
 * Makes a network for the node of this folder, unless it has one, on which statements are final after two blocks instead
 * of six. Each block costs half a second of processor time, and most tests are about something else than the depth.
 */
export function useShallowNetwork(nodeFolder: string): void {
  const ledgerCode = ledgerReleases.at(-1)?.runtimeCode ?? '0x';
  const file = join(nodeFolder, `network-${toHex(keccak_256(fromHex(ledgerCode))).slice(2, 10)}.json`);
  if (existsSync(file)) return;
  mkdirSync(nodeFolder, { recursive: true, mode: 0o700 });
  const network = { ...createDevelopmentNetwork(randomBytes(32), ledgerCode), confirmations };
  writeFileSync(file, JSON.stringify(network, undefined, 2));
}
