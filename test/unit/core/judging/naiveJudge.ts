import type { ImageIdentity } from '../../../../src/core/image/identity';
import type { Attestation, Leaf, PublisherId } from '../../../../src/core/ledger/types';
import type { TrustRule } from '../../../../src/core/trust/rules';
import type { JudgeInput } from '../../../../src/core/judging/judgeInput';

/**
 * A second reading of docs/verdicts.md, written from what is wanted and not from how it is done: it shares no code with
 * what it is compared with, looks at everything again for each question, and takes as long as that takes. Of what small
 * worlds do not have it knows nothing: prints of engines, other platforms than one or two, patterns of rules, assurance.
 */
export interface Reading {
  readonly kind: string;
  readonly detail?: string | undefined;
}

type Kind = 'publish' | 'vouch';

export function naiveJudge(
  input: JudgeInput,
  tagOf: (leaf: Pick<Leaf, 'fingerprint' | 'dockerFields'>) => string,
): Reading {
  const { view, image, rules: sources, histories, contentHistories } = input;
  if (input.deepCheck !== undefined && input.deepCheck.paths.length > 0) return { kind: 'tampered' };
  if (view.state === 'incomplete' && view.missing === 'historyContradicted') return unknown('historyContradicted');
  if (view.state === 'incomplete' && view.missing === 'otherChain') return unknown('otherChain');
  if ('missing' in image) return unknown(image.missing);
  const { head } = view;
  if (head === undefined) return unknown('ledger');
  const identity = 'identity' in image ? image.identity : undefined;
  const now = head.time > input.now ? head.time : input.now;
  const rules = sources.flatMap((source) => source.rules);

  const isVoid = (entry: Attestation): boolean => {
    const voidFrom = input.slotOf(entry.publisher, entry.signer)?.voidFrom ?? 0;
    return voidFrom > 0 && entry.block >= voidFrom;
  };
  const isFinal = (entry: Attestation): boolean => head.number - entry.block + 1 >= view.needed;
  const entriesOf = (publisher: PublisherId): readonly Attestation[] =>
    histories.find((each) => each.publisher === publisher)?.attestations ?? [];
  const wordOf = (publisher: PublisherId, kind: Kind): Word => {
    if (!view.isChecked(publisher)) return { says: 'unclear', missing: 'ledgerIncomplete' };
    const entries = entriesOf(publisher);
    if (entries.some(({ signer }) => input.slotOf(publisher, signer) === undefined))
      return { says: 'unclear', missing: 'ledgerIncomplete' };
    if (entries.length === 0) return { says: 'nothing' };
    if (identity === undefined) return { says: 'unclear', missing: 'configBytes' };
    return new Reader(entries, kind, identity, isVoid, isFinal).word();
  };

  const believed = new Map<string, { readonly publisher: PublisherId; readonly kind: Kind; readonly word: Word }>();
  for (const { accept, publishers } of rules) {
    for (const publisher of publishers) {
      believed.set(`${publisher} ${accept}`, { publisher, kind: accept, word: wordOf(publisher, accept) });
    }
  }
  const words = [...believed.values()];

  // Under every name.
  const everywhere: ('revoked' | 'ledgerIncomplete' | 'configBytes' | 'unreadableEntry')[] = [];
  for (const publisher of new Set(words.map((each) => each.publisher))) {
    if (identity === undefined) {
      everywhere.push('configBytes');
      continue;
    }
    const related = [...new Set(words.map((each) => each.publisher))]
      .flatMap((each) => entriesOf(each))
      .flatMap((entry) => (entry.body.type === 'statement' ? entry.body.statement.leaves : []))
      .filter((leaf) => likeness(leaf, identity) !== undefined);
    for (const content of [identity, ...related]) {
      const tag = tagOf(content);
      if (!input.isContentChecked(publisher, tag)) {
        everywhere.push('ledgerIncomplete');
        continue;
      }
      const entries = contentHistories
        .filter((each) => each.publisher === publisher && each.repository === 'daochain:content' && each.tag === tag)
        .flatMap((each) => each.attestations);
      if (entries.some(({ signer }) => input.slotOf(publisher, signer) === undefined)) {
        everywhere.push('ledgerIncomplete');
        continue;
      }
      let word: 'revoked' | 'unreadableEntry' | undefined;
      for (const entry of entries) {
        if (entry.kind === 'revoke')
          word = entry.body.type === 'revocation' || word === 'revoked' ? 'revoked' : 'unreadableEntry';
        else if (
          entry.body.type === 'statement' &&
          isFinal(entry) &&
          !isVoid(entry) &&
          entry.body.statement.leaves.some(
            (leaf) =>
              leaf.carried?.content !== true &&
              leaf.fingerprint === content.fingerprint &&
              leaf.dockerFields === content.dockerFields,
          )
        )
          word = undefined;
      }
      if (word !== undefined) everywhere.push(word);
    }
  }

  // Against the image.
  const says = (what: Word['says'], kind?: Kind): boolean =>
    words.some((each) => each.word.says === what && (kind === undefined || each.kind === kind));
  if (words.some(({ word }) => word.says === 'revoked' && word.by === 'revocation'))
    return { kind: 'revoked', detail: 'revocation' };
  if (everywhere.includes('revoked')) return { kind: 'revoked', detail: 'everywhere' };
  if (says('revoked')) return { kind: 'revoked', detail: 'signer' };
  if (says('superseded') && !says('other', 'publish')) return { kind: 'superseded' };
  if (says('other', 'publish')) return { kind: 'mismatch' };

  // Nobody may be left unheard.
  if (view.state === 'incomplete') return unknown(view.missing);
  for (const { word } of words) if (word.says === 'unclear') return unknown(word.missing);
  const [unheard] = everywhere;
  if (unheard !== undefined) return unknown(unheard);

  // For the image.
  const isEnough = (test: (word: Word) => readonly string[]): boolean =>
    sources.every((source) => source.rules.some((rule) => fulfils(rule, words, test))) && rules.length > 0;
  const finally_ = (word: Word): readonly string[] =>
    word.says === 'this' ? word.signers.filter((each) => each.isFinal && each.states).map((each) => each.signer) : [];
  if (!isEnough(finally_)) {
    const soon = (word: Word): readonly string[] =>
      word.says === 'this' || word.says === 'soon'
        ? word.signers.filter((each) => (each.isFinal || word.isPromised) && each.states).map((each) => each.signer)
        : [];
    if (isEnough(soon)) return isClaim('pending') ?? { kind: 'pending' };
  } else {
    const valid =
      (isExact: boolean) =>
      (word: Word): readonly string[] =>
        word.says === 'this' && word.until >= now && (!isExact || word.exactUntil >= now)
          ? word.signers
              .filter((each) => each.isFinal && each.until >= now && (isExact ? each.isExact : each.states))
              .map((each) => each.signer)
          : [];
    if (!isEnough(valid(false))) return { kind: 'stale', detail: 'validity' };
    const ages = rules.flatMap((rule) => rule.maximumViewAgeSeconds ?? []);
    if (ages.length > 0 && (head.time > input.now + 15 || head.time + Math.min(...ages) < input.now))
      return { kind: 'stale', detail: 'view' };
    const isExact = isEnough(valid(true));
    if (!isExact && identity !== undefined && isByManifest(identity)) return unknown('layers');
    return { kind: 'verified', detail: isExact ? 'exact' : undefined };
  }

  // Neither.
  const supports = ({ says: what }: Word): boolean => what === 'this' || what === 'soon' || what === 'superseded';
  const strangers = histories.flatMap(({ publisher }) =>
    (['publish', 'vouch'] as const)
      .filter((kind) => !believed.has(`${publisher} ${kind}`))
      .map((kind) => wordOf(publisher, kind)),
  );
  if (words.some(({ word }) => supports(word)) || strangers.some(supports)) return { kind: 'untrusted' };
  if (rules.length === 0) {
    for (const word of strangers) {
      if (word.says === 'unclear' && ['ledgerIncomplete', 'configBytes'].includes(word.missing))
        return unknown(word.missing);
    }
    if (view.strangers === 'reading') return unknown('stillReading');
    if (view.strangers === 'full') return unknown('strangersLeftOut');
  }
  return { kind: 'unsigned' };

  function isClaim(what: string): Reading | undefined {
    if (identity === undefined || !isByManifest(identity)) return undefined;
    const isAllExact = words.every(({ word }) => !('isExactAtAll' in word) || word.isExactAtAll);
    return what === 'pending' && !isAllExact ? unknown('layers') : undefined;
  }
}

