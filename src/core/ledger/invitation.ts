import { DaoChainError } from '../errors';
import { publisherWallet } from '../hex';
import type { LedgerKey, PublisherId } from './types';

/** What an admin hands to a colleague whom it made a signer. It grants nothing: who is a signer, the ledger says. */
export interface Invitation {
  readonly ledger: LedgerKey;
  readonly organization: PublisherId;
}

/** `details.reason` of a `linkInvalid` error, with the part to blame as `value`. Closed and stable. */
export type InvitationFault =
  | 'notInvitation'
  | 'tooLong'
  | 'character'
  | 'encoding'
  | 'unknown'
  | 'repeated'
  | 'missing'
  | 'ledger'
  | 'organization';

/** Of VS Code and the editors made from it; what comes after is ours. */
const start = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/join\?/;
/** Characters of a whole link, with every colon escaped. */
const longest = 512;

const forms = {
  ledger: /^(?:0|[1-9][0-9]{0,77}):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/,
  organization: /^0x[0-9a-f]{64}$/,
} as const satisfies Record<keyof Invitation, RegExp>;

/** `vscode://daochain.daochain/join?ledger=…&organization=…`, written without escapes. */
export function invitationLink({ ledger, organization }: Invitation): string {
  return `vscode://daochain.daochain/join?ledger=${ledger}&organization=${organization}`;
}

/** The link that a person pasted or opened. Everything that could be read in two ways is refused: `linkInvalid`. */
export function parseInvitation(text: string): Invitation {
  if (text.length > longest) refuse('tooLong');
  const link = text.trim();
  if (/[^\x21-\x7e]/.test(link)) refuse('character');
  if (!start.test(link)) refuse('notInvitation');
  const given: Partial<Record<keyof Invitation, string>> = {};
  for (const part of link.slice(link.indexOf('?') + 1).split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(part) ?? [];
    if (name !== 'ledger' && name !== 'organization') return refuse('unknown', name);
    if (given[name] !== undefined) refuse('repeated', name);
    given[name] = decoded(value);
  }
  return { ledger: checked('ledger', given), organization: checked('organization', given) as PublisherId };
}

/** Escapes count once; some programs escape the colons of a link. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('encoding', text);
  }
}

function checked(name: keyof Invitation, given: Partial<Record<keyof Invitation, string>>): string {
  const { [name]: value = '' } = given;
  if (value === '') refuse('missing', name);
  // A wallet is a publisher by itself, and invites nobody.
  const isWallet = name === 'organization' && publisherWallet(value as PublisherId) !== undefined;
  return forms[name].test(value) && !isWallet ? value : refuse(name, value);
}

function refuse(reason: InvitationFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Not an invitation (${reason})`, { details: { reason, value } });
}
