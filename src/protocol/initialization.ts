import * as v from 'valibot';
import { languageIds, type Language } from '../core/languages';

/** `initializationOptions` of the language server. */
export interface ServerOptions {
  /** Contents of the localization bundle; absent for English. */
  readonly l10n?: Readonly<Record<string, string>>;
  /** Folder of the pages about the diagnostics, with a slash at its end: a web address or a file. */
  readonly rules: string;
  /** The pages' language. */
  readonly language: Language;
}

export const serverOptionsSchema: v.GenericSchema<unknown, ServerOptions> = v.object({
  l10n: v.exactOptional(v.record(v.string(), v.string())),
  rules: v.string(),
  language: v.picklist(languageIds),
});
