import assert from 'node:assert/strict';
import type { VerdictKind } from '../../../src/core/judging/verdict';
import { VerdictCache } from '../../../src/server/verdictCache';
import { waitFor } from '../../testbed/waitFor';
import { verified } from './sampleVerdicts';

interface Question {
  readonly folder: string;
  readonly references: readonly string[];
  readonly signal: AbortSignal;
  answer(result: unknown): void;
  fail(): void;
}

/** A cache and the host's side of it: every question waits until the test answers. */
class Host {
  readonly questions: Question[] = [];
  changes = 0;
  readonly cache: VerdictCache;

  constructor(timing: { readonly typingMs?: number; readonly answerMs?: number } = {}) {
    this.cache = new VerdictCache(
      ({ folder, queries }, signal) =>
        new Promise((resolve, reject) => {
          const fail = (): void => {
            reject(new Error('host'));
          };
          signal.addEventListener('abort', fail);
          this.questions.push({ folder, references: queries.map(({ text }) => text), signal, answer: resolve, fail });
        }),
      () => {
        this.changes += 1;
      },
      { typingMs: 5, answerMs: 60_000, ...timing },
    );
  }

  /** Answers the question at `index` with one verdict for all. */
  async answer(index: number, kind: VerdictKind): Promise<void> {
    const question = this.questions[index];
    assert.ok(question);
    question.answer({ images: question.references.map((reference) => verified(reference, kind)) });
    await new Promise(setImmediate);
  }

  state(reference: string, uri = 'a'): string {
    const answer = this.cache.get(uri, { text: reference });
    return answer.state === 'judged' ? answer.image.verdict.kind : answer.state;
  }
}

