import assert from 'node:assert/strict';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import { walletPublisher, type Address } from '../../../src/core/hex';
import { invitationLink, invitationTo, parseInvitation } from '../../../src/core/ledger/invitation';
import {
  previewRevocation,
  proposedSinceBlock,
  type RevocationPreview,
} from '../../../src/core/ledger/signerRevocation';
import { ledgerKey, type PublisherId } from '../../../src/core/ledger/types';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { TransactionPlan } from '../../../src/core/plans/transactionPlan';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const repository = 'registry.example.com/shop/web';

describe('the life of an organization on a real chain', () => {
  let engine: Engine;
  let product: Product;
  let admin: TransactionSigner;
  let colleague: TransactionSigner;
  let thief: TransactionSigner;
  let id: PublisherId;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    [admin, colleague, thief] = await Promise.all([testSigner(), testSigner(), testSigner()]);
    product = createProduct({ engineHost: engine.host });
    product.owner = admin.address;
    await product.node.start();
    for (const { address } of [thief, colleague, admin]) await earn(address);
  });
  after(async () => {
    await product.dispose();
    await engine.dispose();
  });

  async function earn(address: Address): Promise<void> {
    const { writer } = await product.ledgers.open();
    product.owner = address;
    await product.node.mineUntil(async () => (await writer.balance(address, never)) > 0n, never);
  }
  const make = async (plan: TransactionPlan, wallet = admin) =>
    product.node.mineWhile(() => product.transactions.execute(plan, wallet, never, () => undefined));
  const set = (wallet: TransactionSigner, window: { readonly notBefore?: number; readonly notAfter?: number } = {}) =>
    product.organizations.planSetSigner({ organization: id, signer: wallet.address, ...window }, admin.address, never);
  async function sign(tag: string, content: string, wallet: TransactionSigner): Promise<void> {
    const image = `${repository}:${tag}`;
    await buildImage(engine.docker, image, { files: { motd: content } });
    const plan = await product.signing.plan([image], { signer: wallet.address, publisher: id, again: true }, never);
    await product.node.mineWhile(() => product.signing.execute(plan, wallet, never, () => undefined));
  }
  const refused =
    (code: ErrorCode, reason?: string) =>
    (error: unknown): boolean =>
      isDaoChainError(error, code) && (reason === undefined || error.details['reason'] === reason);
  const windowOf = async ({ address }: TransactionSigner): Promise<string | undefined> =>
    (await product.organizations.read(id, never)).signers.find(({ signer }) => signer === address)?.window;
  const verdict = async (tag: string): Promise<Verdict> =>
    (await product.verification.verify(`${repository}:${tag}`, never)).verdict;
  const preview = async (wallet: TransactionSigner, sinceBlock: number): Promise<RevocationPreview> => {
    const history = await product.organizations.signerHistory(id, wallet.address, never);
    assert.ok(history.isComplete);
    return previewRevocation(history, sinceBlock);
  };

  it('begins with a name and an id, and its creator as admin, who may not sign yet', async () => {
    const { transaction } = await make(await product.organizations.planCreate('Shop', admin.address, never));
    const created = await product.organizations.created(transaction, never);
    assert.ok(created);
    id = created;
    const { organization, signers } = await product.organizations.read(id, never);
    assert.deepEqual([organization, signers], [{ id, name: 'Shop', admin: admin.address }, []]);
    const [membership] = await product.organizations.mine(admin.address, never);
    assert.deepEqual([membership?.isAdmin, membership?.isOffered, membership?.window], [true, false, 'notSigner']);
    assert.deepEqual(await product.organizations.mine(thief.address, never), []);
    await assert.rejects(sign('0', 'x', admin), refused('signerNotAllowed'));
    const { writer } = await product.ledgers.open();
    product.rules = [
      {
        ...{ ledger: ledgerKey(writer.ledger), repositories: repository, publishers: [id] },
        ...{ threshold: 1, accept: 'publish', level: 'warn' },
      },
    ];
  });

  it('lets a signer sign within its scope, and refuses the rest whoever asks', async () => {
    const { organizations } = product;
    const planScope = (scope: string) =>
      organizations.planSetSigner({ organization: id, signer: colleague.address, scope }, admin.address, never);
    await make(await planScope(repository));
    const [mine] = await organizations.mine(colleague.address, never);
    assert.deepEqual([mine?.window, mine?.scope], ['current', repository]);
    await sign('scoped', 'scoped', colleague);
    const outside = `${repository}2:1.0`;
    await buildImage(engine.docker, outside, { files: { motd: 'outside' } });
    const speaker = { signer: colleague.address, publisher: id };
    await assert.rejects(
      product.signing.plan([outside], speaker, never),
      (error) =>
        isDaoChainError(error, 'signerNotAllowed') &&
        error.details['reason'] === 'outsideScope' &&
        error.details['scope'] === repository,
    );
    // As the contract has it too, for who does not ask the service: also where it is taken back, and by a signature.
    const { writer } = await product.ledgers.open();
    const { entries } = await product.signing.plan([outside], { ...speaker, asRequest: true }, never);
    const refusal = refused('signerNotAllowed', 'outsideScope');
    await assert.rejects(writer.estimate({ type: 'attest', entries }, colleague.address, never), refusal);
    const revoking = entries.map((each) => ({ ...each, kind: 'revoke' as const }));
    await assert.rejects(writer.estimate({ type: 'attest', entries: revoking }, colleague.address, never), refusal);
    const [entry] = entries;
    assert.ok(entry);
    const unsigned = { entry, signer: colleague.address, deadline: 4_000_000_000 };
    const signed = { ...unsigned, signature: await colleague.signEntry(writer.ledger, unsigned) };
    await assert.rejects(writer.estimate({ type: 'attestBySignature', signed }, admin.address, never), refusal);
    await make(await planScope('*'));
    assert.equal((await product.signing.plan([outside], speaker, never)).entries.length, 1);
  });

  it('is told from another of the same name by its id alone', async () => {
    await make(await product.organizations.planCreate('Shop', admin.address, never));
    const mine = await product.organizations.mine(admin.address, never);
    assert.deepEqual(
      mine.map(({ organization }) => organization.name),
      ['Shop', 'Shop'],
    );
    assert.equal(new Set(mine.map(({ organization }) => organization.id)).size, 2);
  });

  it('is changed by its admin alone', async () => {
    const { organizations } = product;
    const by = thief.address;
    const set = { organization: id, signer: by };
    await assert.rejects(organizations.planSetSigner(set, by, never), refused('notAdmin'));
    await assert.rejects(organizations.planRetire(id, by, by, never), refused('notAdmin'));
    await assert.rejects(organizations.planRevokeSigner(id, by, 1, by, never), refused('notAdmin'));
    await assert.rejects(organizations.planTransferAdmin(id, by, by, never), refused('notAdmin'));
    await assert.rejects(organizations.planWithdrawOffer(id, by, never), refused('notAdmin'));
    await assert.rejects(organizations.planAcceptAdmin(id, by, never), refused('notAdmin', 'notOffered'));
    const nowhere: PublisherId = `0x${'ab'.repeat(32)}`;
    await assert.rejects(organizations.read(nowhere, never), refused('organizationNotFound'));
    // As the contract has it too, for who does not ask the service.
    const { writer } = await product.ledgers.open();
    const call = { type: 'setSigner', organization: id, signer: by, notBefore: 0, notAfter: 0, scope: '' } as const;
    await assert.rejects(writer.estimate(call, by, never), refused('notAdmin'));
  });

  it('invites a colleague for a time, whose invitation holds on this ledger and for that wallet', async () => {
    const now = Math.floor(Date.now() / 1000);
    await make(await set(colleague, { notBefore: now + 86_400, notAfter: now + 2 * 86_400 }));
    assert.equal(await windowOf(colleague), 'notYet');
    const { organizations } = product;
    const { writer } = await product.ledgers.open();
    const invitation = parseInvitation(invitationLink(invitationTo(writer.ledger, id, '')));
    await assert.rejects(
      organizations.acceptInvitation(invitation, colleague.address, never),
      refused('signerNotAllowed', 'notYet'),
    );
    await assert.rejects(sign('1.0', 'one', colleague), refused('signerNotAllowed'));
    await make(await set(colleague, { notAfter: now + 86_400 }));
    assert.equal((await organizations.acceptInvitation(invitation, colleague.address, never)).organization.id, id);
    await assert.rejects(
      organizations.acceptInvitation(invitation, thief.address, never),
      refused('signerNotAllowed', 'notSigner'),
    );
    const elsewhere = { ...invitation, ledger: `1${invitation.ledger}` };
    await assert.rejects(
      organizations.acceptInvitation(elsewhere, colleague.address, never),
      refused('linkInvalid', 'invitationLedger'),
    );
    const [membership] = await organizations.mine(colleague.address, never);
    assert.deepEqual([membership?.organization.id, membership?.isAdmin, membership?.window], [id, false, 'current']);
  });

  it('speaks by its signers, and is believed by who has a rule for it', async () => {
    await sign('1.0', 'one', colleague);
    assert.equal((await verdict('1.0')).kind, 'verified');
    await make(await set(thief));
    await sign('1.1', 'shared', thief);
    await sign('1.1', 'shared', colleague);
    await sign('2.0', 'evil', thief);
    assert.deepEqual([(await verdict('1.1')).kind, (await verdict('2.0')).kind], ['verified', 'verified']);
  });

  it('retires a signer, who signs nothing new while all that was signed stays valid', async () => {
    await make(await product.organizations.planRetire(id, colleague.address, admin.address, never));
    assert.equal(await windowOf(colleague), 'retired');
    await assert.rejects(
      product.organizations.planRetire(id, colleague.address, admin.address, never),
      refused('invalidInput', 'signerNotCurrent'),
    );
    await assert.rejects(sign('1.0', 'one', colleague), refused('signerNotAllowed'));
    assert.equal((await verdict('1.0')).kind, 'verified');
  });

  it('revokes a signer since a block, and exactly what the preview showed becomes void', async () => {
    const { organizations } = product;
    const history = await organizations.signerHistory(id, thief.address, never);
    assert.deepEqual(
      history.entries.map(({ tag }) => tag),
      ['2.0', '1.1'],
    );
    const [evil, shared] = history.entries;
    assert.ok(evil && shared);
    const sinceBlock = proposedSinceBlock(evil, history.confirmations);
    assert.equal(sinceBlock, Math.max(1, evil.block - history.confirmations));
    const everything = await preview(thief, 1);
    assert.deepEqual(
      everything.voided.map(({ tag }) => tag),
      ['2.0', '1.1'],
    );
    assert.deepEqual(
      everything.lost.map(({ tag }) => tag),
      ['2.0'],
    );
    assert.deepEqual(
      everything.kept.map(({ tag, by }) => [tag, by.signer]),
      [['1.1', colleague.address]],
    );

    const shown = await preview(thief, evil.block);
    assert.deepEqual(
      shown.voided.map(({ tag }) => tag),
      ['2.0'],
    );
    assert.ok(shown.isSettled);
    for (const wrong of [0, -1, 0.5, 1_000_000]) {
      await assert.rejects(
        organizations.planRevokeSigner(id, thief.address, wrong, admin.address, never),
        refused('invalidInput', 'sinceBlock'),
      );
    }
    await make(await organizations.planRevokeSigner(id, thief.address, evil.block, admin.address, never));
    assert.equal(await windowOf(thief), 'revoked');
    const [good, bad] = [await verdict('1.1'), await verdict('2.0')];
    assert.deepEqual([good.kind, bad.kind, bad.kind === 'revoked' && bad.by], ['verified', 'revoked', 'signer']);
    await assert.rejects(sign('2.0', 'evil', thief), refused('signerNotAllowed'));
  });

  it('can only make more void afterwards, and takes no revoked wallet back', async () => {
    const { organizations } = product;
    const { writer } = await product.ledgers.open();
    const { slots, entries } = await organizations.signerHistory(id, thief.address, never);
    const { voidFrom = 0 } = slots.get(thief.address) ?? {};
    assert.equal(voidFrom, entries[0]?.block);
    await assert.rejects(
      organizations.planRevokeSigner(id, thief.address, voidFrom, admin.address, never),
      refused('invalidInput', 'sinceBlock'),
    );
    await assert.rejects(set(thief), refused('invalidInput', 'signerRevoked'));
    await assert.rejects(
      organizations.acceptInvitation(invitationTo(writer.ledger, id, ''), thief.address, never),
      refused('signerNotAllowed', 'revoked'),
    );
    const { voided, lost, kept } = await preview(thief, 1);
    assert.deepEqual([voided.map(({ tag }) => tag), lost, kept.length], [['1.1'], [], 1]);
    await make(await organizations.planRevokeSigner(id, thief.address, 1, admin.address, never));
    assert.equal((await verdict('1.1')).kind, 'verified');
  });

  it('signs what was good again by another wallet', async () => {
    await make(await set(admin));
    await sign('2.0', 'evil', admin);
    assert.equal((await verdict('2.0')).kind, 'verified');
  });

  it('is handed over in two steps, of which the first can be taken back', async () => {
    const { organizations } = product;
    await assert.rejects(
      organizations.planTransferAdmin(id, admin.address, admin.address, never),
      refused('invalidInput', 'alreadyAdmin'),
    );
    await assert.rejects(
      organizations.planWithdrawOffer(id, admin.address, never),
      refused('invalidInput', 'nothingOffered'),
    );
    await make(await organizations.planTransferAdmin(id, thief.address, admin.address, never));
    const [offered] = await organizations.mine(thief.address, never);
    assert.deepEqual([offered?.isAdmin, offered?.isOffered], [false, true]);
    await make(await organizations.planWithdrawOffer(id, admin.address, never));
    await assert.rejects(organizations.planAcceptAdmin(id, thief.address, never), refused('notAdmin', 'notOffered'));
    await make(await organizations.planTransferAdmin(id, colleague.address, admin.address, never));
    assert.equal((await organizations.read(id, never)).organization.admin, admin.address);
    await make(await organizations.planAcceptAdmin(id, colleague.address, never), colleague);
    const { organization } = await organizations.read(id, never);
    assert.deepEqual(organization, { id, name: 'Shop', admin: colleague.address });
    await assert.rejects(set(thief), refused('notAdmin'));
    assert.equal((await verdict('1.0')).kind, 'verified');
  });

  it('knows no wallet that has ended as its own publisher by that', async () => {
    await make(await product.organizations.planEndWallet(admin.address, never));
    await assert.rejects(product.organizations.planEndWallet(admin.address, never), refused('signerNotAllowed'));
    const { slots } = await (
      await product.ledgers.open()
    ).reader.state(
      { keys: [], signers: [{ publisher: walletPublisher(admin.address), signer: admin.address }] },
      (await (await product.ledgers.open()).reader.head(never)).hash,
      never,
    );
    assert.notEqual(slots[0]?.notAfter, 0);
    await sign('3.0', 'three', admin);
    assert.equal((await verdict('3.0')).kind, 'verified');
  });
});
