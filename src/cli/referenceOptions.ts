import * as l10n from '@vscode/l10n';
import type { JudgingOptions } from '../core/judging/imageAnswer';

/** Options of commands that judge references: which image of a name, and by whom. */
export const referenceOptions = {
  platform: {
    type: 'string',
    value: 'OS/ARCH',
    help: () => l10n.t("which platform's image; DOCKER_DEFAULT_PLATFORM or the engine's own unless given"),
  },
  local: { type: 'boolean', help: () => l10n.t('only the image that the engine has') },
  remote: { type: 'boolean', help: () => l10n.t('only what the registry has') },
} as const;

export interface ReferenceValues {
  readonly platform?: string;
  readonly local?: boolean;
  readonly remote?: boolean;
}

export function sourcesOf({ local, remote }: ReferenceValues): NonNullable<JudgingOptions['sources']> {
  if (local === true) return 'engine';
  return remote === true ? 'registry' : 'both';
}
