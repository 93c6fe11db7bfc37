import { DaoChainError } from '../errors';
import type { Address, Hex, Hex32 } from '../hex';
import { toHex } from '../hex';
import { canonicalJson, type JsonValue } from '../json/canonicalJson';
import { parseStrictJson, type JsonLimits } from '../json/strictJson';
import { createGenesis, genesisHash, genesisLedgerAddress, type Genesis } from './genesis';
import { bareSkeleton, shapeSkeleton } from '../trust/confusables';
import { parseHub } from './hub';
import { termsHash, termsProblem, type NetworkTerms } from './networkTerms';
import type { LedgerId } from './types';

/**
 * One network of ours, as its file describes it (docs/network.md). `development`: mined by this machine alone on the
 * small test dataset of ethash. `team`: mined by the machines of several people, on terms that its genesis commits to.
 */
export type NetworkProfile = DevelopmentProfile | TeamProfile;

interface CommonProfile {
  readonly version: 1;
  readonly name: string;
  readonly chainId: number;
  readonly genesis: Genesis;
  readonly ledgerAddress: Address;
}

export interface DevelopmentProfile extends CommonProfile {
  readonly kind: 'development';
  /** How deep a block must be, itself counted, before its statements are final. */
  readonly confirmations: number;
}

export interface TeamProfile extends CommonProfile, NetworkTerms {
  /** Machines to connect to, as `enode://…` with literal addresses; none where this machine is the only one so far. */
  readonly hubs: readonly string[];
}

/** Why a network is refused: `details.reason` of `networkInvalid`. */
export type NetworkFault =
  /** Not the strict JSON of a profile. */
  | 'shape'
  /** Of a later version. */
  | 'newer'
  /** The chain id is not the one that belongs to the genesis, or the genesis is not one of ours. */
  | 'genesis'
  /** Its terms are not those that the genesis, and so the ledger's ID, commits to. */
  | 'commitment'
  /** The ledger's account has no code that was released. */
  | 'ledgerCode'
  /** The ledger's account starts with storage, which can hold forged statements. */
  | 'ledgerStorage'
  /** The chain id belongs to another network that is known here. */
  | 'chainIdTaken'
  /** No network may have such confirmations, witnesses or threshold. */
  | 'terms'
  /** A hub has no literal address, or one that leads nowhere else. */
  | 'hubs'
  /** Of somebody else: a hub at an address of this machine itself, of the cable, or of nobody. */
  | 'hubReach'
  /** Of somebody else: a development network is of one machine alone. */
  | 'development'
  /** Another followed network has the name. */
  | 'nameTaken'
  /** A name that nobody can read, or that could be a chain ID. */
  | 'name'
  /** Where a person wants the node to listen. */
  | 'listen'
  /** What a person names as a ledger on a chain that is none of ours. */
  | 'ledgerId'
  | 'ledgerAddress'
  | 'endpoint'
  /** Nothing is signed on a ledger of such a chain. */
  | 'externalHome'
  /** What the followed networks allow. */
  | 'notFollowed'
  | 'alreadyFollowed'
  | 'noHub'
  /** Of somebody else: who joined by it could connect to nobody. */
  | 'withoutHub'
  /** One more than a network names, or lets in. */
  | 'hubsFull'
  | 'admittedFull'
  | 'notHub'
  | 'ownNode'
  | 'notAdmitted'
  /** Other windows or commands go on changing what is followed. */
  | 'busy'
  /** Files of a followed network. */
  | 'homeGone'
  | 'nodeKey';

export const mostHubs = 64;

/** Machines that one hub lets in. */
export const mostAdmitted = 1_000;

/** Many times the code of a ledger. */
const profileLimits: JsonLimits = { bytes: 1024 * 1024, depth: 8 };

/** Of a new network, and where no profile says another number; docs/network.md weighs it. */
export const usualConfirmations = 6;

/** A new network for this machine. `extraData` is 32 random bytes. */
export function createDevelopmentNetwork(extraData: Uint8Array, ledgerCode: Hex): DevelopmentProfile {
  const free = { name: 'development', kind: 'development', confirmations: usualConfirmations } as const;
  return { ...free, ...derived(free, { extraData: saltOf(extraData), ledgerCode }) };
}

