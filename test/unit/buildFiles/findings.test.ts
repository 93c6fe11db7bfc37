import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DiagnosticSeverity } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { verdictKinds, type VerdictFrame, type VerdictKind } from '../../../src/core/judging/verdict';
import {
  diagnosticLevels,
  type DiagnosticLevel,
  type DiagnosticSettings,
} from '../../../src/protocol/dockerfileSettings';
import type { ImageAnswer } from '../../../src/core/judging/imageAnswer';
import { findBaseImages } from '../../../src/buildFiles/dockerfile/baseImages';
import { toDiagnostic } from '../../../src/server/diagnostics';
import { findingsOf, type Finding } from '../../../src/buildFiles/findings';
import type { Answer } from '../../../src/buildFiles/answer';
import { absent, outcomes, verdict, verified } from '../server/sampleVerdicts';

type Coverage = VerdictFrame['coverage'];
interface Layers {
  readonly user?: DiagnosticSettings;
  readonly workspace?: DiagnosticSettings;
}

const coverages: readonly Coverage[] = ['none', 'warn', 'enforce'];
const codes: Readonly<Record<VerdictKind, string>> = {
  tampered: 'DC001',
  revoked: 'DC002',
  superseded: 'DC003',
  mismatch: 'DC004',
  pending: 'DC005',
  stale: 'DC006',
  verified: 'DC007',
  untrusted: 'DC008',
  unsigned: 'DC009',
  unknown: 'DC010',
};
const red: readonly VerdictKind[] = ['tampered', 'revoked', 'mismatch'];

/** What the design's table says: severity where a rule covers, and where none does. */
const table: Readonly<Record<VerdictKind, readonly [covered: DiagnosticLevel, uncovered: DiagnosticLevel]>> = {
  tampered: ['error', 'error'],
  revoked: ['error', 'error'],
  superseded: ['warning', 'warning'],
  mismatch: ['error', 'error'],
  pending: ['information', 'information'],
  stale: ['warning', 'warning'],
  verified: ['off', 'off'],
  untrusted: ['warning', 'information'],
  unsigned: ['warning', 'information'],
  unknown: ['information', 'off'],
};

function findings(
  file: string,
  answer: Answer | ImageAnswer,
  { user = {}, workspace = {} }: Layers = {},
): readonly Finding[] {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, file);
  const given: Answer = 'state' in answer ? answer : { state: 'judged', image: answer };
  return findBaseImages(document).flatMap((image) => findingsOf(image, () => given, { user, workspace }));
}

function levelOf(kind: VerdictKind, coverage: Coverage, layers?: Layers, comment = ''): DiagnosticLevel {
  return findings(`${comment}FROM a:1\n`, verified('a:1', kind, coverage), layers)[0]?.level ?? 'off';
}

function loudness(level: DiagnosticLevel): number {
  return diagnosticLevels.indexOf(level);
}

