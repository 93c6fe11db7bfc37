import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Uri, commands, env, window, type UriHandler } from 'vscode';
import { releasedLedgerCodes } from '../../src/adapters/chain/developmentLedger';
import { FolderTurns } from '../../src/adapters/files/folderTurns';
import { ExternalsFolder } from '../../src/adapters/geth/externalsFolder';
import { NetworksFolder } from '../../src/adapters/geth/networksFolder';
import { qrSvg } from '../../src/adapters/qr/qrCode';
import { isDaoChainError } from '../../src/core/errors';
import { parseJoinLink } from '../../src/core/ledger/joinLink';
import { networkLedger } from '../../src/core/ledger/network';
import { ledgerKey } from '../../src/core/ledger/types';
import { ExternalLedgers } from '../../src/services/networks/externalLedgers';
import { NetworkService, type NewNetwork } from '../../src/services/networks/networkService';
import { announceNetworks } from '../../src/ui/networks/announceNetworks';
import { ExternalCommands } from '../../src/ui/networks/externalCommands';
import { NetworkCommands } from '../../src/ui/networks/networkCommands';
import { registerUriHandler } from '../../src/ui/uriHandler';
import { silentLog } from '../testbed/product';
import { testNodeKey } from '../testbed/nodeKey';
import { temporaryFolder } from '../testbed/program';
import { waitFor } from '../testbed/waitFor';
import { api, dataFolder } from './extension';
import { answerInstead, inRestrictedMode, pickInstead, typeInstead } from './person';

const usual: NewNetwork = { name: 'Acme', dataset: 'small', confirmations: 12, witnesses: [], threshold: 0 };
const here = { host: '10.0.0.5', port: 30303 };
const never = new AbortController().signal;

/** A ledger of another chain. */
const foreign = {
  chainId: 11_155_111n,
  genesisHash: `0x${'25'.repeat(32)}`,
  address: `0x${'1d'.repeat(20)}`,
} as const;

/** A machine with a folder of its own, and the editor's commands over it. */
function machine(): {
  readonly networks: NetworkService;
  readonly editor: NetworkCommands;
  readonly externals: ExternalLedgers;
  readonly externalCommands: ExternalCommands;
  readonly folder: string;
} {
  const folder = temporaryFolder().path;
  const networks = new NetworkService({
    store: new NetworksFolder(folder, releasedLedgerCodes, new FolderTurns({ folder: join(folder, 'turns') })),
    releasedCodes: releasedLedgerCodes,
    development: () => Promise.resolve(undefined),
    externals: () => [],
    peersOf: () => undefined,
    endNode: () => Promise.resolve(),
    finalBlockOf: () => Promise.resolve(undefined),
    ownAddresses: () => ['127.0.0.1', here.host],
    machineName: () => 'colleague',
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  });
  const externals = new ExternalLedgers({
    store: new ExternalsFolder(folder, new FolderTurns({ folder: join(folder, 'turns') })),
    addresses: [foreign.address],
    readEndpoint: (text) =>
      text.startsWith('https://') ? { endpoint: text, shown: new URL(text).origin, assurance: 'reported' } : undefined,
    examine: () => Promise.resolve('tag'),
    networks: () => networks.followed.map(({ profile }) => profile),
    development: () => Promise.resolve(undefined),
  });
  const externalCommands = new ExternalCommands({ externals, externalParts: [] });
  return {
    networks,
    externals,
    externalCommands,
    folder,
    editor: new NetworkCommands({ networks, externalCommands, ledgerParts: [], drawQr: qrSvg, log: silentLog }),
  };
}

const letIn = (networks: NetworkService): readonly string[] =>
  networks.followed.flatMap(({ place }) => place.admitted.map((each) => each.machine));
const nameOf = (networks: NetworkService): string | undefined => networks.followed.at(0)?.profile.name;

