import { keccak_256 } from '@noble/hashes/sha3';
import { toHex, walletPublisher, type Address, type Hex32 } from '../../../../src/core/hex';
import { sha256Digest } from '../../../../src/core/image/digest';
import { presentDockerFields } from '../../../../src/core/image/equivalence';
import { dockerFieldsDigest, fingerprint as fingerprintOf } from '../../../../src/core/image/fingerprint';
import type { ImageContent, ImageIdentity, Platform } from '../../../../src/core/image/identity';
import type {
  Attestation,
  History,
  Leaf,
  LedgerKey,
  PublisherId,
  RevocationReason,
  SignerSlot,
  Statement,
} from '../../../../src/core/ledger/types';
import type { TrustRule } from '../../../../src/core/trust/rules';
import type { ChainView, JudgeInput, ViewState } from '../../../../src/core/judging/judgeInput';

/** A small world: a few publishers, signers and contents under one name, at head 100 with 3 confirmations needed. */

export const ledger: LedgerKey = `7:0x${'11'.repeat(32)}:0x${'22'.repeat(20)}`;
export const repository = 'docker.io/acme/app';
export const tag = '1.0';
export const head = { number: 100, time: 1_800_000_000 };
export const needed = 3;
export const now = head.time + 10;
export const amd64: Platform = { os: 'linux', architecture: 'amd64' };
export const arm64: Platform = { os: 'linux', architecture: 'arm64' };

export function wallet(n: number): Address {
  return toHex(new Uint8Array(20).fill(n));
}
export const [alice, bob, carol, mallory] = [1, 2, 3, 9].map((n) => walletPublisher(wallet(n))) as [
  PublisherId,
  PublisherId,
  PublisherId,
  PublisherId,
];

/** Publishers who speak by several wallets. */
export const [acme, bolt, core, evil] = ['0a', '0b', '0c', '0e'].map((byte): PublisherId => `0x${byte.repeat(32)}`) as [
  PublisherId,
  PublisherId,
  PublisherId,
  PublisherId,
];

export function content(
  name: string,
  options: { readonly platform?: Platform; readonly docker?: Record<string, unknown> } = {},
): ImageContent {
  return {
    platform: options.platform ?? amd64,
    config: { Env: [`NAME=${name}`] },
    diffIds: [sha256Digest(new TextEncoder().encode(name))],
    dockerFields: options.docker ?? {},
  };
}

/** Remembers by the object, because the properties ask for the same few contents many thousand times. */
function remember<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>();
  return (of) => {
    const value = known.get(of) ?? make(of);
    known.set(of, value);
    return value;
  };
}

const configDigestOf = remember((image: ImageContent) => sha256Digest(new TextEncoder().encode(JSON.stringify(image))));

const hashes = remember((image: ImageContent) => ({
  platform: image.platform,
  fingerprint: fingerprintOf(image),
  dockerFields: dockerFieldsDigest(image),
  content: image,
}));

export function identity(image: ImageContent, changes: Partial<ImageIdentity> = {}): ImageIdentity {
  return { source: 'bytes', ...hashes(image), configDigest: configDigestOf(image), configSize: 100, ...changes };
}

/** As the containerd store prints it: its ID is no config digest. */
export function inspected(image: ImageContent): ImageIdentity {
  return { source: 'inspect', ...hashes(image) };
}

/** As the classic store prints it, where the ID is the config digest. */
export function inspectedClassic(image: ImageContent): ImageIdentity {
  return { ...inspected(image), configDigest: configDigestOf(image) };
}

export function leaf(image: ImageContent, changes: Partial<Leaf> = {}): Leaf {
  const names = presentDockerFields(image);
  return { ...silentLeaf(image), ...(names.length > 0 && { dockerFieldNames: names }), ...changes };
}

/** Does not say which docker-only fields the image has. */
export function silentLeaf(image: ImageContent): Leaf {
  const { platform, fingerprint, dockerFields } = identity(image);
  return { platform, fingerprint, dockerFields, configDigest: configDigestOf(image), configSize: 100 };
}

