import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import {
  editorLanguage,
  fileInLanguage,
  isYes,
  languageIds,
  languages,
  languageTag,
  localeLanguage,
} from '../../../src/core/languages';
import { serverOptionsSchema } from '../../../src/protocol/initialization';

const root = join(import.meta.dirname, '../../..');

describe('a language', () => {
  for (const [locale, language] of [
    ...(['', 'C', 'C.UTF-8', 'POSIX', 'en_US.UTF-8', 'fr_FR', 'zha', 'zhx_CN'] as const).map((name) => [name, 'en']),
    ...['zh', 'zh_CN.UTF-8', 'zh-cn', 'ZH_cn', 'zh.UTF-8', 'zh@pinyin', 'zh_TW'].map((name) => [name, 'zh-cn']),
  ]) {
    it(`is ${String(language)} for the locale ${JSON.stringify(locale)}`, () => {
      assert.equal(localeLanguage(String(locale)), language);
    });
  }

  it('is the editor’s where it is spoken, and English elsewhere', () => {
    for (const id of languageIds) assert.equal(editorLanguage(id), id);
    for (const other of ['fr', 'zh-tw', 'constructor', '']) assert.equal(editorLanguage(other), 'en');
  });

  it('is chosen by its own id and taken by the language server', () => {
    for (const id of languageIds) {
      assert.equal(localeLanguage(id), id);
      assert.ok(v.is(serverOptionsSchema, { rules: '', language: id }));
    }
    assert.ok(!v.is(serverOptionsSchema, { rules: '', language: 'xx' }));
  });

  it('has a tag that programs know, and no other’s id, tag or locale', () => {
    for (const id of languageIds) assert.deepEqual(Intl.getCanonicalLocales(languageTag(id)), [languageTag(id)]);
    for (const names of [languageIds, languages.map(({ tag }) => tag), languages.flatMap(({ locales }) => locales)])
      assert.equal(new Set(names).size, names.length);
  });

  it('is written in files of its own', () => {
    assert.equal(fileInLanguage('docs/rules/DC001.md', 'en'), 'docs/rules/DC001.md');
    assert.equal(fileInLanguage('docs/rules/DC001.md', 'zh-cn'), 'docs/rules/DC001.zh-cn.md');
    for (const id of languageIds)
      for (const path of ['package.nls.json', 'l10n/bundle.l10n.json', 'README.md'])
        assert.ok(existsSync(join(root, fileInLanguage(path, id))), fileInLanguage(path, id));
  });

  it('has its words for yes, beside the English ones that the question shows', () => {
    for (const id of languageIds) {
      for (const yes of ['y', 'Y', 'yes', ' YES\n']) assert.ok(isYes(yes, id));
      for (const no of ['', 'n', 'no', 'ye', 'yes please', 'constructor', '否']) assert.ok(!isYes(no, id));
    }
    assert.ok(isYes('是', 'zh-cn'));
    assert.ok(!isYes('是', 'en'));
  });
});
