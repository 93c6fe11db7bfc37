import assert from 'node:assert/strict';
import { checksumAddress } from '../../../../src/core/checksumAddress';
import { DaoChainError } from '../../../../src/core/errors';
import { toHex, walletPublisher } from '../../../../src/core/hex';
import { parseReference } from '../../../../src/core/image/reference';
import { contentName, contentTag } from '../../../../src/core/ledger/contentName';
import { encodeRevocation } from '../../../../src/core/ledger/revocation';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import type { Attestation, Entry, Leaf } from '../../../../src/core/ledger/types';
import type { Localizer } from '../../../../src/words/localizer';
import type { PlannedImage, RevocationPlan, SigningPlan } from '../../../../src/core/plans/signingPlan';
import {
  confirmationLines,
  statementRevocationLines,
  type Circumstances,
  type ConfirmationLine,
} from '../../../../src/ui/signing/confirmation';
import { verdictOf } from '../../core/judging/verdicts';
import { chinese, english } from '../../words/localizers';

const signer = `0x${'ab'.repeat(20)}` as const;
const digest = `sha256:${'12'.repeat(32)}` as const;
const leaf: Leaf = {
  platform: { os: 'linux', architecture: 'amd64' },
  configDigest: digest,
  configSize: 1000,
  fingerprint: digest,
  dockerFields: digest,
};

function image(name: string, change: PlannedImage['change'], leaves = 1): PlannedImage {
  const reference = parseReference(name);
  const statement = {
    leaves: Array.from({ length: leaves }, (_, n) =>
      n === 0
        ? leaf
        : { ...leaf, platform: { os: 'linux', architecture: `a${n}` }, carried: { content: true } as const },
    ),
  };
  return {
    reference,
    imageId: digest,
    platform: 'linux/amd64',
    configDigest: digest,
    statement,
    entry: {
      publisher: walletPublisher(signer),
      previous: `0x${'00'.repeat(20)}`,
      kind: 'publish',
      validUntil: 0,
      repository: reference.repository,
      tag: reference.tag ?? 'latest',
      body: toHex(encodeStatement(statement)),
    },
    key: `0x${'34'.repeat(32)}`,
    change,
    lifted: [],
  };
}

function plan(images: readonly PlannedImage[], changes: Partial<SigningPlan> = {}): SigningPlan {
  const entries = images.filter(({ change }) => change.type !== 'same').map(({ entry }) => entry);
  return {
    ledger: { chainId: 1234n, genesisHash: `0x${'56'.repeat(32)}`, address: `0x${'78'.repeat(20)}` },
    ledgerKind: 'development',
    signer,
    publisher: walletPublisher(signer),
    images,
    skipped: [],
    entries,
    call: entries.length === 0 ? undefined : { type: 'attest', entries },
    fee: { gas: 70_000n, gasPrice: 10n ** 9n, cost: 7n * 10n ** 13n, balance: 10n ** 18n },
    missing: 0n,
    ...changes,
  };
}

const first = image('team/app:1', { type: 'first' });

function lines(
  given: SigningPlan,
  circumstances: Circumstances = { mining: false, staleLink: false },
): readonly ConfirmationLine[] {
  return confirmationLines(given, circumstances, english);
}

function decisions(given: SigningPlan, mining = false): readonly (string | undefined)[] {
  return lines(given, { mining, staleLink: false }).flatMap(({ decision }) => decision ?? []);
}

/** All that is shown, as one text. */
function shown(given: SigningPlan, circumstances?: Circumstances): string {
  return lines(given, circumstances)
    .map(({ label, description, detail = '' }) => `${label} ${description} ${detail}`)
    .join('\n');
}

