import assert from 'node:assert/strict';
import { commands } from 'vscode';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import { isDaoChainError } from '../../src/core/errors';
import { invitationLink, invitationTo } from '../../src/core/ledger/invitation';
import type { PublisherId } from '../../src/core/ledger/types';
import type { TransactionPlan } from '../../src/core/plans/transactionPlan';
import { WalletService } from '../../src/services/wallet/walletService';
import { Account } from '../../src/ui/account/account';
import { OrganizationChanges } from '../../src/ui/organizations/organizationChanges';
import { OrganizationCommands } from '../../src/ui/organizations/organizationCommands';
import { SignerCommands } from '../../src/ui/organizations/signerCommands';
import { OwnWallet } from '../../src/ui/account/ownWallet';
import { Settings } from '../../src/ui/settings';
import { TransactionFlow } from '../../src/ui/signing/transactionFlow';
import { startTimer } from '../../src/timers';
import { silentLog, testSigner } from '../testbed/product';
import { api } from './extension';
import { answerInstead, closeEverything, inRestrictedMode } from './person';
import { createPublisher, type Publisher } from './publisher';

const never = new AbortController().signal;

describe('organizations in the editor', () => {
  it('are off in Restricted Mode, whoever calls', async () => {
    await api();
    const warnings: string[] = [];
    const restore = [
      inRestrictedMode(),
      answerInstead('showWarningMessage', (message) => {
        warnings.push(String(message));
        return undefined;
      }),
    ];
    try {
      const names = [
        'createOrganization',
        'chooseOrganization',
        'manageOrganization',
        'acceptInvitation',
        'acceptAdmin',
      ];
      for (const name of names) await commands.executeCommand(`daochain.${name}`);
      assert.deepEqual(
        warnings,
        names.map(() => 'Signing, the wallet and the node are off in Restricted Mode.'),
      );
    } finally {
      for (const undo of restore) undo();
    }
  });

  describe('that invite by a link', () => {
    let publisher: Publisher;
    let organization: PublisherId;
    let account: Account;
    let organizations: OrganizationCommands;
    let wallet: OwnWallet;
    const settings = new Settings();

    const send = async (plan: TransactionPlan): Promise<PublisherId | undefined> => {
      const { product, signer } = publisher;
      const { transaction } = await product.node.mineWhile(() =>
        product.transactions.execute(plan, signer, never, () => undefined),
      );
      return product.organizations.created(transaction, never);
    };
    /** What is asked about an invitation, which `answer` accepts or not. */
    const accept = async (link: string, answer: string | undefined): Promise<string> => {
      let asked = '';
      const restore = answerInstead('showInformationMessage', (message, options) => {
        asked = `${String(message)}\n${(options as { detail?: string }).detail ?? ''}`;
        return answer;
      });
      try {
        await organizations.acceptInvitation(wallet, link);
      } catch (error) {
        if (!isDaoChainError(error, 'cancelled')) throw error;
      } finally {
        restore();
      }
      return asked;
    };

    before(async () => {
      publisher = await createPublisher([]);
      const { product, signer } = publisher;
      const colleague = await testSigner();
      const service = lockedWallet();
      account = new Account({ ...product, wallet: service, log: silentLog });
      const transactionFlow = new TransactionFlow({ ...product, account, ledger: () => product.ledgers.current });
      organizations = new OrganizationCommands({ ...product, settings, transactionFlow, log: silentLog });
      wallet = new OwnWallet(colleague.address, service);
      organization =
        (await send(await product.organizations.planCreate('Acme', signer.address, never))) ??
        assert.fail('nothing was created');
      const change = { organization, signer: colleague.address };
      await send(await product.organizations.planSetSigner(change, signer.address, never));
    });
    after(async () => {
      account.dispose();
      await publisher.dispose();
    });

    it('are not joined by who closes the question, which shows the whole id', async () => {
      const { product } = publisher;
      const asked = await accept(
        invitationLink(invitationTo((await product.ledgers.open()).writer.ledger, organization, '')),
        undefined,
      );
      assert.ok(asked.includes(organization), asked);
      assert.equal(settings.defaultPublisher, undefined);
    });

    it('ask nothing where the link is of another ledger, or names nobody', async () => {
      const { writer } = await publisher.product.ledgers.open();
      const { ledger } = invitationTo(writer.ledger, organization, '');
      await assert.rejects(
        accept(invitationLink({ ledger: `9${ledger}`, organization }), 'Accept'),
        (error) => isDaoChainError(error, 'linkInvalid') && error.details['reason'] === 'invitationLedger',
      );
      await assert.rejects(
        accept(invitationLink({ ledger, organization: `0x${'77'.repeat(32)}` }), 'Accept'),
        (error) => isDaoChainError(error, 'organizationNotFound'),
      );
      assert.equal(settings.defaultPublisher, undefined);
    });

    it('say where nobody signs what its admin can do, and to others who that is', async () => {
      const { product, signer } = publisher;
      const id =
        (await send(await product.organizations.planCreate('Empty', signer.address, never))) ??
        assert.fail('nothing was created');
      const membership =
        (await product.organizations.mine(signer.address, never)).find((each) => each.organization.id === id) ??
        assert.fail('no part in it');
      const flow = { account, ledger: () => product.ledgers.current, node: product.node };
      const changes = new OrganizationChanges({ ...product, transactionFlow: new TransactionFlow(flow) });
      const signers = new SignerCommands({ ...product, changes, clock: Date.now });
      for (const [isAdmin, said] of [
        [true, /Nobody signs for it yet\n.*Invite a signer…/],
        [false, new RegExp(`Nobody signs for Empty \\(.*\\) yet\\. Its admin, ${signer.address}, invites`, 'i')],
      ] as const) {
        const asked = closeEverything();
        try {
          await assert.rejects(signers.show({ ...membership, isAdmin }, wallet), (error) =>
            isDaoChainError(error, 'cancelled'),
          );
          assert.match(asked.texts.join('\n'), said);
          assert.deepEqual(asked.emptyLists(), []);
        } finally {
          asked.restore();
        }
      }
    });

    it('ask nothing where the wallet is no signer any more', async () => {
      const { product, signer } = publisher;
      const link = invitationLink(invitationTo((await product.ledgers.open()).writer.ledger, organization, ''));
      await send(await product.organizations.planRetire(organization, wallet.address, signer.address, never));
      await assert.rejects(
        accept(link, 'Accept'),
        (error) => isDaoChainError(error, 'signerNotAllowed') && error.details['reason'] === 'retired',
      );
    });
  });
});

/** Enough to be handed on; nothing here signs with it. */
function lockedWallet(): WalletService {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return new WalletService({
    ...{ secrets: { get: nothing, set: nothing, delete: nothing }, keys: new EthersWalletKeys() },
    ...{ clock: Date.now, timer: startTimer, unlockMinutes: () => 15 },
  });
}
