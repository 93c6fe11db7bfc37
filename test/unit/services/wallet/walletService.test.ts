import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { EthersWalletKeys } from '../../../../src/adapters/secrets/walletKeys';
import { DaoChainError, isDaoChainError, type ErrorCode } from '../../../../src/core/errors';
import { WalletMemory } from '../../../../src/services/wallet/walletMemory';
import { WalletService, type WalletState } from '../../../../src/services/wallet/walletService';
import { MemoryStore } from '../memoryStore';
import type { UnsignedTransaction } from '../../../../src/core/ports/ledger';
import type { SecretStore } from '../../../../src/core/ports/wallet';

const privateKey = '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const address = '0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b';
const transaction: UnsignedTransaction = {
  ...{ chainId: 4711n, nonce: 3, to: `0x${'d'.repeat(40)}`, data: '0x', gasLimit: 60_000n },
  ...{ type: 0, gasPrice: 1n },
};

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error, expected), String(error));
    return true;
  };
}

const ignore = (): void => undefined;

class MemorySecrets implements SecretStore {
  readonly values = new Map<string, string>();
  keeps = true;

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    if (!this.keeps) return Promise.reject(new DaoChainError('secretsUnavailable', 'no keyring'));
    this.values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.values.delete(key);
    return Promise.resolve();
  }
}

/** One window; `secrets` are the installation's. */
class Window {
  now = 1_000_000;
  readonly timers = new Map<object, { readonly ms: number; readonly callback: () => void }>();
  readonly states: WalletState[] = [];
  readonly service: WalletService;

  constructor(
    readonly secrets = new MemorySecrets(),
    readonly files = new MemoryStore(),
  ) {
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    this.service = new WalletService({
      secrets,
      memory: new WalletMemory(files, log),
      keys: new EthersWalletKeys({ scryptN: 2 ** 4 }),
      unlockMinutes: () => 15,
      clock: () => this.now,
      timer: (ms, callback) => {
        const timer = {};
        this.timers.set(timer, { ms, callback });
        return { dispose: () => this.timers.delete(timer) };
      },
    });
    this.service.onDidChange((state) => this.states.push(state));
  }

  /** Lets the time pass until the timer that is set rings. */
  ring(): void {
    assert.equal(this.timers.size, 1);
    for (const { ms, callback } of this.timers.values()) {
      this.now += ms;
      callback();
    }
  }
}

