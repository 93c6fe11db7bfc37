import { missingFunds, requireFunds } from '../../core/plans/funds';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { publisherWallet } from '../../core/hex';
import { formatReference } from '../../core/image/reference';
import { linkContent, zeroWord } from '../../core/ledger/link';
import { hasSources } from '../../core/ledger/carried';
import { isContentName } from '../../core/ledger/contentName';
import { currentRelease, nextRelease, statesTheSame } from '../../core/ledger/release';
import type { SigningRequest } from '../../core/ledger/signingRequest';
import {
  checkDeadline,
  checkedForm,
  checkLedger,
  createRequest,
  entryContent,
  requestInvalid,
  saysTheSame,
  successorOf,
  usualLifetime,
} from '../../core/ledger/signingRequest';
import { entryHash } from '../../core/ledger/typedData';
import { outsideOf } from '../../core/ledger/signerScope';
import { signerFault, type SignerFault } from '../../core/ledger/signerStanding';
import type { Entry, History, Leaf } from '../../core/ledger/types';
import type { Ledger, LedgerSource } from '../ledger/ledger';
import { PublisherWords, readWords } from '../ledger/publisherWords';
import type { SigningPlan } from '../../core/plans/signingPlan';
import type { Transactions } from '../transactions/transactions';
import { writtenKey } from '../transactions/transactions';
import type { TransactionOutcome, TransactionPlan, TransactionProgress } from '../../core/plans/transactionPlan';
import type { CheckedEntry, CheckedRequest, RequestPlan } from '../../core/plans/requestPlan';
import type { Clock } from '../../core/ports/clock';
import type { SignatureRecovery, TransactionSigner } from '../../core/ports/ledger';

interface RequestPorts {
  readonly ledgers: LedgerSource;
  readonly transactions: Transactions;
  readonly recovery: SignatureRecovery;
  readonly clock: Clock;
}

/**
 * Signing for others: a request is made without a wallet, signed by a wallet without ether, and sent by anybody. Whoever
 * takes one on checks it against their own node first; nothing is signed or sent unchecked.
 */
export class SigningRequests {
  constructor(private readonly ports: RequestPorts) {}

  /** A request for what a plan would sign, for one hour unless chosen (seconds). Rejects as what is made would be refused. */
  async create(
    { ledger, publisher, entries }: Pick<SigningPlan, 'ledger' | 'publisher' | 'entries'>,
    {
      lifetime = usualLifetime,
      signer,
    }: { readonly lifetime?: number | undefined; readonly signer?: Address | undefined },
    signal: AbortSignal,
  ): Promise<SigningRequest> {
    const request = createRequest(ledger, publisher, entries, { deadline: this.now + lifetime, signer });
    await this.checkUsable(request, signal);
    return request;
  }

  /** `requestInvalid` for a request of another ledger, of which nothing can be found out here; `ledgerInconsistent`. */
  async check(request: SigningRequest, signal: AbortSignal): Promise<CheckedRequest> {
    const ledger = await this.ports.ledgers.open();
    checkLedger(checkedForm(request), ledger.writer.ledger);
    const { publisher, signer } = request;
    const keys = request.entries.map(writtenKey);
    await readWords(ledger.index, publisher, request.entries, request.entries.flatMap(statedContents), signal);
    const view = ledger.index.view();
    if (view.head === undefined) throw new DaoChainError('ledgerInconsistent', 'The view of the ledger is incomplete');
    const words = new PublisherWords(publisher, () => view);
    const { links, slots } = await ledger.reader.state(
      { keys: keys.map(({ key }) => key), signers: signer === undefined ? [] : [{ publisher, signer }] },
      view.head.hash,
      signal,
    );
    const time = Math.max(this.now, view.head.time);
    const entries: CheckedEntry[] = [];
    for (const [index, entry] of request.entries.entries()) {
      const history = words.historyOf(entry);
      const link = links[index];
      if (link === undefined || link !== (history?.word ?? zeroWord)) {
        throw new DaoChainError('ledgerInconsistent', 'The history of this tag does not fit the ledger');
      }
      const place = placeOf(entry, history, link);
      entries.push({
        entry,
        image: formatReference(entry),
        ...place,
        ...describe(entry, words),
        ...(await this.checkSignature(ledger, request, index, time, signal)),
      });
    }
    const [slot] = slots;
    const fault = signer && slot && signerFault(publisher, signer, slot, request.entries, time);
    const [scope = null] =
      signer && slot?.isScoped === true ? await ledger.organizations.scopesOf([{ publisher, signer }], signal) : [];
    const outside = outsideOf(scope, request.entries);
    const notAllowed =
      fault !== undefined
        ? signerNotAllowed(request, { reason: fault })
        : scope === null || outside === undefined
          ? undefined
          : signerNotAllowed(request, { reason: 'outsideScope', scope, repository: outside.repository });
    const refusal = refusalOf(request, entries, time, notAllowed, words);
    const organizations = publisherWallet(publisher) === undefined ? [publisher] : [];
    const [organization] = await ledger.organizations.read(organizations, signal);
    return { request, ledgerKind: ledger.kind, publisherName: organization?.name, entries, refusal };
  }

