interface LanguageEntry {
  /** As editors call it; the part of a file's name that tells its language (`package.nls.zh-cn.json`). */
  readonly id: string;
  /** BCP 47. */
  readonly tag: string;
  /** Beginnings of the locales that choose it (`LANG`), in small letters and with hyphens. */
  readonly locales: readonly string[];
  /** What is typed in a terminal for yes, beside the English words. */
  readonly yes: readonly string[];
}

/**
 * The languages that are spoken. The texts are written in the first, which is spoken to everybody else. A new one is an
 * entry here and its files; `npm run check -- manifest` says which of them are missing.
 */
export const languages = [
  { id: 'en', tag: 'en', locales: [], yes: ['y', 'yes'] },
  { id: 'zh-cn', tag: 'zh-CN', locales: ['zh'], yes: ['是'] },
] as const satisfies readonly LanguageEntry[];

export type Language = (typeof languages)[number]['id'];

export const languageIds = languages.map(({ id }) => id);
export const [{ id: defaultLanguage }] = languages;

/** The language of an editor that speaks `editorLanguage`. */
export function editorLanguage(name: string): Language {
  return languageIds.find((id) => id === name) ?? defaultLanguage;
}

/** The language of a locale, as POSIX writes it (`zh_CN.UTF-8`), or of a language's own id. */
export function localeLanguage(locale: string): Language {
  const name = locale.toLowerCase().replaceAll('_', '-');
  const isMeant = (beginning: string): boolean =>
    name.startsWith(beginning) && /^(?:[-.@]|$)/.test(name.slice(beginning.length));
  return languages.find(({ id, locales }) => [id, ...locales].some(isMeant))?.id ?? defaultLanguage;
}

export function languageTag(language: Language): string {
  return entryOf(language).tag;
}

/** Whether what was typed means yes to somebody who is asked in `language`. */
export function isYes(answer: string, language: Language): boolean {
  const words: readonly string[] = [...entryOf(defaultLanguage).yes, ...entryOf(language).yes];
  return words.includes(answer.trim().toLowerCase());
}

/** The file that holds in `language` what `path` holds: `docs/rules/DC001.md` becomes `docs/rules/DC001.zh-cn.md`. */
export function fileInLanguage(path: string, language: Language): string {
  return language === defaultLanguage ? path : path.replace(/(?=\.[^./]+$)/, `.${language}`);
}

function entryOf(language: Language): LanguageEntry {
  return languages.find(({ id }) => id === language) ?? languages[0];
}
