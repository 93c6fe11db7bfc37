import { utf8ToBytes } from '@noble/hashes/utils';
import { IpcTransport } from '../../src/adapters/chain/ipcTransport';
import { RpcLedgerWriter } from '../../src/adapters/chain/ledgerWriter';
import { RpcAccountReader } from '../../src/adapters/chain/accountReader';
import { RpcOrganizationReader } from '../../src/adapters/chain/organizationReader';
import { hostPlatform } from '../../src/adapters/docker/hostPlatform';
import { toHex, walletPublisher } from '../../src/core/hex';
import { sha256Digest } from '../../src/core/image/digest';
import { encodeStatement } from '../../src/core/ledger/statement';
import { ledgerKey } from '../../src/core/ledger/types';
import type { RuleSource } from '../../src/core/trust/rules';
import { LedgerSource } from '../../src/services/ledger/ledger';
import { onlyLedger } from '../../test/testbed/onlyLedger';
import { LedgerIndex } from '../../src/services/ledger/ledgerIndex';
import { SignedContents } from '../../src/services/judging/signedContents';
import { VerificationService } from '../../src/services/judging/verificationService';
import { silentLog } from '../../test/testbed/product';
import { FakeLedger, statementOf, wallet } from '../../test/unit/services/fakeLedger';
import { MemoryStore } from '../../test/unit/services/memoryStore';
import { median } from './median';
import { engineOf, identityOf, nowhere } from './memoryEngine';

interface Times {
  /** One verdict after a new block, when there was one before. */
  readonly verdictMs: number;
  /** The same where nobody has written so much. */
  readonly verdictMsWithout: number;
}

export interface HostileNameFigures extends Times {
  /** Of one stranger under the image's name, each of which states the image's content. */
  readonly entries: number;
  /** Where no rule covers the name, so that strangers are heard. */
  readonly uncovered: Times;
}

const entries = 1_000;
const warmUps = 20;
const rounds = 101;
const repository = 'registry.example.com/bench/app';
const [owner, stranger] = [wallet(1), wallet(2)];
const never = new AbortController().signal;

/** How much longer a verdict takes because a stranger has written a thousand times under the name, by a ledger in memory. */
export async function measureHostileName(): Promise<HostileNameFigures> {
  return { entries, ...(await measure({ isCovered: true })), uncovered: await measure({ isCovered: false }) };
}

async function measure({ isCovered }: { readonly isCovered: boolean }): Promise<Times> {
  const [hostile, quiet] = [judging(isCovered, entries), judging(isCovered, 0)];
  const times: (readonly [number, number])[] = [];
  for (let i = 0; i < warmUps + rounds; i += 1) {
    const pair = [await hostile(), await quiet()] as const;
    if (i >= warmUps) times.push(pair);
  }
  return { verdictMs: median(times.map(([ms]) => ms)), verdictMsWithout: median(times.map(([, ms]) => ms)) };
}

/** The time of a verdict after one more block. Somebody honest has stated the image, whom the rule names if there is one. */
function judging(isCovered: boolean, hostileEntries: number): () => Promise<number> {
  const reader = new FakeLedger();
  reader.attest({ signer: owner, repository, tag: '1.0', content: 'image' });
  for (let i = 0; i < hostileEntries; i += 1) {
    // No two are alike, so that each has to be compared with the image.
    const statement = { ...statementOf('image'), indexDigest: sha256Digest(utf8ToBytes(`index ${i}`)) };
    reader.attest({ signer: stranger, repository, tag: '1.0', body: toHex(encodeStatement(statement)) });
  }
  reader.mine(10);
  const rule = {
    ...{ ledger: ledgerKey(reader.ledger), repositories: repository, publishers: [walletPublisher(owner)] },
    ...({ threshold: 1, accept: 'publish', level: 'warn' } as const),
  };
  const rules: readonly RuleSource[] = [{ origin: 'user', rules: isCovered ? [rule] : [] }];
  const common = { clock: Date.now, log: silentLog };
  const store = new MemoryStore();
  const index = new LedgerIndex({
    ...{ ...common, reader, store, confirmations: 6, ownPublishers: () => [] },
    rules: () => rules.flatMap((source) => source.rules),
  });
  const transport = new IpcTransport(() => undefined);
  const writer = new RpcLedgerWriter(transport, reader.ledger);
  const organizations = new RpcOrganizationReader(transport, reader.ledger);
  const accounts = new RpcAccountReader(transport);
  const verification = new VerificationService({
    ...common,
    engine: engineOf(identityOf('image'), `${repository}:1.0`),
    followed: onlyLedger(
      'development',
      new LedgerSource(() =>
        Promise.resolve({
          kind: 'development',
          assurance: 'ownNode',
          finality: 'depth',
          reader,
          organizations,
          accounts,
          index,
          writer,
        }),
      ),
    ),
    registry: { read: nowhere, referrers: nowhere },
    hostPlatform,
    contents: new SignedContents(store),
    rules: () => Promise.resolve(rules),
    ownPublishers: () => [],
    isPatient: true,
    isDiskFull: () => false,
  });
  // As a visible view, which keeps what it knows of the image.
  verification.onDidChange(() => undefined);
  return async () => {
    reader.mine();
    const started = performance.now();
    const { rows } = await verification.judgeAll(never);
    const ms = performance.now() - started;
    const kind = rows[0]?.verdict.kind;
    if (kind !== (isCovered ? 'verified' : 'untrusted')) throw new Error(`The image is ${kind}`);
    return ms;
  };
}