function unknown(missing: string): Reading {
  return { kind: 'unknown', detail: missing };
}

function isByManifest(image: ImageIdentity): boolean {
  return image.manifestDigest !== undefined || image.indexDigest !== undefined;
}

/** Whether `k` publishers of the rule can each be given a signer of their own: tries every way. */
function fulfils(
  rule: TrustRule,
  words: readonly { readonly publisher: PublisherId; readonly kind: Kind; readonly word: Word }[],
  test: (word: Word) => readonly string[],
): boolean {
  const lists = words
    .filter((each) => each.kind === rule.accept && rule.publishers.includes(each.publisher))
    .map(({ word }) => test(word));
  const most = (at: number, taken: readonly string[]): number => {
    const list = lists[at];
    if (list === undefined) return 0;
    return Math.max(
      most(at + 1, taken),
      ...list.filter((one) => !taken.includes(one)).map((one) => 1 + most(at + 1, [...taken, one])),
    );
  };
  return most(0, []) >= Math.max(1, rule.threshold);
}

// --- one publisher ---------------------------------------------------------------------------------------------------

interface Signer {
  readonly signer: string;
  readonly isFinal: boolean;
  readonly until: number;
  /** States the content. */
  readonly states: boolean;
  /** States a digest of the bytes. */
  readonly isExact: boolean;
}

