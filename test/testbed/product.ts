import { join } from 'node:path';
import type { RpcTransport } from '../../src/adapters/chain/rpcTransport';
import { EthersWalletKeys } from '../../src/adapters/secrets/walletKeys';
import {
  composeProduct,
  type Engine,
  type Product as ComposedProduct,
  type ProductOptions as ComposedOptions,
} from '../../src/product';
import type { Address } from '../../src/core/hex';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import type { TeamProfile } from '../../src/core/ledger/network';
import type { TrustRule } from '../../src/core/trust/rules';
import { cacheFolder } from '../../scripts/dev/components/cache';
import { useShallowNetwork } from './network';
import { temporaryFolder } from './program';
import type { Log } from '../../src/core/ports/log';
import type { PeerSettings } from '../../src/core/ports/node';
import type { RegistryLogins } from '../../src/core/ports/registry';
import type { TransactionSigner } from '../../src/core/ports/ledger';
import type { FollowedLedger } from '../../src/services/ledger/ledger';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Product extends ComposedProduct {
  /** Whom mining pays and who counts as the reader; nobody at first. */
  owner: Address | undefined;
  rules: readonly TrustRule[];
}

export interface ProductOptions {
  readonly engineHost: string;
  /** Shared by products that stand for windows of one user; a temporary one unless given. */
  readonly folder?: string;
  /** Statements are final as deep as a user's are, for tests of depth; else two blocks are enough. */
  readonly usualDepth?: boolean;
  /** Where index and memory are kept, when not in `folder`. */
  readonly files?: string;
  /** Registries of the test; without one no registry is asked. */
  readonly registries?: readonly string[];
  /** To them; nobody is logged in unless given. */
  readonly logins?: RegistryLogins;
  /** Its node is one of a team's network, in the place of a development network. */
  readonly team?: {
    readonly network: TeamProfile;
    readonly peers: () => Promise<PeerSettings>;
    /** The program of the node: one that runs on a machine of its own. */
    readonly geth: string;
    /** Threads that mine; 1 unless given. */
    readonly threads?: number;
  };
  /** To count what is asked of the engine. */
  readonly wrapEngine?: (engine: Engine) => Engine;
  /** To count what is asked of the node. */
  readonly createTransport?: (path: () => string | undefined) => RpcTransport;
  /** Variables of Docker's commands; this process's own unless given. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log?: Log;
  /** Where its home is, in the place of the folder's own network. */
  readonly locate?: ComposedOptions['locate'];
  /** Ledgers that are followed beside. */
  readonly follows?: readonly FollowedLedger[];
}

/** The product without an editor: the same objects as in the extension, over a folder and an engine of the test. */
export function createProduct({
  engineHost,
  folder = temporaryFolder().path,
  usualDepth = false,
  files: filesFolder = folder,
  registries = [],
  team,
  logins = { find: () => Promise.resolve(undefined) },
  wrapEngine,
  createTransport,
  environment,
  log = silentLog,
  locate,
  follows = [],
}: ProductOptions): Product {
  const nodeFolder = join(folder, 'node');
  if (!usualDepth && team === undefined) useShallowNetwork(nodeFolder);
  const state: { owner: Address | undefined; rules: readonly TrustRule[] } = { owner: undefined, rules: [] };
  const product = composeProduct({
    ...{ folder: filesFolder, cacheFolder: cacheFolder(), logins, log, follows },
    engineHost: () => engineHost,
    ...(team && {
      network: team.network,
      peerSettings: team.peers,
      gethPath: () => team.geth,
      threads: () => team.threads ?? 1,
    }),
    ...(wrapEngine && { wrapEngine }),
    ...(createTransport && { createTransport }),
    ...(environment && { environment }),
    ...(locate && { locate }),
    nodeFolder,
    registry: {
      isEnabled: () => registries.length > 0,
      privateHosts: () => registries,
      plainHttpHosts: () => [],
      environment: {},
      homeDirectory: folder,
      certificateFolders: [],
    },
    // As a command: a test asks once, and wants the answer.
    isPatient: true,
    rules: () => state.rules,
    owner: () => state.owner,
  });
  return {
    ...product,
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
