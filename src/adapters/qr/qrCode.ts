import type { encodeQR } from 'qr';

/** Modules of light around a code that readers ask for (ISO/IEC 18004, quiet zone). */
const border = 4;
/** Survives dirt on a screen, and keeps the modules of a long link large. */
const ecc = 'medium';

/** A QR code of a text as an SVG: black modules on nothing, with its quiet zone. Fills what it is put into. */
export async function qrSvg(text: string): Promise<string> {
  return (await encoder())(text, 'svg', { border, ecc });
}

/** A QR code for a terminal: two rows of modules a line, black on white whatever the terminal's own colours are. */
export async function qrLines(text: string): Promise<readonly string[]> {
  const rows = (await encoder())(text, 'raw', { border, ecc });
  return rows.flatMap((upper, y) => {
    if (y % 2 === 1) return [];
    const lower = rows[y + 1];
    const line = upper.map((isDark, x) => blocks[`${isDark}${lower?.[x] ?? false}`]).join('');
    return [`\x1b[30;107m${line}\x1b[0m`];
  });
}

const blocks = { truetrue: '█', truefalse: '▀', falsetrue: '▄', falsefalse: ' ' } as const;

async function encoder(): Promise<typeof encodeQR> {
  return (await import(/* webpackMode: "lazy", webpackChunkName: "qr" */ 'qr')).encodeQR;
}
