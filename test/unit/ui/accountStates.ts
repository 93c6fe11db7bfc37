import type { AccountState } from '../../../src/ui/account/accountState';

export const address = `0x${'ab'.repeat(20)}` as const;

export const wallets = {
  none: { status: 'none' },
  elsewhere: { status: 'none', elsewhere: address },
  locked: { status: 'locked', address, backedUp: true },
  unlocked: { status: 'unlocked', address, backedUp: true, lockAt: 1 },
  unsaved: { status: 'locked', address, backedUp: false },
} as const;

const running = { owned: true, mining: false, hashrate: 0, block: 42 } as const;

export const nodes = {
  stopped: { status: 'stopped' },
  starting: { status: 'starting' },
  running: { status: 'running', ...running },
  mining: { status: 'running', ...running, mining: true, hashrate: 250_000 },
  buildingDag: { status: 'buildingDag', ...running, mining: true, dag: { epoch: 0, percent: 12 } },
} as const;

export function account(changes: Partial<AccountState>): AccountState {
  return {
    wallet: wallets.locked,
    balance: 1_250_000_000_000_000_000n,
    node: nodes.running,
    network: undefined,
    ledger: { kind: 'development', chainId: 1234n },
    work: undefined,
    protection: undefined,
    missing: 0n,
    onItsWay: 0,
    ...changes,
  };
}
