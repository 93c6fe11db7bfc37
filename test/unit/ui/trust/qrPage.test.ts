import assert from 'node:assert/strict';
import decodeQR from 'qr/decode.js';
import { qrLines, qrSvg } from '../../../../src/adapters/qr/qrCode';
import { walletPublisher } from '../../../../src/core/hex';
import { trustLink } from '../../../../src/core/trust/trustLink';
import { publisherFacts } from '../../../../src/ui/trust/publisherFacts';
import { qrPage } from '../../../../src/ui/trust/qrPage';
import { chinese, english } from '../../words/localizers';
import { onlyHereText } from '../../../../src/words/ledgerText';

const id = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const repositories = 'registry.example.com/acme/*';
const link = trustLink({
  ledger: `9007199254740991:0x${'1f'.repeat(32)}:0x${'2e'.repeat(20)}`,
  ...{ repositories, publishers: [walletPublisher(id), `0x${'ac'.repeat(32)}`], threshold: 2, accept: 'publish' },
});

/** What a reader makes of dark and light modules, each some pixels wide. */
function read(rows: readonly (readonly boolean[])[]): string {
  const scale = 4;
  const width = (rows[0]?.length ?? 0) * scale;
  const height = rows.length * scale;
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true)
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return decodeQR({ width, height, data }, { timeLimit: 10_000 });
}

/** Dark modules of our SVG, whose path is moved from one closed unit square to the next. */
function modulesOf(svg: string): readonly (readonly boolean[])[] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  const path = /<path d="([^"]*)"/.exec(svg)?.[1] ?? assert.fail(svg);
  let [x, y] = [0, 0];
  for (const [, move, a, b] of path.matchAll(/([Mm])(-?\d+)\s?(-?\d+)/g)) {
    [x, y] = move === 'M' ? [Number(a), Number(b)] : [x + Number(a), y + Number(b)];
    const row = rows[y] ?? assert.fail('outside');
    row[x] = true;
  }
  return rows;
}

describe('the QR code of a trust link', () => {
  it('is read in a window as the very link, with the quiet zone that readers ask for', async () => {
    const rows = modulesOf(await qrSvg(link));
    assert.equal(read(rows), link);
    const edge = [...rows.slice(0, 4), ...rows.slice(-4), ...rows.map((row) => [...row.slice(0, 4), ...row.slice(-4)])];
    assert.ok(edge.flat().every((isDark) => !isDark));
  });

  it('is read in a terminal as the very link', async () => {
    const rows = (await qrLines(link)).flatMap((line) => {
      const text = /^\x1b\[30;107m([█▀▄ ]+)\x1b\[0m$/.exec(line)?.[1] ?? assert.fail(line);
      return ['█▀', '█▄'].map((dark) => Array.from(text, (character) => dark.includes(character)));
    });
    assert.equal(read(rows), link);
  });

  it('stands on a page that runs nothing and asks nobody', async () => {
    const hostile = '<script>alert(1)</script>"\'&';
    const shared = { id, name: hostile, repositories, ledger: hostile, link };
    for (const l10n of [english, chinese]) {
      const page = qrPage(publisherFacts(shared, l10n), { svg: await qrSvg(link), nonce: 'abc', language: 'en' });
      assert.ok(page.includes(`content="default-src 'none'; img-src data:; style-src 'nonce-abc'"`));
      assert.ok(!/<script|\son\w+=|javascript:|https?:/i.test(page.replace(/data:image[^"]*/, '')), page);
      assert.ok(page.includes(id) && page.includes('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;'));
      const [, alt = ''] = /<img [^>]*alt="([^"]+)"/.exec(page) ?? [];
      assert.ok(alt.includes(id) && alt.includes(repositories), alt);
      const [, code = ''] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(page) ?? [];
      assert.equal(read(modulesOf(Buffer.from(code, 'base64').toString())), link);
      assert.match(page, /background: #fff/);
      assert.doesNotMatch(page, /role="note"/);
    }
  });

  it('says before the code that nobody else has the ledger, where it is this machine’s', async () => {
    const [svg, shared] = [await qrSvg(link), { id, repositories, ledger: 'dev', link }];
    for (const l10n of [english, chinese]) {
      const onlyHere = onlyHereText('development', l10n);
      const page = qrPage(publisherFacts({ ...shared, onlyHere }, l10n), { svg, nonce: 'abc', language: 'en' });
      assert.ok(onlyHere !== undefined && page.indexOf(onlyHere) > 0 && page.indexOf(onlyHere) < page.indexOf('<img'));
      assert.equal(onlyHereText('team', l10n), undefined);
    }
  });
});
