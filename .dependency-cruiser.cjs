'use strict';

/**
 * The layers of docs/architecture.md: core ← services ← ui, core ← adapters, and words, which only what people look at uses.
 * Services and adapters do not know each other.
 */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '^node_modules/@noble/hashes/'] },
    },
    {
      name: 'words-know-core-only',
      severity: 'error',
      from: { path: '^src/words/' },
      to: { pathNot: '^src/(core|words)/' },
    },
    {
      name: 'services-know-core-only',
      severity: 'error',
      from: { path: '^src/services/' },
      to: { pathNot: ['^src/(core|services)/', '^node_modules/(valibot|p-limit|@noble/hashes)/'] },
    },
    {
      name: 'adapters-know-core-only',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/(words|services|buildFiles|ui|server|protocol|cli)/|^(vscode|node_modules/vscode)' },
    },
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      // What stands beside the folders is everybody's, and so is the format of archives, which is not only the engine's.
      to: { path: '^src/adapters/', pathNot: '^src/adapters/($1/|archive/|[^/]+\\.ts$)' },
    },
    {
      name: 'protocol-is-messages',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { pathNot: ['^src/(core|protocol)/', '^node_modules/valibot/'] },
    },
    {
      name: 'build-files-are-text',
      severity: 'error',
      from: { path: '^src/buildFiles/' },
      to: { path: '^src/(services|adapters|server|ui|cli)/|^vscode$' },
    },
    {
      name: 'server-asks-the-host',
      severity: 'error',
      from: { path: '^src/server/' },
      to: { path: '^src/(services|adapters|ui|cli)/|^vscode$' },
    },
    {
      name: 'ui-uses-services',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^src/(adapters|server|cli)/' },
    },
    {
      name: 'vscode-only-in-ui',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(ui/|extension\\.ts$)' },
      to: { path: '^vscode$' },
    },
    {
      name: 'engine-and-chain-libraries-only-in-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/' },
      to: { path: '^node_modules/(dockerode|ethers|tar-stream)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
