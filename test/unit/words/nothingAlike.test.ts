import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planLines } from '../../../src/cli/planLines';
import { frameLines as terminalFrame } from '../../../src/cli/frameLines';
import { toHex, walletPublisher, type Address, type Hex } from '../../../src/core/hex';
import { digestFromBytes, type Digest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import { encodeRevocation } from '../../../src/core/ledger/revocation';
import { encodeStatement } from '../../../src/core/ledger/statement';
import type { Entry, Leaf, LedgerId, Revocation, Statement } from '../../../src/core/ledger/types';
import { ledgerKey } from '../../../src/core/ledger/types';
import { attestationText } from '../../../src/words/attestationText';
import { parseRule, type RuleText } from '../../../src/core/trust/rules';
import { statementLines } from '../../../src/words/statementText';
import { parseTrustLink, trustLink, type TrustLink } from '../../../src/core/trust/trustLink';
import type { PaymentRequest } from '../../../src/core/ether/paymentRequest';
import { callLines } from '../../../src/words/callText';
import { paymentRequestLines } from '../../../src/words/etherText';
import { invitationTexts } from '../../../src/words/organizationText';
import type { OrganizationDetails } from '../../../src/core/plans/organizationPlan';
import { checkedLines, uncheckedLines } from '../../../src/words/requestText';
import { ruleLines } from '../../../src/words/ruleText';
import type { PlannedImage, SigningPlan } from '../../../src/core/plans/signingPlan';
import { policyPages } from '../../../src/ui/policies/policyText';
import { confirmationLines } from '../../../src/ui/signing/confirmation';
import { planRows } from '../../../src/ui/signing/planRows';
import { requestLines } from '../../../src/ui/signing/requestLines';
import { trustQuestion } from '../../../src/ui/trust/trustQuestion';
import { verdictOf } from '../core/judging/verdicts';
import { knowing } from './knowing';
import { chinese, english } from './localizers';
import type { CheckedRequest } from '../../../src/core/plans/requestPlan';
import type { TransactionCall } from '../../../src/core/ports/ledger';

/** Two values of a kind that are easily taken for each other. */
type Pairs<T> = fc.Arbitrary<readonly [T, T]>;
/** For each field two values, with which two things differ in nothing but that field. */
type Fields<T> = { readonly [K in keyof T]-?: Pairs<T[K]> };

/** Bytes that differ in one hexadecimal digit, wherever it is. */
function bytes(length: number): fc.Arbitrary<readonly [Uint8Array, Uint8Array]> {
  return fc
    .tuple(fc.uint8Array({ minLength: length, maxLength: length }), fc.nat({ max: length - 1 }), fc.nat({ max: 7 }))
    .map(([one, at, bit]) => [one, one.with(at, (one[at] ?? 0) ^ (1 << bit))]);
}
function both<A, B>(pairs: Pairs<A>, change: (value: A) => B): Pairs<B> {
  return pairs.map(([one, other]) => [change(one), change(other)]);
}
const hex = (length: number): Pairs<Hex> => both(bytes(length), toHex);
const digest: Pairs<Digest> = both(bytes(32), digestFromBytes);
const address: Pairs<Address> = hex(20);
const organization = hex(32);
const oneOf = <T>(...pairs: readonly (readonly [T, T])[]): Pairs<T> => fc.constantFrom(...pairs);
const orNothing = <T>(pairs: Pairs<T>): Pairs<T | undefined> =>
  fc.oneof(
    pairs,
    pairs.map(([one]) => [one, undefined] as const),
  );
/** Seconds and amounts that differ by one, also where no calendar reaches. */
const seconds: Pairs<number> = fc
  .oneof(fc.integer({ min: 1, max: 4_000_000_000 }), fc.constantFrom(1, 8.64e12, 8.64e12 + 5, 2 ** 40 - 2))
  .map((second) => [second, second + 1]);
const wei: Pairs<bigint> = fc.bigInt({ min: 10n ** 14n, max: 10n ** 20n }).map((amount) => [amount, amount + 1n]);

const unseen = [
  '\u202e',
  '\u200b',
  '\u00ad',
  '\ufe0f',
  '\u0301',
  '\u00a0',
  ' ',
  '\n',
  '\\',
  '\u3164',
  '\u{e0041}',
  '\u05d0',
];
/** Texts that differ in one character that is hardly seen, or late. */
const text: Pairs<string> = fc
  .tuple(
    fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ minLength: 100, maxLength: 120 }),
      fc.constant('café \\u{202e} a'),
    ),
    fc.nat({ max: 120 }),
    fc.constantFrom(...unseen, 'x'),
  )
  .map(([one, at, put]) => [one, one.slice(0, at) + put + one.slice(at)]);
