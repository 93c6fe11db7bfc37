import assert from 'node:assert/strict';
import type { ImageContent } from '../../../../src/core/image/identity';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import type { History, Leaf, PublisherId, Statement } from '../../../../src/core/ledger/types';
import { judge } from '../../../../src/core/judging/judge';
import type { TrustRule } from '../../../../src/core/trust/rules';
import type { Verdict } from '../../../../src/core/judging/verdict';
import { naiveJudge, type Reading } from './naiveJudge';
import type { EntrySpec } from './world';
import {
  acme,
  alice,
  arm64,
  bolt,
  complete,
  content,
  head,
  history,
  identity,
  input,
  leaf,
  needed,
  now,
  openSlot,
  rule,
  viewOf,
  wallet,
} from './world';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

/** Hundreds of thousands of worlds in half a minute; with `DAOCHAIN_SOAK=1` all words and one entry more, for hours. */
const isSoak = process.env['DAOCHAIN_SOAK'] !== undefined;
const more = isSoak ? 1 : 0;

const lastFinal = head.number - needed + 1;
const [A, B] = [content('a'), content('b')];
const checked = content('a', { docker: { Healthcheck: { Test: ['CMD', 'true'] } } });
const arm = content('arm', { platform: arm64 });
const digest = `sha256:${'d'.repeat(64)}` as const;
const other = `sha256:${'e'.repeat(64)}` as const;

function carried(of: ImageContent, changes: Partial<Leaf> = {}): Leaf {
  return leaf(of, { carried: { content: true }, ...changes });
}

function stating(...leaves: readonly Leaf[]): Statement {
  return { leaves };
}

/** What can be said in one entry, all in the words of one small world. One object for each statement: it is hashed once. */
const says = {
  A: stating(leaf(A)),
  B: stating(leaf(B)),
  checked: stating(leaf(checked)),
  arm: stating(leaf(arm)),
  Aarm: stating(leaf(A), leaf(arm)),
  cA: stating(carried(A)),
  cAarm: stating(carried(A), leaf(arm)),
  cBarm: stating(carried(B), leaf(arm)),
  cCheckedArm: stating(carried(checked), leaf(arm)),
  Ad: stating(leaf(A, { manifestDigest: digest })),
  Ae: stating(leaf(A, { manifestDigest: other })),
  /** Completed after the push. */
  cAd: stating(carried(A, { manifestDigest: digest })),
  /** Signed again, the digest carried on. */
  Acd: stating(leaf(A, { manifestDigest: digest, carried: { digests: true } })),
  cAcd: stating(carried(A, { manifestDigest: digest, carried: { content: true, digests: true } })),
} as const;

const [s1, s2] = [wallet(1), wallet(2)];
const past = now - 1;

function* sequences<T>(options: readonly T[], length: number): Generator<readonly T[]> {
  if (length === 0) yield [];
  else for (const before of sequences(options, length - 1)) for (const option of options) yield [...before, option];
}

function* upTo<T>(options: readonly T[], length: number): Generator<readonly T[]> {
  for (let n = 0; n <= length; n++) yield* sequences(options, n);
}

/** Each way in which the newest entries can be not final yet. */
function* told(
  publisher: PublisherId,
  specs: readonly EntrySpec[],
  name?: { repository: string; tag: string },
): Generator<History> {
  for (let open = 0; open <= specs.length; open++) {
    yield history(
      publisher,
      specs.map((spec, place) => ({ ...spec, block: place < specs.length - open ? lastFinal : lastFinal + 1 })),
      name,
    );
  }
}

function slots(voidFrom: Partial<Record<string, number>>): JudgeInput['slotOf'] {
  return (_, signer) => ({ ...openSlot, voidFrom: voidFrom[signer] ?? 0 });
}

function asked(...rules: readonly Partial<TrustRule>[]): Pick<JudgeInput, 'rules'> {
  return { rules: [{ origin: 'user', rules: rules.map(rule) }] };
}