  /** The request as this signer would sign it. Rejects as {@link sign}. */
  async checkFor(request: SigningRequest, signer: Address, signal: AbortSignal): Promise<CheckedRequest> {
    if (request.signatures !== undefined) throw requestInvalid('signed', 'It is signed already');
    if (request.signer !== undefined && request.signer !== signer) {
      const [asked, own] = [checksumAddress(request.signer), checksumAddress(signer)];
      throw requestInvalid('wrongSigner', 'Another wallet is asked', { asked, signer: own });
    }
    return this.checkUsable({ ...request, signer }, signal);
  }

  /** `requestInvalid`, `requestExpired`, `signerNotAllowed`; `wrongSigner` where somebody else is asked. */
  async sign(request: SigningRequest, wallet: TransactionSigner, signal: AbortSignal): Promise<SigningRequest> {
    const { request: asked } = await this.checkFor(request, wallet.address, signal);
    const { ledger, deadline } = asked;
    const signatures: Hex[] = [];
    for (const entry of asked.entries) {
      signatures.push(await wallet.signEntry(ledger, { entry, signer: wallet.address, deadline }));
    }
    return { ...asked, signatures };
  }

  /** Adds what the owners of a contract wallet have signed. As {@link sign}, and `signatureInvalid`. */
  async attach(
    request: SigningRequest,
    signer: Address,
    signatures: readonly Hex[],
    signal: AbortSignal,
  ): Promise<SigningRequest> {
    const { request: asked } = await this.checkFor(request, signer, signal);
    return (await this.checkUsable({ ...asked, signatures }, signal)).request;
  }

  /**
   * What sending it takes. Every transaction is simulated; the one entry that the ledger would not take is named. Rejects
   * with what `check` refuses it for, and with `requestInvalid` where it is not signed.
   */
  async plan(request: SigningRequest, sender: Address, signal: AbortSignal): Promise<RequestPlan> {
    const { signer, signatures, deadline } = request;
    if (signer === undefined || signatures === undefined) throw requestInvalid('unsigned', 'Nobody has signed it yet');
    const checked = await this.checkUsable(request, signal);
    const ledger = await this.ports.ledgers.open();
    const isOpen = (index: number): boolean => checked.entries[index]?.state === 'fresh';
    const waiting = request.entries.filter((_, index) => isOpen(index));
    await this.ports.transactions.refuseIfOnItsWay(ledger, waiting.map(writtenKey), signal);
    const parts: TransactionPlan[] = [];
    for (const [index, entry] of request.entries.entries()) {
      const signature = signatures[index];
      if (signature === undefined || !isOpen(index)) continue;
      const call = { type: 'attestBySignature', signed: { entry, signer, deadline, signature } } as const;
      parts.push(await this.ports.transactions.plan(ledger, call, sender, signal).catch(namedFor(entry)));
    }
    const [first] = parts;
    if (first === undefined) throw new RangeError('a usable request has something to send');
    const [gas, cost] = [sum(parts.map(({ fee }) => fee.gas)), sum(parts.map(({ fee }) => fee.cost))];
    const fee = { ...first.fee, gas, cost };
    return { ...first, fee, missing: missingFunds(fee), checked, parts };
  }

