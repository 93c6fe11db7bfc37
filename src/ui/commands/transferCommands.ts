import { l10n, workspace, type Progress } from 'vscode';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import {
  familiarName,
  formatReference,
  parseReference,
  withDefaultTag,
  type ImageReference,
} from '../../core/image/reference';
import { currentRelease } from '../../core/ledger/release';
import { voidBy } from '../../core/ledger/signerStanding';
import type { PublisherId } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import type { Ledger } from '../../services/ledger/ledger';
import type { PullService } from '../../services/images/pullService';
import type { PushOutcome, PushService } from '../../services/images/pushService';
import type { VerificationService } from '../../services/judging/verificationService';
import { show } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress, type Step } from '../prompts/progress';
import { askReference, confirmPull, confirmPushTarget, confirmSigningFromRegistry } from '../prompts/transfer';
import type { SigningFlow } from '../signing/signingFlow';
import { transferText } from '../../words/transferText';
import { verdictNotice } from '../verdictNotice';
import { chooseImage, imagesOf } from '../imageTargets';
import { sentences } from '../../words/listText';
import { registryFailureText } from '../../words/registryText';
import type { TransferProgress } from '../../core/ports/engine';

interface TransferParts {
  readonly pulls: Pick<PullService, 'pull'>;
  readonly pushes: Pick<PushService, 'push'>;
  readonly verification: VerificationService;
  readonly signingFlow: Pick<SigningFlow, 'complete' | 'signFromRegistry'>;
  readonly ledger: () => Ledger | undefined;
  readonly ownPublishers: () => readonly PublisherId[];
}

/** The commands that move images between the engine and registries, and that sign what registries have. */
export class TransferCommands {
  constructor(private readonly parts: TransferParts) {}

  /** Of a reference and, where the caller knows it, a platform; of a row; or of a reference that the user types. */
  async pull(...args: readonly unknown[]): Promise<void> {
    requireRegistries();
    const text = imagesOf(args)[0] ?? (await askReference(l10n.t('Pull and Judge')));
    const platform = typeof args[1] === 'string' ? { platform: args[1] } : {};
    const title = l10n.t('Pulling {0}', displayText(text));
    const { judgedAfter, tagged } = await withCancellableProgress(title, (signal, report) =>
      this.parts.pulls.pull({ text, ...platform }, confirmPull, signal, transferReporter(report)),
    );
    const name = tagged === undefined ? judgedAfter.text : formatReference(tagged.reference);
    void show(verdictNotice([{ label: labelOf(name), name, verdict: judgedAfter.verdict }], l10n));
  }

  async push(...args: readonly unknown[]): Promise<void> {
    requireRegistries();
    const options = { title: l10n.t('Push Image'), named: true };
    const name = await chooseImage(args, this.parts.verification, options);
    if (name.startsWith('sha256:')) throw new DaoChainError('imageWithoutName', 'Only an image with a tag is pushed');
    const reference = parseReference(name);
    await confirmPushTarget(reference);
    const title = l10n.t('Pushing {0}', formatReference(withDefaultTag(reference)));
    const [outcome, isIncomplete] = await withCancellableProgress(title, async (signal, report) => {
      const pushed = await this.parts.pushes.push(reference, signal, transferReporter(report));
      return [pushed, await this.isIncomplete(name, pushed, signal)] as const;
    });
    void tellPushed(reference, outcome, isIncomplete);
  }

  /** Adds to the statement what the registry has the image under, or states what it has where nothing is stated yet. */
  async completeStatement(wallet: OwnWallet, ...args: readonly unknown[]): Promise<void> {
    const { signingFlow } = this.parts;
    const name = imagesOf(args)[0] ?? (await askReference(l10n.t('Add the Registry’s Digests to the Signature')));
    try {
      await signingFlow.complete(name, wallet);
    } catch (error) {
      if (!isDaoChainError(error, 'statementNotFound')) throw error;
      await confirmSigningFromRegistry(name);
      await signingFlow.signFromRegistry(name, wallet);
    }
  }

  /** Whether the owner has signed the very image that was pushed, in a statement that does not name what was pushed. */
  private async isIncomplete(name: string, { digest }: PushOutcome, signal: AbortSignal): Promise<boolean> {
    const [judged] = await this.parts.verification.judgeReferences([{ text: name }], signal, { sources: 'engine' });
    if (judged?.reference === undefined || !('by' in judged.verdict) || judged.verdict.kind === 'revoked') return false;
    const own = new Set(this.parts.ownPublishers());
    if (!judged.verdict.by.some(({ publisher }) => own.has(publisher))) return false;
    const { repository, tag = '' } = withDefaultTag(judged.reference);
    const view = this.parts.ledger()?.index.view();
    const isVoid = voidBy((...pair) => view?.slotOf(...pair));
    // What is taken back under every name has been judged `revoked`.
    const release = (view?.historiesOf(repository, tag) ?? [])
      .filter(({ publisher }) => own.has(publisher))
      .map((history) => currentRelease({ history, kind: 'publish', isVoid, isTakenBackEverywhere: () => false }))
      .find((each) => each !== undefined);
    return (
      release !== undefined &&
      release.indexDigest !== digest &&
      !release.leaves.some(({ manifestDigest }) => manifestDigest === digest)
    );
  }
}

/** In Restricted Mode the engine is not sent to registries either. Throws `workspaceUntrusted`. */
function requireRegistries(): void {
  if (workspace.isTrusted) return;
  throw new DaoChainError('workspaceUntrusted', 'The workspace is not trusted', { details: { part: 'registries' } });
}

/** What a person calls an image, without its digest. */
function labelOf(text: string): string {
  const { repository, tag } = withDefaultTag(parseReference(text));
  return familiarName({ repository, ...(tag !== undefined && { tag }) });
}

async function tellPushed(
  reference: ImageReference,
  { digest, registryFailure }: PushOutcome,
  isIncomplete: boolean,
): Promise<void> {
  const completion = {
    title: l10n.t('Add the Registry’s Digests to the Signature…'),
    command: 'daochain.completeStatement',
  } as const;
  await show({
    severity: registryFailure === undefined ? 'information' : 'warning',
    message: sentences(
      [
        l10n.t('Pushed {0}.', formatReference(withDefaultTag(reference))),
        registryFailure &&
          l10n.t('What the registry has now was not checked. {0}', registryFailureText(registryFailure, l10n)),
        isIncomplete ? l10n.t('Its signature does not name the registry’s digests yet.') : undefined,
      ],
      l10n,
    ),
    actions: isIncomplete ? [{ ...completion, arguments: [`${reference.text}@${digest}`] }] : [],
  });
}

/** Shows bytes; the bar goes by what is moved over the network. */
function transferReporter(report: Progress<Step>): (progress: TransferProgress) => void {
  let shown = 0;
  return (progress) => {
    const { phase, done, total } = progress;
    const percent = phase === 'extracting' || total === 0 ? shown : (100 * done) / total;
    report.report({ message: transferText(progress, l10n), increment: Math.max(percent - shown, 0) });
    shown = Math.max(percent, shown);
  };
}
