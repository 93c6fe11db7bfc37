import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Localizer } from '../../../src/words/localizer';

function localizer(words: Readonly<Record<string, string>>): Localizer {
  return {
    t: (message, ...args) =>
      (words[message] ?? message).replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])),
  };
}

const bundle = join(import.meta.dirname, '../../../l10n/bundle.l10n.zh-cn.json');

export const english = localizer({});
export const chinese = localizer(JSON.parse(readFileSync(bundle, 'utf8')) as Record<string, string>);
