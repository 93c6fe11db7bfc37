import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { toHex } from '../../../../src/core/hex';
import { sha256Digest, type Digest } from '../../../../src/core/image/digest';
import { leafOf } from '../../../../src/core/ledger/release';
import { encodeStatement } from '../../../../src/core/ledger/statement';
import { ledgerKey, type Leaf } from '../../../../src/core/ledger/types';
import { verdictNextStep, verdictReason } from '../../../../src/words/verdictText';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import {
  acme,
  alice,
  image,
  isCode,
  mallory,
  never,
  repository,
  ruleOf,
  stranger,
  tag,
  until,
  Window,
} from '../serviceWorld';

const good = imageOf('good');
const evil = imageOf('evil');
const index: Digest = sha256Digest(new TextEncoder().encode('an index'));

function bodyOf(...leaves: readonly Leaf[]): `0x${string}` {
  return toHex(encodeStatement({ leaves }));
}

const malformed = (): DaoChainError =>
  new DaoChainError('imageMalformed', 'twice', { details: { reason: 'duplicateKey' } });

/** The good image is there, signed by the reader, and final. */
async function signedWorld(): Promise<Window> {
  const world = new Window();
  world.engine.add(image, good);
  await world.sign();
  world.engine.calls = [];
  return world;
}

async function unknownIn(world: Window, name = image): Promise<string> {
  const verdict = await world.verdict(name);
  return verdict.kind === 'unknown' ? verdict.missing : assert.fail(`${verdict.kind} is not unknown`);
}

