/** Text as Markdown that shows exactly this text: it cannot become a link, markup or a command. */
export function escapeMarkdown(text: string): string {
  // CommonMark lets every ASCII punctuation character be escaped (spec 0.31, "Backslash escapes").
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replace(/\s+/g, ' ');
}
