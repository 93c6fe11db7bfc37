import assert from 'node:assert/strict';
import { withoutRule, withRule } from '../../../../src/core/trust/ruleChange';
import { imageOf } from '../fakeEngine';
import { acme, alice, image, mallory, never, ruleOf, stranger, Window } from '../serviceWorld';

const good = imageOf('good');

describe('trying a rule', () => {
  it('says what the verdict would be, with the rule and without, and changes nothing', async () => {
    const window = new Window();
    window.engine.add(image, good);
    await window.sign();
    const [rule] = window.rules;
    assert.ok(rule);
    const trial = await window.judged(image, undefined, { substitute: (rules) => withoutRule(rules, rule) });
    assert.equal(trial.verdict.kind, 'untrusted');
    assert.equal((await window.judged()).verdict.kind, 'verified');
    const all = await window.verification.judgeAll(never, { substitute: (rules) => withoutRule(rules, rule) });
    assert.deepEqual(
      all.rows.map(({ verdict }) => verdict.kind),
      ['untrusted'],
    );
    assert.equal(await window.verdict().then(({ kind }) => kind), 'verified');
  });

  it('is satisfied by whom no rule names yet', async () => {
    const window = new Window();
    window.engine.add(image, good);
    window.rules = [];
    window.own = [];
    await window.sign(image, mallory);
    assert.equal((await window.judged()).verdict.kind, 'untrusted');
    const rule = ruleOf(window.chain, [stranger]);
    const trial = await window.judged(image, undefined, { substitute: (rules) => withRule(rules, rule) });
    assert.equal(trial.verdict.kind, 'verified');
    assert.equal((await window.judged()).verdict.kind, 'untrusted');
  });

  it('knows that a publisher whom no rule names has said nothing', async () => {
    const window = new Window();
    window.engine.add(image, good);
    window.own = [];
    window.rules = [];
    await window.sign(image, alice);
    const rule = ruleOf(window.chain, [stranger]);
    const trial = await window.judged(image, undefined, { substitute: (rules) => withRule(rules, rule) });
    assert.equal(trial.verdict.kind, 'untrusted');
    assert.ok('by' in trial.verdict && trial.verdict.by.some(({ publisher }) => publisher === acme));
  });
});
