import { networkLedger } from '../core/ledger/network';
import type { LedgerId, LedgerKind } from '../core/ledger/types';
import type { Session } from './session';

export interface KnownLedger {
  readonly kind: LedgerKind;
  readonly ledger: LedgerId;
  readonly confirmations: number;
}

/** The ledger of the data folder, whether its node runs or not, or that of the endpoint; undefined as long as there is none. */
export async function knownLedger({
  endpoint,
  homeFault,
  launcher,
  ledgers,
}: Session): Promise<KnownLedger | undefined> {
  if (endpoint !== undefined) {
    const { kind, reader, index } = await ledgers.open();
    return { kind, ledger: reader.ledger, confirmations: index.confirmations };
  }
  if (homeFault !== undefined) throw homeFault;
  const network = await launcher.storedNetwork();
  return network && { ...network, ledger: networkLedger(network) };
}