describe('WalletService', () => {
  it('has no wallet at first, and says so of everything that needs one', async () => {
    const { service } = new Window();
    assert.deepEqual(await service.refresh(), { status: 'none' });
    assert.throws(() => service.signer(), code('walletMissing'));
    await assert.rejects(service.unlock('x'), code('walletMissing'));
    await assert.rejects(service.exportKeystore('x'), code('walletMissing'));
    await assert.rejects(service.markBackedUp(), code('walletMissing'));
    service.lock();
    assert.deepEqual(service.state, { status: 'none' });
  });

  it('creates one wallet, unlocked, and never a second', async () => {
    const { service, secrets } = new Window();
    const created = await service.create('secret');
    assert.deepEqual(service.state, { status: 'unlocked', address: created, backedUp: false, lockAt: 1_900_000 });
    assert.equal(service.signer().address, created);
    const stored = [...secrets.values.values()];
    for (const attempt of [
      service.create('x'),
      service.importPrivateKey(privateKey, 'x'),
      service.importKeystore('{}', 'x'),
    ]) {
      await assert.rejects(attempt, code('walletExists'));
    }
    assert.deepEqual([...secrets.values.values()], stored);
  });

  it('stores nothing that opens without the password', async () => {
    const { service, secrets } = new Window();
    await service.importPrivateKey(privateKey, 'open sesame');
    const stored = JSON.stringify([...secrets.values]);
    for (const secret of [privateKey, 'open sesame']) assert.ok(!stored.toLowerCase().includes(secret));
    for (const shown of [
      JSON.stringify(service),
      inspect(service, { depth: 10, showHidden: true }),
      JSON.stringify(service.state),
    ]) {
      assert.ok(!shown.toLowerCase().includes(privateKey) && !shown.includes('open sesame'));
    }
  });

  it('takes no empty password', async () => {
    const { service, secrets } = new Window();
    await assert.rejects(service.create(''), code('invalidInput'));
    assert.equal(secrets.values.size, 0);
  });

  it('has no wallet when it could not be stored', async () => {
    const window = new Window();
    window.secrets.keeps = false;
    await assert.rejects(window.service.create('x'), code('secretsUnavailable'));
    assert.deepEqual(window.service.state, { status: 'none' });
    assert.equal(window.timers.size, 0);
  });

  it('locks itself after its time', async () => {
    const window = new Window();
    await window.service.importPrivateKey(privateKey, 'x');
    const signer = window.service.signer();
    await signer.signTransaction(transaction);
    window.ring();
    assert.deepEqual(window.service.state, { status: 'locked', address, backedUp: false });
    await assert.rejects(signer.signTransaction(transaction), code('walletLocked'));
    assert.throws(() => window.service.signer(), code('walletLocked'));
  });

  it('locks itself after its time even when its timer slept with the machine', async () => {
    const window = new Window();
    await window.service.create('x');
    const signer = window.service.signer();
    window.now += 15 * 60_000;
    await assert.rejects(signer.signTransaction(transaction), code('walletLocked'));
    assert.equal(window.service.state.status, 'locked');
    assert.equal(window.timers.size, 0);
  });

  it('is locked and unlocked by hand, which begins its time anew', async () => {
    const window = new Window();
    await window.service.importPrivateKey(privateKey, 'x');
    window.service.lock();
    assert.equal(window.timers.size, 0);
    await assert.rejects(window.service.unlock('y'), code('wrongPassword'));
    assert.equal(window.service.state.status, 'locked');
    window.now += 60_000;
    const signer = await window.service.unlock('x');
    assert.equal(signer.address, address);
    assert.deepEqual(window.service.state, {
      status: 'unlocked',
      address,
      backedUp: false,
      lockAt: window.now + 900_000,
    });
    await window.service.unlock('x');
    assert.equal(window.timers.size, 1);
    assert.deepEqual(
      window.states.map(({ status }) => status),
      ['unlocked', 'locked', 'unlocked', 'unlocked'],
    );
  });

  it('exports what the same password opens elsewhere, and is backed up once that was written', async () => {
    const { service } = new Window();
    await service.importPrivateKey(privateKey, 'x');
    await assert.rejects(service.exportKeystore('y'), code('wrongPassword'));
    const keystore = await service.exportKeystore('x');
    assert.ok(service.state.status === 'unlocked');
    assert.equal(service.state.backedUp, false);
    await service.markBackedUp();
    assert.deepEqual(await service.refresh(), { status: 'unlocked', address, backedUp: true, lockAt: 1_900_000 });

    const other = new Window();
    await assert.rejects(other.service.importKeystore(keystore, 'y'), code('wrongPassword'));
    assert.equal(await other.service.importKeystore(keystore, 'x'), address);
    assert.ok(other.service.state.status === 'unlocked' && other.service.state.backedUp);
  });

  it('does not export a keystore that would not restore the wallet', async () => {
    const { service, secrets } = new Window();
    await service.create('x');
    const other = new Window();
    await other.service.create('x');
    const [name] = [...secrets.values.keys()];
    const keystore = await other.service.exportKeystore('x');
    const stored = { keystore, address, backedUp: false };
    secrets.values.set(name ?? '', JSON.stringify(stored));
    await assert.rejects(service.exportKeystore('x'), code('walletInvalid'));
    await assert.rejects(service.unlock('x'), code('walletInvalid'));
  });

  it('notices what another window does', async () => {
    const first = new Window();
    const second = new Window(first.secrets, first.files);
    await first.service.importPrivateKey(privateKey, 'x');
    assert.deepEqual(await second.service.refresh(), { status: 'locked', address, backedUp: false });
    await second.service.unlock('x');
    await first.service.markBackedUp();
    assert.deepEqual(await second.service.refresh(), {
      status: 'unlocked',
      address,
      backedUp: true,
      lockAt: 1_900_000,
    });
    await first.service.remove();
    await second.service.refresh();
    assert.deepEqual(second.service.state, { status: 'none' });
    assert.throws(() => second.service.signer(), code('walletMissing'));
    assert.equal(second.timers.size, 0);
  });

  it('does not sign with a key that another window has replaced', async () => {
    const first = new Window();
    const second = new Window(first.secrets);
    await first.service.importPrivateKey(privateKey, 'x');
    const signer = first.service.signer();
    await second.service.remove();
    const created = await second.service.create('y');
    await first.service.refresh();
    assert.deepEqual(first.service.state, { status: 'locked', address: created, backedUp: false });
    await first.service.unlock('y');
    await assert.rejects(signer.signTransaction(transaction), code('walletLocked'));
  });

  it('never overwrites what is stored and damaged, but can remove it', async () => {
    const { service, secrets } = new Window();
    await service.create('x');
    const [name] = [...secrets.values.keys()];
    for (const damaged of ['', 'text', '{}', '{"keystore":"{}","address":"0x1","backedUp":true}']) {
      secrets.values.set(name ?? '', damaged);
      await assert.rejects(service.refresh(), code('walletInvalid'));
      await assert.rejects(service.create('x'), code('walletInvalid'));
      assert.equal(secrets.values.get(name ?? ''), damaged);
    }
    await service.remove();
    await service.create('x');
  });

  it('forgets its key when the window closes', async () => {
    const window = new Window();
    await window.service.create('x');
    window.service.dispose();
    assert.equal(window.timers.size, 0);
    assert.throws(() => window.service.signer(), code('walletLocked'));
  });
});

