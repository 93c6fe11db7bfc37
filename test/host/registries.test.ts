import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CancellationTokenSource,
  commands,
  ConfigurationTarget,
  languages,
  window,
  workspace,
  type CancellationToken,
} from 'vscode';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import { createProduct, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { api, dataFolder, enginePath, writeWorkspaceFile } from './extension';
import { answerInstead, inRestrictedMode } from './person';

const never: CancellationToken = new CancellationTokenSource().token;
const set = (name: string, value: unknown): Thenable<void> =>
  workspace.getConfiguration('daochain').update(name, value, ConfigurationTarget.Global);

describe('a registry that a Dockerfile names', () => {
  let server: Server;
  let requests = 0;
  let host: string;
  let product: Product;

  const verify = async (name: string): Promise<string | undefined> => {
    const verdict = await (await api()).verify(`${host}/team/${name}:1.0`, never);
    return verdict.kind === 'unknown' ? (verdict.detail ?? verdict.missing) : verdict.kind;
  };
  /** Whether it is asked when somebody looks at an image in it. */
  const isAsked = async (name: string): Promise<boolean> => {
    const before = requests;
    await verify(name);
    return requests > before;
  };

  before(async () => {
    await api();
    server = createServer((_, response) => {
      requests += 1;
      response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await commands.executeCommand('daochain.startNode');
    product = createProduct({
      ...{ engineHost: `unix://${enginePath()}`, folder: await dataFolder(), files: temporaryFolder().path },
    });
    await product.node.start();
    const { writer } = await product.ledgers.open();
    // Only what somebody could have said something about is looked for.
    await set('trust.rules', [
      {
        ledger: ledgerKey(writer.ledger),
        repositories: `${host}/team/*`,
        publishers: [walletPublisher(`0x${'33'.repeat(20)}`)],
      },
    ]);
  });
  afterEach(async () => {
    writeWorkspaceFile('.vscode/settings.json', '{}');
    await set('registry.privateHosts', undefined);
    await waitFor('the settings of the folder to be gone', () => {
      const read = workspace.getConfiguration('daochain');
      return (
        read.get('registry.enabled') === true && !JSON.stringify(read.get('dockerfile.buildArguments')).includes('READ')
      );
    });
  });
  after(async () => {
    await set('trust.rules', undefined);
    await product.dispose();
    server.close();
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('on this machine is asked where the user names it, and not otherwise', async () => {
    assert.equal(await isAsked('private'), false);
    assert.equal(await verify('private'), 'registryRefused');
    await set('registry.privateHosts', [host]);
    assert.equal(await isAsked('private'), true);
    assert.equal(await verify('private'), 'imageNotFound');
  });

  it('is not asked because a folder names it', async () => {
    const settings = {
      'daochain.registry.privateHosts': [host],
      'daochain.registry.plainHttpHosts': [host],
      'daochain.dockerfile.buildArguments': { READ: 'yes' },
    };
    writeWorkspaceFile('.vscode/settings.json', JSON.stringify(settings));
    await waitFor('the settings of the folder', () => {
      const read = workspace.getConfiguration('daochain').get<Record<string, string>>('dockerfile.buildArguments');
      return read?.['READ'] === 'yes';
    });
    assert.equal(await isAsked('cloned'), false);
  });

  it('is not asked where the user or the folder switches that off', async () => {
    await set('registry.privateHosts', [host]);
    writeWorkspaceFile('.vscode/settings.json', JSON.stringify({ 'daochain.registry.enabled': false }));
    const enabled = (): unknown => workspace.getConfiguration('daochain').get('registry.enabled');
    await waitFor('the settings of the folder', () => enabled() === false);
    assert.equal(await verify('off'), 'registryOff');
    assert.equal(await isAsked('off'), false);
  });

  it('is asked by nobody in Restricted Mode, whatever is opened, asked or picked', async () => {
    await set('registry.privateHosts', [host]);
    const messages: string[] = [];
    const restore = [
      answerInstead('showWarningMessage', (message) => {
        messages.push(String(message));
        return undefined;
      }),
      inRestrictedMode(),
    ];
    const before = requests;
    try {
      const file = writeWorkspaceFile('restricted/Dockerfile', `FROM ${host}/team/restricted:1.0\n`);
      const { document } = await window.showTextDocument(await workspace.openTextDocument(file));
      assert.equal(await verify('restricted'), 'registryOff');
      for (const command of ['daochain.pullImage', 'daochain.pushImage', 'daochain.completeStatement'])
        await commands.executeCommand(command, `${host}/team/restricted:1.0@sha256:${'12'.repeat(32)}`);
      await waitFor('three refusals', () => messages.length === 3);
      assert.deepEqual(messages, [
        'Registries are not asked in Restricted Mode.',
        'Registries are not asked in Restricted Mode.',
        'Signing, the wallet and the node are off in Restricted Mode.',
      ]);
      await waitFor('a mark that says so', () =>
        languages.getDiagnostics(document.uri).some(({ message }) => message.includes('Registries are not asked here')),
      );
      assert.equal(requests, before);
    } finally {
      for (const end of restore) end();
    }
    assert.equal(await isAsked('trusted'), true);
  });
});
