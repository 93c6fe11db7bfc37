import { DaoChainError } from '../errors';

/** `details.reason` of a `linkInvalid` error about a link of a network, with the part to blame as `value`. Closed and stable. */
export type NetworkLinkFault =
  | 'notNetwork'
  | 'notAdmission'
  | 'tooLong'
  | 'character'
  | 'encoding'
  | 'unknown'
  | 'repeated'
  | 'missing'
  | 'newer'
  /** A digit is wrong, or some are missing: what stands there does not have the check that it names. */
  | 'damaged'
  | 'ledger'
  | 'node'
  | 'machine';

export function refuseLink(reason: NetworkLinkFault, value = ''): never {
  throw new DaoChainError('linkInvalid', `Link of a network refused: ${reason}`, { details: { reason, value } });
}

/** Of VS Code and the editors made from it; what comes after is ours. */
const start = /^(?:vscode|vscode-insiders|vscodium):\/\/daochain\.daochain\/([a-z]+)\?/;

/**
 * The members of a link's query, each exactly once, escaped at most once. Everything that could be read in two ways is
 * refused: `linkInvalid`.
 */
export function readLink<K extends string>(
  text: string,
  {
    path,
    longest,
    members,
    notOurs,
  }: {
    readonly path: string;
    /** Characters of the whole link. */
    readonly longest: number;
    readonly members: readonly K[];
    readonly notOurs: NetworkLinkFault;
  },
): Readonly<Record<K, string>> {
  if (text.length > longest) refuseLink('tooLong');
  const link = text.trim();
  if (/[^\x21-\x7e]/.test(link)) refuseLink('character');
  if (start.exec(link)?.[1] !== path) refuseLink(notOurs);
  const given: Partial<Record<K, string>> = {};
  for (const part of link.slice(link.indexOf('?') + 1).split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(part) ?? [];
    const member = members.find((each) => each === name) ?? refuseLink('unknown', name);
    if (given[member] !== undefined) refuseLink('repeated', name);
    given[member] = decoded(value);
  }
  const missing = members.find((member) => given[member] === undefined);
  if (missing !== undefined) refuseLink('missing', missing);
  return given as Readonly<Record<K, string>>;
}

/** Escapes count once. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuseLink('encoding', text);
  }
}