describe('the confirmation of a signature', () => {
  it('shows image, platform, digest, ledger, cost, balance and wallet', () => {
    const text = shown(plan([first]));
    for (const part of [
      'team/app:1',
      'linux/amd64',
      `config ${digest}`,
      'config size 1000 B',
      `fingerprint ${digest}`,
      `Publisher: ${checksumAddress(signer)}`,
      'The development ledger of this machine',
      'chain 1234',
      `genesis 0x${'56'.repeat(32)}, contract 0x${'78'.repeat(20)}`,
      'Costs 0.00007 ETH (70000 gwei) at most',
      'of a balance of 1 ETH',
      checksumAddress(signer),
      'The first signature of this tag.',
    ]) {
      assert.ok(text.includes(part), `${part} in\n${text}`);
    }
  });

  it('says what has changed since, and which platforms are carried on', () => {
    const changed = image('team/app:1', { type: 'changed', differences: ['Env', 'layers'] }, 3);
    assert.match(
      shown(plan([changed])),
      /Changed since you signed it: Env, layers\. Carried forward unchanged from an earlier entry: linux\/a1, linux\/a2\./,
    );
    const unknown = image('team/app:1', { type: 'changed', differences: [] }, 2);
    assert.match(
      shown(plan([unknown])),
      /Not the content that you signed before\. Carried forward unchanged from an earlier entry: linux\/a1\./,
    );
  });

  it('says what becomes valid again under every name', () => {
    const lifted = { leaf, entry: { ...image('team/app:1', { type: 'restored' }).entry, ...contentName(leaf) } };
    const restored = { ...image('team/app:1', { type: 'restored' }), lifted: [lifted] };
    const entries = [restored.entry, lifted.entry];
    const text = shown(plan([restored], { entries, call: { type: 'attest', entries } }));
    assert.match(
      text,
      /revoked under every name of the publisher\. Your signature makes it valid again under every name/,
    );
    assert.ok(text.includes(`Make valid again under every name: content ${contentTag(leaf)}`));
    assert.match(text, /\$\(key\) Sign, and mine/);
  });

  it('says what becomes of what was revoked', () => {
    const changes = [
      ['added', /The first signature for this platform\. Carried forward unchanged from an earlier entry: linux\/a1\./],
      ['renewed', /before is revoked or was dropped; this is other content\./],
      ['restored', /This very content was revoked\. Your signature makes it valid again\./],
    ] as const;
    for (const [type, sentence] of changes) assert.match(shown(plan([image('team/app:1', { type }, 2)])), sentence);
  });

  it('mines by itself on a development network, and on others only when asked to', () => {
    assert.deepEqual(decisions(plan([first])), ['signAndMine', 'sign']);
    assert.deepEqual(decisions(plan([first], { ledgerKind: 'team' })), ['sign', 'signAndMine']);
    assert.deepEqual(decisions(plan([first]), true), ['sign']);
  });

  it('cannot sign with too little balance: it names what is missing and offers to mine', () => {
    const poor = plan([first], { missing: 5n * 10n ** 13n });
    assert.deepEqual(decisions(poor), ['mineForBalance']);
    assert.match(shown(poor), /0\.00005 ETH more needed/);
  });

  it('signs what is signed already only when asked again', () => {
    assert.deepEqual(decisions(plan([image('team/app:1', { type: 'same' })])), ['again']);
    const both = plan([first, image('team/b:1', { type: 'same' })]);
    assert.deepEqual(decisions(both, true), ['sign']);
    assert.match(shown(both, { mining: true, staleLink: false }), /\$\(key\) Sign {2}/);
  });

  it('counts the images', () => {
    assert.match(
      shown(plan([first, image('team/b:1', { type: 'first' })]), { mining: true, staleLink: false }),
      /Sign 2 images/,
    );
  });

  it('says that another machine was faster', () => {
    assert.match(shown(plan([first]), { mining: true, staleLink: true }), /signed elsewhere in the meantime/);
  });

  it('says which one image was signed elsewhere meanwhile', () => {
    const stale = { mining: true, staleLink: true, staleImage: 'docker.io/team/b:1' };
    assert.match(shown(plan([first]), stale), /docker\.io\/team\/b:1 was signed elsewhere in the meantime/);
  });

  it('says in whose name, and offers another where there is one', () => {
    const organization = `0x${'0a'.repeat(32)}` as const;
    const theirs = plan([first], { publisher: organization, publisherName: 'Acme\u202e' });
    const text = shown(theirs);
    assert.match(text, /Published by Acme\\u\{202e\} \(0x(?:0a){32}\) signed by 0xAB/);
    assert.doesNotMatch(text, /another name/);
    const switchable = { mining: true, staleLink: false, canSwitchPublisher: true };
    assert.match(shown(theirs, switchable), /Sign in another name/);
    assert.ok(lines(plan([first]), switchable).some(({ decision }) => decision === 'switchPublisher'));
  });

  it('says of a name without a registry whose it is', () => {
    const bare = image('shop:1', { type: 'first' });
    assert.match(shown(plan([bare])), /one of Docker Hub’s official images: docker\.io\/library\/shop:1\./);
    assert.match(shown(plan([bare])), /Publish shop:1 \(docker\.io\/library\/shop:1\)/);
    assert.match(shown(plan([first])), /Publish team\/app:1 \(docker\.io\/team\/app:1\)/);
    assert.doesNotMatch(shown(plan([first])), /Docker Hub/);
    assert.doesNotMatch(shown(plan([image('localhost:5000/shop:1', { type: 'first' })])), /shop:1 \(/);
  });

  it('names the verdict that will be, and puts first whom the reader’s rule names', () => {
    const named = [`0x${'00'.repeat(12)}${'cd'.repeat(20)}`] as const;
    const stays = { reference: first.reference, now: verdictOf('mismatch'), then: verdictOf('mismatch'), named };
    const given = plan([first], { foreseen: [stays] });
    const circumstances = { mining: true, staleLink: false, named: 'Acme' };
    const [offer, sign] = lines(given, circumstances);
    assert.deepEqual([offer?.decision, sign?.decision], ['switchToNamed', 'sign']);
    assert.equal(offer?.label, '$(arrow-swap) Sign as Acme instead');
    const told = lines(given, circumstances).find(({ label }) =>
      label.startsWith('$(error) For you it stays: Mismatch.'),
    );
    assert.match(told?.label ?? '', /Your rule trusts 0x[cCdD]{40} here, not your wallet\./);
    const fine = { ...stays, then: verdictOf('verified'), named: [walletPublisher(signer)] };
    assert.match(shown(plan([first], { foreseen: [fine] })), /For you it will be: Verified\. /);
  });

  it('does not say that all is done where what is signed already stays red', () => {
    const named = [`0x${'00'.repeat(12)}${'cd'.repeat(20)}`] as const;
    const same = image('team/app:1', { type: 'same' });
    const stays = { reference: same.reference, now: verdictOf('mismatch'), then: verdictOf('mismatch'), named };
    const text = shown(plan([same], { foreseen: [stays] }));
    assert.match(text, /For you it stays: Mismatch\./);
    assert.match(text, /This content is signed already in this name; there is nothing to send/);
    assert.doesNotMatch(text, /nothing needs to be done|Nothing to do/i);
  });

  it('names what is left out, with the reason, and signs the others', () => {
    const error = new DaoChainError('imageMalformed', 'x', { details: { reason: 'duplicateKey' } });
    const text = shown(plan([first], { skipped: [{ name: 'team/bad:1', error }] }));
    assert.match(text, /Not signed: team\/bad:1 {2}The image is malformed: engines could read/);
    assert.match(text, /\$\(key\) Sign /);
  });

  describe('to vouch', () => {
    const manifest = `sha256:${'ef'.repeat(32)}` as const;
    const verdict = verdictOf('unsigned');
    const vouched = (changes: Partial<NonNullable<PlannedImage['vouch']>> = {}): PlannedImage => ({
      ...image('debian:12', { type: 'first' }),
      statement: { leaves: [{ ...leaf, manifestDigest: manifest }] },
      vouch: { origin: 'pulled', verdict, ...changes },
    });

    it('shows the whole digest and where the image is from, and never says that it was published', () => {
      const text = shown(plan([vouched()]), { mining: true, staleLink: false });
      assert.match(text, new RegExp(`You vouch for this content and no other {2}${manifest}`));
      assert.match(text, /Pulled from docker\.io, according to the engine\./);
      assert.match(text, /\$\(key\) Vouch /);
      assert.doesNotMatch(text, /[Pp]ublished|Sign /);
    });

    it('offers the registry’s image in place of the engine’s, unless they are one', () => {
      const offers = (given: PlannedImage): boolean =>
        lines(plan([given])).some(({ decision }) => decision === 'switchSource');
      const registry = { digest: manifest, isExpected: true, isIndex: false, platforms: [], unstated: [] };
      assert.equal(offers(vouched()), true);
      assert.equal(offers({ ...vouched(), registry }), false);
      assert.equal(offers(vouched({ origin: 'registry' })), false);
    });

    it('says what speaks against it', () => {
      assert.match(shown(plan([vouched({ verdict: verdictOf('revoked') })])), /\$\(error\) {2}Revoked/);
      const lookAlike = { how: 'slip', of: 'docker.io/library/debian' } as const;
      assert.match(shown(plan([vouched({ lookAlike })])), /Did you mean docker\.io\/library\/debian\?/);
    });
  });

  describe('to revoke', () => {
    const revocation = { statementHash: `0x${'11'.repeat(32)}`, reason: 'vulnerable', note: 'CVE\u0007' } as const;
    const attestation: Attestation = {
      ...{ publisher: walletPublisher(signer), repository: 'docker.io/team/app', tag: '1', key: first.key },
      ...{ kind: 'publish', signer, validUntil: 0, position: 3, statementHash: revocation.statementHash },
      body: { type: 'statement', statement: { leaves: [leaf] } },
      ...{ block: 7, time: 0, transaction: `0x${'22'.repeat(32)}` },
    };
    const revoking: Entry = { ...first.entry, kind: 'revoke', body: toHex(encodeRevocation(revocation)) };
    const everywhere: Entry = { ...revoking, ...contentName(leaf) };
    const given: RevocationPlan = {
      ...plan([first], {
        entries: [revoking, everywhere],
        call: { type: 'attest', entries: [revoking, everywhere] },
      }),
      images: [
        {
          ...{ reference: first.reference, key: first.key, attestation, revocation, voided: [leaf] },
          entry: revoking,
          affected: [{ ...attestation, position: 1 }, attestation],
          everywhere: [{ leaf, entry: everywhere }],
        },
      ],
    };
    const textIn = (l10n: Localizer): string =>
      statementRevocationLines(given, { mining: true, staleLink: false }, l10n)
        .map(({ label, description, detail = '' }) => `${label} ${description} ${detail}`)
        .join('\n');

    it('shows the statement, the reason, the note and what turns red', () => {
      const text = textIn(english);
      for (const part of [
        '$(key) Revoke',
        'team/app:1 statement #3',
        'vulnerable',
        'CVE\\u{7}',
        `Turns red: linux/amd64, ${digest}`,
        'Void from then on under team/app:1: #1, #3',
        `Revoked under every name of the publisher: linux/amd64, ${digest}`,
        `Revoke under every name: content ${contentTag(leaf)}`,
      ])
        assert.ok(text.includes(part), `${part} in\n${text}`);
    });

    it('speaks Chinese', () => {
      assert.match(textIn(chinese), /变红：linux\/amd64/);
    });
  });

  it('shows what a completed statement adds, and what of the registry it does not sign', () => {
    const [index, manifest] = [`sha256:${'cd'.repeat(32)}`, `sha256:${'ef'.repeat(32)}`] as const;
    const { platform } = leaf;
    const arm: Leaf = { ...leaf, platform: { os: 'linux', architecture: 'arm64' } };
    const completed = {
      ...image('team/app:1', { type: 'completed' }),
      statement: { leaves: [{ ...leaf, manifestDigest: manifest }, arm], indexDigest: index },
    };
    const registry = { digest: index, isExpected: true, isIndex: true, platforms: [platform], unstated: [] };
    const whole = shown(plan([{ ...completed, registry }]));
    assert.match(whole, new RegExp(`Index in the registry {2}${index}`));
    assert.match(whole, new RegExp(`Manifest of linux/amd64 {2}${manifest}`));
    assert.doesNotMatch(whole, /Manifest of linux\/arm64|Not signed/);
    const partly = shown(plan([{ ...completed, registry: { ...registry, unstated: [arm.platform] } }]));
    assert.match(partly, /Not signed: linux\/arm64/);
    const single = shown(plan([{ ...completed, registry: { ...registry, digest: manifest, isIndex: false } }]));
    assert.match(single, new RegExp(`Manifest in the registry {2}${manifest}`));
    assert.doesNotMatch(single, /Index|Manifest of|layers/);
    const unseen = { ...completed, registry: { ...registry, isExpected: false } };
    assert.match(shown(plan([unseen])), /Nobody has seen these layers {2}Whoever runs .* Compare its digest/);
    assert.doesNotMatch(shown(plan([{ ...unseen, change: { type: 'same' } }])), /layers/);
  });

  it('speaks Chinese', () => {
    const given = plan([first], { missing: 1n });
    for (const { label } of confirmationLines(given, { mining: false, staleLink: true }, chinese)) {
      assert.match(label, /\p{Script=Han}|team\/app|linux\/amd64/u);
    }
  });
});
