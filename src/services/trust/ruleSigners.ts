import { publisherWallet, type Address } from '../../core/hex';
import { signerWindow } from '../../core/ledger/signerStanding';
import type { PublisherId } from '../../core/ledger/types';
import type { TrustRule } from '../../core/trust/rules';
import type { Signers } from '../../core/trust/sharedSigners';
import type { LedgerSource } from '../ledger/ledger';
import type { Log } from '../../core/ports/log';

/**
 * Who may sign for the organizations of a rule that asks for several publishers: for a warning only, so no answer means
 * none is known. 2 calls for each of them.
 */
export async function readSigners(
  { publishers, threshold }: Pick<TrustRule, 'publishers' | 'threshold'>,
  ledgers: LedgerSource,
  log: Log,
  signal: AbortSignal,
): Promise<Signers> {
  const known = new Map<PublisherId, readonly Address[]>();
  if (threshold < 2) return known;
  try {
    const { organizations } = await ledgers.open();
    for (const id of publishers.filter((each) => publisherWallet(each) === undefined)) {
      signal.throwIfAborted();
      const signers = await organizations.signersOf(id, signal);
      // Who has retired may have signed what still counts.
      known.set(
        id,
        signers.filter(({ slot }) => signerWindow(slot, 0) !== 'revoked').map(({ signer }) => signer),
      );
    }
  } catch (error) {
    log.debug(`The signers of organizations were not read: ${String(error)}`);
  }
  return known;
}