const longPath = `registry.example.com/${'team-'.repeat(12)}x/${'app-'.repeat(30)}`;
const repository: Pairs<string> = oneOf(
  [`${longPath}a`, `${longPath}b`],
  ['docker.io/library/app', 'docker.io/app/app'],
  ['registry.example.com/app', 'registry.example.com:80/app'],
);
const tag: Pairs<string> = oneOf(['1.0', '1.0.'], [`${'x'.repeat(127)}a`, `${'x'.repeat(127)}b`], ['l0', 'lO']);
const part: Pairs<string> = oneOf([`${'v'.repeat(63)}1`, `${'v'.repeat(63)}2`], ['a', 'A']);

/** Checks that two things that differ in one field never look alike, wherever they are shown. */
function neverAlike<T extends object>(
  name: string,
  fields: Fields<T>,
  show: Readonly<Record<string, (value: T) => unknown>>,
): void {
  for (const field of Object.keys(fields) as (keyof T & string)[]) {
    it(`${name} that differ in nothing but: ${field}`, () => {
      const all = Object.fromEntries(Object.entries<Pairs<unknown>>(fields)) as Record<string, Pairs<unknown>>;
      fc.assert(
        fc.property(fc.record(all), (pairs) => {
          const base = Object.fromEntries(Object.entries(pairs).map(([key, [one]]) => [key, one]));
          const [one, other] = [base, { ...base, [field]: pairs[field][1] }].map(defined) as [T, T];
          for (const [where, shown] of Object.entries(show))
            assert.notEqual(JSON.stringify(shown(one)), JSON.stringify(shown(other)), where);
        }),
        { numRuns: 60 },
      );
    });
  }
}

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