interface For {
  readonly signers: readonly Signer[];
  readonly isPromised: boolean;
  readonly isExactAtAll: boolean;
}

type Word =
  | ({ readonly says: 'this'; readonly until: number; readonly exactUntil: number } & For)
  | ({ readonly says: 'soon' } & For)
  | { readonly says: 'revoked'; readonly by: 'revocation' | 'signer' }
  | { readonly says: 'unclear'; readonly missing: string }
  | { readonly says: 'superseded' | 'other' | 'elsewhere' | 'nothing' };

function likeness(leaf: Leaf, image: ImageIdentity): 'own' | 'converted' | undefined {
  if (leaf.fingerprint !== image.fingerprint) return undefined;
  if (leaf.dockerFields === image.dockerFields) return 'own';
  const isBare = Object.keys(image.content.dockerFields).length === 0;
  const names = leaf.dockerFieldNames ?? [];
  return isBare && names.length > 0 && !names.includes('OnBuild') ? 'converted' : undefined;
}

function isOfPlatform({ platform }: Leaf, image: ImageIdentity): boolean {
  return platform.os === image.platform.os && platform.architecture === image.platform.architecture;
}

function contentPart(leaf: Leaf): string {
  const { platform, configDigest, configSize, fingerprint, dockerFields, dockerFieldNames = [] } = leaf;
  const { os, architecture, variant = '', osVersion = '' } = platform;
  const numbers = [configDigest, configSize, fingerprint, dockerFields];
  return [os, architecture, variant, osVersion, ...numbers, ...dockerFieldNames].join('|');
}

function endOf({ validUntil }: Attestation): number {
  return validUntil === 0 ? Infinity : validUntil;
}