describe('verdicts on local images', () => {
  let world: Window;
  beforeEach(async () => {
    world = await signedWorld();
  });

  it('are green for what was signed, from what the engine prints', async () => {
    const verdict = await world.verdict();
    assert.deepEqual([verdict.kind, verdict.depth, verdict.coverage], ['verified', 'identity', 'warn']);
    assert.deepEqual(world.engine.calls, ['list', `inspect ${good.configDigest}`]);
  });

  it('are red for other content under the tag, by its own bytes', async () => {
    const id = world.engine.add(image, evil, { origin: 'registry' });
    const verdict = await world.verdict();
    assert.equal(verdict.kind === 'mismatch' && verdict.cause, 'content');
    assert.ok(world.engine.calls.includes(`read ${id}`));
  });

  it('are never red by what the engine prints alone', async () => {
    world.engine.print = (identity) => ({ ...evil, configDigest: identity.configDigest ?? index });
    assert.equal((await world.verdict()).kind, 'verified');
    world.engine.failure = (call) => (call.startsWith('read') ? new DaoChainError('engineFailed', 'no') : undefined);
    world.verification.reconsider();
    assert.equal(await unknownIn(world), 'engine');
  });

  it('read the bytes of the image that was printed, not of what has its name by then', async () => {
    const id = world.engine.add(image, evil);
    world.engine.beforeAnswer = (call) => {
      if (call.startsWith('read')) world.engine.add(image, good);
    };
    assert.equal((await world.verdictOnReference(image)).kind, 'mismatch');
    assert.ok(world.engine.calls.includes(`read ${id}`));
  });

  describe('without a complete view of the ledger', () => {
    it('are unknown as long as there is no node', async () => {
      const fresh = new Window(world);
      fresh.writer.kill();
      assert.equal(await unknownIn(fresh), 'ledger');
    });

    it('are unknown when the node stops, and known again when it is back', async () => {
      assert.equal((await world.verdict()).kind, 'verified');
      world.writer.kill();
      assert.equal(await unknownIn(world), 'ledger');
      world.writer.start();
      assert.equal((await world.verdict()).kind, 'verified');
    });

    it('are unknown on a chain that is behind', async () => {
      await world.verdict();
      world.writer.rewind(3, 'gone');
      assert.equal(await unknownIn(world), 'ledgerIncomplete');
    });

    it('are unknown where entries are held back', async () => {
      world.chain.attest({ signer: alice.address, repository, tag, content: 'other' }).mine(3);
      world.chain.lie = ({ attested, signers }) => ({ signers, attested: attested.slice(0, 1) });
      assert.equal(await unknownIn(new Window(world)), 'ledgerIncomplete');
    });

    it('are unknown for other content too: nothing is red before all was heard', async () => {
      world.engine.add(image, evil, { origin: 'registry' });
      const fresh = new Window(world);
      fresh.writer.kill();
      assert.equal(await unknownIn(fresh), 'ledger');
    });

    it('are unknown where the ledger cannot be opened, and the list is there all the same', async () => {
      for (const failure of [new DaoChainError('networkInvalid', 'edited'), new Error('EACCES')]) {
        const fresh = new Window(world);
        fresh.ledgerFailure = failure;
        assert.equal(await unknownIn(fresh), 'ledger');
        // Nor is it known which rules count, so that none of them may be passed by.
        assert.equal((await fresh.verdict()).coverage, 'warn');
        assert.ok(fresh.logged.some((line) => line.startsWith('warn') && line.includes(failure.message)));
        fresh.ledgerFailure = undefined;
        assert.equal((await fresh.verdict()).kind, 'verified');
      }
    });
  });

  it('say that the disk is full where the node has no room, however the ledger is not there', async () => {
    const full = new DaoChainError('nodeFailed', 'full', { details: { reason: 'diskFull' } });
    const fresh = new Window(world);
    fresh.ledgerFailure = full;
    for (const verdict of [await fresh.verdict(), (await fresh.judged()).verdict]) {
      assert.ok(verdict.kind === 'unknown');
      assert.deepEqual([verdict.missing, verdict.detail], ['ledger', 'diskFull']);
      assert.match(verdictReason(verdict, english), /the disk is full/);
      assert.match(verdictNextStep(verdict, english), /^Free up space on the node’s disk/);
    }
    fresh.ledgerFailure = undefined;
    assert.equal((await fresh.verdict()).kind, 'verified');
  });

  describe('without an answer of the engine', () => {
    it('are none at all when there is no list', async () => {
      world.engine.isDown = true;
      await assert.rejects(world.verification.judgeAll(never), isCode('engineUnavailable'));
    });

    it('are unknown for a base image', async () => {
      world.engine.isDown = true;
      const verdict = await world.verdictOnReference(image);
      assert.equal(verdict.kind === 'unknown' && verdict.missing, 'engine');
    });

    it('are unknown when it goes away after the list', async () => {
      world.engine.beforeAnswer = (call) => {
        world.engine.isDown = call !== 'list';
      };
      assert.equal(await unknownIn(world), 'engine');
    });

    it('are unknown when it goes away before the bytes', async () => {
      world.engine.add(image, evil);
      world.engine.beforeAnswer = (call) => {
        world.engine.isDown = call.startsWith('read');
      };
      assert.equal(await unknownIn(world), 'engine');
      world.engine.isDown = false;
      world.engine.beforeAnswer = () => undefined;
      assert.equal((await world.verdict()).kind, 'mismatch');
    });

    for (const step of ['inspect', 'read'] as const) {
      it(`are unknown for an image that vanishes before "${step}"`, async () => {
        const id = world.engine.add(image, evil);
        world.engine.beforeAnswer = (call) => {
          if (call.startsWith(step)) world.engine.remove(id);
        };
        assert.equal(await unknownIn(world), 'image');
      });
    }

    it('end when they are cancelled', async () => {
      const aborter = new AbortController();
      aborter.abort();
      await assert.rejects(world.verification.judgeAll(aborter.signal), isCode('cancelled'));
    });
  });

  describe('on a malformed image', () => {
    it('are unknown, whether printing or reading finds it', async () => {
      for (const step of ['inspect', 'read']) {
        world.engine.add(image, evil);
        world.engine.failure = (call) => (call.startsWith(step) ? malformed() : undefined);
        assert.equal(await unknownIn(world), 'malformedImage');
      }
    });

    it('never match by the digest of another, in whatever order the engine reads', async () => {
      // The engine prints the good content of bytes that only a parser of its own kind reads so.
      world.engine.add(
        image,
        { ...good, configDigest: evil.configDigest ?? index },
        { id: evil.configDigest ?? index },
      );
      world.engine.failure = (call) => (call.startsWith('read') ? malformed() : undefined);
      assert.equal(await unknownIn(world), 'malformedImage');
    });

    it('are remembered until the engine tells of a change', async () => {
      const listening = world.verification.onDidChange(() => undefined);
      const id = world.engine.add(image, evil);
      world.engine.failure = (call) => (call.startsWith('read') ? malformed() : undefined);
      await unknownIn(world);
      world.engine.failure = () => undefined;
      assert.equal(await unknownIn(world), 'malformedImage');
      world.engine.fire({ type: 'image', id });
      assert.equal((await world.verdict()).kind, 'mismatch');
      listening.dispose();
    });
  });

  describe('and statements that pair digests with other content', () => {
    const pairs: readonly (readonly [string, Leaf])[] = [
      [
        'the config digest of the evil image with the hashes of the good one',
        { ...leafOf(good), configDigest: evil.configDigest ?? index },
      ],
      [
        'the hashes of the evil image with the config digest of the good one',
        { ...leafOf(evil), configDigest: good.configDigest ?? index },
      ],
      [
        'the manifest digest of the evil image with the hashes of the good one',
        { ...leafOf(good), manifestDigest: index },
      ],
    ];

    for (const [what, leaf] of pairs) {
      it(`by a stranger change nothing: ${what}`, async () => {
        world.chain.attest({ signer: mallory.address, repository, tag, body: bodyOf(leaf) }).mine(3);
        assert.equal((await world.verdict()).kind, 'verified');
        world.engine.add(image, evil, { origin: 'registry' });
        assert.equal((await world.verdict()).kind, 'mismatch');
        world.rules = [ruleOf(world.chain, [acme, stranger], { threshold: 2 })];
        assert.notEqual((await world.verdict()).kind, 'verified');
      });
    }

    it('by an accepted publisher are what their hashes say', async () => {
      const [[, leaf] = assert.fail('a pair')] = pairs;
      world.chain.attest({ signer: alice.address, repository, tag, body: bodyOf(leaf) }).mine(3);
      world.engine.add(image, evil, { origin: 'registry' });
      assert.equal((await world.verdict()).kind, 'mismatch');
    });
  });

  it('are not moved by contents on disk that were edited', async () => {
    world.engine.add(image, imageOf('good', { env: ['A=1'] }), { origin: 'registry' });
    const before = await world.verdict();
    for (const name of world.files('signed')) {
      for (const text of ['', '{', JSON.stringify(evil.content), '{"config":{"Env":["\\ud800"]}}']) {
        world.store.files.set(name, new TextEncoder().encode(text));
        const verdict = await world.verdict();
        assert.deepEqual({ ...verdict, differences: [] }, { ...before, differences: [] });
      }
    }
    assert.deepEqual(before.kind === 'mismatch' && before.differences, ['Env']);
  });
});

