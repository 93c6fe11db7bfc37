import { publisherWallet, type Address } from '../hex';
import type { PublisherId } from '../ledger/types';

/** Who may sign for organizations, as far as that is known; a wallet signs for itself. */
export type Signers = ReadonlyMap<PublisherId, readonly Address[]>;

export interface SharedSigner {
  readonly signer: Address;
  /** At least two. */
  readonly publishers: readonly PublisherId[];
}

/** Wallets that sign for more than one of the publishers, and so count for one of them only. */
export function sharedSigners(publishers: readonly PublisherId[], known: Signers): readonly SharedSigner[] {
  const spokenFor = new Map<Address, PublisherId[]>();
  for (const publisher of new Set(publishers)) {
    const wallet = publisherWallet(publisher);
    for (const signer of new Set(wallet === undefined ? known.get(publisher) : [wallet])) {
      spokenFor.set(signer, [...(spokenFor.get(signer) ?? []), publisher]);
    }
  }
  return [...spokenFor].flatMap(([signer, of]) => (of.length > 1 ? [{ signer, publishers: of }] : []));
}