describe('findings about base images', () => {
  for (const kind of verdictKinds) {
    for (const coverage of coverages) {
      // Where a rule enforces, what could not be found out is as bad as what it hides.
      const isHidden = kind === 'unknown' && coverage === 'enforce';
      const expected = isHidden ? 'error' : table[kind][coverage === 'none' ? 1 : 0];
      const isProtected = red.includes(kind) || coverage === 'enforce';

      it(`${kind}, ${coverage}: ${expected}`, () => {
        assert.equal(levelOf(kind, coverage), expected);
        const [finding] = findings('FROM a:1\n', verified('a:1', kind, coverage));
        assert.equal(finding?.code, expected === 'off' ? undefined : codes[kind]);
        assert.deepEqual(
          finding?.range,
          expected === 'off' ? undefined : { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } },
        );
      });

      it(`${kind}, ${coverage}: a comment ${isProtected ? 'hides nothing' : 'hides it'}`, () => {
        const comment = `# daochain: ignore ${codes[kind]} — reason\n`;
        assert.equal(levelOf(kind, coverage, {}, comment), isProtected ? expected : 'off');
        assert.equal(levelOf(kind, coverage, {}, '# daochain: ignore DC099\n'), expected);
      });

      it(`${kind}, ${coverage}: a workspace ${isProtected ? 'makes it no milder' : 'decides'}`, () => {
        for (const level of diagnosticLevels) {
          const workspace = { severity: { [codes[kind]]: level } };
          const louder = loudness(level) > loudness(expected) ? level : expected;
          const set = expected === 'off' ? 'off' : isProtected ? louder : level;
          assert.equal(levelOf(kind, coverage, { workspace }), set, `set to ${level}`);
        }
        assert.equal(levelOf(kind, coverage, { workspace: { enabled: false } }), isProtected ? expected : 'off');
      });

      it(`${kind}, ${coverage}: the user decides`, () => {
        for (const level of diagnosticLevels) {
          const user = { severity: { [codes[kind]]: level } };
          assert.equal(levelOf(kind, coverage, { user }), expected === 'off' ? 'off' : level);
        }
        assert.equal(levelOf(kind, coverage, { user: { enabled: false } }), 'off');
      });
    }
  }

  it('are never made milder by a workspace and a file where the reader is protected', () => {
    const level = fc.constantFrom(...diagnosticLevels);
    const layer = fc.record(
      { enabled: fc.boolean(), severity: fc.dictionary(fc.constantFrom(...Object.values(codes)), level) },
      { requiredKeys: [] },
    );
    const sample = fc.record({
      kind: fc.constantFrom(...verdictKinds),
      coverage: fc.constantFrom(...coverages),
      user: layer,
      workspace: layer,
    });
    fc.assert(
      fc.property(sample, ({ kind, coverage, user, workspace }) => {
        fc.pre(red.includes(kind) || coverage === 'enforce');
        const comment = `# daochain: ignore ${codes[kind]}\n`;
        assert.ok(
          loudness(levelOf(kind, coverage, { user, workspace }, comment)) >=
            loudness(levelOf(kind, coverage, { user })),
        );
      }),
    );
  });

  it('say which comment did not help', () => {
    const [finding] = findings('# daochain: ignore DC004\nFROM a:1\n', verified('a:1', 'mismatch'));
    assert.match(finding?.message ?? '', /comment above cannot silence this/);
    assert.equal(finding?.ignorable, false);
  });

  it('can be left out by any comment line directly above', () => {
    const unsigned = verified('a:1', 'unsigned');
    assert.equal(findings('# daochain: ignore DC008, DC009: reviewed\nFROM a:1\n', unsigned).length, 0);
    assert.equal(findings('  #daochain:ignore dc009\n# why: vendored\n  FROM a:1\n', unsigned).length, 0);
    assert.equal(findings('# daochain: ignore DC009\n\nFROM a:1\n', unsigned).length, 1);
    assert.equal(findings('# daochain: ignore\nFROM a:1\n', unsigned).length, 1);
    assert.equal(findings('# daochain: ignore DC0091\nFROM a:1\n', unsigned).length, 1);
    assert.equal(findings('# daochain: ignore all of DC009\nFROM a:1\n', unsigned).length, 1);
    assert.equal(findings('# daochain: ignore DC009\nFROM a:1\nFROM b:1\n', unsigned).length, 1);
  });

  it('are none while the answer is on its way', () => {
    assert.deepEqual(findings('FROM a:1\n', { state: 'waiting' }), []);
  });

  it('say that there was no answer, whatever a file or a workspace asks for', () => {
    const [finding, ...more] = findings(
      '# daochain: ignore DC010\nFROM a:1\n',
      { state: 'failed' },
      { workspace: { enabled: false } },
    );
    assert.equal(finding?.code, 'DC010');
    assert.equal(finding.level, 'information');
    assert.deepEqual(more, []);
  });

  it('offer trust only where a rule could help', () => {
    for (const kind of verdictKinds) {
      const [finding] = findings('FROM a:1\n', verified('a:1', kind, 'warn'));
      const helps = kind === 'untrusted' || kind === 'unsigned';
      assert.equal(finding?.trustable, helps ? 'example.com/team/app' : undefined, kind);
    }
  });

  it('warn, and do not alarm, about an image of your own that was built again', () => {
    const rebuilt = { ...verdict('mismatch'), ...outcomes.mismatch, cause: 'rebuilt' as const };
    assert.equal(findings('FROM a:1\n', { ...verified('a:1', 'mismatch'), verdict: rebuilt })[0]?.level, 'warning');
  });

  it('name each variable without a value, and only it', () => {
    const found = findings('FROM $R/app:${T}\n', { state: 'failed' });
    assert.deepEqual(
      found.map(({ code, level, range, message }) => [
        code,
        level,
        range.start.character,
        range.end.character,
        message,
      ]),
      [
        ['DC011', 'information', 5, 7, 'Cannot be checked: $R/app:${T}. The value of R is not known before the build.'],
        [
          'DC011',
          'information',
          12,
          16,
          'Cannot be checked: $R/app:${T}. The value of T is not known before the build.',
        ],
      ],
    );
    assert.deepEqual(findings('# daochain: ignore DC011\nFROM $R\n', { state: 'waiting' }), []);
  });

  it('say what an image is used for where it is not FROM', () => {
    const uses: Readonly<Record<string, string>> = {
      'FROM a:1': 'Unsigned: ',
      'FROM scratch\nCOPY --from=a:1 /x /x': 'Unsigned (COPY --from): ',
      'FROM scratch\nRUN --mount=from=a:1 true': 'Unsigned (RUN --mount): ',
      '# syntax=a:1\nFROM scratch': 'Unsigned (# syntax): ',
    };
    for (const [file, start] of Object.entries(uses)) {
      const [finding] = findings(file, verified('a:1', 'unsigned'));
      assert.ok(finding?.message.startsWith(start), finding?.message);
    }
  });

  it('name the image and its platform, whatever they say', () => {
    const file = 'FROM --platform=linux/arm64 registry.example.com/a:1\n';
    const alike = { lookAlike: { how: 'host', of: 'b.example/a' } } as const;
    const answers: readonly (Answer | ImageAnswer)[] = [
      ...verdictKinds.map((kind) => ({ ...verified('a:1', kind, 'enforce'), ...alike })),
      { state: 'failed' },
    ];
    for (const answer of answers)
      for (const { message } of findings(file, answer))
        assert.match(message, /: registry\.example\.com\/a:1 \(linux\/arm64\)\. /);
  });

  it('say of an image that is not here that nobody has looked at it, not that its content has no signature', () => {
    const unseen = absent('a:1', 'unsigned', 'none');
    const [finding] = findings('FROM a:1\n', unseen);
    assert.match(finding?.message ?? '', /^Not looked at: a:1\. The image is not here\. .*Pull or build the image\.$/);
    const digest = `sha256:${'d'.repeat(64)}` as const;
    for (const seen of [verified('a:1', 'unsigned'), { ...unseen, registry: { digest, verdict: unseen.verdict } }])
      assert.match(findings('FROM a:1\n', seen)[0]?.message ?? '', /^Unsigned: a:1\. This content /);
  });

  it('mark what no image can be called, wherever it stands, and whatever a file or a workspace asks for', () => {
    const answer: ImageAnswer = {
      text: 'a',
      verdict: { ...verdict('unknown', 'none'), kind: 'unknown', missing: 'image' },
    };
    for (const written of ['Alpine', 'a:b:c', 'a//b', 'https://example.com/a', 'a@sha256:1', 'a:', 'a'.repeat(64)])
      for (const file of [
        `# daochain: ignore DC010\nFROM ${written}\n`,
        `FROM scratch\nCOPY --from=${written} / /\n`,
        `FROM scratch\nRUN --mount=from=${written} true\n`,
      ]) {
        const [finding, ...more] = findings(file, answer, { workspace: { enabled: false } });
        assert.deepEqual([finding?.code, finding?.level, more], ['DC010', 'information', []], file);
        assert.ok(finding?.message.includes(`Cannot be checked: ${written}. This is not a name`), finding?.message);
      }
    assert.deepEqual(findings('FROM alpine:3\nFROM a@sha256:' + 'd'.repeat(64), answer), []);
  });

  it('name engine and registry where they differ', () => {
    const digest = `sha256:${'d'.repeat(64)}` as const;
    const image = { ...verified('a:1', 'mismatch'), registry: { digest, verdict: verdict('verified') } };
    assert.match(
      findings('FROM a:1', image)[0]?.message ?? '',
      / Local image: Mismatch\. In the registry: Verified\. /,
    );
  });

  describe('about look-alike names', () => {
    const alike: ImageAnswer = {
      ...verified('libary/nginx', 'unsigned', 'warn'),
      lookAlike: { how: 'slip', of: 'docker.io/library/nginx' },
    };

    it('are of their own, beside the verdict, and say what is imitated', () => {
      const [unsigned, warning, ...more] = findings('FROM libary/nginx\n', alike);
      assert.deepEqual([unsigned?.code, warning?.code, warning?.level, more], ['DC009', 'DC012', 'warning', []]);
      assert.match(
        warning?.message ?? '',
        /^Look-alike name: libary\/nginx\. Did you mean docker\.io\/library\/nginx\? One letter /,
      );
      assert.deepEqual(warning?.range, unsigned?.range);
    });

    it('say how, in words, for each way', () => {
      const of = 'docker.io/library/nginx';
      const ways: readonly (readonly [NonNullable<ImageAnswer['lookAlike']>, RegExp])[] = [
        [{ how: 'letters', codePoints: ['U+0430', 'U+200B'] }, /Latin letters only; this one has U\+0430 U\+200B\.$/],
        [{ how: 'letters', codePoints: ['U+0430'], of }, /U\+0430\. Did you mean docker\.io\/library\/nginx\?$/],
        [{ how: 'punycode', host: '\u0430\u202e.com', of }, /stands for \u0430\\u\{202e\}\.com\./],
        [{ how: 'shapes', of }, /only look like/],
        [{ how: 'host', of }, /registry of this name differs/],
      ];
      for (const [lookAlike, message] of ways) {
        const [finding] = findings('FROM a:1', { ...verified('a:1', 'verified'), lookAlike });
        assert.match(finding?.message ?? '', message);
      }
    });

    it('change nothing about the verdict, and are for the settings and for a comment to silence', () => {
      assert.deepEqual(findings('FROM a:1', { ...alike, lookAlike: { how: 'host', of: 'b.c/a' } }).length, 2);
      const ignored = '# daochain: ignore DC012 \u2014 our own fork\nFROM libary/nginx\n';
      assert.deepEqual(
        findings(ignored, alike).map(({ code }) => code),
        ['DC009'],
      );
      const off = { user: { severity: { DC012: 'off' } } } as const;
      assert.deepEqual(
        findings('FROM libary/nginx\n', alike, off).map(({ code }) => code),
        ['DC009'],
      );
    });

    it('come from the host alone, which knows the rules', () => {
      assert.deepEqual(findings('FROM libary/nginx\n', verified('libary/nginx', 'verified')), []);
      assert.deepEqual(findings('FROM libary/nginx\n', { state: 'waiting' }), []);
    });
  });
});

describe('a diagnostic', () => {
  it('has source, code, the page about it and the severity', () => {
    const [finding] = findings('FROM a:1\n', verified('a:1', 'unsigned', 'warn'));
    assert.ok(finding);
    assert.deepEqual(toDiagnostic(finding, { rules: 'https://example.com/rules/', language: 'en' }), {
      source: 'DaoChain',
      code: 'DC009',
      codeDescription: { href: 'https://example.com/rules/DC009.md' },
      severity: DiagnosticSeverity.Warning,
      message: finding.message,
      range: finding.range,
    });
    const chinese = toDiagnostic(finding, { rules: 'file:///x/', language: 'zh-cn' });
    assert.equal(chinese.codeDescription?.href, 'file:///x/DC009.zh-cn.md');
  });
});
