import assert from 'node:assert/strict';
import {
  CancellationTokenSource,
  CodeActionKind,
  commands,
  ConfigurationTarget,
  EventEmitter,
  window,
  workspace,
  type CodeAction,
  type QuickPickItem,
} from 'vscode';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { walletPublisher } from '../../src/core/hex';
import { OrganizationNames } from '../../src/services/organizations/organizationNames';
import { WalletService } from '../../src/services/wallet/walletService';
import { Account } from '../../src/ui/account/account';
import { NamespaceOffer } from '../../src/ui/commands/namespaceOffer';
import { revokeStatement } from '../../src/ui/commands/revokeCommand';
import { VouchCommands } from '../../src/ui/commands/vouchCommands';
import { OwnWallet } from '../../src/ui/account/ownWallet';
import { Settings } from '../../src/ui/settings';
import { SigningFlow } from '../../src/ui/signing/signingFlow';
import { TransactionFlow } from '../../src/ui/signing/transactionFlow';
import { startTimer } from '../../src/timers';
import { TrustPrompts } from '../../src/ui/trust/trustPrompts';
import { buildImage, pushImage } from '../testbed/engine';
import { silentLog } from '../testbed/product';
import { startRegistry, type Registry } from '../testbed/registry';
import { waitFor } from '../testbed/waitFor';
import { api, docker, writeWorkspaceFile } from './extension';
import { answerInstead, pickInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const unhurried = { everyMs: 200 };
const set = (name: string, value: unknown): Thenable<void> =>
  workspace.getConfiguration('daochain').update(name, value, ConfigurationTarget.Global);

describe('vouching and revoking', () => {
  let registry: Registry;
  let publisher: Publisher;
  let image: string;
  let wallet: OwnWallet;
  let signingFlow: SigningFlow;
  let transactionFlow: TransactionFlow;
  let vouches: VouchCommands;
  /** Lines of plans and prompts of input boxes, in the order in which they came. */
  const seen: string[] = [];
  const asked: { readonly title?: string; readonly prompt?: string; readonly value?: string }[] = [];
  const restore: (() => void)[] = [];
  let warned: string | undefined;

  const kindOf = async (name: string): Promise<string> =>
    (await (await api()).verify(name, new CancellationTokenSource().token)).kind;
  /** The editor hears of a block a moment after the publisher's own product. */
  const becomes = (kind: string): Promise<void> =>
    waitFor(`the image is ${kind}`, async () => (await kindOf(image)) === kind).then(() => undefined);
  const rules = (): readonly unknown[] => workspace.getConfiguration('daochain').get<unknown[]>('trust.rules') ?? [];
  const fix = async (title: RegExp): Promise<CodeAction> => {
    const uri = writeWorkspaceFile('vouching/Dockerfile', `FROM ${image}\n`);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document);
    return waitFor(
      `the fix ${title.source}`,
      async () => {
        const { range } = document.lineAt(0);
        const kind = CodeActionKind.QuickFix.value;
        const fixes = await commands.executeCommand<CodeAction[]>(
          'vscode.executeCodeActionProvider',
          ...[uri, range, kind],
        );
        return fixes.find((action) => title.test(action.title));
      },
      unhurried,
    );
  };

  before(async () => {
    await api();
    registry = await startRegistry();
    image = `${registry.name}/upstream/base:12`;
    await set('registry.privateHosts', [registry.name]);
    publisher = await createPublisher([registry.name]);
    const { product, signer } = publisher;
    const keyless = walletWithoutKey();
    const parts = { ...product, log: silentLog, wallet: keyless, ledger: () => product.ledgers.current };
    const account = new Account(parts);
    const settings = new Settings();
    transactionFlow = new TransactionFlow({ ...parts, account });
    const trust = new TrustPrompts({ ...parts, settings, names: new OrganizationNames(product.followed, silentLog) });
    signingFlow = new SigningFlow({ ...parts, settings, transactionFlow, trust });
    vouches = new VouchCommands({ ...parts, signingFlow });
    wallet = Object.assign(new OwnWallet(signer.address, keyless), { unlock: () => Promise.resolve(signer) });
    restore.push(
      () => {
        account.dispose();
      },
      pickInstead(/mine until it is final|^vulnerable$|^#1 /),
      seeLists(),
      typeNothing(),
      answerInstead('showInputBox', (options) => {
        asked.push(options as (typeof asked)[number]);
        return asked.at(-1)?.value;
      }),
      answerInstead('showInformationMessage', () => undefined),
      answerInstead('showWarningMessage', (_, options) => {
        warned = (options as { readonly detail: string }).detail;
        return undefined;
      }),
    );
    await buildImage(docker(), image, { files: { motd: 'one' } });
  });
  beforeEach(() => {
    seen.length = asked.length = 0;
    warned = undefined;
  });
  after(async () => {
    for (const end of restore.toReversed()) end();
    for (const name of ['trust.rules', 'registry.privateHosts', 'signing.namespace']) await set(name, undefined);
    await commands.executeCommand('workbench.action.closeAllEditors');
    await publisher.dispose();
    await registry.dispose();
  });

  /** Notes what a person would read in a list. */
  function seeLists(): () => void {
    const { createQuickPick } = window;
    Object.assign(window, {
      createQuickPick: () => {
        const pick = createQuickPick<QuickPickItem>();
        const show = pick.show.bind(pick);
        pick.show = () => {
          seen.push(...pick.items.map(({ label, detail = '' }) => `${label} ${detail}`));
          show();
        };
        return pick;
      },
    });
    return () => {
      Object.assign(window, { createQuickPick });
    };
  }

  it('is offered on the line of a base image that nobody states', async () => {
    const { command } = await fix(/^Vouch for this base image/);
    assert.deepEqual([command?.command, command?.arguments], ['daochain.vouchForImage', [image]]);
  });

  it('shows the digest, and then offers a rule for exactly this repository', async () => {
    await vouches.vouch(wallet, image);
    const text = seen.join('\n');
    assert.match(text, /You vouch for this content and no other sha256:[0-9a-f]{64}/);
    assert.match(text, /Built or loaded on this engine/);
    assert.doesNotMatch(text, /Published/);
    assert.equal(asked[0]?.value, `${registry.name}/upstream/base`);
    const [rule] = rules();
    assert.match(JSON.stringify(rule), /"accept":"vouch"/);
    assert.match(JSON.stringify(rule), new RegExp(walletPublisher(wallet.address)));
    await becomes('verified');
  });

  it('says what has changed since', async () => {
    await buildImage(docker(), image, { files: { motd: 'two' }, instructions: ['ENV A=1'] });
    assert.equal(await kindOf(image), 'unsigned');
    await vouches.update(wallet, image);
    assert.match(seen.join('\n'), /Changed since you vouched for it: layers, Env\./);
    assert.deepEqual(asked, []);
    await becomes('verified');
  });

  it('warns of what only a registry shows', async () => {
    const other = `${registry.name}/upstream/other:1`;
    await buildImage(docker(), other, { files: { motd: 'other' } });
    await pushImage(docker(), other);
    await docker().getImage(other).remove();
    await assert.rejects(vouches.vouch(wallet, other), { code: 'cancelled' });
    assert.match(warned ?? '', /Nobody has seen these layers/);
  });

  it('takes back what was vouched for, with a reason, after it has shown what turns red', async () => {
    await revoke();
    const text = seen.join('\n');
    assert.match(text, /Turns red:\s+\$\(blank\) linux\/amd64,\s+sha256:[0-9a-f]{64}/);
    assert.match(text, /vulnerable/);
    await becomes('revoked');
    await revoke();
    await assert.rejects(revoke(), {
      code: 'statementNotFound',
    });
  });

  it('is not done by the way for what is red', async () => {
    await assert.rejects(vouches.vouch(wallet, image), { code: 'cancelled' });
    assert.match(warned ?? '', /This very content was revoked/);
    assert.deepEqual(seen, []);
  });

  describe('names of nobody', () => {
    const answers: unknown[][] = [];
    let answer: string | undefined;
    let end: () => void;
    const offer = (): NamespaceOffer => new NamespaceOffer({ ...publisher.product, settings: new Settings() });

    before(async () => {
      await buildImage(docker(), 'host-nobody:1', { files: { motd: 'mine' } });
      end = answerInstead('showInformationMessage', (...given) => {
        answers.push([...given]);
        return answer;
      });
    });
    beforeEach(() => {
      answers.length = 0;
      answer = undefined;
    });
    after(() => {
      end();
    });

    it('are signed as they are where the user has no namespace', async () => {
      assert.deepEqual(await offer().namesFor(['host-nobody:1']), ['host-nobody:1']);
      assert.deepEqual(answers, []);
    });

    it('get one in the user’s namespace if they want, and are asked about once', async () => {
      await set('signing.namespace', 'registry.example.com/team');
      const offers = offer();
      await assert.rejects(offers.namesFor(['host-nobody:1']), { code: 'cancelled' });
      assert.match(JSON.stringify(answers[0]), /host-nobody:1 → registry\.example\.com\/team\/host-nobody:1/);
      answer = 'Sign as They Are';
      assert.deepEqual(await offers.namesFor(['host-nobody:1']), ['host-nobody:1']);
      assert.deepEqual(await offers.namesFor(['host-nobody:1']), ['host-nobody:1']);
      assert.equal(answers.length, 2);
      answer = 'Tag and Sign';
      const named = 'registry.example.com/team/host-nobody:1';
      assert.deepEqual(await offer().namesFor([image, 'host-nobody:1']), [image, named]);
      assert.equal(
        (await docker().getImage(named).inspect()).Id,
        (await docker().getImage('host-nobody:1').inspect()).Id,
      );
      assert.deepEqual(await offer().namesFor(['host-nobody:1']), ['host-nobody:1'], 'it has a name of its own now');
    });
  });

  const ownPublishers = () => [walletPublisher(wallet.address)];
  const revoke = (): Promise<void> =>
    revokeStatement({ ...publisher.product, signingFlow, transactionFlow, ownPublishers }, wallet, image);
});

/** Leaves every input box as it is. */
function typeNothing(): () => void {
  const { createInputBox } = window;
  Object.assign(window, {
    createInputBox: () => {
      const [accepted, other] = [new EventEmitter<void>(), new EventEmitter<never>()];
      return {
        value: '',
        ...{ onDidAccept: accepted.event, onDidHide: other.event, onDidChangeValue: other.event },
        onDidTriggerButton: other.event,
        show: () => {
          accepted.fire();
        },
        dispose: () => undefined,
      };
    },
  });
  return () => {
    Object.assign(window, { createInputBox });
  };
}

/** Enough to be handed on; the test signs itself. */
function walletWithoutKey(): WalletService {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return new WalletService({
    ...{ secrets: { get: nothing, set: nothing, delete: nothing }, keys: new EthersWalletKeys() },
    ...{ clock: Date.now, timer: startTimer, unlockMinutes: () => 15 },
  });
}
