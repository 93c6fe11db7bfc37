import assert from 'node:assert/strict';
import { ESLint, Linter } from 'eslint';

const cutting = [
  "import { shortText } from '../../words/shortText';",
  "import { publisherLabel } from '../../words/publisherText';",
  "import { shortDigest } from '../../core/image/digest';",
  "import { neededEther } from '../../words/amountText';",
  "import { whoText } from '../../words/ruleText';",
  'export const cut = (id) => `${id.slice(0, 8)}…`;',
];

describe('the linter', () => {
  const eslint = new ESLint();

  before(async function () {
    // Its configuration loads the compiler.
    this.timeout(120_000);
    await eslint.calculateConfigForFile('src/extension.ts');
  });

  /** Which of the lines it finds fault with in a file, by the rules that this file has. */
  async function faults(file: string): Promise<readonly string[]> {
    const { rules } = (await eslint.calculateConfigForFile(file)) as { readonly rules: Linter.RulesRecord };
    const chosen = ['no-restricted-imports', 'no-restricted-syntax'].flatMap((name) => {
      const rule = rules[name];
      return rule === undefined ? [] : [[name, rule] as const];
    });
    const found = new Linter().verify(cutting.join('\n'), [{ rules: Object.fromEntries(chosen) }]);
    return [...new Set(found.map(({ line }) => cutting[line - 1] ?? ''))];
  }

  for (const file of [
    'src/ui/signing/confirmation.ts',
    'src/ui/signing/requestLines.ts',
    'src/ui/organizations/organizationText.ts',
    'src/ui/policies/policyText.ts',
    'src/ui/trust/trustQuestion.ts',
    'src/ui/commands/revokeCommand.ts',
    'src/ui/prompts/steps.ts',
    'src/words/planText.ts',
    'src/words/requestText.ts',
    'src/words/callText.ts',
    'src/cli/planLines.ts',
    'src/cli/sending.ts',
    'src/cli/commands/request.ts',
  ]) {
    it(`lets nothing be cut in ${file}`, async () => {
      assert.deepEqual(await faults(file), cutting);
    });
  }

  it('lets no verdict and no explanation be cut, and a row have its short id', async () => {
    for (const file of ['src/words/verdictText.ts', 'src/words/whyText.ts', 'src/ui/trees/imageRow.ts'])
      assert.deepEqual(await faults(file), cutting.slice(0, 1), file);
  });
});