  /**
   * Sends what a plan showed, one transaction after the other, and waits until all are final; tells how the last one is.
   * Cancelling keeps those back that were not sent yet. As {@link plan} and `Transactions.execute`.
   */
  async execute(
    { parts, checked, fee }: RequestPlan,
    sender: TransactionSigner,
    signal: AbortSignal,
    onProgress: (progress: TransactionProgress) => void,
  ): Promise<TransactionOutcome> {
    const now = await this.plan(checked.request, sender.address, signal);
    requireFunds({ cost: fee.cost, balance: now.fee.balance });
    const waiting = new AbortController();
    const leave = (): void => {
      waiting.abort();
    };
    signal.addEventListener('abort', leave);
    const outcomes: Promise<TransactionOutcome>[] = [];
    try {
      for (const part of parts) {
        const isLast = part === parts.at(-1);
        await new Promise<void>((sent, failed) => {
          const outcome = this.ports.transactions.execute(part, sender, waiting.signal, (progress) => {
            if (progress.stage === 'broadcast') sent();
            // Its nonce is the highest, so that none of the others is behind it.
            if (isLast) onProgress(progress);
          });
          outcomes.push(outcome);
          outcome.catch(failed);
        });
      }
      const ended = await Promise.all(outcomes);
      const [last] = ended.slice(-1);
      if (last === undefined) throw new RangeError('a plan has something to send');
      return ended.find(({ state }) => state === 'waiting') ?? last;
    } finally {
      // Where one has failed, nobody waits for the others here: the follower tells how they end.
      leave();
      signal.removeEventListener('abort', leave);
    }
  }

  /** Unix seconds. */
  private get now(): number {
    return Math.floor(this.ports.clock() / 1000);
  }

  private async checkUsable(request: SigningRequest, signal: AbortSignal): Promise<CheckedRequest> {
    const checked = await this.check(request, signal);
    if (checked.refusal !== undefined) throw checked.refusal;
    return checked;
  }

  private async checkSignature(
    ledger: Ledger,
    { ledger: id, signer, deadline, entries, signatures }: SigningRequest,
    index: number,
    time: number,
    signal: AbortSignal,
  ): Promise<Pick<CheckedEntry, 'hash' | 'signature'>> {
    const [entry, signature] = [entries[index], signatures?.[index]];
    if (signer === undefined || entry === undefined) return { signature: 'none' };
    const hash = entryHash(id, { entry, signer, deadline });
    if (signature === undefined) return { hash, signature: 'none' };
    if ((await this.ports.recovery.recover(hash, signature)) === signer) return { hash, signature: 'valid' };
    if (time > deadline) return { hash, signature: 'unchecked' };
    const signed = { entry, signer, deadline, signature };
    try {
      await ledger.writer.estimate({ type: 'attestBySignature', signed }, signer, signal);
      return { hash, signature: 'valid' };
    } catch (error) {
      // The ledger looks at the signature before it looks at the link and the signer.
      if (isDaoChainError(error, 'staleLink', 'signerNotAllowed')) return { hash, signature: 'valid' };
      if (isDaoChainError(error, 'requestExpired')) return { hash, signature: 'unchecked' };
      if (isDaoChainError(error, 'signatureInvalid')) return { hash, signature: 'invalid' };
      throw error;
    }
  }
}

/** Whether an entry can still be written, and what is there in its place otherwise. */
function placeOf(entry: Entry, history: History | undefined, link: Hex32): Pick<CheckedEntry, 'state' | 'instead'> {
  if (linkContent(link) === entry.previous) return { state: 'fresh' };
  const instead = history && successorOf(history, entry.previous);
  if (instead === undefined) return { state: 'unknownLink' };
  return { state: saysTheSame(instead, entry) ? 'written' : 'overtaken', instead };
}