/** A new network for several machines. `extraData` is 32 random bytes. */
export function createTeamNetwork(free: TeamFree, extraData: Uint8Array, ledgerCode: Hex): TeamProfile {
  return { ...free, ...derived(free, { extraData: saltOf(extraData), ledgerCode }) };
}

function saltOf(extraData: Uint8Array): Hex32 {
  if (extraData.length !== 32) throw new RangeError('the extra data of a genesis has 32 bytes here');
  return toHex(extraData);
}

/**
 * Reads a profile. It must be, byte for byte in canonical form, what we would have made of the few values that are
 * free. Throws `networkInvalid` with the `NetworkFault` as `details.reason`.
 */
export function parseNetworkProfile(
  bytes: Uint8Array,
  known: { readonly releasedCodes: readonly Hex[]; readonly ledgers: readonly LedgerId[] },
): NetworkProfile {
  const given = readProfileJson(bytes);
  const version = member(given, 'version');
  // What it says beside, a later version knows.
  if (typeof version === 'number' && version > 1) throw invalid('newer', `A profile of version ${version.toString()}`);
  const free = readFree(given);
  const genesis = member(given, 'genesis');
  const extraData = text(genesis, 'extraData');
  const account = member(member(genesis, 'alloc'), genesisLedgerAddress);
  const code = text(account, 'code');
  if (member(account, 'storage') !== undefined) throw invalid('ledgerStorage', 'The ledger starts with storage');
  const ledgerCode = known.releasedCodes.find((released) => released === code);
  if (ledgerCode === undefined) throw invalid('ledgerCode', 'The code of the ledger is not a released one');
  if (!isHex32(extraData)) throw invalid('shape', 'The extra data of a genesis has 32 bytes here');

  const expected = { ...free, ...derived(free, { extraData, ledgerCode }) };
  if (member(genesis, 'mixHash') !== expected.genesis.mixHash)
    throw invalid('commitment', 'The genesis does not commit to these terms');
  if (canonicalJson(expected) !== canonicalJson(given))
    throw invalid('genesis', 'The chain id or genesis is not one that we make');
  const sameId = known.ledgers.filter((ledger) => ledger.chainId === BigInt(expected.chainId));
  if (sameId.some((ledger) => ledger.genesisHash !== networkLedger(expected).genesisHash)) {
    throw invalid('chainIdTaken', `Chain id ${expected.chainId.toString()} belongs to another network here`);
  }
  return expected;
}

/** 1 to 64 characters that are seen, on one line, with spaces only between others. */
export function isPrintableName(text: string): boolean {
  return (
    /^[^\p{C}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{1d159}]{1,64}$/u.test(text) &&
    !/(?! )\p{White_Space}|^ | $| {2}/u.test(text)
  );
}

/** A name, which is no chain ID either: a network is found by both. */
export function isNetworkName(text: string): boolean {
  return isPrintableName(text) && !/^\p{Nd}+$/u.test(text);
}

/** What this machine's own network is called here, in every language. */
const ownNames = ['development', 'development network', 'development ledger', '开发网络', '开发账本'];
/** How a list marks the network that is home, and a verdict that of this machine. */
const marks = /(?: ?\((?:home|development|主网络|开发)\))+$/i;

/** Whether one of `others`, or this machine's own network, has a name that reads like it: nobody takes one for the other. */
export function isNameTaken(name: string, others: readonly { readonly name: string }[]): boolean {
  const taken = new Set([...ownNames, ...others.map((other) => other.name)].flatMap(readingsOf));
  return readingsOf(name).some((reading) => taken.has(reading));
}

/** What a name is taken for: in whatever case, and by the shapes of its letters. */
function readingsOf(name: string): readonly string[] {
  return [bareSkeleton, shapeSkeleton].map((read) => read(name.normalize('NFKC').replace(marks, '')));
}

