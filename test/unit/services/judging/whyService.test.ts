import assert from 'node:assert/strict';
import type { PublisherId } from '../../../../src/core/ledger/types';
import { OrganizationNames } from '../../../../src/services/organizations/organizationNames';
import type { Explanation } from '../../../../src/services/judging/whyService';
import { WhyService } from '../../../../src/services/judging/whyService';
import type { JudgingOptions } from '../../../../src/core/judging/imageAnswer';
import { imageOf } from '../fakeEngine';
import { acme, image, isCode, mallory, never, repository, ruleOf, stranger, tag, Window } from '../serviceWorld';

const good = imageOf('good');
const evil = imageOf('evil');

const ignore = (): void => undefined;

class Reader extends Window {
  readonly whys = new WhyService({
    verification: this.verification,
    names: new OrganizationNames(this.followed, { debug: ignore, info: ignore, warn: ignore, error: ignore }),
    followed: this.followed,
  });

  async explained(text = image, options: JudgingOptions = {}): Promise<Explanation> {
    const explanation = await this.whys.explain({ text }, never, options);
    const { why, judged } = explanation;
    // One judge: what is explained is what every surface shows.
    assert.deepEqual(why.verdict, judged.verdict);
    const [shown] = await this.verification.judgeReferences([{ text }], never, options);
    if (!text.startsWith('sha256:')) assert.deepEqual(shown, judged);
    return explanation;
  }

  async changes(text?: string, options?: JudgingOptions): Promise<readonly string[]> {
    const { why } = await this.explained(text, options);
    return why.changes.map(({ supposed: { what }, then }) => `${what} ${then.kind}`);
  }
}

describe('explaining a verdict', () => {
  let reader: Reader;
  beforeEach(() => {
    reader = new Reader();
  });

  it('tells the rule, the history and what was asked, of the image that the engine has', async () => {
    reader.engine.add(image, good);
    await reader.sign();
    const { why } = await reader.explained(image, { sources: 'engine' });
    assert.equal(why.verdict.kind, 'verified');
    assert.deepEqual(why.name, { repository, tag });
    const [source] = why.sources;
    assert.deepEqual([source?.isSatisfied, source?.deciding[0]?.accepted], [true, 1]);
    assert.deepEqual(
      why.histories.map(({ publisher, isChecked, entries }) => [publisher, isChecked, entries.length]),
      [[acme, true, 1]],
    );
    assert.deepEqual(why.asked, { engine: 'found', registry: { unasked: 'engineOnly' }, names: 1 });
    assert.equal(why.image?.configDigest, good.configDigest);
  });

  it('asks engine, registry and ledger once, whatever it supposes', async () => {
    reader.engine.add(image, good);
    await reader.sign();
    reader.registry.push(image, evil);
    const listening = reader.verification.onDidChange(() => undefined);
    reader.engine.calls = [];
    const { why } = await reader.whys.explain({ text: image }, never);
    assert.ok(why.changes.length > 0);
    assert.equal(reader.registry.calls.length, 1);
    assert.deepEqual(
      reader.engine.calls.map((call) => call.split(' ')[0]),
      ['inspect', 'read'],
    );
    listening.dispose();
  });

  it('explains the side that decides, and names the other', async () => {
    reader.engine.add(image, good);
    await reader.sign();
    const pushed = reader.registry.push(image, evil);
    const { why } = await reader.explained();
    assert.deepEqual([why.verdict.kind, why.image?.source], ['mismatch', 'registry']);
    assert.equal(why.asked.local?.kind, 'verified');
    assert.deepEqual(why.asked.registry, { digest: pushed.digest, verdict: why.verdict });
  });

  it('supposes for both sides together: where the registry stays bad, no wish for the image here makes it good', async () => {
    reader.engine.add(image, good);
    await reader.sign();
    reader.registry.push(image, evil);
    assert.ok(!(await reader.changes()).includes('stated verified'));
    assert.ok((await reader.changes(image, { sources: 'engine' })).includes('takenBack revoked'));
  });

  it('says why a registry was not asked', async () => {
    const unasked = async (text: string, options?: JudgingOptions): Promise<unknown> =>
      (await reader.explained(text, options)).why.asked.registry;
    assert.deepEqual(await unasked('other.example.com/a/b:1'), { unasked: 'cannotMatter' });
    assert.deepEqual(await unasked('no reference!'), { unasked: 'noName' });
    const id = reader.engine.add(image, good);
    assert.deepEqual(await unasked(id), { unasked: 'noName' });
    assert.deepEqual(await unasked(image), { failure: 'imageNotFound' });
    reader.chain.isDown = true;
    assert.deepEqual(
      await new Reader().whys.explain({ text: image, platform: 'x/' }, never).then(({ why }) => why.asked.registry),
      {
        unasked: 'noPlatform',
      },
    );
  });

  it('explains an image by its ID, by its own bytes', async () => {
    const id = reader.engine.add(image, good);
    await reader.sign();
    const { why } = await reader.explained(id);
    assert.deepEqual([why.verdict.kind, why.image?.source], ['verified', 'bytes']);
    await assert.rejects(reader.whys.explain({ text: `sha256:${'0'.repeat(64)}` }, never), isCode('imageNotFound'));
  });

  it('supposes that a stranger is believed, and reads the image for it where that has to be', async () => {
    reader.engine.add(image, good);
    await reader.sign(image, mallory);
    reader.rules = [];
    const { why } = await reader.explained(image, { sources: 'engine' });
    assert.equal(why.verdict.kind, 'untrusted');
    const [change] = why.changes.filter(({ supposed: { what } }) => what === 'accepted');
    assert.deepEqual(
      [change?.supposed, change?.then.kind],
      [{ what: 'accepted', publisher: stranger, kind: 'publish', pattern: repository, isNewRule: true }, 'verified'],
    );
    // Really so.
    reader.rules = [ruleOf(reader.chain, [stranger], { repositories: repository })];
    assert.equal((await reader.judged(image, undefined, { sources: 'engine' })).verdict.kind, 'verified');
  });

  it('supposes a rule for an image that no rule covers, by all that a rule would ask', async () => {
    const uncovered = 'registry.example.com/others/tool:1';
    reader.engine.add(uncovered, good);
    reader.own = [];
    await reader.sign(uncovered, mallory);
    assert.ok((await reader.changes(uncovered, { sources: 'engine' })).includes('accepted verified'));
  });

  it('reads the names of the organizations in it', async () => {
    const id: PublisherId = `0x${'ab'.repeat(32)}`;
    reader.organizations.put({ id, name: 'Acme', admin: mallory.address });
    reader.rules = [ruleOf(reader.chain, [id])];
    const { names } = await reader.explained();
    assert.equal(names.get(id), 'Acme');
  });
});
