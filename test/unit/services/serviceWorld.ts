import { DaoChainError } from '../../../src/core/errors';
import type { Address } from '../../../src/core/hex';
import { walletPublisher } from '../../../src/core/hex';
import type { PublisherId } from '../../../src/core/ledger/types';
import { ledgerKey } from '../../../src/core/ledger/types';
import type { Platform } from '../../../src/core/image/identity';
import type { RuleSource, TrustRule } from '../../../src/core/trust/rules';
import type { Verdict } from '../../../src/core/judging/verdict';
import type { ImageAnswer, JudgingOptions } from '../../../src/core/judging/imageAnswer';
import { LedgerSource, type FollowedLedger, type FollowedLedgers } from '../../../src/services/ledger/ledger';
import { LedgerIndex } from '../../../src/services/ledger/ledgerIndex';
import { isFullDisk } from '../../../src/services/node/nodeService';
import { SignedContents } from '../../../src/services/judging/signedContents';
import { SigningService } from '../../../src/services/signing/signingService';
import type { Wait } from '../../../src/services/transactions/transactionFollower';
import { Transactions } from '../../../src/services/transactions/transactions';
import { VerificationService } from '../../../src/services/judging/verificationService';
import { onlyLedger } from '../../testbed/onlyLedger';
import { FakeLedger, wallet } from './fakeLedger';
import { FakeAccounts } from './fakeAccounts';
import { FakeEngine } from './fakeEngine';
import { FakeOrganizations } from './fakeOrganizations';
import { FakeRegistry } from './fakeRegistry';
import { FakeWriter, fakeSigner } from './fakeWriter';
import { MemoryStore } from './memoryStore';
import { MemoryTurns } from './memoryTurns';
import type { Log } from '../../../src/core/ports/log';

export const never = new AbortController().signal;
export const alice = fakeSigner(wallet(0xa11ce));
export const mallory = fakeSigner(wallet(0xbad));
export const acme = walletPublisher(alice.address);
export const stranger = walletPublisher(mallory.address);
export const repository = 'registry.example.com/acme/app';
export const tag = '1.0';
export const image = `${repository}:${tag}`;

/** What the windows of one user share. */
export interface Machine {
  readonly chain: FakeLedger;
  readonly organizations: FakeOrganizations;
  readonly writer: FakeWriter;
  readonly engine: FakeEngine;
  readonly registry: FakeRegistry;
  readonly store: MemoryStore;
  readonly turns: MemoryTurns;
}

export function newMachine(): Machine {
  const chain = new FakeLedger();
  return {
    chain,
    organizations: new FakeOrganizations(),
    writer: new FakeWriter(chain),
    engine: new FakeEngine(),
    registry: new FakeRegistry(),
    store: new MemoryStore(),
    turns: new MemoryTurns(),
  };
}

/** Both services of one window, and everything around them that a test turns. */
export class Window implements Machine {
  readonly chain;
  readonly organizations;
  readonly accounts = new FakeAccounts();
  readonly writer;
  readonly engine;
  readonly registry;
  readonly store;
  readonly turns;
  readonly logged: string[] = [];
  readonly index: LedgerIndex;
  readonly ledgers: LedgerSource;
  /** Ledgers that are followed beside home. */
  readonly others: FollowedLedger[] = [];
  readonly followed: FollowedLedgers;
  readonly transactions: Transactions;
  readonly signing: SigningService;
  readonly verification: VerificationService;
  readonly lost: DaoChainError[] = [];
  readonly hostPlatform = (): Platform => ({ os: 'linux', architecture: 'arm64' });
  /** Nobody waits so long, unless a test lets them. */
  wait: Wait = () => new Promise(() => undefined);
  now = 1_800_000_000_000;
  own: readonly Address[] = [alice.address];
  rules: readonly TrustRule[];
  rulesOrigin: RuleSource['origin'] = 'user';
  /** Accepted for folders. */
  readonly policies = new Map<string, readonly TrustRule[]>();
  /** Why the ledger cannot be opened, if it cannot. */
  ledgerFailure: Error | undefined;

