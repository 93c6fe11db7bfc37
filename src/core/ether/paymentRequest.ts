import { checksumAddress, hasWrongChecksum } from '../checksumAddress';
import { DaoChainError } from '../errors';
import { isNobody, type Address } from '../hex';
import { mostWei, scaled } from './amount';

/** Somebody asks for ether. It says nothing of who asks, and anybody can have written it. */
export interface PaymentRequest {
  readonly to: Address;
  readonly chainId: bigint;
  /** Wei; absent where the payer chooses. */
  readonly value?: bigint;
}

/** `details.reason` of a `linkInvalid` error, with the part to blame as `value`. Closed and stable. */
export const paymentFaults = [
  'notPayment',
  'tooLong',
  'character',
  'encoding',
  'unknown',
  'repeated',
  'missing',
  'checksum',
  /** The call of a contract, such as `/transfer`: only ether is paid. */
  'paymentFunction',
  /** A name (ENS) in the place of an address: who answers for it decides who is paid. */
  'paymentName',
  'paymentAddress',
  'paymentChain',
  'paymentAmount',
] as const;
export type PaymentFault = (typeof paymentFaults)[number];

/** Of VS Code and the editors made from it; what comes after is ours. */
const editorStart = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/pay\?/;
/** Characters of a whole link: address, chain id and an amount with every digit fit twice. */
const longest = 384;
/** Characters of a number, which are more than 256 bits need. */
const longestNumber = 96;

/** EIP-681: `ethereum:<address>@<chain id>[?value=<wei>]`, for every wallet. */
export function paymentUri({ to, chainId, value }: PaymentRequest): string {
  return `ethereum:${checksumAddress(to)}@${chainId}${value === undefined ? '' : `?value=${value}`}`;
}

/** The same for an editor: `vscode://daochain.daochain/pay?to=…&chain=…[&value=…]`, written without escapes. */
export function paymentLink({ to, chainId, value }: PaymentRequest): string {
  const amount = value === undefined ? '' : `&value=${value}`;
  return `vscode://daochain.daochain/pay?to=${checksumAddress(to)}&chain=${chainId}${amount}`;
}

/** Either form, as a person pasted or opened it. Everything that could be read in two ways is refused: `linkInvalid`. */
export function parsePaymentRequest(text: string): PaymentRequest {
  if (text.length > longest) refuse('tooLong');
  const link = text.trim();
  if (/[^\x21-\x7e]/.test(link)) refuse('character');
  if (editorStart.test(link)) return ofEditor(link.slice(link.indexOf('?') + 1));
  if (link.startsWith('ethereum:')) return ofUri(link.slice('ethereum:'.length));
  return refuse('notPayment');
}

function ofEditor(query: string): PaymentRequest {
  const { to, chain, value } = readParameters(query, ['to', 'chain', 'value']);
  return checked(to, chain, value);
}

/** No part of such a request needs an escape, so that none is read. */
function ofUri(rest: string): PaymentRequest {
  if (rest.includes('%')) refuse('encoding', rest);
  const mark = rest.indexOf('?');
  const [, target = '', chain, path] =
    /^(?:pay-)?([^@/]*)(?:@([^/]*))?(\/.*)?$/.exec(mark === -1 ? rest : rest.slice(0, mark)) ?? [];
  if (path !== undefined) refuse('paymentFunction', path);
  const { value } = mark === -1 ? {} : readParameters(rest.slice(mark + 1), ['value']);
  return checked(target, chain, value);
}

function checked(to = '', chain = '', value: string | undefined): PaymentRequest {
  if (to === '') refuse('missing', 'address');
  if (chain === '') refuse('missing', 'chain');
  return { to: readAddress(to), chainId: readChain(chain), ...(value !== undefined && { value: readAmount(value) }) };
}

function readParameters<N extends string>(query: string, names: readonly N[]): Partial<Record<N, string>> {
  const given: Partial<Record<N, string>> = {};
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const known = names.find((each) => each === name) ?? refuse('unknown', name);
    if (given[known] !== undefined) refuse('repeated', name);
    const value = equals === -1 ? '' : decoded(part.slice(equals + 1));
    if (value === '') refuse('missing', name);
    given[known] = value;
  }
  return given;
}

/** Escapes count once: what is left of one is no character of any part. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('encoding', text);
  }
}

function readAddress(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return refuse(text.startsWith('0x') ? 'paymentAddress' : 'paymentName', text);
  if (hasWrongChecksum(text)) refuse('checksum', text);
  const address: Address = `0x${text.slice(2).toLowerCase()}`;
  return isNobody(address) ? refuse('paymentAddress', text) : address;
}

function readChain(text: string): bigint {
  return /^[1-9][0-9]{0,77}$/.test(text) ? BigInt(text) : refuse('paymentChain', text);
}

/** Wei: `2014000000000000000`, or as EIP-681 shortens it, `2.014e18`. */
function readAmount(text: string): bigint {
  if (text.length > longestNumber) refuse('paymentAmount', text);
  const [all, whole = '', fraction = '', power = '0'] = /^(\d*)(?:\.(\d+))?(?:[eE](\d{1,2}))?$/.exec(text) ?? [];
  if (all === undefined || whole + fraction === '') return refuse('paymentAmount', text);
  const wei = scaled(whole, fraction, Number(power));
  return wei === undefined || wei === 0n || wei > mostWei ? refuse('paymentAmount', text) : wei;
}

function refuse(reason: PaymentFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Not a payment request (${reason})`, { details: { reason, value } });
}
