import { zeroAddress } from '../../core/hex';
import { DaoChainError } from '../../core/errors';
import type { Address, Hex32 } from '../../core/hex';
import type { Invitation } from '../../core/ledger/invitation';
import { organizationFault, organizationName, walletAddress } from '../../core/ledger/organization';
import type { SignerHistory } from '../../core/ledger/signerRevocation';
import { signerScope } from '../../core/ledger/signerScope';
import { signerWindow, type SignerWindow, unsetSlot } from '../../core/ledger/signerStanding';
import type { PublisherId } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import type { Ledger, LedgerSource } from '../ledger/ledger';
import type {
  Membership,
  OrganizationDetails,
  OrganizationPlan,
  SignerChange,
} from '../../core/plans/organizationPlan';
import type { Transactions } from '../transactions/transactions';
import type { TransactionPlan } from '../../core/plans/transactionPlan';
import type { Clock } from '../../core/ports/clock';
import type { BlockHeader, LedgerCall, Organization } from '../../core/ports/ledger';

interface OrganizationPorts {
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly clock: Clock;
}

/**
 * Organizations: who is in them, and every change of them as a plan for `Transactions.execute`. `from` sends the change: a
 * wallet, or a contract wallet, whose owners send it from a file. What the ledger would refuse is refused before it is
 * priced: `invalidInput` with an `OrganizationFault` as reason, `organizationNotFound`, `notAdmin`.
 */
export class OrganizationService {
  readonly #ledgers: LedgerSource;
  readonly #transactions: Transactions;
  readonly #clock: Clock;

  constructor({ ledgers, transactions, clock }: OrganizationPorts) {
    this.#ledgers = ledgers;
    this.#transactions = transactions;
    this.#clock = clock;
  }

  /** Those in which a wallet is, was or is offered something; the ones that it can act for come first. */
  async mine(wallet: Address, signal: AbortSignal): Promise<readonly Membership[]> {
    const ledger = await this.#ledgers.open();
    const { organizations, reader } = ledger;
    const ids = await organizations.namedIn(wallet, signal);
    if (ids.length === 0) return [];
    const [found, head] = await Promise.all([organizations.read(ids, signal), reader.head(signal)]);
    const signers = found.map(({ id }) => ({ publisher: id, signer: wallet }));
    const { slots } = await reader.state({ keys: [], signers }, head.hash, signal);
    const scoped = signers.filter((_, index) => slots[index]?.isScoped === true);
    const scopes = await organizations.scopesOf(scoped, signal);
    const time = this.#time(head);
    const rank = ({ isAdmin, isOffered, window }: Membership): number =>
      [isAdmin, isOffered, window === 'current', window === 'notYet', true].indexOf(true);
    return found
      .map((organization, index): Membership => {
        const slot = slots[index] ?? unsetSlot;
        const { admin, pendingAdmin } = organization;
        const window = signerWindow(slot, time);
        const scope = slot.isScoped
          ? (scopes[scoped.findIndex(({ publisher }) => publisher === organization.id)] ?? null)
          : '';
        return { organization, slot, window, scope, isAdmin: admin === wallet, isOffered: pendingAdmin === wallet };
      })
      .filter(({ isAdmin, isOffered, window }) => isAdmin || isOffered || window !== 'notSigner')
      .sort((a, b) => rank(a) - rank(b));
  }

