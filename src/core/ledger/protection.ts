/** What keeps a ledger from being rewritten, as data; `words/protectionText.ts` says it in words. */
import type { NetworkWork } from './networkWork';
import type { NetworkTerms } from './networkTerms';

/**
 * One graphics card that anybody can rent by the hour: an NVIDIA GeForce RTX 3090 computes some 120 million hashes of
 * ethash each second. Public figures of miners of Ethereum's last year (until September 2022), looked up in November
 * 2026. On the small dataset a card is faster still.
 */
export const rentedCard = { name: 'NVIDIA RTX 3090', hashrate: 120_000_000 };

export type Protection =
  /** One machine makes all of it. */
  | { readonly kind: 'development' }
  /** Another chain's own rules protect it. */
  | { readonly kind: 'external' }
  | TeamProtection;

export interface TeamProtection extends Pick<NetworkTerms, 'dataset' | 'confirmations' | 'threshold'> {
  readonly kind: 'team';
  /** How many there are; 0: final by depth only. */
  readonly witnesses: number;
  /** Undefined as long as its newest blocks are not known. */
  readonly work: (Pick<NetworkWork, 'difficulty' | 'blockSeconds' | 'hashrate'> & Overtaking) | undefined;
}

export interface Overtaking {
  /** How many such cards compute more than all who mine now. */
  readonly cards: number;
  /** Seconds in which so many rewrite what is as deep as `confirmations` says, on average, while the others go on. */
  readonly seconds: number;
}

/** Of a network as its profile has it; `work` once blocks were read. */
export function protectionOf(
  network: { readonly kind: 'development' | 'external' } | NetworkTerms,
  work: NetworkWork | undefined,
): Protection {
  if (network.kind !== 'team') return { kind: network.kind };
  const { dataset, confirmations, threshold, witnesses } = network;
  return {
    kind: 'team',
    dataset,
    confirmations,
    threshold,
    witnesses: witnesses.length,
    work: work && { ...pick(work), ...overtaking(work, confirmations) },
  };
}

/**
 * Whoever mines in secret from the block below has to do the work of `confirmations` blocks, and what the others add
 * meanwhile. With less than the others' rate they never do, on average; so as many cards as do are taken.
 */
function overtaking({ difficulty, hashrate = 0 }: NetworkWork, confirmations: number): Overtaking {
  const cards = Math.floor(hashrate / rentedCard.hashrate) + 1;
  const lead = Number(difficulty) * confirmations;
  return { cards, seconds: lead / (cards * rentedCard.hashrate - hashrate) };
}

function pick({ difficulty, blockSeconds, hashrate }: NetworkWork): Omit<NonNullable<TeamProtection['work']>, keyof Overtaking> {
  return { difficulty, blockSeconds, hashrate };
}
