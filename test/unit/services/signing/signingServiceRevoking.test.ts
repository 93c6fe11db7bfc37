import assert from 'node:assert/strict';
import { isDaoChainError } from '../../../../src/core/errors';
import { fromHex, toHex, walletPublisher } from '../../../../src/core/hex';
import { parseReference } from '../../../../src/core/image/reference';
import { contentLeaf } from '../../../../src/core/ledger/carried';
import { contentTag, isContentName } from '../../../../src/core/ledger/contentName';
import { leafOf } from '../../../../src/core/ledger/release';
import { decodeRevocation } from '../../../../src/core/ledger/revocation';
import type { SigningRequest } from '../../../../src/core/ledger/signingRequest';
import { createRequest } from '../../../../src/core/ledger/signingRequest';
import { decodeStatement, encodeStatement } from '../../../../src/core/ledger/statement';
import type { Entry, Leaf, PublisherId } from '../../../../src/core/ledger/types';
import type { NameHistory } from '../../../../src/services/ledger/ledgerHistory';
import { namesOfStanding, readNameHistory } from '../../../../src/services/ledger/ledgerHistory';
import type { RevocationOptions } from '../../../../src/services/signing/signingService';
import { entryTitle } from '../../../../src/words/requestText';
import { formatRequestFile, parseRequestFile } from '../../../../src/services/signing/signingRequestFile';
import type { RevocationPlan, SigningPlan } from '../../../../src/core/plans/signingPlan';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, isCode, mallory, never, repository, stranger, tag, until, Window } from '../serviceWorld';

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

  it('is offered of names under which something of the reader stands, and of no other', async () => {
    const own = walletPublisher(alice.address);
    const standing = (...publishers: readonly PublisherId[]): Promise<readonly string[]> =>
      namesOfStanding(world.ledgers, publishers, never).then((names) =>
        names.map((name) => `${name.repository}:${name.tag}`),
      );
    world.engine.add(`${repository}:unsigned`, two);
    assert.deepEqual(await standing(own), [image]);
    assert.deepEqual(await standing(walletPublisher(mallory.address)), []);
    assert.deepEqual(await standing(), []);
    await execute(await plan({ reason: 'vulnerable' }));
    assert.deepEqual(await standing(own), []);
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

  describe('everywhere', () => {
    const other = `${repository}:other`;
    const tags = (entries: readonly Entry[]): readonly string[] =>
      entries.filter(isContentName).map((entry) => `${entry.kind} ${entry.tag}`);
    const sign = (name = image): Promise<SigningPlan> => world.signing.plan([name], { signer: alice.address }, never);
    const send = (planned: SigningPlan): Promise<unknown> =>
      world.signing.execute(planned, alice, never, ({ stage }) => {
        if (stage === 'broadcast') world.writer.mine(3);
      });

    it('takes the content back for a reason that is about the content, in the same transaction', async () => {
      for (const reason of ['compromised', 'vulnerable'] as const) {
        const { images, entries, call } = await plan({ reason });
        const [planned = assert.fail('a plan has an entry')] = images;
        assert.deepEqual(tags(entries), [`revoke ${contentTag(one)}`]);
        assert.deepEqual(entries, [planned.entry, ...planned.everywhere.map(({ entry }) => entry)]);
        assert.deepEqual(call, { type: 'attest', entries });
        assert.deepEqual(decodeRevocation(fromHex(entries[1]?.body ?? '0x')), planned.revocation);
      }
    });

    it('is no matter of other reasons', async () => {
      for (const reason of ['mistake', 'unsupported', 'other'] as const) {
        assert.deepEqual(tags((await plan({ reason })).entries), []);
      }
    });

    it('is of each content of the statement once, also of those that are carried', async () => {
      const arm = imageOf('one', { platform: 'linux/arm64' });
      world.engine.add(image, arm);
      await world.sign();
      const { entries } = await plan({ reason: 'compromised' });
      assert.deepEqual(tags(entries), [`revoke ${contentTag(one)}`, `revoke ${contentTag(arm)}`]);
    });

    it('is not done twice, and is done again after it was lifted', async () => {
      world.engine.add(other, one);
      await world.sign(other);
      await execute(await plan({ reason: 'compromised' }));
      assert.deepEqual(tags((await plan({ reason: 'vulnerable' }, other)).entries), []);
      await send(await sign());
      assert.deepEqual(tags((await plan({ reason: 'vulnerable' }, other)).entries), [`revoke ${contentTag(one)}`]);
    });

    it('is lifted by whoever signs the content again, under whatever name, and is told', async () => {
      await execute(await plan({ reason: 'compromised' }));
      world.engine.add(other, one);
      const planned = await sign(other);
      const [signed = assert.fail('a plan has an image')] = planned.images;
      assert.equal(signed.change.type, 'restored');
      assert.deepEqual(tags(planned.entries), [`publish ${contentTag(one)}`]);
      const statement = decodeStatement(fromHex(planned.entries[1]?.body ?? '0x'));
      assert.deepEqual(statement, { leaves: [contentLeaf(leafOf(one))] });
      await send(planned);
      assert.deepEqual((await sign(other)).entries, []);
      // Under its first name the content is still taken back; that is another history.
      assert.deepEqual(tags((await sign()).entries), []);
      assert.equal((await sign()).images[0]?.change.type, 'restored');
    });

    it('is lifted once for several names in one transaction', async () => {
      await execute(await plan({ reason: 'compromised' }));
      world.engine.add(other, one);
      const planned = await world.signing.plan([image, other], { signer: alice.address }, never);
      assert.equal(planned.entries.length, 3);
      assert.deepEqual(tags(planned.entries), [`publish ${contentTag(one)}`]);
      await send(planned);
      assert.deepEqual((await sign(other)).entries, []);
    });

    it('is not lifted by carrying', async () => {
      const arm = imageOf('one', { platform: 'linux/arm64' });
      world.engine.add(other, arm);
      await world.sign(other);
      await execute(await plan({ reason: 'compromised' }, other));
      // The content stands under the name, and is taken back everywhere.
      world.engine.add(image, arm);
      const restored = await sign();
      assert.equal(restored.images[0]?.change.type, 'restored');
      world.engine.add(image, two);
      const planned = await sign();
      assert.deepEqual(tags(planned.entries), []);
      assert.deepEqual(
        planned.images[0]?.statement.leaves.map(({ configDigest }) => configDigest),
        [two.configDigest],
      );
    });

    it('drops from a release what is taken back everywhere under another name', async () => {
      const arm = imageOf('one', { platform: 'linux/arm64' });
      world.engine.add(image, arm);
      await world.sign();
      world.engine.add(other, one);
      await world.sign(other);
      await execute(await plan({ reason: 'vulnerable' }, other));
      const planned = await sign();
      assert.deepEqual(
        planned.images[0]?.statement.leaves.map(({ configDigest }) => configDigest),
        [arm.configDigest],
      );
    });

    it('waits for what is on its way', async () => {
      world.engine.add(other, one);
      await world.sign(other);
      const outcome = world.signing.execute(await plan({ reason: 'compromised' }), alice, never, () => undefined);
      await until('sent', () => world.writer.received.length === 3);
      await assert.rejects(plan({ reason: 'compromised' }, other), isCode('signatureOnItsWay'));
      world.writer.mine(3);
      await outcome;
    });

    it('can be a request, which explains itself, and nothing else is let through under the name', async () => {
      const { entries } = await plan({ reason: 'compromised', asRequest: true });
      const request = (changed: readonly Entry[]): SigningRequest =>
        createRequest(world.chain.ledger, acme, changed, { deadline: 2_000_000_000 });
      assert.deepEqual(request(entries).entries, entries);
      assert.deepEqual(parseRequestFile(Buffer.from(formatRequestFile(request(entries)))), request(entries));
      const titles = entries.map((entry) => entryTitle(entry, english));
      assert.deepEqual(titles, [
        'Revoke registry.example.com/acme/app:1.0',
        `Revoke under every name: content ${contentTag(one)}`,
      ]);
      const [, everywhere = assert.fail('no entry')] = entries;
      const refused = (changes: Partial<Entry>, reason: string): void => {
        assert.throws(
          () => request([{ ...everywhere, ...changes }]),
          (error) => isDaoChainError(error, 'requestInvalid') && error.details['reason'] === reason,
          JSON.stringify(changes),
        );
      };
      for (const changed of ['1.0', 'A'.repeat(64), '0'.repeat(63), `${'0'.repeat(64)}a`]) {
        refused({ tag: changed }, 'name');
      }
      refused({ repository: 'daochain:other' }, 'name');
      const states = (...leaves: readonly Leaf[]): Partial<Entry> => ({
        kind: 'publish',
        body: toHex(encodeStatement({ leaves })),
      });
      const leaf = contentLeaf(leafOf(one));
      assert.ok(request([{ ...everywhere, ...states(leaf) }]));
      refused(states(leafOf(two)), 'content');
      refused(states({ ...leaf, carried: { content: true } }), 'content');
      refused(states(leaf, leafOf(imageOf('one', { platform: 'linux/arm64' }))), 'content');
    });
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
