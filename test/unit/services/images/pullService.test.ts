import assert from 'node:assert/strict';
import { DaoChainError } from '../../../../src/core/errors';
import { errorText } from '../../../../src/words/errorText';
import type { ImageAnswer } from '../../../../src/core/judging/imageAnswer';
import { PullService, type PullOutcome } from '../../../../src/services/images/pullService';
import { english } from '../../words/localizers';
import { imageOf } from '../fakeEngine';
import { manifestOf } from '../fakeRegistry';
import { FakeTransfer } from '../fakeTransfer';
import { acme, image, isCode, never, repository, ruleOf, tag, Window } from '../serviceWorld';
import type { TransferProgress } from '../../../../src/core/ports/engine';

const good = imageOf('good');
const evil = imageOf('evil');
const foreign = imageOf('good', { platform: 'linux/arm64' });

describe('a pull', () => {
  let world: Window;
  let transfer: FakeTransfer;
  let pulls: PullService;
  let asked: ImageAnswer[];
  let answer: boolean;

  beforeEach(async () => {
    world = new Window();
    transfer = new FakeTransfer(world.engine, world.registry);
    pulls = new PullService({ engine: transfer.port, verification: world.verification });
    asked = [];
    answer = true;
    await signed();
  });

  /** The image is signed, and only the registry has it. */
  const signed = async (identity = good, name = image): Promise<void> => {
    const id = world.engine.add(name, identity);
    await world.sign(name);
    world.engine.remove(id);
    world.registry.push(name, good);
  };
  const enforce = (): void => {
    world.rules = [ruleOf(world.chain, [acme], { level: 'enforce' })];
  };
  const pull = (text = image, platform?: string, signal = never): Promise<PullOutcome> =>
    pulls.pull(
      { text, ...(platform !== undefined && { platform }) },
      (judged) => {
        asked.push(judged);
        return Promise.resolve(answer);
      },
      signal,
      () => undefined,
    );
  const tagOf = async (name = image): Promise<string | undefined> =>
    (await world.engine.list()).images.find(({ tags }) => tags.includes(name))?.id;
  const refused = (verdict: string, stage: string) => (error: unknown) =>
    isCode('pullRefused')(error) &&
    (error as DaoChainError).details['verdict'] === verdict &&
    (error as DaoChainError).details['stage'] === stage;
  const pinned = `${repository}@${manifestOf(good)}`;

  it('takes the judged digest, judges what arrived and gives it the name', async () => {
    const progress: TransferProgress[] = [];
    const outcome = await pulls.pull(
      { text: image },
      () => assert.fail('nothing to ask'),
      never,
      (each) => progress.push(each),
    );
    assert.deepEqual(transfer.calls, [`pull ${pinned}`, `tag ${image}`]);
    assert.deepEqual(progress, [{ phase: 'downloading', done: 1, total: 1 }]);
    const { judgedBefore, judgedAfter, digest, tagged } = outcome;
    assert.equal(judgedBefore.verdict.kind === 'unknown' && judgedBefore.verdict.missing, 'layers');
    assert.equal(judgedAfter.verdict.kind, 'verified');
    assert.equal(digest, manifestOf(good));
    assert.deepEqual(tagged, { reference: judgedBefore.reference });
    assert.equal(await tagOf(), good.configDigest);
  });

  it('asks nothing of what was signed with its manifest, also where a rule enforces', async () => {
    await signed({ ...good, manifestDigest: manifestOf(good) }, `${repository}:2`);
    enforce();
    const { judgedBefore, judgedAfter } = await pull(`${repository}:2`);
    assert.deepEqual([judgedBefore.verdict.kind, judgedAfter.verdict.kind], ['verified', 'verified']);
    assert.equal(asked.length, 0);
  });

  it('takes what was judged where the tag moves meanwhile', async () => {
    const { port } = transfer;
    const late = new PullService({
      verification: world.verification,
      engine: {
        ...port,
        pull: (...parameters) => {
          world.registry.push(image, evil);
          return port.pull(...parameters);
        },
      },
    });
    const { digest, judgedAfter } = await late.pull(
      { text: image },
      () => assert.fail('nothing to ask'),
      never,
      () => undefined,
    );
    assert.deepEqual([digest, judgedAfter.verdict.kind], [manifestOf(good), 'verified']);
    assert.equal(await tagOf(), good.configDigest);
  });

  it('reads the registry anew, whatever is remembered of it', async () => {
    const listening = world.verification.onDidChange(() => undefined);
    await world.judged(image, undefined, { sources: 'registry' });
    world.registry.push(image, good, 'zstd');
    assert.equal((await pull()).digest, manifestOf(good, 'zstd'));
    listening.dispose();
  });

  it('says what the name was before', async () => {
    const before = world.engine.add(image, evil);
    assert.equal((await pull()).tagged?.replaced, before);
    assert.equal((await pull()).tagged?.replaced, undefined);
  });

  it('gives no name to what was named by its digest', async () => {
    for (const text of [pinned, `${image}@${manifestOf(good)}`]) {
      transfer.calls.length = 0;
      const { tagged, digest } = await pull(text);
      assert.equal(tagged, undefined);
      assert.equal(digest, manifestOf(good));
      assert.deepEqual(transfer.calls, [`pull ${pinned}`]);
      assert.equal(await tagOf(), undefined);
    }
  });

  it('takes the latest where no tag is written', async () => {
    world.registry.push(`${repository}:latest`, good);
    const { tagged } = await pull(repository);
    assert.equal(tagged?.reference.tag, 'latest');
    assert.equal(await tagOf(`${repository}:latest`), good.configDigest);
  });

  it('is for the platform of the environment where none is written, written in full', async () => {
    world.registry.pushIndex(image, [good, foreign]);
    const [before, after] = ['arm64', 'linux/${BUILDARCH}'];
    pulls = new PullService({ engine: transfer.port, verification: world.verification, defaultPlatform: before });
    assert.equal((await pull()).judgedAfter.verdict.kind, 'unsigned');
    if (foreign.configDigest !== undefined) world.engine.remove(foreign.configDigest);
    assert.equal((await pull(image, after)).judgedAfter.verdict.kind, 'verified');
    assert.deepEqual(
      transfer.calls.filter((call) => call.startsWith('pull')).map((call) => call.split(' ')[2]),
      ['linux/arm64', 'linux/amd64'],
    );
  });

  it('hands on the platform, and judges for it', async () => {
    world.registry.pushIndex(image, [good, foreign]);
    const { judgedBefore, judgedAfter } = await pull(image, 'linux/arm64');
    assert.match(transfer.calls[0] ?? '', / linux\/arm64$/);
    assert.equal(judgedBefore.platform, 'linux/arm64');
    assert.equal(judgedAfter.verdict.kind, 'unsigned');
    assert.deepEqual(
      asked.map(({ verdict }) => verdict.kind),
      ['unsigned'],
    );
  });

  it('judges what arrived, and not what its index had for this machine before', async () => {
    world.engine.store = 'containerd';
    const other = `${repository}:2`;
    await signed({ ...good, manifestDigest: manifestOf(good) }, other);
    const index = world.registry.pushIndex(other, [good, foreign]);
    const byDigest = `${repository}@${index.digest}`;
    world.engine.add(undefined, foreign, { id: index.digest, origin: 'registry', repoDigests: [byDigest] });
    const listening = world.verification.onDidChange(() => undefined);
    const before = await world.judged(`${other}@${index.digest}`, undefined, { sources: 'engine' });
    assert.equal(before.verdict.kind, 'unsigned');
    assert.equal((await pull(other)).judgedAfter.verdict.kind, 'verified');
    listening.dispose();
  });

  it('leaves open what a store keeps by its manifest, where only the config was signed', async () => {
    world.engine.store = 'containerd';
    const { judgedAfter } = await pull();
    assert.equal(judgedAfter.verdict.kind === 'unknown' && judgedAfter.verdict.missing, 'layers');
    assert.deepEqual([asked.length, await tagOf()], [0, manifestOf(good)]);
    enforce();
    await assert.rejects(pull(), refused('unknown', 'arrived'));
  });

  it('asks before it pulls what is red, unsigned or unknown, and not again where it arrives as it was', async () => {
    world.registry.push(image, evil);
    const { judgedAfter } = await pull();
    assert.equal(judgedAfter.verdict.kind, 'mismatch');
    assert.deepEqual(
      asked.map(({ verdict }) => verdict.kind),
      ['mismatch'],
    );
    assert.equal(await tagOf(), evil.configDigest);
  });

  it('pulls nothing that a person does not want', async () => {
    world.registry.push(image, evil);
    answer = false;
    await assert.rejects(pull(), isCode('cancelled'));
    assert.deepEqual(transfer.calls, []);
  });

  it('asks before it names what arrived otherwise than it was judged', async () => {
    transfer.layersOf = () => evil;
    answer = false;
    await assert.rejects(pull(), isCode('cancelled'));
    assert.deepEqual(
      asked.map(({ verdict }) => verdict.kind),
      ['mismatch'],
    );
    assert.equal(await tagOf(), undefined);
    answer = true;
    await pull();
    assert.equal(await tagOf(), evil.configDigest);
  });

  it('is refused without asking where a rule enforces, before and after', async () => {
    enforce();
    world.registry.push(image, evil);
    await assert.rejects(pull(), refused('mismatch', 'judged'));
    world.registry.push(`${repository}:2`, good);
    await assert.rejects(pull(`${repository}:2`), refused('unsigned', 'judged'));
    assert.deepEqual(transfer.calls, []);

    world.registry.push(image, good);
    transfer.layersOf = () => evil;
    await assert.rejects(pull(), refused('mismatch', 'arrived'));
    assert.deepEqual([asked.length, await tagOf()], [0, undefined]);
  });

  it('is refused where a rule enforces and the chain does not answer', async () => {
    enforce();
    world.chain.isDown = true;
    await assert.rejects(pull(), refused('unknown', 'judged'));
  });

  it('says why there is nothing to pull', async () => {
    await assert.rejects(pull(`${repository}:none`), isCode('imageNotFound'));
    await assert.rejects(pull('Not A Name'), isCode('referenceInvalid'));
    await assert.rejects(pull(image, 'windows/amd64/v9/none'), isCode('imageNotFound'));
    for (const name of [image, `${image}@${manifestOf(good)}`])
      await assert.rejects(pull(name, 'linux/$X'), (error: DaoChainError) => {
        assert.equal(errorText(error, english), 'The platform linux/$X is not understood.');
        return true;
      });
    world.registry.pushIndex(image, [good]);
    await assert.rejects(pull(image, 'linux/arm64'), isCode('imageNotFound'));
    for (const code of ['registryUnavailable', 'registryOff', 'registryRefused', 'registryDenied'] as const) {
      world.registry.failure = () => new DaoChainError(code, 'no');
      await assert.rejects(pull(), isCode(code));
    }
    world.registry.failure = () => new DaoChainError('imageMalformed', 'twice', { details: { reason: 'encoding' } });
    await assert.rejects(
      pull(),
      (error) => isCode('imageMalformed')(error) && (error as DaoChainError).details['reason'] === 'encoding',
    );
    assert.deepEqual([asked.length, transfer.calls.length], [0, 0]);
  });

  it('takes a digest that was written also where its registry is not read, if a person wants it', async () => {
    world.registry.failure = (call) =>
      transfer.calls.length === 0 && call.startsWith('read') ? new DaoChainError('registryOff', 'off') : undefined;
    const { judgedBefore, judgedAfter } = await pull(`${repository}:${tag}@${manifestOf(good)}`);
    assert.equal(judgedBefore.registryFailure, 'registryOff');
    assert.equal(asked.length, 1);
    assert.equal(judgedAfter.verdict.kind, 'verified');
  });

  it('ends where it is cancelled', async () => {
    await assert.rejects(pull(image, undefined, AbortSignal.abort()), isCode('cancelled'));
    assert.equal(await tagOf(), undefined);
  });
});
