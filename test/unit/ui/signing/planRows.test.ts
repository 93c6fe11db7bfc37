import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfirmationLine } from '../../../../src/ui/signing/confirmation';
import { planRows } from '../../../../src/ui/signing/planRows';

const columns = (text: string): number => Array.from(text).reduce((sum, each) => sum + (each > '\u10ff' ? 2 : 1), 0);
const withoutIcon = (label: string): string => label.replace(/^\$\([a-z-]+\) ?/, '');

describe('the rows of a plan', () => {
  it('leave a line that fits as it is', () => {
    const line = {
      label: '$(key) Sign',
      description: 'costs nothing',
      detail: `sha256:${'12'.repeat(32)}`,
      decision: 1,
    };
    assert.deepEqual(planRows([line]), [line]);
  });

  it('have an id or a digest never without what it is', () => {
    const [fingerprint, genesis] = [`sha256:${'34'.repeat(32)}`, `0x${'56'.repeat(32)}`];
    assert.deepEqual(planRows([{ label: `$(blank) fingerprint ${fingerprint}`, description: '' }]), [
      { label: '$(blank) fingerprint ', description: '', detail: fingerprint },
    ]);
    assert.deepEqual(planRows([{ label: `$(blank)   config ${fingerprint}`, description: '' }]), [
      { label: '$(blank)   config ', description: '', detail: fingerprint },
    ]);
    const contract = `0x${'78'.repeat(20)}`;
    const ledger = `Ledger: chain 1234, genesis ${genesis}, contract ${contract}`;
    assert.deepEqual(
      planRows([{ label: `$(blank) ${ledger}`, description: '' }]).map(({ label, detail }) => [label, detail]),
      [
        ['$(blank) Ledger: chain 1234, ', undefined],
        ['$(blank) genesis ', `${genesis}, `],
        [`$(blank) contract ${contract}`, undefined],
      ],
    );
    const line = { label: '$(link) The ledger', description: '', detail: ledger };
    assert.deepEqual(
      planRows([line]).map(({ label, detail }) => [label, detail]),
      [
        ['$(link) The ledger', 'Ledger: chain 1234, '],
        ['$(blank) genesis ', `${genesis}, `],
        [`$(blank) contract ${contract}`, undefined],
      ],
    );
  });

  it('go on below in words that leave no gap', () => {
    const detail = 'The admin until now. This wallet takes over the role and decides who signs in its name.';
    assert.deepEqual(planRows([{ label: '$(account) Somebody', description: '', detail }]), [
      { label: '$(account) Somebody', description: '', detail: detail.slice(0, 69) },
      { label: `$(blank) ${detail.slice(69)}`, description: '' },
    ]);
  });

  it('hold every character of every line, in order, and none is wider than the quick pick', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('镜像', 'a', ' b', 'x'.repeat(70), ' ')).map((each) => each.join('')),
    );
    const icon = fc.constantFrom('$(package) ', '$(blank) ', '');
    fc.assert(
      fc.property(icon, text, text, text, (start, label, description, detail) => {
        const line: ConfirmationLine<string> = { label: `${start}${label}`, description, detail, decision: 'sign' };
        const rows = planRows([line]);
        for (const row of rows) {
          assert.ok(columns(withoutIcon(row.label)) + columns(row.description) <= 60, row.label);
          assert.ok(columns((row.detail ?? '').trimEnd()) <= 71, row.detail);
        }
        const shown = rows.map((row) => withoutIcon(row.label) + row.description + (row.detail ?? '')).join('');
        assert.equal(shown, withoutIcon(line.label) + description + detail);
        assert.deepEqual(
          rows.flatMap(({ decision }, index) => (decision === undefined ? [] : [[index, decision]])),
          [[0, 'sign']],
        );
      }),
    );
  });
});
