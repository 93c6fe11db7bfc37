import assert from 'node:assert/strict';
import { DaoChainError, isDaoChainError } from '../../../../src/core/errors';
import type { PublisherId } from '../../../../src/core/ledger/types';
import { ledgerKey } from '../../../../src/core/ledger/types';
import { readHistories } from '../../../../src/services/ledger/ledgerHistory';
import { requireFollowed } from '../../../../src/services/ledger/ledger';
import { OrganizationNames } from '../../../../src/services/organizations/organizationNames';
import { readSigners } from '../../../../src/services/trust/ruleSigners';
import { waitFor } from '../../../testbed/waitFor';
import { FakeLedger, wallet } from '../fakeLedger';
import { FakeOrganizations } from '../fakeOrganizations';
import { FakeWriter } from '../fakeWriter';
import { acme, image, never, newMachine, Window } from '../serviceWorld';
import { imageOf } from '../fakeEngine';

const ignore = (): void => undefined;
const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const company: PublisherId = `0x${'ab'.repeat(32)}`;
const admin = wallet(0xad);
const name = { repository: 'registry.example.com/acme/app', tag: '1.0' };

class OtherChain extends FakeLedger {
  override readonly ledger = { ...new FakeLedger().ledger, chainId: 30_000n };
}

/** Follows the ledger of a team beside home. Nothing of it is known before it is asked, as of a development network. */
class Reader extends Window {
  readonly team: Window;
  readonly names = new OrganizationNames(this.followed, silentLog);
  /** Why nobody can say which ledger it is. */
  fault: DaoChainError | undefined;

  constructor() {
    super();
    const chain = new OtherChain();
    const { engine, registry } = this;
    this.team = new Window({
      ...newMachine(),
      ...{ chain, writer: new FakeWriter(chain), organizations: new FakeOrganizations(), engine, registry },
    });
    const source = this.team.ledgers;
    this.others.push({
      ...{ name: 'Team', source },
      get ledger() {
        return source.current && ledgerKey(chain.ledger);
      },
      identify: () =>
        this.fault === undefined
          ? Promise.resolve({ name: 'Team', kind: 'team', ledger: chain.ledger })
          : Promise.reject(this.fault),
    });
    for (const [window, called] of [[this, 'Home Ltd'] as const, [this.team, 'Team Ltd'] as const]) {
      window.organizations.put({ id: company, name: called, admin });
      window.organizations.putSigner(company, window === this ? wallet(1) : wallet(2));
    }
    engine.add(image, imageOf('good'));
  }

  get home(): string {
    return ledgerKey(this.chain.ledger);
  }

  get there(): string {
    return ledgerKey(this.team.chain.ledger);
  }
}

describe('the ledgers that are followed', () => {
  it('are found for a link, also where nothing of one was opened', async () => {
    const reader = new Reader();
    assert.equal((await requireFollowed(reader.followed, reader.there)).name, 'Team');
    assert.equal((await requireFollowed(reader.followed, reader.home)).name, 'Home');
    assert.equal(reader.team.ledgers.current, undefined);
    const elsewhere = ledgerKey({ ...reader.chain.ledger, chainId: 50_000n });
    await assert.rejects(
      requireFollowed(reader.followed, elsewhere),
      (error) => isDaoChainError(error, 'linkInvalid') && error.details['ledger'] === elsewhere,
    );
  });

  it('are not said to lack a ledger as long as nobody can say what one of them is', async () => {
    const reader = new Reader();
    reader.fault = new DaoChainError('networkInvalid', 'damaged', { details: { reason: 'shape' } });
    await assert.rejects(requireFollowed(reader.followed, reader.there), (error) => error === reader.fault);
    assert.equal((await requireFollowed(reader.followed, reader.home)).name, 'Home');
    const { all, isWhole } = await reader.names.ledgers();
    assert.deepEqual([all.map((each) => each.name), isWhole], [['Home'], false]);
  });

  it('each give an organization the name that it has there', async () => {
    const reader = new Reader();
    const rules = [reader.home, reader.there].map((ledger) => ({ ledger, publishers: [company] }));
    const known = await reader.names.ledgersOf(rules, never);
    assert.equal(known.names(reader.home).get(company), 'Home Ltd');
    assert.equal(known.names(reader.there).get(company), 'Team Ltd');
    assert.equal((await new Reader().names.read([company], never, '1:0x:0x')).size, 0);
  });

  it('are asked for signers where the rule is, and no answer is not the answer that there are none', async () => {
    const reader = new Reader();
    const rule = { ledger: reader.there, publishers: [company, acme], threshold: 2 };
    const read = () => readSigners(rule, reader.followed, silentLog, never);
    assert.deepEqual((await read())?.get(company), [wallet(2)]);
    reader.team.organizations.signersOf = () => Promise.reject(new DaoChainError('nodeUnavailable', 'silent'));
    assert.equal(await read(), undefined);
    assert.equal(
      (await readSigners({ ...rule, publishers: [acme], threshold: 2 }, reader.followed, silentLog, never))?.size,
      0,
    );
  });

  it('each tell what they hold under a name, whichever of the others is silent', async () => {
    const reader = new Reader();
    await reader.sign();
    await reader.team.sign();
    const told = async () =>
      (await readHistories(reader.followed, name, never)).map(({ followed, ledger, histories, fault }) => [
        followed.name,
        ledger?.kind,
        histories?.map(({ attestations }) => attestations.length),
        fault?.code,
      ]);
    assert.deepEqual(await told(), [
      ['Home', 'team', [1], undefined],
      ['Team', 'team', [1], undefined],
    ]);
    reader.chain.isDown = true;
    const [home, team] = await told();
    assert.deepEqual([home?.[0], home?.[2], team?.[2]], ['Home', undefined, [1]]);
    reader.chain.isDown = false;
    reader.fault = new DaoChainError('networkInvalid', 'damaged', { details: { reason: 'shape' } });
    assert.deepEqual(await told(), [
      ['Home', 'team', [1], undefined],
      ['Team', undefined, undefined, 'networkInvalid'],
    ]);
  });

  it('are listened to where a rule names them, though nothing of them was opened', async () => {
    const reader = new Reader();
    await reader.team.sign();
    reader.rules = [{ ...(reader.rules[0] ?? assert.fail()), ledger: reader.there }];
    const listening = reader.verification.onDidChange(() => undefined);
    await waitFor('the ledger of the rule to be followed', () => reader.team.chain.hasSubscribers);
    listening.dispose();
    assert.equal(reader.team.chain.hasSubscribers, false);
  });
});
