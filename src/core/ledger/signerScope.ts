import { patternProblem } from '../trust/rules';
import { organizationFault } from './organization';

/**
 * What a signer may sign for: empty for everything, else a prefix of repositories that ends at a segment; null where there is
 * a prefix and its text is not known here. The ledger refuses what is outside when it is written, so that whatever is on the
 * chain was inside; readers never apply a scope.
 */
export type SignerScope = string | null;

/** How a person writes the scope that covers everything. */
export const everywhere = '*';

/** As the contract decides it (contracts/IDaoChainLedger.sol, `setSigner`). */
export function covers(scope: string, repository: string): boolean {
  if (scope === '' || repository === scope) return true;
  return repository.startsWith(scope.endsWith('/') ? scope : `${scope}/`);
}

/** The first of these repositories that a scope leaves out; undefined where there is none, or where nobody here can tell. */
export function outsideOf<T extends { readonly repository: string }>(
  scope: SignerScope,
  names: readonly T[],
): T | undefined {
  return scope === null ? undefined : names.find(({ repository }) => !covers(scope, repository));
}

/** Whether a text is a canonical repository up to the end of a segment: `ghcr.io/acme/web`, `ghcr.io/acme/`. */
export function isCanonicalScope(text: string): boolean {
  const example = `${text}${text.endsWith('/') ? '' : '/'}any/any`;
  return !text.includes('*') && patternProblem(example) === undefined;
}

/**
 * The scope that a person typed, with its registry; `*` for everything. `invalidInput`. Reserved names are no repositories: who
 * has a scope takes no content back under every name.
 */
export function signerScope(text: string): string {
  if (text === everywhere) return '';
  if (!isCanonicalScope(text)) throw organizationFault('scopeForm', { text });
  return text;
}