/** Reads one history for one image. Revocations count at once, statements when they are final and not void. */
class Reader {
  constructor(
    private readonly entries: readonly Attestation[],
    private readonly kind: Kind,
    private readonly image: ImageIdentity,
    private readonly isVoid: (entry: Attestation) => boolean,
    private readonly isFinal: (entry: Attestation) => boolean,
  ) {}

  word(): Word {
    const lastWord = this.lastWord();
    if (lastWord !== undefined) return { says: 'revoked', by: lastWord };
    const counting = this.entries.filter(
      (entry) =>
        this.leavesOf(entry) !== undefined &&
        entry.kind === this.kind &&
        this.counts(entry) &&
        !this.isTakenBack(entry),
    );
    const current = counting.at(-1);
    const standing = current && this.standing(current);
    const found = standing?.find((leaf) => likeness(leaf, this.image) !== undefined);
    // What is only carried on is not said anew, so a revocation in between could be of it.
    const said = current && found && this.contentSource(current, found);
    const isNewer = (entry: Attestation): boolean =>
      entry.position > ((entry.kind === 'revoke' ? said : current)?.position ?? current?.position ?? -1);
    const isUnreadable = (entry: Attestation): boolean =>
      entry.body.type === 'malformed' && (entry.kind === 'revoke' || (entry.kind === this.kind && this.counts(entry)));
    if (this.entries.some((entry) => isUnreadable(entry) && isNewer(entry)))
      return { says: 'unclear', missing: 'unreadableEntry' };

    const promise = this.promise();
    if (current !== undefined && found !== undefined) {
      return {
        says: 'this',
        ...this.spanOf(current, found),
        signers: this.signers(promise !== undefined),
        isPromised: promise !== undefined,
        isExactAtAll: this.isExact(found),
      };
    }
    if (standing !== undefined && standing.length > 0) {
      const older = this.entries.some(
        (entry) =>
          entry.kind === this.kind && this.counts(entry) && this.namesNow(entry) && this.isAfterRevocations(entry),
      );
      return { says: older ? 'superseded' : 'other' };
    }
    if (promise !== undefined) {
      const leaf = this.standing(promise).find((each) => likeness(each, this.image) !== undefined);
      return {
        says: 'soon',
        signers: this.signers(true),
        isPromised: true,
        isExactAtAll: leaf !== undefined && this.isExact(leaf),
      };
    }
    return { says: current === undefined ? 'nothing' : 'elsewhere' };
  }

  private leavesOf({ kind, body }: Attestation): readonly Leaf[] | undefined {
    return kind === 'revoke' || body.type !== 'statement' ? undefined : body.statement.leaves;
  }

  private counts(entry: Attestation): boolean {
    return this.isFinal(entry) && !this.isVoid(entry);
  }

  /** Exactly the image's content, if anybody names that; otherwise what it may have been converted from. */
  private isContent(leaf: Leaf): boolean {
    if (!isOfPlatform(leaf, this.image)) return false;
    const like = likeness(leaf, this.image);
    const isNamedExactly = this.entries.some((entry) =>
      this.leavesOf(entry)?.some((each) => isOfPlatform(each, this.image) && likeness(each, this.image) === 'own'),
    );
    return like === 'own' || (like === 'converted' && !isNamedExactly);
  }

  private names(entry: Attestation): boolean {
    return this.leavesOf(entry)?.some((leaf) => this.isContent(leaf)) === true;
  }

  /** Names it by something that stands. */
  private namesNow(entry: Attestation): boolean {
    return this.saidAt(entry) !== -1;
  }

  /** Where what stands of an entry was said, and not only carried on; -1 where it does not name the content. */
  private saidAt(entry: Attestation): number {
    if (this.leavesOf(entry) === undefined) return -1;
    const named = this.standing(entry).filter((leaf) => this.isContent(leaf));
    return Math.max(-1, ...named.map((leaf) => this.contentSource(entry, leaf)?.position ?? -1));
  }

