/** The part of `vscode.l10n` and `@vscode/l10n` that pure code needs to speak the reader's language. */
export interface Localizer {
  /** Translates `message`; `{0}`, `{1}` … stand for `args`. Call it as `l10n.t('…')`, so that the strings are found by the check. */
  t(message: string, ...args: readonly (string | number | boolean)[]): string;
}
