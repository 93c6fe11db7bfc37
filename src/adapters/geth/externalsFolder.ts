import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isDaoChainError } from '../../core/errors';
import type { ExternalLedger } from '../../core/ledger/externalLedger';
import { isNetworkName } from '../../core/ledger/network';
import { mostConfirmations } from '../../core/ledger/networkTerms';
import { ledgerKey, parseLedgerKey, type LedgerId } from '../../core/ledger/types';
import { parseStrictJson } from '../../core/json/strictJson';
import type { Turns } from '../../core/ports/files';
import type { DamagedNetwork, ExternalStore, FollowedExternal } from '../../core/ports/networks';
import { hasCode } from '../systemError';
import { replaceFile } from './createFile';
import { moveAside } from './moveAside';
import { inTurn, readSmall, refused } from './networksFolder';

/** The web address of a node is the longest of what such a file holds. */
const largestFile = 64 * 1_024;

const externalSchema = v.pipe(
  v.strictObject({
    version: v.literal(1),
    name: v.pipe(v.string(), v.check(isNetworkName)),
    ledger: v.pipe(
      v.string(),
      v.transform(parseLedgerKey),
      v.custom<LedgerId>((ledger) => ledger !== undefined),
    ),
    endpoint: v.pipe(v.string(), v.nonEmpty()),
    finality: v.picklist(['depth', 'tag']),
    confirmations: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostConfirmations)),
  }),
  v.transform(({ name, ledger, endpoint, finality, confirmations }): ExternalLedger => ({
    ...{ name, ledger, endpoint, finality, confirmations },
  })),
);

/**
 * The ledgers on chains that are none of ours, in one data folder: `networks/<chain ID>/ledger.json`, beside those of networks
 * of ours. None of them is ever deleted.
 */
export class ExternalsFolder implements ExternalStore {
  readonly #networks: string;

  readonly #turns: Turns;

  constructor(folder: string, turns: Turns) {
    this.#networks = join(folder, 'networks');
    this.#turns = turns;
  }

  read(): ReturnType<ExternalStore['read']> {
    const externals: FollowedExternal[] = [];
    const damaged: DamagedNetwork[] = [];
    for (const name of this.#names()) {
      const folder = join(this.#networks, name);
      try {
        const external = this.#readOne(name);
        if (external !== undefined) externals.push({ external, folder });
      } catch (error) {
        if (!isDaoChainError(error)) throw error;
        damaged.push({ chainId: Number(name), folder, error });
      }
    }
    return { externals, damaged };
  }

  async put(external: ExternalLedger): Promise<void> {
    const name = external.ledger.chainId.toString();
    const folder = join(this.#networks, name);
    await inTurn(this.#turns, async () => {
      if (existsSync(join(folder, 'network.json'))) throw refused('chainIdTaken');
      const before = this.#readOne(name);
      if (before !== undefined && ledgerKey(before.ledger) !== ledgerKey(external.ledger))
        throw refused('chainIdTaken');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const text = JSON.stringify({ version: 1, ...external, ledger: ledgerKey(external.ledger) }, undefined, 2);
      await replaceFile(join(folder, 'ledger.json'), text);
    });
  }

  async leave(chainId: number): Promise<string> {
    return inTurn(this.#turns, () => moveAside(this.#networks, chainId));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#networks).filter((name) => /^[1-9]\d{0,15}$/.test(name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw refused('shape', this.#networks, error);
    }
  }

  /** Undefined where the chain is that of a network of ours, or of none. `networkInvalid`. */
  #readOne(name: string): ExternalLedger | undefined {
    const file = join(this.#networks, name, 'ledger.json');
    const bytes = readSmall(file);
    if (bytes === undefined) return undefined;
    let external: ExternalLedger;
    try {
      external = v.parse(externalSchema, parseStrictJson(bytes, { bytes: largestFile, depth: 3 }));
    } catch (error) {
      throw refused('shape', file, error);
    }
    if (external.ledger.chainId.toString() !== name) throw refused('shape', file);
    if (existsSync(join(this.#networks, name, 'network.json'))) throw refused('chainIdTaken', file);
    return external;
  }
}
