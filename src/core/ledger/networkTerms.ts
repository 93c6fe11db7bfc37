import { keccak_256 } from '@noble/hashes/sha3';
import type { Address, Hex32 } from '../hex';
import { toHex } from '../hex';
import { canonicalJson } from '../json/canonicalJson';
import { genesisLedgerAddress } from './genesis';

/**
 * What decides verdicts on a team network, and so is committed in its genesis: the ledger's ID, which rules and links
 * name, is then of these terms and no others.
 */
export interface NetworkTerms {
  readonly kind: 'team';
  /** Ethash's dataset: `full` is that of public chains (1 GiB), `small` has 32 KiB. */
  readonly dataset: 'small' | 'full';
  /** How deep a block must be, itself counted, before its statements are final. */
  readonly confirmations: number;
  /** Wallets of the first set of witnesses, ascending; none where depth alone makes final. */
  readonly witnesses: readonly Address[];
  /** How many of them must agree: more than half, and 0 where there are none. */
  readonly threshold: number;
}

export const mostConfirmations = 1_000;
export const mostWitnesses = 32;

/** The commitment: keccak256 of the RFC 8785 JSON of the terms with their version. It is the genesis's `mixHash`. */
export function termsHash({ kind, dataset, confirmations, witnesses, threshold }: NetworkTerms): Hex32 {
  const terms = { version: 1, kind, dataset, confirmations, witnesses, threshold };
  return toHex(keccak_256(new TextEncoder().encode(canonicalJson(terms))));
}

/** Which of the terms nobody may have, or undefined. */
export function termsProblem(terms: NetworkTerms): 'confirmations' | 'witnesses' | 'threshold' | undefined {
  const { confirmations, witnesses, threshold } = terms;
  if (!Number.isInteger(confirmations) || confirmations < 1 || confirmations > mostConfirmations)
    return 'confirmations';
  const isAscending = witnesses.every((witness, i) => i === 0 || (witnesses[i - 1] ?? '') < witness);
  if (!isAscending || !witnesses.every(canBeWitness) || witnesses.length > mostWitnesses) return 'witnesses';
  const least = witnesses.length === 0 ? 0 : Math.floor(witnesses.length / 2) + 1;
  const isEnough = Number.isInteger(threshold) && threshold >= least && threshold <= witnesses.length;
  return isEnough ? undefined : 'threshold';
}

/** A wallet: not the ledger, and no address so low that it is nobody's or a precompile's. */
function canBeWitness(address: Address): boolean {
  return /^0x[0-9a-f]{40}$/.test(address) && !/^0x0{36}/.test(address) && address !== genesisLedgerAddress;
}