function readingOf(verdict: Verdict): Reading {
  switch (verdict.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: verdict.missing };
    case 'revoked':
      return { kind: 'revoked', detail: verdict.by };
    case 'stale':
      return { kind: 'stale', detail: verdict.cause };
    case 'verified':
      return { kind: 'verified', detail: verdict.match === 'exact' ? 'exact' : undefined };
    case 'tampered':
    case 'superseded':
    case 'mismatch':
    case 'pending':
    case 'untrusted':
    case 'unsigned':
      return { kind: verdict.kind };
  }
}

function described(given: JudgeInput): string {
  const known = new Map<Statement, string>(Object.entries(says).map(([name, statement]) => [statement, name]));
  return [...given.histories, ...given.contentHistories]
    .map(({ publisher, tag, attestations }) =>
      [
        `${publisher.slice(0, 6)} ${tag.slice(0, 6)}:`,
        ...attestations.map(({ kind, signer, block, body, validUntil }) => {
          const what =
            body.type === 'statement'
              ? known.get(body.statement)
              : body.type === 'revocation'
                ? attestations
                    .filter((each) => each.statementHash === body.revocation.statementHash)
                    .map((each) => each.position)
                    .join()
                : body.type;
          return `${kind} ${what ?? '?'} by ${signer.slice(2, 4)}${block > lastFinal ? ' open' : ''}${validUntil ? ' past' : ''};`;
        }),
      ].join(' '),
    )
    .join(' | ');
}

/** Compares both readings over all worlds; the first few differences are told. */
function compareAll(worlds: Iterable<JudgeInput>, atLeast: number): void {
  let count = 0;
  const kinds = new Map<string, number>();
  const differences: string[] = [];
  for (const given of worlds) {
    count++;
    const [one, two] = [readingOf(judge(given)), naiveJudge(given, contentTag)];
    kinds.set(two.kind, (kinds.get(two.kind) ?? 0) + 1);
    if (one.kind !== two.kind || one.detail !== two.detail) {
      const rules = given.rules.flatMap((each) =>
        each.rules.map((of) => `${of.threshold} of ${of.publishers.length} ${of.accept}`),
      );
      const image = 'identity' in given.image ? (given.image.identity.content === B ? 'B' : 'A') : 'unread';
      const voids = [s1, s2].map((signer) => given.slotOf(acme, signer)?.voidFrom).join('/');
      differences.push(
        `image ${image}, ${rules.join()}, void ${voids}: ${described(given)} => ${JSON.stringify(one)}, naively ${JSON.stringify(two)}`,
      );
    }
  }
  if (process.env['DAOCHAIN_SHOW'] !== undefined) console.log(count, Object.fromEntries(kinds));
  assert.equal(differences.length, 0, `${differences.length} of ${count}:\n${differences.slice(0, 12).join('\n')}`);
  assert.ok(count >= atLeast, String(count));
}

