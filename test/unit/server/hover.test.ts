import assert from 'node:assert/strict';
import * as l10n from '@vscode/l10n';
import fc from 'fast-check';
import { MarkupContent, type Hover } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { verdictBasis, verdictLabel, verdictNextStep, verdictReason } from '../../../src/words/verdictText';
import { registryFailures, verdictKinds } from '../../../src/core/judging/verdict';
import { findBaseImages } from '../../../src/buildFiles/dockerfile/baseImages';
import { hoverOf } from '../../../src/server/hover';
import { escapeMarkdown } from '../../../src/words/markdownText';
import type { Answer, AnswerOf } from '../../../src/buildFiles/answer';
import { absent, outcomes, verdict, verified } from './sampleVerdicts';
import { registryFailureText } from '../../../src/words/registryText';

function hover(file: string, character: number, answer: Answer, marked = false): Hover | undefined {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, file);
  return hoverOf(
    findBaseImages(document),
    { line: 0, character },
    () => answer,
    () => marked,
    folder,
  );
}

const folder = 'file:///a%20b/(c)';
const whyLink = (text: string, platform = ''): string => {
  const given = encodeURIComponent(JSON.stringify([text, platform, folder]));
  return `[Why?](command:daochain.explainVerdict?${given.replace(/[!'()*~_.-]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)})`;
};

