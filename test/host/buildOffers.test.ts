import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationTarget, ShellExecution, Task, tasks, TaskScope, window, workspace, type Memento } from 'vscode';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { BuildWatch } from '../../src/services/images/buildWatch';
import type { WalletService } from '../../src/services/wallet/walletService';
import { BuildOffers } from '../../src/ui/buildFiles/buildOffers';
import { Settings } from '../../src/ui/settings';
import { buildImage } from '../testbed/engine';
import { createProduct, silentLog, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { api, dataFolder, docker, enginePath } from './extension';
import { answerInstead, inRestrictedMode } from './person';

const prefix = 'registry.example.com/offers';
const locked: WalletService['state'] = { status: 'locked', address: `0x${'ab'.repeat(20)}`, backedUp: true };
const setOffer = (value: unknown): Thenable<void> =>
  workspace.getConfiguration('daochain').update('signing.offerAfterBuild', value, ConfigurationTarget.Global);

describe('the offer to sign after a build', () => {
  const folder = temporaryFolder();
  const asked: (readonly unknown[])[] = [];
  /** Every build that the engine told, whether there was an offer or not. */
  const told: string[] = [];
  const ends: (() => void)[] = [];
  let product: Product;
  let engine: DockerEngine;
  let builds: BuildWatch;
  let wallet: WalletService['state'];
  let remembered: Map<string, unknown>;
  let answer: Promise<string | undefined>;
  let offers: BuildOffers;
  let images = 0;
  let commands = 0;

  /** Builds an image and waits until the engine has told of it. */
  const build = async (name = `image${images++}`): Promise<string> => {
    const reference = `${prefix}/${name}:1.0`;
    const id = await buildImage(docker(), reference);
    await waitFor(`the build of ${name}`, () => told.includes(`${reference} ${id}`));
    return reference;
  };
  /** A command line that lasts until the returned function is called, and says that it builds. */
  const commandLine = (): { readonly text: string; readonly end: () => void } => {
    const file = join(folder.path, `end${commands++}`);
    return {
      text: `while [ ! -e '${file}' ]; do sleep 0.1; done # docker build .`,
      end: () => {
        writeFileSync(file, '');
      },
    };
  };
  const runTask = async (): Promise<void> => {
    const { text, end } = commandLine();
    ends.push(end);
    const task = new Task({ type: 'shell' }, TaskScope.Workspace, 'build', 'host', new ShellExecution(text));
    await tasks.executeTask(task);
  };
  const questions = (): readonly unknown[] => asked.map(([question]) => question);
  /** Builds until there is an offer, since what is built before a command is heard of is nobody's; gives its image. */
  const firstOffer = async (): Promise<string> => {
    const question = await waitFor('an offer', async () => {
      await build();
      return asked[0]?.[0];
    });
    return String(question).split(' ')[0] ?? '';
  };

  before(async () => {
    await api();
    engine = new DockerEngine({ setting: () => `unix://${enginePath()}`, log: silentLog });
    product = createProduct({
      ...{ engineHost: `unix://${enginePath()}`, folder: await dataFolder(), files: temporaryFolder().path },
    });
    await product.node.start();
    const { verification } = product;
    builds = new BuildWatch({ engine, verification, ownPublishers: () => [], log: silentLog });
    const listening = builds.onDidBuild(({ reference, imageId }) => told.push(`${reference.text} ${imageId}`));
    ends.push(
      () => {
        listening.dispose();
      },
      answerInstead('showInformationMessage', (...given) => {
        asked.push(given);
        return answer;
      }),
    );
    // What is built before the engine is listened to is lost.
    await waitFor('the first build', async () => {
      await buildImage(docker(), `${prefix}/first:1.0`);
      return told.length > 0;
    });
    const last = await buildImage(docker(), `${prefix}/first:1.0`);
    await waitFor('the last of them', () => told.at(-1)?.endsWith(last));
  });
  beforeEach(() => {
    wallet = locked;
    remembered = new Map();
    answer = Promise.resolve(undefined);
    asked.length = 0;
    const memory: Memento = {
      keys: () => [...remembered.keys()],
      get: <T>(key: string, fallback?: T) => (remembered.get(key) as T | undefined) ?? fallback,
      update: (key, value) => Promise.resolve(void remembered.set(key, value)),
    };
    const state = {
      get state() {
        return wallet;
      },
    };
    offers = new BuildOffers({ builds, wallet: state, settings: new Settings(), memory });
  });
  afterEach(() => {
    offers.dispose();
  });
  after(async () => {
    for (const end of ends) end();
    engine.dispose();
    await product.dispose();
    folder.remove();
  });

  it('is not made for what somebody builds elsewhere', async () => {
    await build();
    assert.deepEqual(questions(), []);
  });

  it('is made once for what a task builds, and never two at a time', async () => {
    let pick: (picked: string | undefined) => void = () => undefined;
    answer = new Promise((resolve) => {
      pick = resolve;
    });
    await runTask();
    const image = await firstOffer();
    assert.deepEqual(asked, [[`${image} was built. Sign it?`, 'Sign…', 'Not Now', 'Never in This Workspace']]);
    await build();
    assert.equal(asked.length, 1);
    pick('Not Now');
    await build(image.slice(prefix.length + 1, -':1.0'.length));
    assert.equal(asked.length, 1);
    const other = await build();
    assert.deepEqual(questions().slice(1), [`${other} was built. Sign it?`]);
  });

  it('is made for what a terminal builds whose shell says what it runs', async () => {
    const { text, end } = commandLine();
    const terminal = window.createTerminal({ shellPath: '/bin/bash' });
    try {
      const shell = await waitFor('a shell that tells', () => terminal.shellIntegration);
      shell.executeCommand(text);
      assert.match(await firstOffer(), new RegExp(`^${prefix}/`));
    } finally {
      end();
      terminal.dispose();
    }
  });

  it('is not made again in a workspace that wants none', async () => {
    answer = Promise.resolve('Never in This Workspace');
    await runTask();
    await firstOffer();
    await waitFor('the memory of it', () => remembered.size > 0);
    await build();
    assert.equal(asked.length, 1);
  });

  it('is not made without a wallet, in Restricted Mode, or where a setting says so', async () => {
    await runTask();
    await firstOffer();
    asked.length = 0;
    wallet = { status: 'none' };
    await build();
    wallet = locked;
    const restore = inRestrictedMode();
    try {
      await build();
    } finally {
      restore();
    }
    await setOffer(false);
    try {
      await build();
      assert.deepEqual(questions(), []);
    } finally {
      await setOffer(undefined);
    }
    await build();
    assert.equal(asked.length, 1);
  });
});
