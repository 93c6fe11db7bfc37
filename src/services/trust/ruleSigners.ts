import { publisherWallet, type Address } from '../../core/hex';
import { signerWindow } from '../../core/ledger/signerStanding';
import type { PublisherId } from '../../core/ledger/types';
import type { TrustRule } from '../../core/trust/rules';
import type { Signers } from '../../core/trust/sharedSigners';
import { followedAs, type FollowedLedgers } from '../ledger/ledger';
import type { Log } from '../../core/ports/log';

/**
 * Who may sign, on the ledger of a rule that asks for several publishers, for the organizations among them; undefined where
 * that could not be read. For a warning only. 2 calls for each of them.
 */
export async function readSigners(
  { ledger, publishers, threshold }: Pick<TrustRule, 'ledger' | 'publishers' | 'threshold'>,
  followed: FollowedLedgers,
  log: Log,
  signal: AbortSignal,
): Promise<Signers | undefined> {
  const known = new Map<PublisherId, readonly Address[]>();
  const organizationIds = publishers.filter((each) => publisherWallet(each) === undefined);
  if (threshold < 2 || organizationIds.length === 0) return known;
  try {
    const { source } = (await followedAs(followed, ledger)) ?? {};
    if (source === undefined) return undefined;
    const { organizations } = await source.open();
    for (const id of organizationIds) {
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
    return undefined;
  }
  return known;
}