describe('the list of images', () => {
  let world: Window;
  beforeEach(async () => {
    world = await signedWorld();
  });

  it('has a row for each name, and asks once about each image', async () => {
    const names = ['registry.example.com/acme/app:latest', 'registry.example.com/acme/tool:1'];
    for (const name of names) world.engine.add(name, evil);
    await world.sign(names);
    world.engine.add(names[0], good);
    world.engine.add(names[1], good);
    world.engine.calls = [];
    const { rows } = await world.verification.judgeAll(never);
    assert.deepEqual(
      rows.map(({ reference, verdict }) => [reference?.text, verdict.kind]),
      [
        [image, 'verified'],
        [names[0], 'mismatch'],
        [names[1], 'mismatch'],
        [undefined, 'unsigned'],
      ],
    );
    assert.deepEqual(world.engine.calls, ['list', `inspect ${good.configDigest}`, `read ${good.configDigest}`]);
  });

  it('says where content is known from, without looking into it', async () => {
    world.engine.add(undefined, good);
    world.engine.remove(good.configDigest ?? index);
    world.engine.add(undefined, good);
    await world.index.readTable(never);
    const { rows } = await world.verification.judgeAll(never);
    const [row] = rows;
    assert.equal(row?.reference, undefined);
    assert.deepEqual(row?.verdict.kind === 'unsigned' && row.verdict.knownAs.map(({ tag: known }) => known), [tag]);
    assert.deepEqual(world.engine.calls, ['list']);
  });

  it('takes names that are not canonical for what they mean', async () => {
    const written = 'REGISTRY.example.com/acme/app:1.0';
    world.engine.add(written, evil, { origin: 'registry' });
    assert.equal((await world.verdict(written)).kind, 'mismatch');
    assert.equal((await world.verdict()).kind, 'verified');
  });

  it('has a nameless row for an image whose names are none', async () => {
    world.engine.remove(good.configDigest ?? index);
    for (const name of ['host:0443/app:1', 'BAD NAME']) world.engine.add(name, evil);
    const { rows } = await world.verification.judgeAll(never);
    assert.deepEqual(
      rows.map(({ reference, verdict }) => [reference, verdict.kind]),
      [[undefined, 'unsigned']],
    );
  });

  it('judges 10,000 names at once, and looks into what a rule covers or somebody has signed only', async () => {
    for (let i = 0; i < 9_998; i++) {
      const id: Digest = `sha256:${i.toString(16).padStart(64, '0')}`;
      world.engine.add(`registry.example.com/others/many:${i}`, evil, { id });
    }
    world.engine.add('registry.example.com/others/many:last', good);
    world.chain.calls = [];
    const { rows } = await world.verification.judgeAll(never);
    assert.equal(rows.length, 10_000);
    assert.equal(rows.filter(({ verdict }) => verdict.kind === 'verified').length, 1);
    assert.equal(rows.filter(({ verdict }) => verdict.kind === 'unsigned').length, 9_999);
    assert.equal(world.engine.calls.filter((call) => call.startsWith('inspect')).length, 1);
    // As many as for ten names.
    assert.ok(world.chain.calls.length <= 13, world.chain.calls.join());
  });
});

