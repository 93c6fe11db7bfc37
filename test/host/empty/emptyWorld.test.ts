import assert from 'node:assert/strict';
import { commands, window, type TreeView } from 'vscode';
import { commandIds, type CommandId } from '../../../src/ui/commandIds';
import { localImagesViewId } from '../../../src/ui/trees/localImages';
import { waitFor } from '../../testbed/waitFor';
import { api } from '../extension';
import { closeEverything, typeInstead, type Asked } from '../person';

/** Does something, shows a page or asks for a text that a person knows: nothing that could be empty is chosen from. */
const needsNoList = 'needs no list';

/**
 * What each command says where there is no image, no Dockerfile, no rule, no policy, no organization and nothing on its way,
 * but a wallet. Each command has a row, and a new one does not compile without.
 */
const said: Readonly<Record<CommandId, RegExp | typeof needsNoList>> = {
  'daochain.signImage': /There are no local images yet\. \[Build and Sign…, Pull and Judge…\]/,
  'daochain.buildAndSign': /No open folder has a Dockerfile\. Open the folder that has it\. \[Open Folder…\]/,
  'daochain.verifyImage': /There are no local images yet\./,
  'daochain.pullImage': /Name of the image in its registry/,
  'daochain.pushImage': /There are no local images yet\./,
  'daochain.completeStatement': /Name of the image in its registry/,
  'daochain.vouchForImage': /Name of the image in its registry/,
  'daochain.updateVouch': /Name of the image in its registry/,
  'daochain.revokeStatement': /You have no valid statement in the ledger\./,
  'daochain.createSigningRequest': /There are no local images yet\./,
  'daochain.openSigningRequest': /Open Signing Request/,
  'daochain.explainVerdict': /There are no local images yet\./,
  'daochain.copyDigest': /There are no local images yet\./,
  'daochain.trustPublisher': /Repositories/,
  'daochain.trustPublisherForRepository': /Repositories/,
  'daochain.addTrustRule': /Repositories/,
  'daochain.removeTrustRule': /There are no trust rules yet\. \[Trust a Publisher…\]/,
  'daochain.changeTrustLevel': /There are no trust rules yet\./,
  'daochain.copyTrustLink': /There are no trust rules yet\./,
  'daochain.tryTrustRule': /Repositories/,
  'daochain.openTrustLink': /Paste the link\./,
  'daochain.sharePublisherId': /Copy ID/,
  'daochain.ignoreInWorkspace': needsNoList,
  'daochain.reviewPolicy': /No open folder has a daochain\.policy\.json/,
  'daochain.refreshImages': needsNoList,
  'daochain.readAlarm': /There is no alarm\.|No node is running\. \[Start Node/,
  'daochain.createWallet': /There is a wallet already\./,
  'daochain.importWallet': /There is a wallet already\./,
  'daochain.exportWallet': /Password of the wallet/,
  'daochain.unlockWallet': /The wallet is unlocked\./,
  'daochain.lockWallet': /The wallet is locked\./,
  'daochain.copyAddress': /Address copied/,
  'daochain.sendEther': /Address of the wallet that gets the ether/,
  'daochain.askForEther': /Amount in ether/,
  'daochain.openPaymentRequest': /Paste the payment request\./,
  'daochain.showTransfers': needsNoList,
  'daochain.createOrganization': /What the organization calls itself/,
  'daochain.chooseOrganization': /Create an organization…/,
  'daochain.manageOrganization': /Create an organization…/,
  'daochain.acceptInvitation': /The invitation that the admin of the organization gave you/,
  'daochain.acceptAdmin':
    /Nobody offers this wallet the admin role of an organization\. Only the organization’s current admin can\./,
  'daochain.createNetwork': /What the network is called on this machine/,
  'daochain.joinNetwork': /Paste a link/,
  'daochain.admitMachine': /The link that the owner of the machine sent you/,
  'daochain.shareNetwork': /You follow no network of several machines yet\. \[Create Network, Join Network\]/,
  'daochain.switchHomeNetwork': /development network/,
  'daochain.useLedger': /The ID of the ledger/,
  'daochain.manageNetworks': /Create a network…/,
  'daochain.startNode': /The node is running\./,
  'daochain.stopNode': /No node is running\./,
  'daochain.installNode': needsNoList,
  'daochain.toggleMining': needsNoList,
  'daochain.mineUntilFinal': needsNoList,
  'daochain.continueSignatures': /No signature is on its way\./,
  'daochain.showAccountMenu': /Copy address/,
  'daochain.openWalkthrough': needsNoList,
  'daochain.showLog': needsNoList,
  'daochain.showNodeLog': needsNoList,
};

/** What may be asked before it turns out that there is nothing, where no wallet is there either. */
const wallet = /Create a wallet/;

// In a window of its own, before any test has built an image.
describe('where there is nothing to choose from', () => {
  let asked: Asked;
  /** The extension’s own. */
  let view: TreeView<unknown> | undefined;

  before(async () => {
    const { createTreeView } = window;
    Object.assign(window, {
      createTreeView: (...given: Parameters<typeof createTreeView>) => {
        const made = createTreeView(...given);
        if (given[0] === localImagesViewId) view = made;
        return made;
      },
    });
    await api();
    Object.assign(window, { createTreeView });
    asked = closeEverything();
  });
  after(async () => {
    asked.restore();
    await commands.executeCommand('daochain.stopNode');
  });
  beforeEach(() => {
    asked.texts.length = 0;
  });

  const isSaid = async (id: CommandId, wanted: RegExp): Promise<void> => {
    await commands.executeCommand(id);
    const text = asked.texts.join('\n');
    assert.match(text, wanted);
    assert.deepEqual(asked.emptyLists(), []);
  };
  const listed = commandIds.flatMap((id) => {
    const wanted = said[id];
    return wanted === needsNoList ? [] : [[id, wanted] as const];
  });

  it('daochain.refreshImages brings the list to sight, where what comes of it is seen', async () => {
    await commands.executeCommand('workbench.view.explorer');
    assert.equal(view?.visible, false);
    await commands.executeCommand('daochain.refreshImages');
    await waitFor('the view', () => view?.visible);
    await commands.executeCommand('workbench.view.explorer');
    await waitFor('the view to be hidden', () => view?.visible === false);
  });

  describe('nor a wallet', () => {
    for (const [id, wanted] of listed) {
      // These make one, or say that there is none.
      if (/Wallet$|copyAddress$|showAccountMenu$/.test(id)) continue;
      it(`${id} says so, or asks for the wallet first`, () =>
        isSaid(id, new RegExp(`${wanted.source}|${wallet.source}`)));
    }
  });

  describe('but a wallet', () => {
    before(async () => {
      const restore = typeInstead(['correct horse battery', 'correct horse battery']);
      await commands.executeCommand('daochain.createWallet');
      restore();
      assert.ok(
        asked.texts.some((text) => text.includes('The wallet 0x')),
        asked.texts.join('\n'),
      );
    });

    for (const [id, wanted] of listed) it(`${id} says so and what can be done`, () => isSaid(id, wanted));
  });
});
