import assert from 'node:assert/strict';
import type { VerdictKind } from '../../../src/core/judging/verdict';
import { verdictNotice, type ToldVerdict } from '../../../src/ui/verdictNotice';
import { verdictOf } from '../core/judging/verdicts';
import { english } from '../words/localizers';

const told = (kind: VerdictKind, label: string = kind): ToldVerdict => ({
  ...{ label, name: `registry.example.com/${label}:1.0`, verdict: verdictOf(kind) },
});

describe('verdicts that somebody asked for', () => {
  it('are told with reason and next step where it is one', () => {
    const { severity, message, actions } = verdictNotice([told('unsigned')], english);
    assert.equal(severity, 'information');
    assert.match(message, /^unsigned: Unsigned.*Sign it if you made it/);
    assert.deepEqual(
      actions.map((action) => action.arguments),
      [['registry.example.com/unsigned:1.0', 'engine']],
    );
    assert.doesNotMatch(verdictNotice([told('verified')], english).message, /Nothing to do/);
  });

  it('advise of an image without a name only what can be done about it', () => {
    const name = `sha256:${'ab'.repeat(32)}`;
    for (const kind of ['unsigned', 'untrusted', 'unknown'] as const) {
      const { message } = verdictNotice([{ ...told(kind), name, label: 'abababababab' }], english);
      assert.doesNotMatch(message, /Sign it|[Vv]ouch for it\.$/, kind);
    }
    assert.match(
      verdictNotice([{ ...told('unsigned'), name, label: 'abababababab' }], english).message,
      /Give it a name with "docker tag"; then it can be signed or vouched for\.$/,
    );
  });

  it('tell the worst of several alarms, wherever it stands', () => {
    for (const kinds of [
      ['mismatch', 'tampered'],
      ['tampered', 'mismatch'],
      ['mismatch', 'verified', 'tampered', 'revoked'],
    ] as const) {
      const [first, ...more] = kinds.map((kind) => told(kind));
      if (first === undefined) throw new RangeError('none was told');
      assert.match(verdictNotice([first, ...more], english).message, /tampered: Tampered/, kinds.join());
    }
  });

  it('are counted where they are several, and the alarm among them is told', () => {
    const calm = verdictNotice([told('verified'), told('unsigned')], english);
    assert.deepEqual([calm.severity, calm.message], ['information', '1 of 2 images are verified.']);
    const alarm = verdictNotice([told('verified'), told('revoked'), told('unsigned')], english);
    assert.equal(alarm.severity, 'error');
    assert.match(alarm.message, /^1 of 3 images are verified\. revoked: Revoked/);
    assert.deepEqual(alarm.actions[0]?.arguments, ['registry.example.com/revoked:1.0', 'engine']);
  });
});
