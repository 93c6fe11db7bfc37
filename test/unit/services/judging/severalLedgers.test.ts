import assert from 'node:assert/strict';
import { contentRepository, contentTag } from '../../../../src/core/ledger/contentName';
import { ledgerKey } from '../../../../src/core/ledger/types';
import type { TrustRule } from '../../../../src/core/trust/rules';
import { OrganizationNames } from '../../../../src/services/organizations/organizationNames';
import { WhyService } from '../../../../src/services/judging/whyService';
import { plainTextOf } from '../../../../src/words/sectionedText';
import { whyText } from '../../../../src/words/whyText';
import { english } from '../../words/localizers';
import { FakeLedger } from '../fakeLedger';
import { FakeWriter } from '../fakeWriter';
import { FakeOrganizations } from '../fakeOrganizations';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, never, newMachine, ruleOf, Window } from '../serviceWorld';

class OtherChain extends FakeLedger {
  override readonly ledger;

  constructor(chainId: bigint) {
    super();
    this.ledger = { ...new FakeLedger().ledger, chainId };
  }
}

const ignore = (): void => undefined;
const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** One engine, and ledgers of three networks of which the first is home. */
class Reader extends Window {
  readonly team = this.#network(30_000n);
  readonly third = this.#network(40_000n);
  readonly whys = new WhyService({
    verification: this.verification,
    names: new OrganizationNames(this.followed, silentLog),
    followed: this.followed,
  });

  constructor() {
    super();
    this.engine.add(image, imageOf('good'));
    this.follow('Team', this.team);
    this.follow('Third', this.third);
  }

  /** A publisher's window on a network of its own, with the images of this one. */
  #network(chainId: bigint): Window {
    const chain = new OtherChain(chainId);
    const { engine, registry } = this;
    return new Window({
      ...newMachine(),
      chain,
      writer: new FakeWriter(chain),
      organizations: new FakeOrganizations(),
      engine,
      registry,
    });
  }

  follow(name: string, { ledgers, chain: { ledger } }: Window): void {
    const identify = () => Promise.resolve({ name, kind: 'team', ledger } as const);
    this.others.push({ name, ledger: ledgerKey(ledger), source: ledgers, identify });
  }

  /** The rules of this window, in force for all ledgers that it reads. */
  trust(...rules: readonly TrustRule[]): void {
    for (const each of [this, this.team, this.third]) each.rules = rules;
  }

  on(network: Window, changes: Partial<TrustRule> = {}): TrustRule {
    return ruleOf(network.chain, [acme], changes);
  }

  get callsOf(): readonly number[] {
    return [this, this.team, this.third].map(({ chain }) => chain.calls.length);
  }
}

describe('verdicts where several ledgers are followed', () => {
  it('are of the ledger that the rule names, and say which one that is', async () => {
    const reader = new Reader();
    reader.trust(reader.on(reader.team));
    await reader.team.sign();
    for (const verdict of [await reader.verdict(), await reader.verdictOnReference(image)]) {
      assert.equal(verdict.kind, 'verified');
      assert.equal(verdict.network, 'Team');
      assert.equal(verdict.ledger, ledgerKey(reader.team.chain.ledger));
    }
  });

  it('open and ask only the ledger that matters', async () => {
    const reader = new Reader();
    reader.trust(reader.on(reader.team));
    await reader.team.sign();
    const [home = 0, , third = 0] = reader.callsOf;
    assert.equal((await reader.judged()).verdict.kind, 'verified');
    assert.equal((await reader.verdict()).kind, 'verified');
    const [homeAfter, , thirdAfter] = reader.callsOf;
    assert.deepEqual([homeAfter, thirdAfter], [home, third]);
    assert.equal(reader.third.ledgers.current, undefined);
  });

  it('are unknown and name the ledger that does not answer, and what is not followed', async () => {
    const reader = new Reader();
    await reader.sign();
    reader.trust(reader.on(reader), reader.on(reader.team));
    assert.equal((await reader.verdict()).kind, 'verified');

    reader.team.chain.isDown = true;
    const silent = await reader.verdict();
    assert.deepEqual([silent.kind, silent.network], ['unknown', 'Team']);
    assert.equal(silent.kind === 'unknown' && silent.missing, 'ledger');

    const elsewhere = { ...reader.on(reader), ledger: ledgerKey(new OtherChain(50_000n).ledger) };
    reader.trust(reader.on(reader), elsewhere);
    for (const verdict of [await reader.verdict(), await reader.verdictOnReference(image)]) {
      assert.equal(verdict.kind === 'unknown' && verdict.missing, 'ledgerNotFollowed');
      assert.equal(verdict.ledger, elsewhere.ledger);
    }
  });

  it('are red where either ledger says so, though the other is silent', async () => {
    const reader = new Reader();
    await reader.sign();
    await reader.team.sign();
    reader.trust(reader.on(reader), reader.on(reader.team));
    assert.equal((await reader.verdict()).kind, 'verified');
    reader.engine.add(image, imageOf('evil'));
    assert.equal((await reader.verdict()).kind, 'mismatch');
    reader.chain.isDown = true;
    assert.equal((await reader.verdict()).kind, 'mismatch');
  });

  it('hear what one ledger takes back everywhere of content that another one declares', async () => {
    const reader = new Reader();
    reader.trust(reader.on(reader), reader.on(reader.team));
    const original = imageOf('good', { healthcheck: ['CMD', 'true'] });
    reader.engine.add(image, original);
    await reader.sign();
    // Converted since.
    reader.engine.add(image, imageOf('good'));
    assert.equal((await reader.verdict()).kind, 'verified');
    const reserved = { repository: contentRepository, tag: contentTag(original) };
    reader.team.chain.attest({ signer: alice.address, ...reserved, kind: 'revoke', content: 'original' }).mine();
    for (const verdict of [await reader.verdict(), await reader.verdictOnReference(image)]) {
      assert.deepEqual([verdict.kind, verdict.network], ['revoked', 'Team']);
    }
    assert.equal((await reader.verification.verify(image, never)).verdict.kind, 'revoked');
  });

  it('are not given by a wider rule where the narrower one names another ledger', async () => {
    const reader = new Reader();
    await reader.sign();
    reader.trust(reader.on(reader, { repositories: 'registry.example.com/**' }), reader.on(reader.team));
    assert.equal((await reader.verdict()).kind, 'unsigned');
  });

  it('are explained by each ledger that a rule names, the one that decided first', async () => {
    const reader = new Reader();
    await reader.team.sign();
    reader.trust(reader.on(reader), reader.on(reader.team));
    const { why, others, judged } = await reader.whys.explain({ text: image }, never);
    assert.equal(judged.verdict.kind, 'verified');
    assert.deepEqual([why.network, ...others.map((each) => each.why.network)], ['Team', 'Home']);
    assert.equal(why.histories.length, 1);
    const ended = why.changes.filter(({ supposed }) => supposed.what === 'takenBack').map(({ then }) => then.kind);
    assert.deepEqual(ended, ['revoked']);
    const removed = why.changes.filter(({ supposed }) => supposed.what === 'ruleRemoved').map(({ then }) => then.kind);
    assert.deepEqual(removed, ['unsigned']);
    const text = plainTextOf(whyText(why, judged, { names: new Map(), l10n: english }, others));
    assert.match(text, /Verified \(Team\)/);
    assert.match(
      text,
      /On another ledger that a rule names: Home\n +Ledger: 20260:[^]*The ledger holds nothing under this name/,
    );
  });
});
