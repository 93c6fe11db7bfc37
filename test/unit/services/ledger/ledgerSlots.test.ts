import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Address } from '../../../../src/core/hex';
import { walletPublisher } from '../../../../src/core/hex';
import type { PublisherId } from '../../../../src/core/ledger/types';
import { wallet } from '../fakeLedger';
import { IndexWorld, repository } from '../indexWorld';

const organizations: readonly PublisherId[] = [1, 2, 3].map((i) => `0x${`c${i}`.repeat(32)}` as const);
const signers: readonly Address[] = [11, 12, 13].map(wallet);
const publishers = [...organizations, ...signers.map(walletPublisher)];
const tags = ['1', '2'];
const [organization, thief] = [organizations[0] ?? '0x', signers[0] ?? '0x'];
const name = { repository, tag: '1' };

/** Whatever the view says of anybody is what the contract says at the view's head. */
function assertAnswersOfTheHead(world: IndexWorld): void {
  const { view } = world;
  const { head } = view;
  assert.ok(head);
  for (const tag of tags) {
    for (const publisher of publishers) {
      const history = view.historiesOf(repository, tag).find((each) => each.publisher === publisher);
      if (view.keyState(publisher, repository, tag) === 'complete') {
        const link = world.chain.linkAt(head.hash, publisher, repository, tag);
        assert.equal(history?.word ?? `0x${'0'.repeat(64)}`, link);
        for (const { signer } of history?.attestations ?? []) assert.ok(view.slotOf(publisher, signer));
      }
      for (const signer of signers) {
        const slot = view.slotOf(publisher, signer);
        if (slot !== undefined) assert.deepEqual(slot, world.chain.slotAt(head.hash, publisher, signer));
      }
    }
  }
}

type Step =
  | { readonly do: 'attest'; readonly publisher: number; readonly signer: number; readonly tag: number }
  | { readonly do: 'slot'; readonly publisher: number; readonly signer: number; readonly voidFrom: number }
  | { readonly do: 'mine' | 'rewind'; readonly blocks: number }
  | { readonly do: 'trust' | 'use'; readonly publisher: number; readonly tag: number }
  | { readonly do: 'sync' | 'restart' | 'listen' };

const [publisher, signer, tag] = [publishers.length, signers.length, tags.length].map((n) => fc.nat({ max: n - 1 }));
assert.ok(publisher && signer && tag);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('attest' as const), publisher, signer, tag }),
  fc.record({ do: fc.constant('slot' as const), publisher, signer, voidFrom: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('mine' as const), blocks: fc.integer({ min: 1, max: 25 }) }),
  // Fewer than make a block final: what is final stays.
  fc.record({ do: fc.constant('rewind' as const), blocks: fc.constant(1) }),
  fc.record({ do: fc.constantFrom('trust' as const, 'use' as const), publisher, tag }),
  fc.record({ do: fc.constantFrom('sync' as const, 'sync' as const, 'restart' as const, 'listen' as const) }),
);

describe('slots of signers', () => {
  it('are the contract’s at the head, whatever rules, signers, sessions and reorganizations do', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = new IndexWorld();
        world.trusted = [];
        world.chain.mine(2);
        for (const each of steps) await take(world, each);
        await world.sync();
        assert.equal(world.view.state, 'complete');
        assert.equal(world.view.head?.number, world.chain.height);
        assertAnswersOfTheHead(world);
      }),
      { numRuns: 150 },
    );
  });

  async function take(world: IndexWorld, each: Step): Promise<void> {
    const { chain } = world;
    switch (each.do) {
      case 'attest': {
        const [by = thief, at = organization] = [signers[each.signer], publishers[each.publisher]];
        chain.attest({ signer: by, publisher: at, tag: tags[each.tag] ?? '1', content: String(each.signer) });
        return;
      }
      case 'slot':
        chain.setSlot(publishers[each.publisher] ?? organization, signers[each.signer] ?? thief, {
          ...{ notBefore: 1, voidFrom: each.voidFrom },
        });
        return;
      case 'mine':
        chain.mine(each.blocks);
        return;
      case 'rewind':
        if (chain.height > 3) chain.rewind(each.blocks).mine(each.blocks);
        return;
      case 'trust':
        world.trusted = [...new Set([...world.trusted, publishers[each.publisher] ?? organization])];
        return;
      case 'use':
        world.index.use(
          [{ repository, tag: tags[each.tag] ?? '1' }],
          each.publisher % 2 === 0 ? [] : [publishers[each.publisher] ?? organization],
        );
        return;
      case 'sync':
        await world.sync();
        assertAnswersOfTheHead(world);
        return;
      case 'restart':
        await world.index.flush();
        world.restart();
        return;
      case 'listen':
        world.index.onDidChange(() => undefined);
    }
  }

  for (const blocks of [4, 12, 19]) {
    it(`of whom a rule comes to name are read then: a thief revoked ${blocks} blocks ago is known as revoked`, async () => {
      const world = new IndexWorld();
      world.trusted = [];
      world.chain.setSlot(organization, thief, { notBefore: 1 });
      world.chain.attest({ publisher: organization, signer: thief, tag: '1' }).mine(5);
      world.index.onDidChange(() => undefined);
      world.index.use([name], [organization]);
      await world.sync();
      assert.equal(world.view.slotOf(organization, thief)?.voidFrom, 0);
      world.chain.setSlot(organization, thief, { notBefore: 1, voidFrom: 1, isScoped: false }).mine(blocks);
      world.trusted = [organization];
      await world.sync();
      assert.equal(world.stateOf(organization, name), 'complete');
      assert.equal(world.view.slotOf(organization, thief)?.voidFrom, 1);
    });
  }

  it('that a reorganization has changed at the same height are read again', async () => {
    const world = new IndexWorld();
    world.trusted = [organization];
    world.index.use([name]);
    world.chain.setSlot(organization, thief, { notBefore: 1 });
    world.chain.attest({ publisher: organization, signer: thief, tag: '1' }).mine(5);
    world.chain.setSlot(organization, thief, { notBefore: 1, voidFrom: 6 }).mine();
    world.index.onDidChange(() => undefined);
    await world.sync();
    assert.equal(world.view.slotOf(organization, thief)?.voidFrom, 6);
    world.chain.rewind(1).setSlot(organization, thief, { notBefore: 1, voidFrom: 1, isScoped: false }).mine();
    await world.sync();
    assert.equal(world.view.slotOf(organization, thief)?.voidFrom, 1);
  });
});
