import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationTarget, workspace } from 'vscode';
import { walletPublisher } from '../../src/core/hex';
import { Settings } from '../../src/ui/settings';
import { mirrorTrustRules } from '../../src/ui/trust/trustMirror';
import { silentLog } from '../testbed/product';
import { waitFor } from '../testbed/waitFor';
import { api, dataFolder } from './extension';
import type { Disposable } from '../../src/core/emitter';
import type { FileStore } from '../../src/core/ports/files';

const rule = {
  ledger: `1:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`,
  repositories: 'registry.example.com/host/*',
  publishers: [walletPublisher(`0x${'33'.repeat(20)}`)],
};

describe('a terminal of the editor', () => {
  let folder: string;

  const setRules = (value: unknown): Thenable<void> =>
    workspace.getConfiguration('daochain').update('trust.rules', value, ConfigurationTarget.Global);
  const rulesFile = (): string => join(folder, 'trust.json');

  before(() => api());
  after(() => setRules(undefined));

  it('tells the command where the editor keeps its data', async () => {
    folder = await dataFolder();
    assert.match(folder, /daochain\.daochain$/);
    assert.ok(statSync(folder).isDirectory());
  });

  it('lets it read whom the user trusts, as the settings have it', async () => {
    await setRules([rule, 'not a rule']);
    const wanted = JSON.stringify([rule, 'not a rule']);
    await waitFor('the rules', () => JSON.stringify(JSON.parse(readFileSync(rulesFile(), 'utf8'))) === wanted);
    assert.equal(statSync(rulesFile()).mode & 0o777, 0o600);
    await setRules(undefined);
    await waitFor('no rules', () => readFileSync(rulesFile(), 'utf8').trim() === '[]');
  });

  it('writes them down only where the file says something else', async () => {
    const written: string[] = [];
    let content: Uint8Array | undefined;
    const files: Pick<FileStore, 'read' | 'write'> = {
      read: () => Promise.resolve(content),
      write: (name, bytes) => {
        content = bytes;
        written.push(name);
        return Promise.resolve();
      },
    };
    const mirror = (): Disposable => mirrorTrustRules({ settings: new Settings(), files, log: silentLog });
    mirror().dispose();
    const first = mirror();
    await waitFor('a file', () => written.length > 0);
    first.dispose();
    const second = mirror();
    await setRules([rule]);
    await waitFor('the rule', () => content !== undefined && Buffer.from(content).includes(rule.repositories));
    second.dispose();
    assert.deepEqual(written, ['trust.json', 'trust.json']);
  });
});
