import { DaoChainError } from '../errors';
import { publisherWallet } from '../hex';
import { isCanonicalScope, type SignerScope } from './signerScope';
import type { LedgerId, LedgerKey, PublisherId } from './types';
import { ledgerKey } from './types';

/** What an admin hands to a colleague whom it made a signer. It grants nothing: who is a signer, the ledger says. */
export interface Invitation {
  readonly ledger: LedgerKey;
  readonly organization: PublisherId;
  /** What the colleague was made a signer of; absent for everything, and for a scope that no repository can have. */
  readonly scope?: string;
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
  | 'organization'
  | 'scope';

/** To somebody whom an organization has made a signer. */
export function invitationTo(ledger: LedgerId, organization: PublisherId, scope: SignerScope): Invitation {
  return {
    ...{ ledger: ledgerKey(ledger), organization },
    ...(scope !== null && isCanonicalScope(scope) && { scope }),
  };
}

/** Of VS Code and the editors made from it; what comes after is ours. */
const start = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/join\?/;
/** Characters of a whole link, with every colon escaped. */
const longest = 768;

const forms = {
  ledger: /^(?:0|[1-9][0-9]{0,77}):0x[0-9a-f]{64}:0x[0-9a-f]{40}$/,
  organization: /^0x[0-9a-f]{64}$/,
} as const;

/** `vscode://daochain.daochain/join?ledger=…&organization=…[&scope=…]`, written without escapes. */
export function invitationLink({ ledger, organization, scope }: Invitation): string {
  const part = scope === undefined ? '' : `&scope=${scope}`;
  return `vscode://daochain.daochain/join?ledger=${ledger}&organization=${organization}${part}`;
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
    if (name !== 'ledger' && name !== 'organization' && name !== 'scope') return refuse('unknown', name);
    if (given[name] !== undefined) refuse('repeated', name);
    given[name] = decoded(value);
  }
  const { scope } = given;
  return {
    ledger: checked('ledger', given),
    organization: checked('organization', given) as PublisherId,
    ...(scope !== undefined && { scope: isCanonicalScope(scope) ? scope : refuse('scope', scope) }),
  };
}

/** Escapes count once; some programs escape the colons of a link. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('encoding', text);
  }
}

function checked(name: keyof typeof forms, given: Partial<Record<keyof Invitation, string>>): string {
  const { [name]: value = '' } = given;
  if (value === '') refuse('missing', name);
  // A wallet is a publisher by itself, and invites nobody.
  const isWallet = name === 'organization' && publisherWallet(value as PublisherId) !== undefined;
  return forms[name].test(value) && !isWallet ? value : refuse(name, value);
}

function refuse(reason: InvitationFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Not an invitation (${reason})`, { details: { reason, value } });
}