/** The text that a reader sees of a hover's Markdown. */
function shown(hover: Hover | undefined): string {
  assert.ok(hover && MarkupContent.is(hover.contents));
  return hover.contents.value.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function judged(kind: (typeof verdictKinds)[number]): Answer {
  return { state: 'judged', image: verified('a:1', kind) };
}

describe('hover over a base image', () => {
  it('says for which platform, and of several that are fetched what each is', () => {
    const [document] = [TextDocument.create('file:///Dockerfile', 'dockerfile', 1, 'FROM a:1\n')];
    const [image] = findBaseImages(document);
    assert.ok(image?.type === 'image');
    const images = [image, { ...image, platform: 'linux/arm64' }];
    const answers: AnswerOf = ({ platform: judgedFor = 'linux/amd64' }) => ({
      state: 'judged',
      image: { ...verified('a:1', judgedFor === 'linux/amd64' ? 'verified' : 'mismatch'), judgedFor },
    });
    for (const marked of [true, false]) {
      const text = shown(hoverOf(images, { line: 0, character: 6 }, answers, () => marked, folder));
      const places = [
        ...[verdictLabel(verdict('verified'), l10n), 'Judged for linux/amd64.'],
        ...[verdictLabel(verdict('mismatch'), l10n), 'Judged for linux/arm64.'],
      ].map((part) => text.indexOf(part));
      assert.ok(!places.includes(-1), text);
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
    }
  });

  it('says why nothing is pinned where not each platform is verified, or each under a digest of its own', () => {
    const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, 'FROM a:1\n');
    const [image] = findBaseImages(document);
    assert.ok(image?.type === 'image');
    const images = [image, { ...image, platform: 'linux/arm64' }];
    const inRegistry = (kind: (typeof verdictKinds)[number], digit: string): Answer => ({
      state: 'judged',
      image: {
        ...absent('a:1', kind),
        registry: { digest: `sha256:${digit.repeat(64)}`, verdict: verdict(kind) },
      },
    });
    const textFor = (arm64: Answer): string =>
      shown(
        hoverOf(
          images,
          { line: 0, character: 6 },
          ({ platform }) => (platform === undefined ? inRegistry('verified', 'a') : arm64),
          () => false,
          folder,
        ),
      );
    assert.doesNotMatch(textFor(inRegistry('verified', 'a')), /No digest to pin/);
    assert.match(
      textFor(inRegistry('verified', 'b')),
      /No digest to pin is offered: .* no single digest serves them all/,
    );
    for (const kind of verdictKinds.filter((each) => each !== 'verified'))
      assert.match(
        textFor(inRegistry(kind, 'a')),
        /No digest to pin is offered: .* not all of them are verified/,
        kind,
      );
    for (const state of ['waiting', 'failed'] as const)
      assert.match(textFor({ state }), /No digest to pin is offered: .* not all of them are verified/);
  });

  it('shows verdict, reason, publisher with short id, signer, time, block, depth and assurance', () => {
    const given = verdict('verified');
    assert.equal(
      shown(hover('FROM a:1\n', 6, judged('verified'))),
      [
        `**${verdictLabel(given, l10n)}** — a:1`,
        verdictReason(given, l10n),
        'Publisher 0xababab…ababab, signer 0xcdcdcd…cdcdcd, block 1234, 2026-09-21 14:13:20 UTC.',
        verdictBasis(given, l10n),
        whyLink('a:1'),
      ].join('\n\n'),
    );
  });

  it('says what to do, and neither that nor the reason again beside a diagnostic', () => {
    const given = verdict('mismatch');
    const [reason, nextStep] = [verdictReason(given, l10n), verdictNextStep(given, l10n)];
    assert.ok(shown(hover('FROM a:1\n', 6, judged('mismatch'))).includes(`\n\n${reason}\n\n${nextStep}\n\n`));
    const marked = shown(hover('FROM a:1\n', 6, judged('mismatch'), true));
    assert.ok(!marked.includes(reason) && !marked.includes(nextStep), marked);
    assert.ok(marked.startsWith(`**${verdictLabel(given, l10n)}** — a:1\n\nOther content is signed`), marked);
    assert.equal(shown(hover('FROM a:1\n', 6, { state: 'failed' }, true)), '**Cannot be checked** — a:1');
  });

  it('shows nobody as if they had signed what they have not', () => {
    const roles = {
      revoked: ['Signed once, no longer valid: Publisher'],
      mismatch: ['Other content is signed under this name: Publisher'],
      superseded: ['Other content is signed under this name: Publisher', 'Publisher'],
      unsigned: [
        'This content is signed as example.com/team/app:1: Publisher',
        'Other content is signed under this name: Publisher',
      ],
      verified: ['Publisher'],
    } as const;
    for (const [kind, starts] of Object.entries(roles)) {
      const text = shown(hover('FROM a:1\n', 6, judged(kind as keyof typeof roles), true));
      const cited = text.split('\n\n').filter((line) => line.includes('Publisher 0xababab'));
      assert.equal(cited.length, starts.length, text);
      for (const [i, start] of starts.entries()) assert.ok(cited[i]?.startsWith(start), cited[i]);
    }
  });

  it('says of a name that no image can have what is wrong with it', () => {
    const image = { text: 'A', verdict: verdict('unknown', 'none') };
    const text = shown(hover('FROM A\n', 5, { state: 'judged', image }));
    assert.equal(text, '**Cannot be checked** — A\n\nThis is not a name that an image can have.');
  });

  it('says of an image that is not here that nobody has looked at it', () => {
    assert.match(
      shown(hover('FROM a:1\n', 6, { state: 'judged', image: absent('a:1', 'unsigned', 'none') })),
      /^\*\*Not looked at\*\* — a:1\n\nThe image is not here\./,
    );
  });

  it('has something to show for every verdict', () => {
    for (const kind of verdictKinds)
      assert.ok(shown(hover('FROM a:1\n', 6, judged(kind))).split('\n\n').length >= 3, kind);
  });

  it('shows the digest in the registry, to be copied', () => {
    const digest = `sha256:${'d'.repeat(64)}` as const;
    const image = { ...verified('a:1', 'verified'), registry: { digest, verdict: verdict('verified') } };
    for (const marked of [false, true]) {
      const text = shown(hover('FROM a:1\n', 6, { state: 'judged', image }, marked));
      assert.ok(text.endsWith(`\n\nDigest in the registry: \`${digest}\`\n\n${whyLink('a:1')}`), text);
    }
  });

  it('names engine and registry where they differ, unless a diagnostic does', () => {
    const digest = `sha256:${'d'.repeat(64)}` as const;
    const image = { ...verified('a:1', 'mismatch'), registry: { digest, verdict: verdict('verified') } };
    const sides = 'Local image: Mismatch. In the registry: Verified.';
    assert.ok(shown(hover('FROM a:1\n', 6, { state: 'judged', image })).includes(sides));
    assert.ok(!shown(hover('FROM a:1\n', 6, { state: 'judged', image }, true)).includes(sides));
  });

  it('says why a registry was not read, whether the engine has the image or not', () => {
    for (const registryFailure of registryFailures) {
      const failure = registryFailureText(registryFailure, l10n);
      const absent = { text: 'a:1', verdict: verdict('unsigned'), registryFailure };
      for (const image of [{ ...verified('a:1', 'verified'), registryFailure }, absent])
        assert.ok(shown(hover('FROM a:1\n', 6, { state: 'judged', image })).includes(failure), registryFailure);
    }
  });

  it('says that it is being checked, or that there was no answer', () => {
    assert.equal(shown(hover('FROM a:1\n', 6, { state: 'waiting' })), '**Checking…** — a:1');
    assert.match(
      shown(hover('FROM a:1\n', 6, { state: 'failed' })),
      /^\*\*Cannot be checked\*\* — a:1\n\n.*gave no answer/,
    );
  });

  it('is there on the reference, ends included, and nowhere else', () => {
    const file = 'FROM  a:1 AS b\n';
    const on = Array.from({ length: file.length }, (_, i) => i).filter(
      (i) => hover(file, i, judged('unsigned')) !== undefined,
    );
    assert.deepEqual(on, [6, 7, 8, 9]);
    assert.deepEqual(hover(file, 7, judged('unsigned'))?.range, {
      start: { line: 0, character: 6 },
      end: { line: 0, character: 9 },
    });
    assert.equal(hover('FROM $X\n', 6, judged('unsigned')), undefined);
  });

  it('asks about the platform of --platform', () => {
    const asked: unknown[] = [];
    const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, 'FROM --platform=linux/arm64 a:1\n');
    const answerOf: AnswerOf = (query) => {
      asked.push(query);
      return judged('verified');
    };
    hoverOf(findBaseImages(document), { line: 0, character: 29 }, answerOf, () => false, folder);
    assert.deepEqual(asked, [{ text: 'a:1', platform: 'linux/arm64' }]);
  });

  it('lists few statements of many', () => {
    const by = Array.from({ length: 50 }, () => outcomes.verified.by).flat();
    const image = { ...verified('a:1', 'verified'), verdict: { ...verdict('verified'), ...outcomes.verified, by } };
    assert.equal(shown(hover('FROM a:1\n', 6, { state: 'judged', image })).match(/Publisher/g)?.length, 5);
  });

  it('lets nothing that a stranger wrote become markup', () => {
    const note = '[x](command:evil) <img src=x> **b** `c` https://e.com $(gear)\n\n# h\u202e';
    const revoked = { ...verdict('revoked'), ...outcomes.revoked, note };
    const text = hover('FROM "[a](http://b)"\n', 6, {
      state: 'judged',
      image: { ...verified('a', 'revoked'), verdict: revoked },
    });
    assert.ok(text && MarkupContent.is(text.contents));
    const [heading = '', ...paragraphs] = text.contents.value.split('\n\n');
    assert.match(heading, /^\*\*Revoked\*\* — \\\[a\\\\u\\\{5d\\\}\\\(http\\:\\\/\\\/b\\\)$/);
    const link = paragraphs.pop() ?? '';
    for (const paragraph of paragraphs) assert.doesNotMatch(paragraph, /(?<!\\)[[\]()<>*`$#]|https:|\n|\u202e/);
    assert.match(link, /^\[Why\\\?\]\(command:daochain\.explainVerdict\?[0-9A-Za-z%]+\)$/);
    const [, given = ''] = /\?([0-9A-Za-z%]+)\)$/.exec(link) ?? [];
    assert.deepEqual(JSON.parse(decodeURIComponent(given)), ['[a](http://b)', '', folder]);
  });
});

describe('escaped Markdown', () => {
  it('has every punctuation character escaped and no line break', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeMarkdown(text);
        assert.doesNotMatch(escaped, /[\n\r]/);
        assert.doesNotMatch(escaped.replace(/\\[!-/:-@[-`{-~]/g, ''), /[!-/:-@[-`{-~]/);
      }),
    );
  });
});
