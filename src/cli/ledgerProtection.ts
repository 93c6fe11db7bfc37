import { isDaoChainError } from '../core/errors';
import { networkWork, observedBlocks, type NetworkWork } from '../core/ledger/networkWork';
import { protectionOf, rentedCard, type Protection } from '../core/ledger/protection';
import type { Session } from './session';

/**
 * What protects the ledger of the data folder or the endpoint, with what its newest blocks tell where a node runs; undefined
 * as long as there is no ledger.
 */
export async function ledgerProtection(session: Session, signal: AbortSignal): Promise<Protection | undefined> {
  const { endpoint, launcher, ledgers } = session;
  if (endpoint !== undefined) {
    const { kind, terms } = await ledgers.open();
    // A team network without its terms: nothing is known of what its genesis commits to.
    if (terms === undefined) return kind === 'team' ? undefined : protectionOf({ kind }, undefined);
    return protectionOf(terms, await readWork(session, signal));
  }
  const network = await launcher.storedNetwork();
  if (network === undefined) return undefined;
  const isRunning = network.kind === 'team' && (await launcher.join(signal)) !== undefined;
  return protectionOf(network, isRunning ? await readWork(session, signal) : undefined);
}

/** For programs; the figure that the work is compared with is in it. */
export function protectionJson(protection: Protection): object {
  if (protection.kind !== 'team') return protection;
  const { work, ...rest } = protection;
  const figures = work === undefined ? null : { ...work, difficulty: work.difficulty.toString() };
  return { ...rest, card: rentedCard, work: figures };
}

/** What a node that hangs does not tell is not known. */
async function readWork({ work }: Session, signal: AbortSignal): Promise<NetworkWork | undefined> {
  try {
    return networkWork(await work.newest(observedBlocks, signal), undefined);
  } catch (error) {
    if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
    return undefined;
  }
}
