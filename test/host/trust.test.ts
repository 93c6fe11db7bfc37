import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, env, Uri, window, workspace, type UriHandler } from 'vscode';
import { qrSvg } from '../../src/adapters/qr/qrCode';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import { parseRule, type TrustRule } from '../../src/core/trust/rules';
import { publisherText, trustLink } from '../../src/core/trust/trustLink';
import { OrganizationNames } from '../../src/services/organizations/organizationNames';
import { Settings } from '../../src/ui/settings';
import { PublisherShare } from '../../src/ui/trust/publisherShare';
import { TrialDocuments } from '../../src/ui/trust/trialDocuments';
import { TrustCommands } from '../../src/ui/trust/trustCommands';
import { TrustPrompts } from '../../src/ui/trust/trustPrompts';
import { registerUriHandler } from '../../src/ui/uriHandler';
import { buildImage } from '../testbed/engine';
import { silentLog } from '../testbed/product';
import { waitFor } from '../testbed/waitFor';
import { api, docker } from './extension';
import { answerInstead, pickInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const image = 'registry.example.com/trusted/app:1.0';
const pattern = 'registry.example.com/trusted/*';

interface Question {
  readonly message: string;
  readonly detail: string;
  readonly choices: readonly string[];
}

describe('trust rules', () => {
  let publisher: Publisher;
  let ledger: string;
  let link: string;
  /** What was asked in a dialog, and told as an error. */
  const questions: Question[] = [];
  const told: string[] = [];
  let answer: string | undefined;
  let typed: string[] = [];
  const restore: (() => void)[] = [];

  const set = (value: unknown): Thenable<void> =>
    workspace.getConfiguration('daochain').update('trust.rules', value, ConfigurationTarget.Global);
  const rules = (): readonly TrustRule[] => new Settings().trustRules().rules;
  const openLink = (text: string): Thenable<unknown> => commands.executeCommand('daochain.openTrustLink', text);
  const lastQuestion = (): Question => questions.at(-1) ?? assert.fail('nothing was asked');

  before(async () => {
    await api();
    await set(undefined);
    publisher = await createPublisher([]);
    ledger = ledgerKey((await publisher.product.ledgers.open()).writer.ledger);
    await buildImage(docker(), image, { files: { 'etc/motd': 'trusted' } });
    await publisher.sign(image);
    const publishers = [walletPublisher(publisher.signer.address)];
    link = trustLink({ ledger, publishers, repositories: pattern, threshold: 1, accept: 'publish' });
    restore.push(
      answerInstead('showWarningMessage', (message, options, ...choices) => {
        const { detail = '' } = (options ?? {}) as { readonly detail?: string };
        questions.push({ message: String(message), detail, choices: choices.map(String) });
        return answer;
      }),
      answerInstead('showErrorMessage', (message) => {
        told.push(String(message));
        return undefined;
      }),
      answerInstead('showInputBox', () => typed.shift()),
    );
  });
  after(async () => {
    for (const each of restore) each();
    await set(undefined);
    await publisher.dispose();
  });
  beforeEach(async () => {
    await set(undefined);
    [questions.length, told.length, answer, typed] = [0, 0, undefined, []];
  });

  describe('from a link', () => {
    it('are not made where the question is closed, and Enter says no', async () => {
      await openLink(link);
      const { message, detail, choices } = lastQuestion();
      assert.equal(message, `Trust this publisher for ${pattern}?`);
      for (const shown of [publisherText(walletPublisher(publisher.signer.address)), pattern, ...ledger.split(':')])
        assert.ok(detail.includes(shown), detail);
      assert.deepEqual(choices, ['Do Not Trust', 'Trust']);
      answer = 'Do Not Trust';
      await openLink(link);
      assert.equal(questions.length, 2);
      assert.deepEqual(rules(), []);
    });

    it('are made as they were shown, and only once', async () => {
      answer = 'Trust';
      await openLink(link);
      await openLink(link);
      assert.deepEqual(rules(), [await publisher.rule(pattern).then((rule) => parseRule(rule as never))]);
      assert.ok(lastQuestion().detail.includes('Already trusted for it'));
    });

    it('are refused without a question where the link is another’s ledger’s or not as it should be', async () => {
      answer = 'Trust';
      for (const [text, reason] of [
        [link.replace(/ledger=\d+/, 'ledger=5'), /a ledger that is not followed here/],
        [`${link}&level=warn`, /does not know, level/],
        [`${link}&publisher=${publisherText(`0x${'ac'.repeat(32)}`)}&publisher=0x12`, /not a publisher/],
        [link.replace('trusted', 'tru\u202ested'), /characters/],
        [link.replace('registry.example.com', '*'), /covers every registry/],
        ['javascript:alert(1)', /not a trust link/],
        [link + 'a'.repeat(10_000), /longer/],
      ] as const) {
        const before = told.length;
        await openLink(text);
        assert.match(told[before] ?? '', reason);
      }
      assert.deepEqual([questions, rules()], [[], []]);
    });

    it('are asked for by whoever opens a link to the extension', async () => {
      let handler: UriHandler | undefined;
      const own: unknown = window.registerUriHandler;
      const registerInstead = (given: UriHandler): { dispose(): void } => {
        handler = given;
        return { dispose: () => undefined };
      };
      Object.assign(window, { registerUriHandler: registerInstead });
      try {
        registerUriHandler();
      } finally {
        Object.assign(window, { registerUriHandler: own });
      }
      answer = 'Trust';
      for (const foreign of [link.replace('/trust', '/elsewhere'), `${link}#x`]) {
        await handler?.handleUri(Uri.parse(foreign));
        assert.deepEqual(rules(), []);
      }
      // As a browser passes it on, and in an editor of another name.
      await handler?.handleUri(
        Uri.parse(link.replace('vscode:', 'vscodium:').replace(/[:*](?=[^?]*$)/g, encodeURIComponent)),
      );
      assert.equal(questions.length, 1);
      assert.equal(rules().length, 1);
    });
  });

  it('are made by hand, one answer after the other', async () => {
    const other = `0x${'ac'.repeat(32)}`;
    typed = [pattern, `${publisher.signer.address}, ${other}`, '2'];
    answer = 'Trust';
    const put = pickInstead(/vouched for|Another publisher/);
    await commands.executeCommand('daochain.addTrustRule');
    put();
    const publishers = [walletPublisher(publisher.signer.address), other];
    assert.deepEqual(rules(), [
      parseRule({ ledger, repositories: pattern, publishers, threshold: 2, accept: 'vouch', level: 'warn' }),
    ]);
    assert.equal(lastQuestion().choices[0], 'Trust');
  });

  describe('that there are', () => {
    const put: (() => void)[] = [];

    beforeEach(async () => {
      await set([await publisher.rule(pattern), { note: 'broken' }]);
      put.push(pickInstead(/registry\.example\.com\/trusted/));
    });
    afterEach(() => {
      for (const each of put.splice(0)) each();
    });

    it('are removed after what is lost was shown, and come back with Undo', async () => {
      await commands.executeCommand('daochain.removeTrustRule');
      assert.equal(rules().length, 1);
      const { message, detail } = lastQuestion();
      assert.equal(message, 'Remove this trust rule?');
      assert.ok(detail.includes(`Without it, these are no longer verified: ${image}`), detail);
      answer = 'Remove';
      const undo = answerInstead('showInformationMessage', () => 'Undo');
      await commands.executeCommand('daochain.removeTrustRule');
      await waitFor('the rule to be back', () => rules().length === 1);
      undo();
      await commands.executeCommand('daochain.removeTrustRule');
      assert.deepEqual(new Settings().userRules, [{ note: 'broken' }]);
    });

    it('are copied as a link', async () => {
      await commands.executeCommand('daochain.copyTrustLink');
      assert.equal(await env.clipboard.readText(), link);
      assert.match(lastQuestion().message, /^Trust link copied\. .*No other machine has it/);
    });

    it('are tried without, and nothing is stored', async () => {
      const before = new Settings().userRules;
      const { verification, followed, organizations } = publisher.product;
      const wallet = { state: { status: 'none' } } as const;
      const names = new OrganizationNames(followed, silentLog);
      const settings = new Settings();
      const prompts = new TrustPrompts({ settings, followed, names, wallet, organizations, log: silentLog });
      const trials = new TrialDocuments();
      publisher.product.rules = rules();
      typed = [pattern, publisher.signer.address];
      put.splice(0).forEach((each) => {
        each();
      });
      // The rule is of those that count published images, and the image is the one that was signed.
      put.push(pickInstead(/published themselves|trusted\/app/));
      try {
        publisher.product.rules = [];
        await new TrustCommands({ settings, verification, names, trials, prompts }).tryRule(undefined);
        const text = window.activeTextEditor?.document.getText() ?? '';
        for (const shown of [
          'With your rules as they are: Untrusted publisher (development)',
          'With this rule: Verified (development)',
          'This was a trial: nothing was stored.',
        ])
          assert.ok(text.includes(shown), text);
        assert.deepEqual(new Settings().userRules, before);
      } finally {
        trials.dispose();
        await commands.executeCommand('workbench.action.closeAllEditors');
      }
    });
  });

  describe('for others', () => {
    let share: PublisherShare;

    before(() => {
      const { ledgers, followed, organizations } = publisher.product;
      const names = new OrganizationNames(followed, silentLog);
      share = new PublisherShare({ ledgers, organizations, names, settings: new Settings(), drawQr: qrSvg });
    });

    it('are shared as an id', async () => {
      const put = pickInstead(/Copy ID/);
      await share.share(publisher.signer, undefined);
      put();
      assert.equal(await env.clipboard.readText(), publisherText(walletPublisher(publisher.signer.address)));
    });

    it('are shared as a link', async () => {
      const put = pickInstead(/Copy trust link/);
      typed = [pattern];
      await share.share(publisher.signer, undefined);
      put();
      assert.equal(await env.clipboard.readText(), link);
    });

    it('are shared as a QR code on a page without scripts, for an organization that is named', async () => {
      let html = '';
      let options: unknown;
      const own: unknown = window.createWebviewPanel;
      const panelInstead = (...given: readonly unknown[]): object => {
        options = given[3];
        return {
          webview: {
            set html(text: string) {
              html = text;
            },
          },
        };
      };
      Object.assign(window, { createWebviewPanel: panelInstead });
      const put = pickInstead(/Show QR code/);
      typed = [pattern];
      const organization = `0x${'ac'.repeat(32)}`;
      try {
        await share.share(publisher.signer, organization);
      } finally {
        put();
        Object.assign(window, { createWebviewPanel: own });
      }
      assert.deepEqual(options, { localResourceRoots: [] });
      assert.match(html, /default-src 'none'; img-src data:; style-src 'nonce-[\w-]{22}'/);
      assert.ok(html.includes(organization) && html.includes('data:image/svg+xml;base64,'), html);
    });
  });
});