describe('the judge, beside a second reading of the same rules', function () {
  this.timeout(isSoak ? 36_000_000 : 600_000);

  function* histories(options: readonly EntrySpec[], length: number): Generator<JudgeInput> {
    for (const specs of upTo(options, length)) {
      for (const of of told(acme, specs)) {
        for (const image of [A, B]) {
          for (const voidFrom of [0, lastFinal]) {
            yield input(image, [of], { ...asked({ publishers: [acme] }), slotOf: slots({ [s2]: voidFrom }) });
          }
        }
      }
    }
  }

  const revocations: readonly EntrySpec[] = [
    { revokes: 0, signer: s1 },
    { revokes: 1, signer: s1 },
    { revokes: 2, signer: s1 },
    { revokes: 0, signer: s2 },
    { revokes: 1, signer: s2 },
  ];

  const rarer: readonly EntrySpec[] = [
    { says: says.A, signer: s1, validUntil: past },
    { says: says.arm, signer: s1 },
    { says: says.checked, signer: s1 },
    { says: says.cCheckedArm, signer: s1 },
    { kind: 'publish', signer: s1 },
  ];

  it('hears what is rare alike', () => {
    compareAll(
      histories([{ says: says.A, signer: s1 }, { says: says.B, signer: s2 }, ...revocations, ...rarer], 2 + more),
      1_000,
    );
  });

  it('hears statements, carried parts, revocations and void signers of one history alike', () => {
    const options: readonly EntrySpec[] = [
      { says: says.A, signer: s1 },
      { says: says.A, signer: s2 },
      { says: says.B, signer: s1 },
      { says: says.B, signer: s2 },
      { says: says.A, signer: s1, kind: 'vouch' },
      { says: says.Aarm, signer: s1, validUntil: past },
      { says: says.cA, signer: s1 },
      { says: says.cAarm, signer: s1, validUntil: past },
      { says: says.cBarm, signer: s1 },
      { kind: 'revoke', signer: s1 },
      ...revocations,
      ...(isSoak ? rarer : []),
    ];
    compareAll(histories(options, 3 + more), 40_000);
  });

  it('hears longer histories of fewer words alike', () => {
    const options: readonly EntrySpec[] = [
      { says: says.A, signer: s1 },
      { says: says.B, signer: s2 },
      { says: says.cAarm, signer: s1 },
      { says: says.cBarm, signer: s1 },
      { revokes: 0, signer: s1 },
      ...(isSoak
        ? [
            { revokes: 1, signer: s2 },
            { says: says.A, signer: s2 },
          ]
        : []),
    ];
    compareAll(histories(options, 4 + more), 10_000);
  });

  it('hears digests that are added and carried on alike', () => {
    const options: readonly EntrySpec[] = [
      { says: says.A, signer: s1 },
      { says: says.Ad, signer: s1 },
      { says: says.Ad, signer: s2 },
      { says: says.Ae, signer: s1 },
      { says: says.cAd, signer: s1 },
      { says: says.cAd, signer: s2 },
      { says: says.cAd, signer: s2, validUntil: past },
      { says: says.Acd, signer: s1 },
      { says: says.cAcd, signer: s1 },
      { revokes: 0, signer: s1 },
    ];
    function* worlds(): Generator<JudgeInput> {
      const served = identity(A, { source: 'registry', manifestDigest: digest });
      for (const specs of upTo(options, 3 + more)) {
        for (const of of told(acme, specs)) {
          for (const voidFrom of [0, lastFinal]) {
            for (const partner of [[], [{ says: says.Ad }]]) {
              const threshold = partner.length + 1;
              yield input(served, [of, history(alice, partner)], {
                ...asked({ publishers: [acme, alice].slice(0, threshold), threshold }),
                slotOf: (publisher, signer) => slots({ [s2]: publisher === acme ? voidFrom : 0 })(publisher, signer),
              });
            }
          }
        }
      }
    }
    compareAll(worlds(), 10_000);
  });

  it('counts publishers and signers of a threshold alike', () => {
    const options: readonly EntrySpec[] = [
      { says: says.A, signer: s1 },
      { says: says.A, signer: s2 },
      { says: says.A, signer: s1, validUntil: past },
      { says: says.cA, signer: s2 },
      { says: says.B, signer: s1 },
      { revokes: 0, signer: s2 },
      ...(isSoak ? [{ says: says.A, signer: s2, validUntil: past }] : []),
    ];
    const partners: readonly (readonly EntrySpec[])[] = [
      [],
      [{ says: says.A, signer: s1 }],
      [{ says: says.A, signer: s2 }],
      ...(isSoak ? [[{ says: says.A, signer: s1, validUntil: past }]] : []),
      [
        { says: says.A, signer: s2 },
        { says: says.cA, signer: s1 },
      ],
      [
        { says: says.A, signer: s1 },
        { says: says.A, signer: s2 },
      ],
      [{ says: says.B, signer: s1 }],
    ];
    const rules: readonly (readonly Partial<TrustRule>[])[] = [
      ...(isSoak ? [[{ publishers: [acme, bolt], threshold: 1 }]] : []),
      [{ publishers: [acme, bolt], threshold: 2 }],
      [{ publishers: [acme, bolt, alice], threshold: 2 }],
      [{ publishers: [acme, bolt, alice], threshold: 3 }],
    ];
    function* worlds(): Generator<JudgeInput> {
      for (const specs of upTo(options, 2 + more)) {
        for (const of of told(acme, specs)) {
          for (const partner of partners) {
            for (const beside of told(bolt, partner)) {
              for (const own of [[], [{ says: says.A, signer: s1 }]]) {
                for (const asking of rules) {
                  for (const voidFrom of [0, lastFinal + 1]) {
                    yield input(A, [of, beside, history(alice, own)], {
                      ...asked(...asking),
                      slotOf: slots({ [s2]: voidFrom }),
                    });
                  }
                }
              }
            }
          }
        }
      }
    }
    compareAll(worlds(), 10_000);
  });

  it('hears what is taken back under every name alike', () => {
    const here: readonly (readonly EntrySpec[])[] = [
      [],
      [{ says: says.A }],
      [{ says: says.checked }],
      [{ says: says.B }],
      [{ says: says.A }, { revokes: 0 }],
      [{ says: says.A, signer: s2 }],
    ];
    const options: readonly EntrySpec[] = [
      { revokes: 3, signer: s1 },
      { revokes: 3, signer: s2 },
      { says: says.A, signer: s1 },
      { says: says.A, signer: s2 },
      { says: says.cA, signer: s1 },
      { says: says.checked, signer: s1, kind: 'vouch' },
      { kind: 'revoke', signer: s1 },
      { kind: 'publish', signer: s1 },
    ];
    const name = (of: ImageContent): { readonly repository: string; readonly tag: string } => ({
      repository: contentRepository,
      tag: contentTag(identity(of)),
    });
    function* worlds(): Generator<JudgeInput> {
      for (const specs of upTo(options, 2 + more)) {
        for (const about of [A, checked]) {
          for (const everywhere of told(acme, specs, name(about))) {
            for (const said of here) {
              for (const voidFrom of [0, lastFinal]) {
                for (const isContentChecked of [true, false]) {
                  for (const asking of [
                    { publishers: [acme] },
                    { publishers: [acme, bolt], accept: 'vouch' as const },
                  ]) {
                    yield input(A, [history(acme, said)], {
                      ...asked(asking),
                      contentHistories: [everywhere],
                      isContentChecked: (_, tag) => isContentChecked || tag !== everywhere.tag,
                      slotOf: slots({ [s2]: voidFrom }),
                    });
                  }
                }
              }
            }
          }
        }
      }
    }
    compareAll(worlds(), 5_000);
  });

  it('takes strangers, clocks and what was not read alike', () => {
    const stories: readonly (readonly EntrySpec[])[] = [
      [],
      [{ says: says.A }],
      [{ says: says.A, validUntil: head.time }],
      [{ says: says.B }],
      [{ says: says.arm }],
      [{ says: says.A }, { revokes: 0 }],
    ];
    function* worlds(): Generator<JudgeInput> {
      for (const own of stories) {
        for (const strange of stories) {
          for (const rules of [[], [{ publishers: [acme] }], [{ publishers: [acme], maximumViewAgeSeconds: 20 }]]) {
            for (const strangers of ['read', 'reading', 'full'] as const) {
              for (const state of [
                complete,
                { state: 'incomplete', missing: 'ledgerIncomplete', head } as const,
                { state: 'incomplete', missing: 'historyContradicted', head } as const,
                { state: 'incomplete', missing: 'historyContradicted' } as const,
                { state: 'incomplete', missing: 'otherChain', head } as const,
                { state: 'incomplete', missing: 'ledger' } as const,
              ]) {
                for (const later of isSoak ? [-16, -15, 0, 20, 21] : [-16, 20]) {
                  for (const isChecked of [
                    () => true,
                    (each: PublisherId) => each !== acme,
                    (each: PublisherId) => each !== bolt,
                  ]) {
                    const given = input(
                      A,
                      [history(acme, own), history(bolt, strange)].filter((each) => each.attestations.length > 0),
                      {
                        ...(rules.length === 0 ? { rules: [] } : asked(...rules)),
                        view: viewOf(state, { strangers, isChecked }),
                        now: head.time + later,
                      },
                    );
                    yield given;
                    yield { ...given, image: { unread: true } };
                    yield { ...given, image: { missing: 'engine' } };
                  }
                }
              }
            }
          }
        }
      }
    }
    compareAll(worlds(), 20_000);
  });
});
