/**
 * What a name can be mistaken for: letters beside ASCII, which no reference has, or a namespace of Docker Hub that is one
 * slip of the keyboard away from `library`, where the official images are.
 */
export type LookAlike =
  | { readonly type: 'letters'; /** `U+0430` and the like, each once. */ readonly codePoints: readonly string[] }
  | { readonly type: 'namespace'; readonly written: string; readonly meant: string };

export function lookAlike(reference: string): LookAlike | undefined {
  const letters = new Set(reference.match(/[^\0-\x7F]/gu));
  if (letters.size > 0) return { type: 'letters', codePoints: [...letters].slice(0, 8).map(codePoint) };
  const [namespace = '', name, ...more] = reference.replace(/^(?:index\.)?docker\.io\//, '').split('/');
  if (name === undefined || more.length > 0 || !isOneSlipAway(namespace, 'library')) return undefined;
  return { type: 'namespace', written: `${namespace}/${name}`, meant: `library/${name}` };
}

function codePoint(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Whether one letter was left out, added, replaced, or swapped with its neighbour. */
function isOneSlipAway(written: string, meant: string): boolean {
  if (written === meant) return false;
  let i = 0;
  while (i < written.length && written.charAt(i) === meant.charAt(i)) i += 1;
  const [left, right] = [written.slice(i), meant.slice(i)];
  const swapped = left.charAt(1) + left.charAt(0) + left.slice(2);
  return (
    left === right.slice(1) ||
    left.slice(1) === right ||
    left.slice(1) === right.slice(1) ||
    (left.length > 1 && swapped === right)
  );
}
