import assert from 'node:assert/strict';
import { ConfigurationTarget, commands, workspace } from 'vscode';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { DaoChainError } from '../../src/core/errors';
import { walletPublisher } from '../../src/core/hex';
import { PullService } from '../../src/services/images/pullService';
import { PushService } from '../../src/services/images/pushService';
import { WalletService } from '../../src/services/wallet/walletService';
import { startTimer } from '../../src/timers';
import { TransferCommands } from '../../src/ui/commands/transferCommands';
import { OwnWallet } from '../../src/ui/account/ownWallet';
import { buildImage, pushImage } from '../testbed/engine';
import { silentLog } from '../testbed/product';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { api, docker, enginePath } from './extension';
import { answerInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const set = (name: string, value: unknown): Thenable<void> =>
  workspace.getConfiguration('daochain').update(name, value, ConfigurationTarget.Global);

describe('images that move between engine and registry', () => {
  let registry: Registry;
  let publisher: Publisher;
  let engine: DockerEngine;
  /** Messages and what comes with them, and the answers in the place of a person. */
  const told: (readonly unknown[])[] = [];
  let answer: string | undefined;
  const restore: (() => void)[] = [];

  const messages = (): readonly string[] => told.map(([message]) => String(message));
  const isHere = async (name: string): Promise<boolean> => {
    const images = await docker().listImages();
    return images.some(({ RepoTags }) => (RepoTags as readonly string[] | null)?.includes(name) === true);
  };
  /** Only in the registry. */
  const push = async (name: string, motd: string): Promise<string> => {
    const image = `${registry.name}/host/${name}`;
    await buildImage(docker(), image, { files: { motd } });
    await pushImage(docker(), image);
    await docker().getImage(image).remove();
    return image;
  };
  const pull = async (image: string, picked?: string): Promise<void> => {
    told.length = 0;
    answer = picked;
    await commands.executeCommand('daochain.pullImage', image);
  };

  before(async () => {
    await api();
    registry = await startRegistry();
    publisher = await createPublisher([registry.name]);
    engine = new DockerEngine({ setting: () => `unix://${enginePath()}`, log: silentLog });
    await set('registry.privateHosts', [registry.name]);
    await set('trust.rules', [await publisher.rule(`${registry.name}/host/*`)]);
    for (const prompt of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const)
      restore.push(
        answerInstead(prompt, (...given) => {
          told.push(given);
          return answer;
        }),
      );
  });
  after(async () => {
    for (const end of restore) end();
    await set('trust.rules', undefined);
    await set('registry.privateHosts', undefined);
    engine.dispose();
    await publisher.dispose();
    await registry.dispose();
  });

  it('are pulled without a question when they are verified, and the verdict is told', async () => {
    const image = `${registry.name}/host/good:1.0`;
    await buildImage(docker(), image, { files: { motd: 'good' } });
    await publisher.sign(image);
    await pushImage(docker(), image);
    await publisher.complete(image);
    await docker().getImage(image).remove();
    await pull(image);
    await waitFor('the verdict', () => told.length > 0);
    assert.match(messages().join('\n'), /^\S+\/host\/good:1\.0: Verified/);
    assert.ok(await isHere(image));
  });

  it('are not pulled before a person has seen that nobody signed them', async () => {
    const image = await push('unsigned:1.0', 'unsigned');
    await pull(image);
    const [[message, options, ...actions] = []] = told;
    assert.equal(message, `${image} is not verified.`);
    assert.match(JSON.stringify(options), /"modal":true.*Unsigned/);
    assert.deepEqual(actions, ['Do Not Pull', 'Pull Anyway']);
    assert.equal(await isHere(image), false);
    await pull(image, 'Pull Anyway');
    await waitFor('the verdict', () => messages().some((text) => text.includes('Unsigned')));
    assert.ok(await isHere(image));
  });

  it('are not pulled before a person has seen what their name is taken for', async () => {
    const image = `${registry.name}/h0st/good:1.0`;
    await buildImage(docker(), image, { files: { motd: 'evil' } });
    await pushImage(docker(), image);
    await docker().getImage(image).remove();
    await pull(image);
    const [[message, options] = []] = told;
    assert.equal(message, `${image} is not verified.`);
    const { modal, detail } = options as { modal: boolean; detail: string };
    assert.ok(modal);
    assert.ok(
      detail.startsWith(`Did you mean ${registry.name}/host/good? Letters in this name only look like those. `),
      detail,
    );
    assert.equal(await isHere(image), false);
  });

  it('are told plainly to be what nobody should use', async () => {
    const image = `${registry.name}/host/good:1.0`;
    await push('good:1.0', 'evil');
    await pull(image);
    assert.equal(messages()[0], `Do not use ${image}: it is not what its publisher published.`);
    assert.equal(await isHere(image), false);
  });

  it('are refused where a rule enforces', async () => {
    await set('trust.rules', [await publisher.rule(`${registry.name}/host/*`, 'enforce')]);
    await pull(`${registry.name}/host/unsigned:1.0`, 'Pull Anyway');
    await waitFor('the refusal', () => told.length > 0);
    assert.match(messages().join('\n'), /^Not pulled: /);
    await set('trust.rules', [await publisher.rule(`${registry.name}/host/*`)]);
  });

  describe('of one’s own', () => {
    const completed: string[] = [];
    let hasRelease = true;
    let wallet: OwnWallet;
    let transfers: TransferCommands;

    before(() => {
      const { product, signer } = publisher;
      const { verification, registry: reader, ledgers } = product;
      wallet = new OwnWallet(signer.address, walletWithoutKey());
      transfers = new TransferCommands({
        pulls: new PullService({ engine, verification }),
        pushes: new PushService({ engine, registry: reader }),
        verification,
        signingFlow: {
          complete: (name) => {
            if (!hasRelease) return Promise.reject(new DaoChainError('statementNotFound', 'None'));
            return Promise.resolve(void completed.push(name));
          },
          signFromRegistry: (name) => Promise.resolve(void completed.push(`all of ${name}`)),
        },
        ledger: () => ledgers.current,
        ownPublishers: () => [walletPublisher(signer.address)],
      });
    });
    beforeEach(() => {
      told.length = 0;
      completed.length = 0;
      answer = undefined;
    });

    it('are pushed, and completed when their owner wants it', async () => {
      const image = `${registry.name}/host/own:1.0`;
      await buildImage(docker(), image, { files: { motd: 'own' } });
      await transfers.push(image);
      assert.deepEqual(told, [[`Pushed ${image}.`]]);
      await publisher.sign(image);
      told.length = 0;
      await transfers.push(image);
      const [[message, ...actions] = []] = told;
      assert.match(String(message), /does not name the registry’s digests yet\.$/);
      assert.deepEqual(actions, ['Add the Registry’s Digests to the Signature…']);
      await publisher.complete(image);
      told.length = 0;
      await transfers.push(image);
      assert.deepEqual(told, [[`Pushed ${image}.`]]);
    });

    it('are not sent to a registry that their name does not say before a person was told which', async () => {
      await buildImage(docker(), 'dangle:1', { files: { motd: 'bare' } });
      await assert.rejects(transfers.push('dangle:1'), { code: 'cancelled' });
      const [[message, options, ...actions] = []] = told;
      assert.equal(message, 'Push dangle:1 to docker.io?');
      assert.match(JSON.stringify(options), /"modal":true.*goes to docker\.io, as docker\.io\/library\/dangle:1\./);
      assert.deepEqual(actions, ['Do Not Push', 'Push to docker.io']);
      await docker().getImage('dangle:1').remove();
    });

    it('are stated by what the registry has only after a person was warned', async () => {
      const name = `${registry.name}/host/index:1.0`;
      await transfers.completeStatement(wallet, name);
      assert.deepEqual(completed, [name]);
      hasRelease = false;
      await assert.rejects(transfers.completeStatement(wallet, name), { code: 'cancelled' });
      assert.deepEqual(completed, [name]);
      answer = 'Review and Sign';
      await transfers.completeStatement(wallet, name);
      assert.deepEqual(completed, [name, `all of ${name}`]);
      assert.match(messages()[0] ?? '', /^You have not signed /);
    });
  });
});

/** Enough to be handed on; nothing here signs with it. */
function walletWithoutKey(): WalletService {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return new WalletService({
    ...{ secrets: { get: nothing, set: nothing, delete: nothing }, keys: new EthersWalletKeys() },
    ...{ clock: Date.now, timer: startTimer, unlockMinutes: () => 15 },
  });
}