/** The content that an entry states itself. */
function statedContents(entry: Entry): readonly Leaf[] {
  const content = entryContent(entry);
  if (content.type === 'revocation') return [];
  return content.statement.leaves.filter(({ carried }) => carried?.content !== true);
}

/** What an entry says, and what that means beside the history that is there. */
function describe(
  { kind, body, ...name }: Entry,
  words: PublisherWords,
): Pick<CheckedEntry, 'content' | 'revoked' | 'change'> {
  const content = entryContent({ kind, body, ...name });
  if (content.type === 'revocation' || kind === 'revoke') {
    const named = content.type === 'revocation' ? content.revocation.statementHash : undefined;
    const { attestations = [] } = words.historyOf(name) ?? {};
    const revoked = attestations.find((each) => each.kind !== 'revoke' && each.statementHash === named);
    return { content, revoked };
  }
  const { statement } = content;
  // Under a reserved name there is no release.
  if (isContentName(name)) return { content };
  const record = words.record(name, kind);
  const { change } = nextRelease(record, statement.leaves, true);
  const isKnown = statesTheSame(currentRelease(record), statement);
  return { content, change: change === 'same' && !isKnown ? 'completed' : change };
}

/** Whether an entry carries forward what nobody has stated, so that no reader would take it. */
function isBaseless({ entry, content }: CheckedEntry, history: History | undefined): boolean {
  return content.type === 'statement' && !hasSources(history, entry.kind, content.statement);
}

/** The first thing that keeps a request from being used; what is altered comes before what is late. */
function refusalOf(
  request: SigningRequest,
  entries: readonly CheckedEntry[],
  time: number,
  notAllowed: DaoChainError | undefined,
  words: PublisherWords,
): DaoChainError | undefined {
  const altered = entries.find(({ signature }) => signature === 'invalid');
  if (altered !== undefined) {
    return new DaoChainError('signatureInvalid', 'A signature does not fit', { details: { image: altered.image } });
  }
  const written = entries.filter(({ state }) => state === 'written');
  const [first] = written;
  // What was signed and is partly written is sent on; nobody signs what is written.
  if (first !== undefined && (request.signatures === undefined || written.length === entries.length)) {
    return requestInvalid('written', 'It is in the ledger', { image: first.image });
  }
  try {
    checkDeadline(request, time);
  } catch (error) {
    if (isDaoChainError(error)) return error;
    throw error;
  }
  const late = entries.find(({ state }) => state === 'overtaken' || state === 'unknownLink');
  if (late !== undefined && late.state !== 'fresh') {
    return requestInvalid(late.state, 'Not the next entry of its history', { image: late.image });
  }
  const baseless = entries.find((each) => each.state === 'fresh' && isBaseless(each, words.historyOf(each.entry)));
  if (baseless !== undefined) {
    return requestInvalid('carried', 'It carries what is not there', { image: baseless.image });
  }
  return notAllowed;
}

function signerNotAllowed(
  { publisher, signer = '0x' }: SigningRequest,
  why: { readonly reason: SignerFault; readonly scope?: string; readonly repository?: string },
): DaoChainError {
  return new DaoChainError('signerNotAllowed', `The signer is refused: ${why.reason}`, {
    details: { ...why, publisher, signer },
  });
}

/** Says of which entry a simulation speaks. */
function namedFor(entry: Entry): (error: unknown) => never {
  const image = formatReference(entry);
  return (error) => {
    if (!isDaoChainError(error, 'staleLink', 'signatureInvalid', 'transactionRejected')) throw error;
    const { code, message, details } = error;
    if (code === 'staleLink') throw requestInvalid('overtaken', message, { image }, error);
    throw new DaoChainError(code, message, { details: { ...details, image }, cause: error });
  };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