describe('a look-alike of what a rule names', () => {
  const alike = 'registry.example.com/acrne/app:1.0';
  const of = 'registry.example.com/acme/app';

  it('is told beside the verdict, which stays what it is', async () => {
    const world = await signedWorld();
    world.engine.add(alike, evil);
    const { verdict, lookAlike } = await world.judged(alike);
    assert.deepEqual([verdict.kind, lookAlike], ['unsigned', { how: 'shapes', of }]);
    const { rows } = await world.verification.judgeAll(never);
    assert.deepEqual(
      rows.map((row) => [row.reference?.text, row.lookAlike?.of]).sort(),
      [
        [image, undefined],
        [alike, of],
      ].sort(),
    );
    assert.deepEqual((await world.verification.verify(alike, never)).lookAlike, lookAlike);
    assert.equal((await world.judged()).lookAlike, undefined);
  });

  it('is told of text that is no reference', async () => {
    const world = await signedWorld();
    const { reference, verdict, lookAlike } = await world.judged('registry.example.com/\u0430cme/app:1.0');
    assert.deepEqual([reference, verdict.kind], [undefined, 'unknown']);
    assert.deepEqual(lookAlike, { how: 'letters', codePoints: ['U+0430'], of });
  });

  it('is none once a rule covers it', async () => {
    const world = await signedWorld();
    world.rules = [...world.rules, { ...ruleOf(world.chain, [acme]), repositories: 'registry.example.com/acrne/*' }];
    assert.equal((await world.judged(alike)).lookAlike, undefined);
  });
});

describe('what is known of an image', () => {
  let world: Window;
  let changes: number;
  beforeEach(async () => {
    world = await signedWorld();
    changes = 0;
    world.engine.store = 'containerd';
  });

  const listen = (): { dispose(): void } => world.verification.onDidChange(() => changes++);
  const asked = (): number => world.engine.calls.filter((call) => call.startsWith('inspect')).length;

  it('is kept while the engine says nothing', async () => {
    const listening = listen();
    await world.verdict();
    await world.verdict();
    assert.equal(asked(), 1);
    listening.dispose();
  });

  // An index keeps its ID when the image for this machine comes to be another of its images.
  const events = [
    { type: 'image', id: index },
    { type: 'image', id: image },
    { type: 'image' },
    { type: 'available' },
    { type: 'unavailable' },
  ] as const;
  for (const event of events) {
    it(`is not, once it has said ${JSON.stringify(event)}`, async () => {
      const listening = listen();
      world.engine.add(image, good, { id: index });
      assert.equal((await world.verdict()).kind, 'verified');
      world.engine.add(image, evil, { id: index });
      changes = 0;
      world.engine.fire(event);
      assert.equal(changes, 1);
      assert.equal((await world.verdict()).kind, 'mismatch');
      listening.dispose();
    });
  }

  it('is not what the engine answered before it said something', async () => {
    world.engine.store = 'classic';
    const listening = listen();
    world.engine.add(image, good, { id: index });
    world.engine.beforeInspected = () => {
      world.engine.beforeInspected = () => undefined;
      world.engine.add(image, evil, { id: index });
      world.engine.fire({ type: 'image', id: image });
    };
    await world.verdict();
    assert.equal((await world.verdict()).kind, 'mismatch');
    listening.dispose();
  });

  it('is nothing where nobody listens', async () => {
    world.engine.add(image, good, { id: index });
    assert.equal((await world.verdict()).kind, 'verified');
    world.engine.add(image, evil, { id: index });
    assert.equal((await world.verdict()).kind, 'mismatch');
    world.engine.add(image, good, { id: index });
    assert.equal((await world.verdictOnReference(image)).kind, 'verified');
  });

  it('is nothing after nobody has listened for a while', async () => {
    world.engine.add(image, good, { id: index });
    const first = listen();
    await world.verdict();
    first.dispose();
    world.engine.add(image, evil, { id: index });
    const second = listen();
    assert.equal((await world.verdict()).kind, 'mismatch');
    second.dispose();
  });
});