export interface EntrySpec {
  /** A statement of these contents, or of these leaves; absent for a revocation and for what nobody can read. */
  readonly says?: ImageContent | Statement | readonly ImageContent[];
  readonly kind?: 'publish' | 'vouch' | 'revoke';
  /** Revokes the statement at this place of the history, before or after; a place without one names none. */
  readonly revokes?: number;
  readonly reason?: RevocationReason;
  readonly note?: string;
  readonly signer?: Address;
  readonly block?: number;
  readonly validUntil?: number;
}

type Says = NonNullable<EntrySpec['says']>;

const stated = remember((says: Says) => {
  const contents = 'leaves' in says ? [] : 'length' in says ? says : [says];
  const statement: Statement = 'leaves' in says ? says : { leaves: contents.map((each) => leaf(each)) };
  // Equal for equal statements, which is all that the judge makes of it.
  return { statement, hash: toHex(keccak_256(JSON.stringify(statement))) };
});

/** Stands for hashes that the judge does not look at. */
const noHash: Hex32 = `0x${'ee'.repeat(32)}`;

export function history(
  publisher: PublisherId,
  specs: readonly EntrySpec[],
  name: { readonly repository: string; readonly tag: string } = { repository, tag },
): History {
  const key = noHash;
  const attestations: Attestation[] = [];
  for (const [position, spec] of specs.entries()) {
    const { says, revokes, reason = 'mistake', note = '' } = spec;
    const block = spec.block ?? 10 + position;
    const common = {
      publisher,
      ...name,
      key,
      kind: spec.kind ?? (revokes === undefined ? 'publish' : 'revoke'),
      signer: spec.signer ?? wallet(1),
      validUntil: spec.validUntil ?? 0,
      position,
      block,
      time: head.time - (head.number - block) * 10,
      transaction: toHex(new Uint8Array(32).fill(position + 1)),
    } as const;
    if (says !== undefined) {
      const { statement, hash } = stated(says);
      attestations.push({ ...common, statementHash: hash, body: { type: 'statement', statement } });
    } else if (revokes !== undefined) {
      const named = specs[revokes]?.says;
      const revocation = { statementHash: named === undefined ? noHash : stated(named).hash, reason, note };
      attestations.push({
        ...common,
        statementHash: noHash,
        body: { type: 'revocation', revocation },
      });
    } else {
      attestations.push({ ...common, statementHash: noHash, body: { type: 'malformed' } });
    }
  }
  return { key, publisher, ...name, attestations, word: noHash };
}

export function rule(changes: Partial<TrustRule> = {}): TrustRule {
  return {
    ledger,
    repositories: repository,
    publishers: [alice],
    threshold: 1,
    accept: 'publish',
    level: 'warn',
    ...changes,
  };
}

export const openSlot: SignerSlot = { notBefore: 0, notAfter: 0, voidFrom: 0, isScoped: false };

type LedgerFacts = Omit<ChainView, keyof Extract<ViewState, { state: 'incomplete' }>>;

const facts: LedgerFacts = {
  ledger,
  ledgerKind: 'team',
  assurance: 'ownNode',
  finality: 'witnesses',
  needed,
  isChecked: () => true,
  strangers: 'read',
};

export function viewOf(state: ViewState, changes: Partial<LedgerFacts> = {}): ChainView {
  return { ...facts, ...state, ...changes };
}

export const complete: ViewState = { state: 'complete', head };

/** A complete view of a team ledger, one user rule that accepts what Alice publishes, and an image `image` built elsewhere. */
export function input(
  image: ImageContent | ImageIdentity,
  histories: readonly History[],
  changes: Partial<JudgeInput> = {},
): JudgeInput {
  return {
    reference: { repository, tag },
    image: { identity: 'source' in image ? image : identity(image), origin: 'registry' },
    histories,
    contentHistories: [],
    isContentChecked: () => true,
    knownAs: [],
    slotOf: () => openSlot,
    rules: [{ origin: 'user', rules: [rule()] }],
    view: viewOf(complete),
    ownPublishers: [],
    now,
    ...changes,
  };
}
