import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  CancellationTokenSource,
  commands,
  ConfigurationTarget,
  DiagnosticSeverity,
  Uri,
  window,
  workspace,
  type TextDocument,
} from 'vscode';
import { policyFileName } from '../../src/core/trust/policyFile';
import { Settings } from '../../src/ui/settings';
import { buildImage } from '../testbed/engine';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { api, docker, writeWorkspaceFile } from './extension';
import { diagnosticsOf, isMarked } from './marks';
import { answerInstead, inRestrictedMode, pickInstead } from './person';
import { createPublisher, type Publisher } from './publisher';

const never = new CancellationTokenSource().token;
const name = 'registry.example.com/hostile';
/** Signed by the one whom the reader believes. */
const good = `${name}/good:1.0`;
/** Other content than they signed. */
const swapped = `${name}/swapped:1.0`;
/** Signed by the author of the cloned workspace, whom no rule of the reader names. */
const foreign = 'registry.example.com/author/app:1.0';
/** Nobody has signed it. */
const unsigned = 'registry.example.com/author/unsigned:1.0';

const [error, warning, information] = [
  DiagnosticSeverity.Error,
  DiagnosticSeverity.Warning,
  DiagnosticSeverity.Information,
];

type Rule = Readonly<Record<string, unknown>>;

