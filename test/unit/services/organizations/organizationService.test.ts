import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import type { Address, Hex32 } from '../../../../src/core/hex';
import { previewRevocation, proposedSinceBlock, sinceBlockAt } from '../../../../src/core/ledger/signerRevocation';
import { invitationTo } from '../../../../src/core/ledger/invitation';
import { ledgerKey, type EntryKind } from '../../../../src/core/ledger/types';
import type { OrganizationPlan } from '../../../../src/core/plans/organizationPlan';
import { OrganizationService } from '../../../../src/services/organizations/organizationService';
import { statementOf, wallet } from '../fakeLedger';
import { alice, mallory, never, Window } from '../serviceWorld';

const id: Hex32 = `0x${'ab'.repeat(32)}`;
const other: Hex32 = `0x${'cd'.repeat(32)}`;
const [admin, signer, bad] = [alice.address, wallet(0x51), mallory.address];

function world(): { readonly window: Window; readonly service: OrganizationService } {
  const window = new Window();
  const { ledgers, transactions } = window;
  window.now = 1_764_000_500_000;
  window.organizations.put({ id, name: 'Shop', admin });
  return { window, service: new OrganizationService({ ledgers, transactions, clock: () => window.now }) };
}

/** Refused before it was priced. */
async function refuses({ writer }: Window, plan: Promise<unknown>, code: ErrorCode, reason?: string): Promise<void> {
  await assert.rejects(plan, (error) => {
    assert.ok(isDaoChainError(error, code), String(error));
    if (reason !== undefined) assert.equal(error.details['reason'], reason);
    return true;
  });
  assert.deepEqual(writer.calls, []);
}

