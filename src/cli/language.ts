import * as l10n from '@vscode/l10n';

export type Language = 'en' | 'zh-cn';

type Environment = Readonly<Record<string, string | undefined>>;

/** The language to speak: what `--lang` asks for wherever it stands, else the locale (POSIX, "Environment Variables"). */
export function languageOf(args: readonly string[], env: Environment): Language {
  const asked = args
    .map((arg, index) => (arg === '--lang' ? args[index + 1] : /^--lang=(.*)$/.exec(arg)?.[1]))
    .findLast((value) => value !== undefined);
  const locale = asked ?? [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value) ?? '';
  return /^zh(?:[-_.@]|$)/i.test(locale) ? 'zh-cn' : 'en';
}

export async function speak(language: Language): Promise<void> {
  if (language === 'en') return;
  const { default: contents } = await import('../../l10n/bundle.l10n.zh-cn.json');
  l10n.config({ contents });
}
