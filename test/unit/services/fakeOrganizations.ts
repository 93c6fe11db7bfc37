import type { Address, Hex32 } from '../../../src/core/hex';
import { slotId } from '../../../src/core/ledger/indexView';
import type { SignerScope } from '../../../src/core/ledger/signerScope';
import type { PublisherId, SignerSlot } from '../../../src/core/ledger/types';
import type { Organization, OrganizationReader, SignerQuery } from '../../../src/core/ports/ledger';

/** Organizations in memory, as a test or a fake writer puts them there. */
export class FakeOrganizations implements OrganizationReader {
  readonly organizations = new Map<PublisherId, Organization>();
  readonly slots = new Map<PublisherId, Map<Address, SignerSlot>>();
  /** Wallets that an organization was ever created by, offered to or handed over to. */
  readonly admins = new Map<PublisherId, Set<Address>>();
  /** Texts that are known of the scopes of signers. */
  readonly scopes = new Map<string, string>();
  /** By the transaction that created them. */
  readonly creations = new Map<Hex32, PublisherId>();

  put(organization: Organization): this {
    const { id, admin, pendingAdmin } = organization;
    const admins = this.admins.get(id) ?? new Set();
    this.organizations.set(id, organization);
    this.admins.set(id, admins.add(admin));
    if (pendingAdmin !== undefined) admins.add(pendingAdmin);
    return this;
  }

  /** `scope`: null where its text is not known. */
  putSigner(id: PublisherId, signer: Address, slot: Partial<SignerSlot> = {}, scope: SignerScope = ''): this {
    if (scope !== null) this.scopes.set(slotId(id, signer), scope);
    const slots = this.slots.get(id) ?? new Map<Address, SignerSlot>();
    this.slots.set(id, slots.set(signer, { notBefore: 1, notAfter: 0, voidFrom: 0, isScoped: scope !== '', ...slot }));
    return this;
  }

  read(ids: readonly PublisherId[]): Promise<readonly Organization[]> {
    return Promise.resolve(ids.flatMap((id) => this.organizations.get(id) ?? []));
  }

  namedIn(wallet: Address): Promise<readonly PublisherId[]> {
    const named = [...this.organizations.keys()].filter(
      (id) => this.admins.get(id)?.has(wallet) === true || this.slots.get(id)?.has(wallet) === true,
    );
    return Promise.resolve(named);
  }

  signersOf(id: PublisherId): ReturnType<OrganizationReader['signersOf']> {
    const slots = [...(this.slots.get(id) ?? [])];
    return Promise.resolve(slots.map(([signer, slot]) => ({ signer, slot, scope: this.#scopeOf(id, signer) })));
  }

  scopesOf(signers: readonly SignerQuery[]): Promise<readonly SignerScope[]> {
    return Promise.resolve(signers.map(({ publisher, signer }) => this.#scopeOf(publisher, signer)));
  }

  createdBy(transaction: Hex32): Promise<PublisherId | undefined> {
    return Promise.resolve(this.creations.get(transaction));
  }

  #scopeOf(publisher: PublisherId, signer: Address): SignerScope {
    return this.scopes.get(slotId(publisher, signer)) ?? null;
  }
}