describe('verdicts on base images', () => {
  let world: Window;
  beforeEach(async () => {
    world = await signedWorld();
  });

  it('say whether the engine has it, and of which platform', async () => {
    const [here, away, none] = await world.verification.judgeReferences(
      [{ text: image }, { text: `${repository}:2` }, { text: 'Not A Name' }],
      never,
    );
    assert.deepEqual(here?.local, { verdict: here?.verdict });
    assert.deepEqual([away?.local, away?.verdict.kind], [undefined, 'unknown']);
    assert.deepEqual([none?.reference, none?.verdict.kind], [undefined, 'unknown']);
  });

  it('are about the platform that is asked for', async () => {
    const about = async (platform: string): Promise<string | undefined> => {
      const [judged] = await world.verification.judgeReferences([{ text: image, platform }], never);
      return judged?.verdict.kind;
    };
    assert.equal(await about('linux/amd64'), 'verified');
    assert.equal(await about('linux/x86_64'), 'verified');
    for (const same of ['amd64', 'x86_64', '${BUILDPLATFORM}', '${TARGETPLATFORM}', 'linux/${BUILDARCH}'])
      assert.equal(await about(same), 'verified', same);
    for (const other of ['linux/arm64', 'linux/amd64/v2', 'arm64', 'windows', 'linux/$X', '$X', ''])
      assert.equal(await about(other), 'unknown', other);
    // To some commands that is this machine's architecture, to others the engine's, which is another one here.
    assert.equal(await about('linux'), 'unknown');
    world.engine.architecture = 'arm64';
    world.engine.add(image, imageOf('good', { platform: 'linux/arm64' }));
    await world.sign();
    assert.equal(await about('linux'), 'verified');
  });

  it('are about "latest" where neither tag nor digest is written', async () => {
    const latest = 'registry.example.com/acme/tool';
    world.engine.add(`${latest}:latest`, good);
    await world.sign(`${latest}:latest`);
    assert.equal((await world.verdictOnReference(latest)).kind, 'verified');
  });

  describe('with a digest', () => {
    const pinned = `@${index}`;
    beforeEach(() => {
      world.engine.add(undefined, evil, { repoDigests: [`${repository}${pinned}`], origin: 'registry' });
    });

    it('are about what has the digest, whatever has the tag that is written beside it', async () => {
      assert.equal((await world.verdict()).kind, 'verified');
      assert.equal((await world.verdictOnReference(image + pinned)).kind, 'mismatch');
    });

    it('are green when that is what was signed under the tag', async () => {
      world.engine.add(image, evil);
      world.engine.add(undefined, good, { repoDigests: [`${repository}${pinned}`], origin: 'registry' });
      world.engine.remove(evil.configDigest ?? index);
      assert.equal((await world.verdictOnReference(image + pinned)).kind, 'verified');
    });
  });
});