describe('organizations as a service', () => {
  it('names those that a wallet can act for first, and none that it is not in any more', async () => {
    const { window, service } = world();
    const { organizations, chain } = window;
    const ids = [1, 2, 3, 4, 5].map((number): Hex32 => `0x${`${number}`.repeat(64)}`);
    const [retired, revoked, current, offered, left] = ids as [Hex32, Hex32, Hex32, Hex32, Hex32];
    for (const each of ids) organizations.put({ id: each, name: 'Shop', admin: wallet(9) });
    organizations.put({ id: offered, name: 'Shop', admin: wallet(9), pendingAdmin: admin });
    organizations.admins.get(left)?.add(admin);
    const slots = [
      [retired, { notBefore: 1, notAfter: 2 }],
      [revoked, { notBefore: 1, voidFrom: 1 }],
      [current, { notBefore: 1 }],
    ] as const;
    for (const [publisher, slot] of slots) {
      organizations.putSigner(publisher, admin, slot);
      chain.setSlot(publisher, admin, slot);
    }
    chain.mine();
    const mine = await service.mine(admin, never);
    assert.deepEqual(
      mine.map(({ organization }) => organization.id),
      [id, offered, current, retired, revoked],
    );
    assert.deepEqual(
      mine.map(({ window: each }) => each),
      ['notSigner', 'notSigner', 'current', 'retired', 'revoked'],
    );
    assert.deepEqual(mine.map((each) => [each.isAdmin, each.isOffered]).slice(0, 2), [
      [true, false],
      [false, true],
    ]);
    assert.deepEqual(await service.mine(wallet(0xf00), never), []);
  });

  it('plans what the admin asks for, and prices it', async () => {
    const { window, service } = world();
    window.organizations.putSigner(id, signer, { notBefore: 7 }).put({ id, name: 'Shop', admin, pendingAdmin: bad });
    const change = { organization: id, signer, notAfter: 2_000_000_000 };
    const plans = [
      await service.planCreate('Shop', admin, never),
      await service.planSetSigner(change, admin, never),
      await service.planRetire(id, signer, admin, never),
      await service.planRevokeSigner(id, signer, 1, admin, never).catch(() => undefined),
      await service.planTransferAdmin(id, signer, admin, never),
      await service.planWithdrawOffer(id, admin, never),
      await service.planAcceptAdmin(id, bad, never),
      await service.planEndWallet(admin, never),
    ].flatMap((plan) => (plan === undefined ? [] : [plan]));
    const { time } = await window.chain.head(never);
    assert.deepEqual(
      plans.map(({ call }) => call),
      [
        { type: 'createOrganization', name: 'Shop' },
        { type: 'setSigner', notBefore: 0, scope: '', ...change },
        { type: 'setSigner', organization: id, signer, notBefore: 0, notAfter: time, scope: '' },
        { type: 'transferAdmin', organization: id, newAdmin: signer },
        { type: 'transferAdmin', organization: id, newAdmin: `0x${'0'.repeat(40)}` },
        { type: 'acceptAdmin', organization: id },
        { type: 'endWallet' },
      ],
    );
    assert.ok(plans.every(({ fee, missing }) => fee.cost > 0n && missing === 0n));
  });

  it('refuses early what the ledger would refuse', async () => {
    const { window, service } = world();
    window.organizations.putSigner(id, bad, { voidFrom: 2 });
    window.chain.mine(5);
    const set = (change: object, from: Address = admin) =>
      service.planSetSigner({ organization: id, signer, ...change }, from, never);
    const revoke = (who: Address, block: number) => service.planRevokeSigner(id, who, block, admin, never);
    await refuses(window, set({}, bad), 'notAdmin', 'other');
    await refuses(window, set({ organization: other }), 'organizationNotFound');
    await refuses(window, set({ signer: '0x1' }), 'invalidInput', 'walletForm');
    await refuses(window, set({ signer: bad }), 'invalidInput', 'signerRevoked');
    await refuses(window, set({ notBefore: 2_000_000_000, notAfter: 1_999_999_999 }), 'invalidInput', 'windowEmpty');
    await refuses(window, set({ notAfter: window.now / 1000 - 1 }), 'invalidInput', 'windowEmpty');
    await refuses(window, service.planCreate(' ', admin, never), 'invalidInput', 'nameEmpty');
    await refuses(window, service.planRetire(id, signer, admin, never), 'invalidInput', 'signerNotCurrent');
    await refuses(window, service.planRetire(id, bad, admin, never), 'invalidInput', 'signerNotCurrent');
    for (const block of [0, -1, 1.5, NaN, window.chain.height + 1]) {
      await refuses(window, revoke(signer, block), 'invalidInput', 'sinceBlock');
    }
    await refuses(window, revoke(bad, 2), 'invalidInput', 'sinceBlock');
    await refuses(window, service.planTransferAdmin(id, admin, admin, never), 'invalidInput', 'alreadyAdmin');
    await refuses(window, service.planWithdrawOffer(id, admin, never), 'invalidInput', 'nothingOffered');
    await refuses(window, service.planAcceptAdmin(id, admin, never), 'notAdmin', 'notOffered');
    assert.equal((await revoke(bad, 1)).call?.type, 'revokeSigner');
    assert.equal((await revoke(signer, window.chain.height)).call?.type, 'revokeSigner');
  });

  it('keeps the scope of a signer unless another is asked for, and widens none by being silent', async () => {
    const { window, service } = world();
    const putScoped = (scope: string | null) => window.organizations.putSigner(id, signer, {}, scope);
    const scopeOf = async (plan: Promise<OrganizationPlan>): Promise<string | undefined> => {
      const { call } = await plan;
      return call?.type === 'setSigner' ? call.scope : undefined;
    };
    const set = (scope?: string) => scopeOf(service.planSetSigner({ organization: id, signer, scope }, admin, never));
    const retire = () => scopeOf(service.planRetire(id, signer, admin, never));
    assert.equal(await set(), '');
    assert.equal(await set('ghcr.io/acme/'), 'ghcr.io/acme/');
    putScoped('ghcr.io/acme/web');
    assert.deepEqual([await set(), await retire()], ['ghcr.io/acme/web', 'ghcr.io/acme/web']);
    assert.deepEqual([await set('ghcr.io/acme/'), await set('*')], ['ghcr.io/acme/', '']);
    window.writer.calls = [];
    await refuses(
      window,
      service.planSetSigner({ organization: id, signer, scope: '' }, admin, never),
      'invalidInput',
      'scopeForm',
    );
    window.organizations.scopes.clear();
    putScoped(null);
    await refuses(window, service.planRetire(id, signer, admin, never), 'invalidInput', 'scopeUnknown');
    await refuses(
      window,
      service.planSetSigner({ organization: id, signer }, admin, never),
      'invalidInput',
      'scopeUnknown',
    );
    assert.equal(await set('ghcr.io/acme/'), 'ghcr.io/acme/');
  });

  it('tells what a wallet signs for, and where that is not known', async () => {
    const { window, service } = world();
    for (const [publisher, scope] of [
      [id, 'ghcr.io/acme/web'],
      [other, null],
    ] as const) {
      window.organizations.put({ id: publisher, name: 'Shop', admin: wallet(9) });
      window.organizations.putSigner(publisher, signer, {}, scope);
      window.chain.setSlot(publisher, signer, { notBefore: 1, isScoped: true });
    }
    window.chain.mine();
    const mine = await service.mine(signer, never);
    assert.deepEqual(
      mine.map(({ organization, scope }) => [organization.id, scope]),
      [
        [id, 'ghcr.io/acme/web'],
        [other, null],
      ],
    );
    assert.deepEqual(
      (await service.read(id, never)).signers.map(({ scope }) => scope),
      ['ghcr.io/acme/web'],
    );
  });

  it('takes a beginning that has passed for now, as the ledger does', async () => {
    const { window, service } = world();
    const { time } = await window.chain.head(never);
    const beginning = async (notBefore: number) => {
      const { call } = await service.planSetSigner({ organization: id, signer, notBefore }, admin, never);
      return call?.type === 'setSigner' && call.notBefore;
    };
    assert.deepEqual([await beginning(time), await beginning(time + 1)], [0, time + 1]);
  });

  it('takes an invitation up on its very ledger, for a signer of now', async () => {
    const { window, service } = world();
    const invitation = invitationTo(window.chain.ledger, id, '');
    assert.equal(invitation.ledger, ledgerKey(window.chain.ledger));
    const accept = (who: Address, change: Partial<typeof invitation> = {}) =>
      service.acceptInvitation({ ...invitation, ...change }, who, never);
    await refuses(window, accept(signer), 'signerNotAllowed', 'notSigner');
    window.organizations.putSigner(id, signer, { notBefore: window.now / 1000 + 60 });
    await refuses(window, accept(signer), 'signerNotAllowed', 'notYet');
    window.now += 60_000;
    assert.equal((await accept(signer)).organization.name, 'Shop');
    const elsewhere = invitation.ledger.replace(':0x', ':0x0').replace(/.$/, '');
    await refuses(window, accept(signer, { ledger: elsewhere }), 'linkInvalid', 'invitationLedger');
    await refuses(window, accept(signer, { organization: other }), 'organizationNotFound');
  });

  it('judges a window by the later of two clocks', async () => {
    const { window, service } = world();
    const { time } = await window.chain.head(never);
    window.organizations.putSigner(id, signer, { notBefore: time, notAfter: time + 10 });
    const windowAt = async (now: number) => {
      window.now = now * 1000;
      return (await service.read(id, never)).signers[0]?.window;
    };
    // A slow clock of this machine opens nothing later than the chain does; a quiet chain keeps nothing open.
    assert.deepEqual([await windowAt(5), await windowAt(time + 11)], ['current', 'retired']);
  });
});

