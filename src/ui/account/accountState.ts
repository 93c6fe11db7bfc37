import type { LedgerKind } from '../../core/ledger/types';
import type { NetworkWork } from '../../core/ledger/networkWork';
import type { Protection } from '../../core/ledger/protection';
import type { NodeState } from '../../services/node/nodeService';
import type { WalletState } from '../../services/wallet/walletService';

/** What the status bar and the account menu show. */
export interface AccountState {
  readonly wallet: WalletState;
  /** Wei; undefined as long as no node has told it. */
  readonly balance: bigint | undefined;
  readonly node: NodeState;
  /** Name of the home network; undefined for the development network of this machine. */
  readonly network: string | undefined;
  readonly ledger: { readonly kind: LedgerKind; readonly chainId: bigint } | undefined;
  /** What the newest blocks tell; undefined as long as no node has told it. */
  readonly work: NetworkWork | undefined;
  /** What keeps the ledger from being rewritten; undefined until the ledger is known. */
  readonly protection: Protection | undefined;
  /** Wei that the balance lacks for the signature which the user has tried; 0 when it lacks none. */
  readonly missing: bigint;
  /** Transactions that are signed and not final. */
  readonly onItsWay: number;
}
