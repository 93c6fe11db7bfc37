import { tmpdir } from 'node:os';
import { developmentLedgerCode } from '../../src/adapters/chain/developmentLedger';
import { identifyLedgerAt } from '../../src/adapters/chain/identifyLedger';
import { IpcChainHeads } from '../../src/adapters/chain/chainHeads';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { IpcLedgerReader } from '../../src/adapters/chain/ledgerReader';
import { IpcLedgerWriter } from '../../src/adapters/chain/ledgerWriter';
import { IpcMiningControl } from '../../src/adapters/chain/miningControl';
import { DockerEngine } from '../../src/adapters/docker/engine';
import { hostPlatform } from '../../src/adapters/docker/hostPlatform';
import { FolderFileStore } from '../../src/adapters/files/folderFileStore';
import { GethLauncher } from '../../src/adapters/geth/launcher';
import { DistributionRegistry } from '../../src/adapters/registry/distributionRegistry';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import type { Address } from '../../src/core/hex';
import { walletPublisher } from '../../src/core/hex';
import { networkLedger } from '../../src/core/ledger/network';
import type { PublisherId } from '../../src/core/ledger/types';
import { ledgerKey } from '../../src/core/ledger/types';
import type { ContainerEngine, ContainerRegistry, Log, RegistryLogins, TransactionSigner } from '../../src/core/ports';
import type { TrustRule } from '../../src/core/trust/rules';
import { LedgerSource } from '../../src/services/ledger';
import { LedgerIndex } from '../../src/services/ledgerIndex';
import { NodeService } from '../../src/services/nodeService';
import { SignedContents } from '../../src/services/signedContents';
import { SigningService } from '../../src/services/signingService';
import { VerificationService } from '../../src/services/verificationService';
import { cacheFolder } from '../../scripts/dev/components/cache';
import { temporaryFolder } from './program';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Product {
  readonly engine: ContainerEngine;
  readonly registry: ContainerRegistry;
  readonly node: NodeService;
  readonly ledgers: LedgerSource;
  readonly verification: VerificationService;
  readonly signing: SigningService;
  /** Whom mining pays and who counts as the reader; nobody at first. */
  owner: Address | undefined;
  rules: readonly TrustRule[];
  readonly transport: IpcTransport;
  dispose(): Promise<void>;
}

export interface ProductOptions {
  readonly engineHost: string;
  /** Shared by products that stand for windows of one user; a temporary one unless given. */
  readonly folder?: string;
  /** Where index and memory are kept, when not in `folder`. */
  readonly files?: string;
  /** Registries of the test; without one no registry is asked. */
  readonly registries?: readonly string[];
  /** To them; nobody is logged in unless given. */
  readonly logins?: RegistryLogins;
  /** To count what is asked of the engine. */
  readonly wrapEngine?: (engine: ContainerEngine) => ContainerEngine;
  /** To count what is asked of the node. */
  readonly createTransport?: (path: () => string | undefined) => IpcTransport;
  readonly log?: Log;
}

/** The product without an editor: the same objects as in the extension, over a folder and an engine of the test. */
export function createProduct({
  engineHost,
  folder = temporaryFolder().path,
  files: filesFolder = folder,
  registries = [],
  logins = { find: () => Promise.resolve(undefined) },
  wrapEngine = (engine) => engine,
  createTransport = (path) => new IpcTransport(path),
  log = silentLog,
}: ProductOptions): Product {
  const state: { owner: Address | undefined; rules: readonly TrustRule[] } = { owner: undefined, rules: [] };
  const files = new FolderFileStore(filesFolder);
  const launcher = new GethLauncher({
    folder: `${folder}/node`,
    cacheFolder: cacheFolder(),
    network: 'development',
    ledgerCode: developmentLedgerCode,
    programSetting: () => undefined,
    verify: identifyLedgerAt,
    log,
  });
  const transport = createTransport(() => launcher.ipcPath);
  const own = (): readonly PublisherId[] => (state.owner === undefined ? [] : [walletPublisher(state.owner)]);
  const ledgers = new LedgerSource(async () => {
    const profile = await launcher.network();
    const ledger = networkLedger(profile);
    const reader = new IpcLedgerReader(transport, ledger);
    const index = new LedgerIndex({
      ...{ reader, store: files, clock: Date.now, log, confirmations: profile.confirmations },
      trustedPublishers: () => [...own(), ...state.rules.flatMap(({ publishers }) => publishers)],
    });
    return { kind: profile.kind, assurance: 'ownNode', reader, index, writer: new IpcLedgerWriter(transport, ledger) };
  });
  const node = new NodeService({
    launcher,
    mining: new IpcMiningControl(transport),
    chain: new IpcChainHeads(transport),
    threads: () => 1,
    etherbase: () => state.owner,
    clock: Date.now,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    log,
  });
  const engine = wrapEngine(new DockerEngine({ setting: () => engineHost, log, homeDirectory: tmpdir() }));
  const registry = new DistributionRegistry({
    isEnabled: () => registries.length > 0,
    privateHosts: () => registries,
    plainHttpHosts: () => [],
    logins,
    environment: {},
    homeDirectory: folder,
    certificateFolders: [],
    log,
  });
  const contents = new SignedContents(files);
  return {
    engine,
    registry,
    node,
    ledgers,
    transport,
    verification: new VerificationService({
      ...{ engine, registry, ledgers, contents, log, hostPlatform, clock: Date.now, ownPublishers: own },
      rules: () => [{ origin: 'user', rules: state.rules }],
    }),
    signing: new SigningService({ engine, registry, ledgers, files, contents, log }),
    get owner() {
      return state.owner;
    },
    set owner(address) {
      state.owner = address;
    },
    get rules() {
      return state.rules;
    },
    set rules(rules) {
      state.rules = rules;
    },
    async dispose() {
      this.signing.dispose();
      await node.release();
      transport.dispose();
    },
  };
}

/** A wallet that is always unlocked. */
export async function testSigner(): Promise<TransactionSigner> {
  return new EthersWalletKeys({ scryptN: 2 }).create();
}

/** The rule that a person confirms after a first signature: this publisher, this pattern, warn. */
export async function trust(product: Product, publisher: Address, repositories: string): Promise<void> {
  const { writer } = await product.ledgers.open();
  const rule: TrustRule = {
    ledger: ledgerKey(writer.ledger),
    repositories,
    publishers: [walletPublisher(publisher)],
    threshold: 1,
    accept: 'publish',
    level: 'warn',
  };
  product.rules = [...product.rules, rule];
  product.verification.reconsider();
}
