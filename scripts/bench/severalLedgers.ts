import { RpcAccountReader } from '../../src/adapters/chain/accountReader';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { RpcLedgerWriter } from '../../src/adapters/chain/ledgerWriter';
import { RpcOrganizationReader } from '../../src/adapters/chain/organizationReader';
import { hostPlatform } from '../../src/adapters/docker/hostPlatform';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import type { RuleSource } from '../../src/core/trust/rules';
import { SignedContents } from '../../src/services/judging/signedContents';
import { VerificationService } from '../../src/services/judging/verificationService';
import { LedgerSource, type FollowedLedger } from '../../src/services/ledger/ledger';
import { LedgerIndex } from '../../src/services/ledger/ledgerIndex';
import { silentLog } from '../../test/testbed/product';
import { FakeLedger, wallet } from '../../test/unit/services/fakeLedger';
import { MemoryStore } from '../../test/unit/services/memoryStore';
import { median } from './median';
import { engineOf, identityOf, nowhere } from './memoryEngine';

export interface SeveralLedgersFigures {
  /** One verdict after a new block, where one ledger is followed. */
  readonly verdict1LedgerMs: number;
  /** The same where three are, and rules name one of them. */
  readonly verdict3LedgersMs: number;
}

const warmUps = 20;
const rounds = 201;
const image = 'registry.example.com/bench/app:1.0';
const repository = image.slice(0, image.lastIndexOf(':'));
const owner = wallet(1);
const never = new AbortController().signal;

/** What it costs to follow ledgers that no rule names, by ledgers in memory. */
export async function measureSeveralLedgers(): Promise<SeveralLedgersFigures> {
  const [one, three] = [judging(1), judging(3)];
  const times: (readonly [number, number])[] = [];
  for (let i = 0; i < warmUps + rounds; i += 1) {
    const pair = [await one(), await three()] as const;
    if (i >= warmUps) times.push(pair);
  }
  return {
    verdict1LedgerMs: median(times.map(([ms]) => ms)),
    verdict3LedgersMs: median(times.map(([, ms]) => ms)),
  };
}

class Chain extends FakeLedger {
  override readonly ledger;

  constructor(chainId: bigint) {
    super();
    this.ledger = { ...new FakeLedger().ledger, chainId };
  }
}

/** The time of a verdict after one more block of the last ledger, which the rule names. The first is home. */
function judging(count: number): () => Promise<number> {
  const chains = Array.from({ length: count }, (_, i) => new Chain(BigInt(i + 1)));
  const [reader, ...idle] = chains.toReversed();
  if (reader === undefined) throw new RangeError('no ledger');
  reader.attest({ signer: owner, repository, tag: '1.0', content: 'image' });
  reader.mine(10);
  const rules: readonly RuleSource[] = [
    {
      origin: 'user',
      rules: [
        {
          ...{ ledger: ledgerKey(reader.ledger), repositories: repository, publishers: [walletPublisher(owner)] },
          ...({ threshold: 1, accept: 'publish', level: 'warn' } as const),
        },
      ],
    },
  ];
  const common = { clock: Date.now, log: silentLog };
  const follow = (chain: Chain): FollowedLedger => ({
    name: String(chain.ledger.chainId),
    ledger: ledgerKey(chain.ledger),
    identify: () => Promise.resolve({ name: String(chain.ledger.chainId), kind: 'team', ledger: chain.ledger }),
    source: new LedgerSource(() => {
      const store = new MemoryStore();
      const index = new LedgerIndex({
        ...{ ...common, reader: chain, store, confirmations: 6, ownPublishers: () => [] },
        rules: () => rules.flatMap((source) => source.rules),
      });
      const transport = new IpcTransport(() => undefined);
      const writer = new RpcLedgerWriter(transport, chain.ledger);
      const organizations = new RpcOrganizationReader(transport, chain.ledger);
      const accounts = new RpcAccountReader(transport);
      return Promise.resolve({
        ...({ kind: 'team', assurance: 'ownNode', finality: 'depth' } as const),
        ...{ reader: chain, organizations, accounts, index, writer },
      });
    }),
  });
  const all = chains.map(follow);
  const [home] = all;
  if (home === undefined) throw new RangeError('no ledger is home');
  const verification = new VerificationService({
    ...common,
    engine: engineOf(identityOf('image'), image),
    followed: { home, all, onDidChange: () => ({ dispose: () => undefined }) },
    registry: { read: nowhere, referrers: nowhere },
    hostPlatform,
    contents: new SignedContents(new MemoryStore()),
    rules: () => Promise.resolve(rules),
    ownPublishers: () => [],
    isPatient: true,
    isDiskFull: () => false,
  });
  // As a visible view, which keeps what it knows of the image.
  verification.onDidChange(() => undefined);
  return async () => {
    const before = idle.map(({ calls }) => calls.length).join();
    reader.mine();
    const started = performance.now();
    const { rows } = await verification.judgeAll(never);
    const ms = performance.now() - started;
    const kind = rows[0]?.verdict.kind;
    if (kind !== 'verified') throw new Error(`The image is ${kind}`);
    if (idle.map(({ calls }) => calls.length).join() !== before)
      throw new Error('A ledger was asked that no rule names');
    return ms;
  };
}
