import { checksumAddress } from '../checksumAddress';
import { DaoChainError, isDaoChainError } from '../errors';
import { publisherWallet } from '../hex';
import type { PublisherId } from '../ledger/types';
import type { AcceptedKind, TrustRule } from './rules';
import { parsePublisher, parseRule } from './rules';

/** Whom a link asks its reader to trust. How strictly is for the reader alone to choose, so a link has no level. */
export type TrustLink = Pick<TrustRule, 'ledger' | 'repositories' | 'publishers' | 'threshold' | 'accept'>;

/** `details.reason` of a `linkInvalid` error; of `rule`, `details.problem` says what. Closed and stable. */
export const linkFaults = [
  'notTrust',
  'tooLong',
  'character',
  'encoding',
  'unknown',
  'repeated',
  'missing',
  'accept',
  'threshold',
  'checksum',
  'rule',
] as const;
export type LinkFault = (typeof linkFaults)[number];

/** Of VS Code and the editors made from it; what comes after is ours. */
const start = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/trust\?/;
/** Characters of a whole link. Sixteen organizations and the longest pattern fit. */
const longest = 2_048;
const parameters = ['ledger', 'publisher', 'repositories', 'accept', 'threshold'] as const;
type Parameter = (typeof parameters)[number];

/**
 * `vscode://daochain.daochain/trust?ledger=…&publisher=…&repositories=…&accept=…`, with a `publisher` for each and a
 * `threshold` unless it is 1. Written without escapes.
 */
export function trustLink({ ledger, publishers, repositories, accept, threshold }: TrustLink): string {
  return [
    `vscode://daochain.daochain/trust?ledger=${ledger}`,
    ...publishers.map((publisher) => `publisher=${publisherText(publisher)}`),
    `repositories=${repositories}`,
    `accept=${accept}`,
    ...(threshold === 1 ? [] : [`threshold=${threshold}`]),
  ].join('&');
}

/** A publisher's whole id as people compare it: a wallet with its checksum (EIP-55), an organization's 32 bytes. */
export function publisherText(publisher: PublisherId): string {
  const wallet = publisherWallet(publisher);
  return wallet === undefined ? publisher : checksumAddress(wallet);
}

/**
 * The link that a person pasted or opened. Everything that could be read in two ways is refused: `linkInvalid` with
 * `details.reason`, and `details.value` where a part is to blame.
 */
export function parseTrustLink(text: string): TrustLink {
  if (text.length > longest) refuse('tooLong');
  const link = text.trim();
  if (/[^\x21-\x7e]/.test(link)) refuse('character');
  if (!start.test(link)) refuse('notTrust');
  const given = readParameters(link.slice(link.indexOf('?') + 1));
  const [ledger, repositories, accept] = [
    one(given, 'ledger'),
    one(given, 'repositories'),
    one(given, 'accept'),
  ] as const;
  const publishers = given.get('publisher') ?? refuse('missing', 'publisher');
  const threshold = given.has('threshold') ? one(given, 'threshold') : '1';
  if (!isAccepted(accept)) return refuse('accept', accept);
  if (!/^[1-9][0-9]?$/.test(threshold)) refuse('threshold', threshold);
  for (const publisher of publishers) if (isMisspelt(publisher)) refuse('checksum', publisher);
  try {
    const rule = parseRule({ ledger, repositories, publishers, accept, threshold: Number(threshold) });
    return { ledger, repositories, accept, publishers: rule.publishers, threshold: rule.threshold };
  } catch (error) {
    if (!isDaoChainError(error, 'ruleInvalid')) throw error;
    const { problem = '', value = '' } = error.details;
    throw new DaoChainError('linkInvalid', error.message, { details: { reason: 'rule', problem, value } });
  }
}

type Given = ReadonlyMap<Parameter, readonly [string, ...string[]]>;

function readParameters(query: string): Given {
  const given = new Map<Parameter, [string, ...string[]]>();
  for (const each of query.split('&')) {
    const equals = each.indexOf('=');
    const name = decoded(equals === -1 ? each : each.slice(0, equals));
    const parameter = parameters.find((known) => known === name) ?? refuse('unknown', name);
    const value = equals === -1 ? '' : decoded(each.slice(equals + 1));
    if (value === '') refuse('missing', name);
    const before = given.get(parameter);
    if (before === undefined) given.set(parameter, [value]);
    else if (parameter === 'publisher') before.push(value);
    else refuse('repeated', name);
  }
  return given;
}

/** Escapes count once. What is escaped twice, or hides a character that no part can have, is refused. */
function decoded(text: string): string {
  let value: string;
  try {
    value = decodeURIComponent(text);
  } catch {
    return refuse('encoding', text);
  }
  return /^[\w:/.*[\]-]*$/.test(value) ? value : refuse('character', value);
}

function one(given: Given, parameter: Parameter): string {
  return given.get(parameter)?.[0] ?? refuse('missing', parameter);
}

/** Capitals say that somebody copied the checksum along, and then it has to be right. */
function isMisspelt(text: string): boolean {
  const publisher = parsePublisher(text);
  return publisher !== undefined && text !== text.toLowerCase() && text !== publisherText(publisher);
}

function isAccepted(text: string): text is AcceptedKind {
  return text === 'publish' || text === 'vouch';
}

function refuse(reason: LinkFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Not a trust link (${reason})`, { details: { reason, value } });
}
