import { Buffer } from 'node:buffer';

/** What a code is of, in words. */
export interface QrFacts {
  readonly title: string;
  /** For whoever does not see the code. */
  readonly alt: string;
  /** Each with its title; the text that the code holds is among them. */
  readonly facts: readonly (readonly [title: string, text: string])[];
  /** What to do beside scanning it. */
  readonly advice: string;
  /** That only this machine has the ledger; absent where others can have it. */
  readonly onlyHere?: string | undefined;
}

/**
 * A page with a QR code: no script, nothing from anywhere else, black on white whatever the theme is, for that is what readers
 * of codes expect. `nonce` allows its one style and has to be a new one each time.
 */
export function qrPage(
  { title, alt, facts, advice, onlyHere }: QrFacts,
  { svg, nonce, language }: { readonly svg: string; readonly nonce: string; readonly language: string },
): string {
  const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">
body { color: var(--vscode-foreground); padding: 1rem 2rem; }
img { background: #fff; width: min(22rem, 80vw); image-rendering: pixelated; display: block; }
dt { color: var(--vscode-descriptionForeground); margin-top: 1em; }
dd { margin: 0; font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; user-select: text; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${onlyHere === undefined ? '' : `<p role="note"><strong>${escapeHtml(onlyHere)}</strong></p>`}
<img src="${image}" alt="${escapeHtml(alt)}">
<dl>
${facts.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`).join('\n')}
</dl>
<p>${escapeHtml(advice)}</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
