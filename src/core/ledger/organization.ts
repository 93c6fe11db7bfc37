import { hasWrongChecksum } from '../checksumAddress';
import { DaoChainError } from '../errors';
import type { Address } from '../hex';
import { displayText } from '../displayText';

/** Bytes in UTF-8. */
export const maximumNameLength = 64;

/**
 * Why an input about an organization is refused: `details.reason` of `invalidInput`. `text` holds what was given where a
 * person typed it. Closed and stable.
 */
export type OrganizationFault =
  | 'nameEmpty'
  | 'nameTooLong'
  /** It holds characters that no screen shows as they are. */
  | 'nameHidden'
  | 'walletForm'
  | 'walletChecksum'
  /** Its end is before its beginning, or has passed. */
  | 'windowEmpty'
  /** Not a repository, or the beginning of one up to a segment, with its registry. */
  | 'scopeForm'
  /** The signer has a scope that is not known here, so that it cannot be kept. */
  | 'scopeUnknown'
  /** A signer that was revoked stays so. */
  | 'signerRevoked'
  /** Not a signer now, so that there is nothing to end. */
  | 'signerNotCurrent'
  /** Not from 1 to `head`, or not before `voidFrom`. */
  | 'sinceBlock'
  | 'alreadyAdmin'
  | 'nothingOffered';

export function organizationFault(
  reason: OrganizationFault,
  details: Readonly<Record<string, string>> = {},
): DaoChainError {
  return new DaoChainError('invalidInput', `Refused: ${reason}`, { details: { ...details, reason } });
}

/** A name for a new organization, as it was given: 1 to 64 bytes that are shown as they are. `invalidInput`. */
export function organizationName(text: string): string {
  const { length } = new TextEncoder().encode(text);
  if (text.trim() === '') throw organizationFault('nameEmpty');
  if (length > maximumNameLength) throw organizationFault('nameTooLong', { length: `${length}` });
  if (displayText(text) !== text) throw organizationFault('nameHidden', { text });
  return text;
}

/** A wallet's address as a person gave it; with capitals, its checksum has to be right (EIP-55). `invalidInput`. */
export function walletAddress(text: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text) || /^0x0*$/.test(text)) throw organizationFault('walletForm', { text });
  if (hasWrongChecksum(text)) throw organizationFault('walletChecksum', { text });
  return `0x${text.slice(2).toLowerCase()}`;
}
