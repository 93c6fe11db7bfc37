import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { RpcLedgerWriter } from '../../src/adapters/chain/ledgerWriter';
import { RpcOrganizationReader } from '../../src/adapters/chain/organizationReader';
import { hostPlatform } from '../../src/adapters/docker/hostPlatform';
import { walletPublisher } from '../../src/core/hex';
import type { Digest } from '../../src/core/image/digest';
import type { ImageIdentity } from '../../src/core/image/identity';
import type { PublisherId } from '../../src/core/ledger/types';
import { ledgerKey } from '../../src/core/ledger/types';
import type { ContainerEngine, LocalImage } from '../../src/core/ports';
import type { TrustRule } from '../../src/core/trust/rules';
import { LedgerSource } from '../../src/services/ledger';
import { LedgerIndex } from '../../src/services/ledgerIndex';
import { SignedContents } from '../../src/services/signedContents';
import { VerificationService } from '../../src/services/verificationService';
import { silentLog } from '../../test/testbed/product';
import { FakeLedger, statementOf, wallet } from '../../test/unit/ledger/fakeLedger';
import { MemoryStore } from '../../test/unit/services/memoryStore';
import { median } from './median';

const judgedImages = 500;
const warmUps = 10;
const rounds = 30;
const never = new AbortController().signal;

type Identity = ImageIdentity & { readonly configDigest: Digest };

/** How many times as long a verdict takes by a ledger of 100,000 attestations as by one of 1,000, both in memory. */
export async function measureLargeLedger(): Promise<{ readonly ratio: number }> {
  const [large, small] = [judging(100_000), judging(1_000)];
  const times: (readonly [number, number])[] = [];
  for (let i = 0; i < warmUps + rounds; i += 1) {
    const pair = [await timed(large), await timed(small)] as const;
    if (i >= warmUps) times.push(pair);
  }
  return { ratio: median(times.map(([time]) => time)) / median(times.map(([, time]) => time)) };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Judges the same images each time. All attestations are by the reader, so that none is left out. */
function judging(attestations: number): () => Promise<void> {
  const signer = wallet(1);
  const own = walletPublisher(signer);
  const reader = new FakeLedger();
  for (let i = 0; i < attestations; i += 1) {
    reader.attest({ signer, repository: `registry.example.com/bench/app${i}`, tag: '1.0', content: `${i}` });
  }
  reader.mine(10);
  const common = { clock: Date.now, log: silentLog };
  const store = new MemoryStore();
  const rule: TrustRule = {
    ...{ ledger: ledgerKey(reader.ledger), repositories: 'registry.example.com/bench/*', publishers: [own] },
    ...{ threshold: 1, accept: 'publish', level: 'warn' },
  };
  const ownPublishers = (): readonly PublisherId[] => [own];
  const index = new LedgerIndex({ ...common, reader, store, confirmations: 6, rules: () => [rule], ownPublishers });
  const transport = new IpcTransport(() => undefined);
  const writer = new RpcLedgerWriter(transport, reader.ledger);
  const organizations = new RpcOrganizationReader(transport, reader.ledger);
  const verification = new VerificationService({
    ...common,
    engine: engineOf(Array.from({ length: judgedImages }, (_, i) => identityOf(`${i}`))),
    ledgers: new LedgerSource(() =>
      Promise.resolve({ kind: 'development', assurance: 'ownNode', reader, organizations, index, writer }),
    ),
    registry: { read: nowhere, referrers: nowhere },
    hostPlatform,
    contents: new SignedContents(store),
    rules: () => Promise.resolve([{ origin: 'user', rules: [rule] }]),
    ownPublishers,
    isPatient: false,
  });
  // As a visible view, which keeps what it knows of the images.
  verification.onDidChange(() => undefined);
  return async () => {
    const { rows } = await verification.judgeAll(never);
    const verified = rows.filter(({ verdict }) => verdict.kind === 'verified').length;
    if (verified !== judgedImages) throw new Error(`${verified} of ${judgedImages} images are verified`);
  };
}

const nowhere = (): Promise<never> => Promise.reject(new Error('no registry is asked here'));

/** The identity of an image that a statement of this content names. */
function identityOf(content: string): Identity {
  const [leaf] = statementOf(content).leaves;
  if (leaf === undefined) throw new RangeError('a statement has a leaf');
  return { source: 'bytes', ...leaf, content: { platform: leaf.platform, config: {}, diffIds: [], dockerFields: {} } };
}

/** The classic store, in memory. */
function engineOf(identities: readonly Identity[]): ContainerEngine {
  const images = identities.map(({ configDigest: id }, i): LocalImage => ({
    ...{ id, tags: [`registry.example.com/bench/app${i}:1.0`], repoDigests: [], created: 0, size: 0 },
  }));
  const byId = new Map<string, Identity>(identities.map((identity) => [identity.configDigest, identity]));
  const identify = (id: string): Promise<Identity> => {
    const identity = byId.get(id);
    return identity === undefined ? Promise.reject(new Error(`no image ${id}`)) : Promise.resolve(identity);
  };
  return {
    endpoint: () => Promise.resolve({ host: 'unix:///nowhere', origin: 'default' }),
    platform: () => Promise.resolve({ os: 'linux', architecture: 'amd64' }),
    list: () => Promise.resolve({ store: 'classic', images }),
    inspect: async (id) => {
      const identity = await identify(id);
      return { id: identity.configDigest, identity, origin: 'local', repoDigests: [] };
    },
    readIdentity: identify,
    build: () => Promise.reject(new Error('nothing is built here')),
    onEvent: () => ({ dispose: () => undefined }),
  };
}