  private revocations(): readonly (Attestation & { readonly body: { type: 'revocation' } })[] {
    return this.entries.filter(
      (entry): entry is Attestation & { body: Extract<Attestation['body'], { type: 'revocation' }> } =>
        entry.kind === 'revoke' && entry.body.type === 'revocation',
    );
  }

  /** Statements that a revocation names, wherever they are. */
  private targets(revocation: Attestation): readonly Attestation[] {
    const { body } = revocation;
    if (body.type !== 'revocation') return [];
    return this.entries.filter(
      (entry) => this.leavesOf(entry) !== undefined && entry.statementHash === body.revocation.statementHash,
    );
  }

  private lastWord(): 'revocation' | 'signer' | undefined {
    let isStated = false;
    let [validAt, revokedAt] = [-1, -1];
    for (const entry of this.entries) {
      if (this.names(entry)) isStated = true;
      if (this.counts(entry)) validAt = Math.max(validAt, this.saidAt(entry));
      const isOfIt = this.targets(entry).some((target) => this.names(target));
      // What was never said before cannot be taken back.
      if (entry.kind === 'revoke' && isOfIt && isStated) revokedAt = entry.position;
    }
    if (validAt > revokedAt) return undefined;
    if (revokedAt !== -1) return 'revocation';
    return this.entries.some((entry) => this.names(entry) && this.isVoid(entry)) ? 'signer' : undefined;
  }

  private isAfterRevocations(entry: Attestation): boolean {
    return !this.revocations().some(
      (revocation) =>
        revocation.position > this.saidAt(entry) &&
        this.targets(revocation).some((target) => this.names(target)) &&
        this.entries.some((each) => each.position < revocation.position && this.names(each)),
    );
  }

  private promise(): Attestation | undefined {
    const newest = this.entries.filter(
      (entry) => this.leavesOf(entry) !== undefined && entry.kind === this.kind && !this.isVoid(entry),
    );
    const last = newest.at(-1);
    if (last === undefined || this.isFinal(last)) return undefined;
    return this.namesNow(last) && this.isAfterRevocations(last) ? last : undefined;
  }

  private claim(entry: Attestation): string {
    return (this.leavesOf(entry) ?? [])
      .filter((leaf) => isOfPlatform(leaf, this.image))
      .map((leaf) => leaf.fingerprint + leaf.dockerFields)
      .join();
  }

  private isSettled(revocation: Attestation): boolean {
    return this.counts(revocation);
  }

  private isTakenBack(entry: Attestation): boolean {
    return this.revocations().some((revocation) => {
      if (revocation.position < entry.position) return false;
      const targets = this.targets(revocation);
      if (this.names(entry) && targets.some((target) => this.names(target))) return true;
      const saysTheSame = (target: Attestation): boolean =>
        target.statementHash === entry.statementHash ||
        (this.claim(target) !== '' && this.claim(target) === this.claim(entry));
      const isOfImage = this.leavesOf(entry)?.some(
        (leaf) => isOfPlatform(leaf, this.image) && likeness(leaf, this.image) !== undefined,
      );
      if (isOfImage === true && targets.some(saysTheSame)) return true;
      // What helps the image has to be sure.
      const isKnown = targets.some(({ position }) => position < revocation.position);
      return this.isSettled(revocation) && isKnown && targets.some(saysTheSame);
    });
  }

  /** Leaves of the platform that stand, with the digests that stand. */
  private standing(entry: Attestation): readonly Leaf[] {
    return (this.leavesOf(entry) ?? [])
      .filter((leaf) => isOfPlatform(leaf, this.image) && this.contentSource(entry, leaf) !== undefined)
      .map((leaf) => (this.digestSource(entry, leaf) === undefined ? withoutDigest(leaf) : leaf));
  }

  private contentSource(entry: Attestation, leaf: Leaf): Attestation | undefined {
    if (leaf.carried?.content !== true) return entry;
    const isOfImage = likeness(leaf, this.image) !== undefined;
    return this.source(
      entry,
      leaf,
      isOfImage,
      (each) => each.carried?.content !== true && contentPart(each) === contentPart(leaf),
    );
  }

