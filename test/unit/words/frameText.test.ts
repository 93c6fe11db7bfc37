import assert from 'node:assert/strict';
import { exportedFrameLines, frameLines as terminalLines } from '../../../src/cli/frameLines';
import { walletPublisher } from '../../../src/core/hex';
import type { TransactionPlan } from '../../../src/core/plans/transactionPlan';
import { frameLines as editorLines } from '../../../src/ui/signing/confirmation';
import { planFrame } from '../../../src/words/frameText';
import { english } from './localizers';

const signer = `0x${'ab'.repeat(20)}` as const;
const plan: TransactionPlan = {
  ledger: { chainId: 7n, genesisHash: `0x${'11'.repeat(32)}`, address: `0x${'22'.repeat(20)}` },
  ledgerKind: 'development',
  signer,
  call: { type: 'acceptAdmin', organization: walletPublisher(signer) },
  fee: { gas: 2n, gasPrice: 3n, cost: 6n, balance: 5n },
  missing: 1n,
};

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe('the frame of a plan', () => {
  for (const [what, shown] of Object.entries({
    'that is sent': plan,
    'that is paid for': { ...plan, missing: 0n, fee: { ...plan.fee, balance: 7n } },
    'that has nothing to send': { ...plan, call: undefined },
  })) {
    it(`${what} is told whole in the editor and in a terminal`, () => {
      const texts = textsOf(planFrame(shown, english));
      const [terminal, editor] = [terminalLines(shown).join('\n'), textsOf(editorLines(shown, english)).join('\n')];
      for (const text of texts) {
        assert.ok(terminal.includes(text), `${text} is not in ${terminal}`);
        assert.ok(editor.includes(text), `${text} is not in ${editor}`);
      }
    });
  }

  it('has for those who send it from a file the ledger and what is signed', () => {
    const { ledger, signer: who, cost, signed } = planFrame(plan, english);
    const text = exportedFrameLines(plan).join('\n');
    for (const each of textsOf([ledger, signed])) assert.ok(text.includes(each), each);
    for (const each of textsOf([who, cost])) assert.ok(!text.includes(each), each);
  });
});
