/**
 * Letters of other scripts that are drawn like a letter of image names, as far as their lower case is: a choice from Unicode
 * Technical Standard 39 (`confusables.txt`) of Latin beside ASCII, Greek, Cyrillic and Armenian, and of what looks like a
 * separator. Styled letters, fullwidth ones for instance, need no entry: compatibility normalization takes them back.
 */
const drawnAlike: Readonly<Record<string, string>> = {
  a: 'аαɑ',
  b: 'ьƅ',
  c: 'сϲ',
  d: 'ԁɗ',
  e: 'еҽ',
  f: 'ƒք',
  g: 'ɡցƍ',
  h: 'һհ',
  i: 'іιıɩ',
  j: 'јϳ',
  k: 'кκ',
  l: 'ӏǀן',
  m: 'м',
  n: 'ոռη',
  o: 'оοօσ',
  p: 'рρ',
  q: 'ԛզգ',
  r: 'гᴦ',
  s: 'ѕꜱ',
  t: 'тτ',
  u: 'υսʋ',
  v: 'νѵ',
  w: 'ԝѡաɯ',
  x: 'хχ',
  y: 'уүγ',
  z: 'ᴢ',
  '-': '‐‑‒–—−',
  '.': '。·',
  '/': '⁄∕⧸',
  ':': 'ː։׃∶꞉',
};
/** Capitals that are drawn like a capital of ASCII and whose lower case is not; and what is drawn like another one of ASCII. */
const capitalsDrawnAlike: Readonly<Record<string, string>> = {
  a: 'Ꭺꓮ',
  b: 'ΒВᏴꓐ',
  c: 'Ꮯꓚ',
  d: 'Ꭰꓓ',
  e: 'ΕᎬꓰ',
  f: 'Ϝꓝ',
  g: 'ԌᏀꓖ',
  h: 'ΗНᎻꓧ',
  j: 'Ꭻꓙ',
  k: 'Ꮶꓗ',
  l: 'I1|ΙІӀᏞꓡꓲ',
  m: 'ΜᎷꓟ',
  n: 'Νꓠ',
  o: '0ОΟꓳ',
  p: 'Ꮲꓑ',
  r: 'ᎡᏒꓣ',
  s: 'ՏᏚꓢ',
  t: 'Ꭲꓔ',
  u: 'Սꓴ',
  v: 'ᏙѴꓦ',
  w: 'Ꮃꓪ',
  x: 'ꓫ',
  y: 'ΥҮꓬ',
  z: 'ΖᏃꓜ',
};
const asciiOf = byLetter(drawnAlike);
const asciiOfCapital = byLetter(capitalsDrawnAlike);
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** What a text is taken for at a glance: in lower case, without what nobody sees, letters that look like ASCII as ASCII. */
export function skeleton(text: string): string {
  const visible = text.normalize('NFKC').replace(invisible, '').toLowerCase();
  return Array.from(visible, (letter) => asciiOf.get(letter) ?? letter).join('');
}

/** The same, with accents taken for dirt on the screen. */
export function bareSkeleton(text: string): string {
  return skeleton(text.normalize('NFKD').replace(/\p{M}/gu, ''));
}

/** What a text with capitals is taken for by the shapes of its letters: `I`, `l` and `1` are one, as are `O` and `0`, `rn` and `m`. */
export function shapeSkeleton(text: string): string {
  const shapes = Array.from(text.normalize('NFKC'), (letter) => asciiOfCapital.get(letter) ?? letter).join('');
  return bareSkeleton(shapes).replace(/rn/g, 'm').replace(/vv/g, 'w');
}

function byLetter(alike: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(alike).flatMap(([ascii, all]) => Array.from(all, (each) => [each, ascii])));
}