describe('networks in the editor', () => {
  const asked: { readonly message: string; readonly detail: string; readonly choices: readonly string[] }[] = [];
  const told: string[] = [];
  const offered: string[][] = [];
  /** What a question is answered with, and what is picked of what a message offers. */
  let answer: string | undefined;
  let picks: string[] = [];
  const restore: (() => void)[] = [];

  before(async () => {
    await api();
    restore.push(
      answerInstead('showWarningMessage', (message, options, ...choices) => {
        const { detail = '' } = (typeof options === 'object' ? options : {}) as { readonly detail?: string };
        asked.push({ message: String(message), detail, choices: choices.map(String) });
        return answer;
      }),
      answerInstead('showInformationMessage', (message, ...choices) => {
        told.push(String(message));
        offered.push(choices.map(String));
        return choices.includes(picks[0] ?? '') ? picks.shift() : undefined;
      }),
      answerInstead('showErrorMessage', (message) => {
        told.push(String(message));
        return undefined;
      }),
    );
  });
  after(() => {
    for (const each of restore) each();
  });
  beforeEach(() => {
    [asked.length, told.length, offered.length, answer, picks] = [0, 0, 0, undefined, []];
  });

  it('are off in Restricted Mode, whoever calls', async () => {
    const undo = inRestrictedMode();
    const names = [
      ...['createNetwork', 'joinNetwork', 'admitMachine', 'shareNetwork', 'switchHomeNetwork', 'manageNetworks'],
      'useLedger',
    ];
    try {
      for (const name of names)
        await commands.executeCommand(`daochain.${name}`, 'vscode://daochain.daochain/network?');
    } finally {
      undo();
    }
    assert.deepEqual(
      asked.map(({ message }) => message),
      names.map(() => 'Signing, the wallet and the node are off in Restricted Mode.'),
    );
  });

  it('are joined by nobody who closes the question, which shows all of the network and refuses first', async () => {
    const hub = machine();
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    await commands.executeCommand('daochain.joinNetwork', (await hub.networks.share(profile.chainId, never)).link);
    const [{ message, detail, choices } = assert.fail('nothing was asked'), ...more] = asked;
    assert.equal(message, 'Join this network?');
    assert.deepEqual(more, []);
    for (const shown of [
      'Network: Acme',
      ledgerKey(networkLedger(profile)),
      'what is 12 blocks deep counts as final',
      ...profile.hubs,
      'an address of a private network',
      'Nobody is trusted because of it',
    ])
      assert.ok(detail.includes(shown), `${shown}\n${detail}`);
    assert.deepEqual(choices, ['Do Not Join', 'Join']);
    const folder = join(await dataFolder(), 'networks');
    assert.ok(!existsSync(folder) || !readdirSync(folder).includes(profile.chainId.toString()));
    assert.deepEqual(told, []);
  });

  it('are joined by nobody who presses Enter, the first button', async () => {
    const [hub, joiner] = [machine(), machine()];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    answer = 'Do Not Join';
    await assert.rejects(joiner.editor.join((await hub.networks.share(profile.chainId, never)).link), (error) =>
      isDaoChainError(error, 'cancelled'),
    );
    assert.ok(!existsSync(join(joiner.folder, 'networks')));
  });

  it('are refused with the reason where a link is hostile, and nothing is asked or stored', async () => {
    answer = 'Join';
    const hub = machine();
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    const link = (await hub.networks.share(profile.chainId, never)).link;
    const before = existsSync(join(await dataFolder(), 'networks'));
    for (const [hostile, reason] of [
      [`${link.slice(0, -10)}${link.at(-10) === 'A' ? 'B' : 'A'}${link.slice(-9)}`, /missing or mistyped/],
      [`${link}&d=AAAA`, /./],
      [`${link}#more`, /./],
      ['vscode://daochain.daochain/network?', /./],
      ['javascript:alert(1)', /./],
      [link.padEnd(20_000, 'A'), /./],
    ] as const) {
      told.length = 0;
      await commands.executeCommand('daochain.joinNetwork', hostile);
      assert.equal(told.length, 1, hostile.slice(0, 100));
      assert.match(told[0] ?? '', reason);
      assert.doesNotMatch(told[0] ?? '', /unexpected/);
    }
    assert.deepEqual(asked, []);
    assert.equal(existsSync(join(await dataFolder(), 'networks')), before);
  });

  it('are joined once all was seen, with the link back and home offered one after the other', async () => {
    const [hub, joiner] = [machine(), machine()];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    answer = 'Join';
    picks = ['Copy Link for the Hub’s Owner', 'Make It Home'];
    await joiner.editor.join((await hub.networks.share(profile.chainId, never)).link);
    assert.deepEqual(
      joiner.networks.followed.map((each) => each.profile),
      [profile],
    );
    const { home } = joiner.networks.stored;
    assert.ok(home !== 'development' && !isDaoChainError(home) && home.profile.chainId === profile.chainId);
    const link = await env.clipboard.readText();
    assert.equal(link, await joiner.networks.admissionLink(profile.chainId));
    assert.deepEqual(offered[0], ['Copy Link for the Hub’s Owner', 'Make It Home']);

    // The hub's owner is shown whom they let in.
    asked.length = 0;
    answer = undefined;
    await assert.rejects(hub.editor.admit(link), (error) => isDaoChainError(error, 'cancelled'));
    const [{ detail, choices } = assert.fail('nothing was asked')] = asked;
    for (const shown of ['Network: Acme', 'colleague', ledgerKey(networkLedger(profile))])
      assert.ok(detail.includes(shown), detail);
    assert.deepEqual(choices, ['Do Not Let It In', 'Let It In']);
    assert.deepEqual(letIn(hub.networks), []);
    answer = 'Let It In';
    await hub.editor.admit(link);
    assert.deepEqual(letIn(hub.networks), ['colleague']);
  });

  it('are beside ledgers of other chains, which are read at an endpoint that is never shown whole', async () => {
    const { editor, externals, externalCommands } = machine();
    const secret = 'https://me:hunter2@node.example.com/v3/0123abcd';
    const typed = [ledgerKey(foreign), 'Sepolia', secret];
    const undo = [typeInstead([...typed, ...typed]), pickInstead(/Sepolia|Leave it/)];
    try {
      await assert.rejects(externalCommands.use(), (error) => isDaoChainError(error, 'cancelled'));
      assert.deepEqual(externals.stored.externals, []);
      const [{ message, detail, choices } = assert.fail('nothing was asked')] = asked;
      assert.equal(message, 'Use this ledger?');
      for (const shown of [
        'Network: Sepolia',
        ledgerKey(foreign),
        'Read at: https://node.example.com',
        'Only reported',
        'Final is what the chain itself calls final.',
        'nothing is signed on it',
      ])
        assert.ok(detail.includes(shown), `${shown}\n${detail}`);
      assert.doesNotMatch(detail, /hunter2|0123abcd/);
      assert.ok(choices.includes('Use It'));

      answer = 'Use It';
      await externalCommands.use();
      assert.equal(externals.find('Sepolia')?.external.endpoint, secret);
      const [row] = externalCommands.rows();
      assert.match(row?.label ?? '', /Sepolia/);
      assert.doesNotMatch(JSON.stringify([row?.label, row?.description, row?.detail, told]), /hunter2|0123abcd/);

      answer = 'Leave';
      await editor.manage();
      assert.deepEqual(externals.stored.externals, []);
    } finally {
      for (const each of undo) each();
    }
  });

  it('let nobody in by a link of another network', async () => {
    const [hub, other] = [machine(), machine()];
    await hub.networks.create({ ...usual, listen: here });
    const { profile } = await other.networks.create({ ...usual, listen: here });
    answer = 'Let It In';
    await assert.rejects(hub.editor.admit(await other.networks.admissionLink(profile.chainId)), (error) =>
      isDaoChainError(error, 'networkInvalid'),
    );
    assert.deepEqual(asked, []);
  });

  it('are created step by step, and only once everything was shown', async () => {
    const { editor, networks } = machine();
    const undo = [
      typeInstead(['Acme', '12', '30303', 'Acme', '12', '30303']),
      pickInstead(/^(Small dataset|10\.0\.0\.5)$/),
    ];
    try {
      await assert.rejects(editor.create(), (error) => isDaoChainError(error, 'cancelled'));
      assert.equal(networks.followed.length, 0);
      const [{ detail } = assert.fail('nothing was asked')] = asked;
      for (const shown of ['Network: Acme', 'small dataset', '12 blocks deep', 'Listens on 10.0.0.5:30303'])
        assert.ok(detail.includes(shown), detail);
      answer = 'Create';
      await editor.create();
    } finally {
      for (const each of undo.reverse()) each();
    }
    const [{ profile, place } = assert.fail('nothing was made')] = networks.followed;
    assert.deepEqual([profile.name, profile.dataset, profile.confirmations], ['Acme', 'small', 12]);
    assert.deepEqual(place.listen, here);
    assert.equal(networks.stored.home, 'development');
  });

  it('are shared as the same link, as a QR code on a page without scripts, and as a file that others join', async () => {
    const [hub, joiner] = [machine(), machine()];
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    const link = (await hub.networks.share(profile.chainId, never)).link;
    const by = async (way: RegExp): Promise<void> => {
      const undo = pickInstead(way);
      try {
        await hub.editor.share();
      } finally {
        undo();
      }
    };
    await by(/Copy link/);
    assert.equal(await env.clipboard.readText(), link);
    let html = '';
    const own = { createWebviewPanel: window.createWebviewPanel, showSaveDialog: window.showSaveDialog };
    const webview = {
      set html(text: string) {
        html = text;
      },
    };
    const file = join(hub.folder, 'acme.json');
    Object.assign(window, {
      createWebviewPanel: () => ({ webview }),
      showSaveDialog: () => Promise.resolve(Uri.file(file)),
    });
    try {
      await by(/Show QR code/);
      await by(/Save as file/);
    } finally {
      Object.assign(window, own);
    }
    assert.ok(html.includes(ledgerKey(networkLedger(profile))) && !html.includes('<script'), html.slice(0, 400));
    const plan = await joiner.networks.planJoin(readFileSync(file));
    assert.deepEqual(
      plan.profile,
      parseJoinLink(link, { releasedCodes: releasedLedgerCodes, ledgers: [], followed: [] }).profile,
    );
  });

  it('are dismissed, renamed and made home from one list', async () => {
    const { editor, networks } = machine();
    const { profile } = await networks.create({ ...usual, listen: here });
    const other = machine();
    await other.networks.join(await other.networks.planJoin((await networks.share(profile.chainId, never)).link));
    await networks.admit(await networks.planAdmission(await other.networks.admissionLink(profile.chainId)), never);
    const choose = async (labels: RegExp, ...typed: string[]): Promise<void> => {
      const undo = [pickInstead(labels), typeInstead(typed)];
      try {
        await editor.manage();
      } finally {
        for (const each of undo.reverse()) each();
      }
    };
    answer = 'Dismiss It';
    await choose(/^(\$\(globe\) Acme|\$\(circle-slash\) Dismiss a machine|colleague)$/);
    assert.deepEqual(letIn(networks), []);
    await choose(/^(\$\(globe\) Acme|\$\(edit\) Rename it)$/, 'Acme 2');
    assert.equal(nameOf(networks), 'Acme 2');
    await choose(/^(\$\(globe\) Acme 2|\$\(home\) Make it home)$/);
    assert.notEqual(networks.stored.home, 'development');
    const undo = pickInstead(/development network$/);
    try {
      await editor.switchHome();
    } finally {
      undo();
    }
    assert.equal(networks.stored.home, 'development');
    const hub = `enode://${testNodeKey(7)}@10.1.0.1:30303`;
    await choose(/^(\$\(globe\) Acme 2|\$\(add\) Add a hub)$/, hub);
    assert.ok(networks.followed.some((each) => each.profile.hubs.includes(hub)));
  });

  it('are used once the window is loaded anew, which one notice at a time says', async () => {
    const { networks } = machine();
    const shown: (readonly unknown[])[] = [];
    let dismiss: (() => void) | undefined;
    const undo = answerInstead('showInformationMessage', (...given) => {
      shown.push(given);
      return new Promise((resolve) => {
        dismiss = () => {
          resolve(undefined);
        };
      });
    });
    const notices = announceNetworks(networks);
    try {
      const { profile } = await networks.create(usual);
      await networks.switchHome(profile.chainId);
      assert.deepEqual(shown, [
        ['Your networks have changed. This window uses them as they are now once it is reloaded.', 'Reload Window'],
      ]);
      dismiss?.();
      await waitFor('the next change to be said', async () => {
        await networks.switchHome('development');
        return shown.length === 2;
      });
    } finally {
      notices.dispose();
      undo();
    }
  });

  it('are joined and admitted to by links that the editor is handed, which only ask', async () => {
    let handler: UriHandler | undefined;
    const own = window.registerUriHandler;
    Object.assign(window, {
      registerUriHandler: (given: UriHandler) => {
        handler = given;
        return { dispose: () => undefined };
      },
    });
    registerUriHandler();
    Object.assign(window, { registerUriHandler: own });
    const hub = machine();
    const { profile } = await hub.networks.create({ ...usual, listen: here });
    await handler?.handleUri(Uri.parse((await hub.networks.share(profile.chainId, never)).link));
    assert.deepEqual(
      asked.map(({ message }) => message),
      ['Join this network?'],
    );
    await handler?.handleUri(Uri.parse(await hub.networks.admissionLink(profile.chainId)));
    assert.equal(asked.length, 1);
    assert.match(told[0] ?? '', /do not follow|not follow/);
  });
});