/** The ledger of a network: known before any node of it runs. */
export function networkLedger({ chainId, genesis, ledgerAddress }: NetworkProfile): LedgerId {
  const ledgerCode = genesis.alloc[ledgerAddress]?.code ?? '0x';
  const hash = genesisHash({ extraData: genesis.extraData, ledgerCode, commitment: genesis.mixHash });
  return { chainId: BigInt(chainId), genesisHash: hash, address: ledgerAddress };
}

type Members = Readonly<Record<string, JsonValue>>;
type Free = DevelopmentFree | TeamFree;
type DevelopmentFree = Omit<DevelopmentProfile, keyof CommonProfile> & Pick<CommonProfile, 'name'>;
type TeamFree = Omit<TeamProfile, keyof CommonProfile> & Pick<CommonProfile, 'name'>;

/** All of a profile that follows from the rest. */
function derived(
  free: Free,
  options: { readonly extraData: Hex32; readonly ledgerCode: Hex },
): Omit<CommonProfile, 'name'> {
  const genesis = createGenesis({ ...options, commitment: free.kind === 'team' ? termsHash(free) : undefined });
  return { version: 1, chainId: genesis.config.chainId, genesis, ledgerAddress: genesisLedgerAddress };
}

/** What differs between networks, beside what makes their genesis unique. */
function readFree(given: JsonValue): Free {
  const name = text(given, 'name');
  const kind = text(given, 'kind');
  const confirmations = member(given, 'confirmations');
  if (!isNetworkName(name)) throw invalid('name', 'A name has 1 to 64 printable characters');
  if (typeof confirmations !== 'number') throw invalid('shape', 'Confirmations are a number');
  if (kind === 'development') {
    const terms = { kind: 'team', dataset: 'small', confirmations, witnesses: [], threshold: 0 } as const;
    if (termsProblem(terms) !== undefined) throw invalid('terms', 'Confirmations are a number from 1 to 1,000');
    return { name, kind, confirmations };
  }
  if (kind !== 'team') throw invalid('shape', `Unknown kind ${JSON.stringify(kind)}`);
  const [dataset, threshold] = [member(given, 'dataset'), member(given, 'threshold')];
  const [witnesses, hubs] = [texts(given, 'witnesses'), texts(given, 'hubs')];
  if (dataset !== 'small' && dataset !== 'full') throw invalid('shape', 'A dataset is small or full');
  if (typeof threshold !== 'number') throw invalid('shape', 'The threshold is a number');
  const terms = { kind, dataset, confirmations, witnesses: witnesses as readonly Address[], threshold } as const;
  const problem = termsProblem(terms);
  if (problem !== undefined) throw invalid('terms', `No network may have such ${problem}`);
  const parsed = hubs.map(parseHub);
  const keys = new Set(parsed.map((hub) => hub?.nodeKey));
  if (parsed.length > mostHubs || keys.size !== parsed.length || !parsed.every((hub) => hub !== undefined))
    throw invalid('hubs', 'Hubs are up to 64 enode URLs with literal addresses, each of another node');
  return { name, ...terms, hubs };
}

/** What a profile's file says. `networkInvalid`, reason `shape`. */
export function readProfileJson(bytes: Uint8Array): Members {
  let value: JsonValue;
  try {
    value = parseStrictJson(bytes, profileLimits);
  } catch (cause) {
    throw invalid('shape', 'A network profile that is not strict JSON', cause);
  }
  return readMembers(value);
}

export function readMembers(value: JsonValue): Members {
  if (!isObject(value)) throw invalid('shape', 'A part of a network profile that has no members');
  return value;
}

function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function text(value: JsonValue | undefined, key: string): string {
  const found = member(value, key);
  if (typeof found !== 'string') throw invalid('shape', `A network profile without ${key}`);
  return found;
}

function isObject(value: JsonValue | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: JsonValue | undefined, key: string): readonly string[] {
  const found = member(value, key);
  if (!Array.isArray(found) || !found.every((each) => typeof each === 'string'))
    throw invalid('shape', `A network profile without the texts of ${key}`);
  return found;
}

export function isHex32(value: string): value is Hex32 {
  return /^0x[0-9a-f]{64}$/.test(value);
}

function invalid(reason: NetworkFault, message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('networkInvalid', message, { details: { reason }, cause });
}
