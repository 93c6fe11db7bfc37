import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const useWhole = 'A person decides by what is shown here: show all of it (displayText, wholePublisher, exactEther).';
/** What other programs say at length, which nobody decides by. */
const sayAtLength = ['src/words/errorText.ts', 'src/words/shortText.ts'];
const deciding = [
  'src/cli/**',
  'src/words/{attestation,call,contradiction,organization,organizationFault,plan,policyFault,progress,push,request,requestFault,rule,statement,trial}Text.ts',
  'src/ui/**',
];
/** Rows, titles and short reports, with the whole elsewhere: in a tooltip, a dialog or the plan that they lead to. */
const rows = [
  'src/words/ruleText.ts',
  'src/ui/organizations/organizationLabel.ts',
  'src/ui/account/statusBarView.ts',
  'src/ui/trees/**',
  'src/ui/trust/publisherShare.ts',
];
const short = (file, ...importNames) => ({
  regex: `/${file}$`,
  ...(importNames.length > 0 && { importNames }),
  message: useWhole,
});

export default defineConfig(
  { ignores: ['dist/', 'out/', 'coverage/', 'node_modules/', 'contracts/', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'fetch',
        'process',
        'Buffer',
        'setTimeout',
        'setInterval',
        'performance',
        'document',
        'window',
      ],
      // A clock is passed in; turning a given time into text is no clock.
      'no-restricted-syntax': [
        'error',
        "MemberExpression[object.name='Date'][property.name='now']",
        "NewExpression[callee.name='Date'][arguments.length=0]",
      ],
    },
  },
  {
    // Here is shown or asked what is signed, sent or trusted: nothing of that is cut, and two that differ never look alike.
    files: ['src/**'],
    ignores: sayAtLength,
    rules: { 'no-restricted-imports': ['error', { patterns: [short('shortText')] }] },
  },
  {
    files: deciding,
    ignores: [...sayAtLength, ...rows],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            short('shortText'),
            short('publisherText', 'publisherLabel'),
            short('digest', 'shortDigest'),
            short('amountText', 'shortEther', 'neededEther'),
            short('ruleText', 'whoText'),
          ],
        },
      ],
    },
  },
  {
    files: deciding,
    ignores: rows,
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'TemplateLiteral > TemplateElement:not(:first-child)[value.raw=/^…/]', message: useWhole },
      ],
    },
  },
  {
    // The runner gives `describe` and `it` promises that nobody has to await, and tests speak to a terminal.
    files: ['test/**', 'scripts/**'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['it', 'describe'], package: 'mocha' }] },
      ],
      'no-console': 'off',
    },
  },
);