const ledger: LedgerId = { chainId: 7n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` };
const ledgers: Pairs<LedgerId> = fc.oneof(
  fc.constant([ledger, { ...ledger, chainId: 8n }] as const),
  both(hex(32), (genesisHash) => ({ ...ledger, genesisHash })),
  both(address, (contract) => ({ ...ledger, address: contract })),
);
const signer = `0x${'ab'.repeat(20)}` as const;

describe('nothing is shown like anything else:', () => {
  // --- statements ---------------------------------------------------------------------------------------------------

  interface FlatLeaf extends Omit<Leaf, 'platform' | 'manifestDigest' | 'dockerFieldNames' | 'carried'> {
    readonly os: string;
    readonly architecture: string;
    readonly variant: string | undefined;
    readonly osVersion: string | undefined;
    readonly manifestDigest: Digest | undefined;
    readonly dockerFieldNames: Leaf['dockerFieldNames'];
    readonly carried: Leaf['carried'];
    readonly indexDigest: Digest | undefined;
    readonly isIndexCarried: true | undefined;
    readonly others: readonly Leaf[];
  }
  const noFields = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
  const fields = ['Healthcheck', 'Shell', 'OnBuild'] as const;
  const otherLeaf: Leaf = {
    ...{ platform: { os: 'linux', architecture: 'zzz' }, configSize: 1, configDigest: noFields },
    ...{ fingerprint: noFields, dockerFields: noFields },
  };
  const leafFields: Fields<FlatLeaf> = {
    os: part,
    architecture: part,
    variant: orNothing(part),
    osVersion: orNothing(part),
    configDigest: digest,
    configSize: fc.nat({ max: 2 ** 32 - 2 }).map((size) => [size, size + 1]),
    fingerprint: digest,
    dockerFields: fc.oneof(
      digest,
      digest.map(([one]) => [one, noFields] as const),
    ),
    manifestDigest: orNothing(digest),
    dockerFieldNames: oneOf<Leaf['dockerFieldNames']>(
      [[fields[0]], [fields[1]]],
      [fields, [fields[0], fields[1]]],
      [[fields[2]], undefined],
    ),
    carried: oneOf<Leaf['carried']>(
      [{ content: true }, undefined],
      [{ content: true }, { digests: true }],
      [{ digests: true }, { content: true, digests: true }],
    ),
    indexDigest: orNothing(digest),
    isIndexCarried: oneOf<true | undefined>([true, undefined]),
    others: oneOf<readonly Leaf[]>([[], [otherLeaf]], [[otherLeaf], [{ ...otherLeaf, configSize: 2 }]]),
  };
  const statementOf = ({
    others,
    indexDigest,
    isIndexCarried,
    os,
    architecture,
    variant,
    osVersion,
    ...leaf
  }: FlatLeaf) =>
    ({
      leaves: [{ ...leaf, platform: defined({ os, architecture, variant, osVersion }) } as Leaf, ...others],
      ...defined({ indexDigest, isIndexCarried }),
    }) satisfies Statement;
  const entry: Entry = {
    ...{ publisher: walletPublisher(signer), previous: `0x${'00'.repeat(20)}`, kind: 'publish', validUntil: 0 },
    ...{ repository: 'docker.io/team/app', tag: '1', body: '0x' },
  };
  const request = { ledger, publisher: entry.publisher, deadline: 1_800_000_000, entries: [entry] };
  const checkedOf = (changes: Partial<CheckedRequest>): CheckedRequest => ({
    ...{ request, ledgerKind: 'team', refusal: undefined, entries: [] },
    ...changes,
  });
  const inEditor = (checked: CheckedRequest): unknown => planRows(requestLines(checked, undefined, english));
  const requestViews = {
    'in the editor': inEditor,
    'in the editor, in Chinese': (checked: CheckedRequest) => planRows(requestLines(checked, undefined, chinese)),
    'in a terminal': (checked: CheckedRequest) => checkedLines(checked, english),
  };
  const statementRequest = (statement: Statement): CheckedRequest =>
    checkedOf({
      entries: [
        {
          entry,
          image: 'app',
          content: { type: 'statement', statement },
          state: 'fresh',
          signature: 'none',
          change: 'first',
        },
      ],
    });

  neverAlike('requests for statements', leafFields, {
    ...Object.fromEntries(
      Object.entries(requestViews).map(([where, view]) => [
        where,
        (leaf: FlatLeaf) => view(statementRequest(statementOf(leaf))),
      ]),
    ),
    'the lines of a statement': (leaf) => statementLines(statementOf(leaf), english),
    'the details of an image': (leaf) =>
      attestationText(
        {
          ...{ name: 'app', verdict: verdictOf('verified') },
          ledgers: [
            {
              ...{ network: 'Home', ledger: undefined },
              histories: [
                {
                  ...{ key: `0x${'34'.repeat(32)}`, word: `0x${'34'.repeat(32)}`, publisher: entry.publisher },
                  ...{ repository: entry.repository, tag: entry.tag },
                  attestations: [
                    {
                      ...{ publisher: entry.publisher, repository: entry.repository, tag: entry.tag, validUntil: 0 },
                      ...{ key: `0x${'34'.repeat(32)}`, kind: 'publish', signer, position: 0, block: 1, time: 1 },
                      ...{ statementHash: `0x${'34'.repeat(32)}`, transaction: `0x${'34'.repeat(32)}` },
                      body: { type: 'statement', statement: statementOf(leaf) },
                    },
                  ],
                },
              ],
            },
          ],
        },
        english,
      ),
  });

  neverAlike<Revocation>(
    'requests for revocations',
    {
      statementHash: hex(32),
      reason: oneOf<Revocation['reason']>(
        ['compromised', 'vulnerable'],
        ['other', 'mistake'],
        ['unsupported', 'other'],
      ),
      note: text,
    },
    Object.fromEntries(
      Object.entries(requestViews).map(([where, view]) => [
        where,
        (revocation: Revocation) => {
          const revoking: Entry = { ...entry, kind: 'revoke' };
          const content = { type: 'revocation', revocation } as const;
          return view(
            checkedOf({ entries: [{ entry: revoking, image: 'app', content, state: 'fresh', signature: 'none' }] }),
          );
        },
      ]),
    ),
  );

  // --- requests -----------------------------------------------------------------------------------------------------

  const body = toHex(encodeStatement({ leaves: [otherLeaf] }));
  interface FlatRequest extends Pick<Entry, 'kind' | 'validUntil' | 'repository' | 'tag' | 'previous'> {
    readonly ledger: LedgerId;
    readonly publisher: Hex;
    readonly asked: Address | undefined;
    readonly deadline: number;
    readonly more: readonly string[];
  }
  const requestOf = ({ ledger: asked, publisher, asked: who, deadline, more, ...what }: FlatRequest) => {
    const first: Entry = { ...entry, ...what, publisher, body };
    return {
      ...{ ledger: asked, publisher, deadline, ...(who && { signer: who }) },
      entries: [first, ...more.map((each) => ({ ...first, tag: each }))],
    };
  };
  const checkedRequest = (flat: FlatRequest): CheckedRequest => {
    const made = requestOf(flat);
    return checkedOf({
      request: made,
      entries: made.entries.map((each) => ({
        ...{ entry: each, image: 'app', state: 'fresh', signature: 'none', change: 'first' },
        content: { type: 'statement', statement: { leaves: [otherLeaf] } },
      })),
    });
  };
  neverAlike<FlatRequest>(
    'requests',
    {
      kind: oneOf<Entry['kind']>(['publish', 'vouch']),
      validUntil: fc.oneof(seconds, fc.constant([0, 1] as const)),
      repository,
      tag,
      previous: hex(20),
      ledger: ledgers,
      publisher: fc.oneof(organization, both(address, walletPublisher)),
      asked: orNothing(address),
      deadline: seconds,
      more: oneOf<readonly string[]>(
        [['a'], ['b']],
        [['a', 'b'], ['a']],
        [
          ['a', 'b'],
          ['b', 'a'],
        ],
      ),
    },
    {
      ...Object.fromEntries(
        Object.entries(requestViews).map(([where, view]) => [where, (flat: FlatRequest) => view(checkedRequest(flat))]),
      ),
      'unchecked in a terminal': (flat) => uncheckedLines(requestOf(flat), english),
    },
  );

  // --- transactions -------------------------------------------------------------------------------------------------

  const calls = {
    'in the editor': (call: TransactionCall) => planRows(confirmationLines(planOf({ call }), circumstances, english)),
    'in a terminal': (call: TransactionCall) => terminalFrame(planOf({ call })),
    'in Chinese': (call: TransactionCall) => callLines(call, chinese),
  };
  const circumstances = { mining: false, staleLink: false };
  const fee = { gas: 1n, gasPrice: 1n, cost: 10n ** 14n, balance: 10n ** 18n };
  const image: PlannedImage = {
    ...{
      reference: parseReference('team/app:1'),
      platform: 'linux/zzz',
      configDigest: noFields,
      entry: { ...entry, body },
    },
    ...{ key: `0x${'34'.repeat(32)}`, statement: { leaves: [otherLeaf] }, change: { type: 'first' }, lifted: [] },
  };
  function planOf(changes: Partial<SigningPlan>): SigningPlan {
    const entries = [image.entry];
    return {
      ...{ ledger, ledgerKind: 'team', signer, publisher: entry.publisher, images: [image], skipped: [], entries },
      ...{ call: { type: 'attest', entries }, fee, missing: 0n },
      ...changes,
    };
  }
  const shownOfCall = <T>(make: (value: T) => TransactionCall) =>
    Object.fromEntries(Object.entries(calls).map(([where, view]) => [where, (value: T) => view(make(value))]));
  type Call<K extends TransactionCall['type']> = Omit<Extract<TransactionCall, { readonly type: K }>, 'type'>;
  const made =
    <K extends TransactionCall['type']>(type: K) =>
    (call: Call<K>): TransactionCall =>
      ({ type, ...call }) as unknown as TransactionCall;
  neverAlike<Omit<Entry, 'body'> & { readonly statement: Digest; readonly note: string | undefined }>(
    'signatures',
    {
      publisher: fc.oneof(organization, both(address, walletPublisher)),
      previous: hex(20),
      kind: oneOf<Entry['kind']>(['publish', 'vouch']),
      validUntil: seconds,
      repository,
      tag,
      statement: digest,
      note: text.map(([one]) => [undefined, one] as const),
    },
    shownOfCall(({ statement, note, ...rest }) => {
      const stated = toHex(encodeStatement({ leaves: [{ ...otherLeaf, configDigest: statement }] }));
      const hash = `0x${statement.slice('sha256:'.length)}` as const;
      const revoking = toHex(
        encodeRevocation({ statementHash: hash, reason: 'mistake', note: note?.slice(0, 60) ?? '' }),
      );
      const signed: Entry =
        note === undefined ? { ...rest, body: stated } : { ...rest, kind: 'revoke', body: revoking };
      return { type: 'attest', entries: [signed] };
    }),
  );
  neverAlike<Call<'createOrganization'>>('new organizations', { name: text }, shownOfCall(made('createOrganization')));
  neverAlike<Call<'setSigner'>>(
    'windows of a signer',
    {
      ...{ organization, signer: address, notBefore: seconds, scope: text },
      notAfter: fc.oneof(seconds, fc.constant([0, 1] as const)),
    },
    shownOfCall(made('setSigner')),
  );
  neverAlike<Call<'revokeSigner'>>(
    'revocations of a signer',
    { organization, signer: address, sinceBlock: seconds },
    shownOfCall(made('revokeSigner')),
  );
  neverAlike<Call<'transferAdmin'>>(
    'offers of an admin role',
    {
      organization,
      newAdmin: fc.oneof(
        address,
        address.map(([one]) => [one, `0x${'0'.repeat(40)}`] as const),
      ),
    },
    shownOfCall(made('transferAdmin')),
  );
  neverAlike<Call<'acceptAdmin'>>('takings of an admin role', { organization }, shownOfCall(made('acceptAdmin')));
  neverAlike<Call<'transfer'>>('transfers', { to: address, value: wei }, shownOfCall(made('transfer')));
  neverAlike<PaymentRequest>(
    'payment requests',
    { to: address, chainId: wei, value: orNothing(wei) },
    Object.fromEntries(
      [english, chinese].map((l10n, index) => [
        `in language ${index}`,
        (request: PaymentRequest) => paymentRequestLines(request, 'A ledger', l10n),
      ]),
    ),
  );

  interface FlatPlan extends Pick<SigningPlan, 'ledger' | 'ledgerKind' | 'signer' | 'publisher'> {
    readonly publisherName: string | undefined;
    readonly cost: bigint;
    readonly balance: bigint;
    readonly missing: bigint;
  }
  const flatPlan = ({ cost, balance, publisherName, ...rest }: FlatPlan): SigningPlan =>
    planOf({ ...rest, fee: { ...fee, cost, balance }, ...(publisherName !== undefined && { publisherName }) });
  neverAlike<FlatPlan>(
    'plans',
    {
      ledger: ledgers,
      ledgerKind: oneOf<SigningPlan['ledgerKind']>(['team', 'external'], ['team', 'development']),
      signer: address,
      publisher: organization,
      publisherName: orNothing(text),
      cost: wei,
      balance: wei,
      missing: wei,
    },
    {
      'in the editor': (flat) => planRows(confirmationLines(flatPlan(flat), circumstances, english)),
    },
  );
  neverAlike<Omit<FlatPlan, 'missing'>>(
    'plans in a terminal',
    {
      ledger: ledgers,
      ledgerKind: oneOf<SigningPlan['ledgerKind']>(['team', 'external'], ['team', 'development']),
      signer: address,
      publisher: organization,
      publisherName: orNothing(text),
      cost: wei,
      balance: wei,
    },
    {
      lines: (flat) => [
        planLines(flatPlan({ ...flat, missing: 0n })),
        terminalFrame(flatPlan({ ...flat, missing: 0n })),
      ],
    },
  );

  // --- whom to believe ----------------------------------------------------------------------------------------------

  const pattern: Pairs<string> = oneOf(
    [`${longPath}a`, `${longPath}b`],
    ['docker.io/shop/*', 'docker.io/shop/**'],
    [`${longPath}a/*`, `${longPath}a/**`],
  );
  const publishers: Pairs<readonly Hex[]> = fc.oneof(
    both(organization, (id) => [id, signer]),
    both(address, (each) => [walletPublisher(each), `0x${'cd'.repeat(32)}`] as const),
    organization.map(
      ([one, other]) =>
        [
          [one, other],
          [one, other, `0x${'ef'.repeat(32)}`],
        ] as const,
    ),
  );
  interface FlatRule extends Omit<RuleText, 'ledger'> {
    readonly on: LedgerId;
    readonly threshold: number;
    readonly level: 'enforce' | 'warn';
    readonly accept: 'publish' | 'vouch';
    readonly maximumViewAgeSeconds: number;
  }
  const ruleFields: Fields<FlatRule> = {
    on: ledgers,
    repositories: pattern,
    publishers,
    threshold: oneOf([1, 2]),
    level: oneOf<FlatRule['level']>(['enforce', 'warn']),
    accept: oneOf<FlatRule['accept']>(['publish', 'vouch']),
    maximumViewAgeSeconds: seconds,
  };
  const ruleOf = ({ on, ...rest }: FlatRule) => parseRule({ ...rest, ledger: ledgerKey(on) });
  const followed = (ledger: LedgerId) => knowing([{ name: 'Home', ledger, kind: 'team' }]);
  neverAlike<FlatRule>('rules', ruleFields, {
    here: (flat) => ruleLines(ruleOf(flat), followed(flat.on), english),
    elsewhere: (flat) => ruleLines(ruleOf(flat), knowing([]), english),
    'in a policy': (flat) => {
      const rules = [ruleOf(flat), ruleOf({ ...flat, repositories: 'docker.io/other/*' })];
      const policy = { digest: noFields, text: '', rules } as unknown as Parameters<typeof policyPages>[0];
      return policyPages(policy, undefined, { own: [], known: knowing([]) }, english);
    },
    'in Chinese': (flat) => ruleLines(ruleOf(flat), followed(flat.on), chinese),
  });
  neverAlike<Omit<FlatRule, 'level' | 'maximumViewAgeSeconds'> & { readonly name: string }>(
    'trust links',
    {
      ...{ on: ledgers, repositories: pattern, publishers, threshold: oneOf([1, 2]) },
      accept: oneOf<FlatRule['accept']>(['publish', 'vouch']),
      name: text,
    },
    {
      'asked in the editor': ({ on, name, ...rest }) => {
        const { publishers: ids, ...rule } = ruleOf({ ...rest, on, level: 'warn', maximumViewAgeSeconds: 1 });
        const link: TrustLink = parseTrustLink(trustLink({ ...rule, publishers: ids }));
        const names = new Map(ids.map((id) => [id, name]));
        return trustQuestion(
          { ...link, place: { name: 'Home', ledger: on, kind: 'team' } },
          { origin: 'link', rules: [], known: knowing([], names), signers: new Map() },
          english,
        );
      },
    },
  );

  interface FlatInvitation {
    readonly ledger: LedgerId;
    readonly id: Hex;
    readonly name: string;
    readonly notAfter: number;
    readonly scope: string;
    readonly told: string;
  }
  neverAlike<FlatInvitation>(
    'invitations',
    {
      ledger: ledgers,
      id: organization,
      name: text,
      notAfter: seconds,
      scope: text,
      told: fc.constant(['a.b/c', 'a.b/d']),
    },
    {
      'asked in the editor': ({ ledger: on, id, name, notAfter, scope, told }) => {
        const details: OrganizationDetails = {
          ...{ ledger: on, ledgerKind: 'team', organization: { id, name, admin: signer } },
          signers: [
            { signer, window: 'current', scope, slot: { notBefore: 1, notAfter, voidFrom: 0, isScoped: scope !== '' } },
          ],
        };
        return invitationTexts(details, { scope: told }, signer, english);
      },
    },
  );
});