describe('verifying one image', () => {
  let world: Window;
  beforeEach(async () => {
    world = await signedWorld();
  });

  it('reads its bytes, although printing would do', async () => {
    const { reference, verdict } = await world.verification.verify(image, never);
    assert.deepEqual([reference?.text, verdict.kind], [image, 'verified']);
    assert.ok(world.engine.calls.includes(`read ${good.configDigest}`));
  });

  it('is about the name that was given, not about another that the image has', async () => {
    const first = 'registry.example.com/acme/aaa:latest';
    world.engine.remove(good.configDigest ?? index);
    world.engine.add(first, good);
    await world.sign(first);
    world.engine.add(image, good);
    world.engine.add('registry.example.com/acme/tool:latest', good);
    const { reference, verdict } = await world.verification.verify('registry.example.com/acme/tool', never);
    assert.deepEqual([reference?.repository, verdict.kind], ['registry.example.com/acme/tool', 'unsigned']);
  });

  it('is about the first name of an image that was given by its ID', async () => {
    const { reference, verdict } = await world.verification.verify(good.configDigest ?? index, never);
    assert.deepEqual([reference?.text, verdict.kind], [image, 'verified']);
    const id = world.engine.add(undefined, evil);
    const nameless = await world.verification.verify(id, never);
    assert.deepEqual([nameless.reference, nameless.verdict.kind], [undefined, 'unsigned']);
  });

  it('says that there is none', async () => {
    await assert.rejects(world.verification.verify(`${repository}:2`, never), isCode('imageNotFound'));
  });

  it('looks anew, and tells the others', async () => {
    let changes = 0;
    world.engine.store = 'containerd';
    world.engine.add(image, good, { id: index });
    const listening = world.verification.onDidChange(() => changes++);
    assert.equal((await world.verdict()).kind, 'verified');
    world.engine.add(image, evil, { id: index });
    changes = 0;
    assert.equal((await world.verification.verify(image, never)).verdict.kind, 'mismatch');
    assert.ok(changes >= 1);
    assert.equal((await world.verdict()).kind, 'mismatch');
    listening.dispose();
  });
});

describe('changes of verdicts', () => {
  let world: Window;
  beforeEach(async () => {
    world = await signedWorld();
  });

  it('are followed while somebody listens, and only then', async () => {
    const follows = (): readonly boolean[] => [world.engine.isListenedTo, world.chain.hasSubscribers];
    assert.deepEqual(follows(), [false, false]);
    const [one, two] = [
      world.verification.onDidChange(() => undefined),
      world.verification.onDidChange(() => undefined),
    ];
    await until('followed', () => world.chain.hasSubscribers);
    one.dispose();
    one.dispose();
    assert.deepEqual(follows(), [true, true]);
    two.dispose();
    assert.deepEqual(follows(), [false, false]);
  });

  it('are not followed by who has left before the ledger was open', async () => {
    const fresh = new Window(world);
    fresh.verification.onDidChange(() => undefined).dispose();
    for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
    assert.equal(fresh.chain.hasSubscribers, false);
  });

  it('come with a block', async () => {
    let changes = 0;
    const listening = world.verification.onDidChange(() => changes++);
    await until('followed', () => world.chain.hasSubscribers);
    world.chain.attest({ signer: alice.address, repository, tag, content: 'other' }).mine();
    await until('told', () => changes > 0);
    listening.dispose();
  });

  it('come when rules or wallet have changed, and with a ledger that can be opened by now', async () => {
    let changes = 0;
    const fresh = new Window(world);
    fresh.ledgerFailure = new Error('not yet');
    const listening = fresh.verification.onDidChange(() => changes++);
    await until('told', () => fresh.logged.some((line) => line.includes('not yet')));
    fresh.ledgerFailure = undefined;
    fresh.verification.reconsider();
    assert.equal(changes, 1);
    await until('followed', () => fresh.chain.hasSubscribers);
    listening.dispose();
  });

  it('come when nothing of a rule but its ledger has changed, at the same block', async () => {
    const other = ledgerKey({ ...world.chain.ledger, address: `0x${'0e'.repeat(20)}` });
    const publisher = `0x${'c0'.repeat(32)}` as const;
    world.rules = [ruleOf(world.chain, [publisher], { ledger: other })];
    world.index.use([{ repository, tag }]);
    await world.index.sync(never);
    world.rules = [ruleOf(world.chain, [publisher])];
    await world.index.sync(never);
    assert.equal(world.index.view().keyState(publisher, repository, tag), 'complete');
  });
});