describe('the preview of a revoked signer', () => {
  interface Said {
    readonly who: Address;
    readonly tag: string;
    readonly content: string;
    readonly kind: EntryKind;
  }
  const said: fc.Arbitrary<Said> = fc.record({
    who: fc.constantFrom(signer, bad),
    tag: fc.constantFrom('1', '2'),
    content: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('publish', 'publish', 'vouch', 'revoke'),
  });

  async function historyOf(entries: readonly Said[], confirmationsMined = 3) {
    const { window, service } = world();
    window.organizations.putSigner(id, signer).putSigner(id, bad);
    for (const who of [signer, bad]) window.chain.setSlot(id, who, { notBefore: 1 });
    for (const { who, ...entry } of entries) {
      window.chain.attest({ signer: who, publisher: id, repository: 'registry.example.com/shop/web', ...entry }).mine();
    }
    window.chain.mine(confirmationsMined);
    return { window, history: await service.signerHistory(id, bad, never) };
  }

  it('shows exactly what becomes void, what readers lose by it, and what stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 12 }), fc.integer({ min: 1, max: 14 }), async (entries, since) => {
        const { history } = await historyOf(entries);
        assert.ok(history.isComplete);
        const { voided, lost, kept, isSettled } = previewRevocation(history, since);
        // Block 1 has the first entry, and each block has one.
        const placed = entries.map((entry, index) => ({ ...entry, block: index + 1 }));
        const own = placed.filter(({ who }) => who === bad).toReversed();
        assert.deepEqual(
          history.entries.map(({ block }) => block),
          own.map(({ block }) => block),
        );
        const isVoid = ({ who, block }: { readonly who: Address; readonly block: number }): boolean =>
          who === bad && block >= since;
        const voids = own.filter((each) => each.kind !== 'revoke' && isVoid(each));
        assert.deepEqual(
          voided.map(({ block }) => block),
          voids.map(({ block }) => block),
        );
        /** Somebody in good standing said it after it was last taken back. */
        const isValid = (tag: string, content: string, isSkipped: typeof isVoid): boolean => {
          const named = placed.filter((each) => each.tag === tag && each.content === content);
          // A revocation of what nobody has stated takes back nothing.
          const stated = named.filter(({ kind }) => kind !== 'revoke');
          const revokedAt = named.findLast(({ kind }) => kind === 'revoke')?.block ?? 0;
          return stated.some((each) => each.block > revokedAt && !isSkipped(each));
        };
        const touched = new Map(voids.map((each) => [`${each.tag} ${each.content}`, each]));
        const before = [...touched.values()].filter(({ tag, content }) => isValid(tag, content, () => false));
        const names = (contents: readonly { readonly tag: string; readonly content: string }[]) =>
          contents.map(({ tag, content }) => `${tag} ${statementOf(content).leaves[0]?.fingerprint ?? ''}`).sort();
        const shown = (contents: typeof lost) => contents.map(({ tag, leaf }) => `${tag} ${leaf.fingerprint}`).sort();
        assert.deepEqual(shown(lost), names(before.filter(({ tag, content }) => !isValid(tag, content, isVoid))));
        assert.deepEqual(shown(kept), names(before.filter(({ tag, content }) => isValid(tag, content, isVoid))));
        for (const { by } of kept) assert.ok(by.signer === signer || by.block < since);
        assert.ok(isSettled);
      }),
      { numRuns: 60 },
    );
  });

  it('proposes the block of an entry less the confirmations, and never the one before the first', async () => {
    const entries = Array.from({ length: 9 }, (): Said => ({ who: bad, tag: '1', content: 'a', kind: 'publish' }));
    const { history } = await historyOf(entries, 0);
    assert.equal(history.confirmations, 3);
    const [newest] = history.entries;
    const oldest = history.entries.at(-1);
    assert.ok(newest && oldest);
    assert.deepEqual([newest.block, proposedSinceBlock(newest, 3), proposedSinceBlock(oldest, 3)], [9, 6, 1]);
    assert.equal(sinceBlockAt(history, newest.time), 6);
    assert.equal(sinceBlockAt(history, newest.time - 1), 6);
    assert.equal(sinceBlockAt(history, 0), 1);
    assert.equal(sinceBlockAt(history, newest.time + 1), undefined);
    assert.equal(previewRevocation(history, 6).isSettled, false);
    assert.equal(previewRevocation(history, 10).isSettled, true);
  });

  it('says nothing of what an earlier revocation has voided already', async () => {
    const { window, history } = await historyOf([
      { who: bad, tag: '1', content: 'a', kind: 'publish' },
      { who: bad, tag: '1', content: 'b', kind: 'publish' },
    ]);
    window.organizations.putSigner(id, bad, { voidFrom: 2 });
    const { ledgers, transactions } = window;
    const service = new OrganizationService({ ledgers, transactions, clock: () => window.now });
    const again = await service.signerHistory(id, bad, never);
    assert.equal(again.entries.length, history.entries.length);
    assert.deepEqual(
      previewRevocation(again, 1).voided.map(({ block }) => block),
      [1],
    );
  });

  it('is told that it is not the whole story where the endpoint holds something back', async () => {
    const { window, service } = world();
    window.organizations.putSigner(id, bad);
    window.chain.setSlot(id, bad, { notBefore: 1 });
    for (const content of ['a', 'b']) {
      window.chain.attest({ signer: bad, publisher: id, repository: 'registry.example.com/shop/web', content }).mine();
    }
    window.chain.lie = ({ attested, signers }) => ({ signers, attested: attested.slice(0, 1) });
    window.chain.mine(3);
    assert.equal((await service.signerHistory(id, bad, never)).isComplete, false);
  });
});
