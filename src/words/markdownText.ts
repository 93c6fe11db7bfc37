/** Text as Markdown that shows exactly this text: no link, no markup, no command can come of it. */
export function escapeMarkdown(text: string): string {
  // CommonMark lets every ASCII punctuation character be escaped (spec 0.31, "Backslash escapes").
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replace(/\s+/g, ' ');
}