  /** `organizationNotFound`. */
  async read(id: PublisherId, signal: AbortSignal): Promise<OrganizationDetails> {
    return (await this.#read(id, signal)).details;
  }

  /** What a transaction that is mined has created; undefined where that is nothing. */
  async created(transaction: Hex32, signal: AbortSignal): Promise<PublisherId | undefined> {
    const { organizations } = await this.#ledgers.open();
    return organizations.createdBy(transaction, signal);
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  async planCreate(name: string, from: Address, signal: AbortSignal): Promise<TransactionPlan> {
    return this.#plan({ type: 'createOrganization', name: organizationName(name) }, from, signal);
  }

  /** Makes a wallet a signer, or changes its window or scope. */
  async planSetSigner(change: SignerChange, from: Address, signal: AbortSignal): Promise<OrganizationPlan> {
    const { organization: id, notAfter = 0 } = change;
    const signer = walletAddress(change.signer);
    const { details, head } = await this.#readAsAdmin(id, from, signal);
    if (windowOf(details, signer) === 'revoked') throw organizationFault('signerRevoked', { signer });
    // The ledger takes what has passed for now, and the plan says so.
    const notBefore = (change.notBefore ?? 0) <= head.time ? 0 : (change.notBefore ?? 0);
    if (notAfter !== 0 && notAfter <= Math.max(notBefore, this.#time(head))) throw organizationFault('windowEmpty');
    const scope = change.scope === undefined ? keptScope(details, signer) : signerScope(change.scope);
    const call = { type: 'setSigner', organization: id, signer, notBefore, notAfter, scope } as const;
    return this.#planFor(details, call, from, signal);
  }

  /** Ends a signer's window, and keeps its scope. What it has signed stays valid. */
  async planRetire(id: PublisherId, typed: string, from: Address, signal: AbortSignal): Promise<OrganizationPlan> {
    const signer = walletAddress(typed);
    const { details, head } = await this.#readAsAdmin(id, from, signal);
    const found = details.signers.find((each) => each.signer === signer);
    if (found?.window !== 'current' && found?.window !== 'notYet') {
      throw organizationFault('signerNotCurrent', { signer });
    }
    const notBefore = found.slot.notBefore <= head.time ? 0 : found.slot.notBefore;
    // Every block to come is later than the newest one, whatever this machine's clock says.
    const notAfter = Math.max(1, head.time);
    const scope = keptScope(details, signer);
    const call = { type: 'setSigner', organization: id, signer, notBefore, notAfter, scope } as const;
    return this.#planFor(details, call, from, signal);
  }

  /** Revokes a signer for ever; `previewRevocation` in `core/ledger/signerRevocation.ts` shows what becomes void. */
  async planRevokeSigner(
    id: PublisherId,
    typed: string,
    sinceBlock: number,
    from: Address,
    signal: AbortSignal,
  ): Promise<OrganizationPlan> {
    const signer = walletAddress(typed);
    const { details, head } = await this.#readAsAdmin(id, from, signal);
    const { voidFrom = 0 } = details.signers.find((each) => each.signer === signer)?.slot ?? {};
    const isPossible = Number.isSafeInteger(sinceBlock) && sinceBlock >= 1 && sinceBlock <= head.number;
    if (!isPossible || (voidFrom !== 0 && sinceBlock >= voidFrom)) {
      throw organizationFault('sinceBlock', { head: `${head.number}`, voidFrom: `${voidFrom}` });
    }
    return this.#planFor(details, { type: 'revokeSigner', organization: id, signer, sinceBlock }, from, signal);
  }

  /** Offers the admin's place, which is taken by `planAcceptAdmin`. */
  async planTransferAdmin(
    id: PublisherId,
    typed: string,
    from: Address,
    signal: AbortSignal,
  ): Promise<OrganizationPlan> {
    const newAdmin = walletAddress(typed);
    const { details } = await this.#readAsAdmin(id, from, signal);
    if (newAdmin === details.organization.admin) throw organizationFault('alreadyAdmin');
    return this.#planFor(details, { type: 'transferAdmin', organization: id, newAdmin }, from, signal);
  }

  /** Takes an offer back. */
  async planWithdrawOffer(id: PublisherId, from: Address, signal: AbortSignal): Promise<OrganizationPlan> {
    const { details } = await this.#readAsAdmin(id, from, signal);
    if (details.organization.pendingAdmin === undefined) throw organizationFault('nothingOffered');
    return this.#planFor(details, { type: 'transferAdmin', organization: id, newAdmin: zeroAddress }, from, signal);
  }

  /** `notAdmin` with the reason `notOffered` where somebody else is offered the place, or nobody. */
  async planAcceptAdmin(id: PublisherId, from: Address, signal: AbortSignal): Promise<OrganizationPlan> {
    const { details } = await this.#read(id, signal);
    if (details.organization.pendingAdmin !== from) throw notAdmin(details.organization, from, 'notOffered');
    return this.#planFor(details, { type: 'acceptAdmin', organization: id }, from, signal);
  }

  /** Ends a wallet as its own publisher, for ever. `signerNotAllowed` where it has ended. */
  async planEndWallet(from: Address, signal: AbortSignal): Promise<TransactionPlan> {
    return this.#plan({ type: 'endWallet' }, from, signal);
  }

  // --- a signer's history -------------------------------------------------------------------------------------------

  /** All that a signer has said for an organization, as `previewRevocation` needs it. `organizationNotFound`. */
  async signerHistory(id: PublisherId, typed: string, signal: AbortSignal): Promise<SignerHistory> {
    const signer = walletAddress(typed);
    const { details, ledger } = await this.#read(id, signal);
    const { index } = ledger;
    const isBySigner = (entry: { readonly signer: Address }): boolean => entry.signer === signer;
    const names = await index.namesOf(id, signal);
    index.use(names, [id]);
    await index.sync(signal);
    const view = index.view();
    const histories = names
      .flatMap(({ repository, tag }) => view.historiesOf(repository, tag))
      .filter(({ publisher, attestations }) => publisher === id && attestations.some(isBySigner));
    const { head, finalBlock, confirmations } = view;
    return {
      signer,
      histories,
      finalBlock,
      confirmations,
      slots: new Map(details.signers.map((each) => [each.signer, each.slot])),
      entries: histories
        .flatMap(({ attestations }) => attestations.filter(isBySigner))
        .sort((a, b) => b.block - a.block || b.position - a.position),
      isComplete:
        view.state === 'complete' &&
        names.every(({ repository, tag }) => view.keyState(id, repository, tag) === 'complete'),
      head: head?.number ?? 0,
    };
  }

  // --- invitations --------------------------------------------------------------------------------------------------

  /**
   * Whether an invitation holds for a wallet: on this very ledger, and as the chain has it now. `linkInvalid` with the reason
   * `invitationLedger`, `organizationNotFound`, `signerNotAllowed` with the wallet's window as reason.
   */
  async acceptInvitation(
    { ledger: invited, organization }: Invitation,
    wallet: Address,
    signal: AbortSignal,
  ): Promise<OrganizationDetails> {
    const { writer } = await this.#ledgers.open();
    if (ledgerKey(writer.ledger) !== invited) {
      throw new DaoChainError('linkInvalid', 'The invitation is for another ledger', {
        details: { reason: 'invitationLedger', ledger: invited },
      });
    }
    const { details } = await this.#read(organization, signal);
    const window = windowOf(details, wallet);
    if (window !== 'current') {
      throw new DaoChainError('signerNotAllowed', 'The wallet is no current signer of the organization', {
        details: { publisher: organization, signer: wallet, reason: window },
      });
    }
    return details;
  }

  // --- common -------------------------------------------------------------------------------------------------------

  /** Seconds. A quiet chain's newest block can be old, and this machine's clock can be slow. */
  #time(head: BlockHeader): number {
    return Math.max(head.time, Math.floor(this.#clock() / 1000));
  }

  async #read(
    id: PublisherId,
    signal: AbortSignal,
  ): Promise<{ readonly ledger: Ledger; readonly details: OrganizationDetails; readonly head: BlockHeader }> {
    const ledger = await this.#ledgers.open();
    const { organizations, reader, writer, kind } = ledger;
    const [[organization], signers, head] = await Promise.all([
      organizations.read([id], signal),
      organizations.signersOf(id, signal),
      reader.head(signal),
    ]);
    if (organization === undefined) {
      throw new DaoChainError('organizationNotFound', 'There is no such organization', { details: { id } });
    }
    const time = this.#time(head);
    const details = {
      ledger: writer.ledger,
      ledgerKind: kind,
      organization,
      signers: signers.map((each) => ({ ...each, window: signerWindow(each.slot, time) })),
    };
    return { ledger, details, head };
  }

  async #readAsAdmin(
    id: PublisherId,
    from: Address,
    signal: AbortSignal,
  ): Promise<{ readonly details: OrganizationDetails; readonly head: BlockHeader }> {
    const read = await this.#read(id, signal);
    const { organization } = read.details;
    if (organization.admin !== from) throw notAdmin(organization, from, 'other');
    return read;
  }

  async #planFor(
    { organization }: OrganizationDetails,
    call: LedgerCall,
    from: Address,
    signal: AbortSignal,
  ): Promise<OrganizationPlan> {
    return { ...(await this.#plan(call, from, signal)), organization };
  }

  async #plan(call: LedgerCall, from: Address, signal: AbortSignal): Promise<TransactionPlan> {
    return this.#transactions.plan(await this.#ledgers.open(), call, from, signal);
  }
}

/** `invalidInput` where nobody here knows what to keep. */
function keptScope({ signers }: OrganizationDetails, wallet: Address): string {
  const { scope = '' } = signers.find(({ signer }) => signer === wallet) ?? {};
  if (scope === null) throw organizationFault('scopeUnknown', { signer: wallet });
  return scope;
}

function windowOf({ signers }: OrganizationDetails, wallet: Address): SignerWindow {
  return signers.find(({ signer }) => signer === wallet)?.window ?? 'notSigner';
}

function notAdmin({ id, admin }: Organization, caller: Address, reason: 'other' | 'notOffered'): DaoChainError {
  return new DaoChainError('notAdmin', 'The wallet may not change the organization', {
    details: { organization: id, caller, admin, reason },
  });
}
