import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { findBaseImages, type NamedImage } from '../../../../src/buildFiles/dockerfile/baseImages';

interface Case {
  readonly name: string;
  /** « and » mark what must be named, in order: an image reference, or a variable without a value. */
  readonly file: string;
  /** What each mark means: the reference, or `?NAME` for a variable. */
  readonly means: readonly string[];
}

const cases: readonly Case[] = [
  // plain
  { name: 'a name', file: 'FROM «alpine»\n', means: ['alpine'] },
  { name: 'a name without a line end', file: 'FROM «alpine»', means: ['alpine'] },
  { name: 'a tag', file: 'FROM «alpine:3.20»\n', means: ['alpine:3.20'] },
  { name: 'a digest', file: `FROM «alpine@sha256:${'a'.repeat(64)}»\n`, means: [`alpine@sha256:${'a'.repeat(64)}`] },
  { name: 'a registry with a port', file: 'FROM «localhost:5000/a/b:1»\n', means: ['localhost:5000/a/b:1'] },
  { name: 'lower case', file: 'from «alpine»\n', means: ['alpine'] },
  { name: 'mixed case', file: 'From «alpine»\n', means: ['alpine'] },
  { name: 'tabs and many spaces', file: '\t FROM \t  «alpine» \t\n', means: ['alpine'] },
  { name: 'line ends of Windows', file: 'FROM «a:1»\r\nFROM «b:2»\r\n', means: ['a:1', 'b:2'] },
  { name: 'a byte order mark', file: '\uFEFFFROM «alpine»\n', means: ['alpine'] },
  { name: 'a number, which is a name and no stage', file: 'FROM «a» AS x\nFROM «0»\n', means: ['a', '0'] },
  { name: 'characters beyond the basic plane before it', file: '# 😀\nFROM «alpine» AS 😀\n', means: ['alpine'] },
  { name: 'a reference that is none', file: 'FROM «Alpine::»\n', means: ['Alpine::'] },
  { name: 'words that do not belong there', file: 'FROM «alpine» # latest\n', means: ['alpine'] },
  { name: 'AS that is being typed', file: 'FROM «alpine» AS\n', means: ['alpine'] },
  { name: 'nothing', file: 'FROM\nFROM \n', means: [] },
  { name: 'an empty file', file: '', means: [] },
  { name: 'no FROM', file: 'RUN make\nFROMAGE brie\n', means: [] },
  // stages
  { name: 'an earlier stage', file: 'FROM «go:1» AS build\nFROM build\n', means: ['go:1'] },
  { name: 'a stage in other case', file: 'FROM «go:1» as Build\nFROM BUILD\n', means: ['go:1'] },
  { name: 'a stage that comes later', file: 'FROM «build»\nFROM «go:1» AS build\n', means: ['build', 'go:1'] },
  { name: 'a stage named as its own image', file: 'FROM «nginx» AS nginx\nFROM nginx\n', means: ['nginx'] },
  { name: 'a stage with a tag, which is an image', file: 'FROM «a» AS b\nFROM «b:1»\n', means: ['a', 'b:1'] },
  { name: 'a stage by variable', file: 'ARG S=b\nFROM «a» AS b\nFROM ${S}\n', means: ['a'] },
  { name: 'a stage on scratch', file: 'FROM scratch AS empty\nFROM empty\nFROM «x»\n', means: ['x'] },
  // scratch
  { name: 'scratch', file: 'FROM scratch\n', means: [] },
  { name: 'scratch with a tag, which is an image', file: 'FROM «scratch:1»\n', means: ['scratch:1'] },
  { name: 'scratch by variable', file: 'ARG B=scratch\nFROM $B\n', means: [] },
  // flags
  { name: '--platform', file: 'FROM --platform=linux/arm64 «alpine»\n', means: ['alpine'] },
  { name: '--platform by variable', file: 'FROM --platform=$BUILDPLATFORM «go» AS b\nFROM b\n', means: ['go'] },
  {
    name: '--platform on a line of its own',
    file: 'FROM \\\n  --platform=linux/amd64 \\\n  «alpine»\n',
    means: ['alpine'],
  },
  { name: 'a flag that does not exist', file: 'FROM --future=1 «alpine»\n', means: ['alpine'] },
  { name: 'flags without an image', file: 'FROM --platform=linux/amd64\n', means: [] },
  // ARG
  { name: 'a default', file: 'ARG TAG=3.20\nFROM «alpine:$TAG»\n', means: ['alpine:3.20'] },
  { name: 'a default in braces', file: 'ARG TAG=3.20\nFROM «alpine:${TAG}»\n', means: ['alpine:3.20'] },
  { name: 'a name that ends where the variable does', file: 'ARG A=x\nFROM «${A}y:$A-z»\n', means: ['xy:x-z'] },
  { name: 'a whole reference', file: 'ARG BASE=ghcr.io/a/b:1\nFROM «$BASE»\n', means: ['ghcr.io/a/b:1'] },
  { name: 'a default of a default', file: 'ARG V=3\nARG B=alpine:$V\nFROM «$B»\n', means: ['alpine:3'] },
  { name: 'a later default', file: 'ARG V=1\nARG V=2\nFROM «a:$V»\n', means: ['a:2'] },
  { name: 'a later declaration without one', file: 'ARG V=1\nARG V\nFROM «a:$V»\n', means: ['a:1'] },
  { name: 'several in one ARG', file: 'ARG A=x B=1\nFROM «$A:$B»\n', means: ['x:1'] },
  { name: 'double quotes', file: 'ARG B="x:1"\nFROM «$B»\n', means: ['x:1'] },
  { name: 'single quotes, which expand nothing', file: "ARG A=1\nARG B='x$A'\nFROM «$B»\n", means: ['x$A'] },
  { name: 'a quoted reference', file: 'FROM «"alpine:3"»\n', means: ['alpine:3'] },
  { name: 'an escaped dollar', file: 'ARG A=1\nFROM «a\\$A»\n', means: ['a$A'] },
  { name: 'case of names', file: 'ARG tag=1\nFROM a:«$TAG»\n', means: ['?TAG'] },
  { name: 'no default', file: 'ARG TAG\nFROM alpine:«${TAG}»\n', means: ['?TAG'] },
  { name: 'no declaration', file: 'FROM alpine:«$TAG»\n', means: ['?TAG'] },
  { name: 'a declaration after the first FROM', file: 'FROM «a»\nARG T=1\nFROM b:«$T»\n', means: ['a', '?T'] },
  { name: 'an ENV, which does not count', file: 'FROM «a»\nENV T=1\nFROM b:«$T»\n', means: ['a', '?T'] },
  { name: 'an ARG of the first stage', file: 'FROM scratch\nARG T=1\nFROM b:«$T»\n', means: ['?T'] },
  { name: 'an empty default', file: 'ARG B=\nFROM «$B»\n', means: ['?$B'] },
  { name: 'a default that needs an unknown one', file: 'ARG B=a:$T\nFROM «$B»\n', means: ['?B'] },
  { name: 'several without a value', file: 'FROM «$R»/app:«${T}»\n', means: ['?R', '?T'] },
  { name: 'what the builder sets', file: 'FROM a:«$TARGETARCH»\n', means: ['?TARGETARCH'] },
  {
    name: 'what the builder sets, with a default that it never uses',
    file: 'FROM a:«${TARGETARCH:-x}»\n',
    means: ['?TARGETARCH'],
  },
  {
    name: 'what the builder sets, set by hand',
    file: 'ARG TARGETARCH=arm64\nFROM «a:$TARGETARCH»\n',
    means: ['a:arm64'],
  },
  // operators
  { name: ':- on nothing', file: 'ARG T\nFROM «a:${T:-1}»\n', means: ['a:1'] },
  { name: ':- on a value', file: 'ARG T=2\nFROM «a:${T:-1}»\n', means: ['a:2'] },
  { name: ':- on an empty value', file: 'ARG T=\nFROM «a:${T:-1}»\n', means: ['a:1'] },
  { name: '- on an empty value', file: 'ARG T=\nFROM «a${T-:1}»\n', means: ['a'] },
  { name: ':+ on a value', file: 'ARG T=2\nFROM «a${T:+:$T}»\n', means: ['a:2'] },
  { name: ':+ on nothing', file: 'FROM «a${T:+:2}»\n', means: ['a'] },
  { name: ':- with another variable', file: 'ARG U=u\nFROM «${T:-${U}}:1»\n', means: ['u:1'] },
  { name: ':- with a variable that has none either', file: 'FROM ${T:-«${U}»}\n', means: ['?U'] },
  { name: ':? on a value', file: 'ARG T=1\nFROM «a:${T:?why}»\n', means: ['a:1'] },
  { name: ':? on nothing', file: 'FROM a:«${T:?why}»\n', means: ['?T'] },
  { name: 'an operator that computes', file: 'ARG T=1-x\nFROM a:«${T%%-*}»\n', means: ['?T'] },
  { name: 'a replacement', file: 'ARG T=1\nFROM a:«${T/1/2}»\n', means: ['?T'] },
  { name: 'a brace that does not close', file: 'FROM «a:${T»\n', means: ['?a:${T'] },
  { name: 'a quote that does not close', file: 'FROM «"alpine»\n', means: ['?"alpine'] },
  // lines
  { name: 'a continued line', file: 'FROM \\\n  «alpine:3» \\\n  AS x\nFROM x\n', means: ['alpine:3'] },
  { name: 'a reference in two lines', file: 'FROM «alp\\\nine:3»\n', means: ['alpine:3'] },
  { name: 'white space after the continuation', file: 'FROM \\ \t\n«alpine»\n', means: ['alpine'] },
  { name: 'a comment in a continued line', file: 'FROM \\\n# no: nginx\n  # nor this\n«alpine»\n', means: ['alpine'] },
  { name: 'an empty line in a continued line', file: 'FROM \\\n\n\n«alpine»\n', means: ['alpine'] },
  { name: 'a continued keyword', file: 'FR\\\nOM «alpine»\n', means: ['alpine'] },
  {
    name: 'a FROM inside another instruction',
    file: 'FROM «a»\nRUN psql -c "SELECT 1 \\\n  FROM t"\nFROM «b»\n',
    means: ['a', 'b'],
  },
  { name: 'a continuation at the end of the file', file: 'FROM «a»\nRUN x \\\n', means: ['a'] },
  { name: 'two backslashes, which continue nothing', file: 'FROM «a»\nCOPY x C:\\\\\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'a comment', file: '# FROM nginx\n  # FROM nginx\nFROM «alpine»\n', means: ['alpine'] },
  // escape directive
  { name: 'the other escape character', file: '# escape=`\nFROM «alp`\nine»\nFROM «b\\»\n', means: ['alpine', 'b\\'] },
  { name: 'its directive in other form', file: '#Escape = `\nFROM «a»`\n AS x\nFROM x\n', means: ['a'] },
  {
    name: 'it after another directive',
    file: '# syntax=«docker/dockerfile:1»\n# escape=`\nRUN c:\\\nFROM «b»\n',
    means: ['docker/dockerfile:1', 'b'],
  },
  {
    name: 'it after a comment, where it is none',
    file: '# hello\n# escape=`\nRUN c:\\\nFROM b\nFROM «c»\n',
    means: ['c'],
  },
  { name: 'it after an empty line, where it is none', file: '\n# escape=`\nFROM «`»\nFROM «c»\n', means: ['`', 'c'] },
  // here-documents
  { name: 'a here-document', file: 'FROM «a»\nRUN <<EOF\nFROM x\nEOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one with tabs', file: 'FROM «a»\nCOPY <<-EOF /f\n\tFROM x\n\tEOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one with a quoted name', file: 'FROM «a»\nRUN <<"E F"\nFROM x\nE F\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one with a name quoted in part', file: 'FROM «a»\nRUN <<E"O"F\nFROM x\nEOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'two at once', file: 'FROM «a»\nRUN cat <<A <<B\nFROM x\nA\nFROM y\nB\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one with a number', file: 'FROM «a»\nRUN cat 3<<EOF\nFROM x\nEOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one with a space', file: 'FROM «a»\nRUN cat << EOF\nFROM x\nEOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one in ONBUILD', file: 'FROM «a»\nONBUILD RUN <<EOF\nFROM x\nEOF\nFROM «b»\n', means: ['a', 'b'] },
  {
    name: 'its sign in quotes, which starts none',
    file: 'FROM «a»\nRUN echo "cat <<EOF x"\nFROM «b»\n',
    means: ['a', 'b'],
  },
  {
    name: 'its sign in an array, which starts none',
    file: 'FROM «a»\nRUN ["sh", "-c", "cat <<EOF"]\nFROM «b»\n',
    means: ['a', 'b'],
  },
  { name: 'a here-string, which is none', file: 'FROM «a»\nRUN cat <<<EOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'its sign in another instruction', file: 'FROM «a»\nCMD cat <<EOF\nFROM «b»\n', means: ['a', 'b'] },
  { name: 'one that does not end', file: 'FROM «a»\nRUN <<EOF\nFROM «b»\n', means: ['a', 'b'] },
];

function parse(text: string): { readonly document: TextDocument; readonly images: readonly NamedImage[] } {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
  return { document, images: findBaseImages(document) };
}

/** The places and meanings that were found, in the notation of the cases. */
function describeImages(text: string): { readonly marked: string; readonly means: readonly string[] } {
  const { document, images } = parse(text);
  const found = images.flatMap((image) =>
    image.type === 'image'
      ? [{ range: image.range, means: image.reference }]
      : image.variables.map(({ name, range }) => ({ range, means: `?${name}` })),
  );
  const marks = found.flatMap(({ range }) => [
    { offset: document.offsetAt(range.start), mark: '«' },
    { offset: document.offsetAt(range.end), mark: '»' },
  ]);
  const marked = marks.reduceRight(
    (before, { offset, mark }) => before.slice(0, offset) + mark + before.slice(offset),
    text,
  );
  return { marked, means: found.map(({ means }) => means) };
}

describe('base images of a Dockerfile', () => {
  for (const { name, file, means } of cases) {
    it(name, () => {
      assert.deepEqual(describeImages(file.replace(/[«»]/g, '')), { marked: file, means });
    });
  }

  it('knows which platform is asked for, where it is another than the one that is built for', () => {
    const platforms = parse(
      [
        'ARG P=linux/s390x',
        'FROM --platform=linux/arm64/v8 a',
        'FROM --platform="linux/amd64" b',
        'FROM --platform=$P c',
        'FROM --platform=$BUILDPLATFORM d',
        'FROM --platform=${TARGETPLATFORM:-x} e',
        'FROM --platform=linux/$OTHER f',
        'FROM g',
      ].join('\n'),
    ).images.map((image) => (image.type === 'image' ? image.platform : ''));
    assert.deepEqual(platforms, [
      'linux/arm64/v8',
      'linux/amd64',
      'linux/s390x',
      '${BUILDPLATFORM}',
      undefined,
      'linux/$OTHER',
      undefined,
    ]);
  });

  it('gives the comments directly above an instruction and the place for another', () => {
    const text = '# check=x\n# far\n\n# near 1 \n  #near 2\n  FROM \\\n# inside\n a\nFROM b\n';
    const [first, second] = parse(text).images;
    assert.deepEqual(first?.comments, ['# near 1', '#near 2']);
    assert.equal(text.slice(first.instruction).startsWith('FROM \\'), true);
    assert.deepEqual(second?.comments, []);
  });

  it('never fails, and every place is one of the document', () => {
    const part = fc.constantFrom(
      'FROM ',
      'ARG ',
      'A=',
      '$',
      '${',
      '}',
      ':-',
      '"',
      "'",
      '\\',
      '`',
      '\n',
      '\r',
      '#',
      '<<',
      'EOF',
      ' ',
      'RUN ',
      '# escape=`\n',
      '\uFEFF',
      '--platform=',
      '[',
      '😀',
      '\ud800',
    );
    const file = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(file, (text) => {
        const { document, images } = parse(text);
        for (const image of images) {
          const written = document.getText(image.range);
          assert.ok(written.length > 0);
          assert.equal(document.offsetAt(image.range.end) - document.offsetAt(image.range.start), written.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads 10,000 lines', () => {
    const line = (i: number): string =>
      i % 20 === 0 ? `FROM registry.example.com/app${i}:1 AS s${i}` : `RUN <<EOF cat \\\n  "x ${i}" && true\nEOF`;
    assert.equal(parse(Array.from({ length: 10_000 }, (_, i) => line(i)).join('\n')).images.length, 500);
  });
});
