import assert from 'node:assert/strict';
import { fromHex } from '../../../src/core/hex';
import { parseReference } from '../../../src/core/image/reference';
import { decodeRevocation } from '../../../src/core/ledger/revocation';
import type { NameHistory } from '../../../src/services/ledgerHistory';
import { readNameHistory } from '../../../src/services/ledgerHistory';
import type { RevocationOptions } from '../../../src/services/signingService';
import type { RevocationPlan } from '../../../src/services/signingTypes';
import { imageOf } from './fakeEngine';
import { acme, alice, image, isCode, mallory, never, repository, stranger, tag, until, Window } from './serviceWorld';

const one = imageOf('one');
const two = imageOf('two');

describe('revoking', () => {
  let world: Window;
  beforeEach(async () => {
    world = new Window();
    world.engine.add(image, one);
    await world.sign();
  });
  afterEach(() => {
    world.transactions.dispose();
  });

  const plan = (options: Partial<RevocationOptions> = {}, name = image): Promise<RevocationPlan> =>
    world.signing.planRevocation(
      name,
      { signer: alice.address, reason: 'mistake', note: 'wrong branch', ...options },
      never,
    );
  const execute = (planned: RevocationPlan): Promise<unknown> =>
    world.signing.execute(planned, alice, never, ({ stage }) => {
      if (stage === 'broadcast') world.writer.mine(3);
    });
  const history = (): Promise<NameHistory> => readNameHistory(world.ledgers, parseReference(image), never);

  it('shows what will be taken back, why, and what it costs, and sends nothing', async () => {
    const { images, entries, fee, missing } = await plan();
    const [planned = assert.fail('a plan has an entry')] = images;
    assert.equal(planned.attestation.position, 0);
    assert.equal(planned.imageId, undefined);
    assert.deepEqual(planned.revocation, {
      statementHash: planned.attestation.statementHash,
      ...{ reason: 'mistake', note: 'wrong branch' },
    });
    assert.deepEqual(entries, [planned.entry]);
    assert.equal(planned.entry.kind, 'revoke');
    assert.equal(planned.entry.validUntil, 0);
    assert.deepEqual(decodeRevocation(fromHex(planned.entry.body)), planned.revocation);
    assert.deepEqual([fee.cost, missing], [1000n, 0n]);
    assert.equal(world.writer.received.length, 1);
  });

  it('makes the image red at once, with no image or engine at hand', async () => {
    world.engine.isDown = true;
    await execute(await plan());
    world.engine.isDown = false;
    const verdict = await world.verdict();
    assert.equal(verdict.kind, 'revoked');
    assert.deepEqual([verdict.by, verdict.by === 'revocation' && verdict.reason], ['revocation', 'mistake']);
  });

  it('is refused where nothing of the signer stands', async () => {
    await assert.rejects(plan({ signer: mallory.address }), isCode('statementNotFound'));
    await assert.rejects(plan({}, `${repository}:other`), isCode('statementNotFound'));
    await assert.rejects(plan({ statement: 4 }), isCode('statementNotFound'));
    await execute(await plan());
    await assert.rejects(plan(), isCode('statementNotFound'));
    await assert.rejects(plan({ statement: 0 }), isCode('statementNotFound'));
    await assert.rejects(plan({}, `${repository}@${one.configDigest ?? ''}`), isCode('imageWithoutName'));
  });

  it('takes back the newest statement, or the one that is chosen', async () => {
    world.engine.add(image, two);
    await world.sign();
    assert.equal((await plan()).images[0]?.attestation.position, 1);
    const chosen = (await plan({ statement: 0 })).images[0]?.attestation;
    assert.equal(chosen?.position, 0);
    await execute(await plan({ statement: chosen.statementHash }));
    assert.equal((await world.verdict()).kind, 'verified');
    world.engine.add(image, one);
    assert.equal((await world.verdict()).kind, 'revoked');
  });

  it('refuses a note that is too long', async () => {
    await assert.rejects(plan({ note: 'ä'.repeat(257) }), isCode('statementInvalid'));
  });

  it('is sent once, survives the window, and is overtaken by nobody', async () => {
    const [first, late] = [await plan(), await plan()];
    const outcome = world.signing.execute(first, alice, never, () => undefined);
    await until('sent', () => world.writer.received.length === 2);
    assert.equal(world.files('pending').length, 1);
    await assert.rejects(execute(late), isCode('signatureOnItsWay'));
    world.writer.mine(3);
    await outcome;
    await assert.rejects(execute(late), isCode('staleLink'));
    assert.equal(world.writer.received.length, 2);
  });

  describe('is seen in the history of the name', () => {
    it('with what stands, oldest first', async () => {
      world.engine.add(image, two);
      await world.sign();
      await execute(await plan({ statement: 0 }));
      const { publishers, ...frame } = await history();
      assert.deepEqual(
        { ...frame, ledger: undefined, head: frame.head?.number },
        { ledger: undefined, ledgerKind: 'team', repository, tag, head: 9, needed: 3, isComplete: true },
      );
      assert.deepEqual(
        publishers.map(({ publisher, isChecked }) => [publisher, isChecked]),
        [[acme, true]],
      );
      assert.deepEqual(
        publishers[0]?.entries.map(({ attestation, isFinal, isVoid, isRevoked }) => [
          ...[attestation.position, attestation.kind],
          ...[isFinal, isVoid, isRevoked],
        ]),
        [
          [0, 'publish', true, false, true],
          [1, 'publish', true, false, false],
          [2, 'revoke', true, false, false],
        ],
      );
    });

    it('of every publisher, with what is not final and what is void', async () => {
      world.chain.attest({ signer: mallory.address, repository, tag, content: 'theirs' });
      world.chain.attest({ signer: mallory.address, repository, tag, kind: 'revoke', content: 'other' });
      world.chain.setSlot(stranger, mallory.address, { voidFrom: 1 });
      world.chain.mine();
      const { publishers } = await history();
      const theirs = publishers.find(({ publisher }) => publisher === stranger);
      assert.deepEqual(
        theirs?.entries.map(({ confirmations, isFinal, isVoid }) => [confirmations, isFinal, isVoid]),
        [
          [1, false, true],
          [1, false, false],
        ],
      );
      assert.equal(publishers.find(({ publisher }) => publisher === acme)?.entries[0]?.confirmations, 3);
    });

    it('and needs the node', async () => {
      world.writer.kill();
      await assert.rejects(history(), isCode('nodeUnavailable'));
    });
  });
});
