import * as l10n from '@vscode/l10n';
import type { PublisherId } from '../core/ledger/types';
import { parsePublisher } from '../core/trust/rules';
import { UsageError } from './usageError';

/** Of every command that says something about images. */
export const publisherOption = {
  publisher: {
    type: 'string',
    value: 'ORG',
    help: () =>
      l10n.t('in whose name: an organization that the wallet signs for ($DAOCHAIN_PUBLISHER); the wallet unless given'),
  },
} as const;

const variable = 'DAOCHAIN_PUBLISHER';

/** The publisher of the option, else of the environment; undefined for the wallet itself, which an empty option means too. */
export function readPublisher(option: string | undefined, environment: NodeJS.ProcessEnv): PublisherId | undefined {
  const text = option ?? environment[variable] ?? '';
  if (text.trim() === '') return undefined;
  const publisher = parsePublisher(text);
  if (publisher !== undefined) return publisher;
  const name = option === undefined ? `$${variable}` : '--publisher';
  throw new UsageError(l10n.t('{0} takes the ID of an organization: 0x and 64 hexadecimal digits.', name));
}