  constructor(
    { chain, organizations, writer, engine, registry, store, turns }: Machine = newMachine(),
    isPatient = true,
    defaultPlatform?: string,
  ) {
    this.chain = chain;
    this.organizations = organizations;
    this.writer = writer;
    this.engine = engine;
    this.registry = registry;
    this.store = store;
    this.turns = turns;
    const say = (level: string) => (message: string) => this.logged.push(`${level}: ${message}`);
    const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
    const clock = (): number => this.now;
    this.rules = [ruleOf(chain, [acme])];
    this.index = new LedgerIndex({
      ...{ reader: chain, store, clock, log, confirmations: 3 },
      ownPublishers: () => this.ownPublishers,
      rules: () => [...this.rules, ...[...this.policies.values()].flat()],
    });
    this.ledgers = new LedgerSource(() => {
      if (this.ledgerFailure !== undefined) return Promise.reject(this.ledgerFailure);
      const { index, accounts } = this;
      const ledger = {
        kind: 'team',
        assurance: 'ownNode',
        finality: 'witnesses',
        reader: chain,
        organizations,
        accounts,
        index,
        writer,
      } as const;
      return Promise.resolve(ledger);
    });
    const contents = new SignedContents(store);
    const { ledgers } = this;
    const home = onlyLedger('Home', ledgers);
    const { others } = this;
    this.followed = {
      ...home,
      get all() {
        return [...home.all, ...others];
      },
    };
    this.transactions = new Transactions({ ledgers, files: store, turns, wait: (...time) => this.wait(...time), log });
    this.signing = new SigningService({
      ...{ engine, registry, ledgers, contents, clock },
      transactions: this.transactions,
    });
    this.transactions.onDidLose((error) => this.lost.push(error));
    this.verification = new VerificationService({
      ...{ engine, registry, followed: this.followed, contents, clock, log },
      isPatient,
      isDiskFull: ({ source }) => isFullDisk(source.failure),
      hostPlatform: this.hostPlatform,
      ...(defaultPlatform !== undefined && { defaultPlatform }),
      rules: (folder) =>
        Promise.resolve([
          { origin: this.rulesOrigin, rules: this.rules },
          ...[...this.policies]
            .filter(([each]) => folder === undefined || each === folder)
            .map(([, rules]) => ({ origin: 'policy' as const, rules })),
        ]),
      ownPublishers: () => this.ownPublishers,
    });
  }

  get ownPublishers(): readonly PublisherId[] {
    return this.own.map(walletPublisher);
  }

  /** Plans, sends and mines until it is final. */
  async sign(names: string | readonly string[] = image, signer = alice): Promise<void> {
    const plan = await this.signing.plan([names].flat(), { signer: signer.address }, never);
    const outcome = this.signing.execute(plan, signer, never, ({ stage }) => {
      if (stage === 'broadcast') this.writer.mine(3);
    });
    await outcome;
  }

  /** The verdict in the list of images. */
  async verdict(name = image): Promise<Verdict> {
    const { rows } = await this.verification.judgeAll(never);
    const row = rows.find(({ reference }) => reference?.text === name);
    if (row === undefined) throw new RangeError(`no row for ${name}`);
    return row.verdict;
  }

  /** What is known of a base image. */
  async judged(text = image, platform?: string, options: JudgingOptions = {}): Promise<ImageAnswer> {
    const query = { text, ...(platform !== undefined && { platform }) };
    const [judged] = await this.verification.judgeReferences([query], never, options);
    if (judged === undefined) throw new RangeError('one reference has one verdict');
    return judged;
  }

  async verdictOnReference(text: string): Promise<Verdict> {
    return (await this.judged(text)).verdict;
  }

  /** Files on disk below a folder. */
  files(folder: string): readonly string[] {
    return [...this.store.files.keys()].filter((name) => name.startsWith(`${folder}/`));
  }
}

export function ruleOf(
  chain: FakeLedger,
  publishers: readonly PublisherId[],
  changes: Partial<TrustRule> = {},
): TrustRule {
  return {
    ledger: ledgerKey(chain.ledger),
    repositories: 'registry.example.com/acme/*',
    publishers,
    threshold: 1,
    accept: 'publish',
    level: 'warn',
    ...changes,
  };
}

export function isCode(code: DaoChainError['code']): (error: unknown) => boolean {
  return (error) => error instanceof DaoChainError && error.code === code;
}

/** Lets everything that is under way go on until `isTrue`. */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1000; turns++) {
    if (isTrue()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`never: ${what}`);
}
