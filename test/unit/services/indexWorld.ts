import assert from 'node:assert/strict';
import type { Address } from '../../../src/core/hex';
import { walletPublisher } from '../../../src/core/hex';
import type { BlockId, IndexView, KeyState } from '../../../src/core/ledger/indexView';
import type { History, PublisherId } from '../../../src/core/ledger/types';
import { ledgerKey } from '../../../src/core/ledger/types';
import { LedgerIndex } from '../../../src/services/ledger/ledgerIndex';
import { FakeLedger, wallet } from './fakeLedger';
import { MemoryStore } from './memoryStore';

export const repository = 'docker.io/acme/app';
export const tag = 'latest';
export const name = { repository, tag };
export const [alice, bob, mallory]: readonly [Address, Address, Address] = [
  wallet(0xa11ce),
  wallet(0xb0b),
  wallet(0xbad),
];
export const acme = walletPublisher(alice);

/** An index over a fake ledger, with everything around it that a test turns. */
export class IndexWorld {
  readonly chain = new FakeLedger();
  readonly store = new MemoryStore();
  readonly logged: string[] = [];
  now = 1_000_000;
  trusted: PublisherId[] = [acme];
  own: PublisherId[] = [];
  /** From the next session on. */
  checkpoint: BlockId | undefined;
  index: LedgerIndex;

  constructor(readonly confirmations: number | 'tag' = 3) {
    this.index = this.restart();
  }

  /** The next session: a new index over what is on disk. */
  restart(): LedgerIndex {
    const log = (level: string) => (message: string) => this.logged.push(`${level}: ${message}`);
    this.index = new LedgerIndex({
      reader: this.chain,
      store: this.store,
      clock: () => this.now,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      confirmations: this.confirmations,
      checkpoint: this.checkpoint,
      rules: () => [
        {
          ...{ ledger: ledgerKey(this.chain.ledger), repositories: 'docker.io/acme/**', publishers: this.trusted },
          ...{ threshold: 1, accept: 'publish', level: 'warn' },
        },
      ],
      ownPublishers: () => this.own,
    });
    this.index.use([name]);
    return this.index;
  }

  /** The calls that one `sync` makes. */
  async sync(): Promise<readonly string[]> {
    this.chain.calls = [];
    this.chain.ranges = [];
    this.chain.bytesRead = 0;
    await this.index.sync(new AbortController().signal);
    return this.chain.calls;
  }

  get view(): IndexView {
    return this.index.view();
  }

  stateOf(publisher: PublisherId, of = name): KeyState {
    return this.view.keyState(publisher, of.repository, of.tag);
  }

  historyOf(publisher: PublisherId, of = name): History | undefined {
    return this.view.historiesOf(of.repository, of.tag).find((history) => history.publisher === publisher);
  }

  /** The view says exactly what the contract says about this publisher and the name. */
  assertTrue(publisher: PublisherId = acme): void {
    assert.equal(this.view.state, 'complete');
    assert.equal(this.stateOf(publisher), 'complete');
    const word = this.historyOf(publisher)?.word ?? `0x${'0'.repeat(64)}`;
    assert.equal(word, this.chain.link(publisher, repository, tag));
  }
}
