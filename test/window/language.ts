import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

type Texts = (key: string) => string;

function readTexts(file: string): Texts {
  const texts = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
  return (key) => texts[key] ?? assert.fail(`${file} has no ${key}`);
}

/** What the product says in a language. */
export interface Language {
  readonly code: 'en' | 'zh-cn';
  /** An English sentence in this language, up to its first parameter. */
  readonly say: Texts;
  /** A string of the manifest, by its key. */
  readonly manifest: Texts;
}

export const english: Language = {
  code: 'en',
  say: (sentence) => sentence.split('{')[0] ?? '',
  manifest: readTexts('package.nls.json'),
};

const sentences = readTexts('l10n/bundle.l10n.zh-cn.json');

export const chinese: Language = {
  code: 'zh-cn',
  say: (sentence) => sentences(sentence).split('{')[0] ?? '',
  manifest: readTexts('package.nls.zh-cn.json'),
};