// The folder that is open was cloned from somebody who wants to be believed, to be asked, and nothing red to be seen.
describe('a cloned workspace', () => {
  const settings = new Settings();
  let reader: Rule;
  let author: Rule;
  let publishers: readonly Publisher[];
  let root: string;
  let document: TextDocument;

  const set = (key: string, value: unknown): Thenable<void> =>
    workspace.getConfiguration('daochain').update(key, value, ConfigurationTarget.Global);
  const verdict = async (image: string): Promise<string> => (await (await api()).verify(image, never)).kind;
  const open = async (file: string, ...lines: readonly string[]): Promise<TextDocument> => {
    const opened = await workspace.openTextDocument(writeWorkspaceFile(file, `${lines.join('\n')}\n`));
    await window.showTextDocument(opened, { preview: false });
    return opened;
  };
  const writePolicy = (rules: readonly Rule[], folder = root): void => {
    writeFileSync(join(folder, policyFileName), JSON.stringify({ version: 1, rules }));
  };
  const removePolicy = (): void => {
    rmSync(join(root, policyFileName), { force: true });
  };
  const configuration = (): ReturnType<typeof workspace.getConfiguration> =>
    workspace.getConfiguration('daochain', document.uri);

  /** What the author puts into `.vscode/settings.json`, once it is in force as far as it comes. */
  const withSettings = async (values: Rule, use: () => Promise<void>): Promise<void> => {
    const seen = { 'daochain.dockerfile.buildArguments': { SEEN: String(Math.random()) }, ...values };
    const key = 'daochain.dockerfile.buildArguments';
    const value: unknown = seen[key];
    writeWorkspaceFile('.vscode/settings.json', JSON.stringify(seen));
    const read = (): unknown => workspace.getConfiguration(undefined, document.uri).inspect(key)?.workspaceValue;
    try {
      await waitFor('the settings of the folder', () => JSON.stringify(read()) === JSON.stringify(value));
      await use();
    } finally {
      writeWorkspaceFile('.vscode/settings.json', '{}');
      await waitFor('the settings of the folder to be gone', () => read() === undefined);
    }
  };

  /** Reviews the policy of a folder as a person does, and gives what they saw before they agreed. */
  const review = async (choice: RegExp, folder = root): Promise<string> => {
    const pages: string[] = [];
    const restore = [
      pickInstead(choice),
      // The first button is to leave it as it is.
      answerInstead('showWarningMessage', (_, options, ...buttons) => {
        pages.push((options as { readonly detail: string }).detail);
        return buttons.at(-1) as string;
      }),
    ];
    try {
      await commands.executeCommand('daochain.reviewPolicy', Uri.file(folder));
    } finally {
      for (const each of restore) each();
    }
    return pages.join('\n');
  };
  const accept = (folder = root): Promise<string> => review(/Accept/, folder);
  const withdraw = (folder = root): Promise<string> => review(/Withdraw/, folder);

  before(async () => {
    root = workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no folder is open');
    for (const image of [good, swapped, foreign, unsigned]) await buildImage(docker(), image, { files: { image } });
    await api();
    const [believed, other] = [await createPublisher([]), await createPublisher([])];
    publishers = [believed, other];
    for (const image of [good, swapped]) await believed.sign(image);
    await other.sign(foreign);
    await buildImage(docker(), swapped, { files: { image: 'something else' } });
    reader = await believed.rule(`${name}/*`);
    author = await other.rule('registry.example.com/author/*');
    await set('trust.rules', [reader]);
    document = await open(
      'hostile/Dockerfile',
      `FROM ${good}`,
      `FROM ${swapped}`,
      `FROM ${foreign}`,
      `FROM ${unsigned}`,
    );
    await isMarked(document, asItIs);
  });
  after(async () => {
    await set('trust.rules', undefined);
    removePolicy();
    for (const publisher of publishers) await publisher.dispose();
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** What the reader is told before anybody tries anything. */
  const asItIs = [`DC004 1 ${error}`, `DC008 2 ${information}`, `DC009 3 ${information}`];
  const nothingHasChanged = async (): Promise<void> => {
    await isMarked(document, asItIs);
    assert.deepEqual(await Promise.all([good, swapped, foreign, unsigned].map(verdict)), [
      'verified',
      'mismatch',
      'untrusted',
      'unsigned',
    ]);
  };

  it('makes nobody believed by its settings', async () => {
    await withSettings({ 'daochain.trust.rules': [author] }, async () => {
      assert.equal(configuration().inspect('trust.rules')?.workspaceValue, undefined);
      assert.deepEqual(settings.userRules, [reader]);
      await nothingHasChanged();
    });
  });

  it('makes nobody believed by a policy that was not accepted, in its root or below', async () => {
    writePolicy([author]);
    writePolicy([author], join(root, 'hostile'));
    try {
      await commands.executeCommand('daochain.refreshImages');
      await nothingHasChanged();
      const inNested = await open('hostile/deep/Dockerfile', `FROM ${foreign}`);
      await isMarked(inNested, [`DC008 0 ${information}`]);
    } finally {
      rmSync(join(root, 'hostile', policyFileName));
      removePolicy();
    }
  });

  it('makes nobody believed by a policy that is another folder’s, by a copy, a link to the file or a link to the folder', async () => {
    const other = temporaryFolder().path;
    writePolicy([author], other);
    await accept(other);
    try {
      writePolicy([author]);
      await nothingHasChanged();
      removePolicy();
      symlinkSync(join(other, policyFileName), join(root, policyFileName));
      await nothingHasChanged();
      symlinkSync(other, join(root, 'hostile', 'link'));
      await nothingHasChanged();
    } finally {
      removePolicy();
      rmSync(join(root, 'hostile', 'link'), { force: true });
      await withdraw(other);
    }
  });

  describe('whose policy the reader has accepted', () => {
    const strict = (): Rule => ({ ...reader, repositories: 'registry.example.com/author/*', level: 'enforce' });
    /** The policy wants the reader's publisher for the author's images as well, and enforces it. */
    const asAccepted = [`DC004 1 ${error}`, `DC008 2 ${warning}`, `DC009 3 ${warning}`];

    before(async () => {
      writePolicy([strict()]);
      const seen = await accept();
      const [publisher] = strict()['publishers'] as readonly string[];
      assert.match(seen, /Repositories: registry\.example\.com\/author\/\*/);
      assert.match(seen, /Enforced/);
      assert.match(seen, /It is a development ledger, and nothing on a development ledger satisfies an enforcing rule/);
      assert.ok(seen.toLowerCase().includes((publisher ?? '?').slice(-40)), seen);
    });
    after(withdraw);
    beforeEach(async () => {
      writePolicy([strict()]);
      await isMarked(document, asAccepted);
    });

    it('makes nobody else believed when the file is swapped', async () => {
      writePolicy([author]);
      await isMarked(document, asAccepted);
      assert.equal(await verdict(foreign), 'untrusted');
      assert.equal((await (await api()).verify(foreign, never)).coverage, 'enforce');
    });

    it('loosens nothing when the file drops the rule, is broken or goes', async () => {
      const changes = [
        () => {
          writePolicy([]);
        },
        () => {
          writeFileSync(join(root, policyFileName), '{ "version": 1, "rules": ');
        },
        removePolicy,
      ];
      for (const change of changes) {
        change();
        assert.equal((await (await api()).verify(unsigned, never)).coverage, 'enforce');
        await isMarked(document, asAccepted);
      }
    });

    it('silences nothing that the policy enforces, by comments or settings', async () => {
      const comments = await open(
        'hostile/comments/Dockerfile',
        ...['# daochain: ignore DC008, DC009', `FROM ${foreign}`, '# daochain: ignore DC009', `FROM ${unsigned}`],
      );
      await isMarked(comments, [`DC008 1 ${warning}`, `DC009 3 ${warning}`]);
      const quiet = { 'daochain.dockerfile.diagnostics.severity': { DC008: 'off', DC009: 'hint' } };
      await withSettings({ ...quiet, 'daochain.dockerfile.diagnostics.enabled': false }, async () => {
        await isMarked(comments, [`DC008 1 ${warning}`, `DC009 3 ${warning}`]);
        await isMarked(document, asAccepted);
      });
    });

    it('changes nothing outside of its folder', async () => {
      const outside = temporaryFolder().path;
      writeFileSync(join(outside, 'Dockerfile'), `FROM ${unsigned}\n`);
      const elsewhere = await workspace.openTextDocument(join(outside, 'Dockerfile'));
      await window.showTextDocument(elsewhere, { preview: false });
      await isMarked(elsewhere, [`DC009 0 ${information}`]);
    });

    it('is what it was in Restricted Mode, where no file is read and nothing offered', async () => {
      writePolicy([author]);
      const restore = inRestrictedMode();
      const told: unknown[] = [];
      const restores = (['showInformationMessage', 'showWarningMessage'] as const).map((prompt) =>
        answerInstead(prompt, (message) => {
          told.push(message);
          return undefined;
        }),
      );
      try {
        assert.equal((await (await api()).verify(foreign, never)).coverage, 'enforce');
        await commands.executeCommand('daochain.reviewPolicy', Uri.file(root));
        assert.deepEqual(told, [
          'Policy files are not read in Restricted Mode. What you have accepted stays in force.',
        ]);
      } finally {
        restore();
        for (const each of restores) each();
      }
    });
  });

  it('is told of once for each content of its policy, and what it says is in force only when every rule was seen', async () => {
    const told: string[] = [];
    const restore = answerInstead('showInformationMessage', (message) => {
      told.push(String(message));
      return undefined;
    });
    try {
      // Content that no other test has shown.
      const policyOf = (seconds: number): readonly Rule[] => [{ ...author, maximumViewAgeSeconds: 1e6 + seconds }];
      for (const [seconds, offers] of [
        [1, 1],
        [2, 2],
        [1, 2],
        [3, 3],
      ] as const) {
        writePolicy(policyOf(seconds));
        await waitFor('an offer', () => told.length === offers);
        await nothingHasChanged();
      }
      assert.ok(told.every((message) => message.includes('None of it is in force until you accept it.')));
    } finally {
      restore();
    }
    await accept();
    await isMarked(document, [`DC004 1 ${error}`, `DC009 3 ${warning}`]);
    assert.equal(await verdict(foreign), 'verified');
    await withdraw();
    removePolicy();
    await nothingHasChanged();
  });

  it('hides nothing red and makes it no milder, by comments or settings', async () => {
    const comments = await open('hostile/red/Dockerfile', '# daochain: ignore DC004', `FROM ${swapped}`);
    await isMarked(comments, [`DC004 1 ${error}`]);
    assert.match(diagnosticsOf(comments)[0]?.message ?? '', /The comment above cannot silence this\./);
    for (const quiet of [
      { 'daochain.dockerfile.diagnostics.enabled': false },
      { 'daochain.dockerfile.diagnostics.severity': { DC004: 'off' } },
      { 'daochain.dockerfile.diagnostics.severity': { DC004: 'hint' } },
    ]) {
      await withSettings(quiet, async () => {
        await isMarked(comments, [`DC004 1 ${error}`]);
      });
    }
  });

  it('puts no good image in the place of the one that a build takes', async () => {
    await withSettings({ 'daochain.dockerfile.buildArguments': { BASE: good } }, async () => {
      const lines = [`ARG BASE=${swapped}`, 'FROM ${BASE}'];
      await isMarked(await open('hostile/arguments/Dockerfile', ...lines), [`DC004 1 ${error}`]);
    });
  });

  it('names no program, no engine and nobody to sign for', async () => {
    const values = {
      'daochain.node.path': join(root, 'geth'),
      'daochain.node.startWithViews': true,
      'daochain.engine.host': `unix://${join(root, 'engine.sock')}`,
      'daochain.signing.publisher': `0x${'66'.repeat(32)}`,
      'daochain.signing.namespace': 'registry.example.com/author',
      'daochain.wallet.lockAfterMinutes': 480,
    };
    const before = Object.keys(values).map((key) => workspace.getConfiguration().get(key));
    await withSettings(values, async () => {
      assert.deepEqual(
        Object.keys(values).map((key) => workspace.getConfiguration(undefined, document.uri).get(key)),
        before,
      );
      assert.equal(settings.nodePath, undefined);
      assert.equal(settings.engineHost, undefined);
      assert.equal(settings.defaultPublisher, undefined);
      await nothingHasChanged();
    });
  });

  describe('that names a registry', () => {
    let server: Server;
    let asked = 0;
    let host: string;

    before(async () => {
      server = createServer((_, response) => {
        asked += 1;
        response.writeHead(404).end();
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      // The reader believes somebody there, so that an answer could matter.
      await set('trust.rules', [reader, { ...reader, repositories: `${host}/team/*` }]);
    });
    after(async () => {
      await set('trust.rules', [reader]);
      await set('registry.enabled', undefined);
      server.close();
    });

    const reason = async (tag: string): Promise<string | undefined> => {
      const given = await (await api()).verify(`${host}/team/app:${tag}`, never);
      return given.kind === 'unknown' ? given.detail : given.kind;
    };

    it('gets no private host asked, nor one without TLS', async () => {
      const hosts = { 'daochain.registry.privateHosts': [host], 'daochain.registry.plainHttpHosts': [host] };
      await withSettings(hosts, async () => {
        assert.equal(await reason('1'), 'registryRefused');
        assert.equal(asked, 0);
      });
    });

    it('gets nobody asked whose reader wants nobody to be', async () => {
      await set('registry.enabled', false);
      await withSettings({ 'daochain.registry.enabled': true }, async () => {
        assert.equal(configuration().inspect('registry.enabled')?.workspaceValue, true);
        assert.equal(await reason('2'), 'registryOff');
        assert.equal(asked, 0);
      });
    });
  });

  it('brings offers to sign to nobody who wants none', async () => {
    await set('signing.offerAfterBuild', false);
    try {
      await withSettings({ 'daochain.signing.offerAfterBuild': true }, () => {
        assert.equal(settings.offerAfterBuild, false);
        return Promise.resolve();
      });
    } finally {
      await set('signing.offerAfterBuild', undefined);
    }
  });
});
