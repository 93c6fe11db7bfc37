import * as l10n from '@vscode/l10n';
import { defaultLanguage, localeLanguage, type Language } from '../core/languages';

type Environment = Readonly<Record<string, string | undefined>>;

interface Bundle {
  readonly default: Record<string, string>;
}

/** The language to speak: what `--lang` asks for wherever it stands, else the locale (POSIX, "Environment Variables"). */
export function languageOf(args: readonly string[], env: Environment): Language {
  const asked = args
    .map((arg, index) => (arg === '--lang' ? args[index + 1] : /^--lang=(.*)$/.exec(arg)?.[1]))
    .findLast((value) => value !== undefined);
  return localeLanguage(asked ?? [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value) ?? '');
}

/** Each language is a file of its own in the bundle; our own, as the manifest's check has read it. */
export async function speak(language: Language): Promise<void> {
  if (language === defaultLanguage) return;
  const { default: contents } = (await import(`../../l10n/bundle.l10n.${language}.json`)) as Bundle;
  l10n.config({ contents });
}