  private digestSource(entry: Attestation, leaf: Leaf): Attestation | undefined {
    if (leaf.carried?.digests !== true) return entry;
    return this.source(
      entry,
      leaf,
      true,
      (each) =>
        each.carried?.digests !== true &&
        contentPart(each) === contentPart(leaf) &&
        each.manifestDigest === leaf.manifestDigest,
    );
  }

  /** The newest earlier entry with such a leaf that counts, where its content was not taken back since. */
  private source(
    entry: Attestation,
    leaf: Leaf,
    isAtOnce: boolean,
    isSuch: (leaf: Leaf) => boolean,
  ): Attestation | undefined {
    const sources = this.entries.filter(
      (each) =>
        each.position < entry.position &&
        each.kind === entry.kind &&
        !this.isVoid(each) &&
        (this.isFinal(each) || !this.isFinal(entry)) &&
        this.leavesOf(each)?.some(isSuch) === true,
    );
    const isTaken = (since: Attestation): boolean =>
      this.revocations().some(
        (revocation) =>
          revocation.position > since.position &&
          this.targets(revocation).some((target) =>
            this.leavesOf(target)?.some(
              (each) => each.fingerprint === leaf.fingerprint && each.dockerFields === leaf.dockerFields,
            ),
          ) &&
          (isAtOnce ||
            (this.isSettled(revocation) &&
              this.targets(revocation).some(({ position }) => position < revocation.position))),
      );
    return sources.filter((each) => !isTaken(each)).at(-1);
  }

  private isExact(leaf: Leaf): boolean {
    if (likeness(leaf, this.image) !== 'own') return false;
    return (
      (!isByManifest(this.image) && leaf.configDigest === this.image.configDigest) ||
      (leaf.manifestDigest !== undefined && leaf.manifestDigest === this.image.manifestDigest)
    );
  }

  private spanOf(entry: Attestation, leaf: Leaf): { readonly until: number; readonly exactUntil: number } {
    const source = this.contentSource(entry, leaf);
    const until = source === undefined ? -Infinity : endOf(source);
    if (!this.isExact(leaf)) return { until, exactUntil: -Infinity };
    const isByConfig = !isByManifest(this.image) && leaf.configDigest === this.image.configDigest;
    const digest = this.digestSource(entry, leaf);
    const digestUntil = digest === undefined ? -Infinity : endOf(digest);
    return { until, exactUntil: isByConfig ? until : Math.min(until, digestUntil) };
  }

  private signers(isWithPromised: boolean): readonly Signer[] {
    return this.entries.flatMap((entry): readonly Signer[] => {
      if (entry.kind !== this.kind || this.isVoid(entry) || this.isTakenBack(entry)) return [];
      if (!this.isFinal(entry) && !isWithPromised) return [];
      const leaves = (this.leavesOf(entry) ?? []).filter(
        (leaf) => isOfPlatform(leaf, this.image) && likeness(leaf, this.image) !== undefined,
      );
      const states = leaves.some(({ carried }) => carried?.content !== true);
      const isExact = leaves.some(
        (leaf) =>
          (leaf.carried?.content !== true && this.isExact(withoutDigest(leaf))) ||
          (leaf.carried?.digests !== true &&
            likeness(leaf, this.image) === 'own' &&
            leaf.manifestDigest !== undefined &&
            leaf.manifestDigest === this.image.manifestDigest),
      );
      const isWallet = entry.publisher.startsWith(`0x${'0'.repeat(24)}`);
      const signer = isWallet ? `0x${entry.publisher.slice(26)}` : entry.signer;
      return states || isExact ? [{ signer, isFinal: this.isFinal(entry), until: endOf(entry), states, isExact }] : [];
    });
  }
}

function withoutDigest({ manifestDigest, ...leaf }: Leaf): Leaf {
  return manifestDigest === undefined ? leaf : { ...leaf };
}
