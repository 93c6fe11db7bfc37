import { Buffer } from 'node:buffer';
import type { Localizer } from '../../words/localizer';

/** Who shares what: the whole id, what goes before it, and the link that the code holds. */
export interface SharedPublisher {
  /** In its checked form. */
  readonly id: string;
  /** An organization's own words, escaped; absent for a wallet. */
  readonly name?: string;
  readonly repositories: string;
  readonly ledger: string;
  readonly link: string;
  /** That only this machine has the ledger; absent where others can have it. */
  readonly onlyHere?: string | undefined;
}

/**
 * A page with the QR code of a trust link: no script, nothing from anywhere else, black on white whatever the theme is, for
 * that is what readers of codes expect. `nonce` allows its one style and has to be a new one each time.
 */
export function qrPage(
  { id, name, repositories, ledger, link, onlyHere }: SharedPublisher,
  { svg, nonce, language }: { readonly svg: string; readonly nonce: string; readonly language: string },
  l10n: Localizer,
): string {
  const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const fact = (title: string, text: string): string => `<dt>${escapeHtml(title)}</dt><dd>${escapeHtml(text)}</dd>`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}'">
<title>${escapeHtml(l10n.t('My Publisher ID'))}</title>
<style nonce="${nonce}">
body { color: var(--vscode-foreground); padding: 1rem 2rem; }
img { background: #fff; width: min(22rem, 80vw); image-rendering: pixelated; display: block; }
dt { color: var(--vscode-descriptionForeground); margin-top: 1em; }
dd { margin: 0; font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; user-select: text; }
</style>
</head>
<body>
<h1>${escapeHtml(l10n.t('My Publisher ID'))}</h1>
${onlyHere === undefined ? '' : `<p role="note"><strong>${escapeHtml(onlyHere)}</strong></p>`}
<img src="${image}" alt="${escapeHtml(l10n.t('QR code of the trust link of {0} for {1}', id, repositories))}">
<dl>
${name === undefined ? '' : fact(l10n.t('Calls itself'), name)}
${fact(l10n.t('Publisher ID'), id)}
${fact(l10n.t('Repositories'), repositories)}
${fact(l10n.t('Ledger'), ledger)}
${fact(l10n.t('Trust link'), link)}
</dl>
<p>${escapeHtml(l10n.t('Ask whoever opens the link to compare the ID with the one that you tell them in another way.'))}</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
