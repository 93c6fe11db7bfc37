import { isUnsettledByLayers } from '../../core/judging/verdict';
import { DaoChainError } from '../../core/errors';
import type { Digest } from '../../core/image/digest';
import type { ImageReference } from '../../core/image/reference';
import { formatReference, parseReference, withDefaultTag } from '../../core/image/reference';
import type { VerdictKind } from '../../core/judging/verdict';
import { referencesOf } from '../../core/image/imageNames';
import type { ImageAnswer, JudgingOptions, ImageQuery } from '../../core/judging/imageAnswer';
import type { VerificationService } from '../judging/verificationService';
import { everyPlatform } from '../../core/judging/imageAnswer';
import type { ContainerEngine, ImageTransfer, TransferProgress } from '../../core/ports/engine';

interface PullPorts {
  readonly engine: Pick<ContainerEngine, 'list' | 'inspect'> & Pick<ImageTransfer, 'pull' | 'tag'>;
  readonly verification: Pick<VerificationService, 'judgeReferences' | 'lookAgain'>;
  /** What the docker command pulls where no platform is written; the engine's own unless given. */
  readonly defaultPlatform?: string | undefined;
}

/**
 * Whether a person wants an image in spite of this verdict. Asked before the pull, and again where what arrived is
 * judged differently from what they were asked about.
 */
export type ConfirmPull = (judged: ImageAnswer) => Promise<boolean>;

export interface PullOutcome {
  /** By what the registry said. */
  readonly judgedBefore: ImageAnswer;
  /** Of what was pulled: an index, where the registry has one. */
  readonly digest: Digest;
  /** By what the engine has. */
  readonly judgedAfter: ImageAnswer;
  /** Absent for a query with a digest, which names its image already. `replaced`: what the tag named before. */
  readonly tagged?: { readonly reference: ImageReference; readonly replaced?: Digest };
}

/**
 * Pulls what was judged: the registry's answer is judged first, its digest and not the tag is pulled, and what arrived is
 * judged before it gets its name.
 */
export class PullService {
  constructor(private readonly ports: PullPorts) {}

  /**
   * `pullRefused` where a rule that enforces does not accept the image, with `details.stage` `judged` (nothing was pulled)
   * or `arrived` (it is here, without a tag); `cancelled` where `confirm` says no; `referenceInvalid`, `imageNotFound`,
   * `imageMalformed`, and the failures of registries and of `ImageTransfer.pull`.
   */
  async pull(
    written: ImageQuery,
    confirm: ConfirmPull,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<PullOutcome> {
    const { engine, verification, defaultPlatform } = this.ports;
    const platform = written.platform ?? defaultPlatform;
    const query = { text: written.text, ...(platform !== undefined && { platform }) };
    const reference = parseReference(query.text);
    const { repository } = reference;
    verification.lookAgain(reference);
    const judgedBefore = await this.judge(query, 'registry', signal);
    const digest = digestToPull(reference, judgedBefore);
    const confirmed = await admit(judgedBefore, 'judged', confirm);

    const pinned = parseReference(formatReference({ repository, digest }));
    // In full, because engines fill in what is left out, and variables of a build mean nothing to them.
    const { judgedFor = everyPlatform } = judgedBefore;
    const wanted = platform === undefined || judgedFor === everyPlatform ? platform : judgedFor;
    await engine.pull(pinned, wanted, signal, onProgress);
    verification.lookAgain(reference);
    const named = withDefaultTag(reference);
    const text = formatReference({ ...named, digest });
    const judgedAfter = await this.judge({ ...query, text }, 'engine', signal);
    await admit(judgedAfter, 'arrived', confirm, confirmed);

    const outcome = { judgedBefore, digest, judgedAfter };
    if (reference.digest !== undefined) return outcome;
    const before = await this.idOf(named, signal);
    await engine.tag(pinned.text, named, signal);
    const { id } = await engine.inspect(pinned.text, signal);
    const isMoved = before !== undefined && before !== id;
    return { ...outcome, tagged: { reference: named, ...(isMoved && { replaced: before }) } };
  }

  private async judge(
    query: ImageQuery,
    sources: JudgingOptions['sources'] & string,
    signal: AbortSignal,
  ): Promise<ImageAnswer> {
    const [judged] = await this.ports.verification.judgeReferences([query], signal, { sources });
    if (judged === undefined) throw new RangeError('one query has one answer');
    return judged;
  }

  /** From the list, because an image that cannot be read has an ID too. */
  private async idOf(reference: ImageReference, signal: AbortSignal): Promise<Digest | undefined> {
    const name = formatReference(reference);
    const { images } = await this.ports.engine.list(signal);
    return images.find((image) => referencesOf(image).some((each) => formatReference(each) === name))?.id;
  }
}

/** A digest that was written stands for itself, whether its registry was read or not. */
function digestToPull(
  { digest, registry: host }: ImageReference,
  { text, registry, registryFailure, verdict }: ImageAnswer,
): Digest {
  const missing = verdict.kind === 'unknown' ? verdict.missing : undefined;
  const pulled = digest ?? registry?.digest;
  const isAbsent = missing === 'image' || missing === 'platform' || registryFailure === 'imageNotFound';
  if (pulled !== undefined && !isAbsent) return pulled;
  const code = missing === 'malformedImage' ? 'imageMalformed' : (registryFailure ?? 'imageNotFound');
  const reason = verdict.kind === 'unknown' ? verdict.detail : undefined;
  throw new DaoChainError(code, `There is nothing to pull (${reason ?? code})`, {
    details: {
      ...{ image: text, registry: host },
      ...(missing === 'platform' && reason !== undefined && { platform: reason }),
      ...(code === 'imageMalformed' && reason !== undefined && { reason }),
    },
  });
}

/** Throws where the image is not wanted; gives the kind of verdict that a person was asked about and took. */
async function admit(
  judged: ImageAnswer,
  stage: 'judged' | 'arrived',
  confirm: ConfirmPull,
  confirmed?: VerdictKind,
): Promise<VerdictKind | undefined> {
  const { text, verdict } = judged;
  const { kind } = verdict;
  // Only the layers can settle such a claim; they come with the pull, and not every store says that they fit.
  const isOpen = isUnsettledByLayers(verdict) && (stage === 'judged' || verdict.coverage !== 'enforce');
  if (kind === 'verified' || isOpen) return undefined;
  if (verdict.coverage === 'enforce') {
    const details = { image: text, verdict: kind, stage };
    throw new DaoChainError('pullRefused', `A rule that enforces does not accept what is ${kind}`, { details });
  }
  if (kind === 'pending' || kind === confirmed) return confirmed;
  if (!(await confirm(judged))) throw new DaoChainError('cancelled', 'The image is not wanted');
  return kind;
}