describe('cache of verdicts', () => {
  it('asks apart for documents in different folders, and gives none what was said for another', async () => {
    const host = new Host();
    host.cache.want('file:///projects/shop/Dockerfile', [{ text: 'x' }]);
    host.cache.want('file:///projects/shop/compose.yaml', [{ text: 'x' }]);
    host.cache.want('file:///projects/clone/Dockerfile', [{ text: 'x' }]);
    host.cache.want('untitled:Untitled-1', [{ text: 'x' }]);
    assert.deepEqual(
      host.questions.map(({ folder }) => folder),
      ['file:///projects/shop', 'file:///projects/clone', ''],
    );
    await host.answer(0, 'verified');
    await host.answer(1, 'untrusted');
    const states = ['file:///projects/shop/compose.yaml', 'file:///projects/clone/Dockerfile', 'untitled:Untitled-1'];
    assert.deepEqual(
      states.map((uri) => host.state('x', uri)),
      ['verified', 'untrusted', 'waiting'],
    );
  });

  it('asks apart for each platform, and gives none what was said for another', async () => {
    const host = new Host();
    const queries = [{ text: 'x' }, { text: 'x', platform: '' }, { text: 'x', platform: 'linux/arm64' }];
    host.cache.want('a', queries);
    host.questions[0]?.answer({ images: [{ ...verified('x', 'verified') }] });
    await new Promise(setImmediate);
    assert.deepEqual(
      queries.map((query) => host.cache.get('a', query).state),
      ['judged', 'failed', 'failed'],
    );
  });

  it('asks once for all that a document names, and remembers', async () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }, { text: 'y' }, { text: 'x' }]);
    assert.equal(host.state('x'), 'waiting');
    assert.deepEqual(host.questions[0]?.references, ['x', 'y']);
    await host.answer(0, 'unsigned');
    assert.equal(host.state('x'), 'unsigned');
    assert.equal(host.changes, 1);
    host.cache.forget('a');
    host.cache.want('b', [{ text: 'y' }]);
    assert.equal(host.questions.length, 1);
  });

  it('does not ask about what is asked already', () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }, { text: 'y' }]);
    host.cache.want('b', [{ text: 'y' }, { text: 'z' }]);
    assert.deepEqual(
      host.questions.map(({ references }) => references),
      [['x', 'y'], ['z']],
    );
  });

  it('waits until typing rests', async () => {
    const host = new Host();
    host.cache.want('a', []);
    for (const text of ['a', 'al', 'alp']) host.cache.want('a', [{ text: text }]);
    assert.equal(host.questions.length, 0);
    await waitFor('a question', () => host.questions.length > 0);
    assert.deepEqual(
      host.questions.map(({ references }) => references),
      [['alp']],
    );
  });

  it('withdraws a question that no document has any more', () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }]);
    host.cache.want('b', [{ text: 'x' }, { text: 'y' }]);
    const [both, rest] = host.questions;
    host.cache.forget('b');
    assert.deepEqual([both?.signal.aborted, rest?.signal.aborted], [false, true]);
    host.cache.want('a', [{ text: 'other' }]);
    assert.equal(both?.signal.aborted, true);
    assert.equal(host.state('x'), 'failed');
    host.cache.want('b', [{ text: 'x' }]);
    assert.equal(host.state('x'), 'waiting');
    assert.equal(host.changes, 0);
  });

  it('has failed when the host fails, until the document changes', async () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }]);
    host.questions[0]?.fail();
    await waitFor('a change', () => host.changes > 0);
    assert.equal(host.state('x'), 'failed');
    assert.equal(host.questions.length, 1);
    host.cache.want('a', [{ text: 'x' }]);
    await waitFor('another question', () => host.questions.length > 1);
    await host.answer(1, 'verified');
    assert.equal(host.state('x'), 'verified');
  });

  it('has failed when the host takes too long', async () => {
    const host = new Host({ answerMs: 10 });
    host.cache.want('a', [{ text: 'x' }]);
    await waitFor('a change', () => host.changes > 0);
    assert.equal(host.state('x'), 'failed');
    assert.equal(host.questions[0]?.signal.aborted, true);
  });

  it('takes nothing for an answer that is not one', async () => {
    const good = verified('x', 'verified');
    const bad: readonly unknown[] = [
      undefined,
      null,
      'verified',
      [good],
      { images: 'x' },
      { images: [] },
      { images: [{ ...good, text: 'other' }] },
      { images: [{ ...good, verdict: { ...good.verdict, kind: 'green' } }] },
      { images: [{ ...good, verdict: { kind: 'verified' } }] },
      { images: [{ ...good, local: 'yes' }] },
    ];
    for (const result of bad) {
      const host = new Host();
      host.cache.want('a', [{ text: 'x' }]);
      host.questions[0]?.answer(result);
      await waitFor('a change', () => host.changes > 0);
      assert.equal(host.state('x'), 'failed', JSON.stringify(result));
    }
  });

  it('keeps what is understood of an answer', async () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }, { text: 'y' }, { text: 'z' }]);
    host.questions[0]?.answer({ images: [verified('x', 'mismatch'), { text: 'y' }] });
    await waitFor('a change', () => host.changes > 0);
    assert.deepEqual(
      ['x', 'y', 'z'].map((reference) => host.state(reference)),
      ['mismatch', 'failed', 'failed'],
    );
  });

  describe('when verdicts change', () => {
    it('asks again about what documents name, and no more', async () => {
      const host = new Host();
      host.cache.want('a', [{ text: 'x' }]);
      host.cache.want('b', [{ text: 'y' }]);
      await host.answer(0, 'unsigned');
      await host.answer(1, 'unsigned');
      host.cache.forget('b');
      host.cache.invalidate();
      assert.deepEqual(
        host.questions.slice(2).map(({ references }) => references),
        [['x']],
      );
      host.cache.want('b', [{ text: 'y' }]);
      assert.equal(host.state('y'), 'waiting');
    });

    it('lets a warning stand until the new answer is there, and a green not', async () => {
      const host = new Host();
      host.cache.want('a', [{ text: 'red' }, { text: 'green' }]);
      host.questions[0]?.answer({ images: [verified('red', 'mismatch'), verified('green', 'verified')] });
      await waitFor('a change', () => host.changes > 0);
      assert.deepEqual([host.state('red'), host.state('green')], ['mismatch', 'verified']);
      host.cache.invalidate();
      assert.deepEqual([host.state('red'), host.state('green')], ['mismatch', 'waiting']);
      await host.answer(1, 'verified');
      assert.deepEqual([host.state('red'), host.state('green')], ['verified', 'verified']);
    });

    it('asks once more when an answer was on its way, and shows no green of before', async () => {
      const host = new Host();
      host.cache.want('a', [{ text: 'x' }]);
      host.cache.invalidate();
      host.cache.invalidate();
      assert.equal(host.questions.length, 1);
      await host.answer(0, 'verified');
      assert.equal(host.state('x'), 'waiting');
      assert.equal(host.questions.length, 2);
      await host.answer(1, 'verified');
      assert.equal(host.state('x'), 'verified');
      assert.equal(host.questions.length, 2);
    });
  });

  it('asks about 500 images of a document, and of the others says at once that they are not checked', async () => {
    const host = new Host();
    const texts = Array.from({ length: 600 }, (_, index) => `image${index}`);
    host.cache.want(
      'a',
      [...texts, ...texts].map((text) => ({ text })),
    );
    assert.deepEqual(host.questions[0]?.references, texts.slice(0, 500));
    assert.deepEqual(
      ['image499', 'image500'].map((text) => host.state(text)),
      ['waiting', 'failed'],
    );
    await host.answer(0, 'verified');
    assert.deepEqual(
      ['image499', 'image500'].map((text) => host.state(text)),
      ['verified', 'failed'],
    );
    host.cache.want('b', [{ text: 'image500' }]);
    await host.answer(1, 'verified');
    assert.equal(host.state('image500'), 'verified');
    host.cache.forget('b');
    assert.equal(host.state('image500'), 'failed');
    host.cache.invalidate();
    assert.deepEqual(host.questions[2]?.references, texts.slice(0, 500));
  });

  it('ends its questions when it is disposed', () => {
    const host = new Host();
    host.cache.want('a', [{ text: 'x' }]);
    host.cache.dispose();
    assert.equal(host.questions[0]?.signal.aborted, true);
  });
});
