import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, workspace } from 'vscode';
import { isDaoChainError } from '../../src/core/errors';
import { walletPublisher } from '../../src/core/hex';
import { parseRule } from '../../src/core/trust/rules';
import { Settings } from '../../src/ui/settings';
import { waitFor } from '../testbed/waitFor';
import { writeWorkspaceFile } from './extension';

const ledger = `1:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
const good = {
  ledger,
  repositories: 'registry.example.com/host/*',
  publishers: [walletPublisher(`0x${'33'.repeat(20)}`)],
};
const set = (name: string, value: unknown, target = ConfigurationTarget.Global): Thenable<void> =>
  workspace.getConfiguration('daochain').update(name, value, target);

describe('the settings', () => {
  const settings = new Settings();

  afterEach(async () => {
    for (const name of [
      ...['trust.rules', 'node.miningThreads', 'statusBar.show', 'engine.host', 'signing.offerAfterBuild'],
      ...['registry.enabled', 'registry.privateHosts', 'registry.plainHttpHosts'],
      ...['signing.publisher', 'signing.namespace'],
    ])
      await set(name, undefined);
  });

  it('keep what is not understood out of the rules, and say so', async () => {
    await set('trust.rules', [
      good,
      { ...good, repositories: '**' },
      { ...good, publishers: ['0x12'] },
      { ...good, level: 'always' },
      { ...good, comment: 'not a field' },
      'registry.example.com/host/*',
    ]);
    const { rules, problems } = settings.trustRules();
    assert.deepEqual(rules, [parseRule(good)]);
    assert.equal(problems.length, 5);
    assert.ok(problems.every((problem) => isDaoChainError(problem, 'ruleInvalid')));
  });

  it('are no rules at all when they are no list', async () => {
    await set('trust.rules', { ...good });
    assert.deepEqual(settings.trustRules(), { rules: [], problems: [] });
  });

  it('name an organization to speak for, and no wallet', async () => {
    const id = `0x${'aB'.repeat(32)}`;
    await set('signing.publisher', ` ${id} `);
    assert.equal(settings.defaultPublisher, id.toLowerCase());
    for (const wrong of ['', '0x12', `0x${'33'.repeat(20)}`, walletPublisher(`0x${'33'.repeat(20)}`), 7]) {
      await set('signing.publisher', wrong);
      assert.equal(settings.defaultPublisher, undefined, String(wrong));
    }
  });

  it('name a namespace, which has a registry', async () => {
    for (const right of ['registry.example.com/team', 'localhost:5000', 'ghcr.io/a/b']) {
      await set('signing.namespace', right);
      assert.equal(settings.namespace, right);
    }
    for (const wrong of ['', 'team', 'registry.example.com/Team', 'registry.example.com/*', 'ghcr.io/a/']) {
      await set('signing.namespace', wrong);
      assert.equal(settings.namespace, undefined, wrong);
    }
  });

  it('get a rule more, and keep the others as a person wrote them', async () => {
    const broken = { note: 'mine' };
    await set('trust.rules', [broken]);
    await settings.addTrustRule(parseRule(good));
    const written = workspace.getConfiguration('daochain').get<readonly unknown[]>('trust.rules');
    assert.deepEqual(written?.[0], broken);
    assert.deepEqual(settings.trustRules().rules, [parseRule(good)]);
  });

  it('fall back where a value is of another kind', async () => {
    await set('node.miningThreads', 'many');
    await set('statusBar.show', 'sometimes');
    await set('engine.host', 7);
    await set('registry.privateHosts', 'registry.example.com');
    await set('registry.plainHttpHosts', ['localhost:5000', 7]);
    await set('signing.offerAfterBuild', 'never');
    assert.equal(settings.miningThreads, 1);
    assert.equal(settings.statusBarVisibility, 'whenActive');
    assert.equal(settings.engineHost, undefined);
    assert.deepEqual(settings.registries.privateHosts(), []);
    assert.deepEqual(settings.registries.plainHttpHosts(), ['localhost:5000']);
    assert.equal(settings.offerAfterBuild, true);
    await set('registry.enabled', 'perhaps');
    assert.equal(settings.registries.isEnabled(), false);
  });

  it('let a workspace keep registries from being asked, and not have them asked', async () => {
    const inWorkspace = (value: unknown): Thenable<void> =>
      set('registry.enabled', value, ConfigurationTarget.Workspace);
    try {
      assert.equal(settings.registries.isEnabled(), true);
      await inWorkspace(false);
      assert.equal(settings.registries.isEnabled(), false);
      await set('registry.enabled', false);
      await inWorkspace(true);
      assert.equal(settings.registries.isEnabled(), false);
    } finally {
      await inWorkspace(undefined);
    }
  });

  it('let no folder say whom its reader believes, which hosts are asked, which program is run or when', async () => {
    writeWorkspaceFile(
      '.vscode/settings.json',
      JSON.stringify({
        'daochain.trust.rules': [good],
        'daochain.registry.privateHosts': ['10.0.0.7:5000'],
        'daochain.registry.plainHttpHosts': ['10.0.0.7:5000'],
        'daochain.node.path': '/tmp/evil',
        'daochain.signing.publisher': `0x${'cd'.repeat(32)}`,
        'daochain.signing.namespace': 'registry.example.com/evil',
        'daochain.node.startWithViews': true,
        'daochain.wallet.lockAfterMinutes': 480,
        'daochain.dockerfile.diagnostics.enabled': false,
      }),
    );
    // This one a folder may have, so it shows that the file was read.
    await waitFor(
      'the settings of the folder',
      () => workspace.getConfiguration('daochain').get('dockerfile.diagnostics.enabled') === false,
    );
    try {
      assert.deepEqual(settings.trustRules(), { rules: [], problems: [] });
      assert.deepEqual(settings.registries.privateHosts(), []);
      assert.deepEqual(settings.registries.plainHttpHosts(), []);
      assert.deepEqual([settings.defaultPublisher, settings.namespace], [undefined, undefined]);
      assert.equal(settings.nodePath, undefined);
      assert.equal(settings.startNodeWithViews, false);
      assert.equal(settings.lockAfterMinutes, 15);
      for (const name of ['trust.rules', 'node.path', 'registry.privateHosts', 'registry.plainHttpHosts'])
        await assert.rejects(async () => set(name, undefined, ConfigurationTarget.Workspace));
    } finally {
      writeWorkspaceFile('.vscode/settings.json', '{}');
      await commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