describe('a wallet whose secrets are elsewhere', () => {
  const files = new MemoryStore();
  const home = new Window(new MemorySecrets(), files);
  before(() => home.service.importPrivateKey(privateKey, 'pass'));

  it('is known by its address, in another browser and after its keyring was lost', async () => {
    const { service } = new Window(new MemorySecrets(), files);
    assert.deepEqual(await service.refresh(), { status: 'none', elsewhere: address });
    await assert.rejects(
      service.unlock('pass'),
      (error) => code('walletMissing')(error) && detailOf(error) === address,
    );
    const locked = new MemorySecrets();
    locked.get = () => Promise.reject(new DaoChainError('secretsUnavailable', 'locked'));
    const other = new Window(locked, files);
    await assert.rejects(other.service.refresh(), code('secretsUnavailable'));
    assert.deepEqual(other.service.state, { status: 'none', elsewhere: address });
  });

  it('is there again once it was imported', async () => {
    const { service } = new Window(new MemorySecrets(), files);
    await service.refresh();
    await service.importKeystore(await home.service.exportKeystore('pass'), 'pass');
    assert.deepEqual([service.state.status, 'elsewhere' in service.state], ['unlocked', false]);
  });

  it('is not forgotten while its secrets cannot be read for a moment', async () => {
    const window = new Window(new MemorySecrets(), files);
    await window.service.importPrivateKey(privateKey, 'pass');
    window.secrets.get = () => Promise.reject(new DaoChainError('secretsUnavailable', 'locked'));
    await assert.rejects(window.service.refresh(), code('secretsUnavailable'));
    assert.equal(window.service.state.status, 'unlocked');
  });

  it('needs no memory: what cannot be read or written there refuses nothing', async () => {
    const damaged = new MemoryStore();
    damaged.files.set('wallet.address.json', new TextEncoder().encode('{"address":"0x12"}'));
    const { service } = new Window(new MemorySecrets(), damaged);
    assert.deepEqual(await service.refresh(), { status: 'none' });
    damaged.write = () => Promise.reject(new Error('ENOSPC'));
    assert.equal(await service.importPrivateKey(privateKey, 'pass'), address);
  });

  it('is forgotten with the wallet', async () => {
    await home.service.remove();
    assert.deepEqual(await new Window(new MemorySecrets(), files).service.refresh(), { status: 'none' });
  });
});

function detailOf(error: unknown): string | undefined {
  return isDaoChainError(error) ? error.details['address'] : undefined;
}
